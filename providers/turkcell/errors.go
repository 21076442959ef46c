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
		Err: fmt.Errorf("no usable answer: %w", c.clean(err)), Advice: "faturad sonucu entegratöre soracak; işlem gerekmez",
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
		return "Entegratörün adresi bulunamadı: base_url ayarını ve DNS'i kontrol edin"
	}
	if errors.Is(err, context.Canceled) {
		return ""
	}
	return "Entegratöre ulaşılamadı: ağ, güvenlik duvarı ve base_url ayarını kontrol edin; faturad kendiliğinden yeniden dener"
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
		e.Code, e.Advice = "turkcell.throttled", "Entegratör çok sık sorulduğunu söylüyor; faturad bekleyip sürdürür"
	case fault.Auth:
		e.Code, e.Advice = c.authWords(r.product, a.status)
	case fault.Duplicate:
		e.Code, e.Existing = p.duplicate(ettn), p.earlier()
		e.Advice = "Belge entegratörde zaten var; faturad onu bulup karşılaştıracak"
	case fault.Permanent:
		e.Code, e.Advice = refusalWords(p)
		if what, of := strings.CutSuffix(e.Advice, sentAgain); of && r.use != useCreate {
			e.Advice = what + askAgain
		}
	case fault.NotFound:
		e.Code = "turkcell.not_found"
	case fault.Ambiguous:
		e.Code, e.Advice = "turkcell.no_answer", "faturad sonucu entegratöre soracak; işlem gerekmez"
	case fault.Retryable:
		e.Code = "turkcell.http_" + strconv.Itoa(a.status)
		if a.status >= 300 && a.status < 500 {
			e.Advice = "Adres yanlış ya da arada bir vekil sunucu var: base_url ayarını kontrol edin"
		} else {
			e.Advice = "Entegratör şu anda yanıt veremiyor; faturad kendiliğinden yeniden dener"
		}
	}
	return e
}

// unread is a success whose body is not what the call should give.
func (c *client) unread(r request, a answer, format string, args ...any) error {
	return &fault.Error{
		Class: unreadable(r.use), Doing: r.doing, Status: a.status, Code: "turkcell.no_answer", Answer: c.redact.Answer(a.body),
		Err:    c.redact.Error(fmt.Errorf("%w: %w", a.cause(parseProblem(a.header.Get("Content-Type"), a.body)), fmt.Errorf(format, args...))),
		Advice: "Yanıt anlaşılamadı; sürerse entegratöre bildirin",
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
		return providers.CodeKey, "Yeni açılan oturum da kabul edilmiyor: username kullanıcısının servis yetkisini portalda kontrol edin, ya da api_key kullanın"
	}
	if status == http.StatusUnauthorized {
		return providers.CodeKey, "API anahtarı geçersiz ya da süresi dolmuş: portaldan yeni anahtar alıp api_key ayarına koyun"
	}
	return providers.CodePermission, "Hesabın " + product + " yetkisi yok ya da kontörü bitmiş: Turkcell e-Şirket ile görüşün"
}

// What follows the advice about a refusal: a refused sale that is corrected is sent by itself; a change of what the provider has is
// asked for again, and a corrected setting is not noticed.
const (
	sentAgain  = "; düzelince faturad kendiliğinden yeniden gönderir"
	askAgain   = ", sonra yeniden isteyin"
	thenResync = ", sonra satış için resync isteyin"
)

const (
	ourFault        = "Bu bir ayar ya da program hatasıdır: bu açıklamayla sistem yöneticisine bildirin"
	tooLateToCancel = "İade faturasıyla ya da mali müşavirinizin önereceği yolla düzeltin"
)

// advice is what to do about a refusal that contains some words, folded (see fold).
type advice struct{ contains, code, advice string }

