package turkcell

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// unsent: the connection was never made, so nothing can have been done.
func (c *client) unsent(r request, err error) error {
	return &fault.Error{Class: fault.Retryable, Doing: r.doing, Err: c.clean(err), Code: "turkcell.unreachable", Advice: reachAdvice(err)}
}

// cut: the request may have arrived, and its answer did not.
func (c *client) cut(r request, status int, err error) error {
	return &fault.Error{
		Class: unreadable(r.use), Doing: r.doing, Status: status, Code: "turkcell.no_answer",
		Err: fmt.Errorf("no usable answer: %w", c.clean(err)), Advice: "faturad sonucu sağlayıcıya soracak; işlem gerekmez",
	}
}

// unasked: a question that may be asked again got no answer.
func (c *client) unasked(r request, status int, err error) error {
	return &fault.Error{
		Class: fault.Retryable, Doing: r.doing, Status: status, Code: "turkcell.unreachable", Err: c.clean(err), Advice: reachAdvice(err),
	}
}

// clean takes the secret and the address with its query out of a transport error.
func (c *client) clean(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the address is the account's, and its query may name buyers
	}
	return c.redact.Error(err)
}

func reachAdvice(err error) string {
	if _, dns := errors.AsType[*net.DNSError](err); dns {
		return "Sağlayıcının adresi bulunamadı: base_url ayarını ve DNS'i denetleyin"
	}
	if errors.Is(err, context.Canceled) {
		return ""
	}
	return "Sağlayıcıya ulaşılamadı: ağ, güvenlik duvarı ve base_url ayarını denetleyin; faturad kendiliğinden yeniden dener"
}

// refused turns an answer that is not a success into an error. ettn is the document in question, or "".
func (c *client) refused(r request, a answer, ettn string) error {
	p := parseProblem(a.header.Get("Content-Type"), a.body)
	class := classify(r.use, a.status, p, ettn, append(defaultNotFound(), c.cfg.NotFoundTexts...))
	if class == "" {
		class = unreadable(r.use)
	}
	e := &fault.Error{
		Class: class, Doing: r.doing, Status: a.status, Message: redact.Line(c.redact.Text(p.text()), 2000), Answer: c.redact.Answer(a.body),
		Err: a.cause(p),
	}
	switch class {
	case fault.Throttled:
		e.RetryAfter = wire.RetryAfter(a.header, c.clock.Now())
		e.Code, e.Advice = "turkcell.throttled", "Sağlayıcı çok sık sorulduğunu söylüyor; faturad bekleyip sürdürür"
	case fault.Auth:
		e.Code, e.Advice = c.authWords(r.product, a.status)
	case fault.Duplicate:
		e.Code, e.Existing = p.duplicate(ettn), p.earlier()
		e.Advice = "Belge sağlayıcıda zaten var; faturad onu bulup karşılaştıracak"
	case fault.Permanent:
		e.Code, e.Advice = refusalWords(p)
	case fault.NotFound:
		e.Code = "turkcell.not_found"
	case fault.Ambiguous:
		e.Code, e.Advice = "turkcell.no_answer", "faturad sonucu sağlayıcıya soracak; işlem gerekmez"
	case fault.Retryable:
		e.Code = "turkcell.http_" + strconv.Itoa(a.status)
		if a.status >= 300 && a.status < 500 {
			e.Advice = "Adres yanlış ya da arada bir vekil sunucu var: base_url ayarını denetleyin"
		} else {
			e.Advice = "Sağlayıcı şu anda yanıt veremiyor; faturad kendiliğinden yeniden dener"
		}
	}
	return e
}

// unread is a success whose body is not what the call should give.
func (c *client) unread(r request, a answer, format string, args ...any) error {
	return &fault.Error{
		Class: unreadable(r.use), Doing: r.doing, Status: a.status, Code: "turkcell.no_answer", Answer: c.redact.Answer(a.body),
		Err:    c.redact.Error(fmt.Errorf("%w: %w", a.cause(parseProblem(a.header.Get("Content-Type"), a.body)), fmt.Errorf(format, args...))),
		Advice: "Yanıt anlaşılamadı; sürerse sağlayıcıya bildirin",
	}
}

// cause names the status, the shape and the number that the provider's support asks for.
func (a answer) cause(p problem) error {
	s := "HTTP " + strconv.Itoa(a.status)
	if p.html {
		s += ", a web page instead of an answer"
	}
	if len(p.fields) > 0 {
		s += ", fields " + redact.Line(strings.Join(p.fields, ", "), 300)
	}
	if a.correlation != "" {
		s += ", correlation " + a.correlation
	}
	return errors.New(s)
}

