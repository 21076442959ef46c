package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// use is what a call is for; it decides what its answer means.
type use int

const (
	useToken  use = iota // the log-in
	useRecord            // makes a contact, an address, a product: no legal effect, looked for again before it is repeated
	useDraft             // makes a draft
	useLegal             // makes a draft official, or cancels what is: nothing is certain but what is said clearly
	useDelete            // deletes a draft
	useLookup            // asks whether something exists: only a recognised "no" is a no
	useRead              // anything else that changes nothing
)

func (u use) writes() bool { return u == useDraft || u == useLegal }

// unclear is the class of an answer that cannot be understood, or broke off after the request had left.
func (u use) unclear() fault.Class {
	if u.writes() {
		return fault.Ambiguous
	}
	return fault.Retryable
}

// envelope is what every answer of KolayBi is wrapped in. Errors carry an empty array as data.
type envelope struct {
	Success     *bool           `json:"success"`
	Data        json.RawMessage `json:"data"`
	Code        json.Number     `json:"code"`
	Message     text            `json:"message"`
	Description text            `json:"description"`
	Error       struct {
		Message text `json:"message"`
	} `json:"error"`
	Pagination *pagination `json:"pagination"`

	raw []byte
}

// KolayBi's own codes.
const (
	codeBad     = "10400"
	codeToken   = "10401"
	codeMissing = "10404"
)

// words is what the provider says for people.
func (e envelope) words() string {
	for _, t := range []text{e.Message, e.Description, e.Error.Message} {
		if t != "" {
			return redact.Line(string(t), 2000)
		}
	}
	return ""
}

// text takes strings, and anything else as it stands: nobody documents what a message may be.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case string(b) != "null":
		*t = text(b)
	}
	return nil
}

// parse reads an envelope; false = the body is none.
func parse(body []byte) (envelope, bool) {
	var e envelope
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &e) != nil {
		return envelope{}, false
	}
	return e, e.Data != nil || e.Success != nil || e.Message != "" || e.Error.Message != ""
}

// open turns an answer into its envelope, or into an error with its class. The class comes from the status, and, where KolayBi
// says success:false under a good status, from its own code.
func (c *client) open(r request, a wire.Answer) (envelope, error) {
	e, ok := parse(a.Text())
	e.raw = a.Body
	refused := ok && e.Success != nil && !*e.Success
	switch {
	case r.empty && (a.Status == http.StatusOK || a.Status == http.StatusNoContent) && len(a.Body) == 0:
		return e, nil
	case a.Status != http.StatusOK && a.Status != http.StatusCreated && (a.Status < 400 || a.Status > 499):
		return e, c.answered(r, a, e, c.byStatus(r.use, a.Status))
	case a.Status == http.StatusCreated && r.method == http.MethodGet:
		return e, c.unread(r, a.Status, a.Body, "a question is answered as if something was made")
	case !ok:
		if class := c.byStatus(r.use, a.Status); a.Status >= 400 && class != fault.Permanent && class != fault.NotFound {
			return e, c.answered(r, a, e, class)
		}
		return e, c.unread(r, a.Status, a.Body, "it is not an answer of KolayBi")
	case a.Status >= 400:
		return e, c.answered(r, a, e, c.recognised(r.use, a.Status, e))
	case refused:
		return e, c.answered(r, a, e, c.recognised(r.use, statusOf(e.Code), e))
	case r.empty && ok:
		return e, nil
	case e.Data == nil || string(e.Data) == "null":
		return e, c.unread(r, a.Status, a.Body, "it holds no data")
	}
	return e, nil
}

// statusOf is the HTTP status that a code of KolayBi stands for; 422 for those that say nothing.
func statusOf(code json.Number) int {
	if n, err := strconv.Atoi(code.String()); err == nil && n >= 10400 && n <= 10599 {
		return n - 10000
	}
	return http.StatusUnprocessableEntity
}

// recognised is the class of an answer that KolayBi itself wrote.
func (c *client) recognised(u use, status int, e envelope) fault.Class {
	switch code := e.Code.String(); {
	case code == codeToken:
		return fault.Auth
	case code == codeMissing && u == useToken:
		return fault.Auth // the channel is unknown
	case (code == codeMissing || status == http.StatusNotFound) && strings.Contains(fold(e.words()), fold("kanal")):
		return fault.Auth
	case code == codeMissing && (u == useLookup || u == useDelete):
		return fault.NotFound
	case status == http.StatusNotFound && u == useDraft:
		return fault.Retryable // a record that it stands on is gone: it is looked for again
	case status == http.StatusNotFound && u == useLegal:
		return fault.Ambiguous // the draft is gone: the look-up says more
	case status == http.StatusPreconditionFailed && u == useRecord:
		return fault.Duplicate
	}
	return c.byStatus(u, status)
}

