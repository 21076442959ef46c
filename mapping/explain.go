package mapping

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// Explanation answers "why is it 0,01 off": line by line what the ERP booked, what the lines give, and by which rule.
type Explanation struct {
	Currency    string                `json:"currency"`
	Convention  invoice.Convention    `json:"convention"` // that reproduces the totals, or else the nearest one
	NetRounding invoice.NetConvention `json:"net_rounding"`
	Exact       bool                  `json:"exact"` // false: no convention reproduces the totals
	Lines       []ExplainedLine       `json:"lines"`
	Totals      []ExplainedTotal      `json:"totals"`
	Tried       []ExplainedCandidate  `json:"tried"` // every convention with what it gives
	Fixes       []invoice.Text        `json:"fixes"` // what may be done when Exact is false
}

// ExplainedLine compares one line. Net and VAT are after the line's share of a document discount.
type ExplainedLine struct {
	No      string              `json:"no"`
	Name    string              `json:"name"`
	Rate    decimal.Decimal     `json:"vat_rate"`
	ERPNet  invoice.NullDecimal `json:"erp_net"`
	Net     decimal.Decimal     `json:"net"`
	ERPVAT  invoice.NullDecimal `json:"erp_vat"`
	VAT     decimal.Decimal     `json:"vat"`
	Formula string              `json:"formula"` // how Net came about, e.g. "3 × 33.335 − 10.0005 = 90.0045"
}

// ExplainedTotal compares one total: net, vat, gross or payable.
type ExplainedTotal struct {
	What     string              `json:"what"`
	ERP      invoice.NullDecimal `json:"erp"`
	Computed decimal.Decimal     `json:"computed"`
	Diff     decimal.Decimal     `json:"diff"` // ERP − computed; 0 when the ERP gave none
}

// ExplainedCandidate is what one way of rounding gives.
type ExplainedCandidate struct {
	Convention  invoice.Convention    `json:"convention"`
	NetRounding invoice.NetConvention `json:"net_rounding"`
	Net         decimal.Decimal       `json:"net"`
	VAT         decimal.Decimal       `json:"vat"`
	Gross       decimal.Decimal       `json:"gross"`
	Exact       bool                  `json:"exact"`
}

// Explain compares the ERP's amounts with the computed ones. On a sale whose numbers cannot be added up (a missing
// quantity, no booked total ...) it is empty; FromSale says why.
func Explain(sale invoice.Sale, rules Rules) Explanation {
	m := &mapper{sale: &sale, rules: &rules}
	if !m.numbers() {
		return Explanation{Currency: sale.Currency}
	}
	m.absorb()
	m.wish = m.readWish()
	w := m.work()
	if m.broken {
		return Explanation{Currency: sale.Currency}
	}
	e := explain(newSolver(w.items, w.disc, w.totals, rules), &sale)
	if !e.Exact {
		e.Fixes = fixes(sale, rules, e)
	}
	return e
}

func explain(s *solver, sale *invoice.Sale) Explanation {
	e := Explanation{Currency: sale.Currency}
	if e.Currency == "" {
		e.Currency = "TRY"
	}
	s.each = func(c *candidate, hit bool) {
		t := ExplainedCandidate{Convention: c.vats, NetRounding: c.nets, Net: c.sumNet, VAT: c.sumVAT, Gross: c.gross(), Exact: hit}
		for _, o := range e.Tried {
			if o.Convention == t.Convention && o.NetRounding == t.NetRounding && o.Net.Equal(t.Net) && o.VAT.Equal(t.VAT) {
				return
			}
		}
		e.Tried = append(e.Tried, t)
	}
	found, nearest := s.solve()
	e.Exact = found != nil
	if nearest == nil {
		return e
	}
	e.Convention, e.NetRounding = nearest.vats, nearest.nets
	for i := range s.items {
		it := &s.items[i]
		l := ExplainedLine{No: itoa(it.pos), Rate: it.rate, ERPNet: it.net, Net: nearest.taxable[i], ERPVAT: it.vat, VAT: nearest.vat[i], Formula: formula(it, s.shares, i)}
		if it.pos > 0 {
			l.Name = clean(it.src.Name)
		}
		e.Lines = append(e.Lines, l)
	}
	for _, t := range []ExplainedTotal{
		{What: "net", ERP: s.booked.net, Computed: nearest.sumNet},
		{What: "vat", ERP: s.booked.vat, Computed: nearest.sumVAT},
		{What: "gross", ERP: s.booked.gross, Computed: nearest.gross()},
	} {
		if t.ERP.Valid {
			t.Diff = t.ERP.Decimal.Sub(t.Computed)
		}
		e.Totals = append(e.Totals, t)
	}
	return e
}