// advices are what to do about known refusals, by what the sentence contains (facts 5.2). The first that matches counts.
var advices = []advice{
	{"efatura kullanmiyor", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"e-fatura kullanmiyor", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"birden fazla etiket", providers.CodeAlias, "Alıcının birden fazla posta kutusu (etiketi) var: kullanılacak olanı ERP'de ya da ayarlarda seçin"},
	{"etiketi(alias)", providers.CodeAlias, "Alıcının posta kutusu (etiketi) geçersiz: sistem yöneticisinden mükellef listesini güncellemesini isteyin (faturad sync registry)"},
	{"e-fatura mükellefi", providers.CodeBuyerRegistered, "Alıcı artık e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"e-fatura kullanici", providers.CodeBuyerRegistered, "Alıcı artık e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"ileri bir tarih", "turkcell.date", "İleri tarihli fatura kesilemez: satışın tarihini düzeltin" + sentAgain},
	{"bir yildan daha önce", "turkcell.date", "Satış bir yıldan eski: mali müşavirinize danışıp tarihini güncelleyin" + sentAgain},
	{"raporu oluşturulmuş", "turkcell.date", "O ayın e-Arşiv raporu verilmiş: mali müşavirinize danışıp satışın tarihini güncelleyin" + sentAgain},
	{"geçerli bir tarih", "turkcell.date", "Satışın tarihini düzeltin" + sentAgain},
	{"fatura saati", "turkcell.date", "Satışa fatura saatini girin" + sentAgain},
	{"prefix", "turkcell.prefix", "Seri (prefix) üç büyük harf ya da rakam olmalı ve Turkcell e-Şirket portalında tanımlı olmalı: satıştaki ya da ayarlardaki seriyi düzeltin" + thenResync},
	{"numarasi oluşturulamadi", "turkcell.prefix", "Turkcell e-Şirket portalında bu yıl için fatura serisi tanımlayın" + thenResync},
	{"yil bilgisi", "turkcell.number", "Fatura numarasındaki yıl, fatura tarihinin yılı olmalı: satışın tarihini ya da belge numarasını düzeltin" + sentAgain},
	{"fatura numarali kayit", "turkcell.number", "Bu fatura numarası kullanılmış: satışın belge numarasını düzeltin" + sentAgain},
	{"fatura numara", "turkcell.number", "Fatura numarası ABC2026000000123 biçiminde 16 haneli olmalı: satışın belge numarasını düzeltin" + sentAgain},
	{"vergi numara", "turkcell.buyer", "Cari kartındaki VKN'yi ya da TCKN'yi düzeltin" + sentAgain},
	{"identifier", "turkcell.buyer", "Cari kartındaki numarayı düzeltin: VKN 10, TCKN 11 hanelidir" + sentAgain},
	{"vkn/tckn", "turkcell.buyer", "Cari kartındaki VKN'yi ya da TCKN'yi düzeltin" + sentAgain},
	{"ilçe", "turkcell.buyer", "Cari kartına ilçeyi girin" + sentAgain},
	{"şehir", "turkcell.buyer", "Cari kartına ili girin" + sentAgain},
	{"ülke", "turkcell.buyer", "Cari kartına ülkeyi girin" + sentAgain},
	{"ünvan", "turkcell.buyer", "Cari kartına unvanı ya da ad ve soyadı girin" + sentAgain},
	{"soyad", "turkcell.buyer", "Cari kartına ad ve soyadı girin" + sentAgain},
	{"posta adresi", "turkcell.email", "Cari kartındaki e-posta adresini düzeltin" + sentAgain},
	{"negatif", "turkcell.negative", "Satışta eksi miktar, fiyat ya da tutar var: eksi satır yerine iskonto kullanın ya da ayrı bir iade faturası kesin" + sentAgain},
	{"istisna", "turkcell.exemption", "KDV'si sıfır olan satırlara istisna kodu girin" + sentAgain},
	{"internet", "turkcell.internet", "İnternet satışının site, ödeme ve kargo bilgilerini satışta tamamlayın" + sentAgain},
	{"customizationid", "turkcell.settings", "Sistem yöneticisi customization ayarını TR1.2 yapmalı" + thenResync},
	{"harici olamaz", "turkcell.settings", ourFault},
	{"ublversionid", "turkcell.settings", ourFault},
	{"apptype", "turkcell.settings", ourFault},
	{"geçerli bir guid", "turkcell.settings", ourFault},
	{"uuid alani", "turkcell.settings", ourFault},
	{"invoicezip", "turkcell.settings", ourFault},
	{"taslak ve kuyrukta", "turkcell.settings", ourFault},
	{"taslak veya hatali durum", "turkcell.state", "Belge artık değiştirilemez: yalnız taslak ve hatalı belgeler değiştirilir"},
	{"hatali ve taslak durum", "turkcell.state", "Belge artık değiştirilemez: yalnız taslak ve hatalı belgeler değiştirilir"},
	{"sadece başarili", "turkcell.state", "Yalnız onaylanmış belge iptal edilir: belge onaylanınca yeniden isteyin"},
	{"6 ay sonra", "turkcell.state", tooLateToCancel},
	{"daha önce iptal", "turkcell.state", "Belge zaten iptal edilmiş; faturad bunu fark eder, işlem gerekmez"},
	{"iptal edil", "turkcell.state", "Belgenin durumunu Turkcell e-Şirket portalında kontrol edin"},
}

