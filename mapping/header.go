package mapping

import (
	"slices"
	"strings"
	"time"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// header checks dates, currency, references and payment, and fills them into inv.
func (m *mapper) header(inv *invoice.Invoice) {
	inv.SaleNumber = clean(m.sale.Number)
	if m.sale.Deleted {
		m.fault("sale.deleted", "deleted", "")
	}
	if k := m.sale.Kind; k != "" && k != invoice.EFatura && k != invoice.EArsiv && !k.Receipt() {
		m.fault("kind.unsupported", "kind", string(k))
	}
	m.dates(inv)
	m.currency(inv)
	m.references(inv)
	m.payment(inv)
	m.internet(inv)
	for _, n := range m.sale.Notes {
		n = cleanLines(n)
		if len([]rune(n)) > maxNote {
			m.fault("text.too_long", "note", "", "4000")
		}
		if n != "" {
			m.notes = append(m.notes, n)
		}
	}
}

// ageingDays is when the seven days of VUK 231/5 are half gone, and a warning begins.
const ageingDays = 4

// yearBefore is the oldest day that providers take (facts of Turkcell, section 3.3).
func yearBefore(today invoice.Date) invoice.Date {
	return invoice.DateOf(today.In(time.UTC).AddDate(-1, 0, 0))
}

func daysBetween(from, to invoice.Date) int {
	return int(to.In(time.UTC).Sub(from.In(time.UTC)).Hours() / 24)
}

func (m *mapper) dates(inv *invoice.Invoice) {
	date := m.sale.IssueDate
	inv.IssueDate = date
	today := m.rules.Today
	switch {
	case date.IsZero():
		m.fault("issue_date.missing", "issue_date", "")
	case date.Year < 2005:
		m.fault("issue_date.too_old", "issue_date", date.String())
	case !today.IsZero() && today.Before(date):
		m.fault("issue_date.future", "issue_date", date.String(), today.String())
	case !today.IsZero() && m.rules.MaxAgeDays > 0 && date.Before(today.AddDays(-m.rules.MaxAgeDays)):
		m.fault("issue_date.late", "issue_date", date.String(), itoa(m.rules.MaxAgeDays))
	case !today.IsZero() && date.Before(yearBefore(today)):
		m.fault("issue_date.year_old", "issue_date", date.String())
	case !today.IsZero() && !today.AddDays(-ageingDays).Before(date):
		m.fault("issue_date.ageing", "issue_date", date.String(), itoa(daysBetween(date, today)))
	}
	text := strings.TrimSpace(m.sale.IssueTime)
	if text == "" {
		text = m.rules.issueTime()
	}
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil {
		t, err = time.Parse("15:04", text)
	}
	if err != nil {
		m.fault("issue_time.invalid", "issue_time", text)
	}
	inv.IssueTime = t.Format(time.TimeOnly)
}

// strong are currencies of which one unit has long been worth more than one lira: a smaller rate is an inverted one.
var strong = map[string]bool{"USD": true, "EUR": true, "GBP": true, "CHF": true}

func (m *mapper) currency(inv *invoice.Invoice) {
	code := strings.ToUpper(strings.TrimSpace(m.sale.Currency))
	if code == "" || code == "TL" || code == "₺" {
		code = "TRY"
	}
	inv.Currency = code
	inv.Rate = one
	if _, ok := codes.Currency(code); !ok || codes.Stopgap(code) {
		m.fault("currency.unknown", "currency", code)
		return
	}
	rate := m.sale.Rate
	switch {
	case code == "TRY":
		if rate.Valid && !rate.Decimal.IsZero() && !rate.Decimal.Equal(one) {
			m.fault("rate.try", "exchange_rate", rate.Decimal.String())
		}
		return
	case !rate.Valid:
		m.fault("rate.missing", "exchange_rate", "", code)
		return
	}
	inv.Rate = rate.Decimal.Round(6) // GİB takes at most six decimals
	if !inv.Rate.IsPositive() || inv.Rate.GreaterThanOrEqual(tooLarge) {
		m.fault("rate.invalid", "exchange_rate", rate.Decimal.String(), code)
	} else if strong[code] && inv.Rate.LessThan(one) {
		m.fault("rate.inverted", "exchange_rate", rate.Decimal.String(), code)
	}
}

func (m *mapper) references(inv *invoice.Invoice) {
	inv.Order = m.single(m.sale.Order, m.sale.MoreOrders, "order_date", "Sipariş: ")
	for _, d := range m.sale.Despatches {
		switch number := clean(d.Number); {
		case number == "":
		case d.Date.IsZero():
			m.fault("reference.date", "despatch_date", number)
		default:
			inv.Despatches = append(inv.Despatches, invoice.Reference{Number: number, Date: d.Date})
		}
	}
}

// single gives the one document of a kind that UBL-TR has a place for; further ones become a note.
func (m *mapper) single(first *invoice.Reference, more []invoice.Reference, field, label string) *invoice.Reference {
	var out *invoice.Reference
	if first != nil {
		more = append([]invoice.Reference{*first}, more...)
	}
	for _, r := range more {
		switch number := clean(r.Number); {
		case number == "":
		case out != nil:
			m.notes = append(m.notes, strings.TrimSpace(label+number+" "+r.Date.String()))
		case r.Date.IsZero():
			m.fault("reference.date", field, number)
		default:
			out = &invoice.Reference{Number: number, Date: r.Date}
		}
	}
	return out
}

// returned checks the originals of a return invoice.
func (m *mapper) returned(inv *invoice.Invoice) {
	if r := m.sale.Return; r != nil && clean(r.Number) != "" {
		m.original(inv, *r, "return_no", "return_date")
	} else if len(m.sale.MoreReturns) == 0 {
		code := "return.missing"
		switch m.sale.ReturnKey {
		case "":
		case m.sale.Key:
			code = "return.self"
		default:
			code = "return.original_unsent"
		}
		m.fault(code, "return_no", "")
	}
	for _, r := range m.sale.MoreReturns {
		m.original(inv, r, "return_list", "return_list")
	}
}

// original adds one original; the same one named twice is one.
func (m *mapper) original(inv *invoice.Invoice, r invoice.Reference, numberField, dateField string) {
	r.Number = clean(r.Number)
	switch {
	case !invoice.ValidNumber(r.Number):
		m.fault("return.number", numberField, r.Number)
	case r.Date.IsZero() || !inv.IssueDate.IsZero() && inv.IssueDate.Before(r.Date):
		m.fault("return.date", dateField, r.Number)
	case !slices.Contains(inv.Returns, r):
		inv.Returns = append(inv.Returns, r)
	}
}

func (m *mapper) payment(inv *invoice.Invoice) {
	if m.sale.Payment == nil {
		return
	}
	p := *m.sale.Payment
	p.IBAN = iban(p.IBAN)
	p.Note = cleanLines(p.Note)
	p.MeansCode = clean(p.MeansCode)
	if p.MeansCode == "" {
		p.MeansCode = "1"
	}
	if _, ok := codes.PaymentMeans(p.MeansCode); !ok {
		m.fault("payment.means", "payment_means", p.MeansCode)
	}
	if p.IBAN != "" && !invoice.ValidIBAN(p.IBAN) {
		m.fault("payment.iban", "iban", p.IBAN)
	}
	inv.Payment = &p
}

func (m *mapper) internet(inv *invoice.Invoice) {
	if m.sale.Internet == nil || m.sale.Kind.Receipt() { // receiptFields refuses it there
		return
	}
	i := *m.sale.Internet
	for _, s := range []*string{&i.Website, &i.PaymentMethod, &i.PaymentAgent, &i.CarrierName} {
		*s = clean(*s)
	}
	i.CarrierTaxNo = cleanTaxNo(i.CarrierTaxNo)
	if i.Website == "" {
		m.fault("internet.website", "internet_website", "")
	}
	needsDate := true
	switch i.PaymentMethod {
	case "KREDIKARTI/BANKAKARTI", "EFT/HAVALE":
	case "KAPIDAODEME", "DIGER":
		needsDate = false
	case "ODEMEARACISI":
		if i.PaymentAgent == "" {
			m.fault("internet.payment_agent", "internet_payment_agent", "")
		}
	default:
		m.fault("internet.payment_method", "internet_payment_method", i.PaymentMethod)
	}
	if needsDate && i.PaymentDate.IsZero() {
		m.fault("internet.payment_date", "internet_payment_date", "")
	}
	if i.CarrierTaxNo != "" && !invoice.ValidTaxNo(i.CarrierTaxNo) && !m.rules.AllowTestIDs {
		m.fault("internet.carrier", "carrier_tax_no", invoice.MaskTaxNo(i.CarrierTaxNo))
	}
	inv.Internet = &i
}