// formula writes down how the net of an item comes about.
func formula(it *item, shares []decimal.Decimal, i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s × %s", it.quantity, it.price)
	if it.discount.IsPositive() {
		fmt.Fprintf(&b, " − %s", it.discount)
	}
	if it.charge.IsPositive() {
		fmt.Fprintf(&b, " + %s", it.charge)
	}
	if it.gross {
		fmt.Fprintf(&b, " = %s; ÷ %s", it.exact, it.perHundred().Shift(-2))
	}
	fmt.Fprintf(&b, " = %s", it.exactNet().Round(6))
	if shares != nil && shares[i].IsPositive() {
		fmt.Fprintf(&b, "; − %s", shares[i].Round(6))
	}
	return b.String()
}

var totalWords = map[string]invoice.Text{
	"net":   {TR: "matrah", EN: "net"},
	"vat":   {TR: "KDV", EN: "VAT"},
	"gross": {TR: "genel toplam", EN: "total"},
}

// Short is one sentence without a full stop for the ERP's message column; language "tr" or "en". It is empty when the
// totals are reproduced.
func (e Explanation) Short(language string) string {
	if e.Exact {
		return ""
	}
	format := invoice.Text{TR: "%s ERP'de %s, satırlardan %s (fark %s)", EN: "%s is %s in the ERP, %s from the lines (difference %s)"}.In(language)
	var parts []string
	for _, t := range e.Totals {
		if !t.Diff.IsZero() {
			parts = append(parts, fmt.Sprintf(format, totalWords[t.What].In(language), amount(t.ERP.Decimal, language),
				amount(t.Computed, language), amount(t.Diff, language)))
		}
	}
	for _, l := range e.Lines { // the first line that differs tells where to look
		if l.ERPVAT.Valid && l.ERPVAT.Decimal.Sub(l.VAT).Abs().GreaterThan(halfKurus) || l.ERPNet.Valid && l.ERPNet.Decimal.Sub(l.Net).Abs().GreaterThan(halfKurus) {
			parts = append(parts, fmt.Sprintf(invoice.Text{TR: "ilk farklı satır %s", EN: "first line that differs: %s"}.In(language), l.No))
			break
		}
	}
	return strings.Join(parts, "; ")
}

// amount writes money as the language does: 1.234,56 or 1,234.56.
func amount(d decimal.Decimal, language string) string {
	whole, fraction, _ := strings.Cut(d.Abs().StringFixed(2), ".")
	thousands, point := ".", ","
	if language == "en" {
		thousands, point = ",", "."
	}
	var b strings.Builder
	if d.IsNegative() {
		b.WriteString("-")
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(thousands)
		}
		b.WriteRune(r)
	}
	return b.String() + point + fraction
}

// Table is the whole comparison for the terminal: lines, totals, and the ways of rounding that were tried. The first row
// is the heading.
func (e Explanation) Table(language string) [][]string {
	text := func(tr, en string) string { return invoice.Text{TR: tr, EN: en}.In(language) }
	null := func(d invoice.NullDecimal) string {
		if !d.Valid {
			return ""
		}
		return amount(d.Decimal, language)
	}
	diff := func(erp invoice.NullDecimal, computed decimal.Decimal) string {
		if !erp.Valid || erp.Decimal.Round(2).Equal(computed) {
			return ""
		}
		return amount(erp.Decimal.Sub(computed), language)
	}
	rows := [][]string{{text("Satır", "Line"), text("Ad", "Name"), text("KDV %", "VAT %"), text("ERP matrah", "ERP net"), text("Matrah", "Net"),
		text("Fark", "Diff"), text("ERP KDV", "ERP VAT"), text("KDV", "VAT"), text("Fark", "Diff"), text("Hesap", "Rule")}}
	for _, l := range e.Lines {
		no, name := l.No, l.Name
		if no == "0" {
			no, name = "", text("Belge ek ücreti", "Document charge")
		}
		rows = append(rows, []string{no, name, l.Rate.String(), null(l.ERPNet), amount(l.Net, language), diff(l.ERPNet, l.Net),
			null(l.ERPVAT), amount(l.VAT, language), diff(l.ERPVAT, l.VAT), l.Formula})
	}
	for _, t := range e.Totals {
		rows = append(rows, []string{"", totalWords[t.What].In(language), "", null(t.ERP), amount(t.Computed, language), diff(t.ERP, t.Computed), "", "", "", ""})
	}
	for _, c := range e.Tried {
		mark := "≠"
		if c.Exact {
			mark = "="
		}
		rows = append(rows, []string{mark, string(c.Convention) + " / " + string(c.NetRounding), "", "", amount(c.Net, language), "", "", amount(c.VAT, language), "", amount(c.Gross, language)})
	}
	return rows
}