// Products that a key may lack.
const (
	productInbox     = "gelen e-Fatura"
	productTaxpayers = "mükellef listesi"
)

func (c *client) authWords(product string, status int) (code, advice string) {
	if status == http.StatusUnauthorized && c.cfg.Username != "" {
		return providers.CodeKey, "Yeni açılan oturum da kabul edilmiyor: username kullanıcısının servis yetkisini portalda denetleyin, ya da api_key kullanın"
	}
	if status == http.StatusUnauthorized {
		return providers.CodeKey, "API anahtarı geçersiz ya da süresi dolmuş: portaldan yeni anahtar alıp api_key ayarına koyun"
	}
	return providers.CodePermission, "Hesabın " + product + " yetkisi yok ya da kontörü bitmiş: Turkcell e-Şirket ile görüşün"
}

// advices are what to do about known refusals, by what the sentence contains (facts 5.2; folded, see fold). The first that
// matches counts.
var advices = []struct{ contains, code, advice string }{
	{"efatura kullanmiyor", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"e-fatura kullanmiyor", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"birden fazla etiket", providers.CodeAlias, "Alıcının birden fazla posta kutusu var: ERP'de ya da ayarda posta kutusunu seçin"},
	{"etiketi(alias)", providers.CodeAlias, "Alıcının posta kutusu geçersiz: mükellef listesini güncelleyin"},
	{"e-fatura mükellefi", providers.CodeBuyerRegistered, "Alıcı artık e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"e-fatura kullanici", providers.CodeBuyerRegistered, "Alıcı artık e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"ileri bir tarih", "turkcell.date", "Satışın tarihini düzeltin: ileri tarihli fatura kesilemez"},
	{"bir yildan daha önce", "turkcell.date", "Satış bir yıldan eski: tarihini düzeltin ya da faturayı elle çözün"},
	{"raporu oluşturulmuş", "turkcell.date", "O ayın e-Arşiv raporu verilmiş: satışın tarihini muhasebeyle konuşup düzeltin"},
	{"prefix", "turkcell.prefix", "Seri (prefix) ayarı üç büyük harf ya da rakam olmalı ve sağlayıcıda tanımlı olmalı"},
	{"numarasi oluşturulamadi", "turkcell.prefix", "Sağlayıcıda bu yıl için fatura serisi tanımlayın"},
	{"fatura numara", "turkcell.number", "Sağlayıcı fatura numarasını kabul etmedi: seri ayarını sağlayıcıda denetleyin"},
	{"vergi numara", "turkcell.buyer", "Müşterinin VKN/TCKN'sini düzeltin"},
	{"identifier", "turkcell.buyer", "Müşterinin VKN/TCKN'sini düzeltin: VKN 10, TCKN 11 hanelidir"},
	{"vkn/tckn", "turkcell.buyer", "Müşterinin VKN/TCKN'sini düzeltin"},
	{"ilçe", "turkcell.buyer", "Müşteri kartında ilçeyi doldurun"},
	{"şehir", "turkcell.buyer", "Müşteri kartında ili doldurun"},
	{"ülke", "turkcell.buyer", "Müşteri kartında ülkeyi doldurun"},
	{"ünvan", "turkcell.buyer", "Müşteri kartında ünvanı ya da ad ve soyadı doldurun"},
	{"soyad", "turkcell.buyer", "Müşteri kartında ad ve soyadı doldurun"},
	{"posta adresi", "turkcell.email", "Müşterinin e-posta adresini düzeltin"},
	{"istisna", "turkcell.exemption", "KDV'si sıfır olan kalemlere istisna kodu verin"},
	{"internet", "turkcell.internet", "İnternet satışının site, ödeme ve kargo bilgilerini tamamlayın"},
	{"customizationid", "turkcell.settings", "customization ayarını TR1.2 yapın"},
	{"taslak veya hatali durum", "turkcell.state", "Belge artık değiştirilemez: yalnız taslak ve hatalı belgeler değiştirilir"},
	{"hatali ve taslak durum", "turkcell.state", "Belge artık değiştirilemez: yalnız taslak ve hatalı belgeler değiştirilir"},
	{"sadece başarili", "turkcell.state", "Yalnız onaylanmış belge iptal edilebilir"},
	{"iptal edil", "turkcell.state", "Belgenin durumunu sağlayıcının portalında denetleyin"},
}

func refusalWords(p problem) (code, advice string) {
	text := fold(strings.Join(p.sentences, " "))
	for _, a := range advices {
		if strings.Contains(text, a.contains) {
			return a.code, a.advice
		}
	}
	return providers.CodeContentRefused, "Sağlayıcının iletisine göre satışı düzeltin; satır değişince faturad yeniden gönderir"
}