// fieldAdvices are what to do about a refusal in words that are not known, English ones above all, which names a field of the
// provider's model (facts 3).
var fieldAdvices = []advice{
	{"receiverdistrict", "turkcell.buyer", "Cari kartına ilçeyi girin" + sentAgain},
	{"receivercity", "turkcell.buyer", "Cari kartına ili girin" + sentAgain},
	{"receivercountry", "turkcell.buyer", "Cari kartına ülkeyi girin" + sentAgain},
	{"receiverpersonsurname", "turkcell.buyer", "Cari kartına ad ve soyadı girin" + sentAgain},
	{"addressbook.name", "turkcell.buyer", "Cari kartına unvanı ya da ad ve soyadı girin" + sentAgain},
	{"identificationnumber", "turkcell.buyer", "Cari kartındaki VKN'yi ya da TCKN'yi düzeltin" + sentAgain},
	{"receiveremail", "turkcell.email", "Cari kartındaki e-posta adresini düzeltin" + sentAgain},
	{"emailaddress", "turkcell.email", "Cari kartındaki e-posta adresini düzeltin" + sentAgain},
	{"issuedate", "turkcell.date", "Satışın tarihini düzeltin" + sentAgain},
	{"exchangerate", "turkcell.currency", "Satışa fatura gününün döviz kurunu girin" + sentAgain},
	{"currencycode", "turkcell.currency", "Satışın para birimini düzeltin" + sentAgain},
	{"returninvoice", "turkcell.return", "İadeye asıl faturanın 16 haneli numarasını ve tarihini girin" + sentAgain},
	{"inventorycard", "turkcell.line", "Satırın mal veya hizmet adını girin" + sentAgain},
	{"unitcode", "turkcell.line", "Satırın birimini düzeltin" + sentAgain},
	{"unitprice", "turkcell.line", "Satırın birim fiyatını düzeltin" + sentAgain},
	{"vatrate", "turkcell.line", "Satırın KDV oranını düzeltin" + sentAgain},
	{"vatexemptionreason", "turkcell.exemption", "KDV'si sıfır olan satırlara istisna kodu girin" + sentAgain},
	{"withholdingcode", "turkcell.line", "Satırın tevkifat kodunu düzeltin" + sentAgain},
	{"archiveinfomodel", "turkcell.internet", "İnternet satışının site, ödeme ve kargo bilgilerini satışta tamamlayın" + sentAgain},
}

func refusalWords(p problem) (code, what string) {
	said := fold(strings.Join(p.sentences, " "))
	for _, a := range advices {
		if strings.Contains(said, a.contains) {
			return a.code, a.advice
		}
	}
	named := said + " " + fold(strings.Join(p.fields, " "))
	for _, a := range fieldAdvices {
		if strings.Contains(named, a.contains) {
			return a.code, a.advice
		}
	}
	return providers.CodeContentRefused, "Bu açıklamaya göre satışı düzeltin" + sentAgain
}