// byStatus is the class of a status whose body says nothing.
func (c *client) byStatus(u use, status int) fault.Class {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden:
		return fault.Auth
	case status == http.StatusTooManyRequests:
		return fault.Throttled
	case u == useToken && status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return fault.Auth
	case !u.writes() && u != useRecord:
		return fault.Retryable
	}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return fault.Permanent
	case http.StatusPreconditionFailed:
		if u == useRecord {
			return fault.Permanent
		}
		return fault.Ambiguous
	}
	if wire.Untaken(status) {
		return fault.Retryable
	}
	return u.unclear()
}

// answered turns a refusal or a trouble into an error.
func (c *client) answered(r request, a wire.Answer, e envelope, class fault.Class) error {
	message, answer := c.redact().Text(e.words()), c.redact().Answer(a.Body)
	cause := errors.New("HTTP " + strconv.Itoa(a.Status))
	if e.Code != "" {
		cause = fmt.Errorf("HTTP %d, code %s", a.Status, redact.Line(e.Code.String(), 40))
	}
	if class == fault.Auth {
		if a.Status == http.StatusUnauthorized || e.Code.String() == codeToken {
			if r.use != useToken {
				cause = fmt.Errorf("%w: %w", errToken, cause)
			}
		}
		return c.authError(r, a.Status, message, answer, cause)
	}
	out := &fault.Error{Class: class, Doing: r.doing, Status: a.Status, Message: message, Answer: answer, Err: cause}
	switch class {
	case fault.Throttled:
		out.RetryAfter = wire.RetryAfter(a.Header, c.clock.Now())
		out.Code, out.Advice = "kolaybi.throttled", "KolayBi çok sık sorulduğunu söylüyor; faturad bekleyip sürdürür"
	case fault.Permanent:
		out.Code, out.Advice = refusalWords(message)
	case fault.Ambiguous:
		out.Code, out.Advice = "kolaybi.no_answer", "faturad sonucu KolayBi'ye soracak; işlem gerekmez"
	case fault.NotFound:
		out.Code = "kolaybi.not_found"
	case fault.Duplicate:
		out.Code = "kolaybi.exists"
	default:
		out.Code, out.Advice = "kolaybi.http_"+strconv.Itoa(a.Status), "KolayBi şu anda yanıt veremiyor ya da adres yanlış: sürerse base_url ayarını kontrol edin"
	}
	return out
}

// unread is an answer whose body is not what the call should give.
func (c *client) unread(r request, status int, body []byte, format string, args ...any) error {
	return &fault.Error{
		Class: r.use.unclear(), Doing: r.doing, Status: status, Code: "kolaybi.no_answer", Answer: c.redact().Answer(body),
		Err:    c.redact().Error(fmt.Errorf("HTTP %d, unreadable: %w", status, fmt.Errorf(format, args...))),
		Advice: "Yanıt anlaşılamadı; sürerse KolayBi'ye bildirin",
	}
}

// failed is a request without a usable answer.
func (c *client) failed(r request, err error) error {
	failure, ok := errors.AsType[*wire.Failure](err)
	if !ok {
		return fault.New(r.use.unclear(), r.doing, c.redact().Error(err))
	}
	cause := c.redact().Error(failure.Err)
	if failure.Left && r.use.writes() {
		return &fault.Error{Class: fault.Ambiguous, Doing: r.doing, Status: failure.Status, Code: "kolaybi.no_answer",
			Err: fmt.Errorf("no usable answer: %w", cause), Advice: "faturad sonucu KolayBi'ye soracak; işlem gerekmez"}
	}
	return &fault.Error{Class: fault.Retryable, Doing: r.doing, Status: failure.Status, Code: "kolaybi.unreachable", Err: cause, Advice: reachAdvice(err)}
}

func reachAdvice(err error) string {
	if _, dns := errors.AsType[*net.DNSError](err); dns {
		return "KolayBi'nin adresi bulunamadı: base_url ayarını ve DNS'i kontrol edin"
	}
	if errors.Is(err, context.Canceled) {
		return ""
	}
	return "KolayBi'ye ulaşılamadı: ağ, güvenlik duvarı ve base_url ayarını kontrol edin; faturad kendiliğinden yeniden dener"
}

