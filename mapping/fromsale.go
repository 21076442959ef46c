package mapping

import (
	"strconv"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// FromSale makes the invoice of a sale, or says everything that stands in the way. The invoice is meaningful only when
// faults.Blocking() is empty; warnings do not block. The scenario is that of the e-Fatura side: a document that is
// routed to e-Arşiv gets its EARSIVFATURA later. Same sale and rules, same result.
func FromSale(sale invoice.Sale, rules Rules) (invoice.Invoice, invoice.Faults) {
	m := &mapper{sale: &sale, rules: &rules}
	var inv invoice.Invoice
	if !m.numbers() {
		return inv, m.faults
	}
	m.absorb()
	m.wish = m.readWish()
	m.header(&inv)
	inv.Buyer = m.buyer()
	inv.Seller = m.seller()
	w := m.work()
	if m.sale.Kind.Receipt() {
		m.receipt(&inv, w.items)
	} else {
		inv.Type = m.invoiceType(w.items)
		inv.Scenario = m.scenario(inv.Type)
	}
	if codes.Return(inv.Type) {
		m.returned(&inv)
	}
	m.kinds(&inv)
	if !m.broken {
		if c := m.choose(w); c != nil {
			m.build(&inv, w, c)
			m.checkPayable(&inv, w)
			m.checkAnonymous(&inv)
		}
	}
	m.lineKinds(&inv)
	inv.Files = m.files()
	inv.Notes = m.notes
	if len(m.faults.Blocking()) == 0 {
		m.faults = append(m.faults, inv.Check()...)
		if today := rules.Today; !today.IsZero() && len(m.faults.Blocking()) == 0 {
			m.faults = append(m.faults, inv.CheckReferences(today)...)
		}
		if !rules.AllowTestIDs {
			m.faults = append(m.faults, inv.CheckNumbers()...)
		}
	}
	return inv, m.faults
}

// mapper carries one sale through the steps and collects what it finds.
type mapper struct {
	sale   *invoice.Sale
	rules  *Rules
	faults invoice.Faults
	notes  []string
	wish   wish

	partReturned bool // a withheld part of the VAT does not come back (TEVKIFATIADE)

	positions []int // of the lines in the sale, where negative ones were taken away; nil = as they stand

	broken bool // the numbers are not fit for adding up
}

func (m *mapper) fault(code, field, value string, more ...string) {
	m.faults = append(m.faults, invoice.NewFault(code, field, value, more...))
}

// lineFault reports a column of a line; position 0 is the document charge.
func (m *mapper) lineFault(code string, position int, column, value string, more ...string) {
	if position > 0 && m.positions != nil {
		position = m.positions[position-1]
	}
	m.faults = append(m.faults, invoice.NewLineFault(code, position, column, value, more...))
}

// numbersFault reports a fault that makes adding up pointless.
func (m *mapper) numbersFault(code, field, value string, more ...string) {
	m.broken = true
	m.fault(code, field, value, more...)
}

func itoa(n int) string { return strconv.Itoa(n) }

// work is what the sums are made of.
type work struct {
	items   []item
	disc    documentDiscount
	totals  booked
	payable invoice.NullDecimal
}

// work reads lines, document discount and charge, and the booked totals.
func (m *mapper) work() work {
	var w work
	w.items = m.items()
	m.headerTax(w.items)
	if charge, ok := m.chargeItem(); ok {
		w.items = append(w.items, charge)
	}
	w.disc = m.readDiscount(w.items)
	w.totals, w.payable = m.readTotals(w.items)
	return w
}

// readTotals rounds the booked totals to kuruş and checks that they agree with each other.
func (m *mapper) readTotals(items []item) (b booked, payable invoice.NullDecimal) {
	s := m.sale
	b = booked{net: s.Net, vat: s.VAT, gross: s.Gross}
	extra := anyExtra(items)
	if extra && !m.deducts(clean(s.OtherTaxCode)) { // what the buyer keeps is no part of the total
		b.other = s.OtherTaxes
	}
	payable = s.Payable
	if s.Kind.Receipt() && extra {
		paidAsTotal(&b, &payable)
	}
	if !b.gross.Valid && payable.Valid && !anyWithheld(items) && !extra && s.Withheld.Decimal.IsZero() {
		b.gross = payable
	}
	for _, t := range []struct {
		field string
		value invoice.NullDecimal
	}{{"net", b.net}, {"vat", b.vat}, {"gross", b.gross}, {"payable", payable}, {"withheld", s.Withheld}} {
		if t.value.Decimal.IsNegative() {
			m.numbersFault("totals.negative", t.field, t.value.Decimal.String())
			return b, payable
		}
		if t.value.Decimal.GreaterThanOrEqual(tooLarge) {
			m.numbersFault("totals.too_large", t.field, t.value.Decimal.String())
			return b, payable
		}
	}
	switch {
	case !b.gross.Valid && !b.net.Valid:
		m.numbersFault("totals.missing", "gross", "")
		return b, payable
	case !extra && !s.OtherTaxes.Decimal.IsZero() && !m.broken:
		m.numbersFault("totals.other_taxes", "other_taxes", s.OtherTaxes.Decimal.String())
		return b, payable
	case b.gross.Valid && b.gross.Decimal.IsZero() && !m.rules.AllowZeroTotal:
		m.numbersFault("totals.zero", "gross", "0")
		return b, payable
	}
	if !extra && b.gross.Valid && b.net.Valid && b.vat.Valid && s.OtherTaxes.Decimal.IsZero() {
		m.agree(&b, &payable)
	}
	for _, t := range []*invoice.NullDecimal{&b.net, &b.vat, &b.gross, &b.other, &payable} {
		t.Decimal = t.Decimal.Round(2)
	}
	switch {
	case extra: // other taxes are part of the total: the solver compares each of them
	case !b.gross.Valid || !b.vat.Valid:
	case !b.net.Valid:
		b.net = invoice.Some(b.gross.Decimal.Sub(b.vat.Decimal))
	case !b.net.Decimal.Add(b.vat.Decimal).Equal(b.gross.Decimal):
		b.net.Valid = false // they agreed before rounding: what was paid and taxed counts
	}
	return b, payable
}

// agree checks net + VAT = gross. A difference within the rules' payable rounding was made when the total was rounded.
func (m *mapper) agree(b *booked, payable *invoice.NullDecimal) {
	sum := b.net.Decimal.Add(b.vat.Decimal)
	diff := sum.Sub(b.gross.Decimal).Abs()
	switch {
	case diff.LessThan(halfKurus):
	case !payable.Valid && diff.LessThanOrEqual(m.rules.PayableRounding):
		*payable = b.gross
		b.gross.Decimal = sum
	default:
		m.numbersFault("totals.inconsistent", "gross", b.gross.Decimal.String(), b.net.Decimal.String(), b.vat.Decimal.String())
	}
}

// tooLarge is what GİB's decimalCheck no longer takes: more than 15 digits before the point.
var tooLarge = decimal.New(1, 15)

func anyWithheld(items []item) bool {
	for i := range items {
		if items[i].withheld {
			return true
		}
	}
	return false
}

// choose finds the rounding that reproduces the booked totals, or reports why there is none.
func (m *mapper) choose(w work) *candidate {
	s := newSolver(w.items, w.disc, w.totals, *m.rules)
	found, nearest := s.solve()
	if found != nil {
		return found
	}
	if limit := m.rules.PayableRounding; nearest != nil && w.totals.gross.Valid && !m.sale.Payable.Valid && limit.IsPositive() &&
		near(w.totals.gross.Decimal, nearest.gross(), limit) && !anyWithheld(w.items) {
		return nearest // checkPayable shows the difference as a rounding
	}
	m.explainFaults(s)
	return nil
}

// explainFaults reports the lines whose own arithmetic fails, and then the totals.
func (m *mapper) explainFaults(s *solver) {
	for i := range s.items {
		it := &s.items[i]
		if it.pos > 0 && it.net.Valid && !near(it.net.Decimal, it.exactNet(), s.lineTolerance(it)) {
			m.lineFault("line.net.mismatch", it.pos, "net", it.net.Decimal.String(), it.exactNet().Round(4).String())
		}
	}
	e := explain(s, m.sale)
	f := invoice.NewFault("totals.mismatch", "gross", "")
	for _, l := range []struct {
		text     *string
		language string
	}{{&f.Message.TR, "tr"}, {&f.Message.EN, "en"}} {
		*l.text = invoice.NewFault("totals.mismatch", "gross", e.Short(l.language)).Message.In(l.language)
	}
	for _, fix := range corrections(e) { // the accountant reads what to type, not only that something is off
		f.Advice.TR, f.Advice.EN = f.Advice.TR+" "+fix.TR, f.Advice.EN+" "+fix.EN
	}
	f.Value = w(s.booked.gross)
	m.faults = append(m.faults, f)
}

func w(d invoice.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.StringFixed(2)
}

// checkPayable compares withheld VAT and the amount to pay with the ERP's, and shows an allowed rounding.
func (m *mapper) checkPayable(inv *invoice.Invoice, w work) {
	t := &inv.Totals
	if s := m.sale.Withheld; s.Valid && !s.Decimal.Round(2).Equal(t.Withheld) {
		m.fault("totals.withheld", "withheld", s.Decimal.String(), t.Withheld.StringFixed(2))
	}
	want, total := w.payable, t.TaxInclusive
	if m.sale.Kind == invoice.EMM { // booked before the deductions
		total = total.Add(t.Deducted)
	}
	if !want.Valid && w.totals.gross.Valid && !w.totals.gross.Decimal.Equal(total) {
		want = w.totals.gross // choose took the nearest candidate
	}
	if !want.Valid || want.Decimal.Equal(t.Payable) {
		return
	}
	diff := want.Decimal.Sub(t.Payable)
	if diff.Abs().GreaterThan(m.rules.PayableRounding) {
		m.fault("totals.payable", "payable", want.Decimal.StringFixed(2), t.Payable.StringFixed(2))
		return
	}
	t.Rounding, t.Payable = diff, want.Decimal
	m.fault("totals.rounded", "payable", diff.StringFixed(2))
}

// checkAnonymous holds large sales to unknown consumers.
func (m *mapper) checkAnonymous(inv *invoice.Invoice) {
	limit := m.rules.AnonymousLimit
	if inv.Buyer.TaxNo != invoice.FinalConsumer || !limit.IsPositive() {
		return
	}
	if lira := inv.Totals.TaxInclusive.Mul(inv.Rate).Round(2); lira.GreaterThan(limit) {
		m.fault("buyer.tax_no.anonymous_limit", "buyer_tax_no", lira.StringFixed(2), limit.StringFixed(2))
	}
}
