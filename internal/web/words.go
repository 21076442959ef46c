package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// T picks the words of the page's language.
func (p page) T(tr, en string) string {
	if p.Language == "en" {
		return en
	}
	return tr
}

// State is the accountant's word for a document's state.
func (p page) State(s ledger.State) string { return s.Text(p.Language) }

// Money is an amount with its currency, as people of the page's language write it: 1.234,56 TRY or 1,234.56 TRY.
func (p page) Money(amount decimal.Decimal, currency string) string {
	point, group := ",", "."
	if p.Language == "en" {
		point, group = ".", ","
	}
	whole, fraction, _ := strings.Cut(amount.Abs().StringFixed(2), ".")
	var b strings.Builder
	if amount.IsNegative() {
		b.WriteByte('-')
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(digit)
	}
	b.WriteString(point + fraction)
	return strings.TrimSpace(b.String() + " " + currency)
}

// Amount is Money of an amount that may be missing.
func (p page) Amount(amount decimal.NullDecimal, currency string) string {
	if !amount.Valid {
		return ""
	}
	return p.Money(amount.Decimal, currency)
}

// Time is an instant in Türkiye; empty for the zero time.
func (p page) Time(t time.Time) string { return clock.Text(t, p.Language) }

// Day is a day as people of the page's language write it.
func (p page) Day(d invoice.Date) string { return d.Text(p.Language) }

// jobWords name the daemon's jobs.
var jobWords = map[string][2]string{
	"outbound":  {"Satışları gönder", "Send sales"},
	"followup":  {"Durumları sorgula", "Ask for statuses"},
	"writeback": {"ERP'ye yaz", "Write to the ERP"},
	"inbound":   {"Gelen faturaları al", "Fetch received invoices"},
	"registry":  {"Mükellef listesini al", "Fetch the taxpayer list"},
	"sweep":     {"Gözden kaçan faturaları ara", "Look for invoices that were missed"},
	"archive":   {"Arşivi doldur", "Fill the archive"},
}

// Job names a job; a job without words keeps its own name.
func (p page) Job(name string) string {
	if words, ok := jobWords[name]; ok {
		return p.T(words[0], words[1])
	}
	return name
}

// Received names where a received invoice stands.
func (p page) Received(s ledger.ReceivedState) string { return s.Text(p.Language) }

// operationWords name what was tried for a document.
var operationWords = map[ledger.Operation][2]string{
	ledger.OpPrepare: {"Hazırlama", "Prepare"},
	ledger.OpContact: {"Müşteri kaydı", "Contact"},
	ledger.OpProduct: {"Ürün kaydı", "Product"},
	ledger.OpSale:    {"Satış kaydı", "Sale"},
	ledger.OpCreate:  {"Gönderme", "Send"},
	ledger.OpLookup:  {"Arama", "Look up"},
	ledger.OpStatus:  {"Durum sorgusu", "Status"},
	ledger.OpUpdate:  {"Güncelleme", "Update"},
	ledger.OpRelease: {"Resmîleştirme", "Release"},
	ledger.OpCancel:  {"İptal", "Cancel"},
	ledger.OpResend:  {"Yeniden kuyruğa alma", "Queue again"},
	ledger.OpAnswer:  {"Yanıt", "Answer"},
	ledger.OpMail:    {"E-posta", "Mail"},
	ledger.OpDelete:  {"Taslak silme", "Delete drafts"},
}

// Operation names what was tried; an operation without words keeps its own name.
func (p page) Operation(o ledger.Operation) string {
	if words, ok := operationWords[o]; ok {
		return p.T(words[0], words[1])
	}
	return string(o)
}

// Kind names the kind of a document.
func (p page) Kind(kind string) string {
	switch kind {
	case "e-fatura":
		return "e-Fatura"
	case "e-arsiv":
		return "e-Arşiv"
	case "e-mm":
		return "e-Müstahsil"
	case "e-smm":
		return "e-SMM"
	}
	return kind
}

// actionWords name what people, and faturad by itself, did with a document.
var actionWords = map[string][2]string{
	"resync":  {"Yeniden eşitleme", "Resync"},
	"release": {"Serbest bırakma", "Release"},
	"cancel":  {"İptal", "Cancel"},
	"reissue": {"Yeniden düzenleme", "Reissue"},
	"mail":    {"E-posta", "Mail"},
	"mark":    {"Elle sonuçlandırma", "Mark"},
	"adopt":   {"Entegratördekiyle eşleştirme", "Adopt"},
}

// Action names what somebody did; an action without words keeps its own name.
func (p page) Action(name string) string {
	if words, ok := actionWords[name]; ok {
		return p.T(words[0], words[1])
	}
	return name
}

// eventWords say what an attempt came to; the technical words stand behind them.
var eventWords = map[string][2]string{
	"ok":         {"oldu", "done"},
	"retryable":  {"olmadı, yeniden denenecek", "not done, will be tried again"},
	"busy":       {"olmadı: entegratör şu anda yanıt veremiyor, yeniden denenecek", "not done: the provider cannot answer at the moment, will be tried again"},
	"permanent":  {"geri çevrildi", "refused"},
	"ambiguous":  {"sonuç belirsiz, entegratöre soruluyor", "outcome unknown, the provider is asked"},
	"throttled":  {"entegratör bekletiyor, yeniden denenecek", "the provider asks to wait, will be tried again"},
	"auth":       {"hesabın anahtarı ya da parolası kabul edilmedi", "the account's key or password was refused"},
	"permission": {"hesabın yetkisi ya da kontörü yok", "the account lacks the permission or the credits"},
	"duplicate":  {"entegratörde zaten var, karşılaştırılıyor", "exists at the provider already, is compared"},
	"notfound":   {"entegratörde yok", "the provider has none"},
}

// Outcome says what an event was: an intent, or what came of it.
func (p page) Outcome(e ledger.Event) string {
	if e.Opened {
		return p.T("başladı", "begun")
	}
	came := e.Class
	switch {
	case came == string(fault.Retryable) && e.HTTPStatus != 0:
		came = "busy"
	case came == string(fault.Auth) && (e.HTTPStatus == http.StatusForbidden || e.HTTPStatus == http.StatusPaymentRequired):
		came = "permission"
	}
	if words, ok := eventWords[came]; ok {
		return p.T(words[0], words[1])
	}
	return e.Class
}
