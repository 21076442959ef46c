package propars

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
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
	useRecord            // writes a sale: no legal effect, and the same again does no harm
	useLegal             // makes, sends or cancels an invoice: nothing is certain but what is said clearly
	useLookup            // asks whether something exists: only a recognised "no" is a no
	useRead              // anything else that changes nothing
)

// unclear is the class of an answer that cannot be understood, or broke off after the request had left.
func (u use) unclear() fault.Class {
	if u == useLegal {
		return fault.Ambiguous
	}
	return fault.Retryable
}

// errToken marks an answer that says that the token is no good.
var errToken = errors.New("the token is not accepted")

// judge turns an answer into an error, unless it is a success.
func (c *client) judge(r request, a wire.Answer) error {
	if a.Status == http.StatusOK || a.Status == http.StatusCreated && r.method != http.MethodGet || a.Status == http.StatusNoContent && r.method == http.MethodPatch {
		return nil
	}
	words, ours := refusal(a.Text())
	return c.answered(r, a, words, c.classOf(r.use, a.Status, ours))
}

// classOf is the class of a status. ours: the body is one that Propars' own program writes, not a gateway's.
func (c *client) classOf(u use, status int, ours bool) fault.Class {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden:
		return fault.Auth
	case status == http.StatusTooManyRequests:
		return fault.Throttled
	case u == useToken && status == http.StatusBadRequest && ours:
		return fault.Auth // wrong e-mail or password
	case u == useLookup && status == c.cfg.UnsignedStatus && ours:
		return fault.NotFound
	case u == useToken, u == useLookup, u == useRead:
		return fault.Retryable
	}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		if ours {
			return fault.Permanent
		}
		return u.unclear()
	}
	if wire.Untaken(status) { // 404: or the sale is gone, and is written again
		return fault.Retryable
	}
	return u.unclear()
}

// refusal reads the words of an error in the shapes of Django REST framework: {"detail":"..."} or {"field":["...", ...]}.
// ours is false for every other body.
func refusal(body []byte) (words string, ours bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || len(fields) == 0 {
		return "", false
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var text string
		var list []string
		switch {
		case name == "detail" && json.Unmarshal(fields[name], &text) == nil:
			list = []string{text}
		case json.Unmarshal(fields[name], &list) == nil && len(list) > 0:
		default:
			return "", false
		}
		text = strings.Join(list, " ")
		if name != "detail" && name != "non_field_errors" {
			text = name + ": " + text
		}
		out = append(out, text)
	}
	return redact.Line(strings.Join(out, " · "), 2000), true
}

// answered turns a refusal or a trouble into an error.
func (c *client) answered(r request, a wire.Answer, words string, class fault.Class) error {
	message, answer := c.redact().Text(words), c.redact().Answer(a.Body)
	out := &fault.Error{Class: class, Doing: r.doing, Status: a.Status, Message: message, Answer: answer, Err: errors.New("HTTP " + strconv.Itoa(a.Status))}
	switch class {
	case fault.Auth:
		out.Code, out.Advice = providers.CodeKey, "username ve password ayarlarını kontrol edin; parola Propars'ta değiştiyse yenisini koyun"
		switch {
		case a.Status == http.StatusUnauthorized && r.use != useToken:
			out.Err = fmt.Errorf("%w: %w", errToken, out.Err)
		case a.Status == http.StatusForbidden || a.Status == http.StatusPaymentRequired:
			out.Code, out.Advice = providers.CodePermission, "Hesabın bu işleme yetkisi yok: Propars ile görüşün"
		}
	case fault.Throttled:
		out.RetryAfter = wire.RetryAfter(a.Header, c.clock.Now())
		out.Code, out.Advice = "propars.throttled", "Propars çok sık sorulduğunu söylüyor; faturad bekleyip sürdürür"
	case fault.Permanent:
		out.Code, out.Advice = refusalWords(message)
	case fault.Ambiguous:
		out.Code, out.Advice = "propars.no_answer", "faturad sonucu Propars'a soracak; işlem gerekmez"
	case fault.NotFound:
		out.Code = "propars.not_found"
	default:
		out.Code, out.Advice = "propars.http_"+strconv.Itoa(a.Status), "Propars şu anda yanıt veremiyor ya da adres yanlış: sürerse base_url ayarını kontrol edin"
	}
	return out
}