// What follows the advice about a refusal: a corrected sale is sent by itself, a corrected setting is not noticed.
const (
	sentAgain  = "; düzelince faturad kendiliğinden yeniden gönderir"
	thenResync = ", sonra satış için resync isteyin"
)

// advices are what to do about known refusals, by what the sentence contains (folded): words, or a field of the interface (guide,
// facts A4). The first that matches counts.
var advices = []struct{ contains, code, advice string }{
	{"e-fatura kullanicisina e-arsiv", providers.CodeBuyerRegistered, "Alıcı e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"e-fatura mukellefi degil", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"e-fatura kullanicisi degil", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"on ek", "kolaybi.prefix", "KolayBi panelinde bu yıl için ön ek (seri) tanımlayın" + thenResync},
	{"ulke eslesmiyor", "kolaybi.country", "Cari kartındaki ülkeyi düzeltin" + sentAgain},
	{"kimlik", "kolaybi.buyer", "Cari kartındaki VKN'yi ya da TCKN'yi düzeltin" + sentAgain},
	{"identity_no", "kolaybi.buyer", "Cari kartındaki VKN'yi ya da TCKN'yi düzeltin" + sentAgain},
	{"vergi dairesi", "kolaybi.buyer", "Cari kartına vergi dairesini girin" + sentAgain},
	{"tax_office", "kolaybi.buyer", "Cari kartına vergi dairesini girin" + sentAgain},
	{"surname", "kolaybi.buyer", "Cari kartına ad ve soyadı girin" + sentAgain},
	{"district", "kolaybi.buyer", "Cari kartına ilçeyi girin" + sentAgain},
	{"city", "kolaybi.buyer", "Cari kartına ili girin" + sentAgain},
	{"postal_code", "kolaybi.buyer", "Yurt dışındaki alıcının posta kodunu cari kartına girin" + sentAgain},
	{"country", "kolaybi.country", "Cari kartındaki ülkeyi düzeltin" + sentAgain},
	{"istisna", "kolaybi.exemption", "KDV'si sıfır olan satırlara istisna kodu girin" + sentAgain},
	{"vat_exemption", "kolaybi.exemption", "KDV'si sıfır olan satırlara istisna kodu girin" + sentAgain},
	{"withholding", "kolaybi.line", "Satırın tevkifat kodunu düzeltin" + sentAgain},
	{"gtip", "kolaybi.line", "Stok kartına 12 haneli GTİP girin" + sentAgain},
	{"vat_rate", "kolaybi.line", "Satırın KDV oranını düzeltin" + sentAgain},
	{"unit_price", "kolaybi.line", "Satırın birim fiyatını düzeltin" + sentAgain},
	{"special_tax_base", "kolaybi.kind", "Özel matrahın kodunu ve tutarını satıra girin" + sentAgain},
	{"internet_sale", "kolaybi.internet", "İnternet satışının site, ödeme ve kargo bilgilerini satışta tamamlayın" + sentAgain},
	{"handling_and_shipping", "kolaybi.export", "Teslim şartını ve gönderim şeklini satışa girin" + sentAgain},
	{"identifications", "kolaybi.line", "Satıra ilaç ya da tıbbi cihaz bilgisini (karekod) girin" + sentAgain},
	{"quantity", "kolaybi.line", "Satırın miktarını düzeltin" + sentAgain},
	{"document_scenario", "kolaybi.kind", "Satışın senaryosunu düzeltin" + sentAgain},
	{"document_type", "kolaybi.kind", "Satışın fatura tipini düzeltin" + sentAgain},
	{"exchange_rate", "kolaybi.currency", "Satışa fatura gününün döviz kurunu girin" + sentAgain},
	{"currency", "kolaybi.currency", "Satışın para birimini ve döviz kurunu düzeltin" + sentAgain},
	{"receiver_email", "kolaybi.email", "Cari kartındaki e-posta adresini düzeltin" + sentAgain},
	{"order_date", "kolaybi.date", "Satışın tarihini düzeltin" + sentAgain},
	{"tarih", "kolaybi.date", "Satışın tarihini düzeltin" + sentAgain},
	{"iptal", "kolaybi.state", "Belgenin durumunu KolayBi panelinde kontrol edin"},
}

func refusalWords(message string) (code, advice string) {
	folded := fold(message)
	for _, a := range advices {
		if strings.Contains(folded, fold(a.contains)) {
			return a.code, a.advice
		}
	}
	return providers.CodeContentRefused, "Bu açıklamaya göre satışı düzeltin" + sentAgain
}