// unread is an answer whose body is not what the call should give.
func (c *client) unread(r request, status int, body []byte, format string, args ...any) error {
	return &fault.Error{
		Class: r.use.unclear(), Doing: r.doing, Status: status, Code: "propars.no_answer", Answer: c.redact().Answer(body),
		Err:    c.redact().Error(fmt.Errorf("HTTP %d, unreadable: %w", status, fmt.Errorf(format, args...))),
		Advice: "Yanıt anlaşılamadı; sürerse Propars'a bildirin",
	}
}

// failed is a request without a usable answer.
func (c *client) failed(r request, err error) error {
	failure, ok := errors.AsType[*wire.Failure](err)
	if !ok {
		return fault.New(r.use.unclear(), r.doing, c.redact().Error(err))
	}
	cause := c.redact().Error(failure.Err)
	if failure.Left && r.use == useLegal {
		return &fault.Error{Class: fault.Ambiguous, Doing: r.doing, Status: failure.Status, Code: "propars.no_answer",
			Err: fmt.Errorf("no usable answer: %w", cause), Advice: "faturad sonucu Propars'a soracak; işlem gerekmez"}
	}
	advice := "Propars'a ulaşılamadı: ağ, güvenlik duvarı ve base_url ayarını kontrol edin; faturad kendiliğinden yeniden dener"
	if _, dns := errors.AsType[*net.DNSError](err); dns {
		advice = "Propars'ın adresi bulunamadı: base_url ayarını ve DNS'i kontrol edin"
	}
	if errors.Is(err, context.Canceled) {
		advice = ""
	}
	return &fault.Error{Class: fault.Retryable, Doing: r.doing, Status: failure.Status, Code: "propars.unreachable", Err: cause, Advice: advice}
}

// What follows the advice about a refusal: a corrected sale is sent by itself, a corrected setting is not noticed.
const (
	sentAgain  = "; düzelince faturad kendiliğinden yeniden gönderir"
	thenResync = ", sonra satış için resync isteyin"
)

// advices are what to do about known refusals, by what the sentence contains (folded) or a field of the interface (facts B3).
// The first that matches counts.
var advices = []struct{ contains, code, advice string }{
	{"mükellefi değil", providers.CodeBuyerNotRegistered, "Alıcı e-Fatura mükellefi değil; belge e-Arşiv olarak yeniden hazırlanacak"},
	{"e-fatura mükellefi", providers.CodeBuyerRegistered, "Alıcı e-Fatura mükellefi; belge e-Fatura olarak yeniden hazırlanacak"},
	{"tax_office", "propars.buyer", "Cari kartına vergi dairesini girin" + sentAgain},
	{"tax_number", "propars.buyer", "Cari kartındaki VKN'yi düzeltin" + sentAgain},
	{"tc_identity_number", "propars.buyer", "Cari kartındaki TCKN'yi düzeltin" + sentAgain},
	{"company_title", "propars.buyer", "Cari kartına unvanı girin" + sentAgain},
	{"city_name", "propars.buyer", "Cari kartına ili ve ilçeyi girin" + sentAgain},
	{"district", "propars.buyer", "Cari kartına ilçeyi girin" + sentAgain},
	{"telephone_number", "propars.buyer", "Cari kartındaki telefon numarasını düzeltin" + sentAgain},
	{"email", "propars.email", "Cari kartındaki e-posta adresini düzeltin" + sentAgain},
	{"invoice_date", "propars.date", "Satışın tarihini düzeltin" + sentAgain},
	{"order_date", "propars.date", "Satışın tarihini düzeltin" + sentAgain},
	{"invoice_number", "propars.series", "Propars panelinde fatura serisini kontrol edin" + thenResync},
	{"currency", "propars.currency", "Sistem yöneticisi para biriminin Propars'taki numarasını currencies ayarına yazmalı" + thenResync},
	{"einvoice_type", "propars.kind", "Satışın fatura tipini düzeltin" + sentAgain},
	{"einvoice_profile", "propars.kind", "Satışın senaryosunu düzeltin" + sentAgain},
	{"product_name", "propars.line", "Satırın mal veya hizmet adını girin" + sentAgain},
	{"tax_rate", "propars.line", "Satırın KDV oranını düzeltin" + sentAgain},
	{"iptal", "propars.state", "Belgenin durumunu Propars panelinde kontrol edin"},
}

func refusalWords(message string) (code, advice string) {
	folded := fold(message)
	for _, a := range advices {
		if strings.Contains(folded, a.contains) {
			return a.code, a.advice
		}
	}
	return providers.CodeContentRefused, "Bu açıklamaya göre satışı düzeltin" + sentAgain
}

// fold makes sentences comparable: small letters, and one i for the four that Turkish has and servers mix up.
func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("İ", "i", "I", "i", "ı", "i").Replace(s))
}
