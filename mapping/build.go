package mapping

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// build fills lines, discounts, taxes and totals from the chosen candidate.
func (m *mapper) build(inv *invoice.Invoice, w work, c *candidate) {
	inv.Convention, inv.NetRounding = c.vats, c.nets
	t := &inv.Totals
	for i := range w.items {
		it := &w.items[i]
		vat := invoice.TaxSubtotal{Code: codes.VAT, Name: "KDV", Taxable: c.base[i], Rate: it.rate, Amount: c.vat[i], Exemption: it.exemption, NotAdded: it.shown}
		others := m.buildTaxes(it, c, i)
		for _, t := range others {
			inv.Taxes = addTax(inv.Taxes, t)
		}
		if m.sale.Kind != invoice.EMM { // it shows no VAT, not even of 0
			inv.Taxes = addTax(inv.Taxes, vat)
			others = append(others, vat)
		}
		if it.pos == 0 {
			inv.Allowances = append(inv.Allowances, invoice.AllowanceCharge{Charge: true, Amount: c.net[i], Base: c.net[i]})
			t.Charge = t.Charge.Add(c.net[i])
			continue
		}
		line := buildLine(it, c.net[i])
		line.Taxes = others
		inv.Lines = append(inv.Lines, line)
		t.LineExtension = t.LineExtension.Add(c.net[i])
		t.Allowance = t.Allowance.Add(c.net[i].Sub(c.taxable[i]))
	}
	if t.Allowance.IsPositive() {
		inv.Allowances = append(inv.Allowances, invoice.AllowanceCharge{
			Amount: t.Allowance, Base: t.LineExtension, Rate: fitting(w.disc.rate, t.Allowance, t.LineExtension)})
	}
	inv.Taxes = tidyTaxes(inv.Taxes)
	t.TaxExclusive, t.VAT, t.TaxInclusive = c.sumNet, c.sumVAT, c.gross()
	t.OtherTaxes, t.Deducted = c.sumOther, c.sumDeducted
	for _, e := range inv.Expenses {
		t.Expenses = t.Expenses.Add(e.Amount)
	}
	m.withhold(inv, w, c)
	m.deductOnCodes(inv, w)
	if m.sale.Kind == invoice.EMM {
		m.netOfDeductions(t)
		return
	}
	t.Payable = t.TaxInclusive.Sub(t.Withheld).Sub(t.Deducted).Sub(t.Expenses)
}

// buildLine writes a line so that quantity × price − discount + charge gives its net to the kuruş wherever the price
// has the decimals for it.
func buildLine(it *item, net decimal.Decimal) invoice.Line {
	l := invoice.Line{
		ID: itoa(it.pos), SaleLine: it.src.No, Name: clean(it.src.Name), Description: cleanLines(it.src.Description),
		SKU: clean(it.src.SKU), BuyerSKU: clean(it.src.BuyerSKU), Quantity: it.quantity, Unit: it.src.Unit, Net: net,
		UnitPrice: it.price.Round(8),
	}
	if l.Description == l.Name {
		l.Description = ""
	}
	charge := it.charge
	if it.gross {
		l.UnitPrice = it.part(it.price).Round(8)
		if it.extra() {
			l.UnitPrice = it.netOf(it.amount).DivRound(it.quantity, 8)
		}
		charge = it.part(charge).Round(2)
	}
	charge = charge.Round(2)
	if charge.IsPositive() {
		l.Allowances = append(l.Allowances, invoice.AllowanceCharge{Charge: true, Amount: charge, Base: charge})
	}
	base := it.quantity.Mul(l.UnitPrice).Round(2)
	discount := base.Add(charge).Sub(net)
	if it.discount.IsPositive() && !discount.IsNegative() {
		if discount.IsPositive() {
			l.Allowances = append(l.Allowances, invoice.AllowanceCharge{Amount: discount, Base: base, Rate: fitting(it.discountRate, discount, base)})
		}
		return l
	}
	if discount.IsZero() || !it.gross && discount.Abs().LessThanOrEqual(kurus) {
		return l // the printed price stays; the ERP rounds its line to the other side
	}
	for places := int32(8); places <= 16; places += 2 { // large quantities need a longer price
		l.UnitPrice = net.Sub(charge).DivRound(it.quantity, places)
		if it.quantity.Mul(l.UnitPrice).Round(2).Add(charge).Equal(net) {
			break
		}
	}
	return l
}

// fitting keeps a percentage only where it explains the amount; otherwise the amount alone is shown.
func fitting(rate invoice.NullDecimal, amount, base decimal.Decimal) invoice.NullDecimal {
	if rate.Valid && near(vatOf(base, rate.Decimal), amount, kurus) {
		return rate
	}
	return invoice.NullDecimal{}
}

// addTax adds a line's tax to the subtotal of its rate and reason.
func addTax(taxes []invoice.TaxSubtotal, t invoice.TaxSubtotal) []invoice.TaxSubtotal {
	for i := range taxes {
		if o := &taxes[i]; o.Code == t.Code && o.Rate.Equal(t.Rate) && o.Exemption.Code == t.Exemption.Code && o.NotAdded == t.NotAdded && o.Fixed == t.Fixed {
			o.Taxable, o.Amount = o.Taxable.Add(t.Taxable), o.Amount.Add(t.Amount)
			return taxes
		}
	}
	return append(taxes, t)
}

// tidyTaxes orders the document's subtotals by rate, drops empty ones (free lines) unless their reason makes the type, and
// gives a tax that rounds to 0,00 the reason that GİB demands of every VAT of 0: code 351, "not exempt".
func tidyTaxes(taxes []invoice.TaxSubtotal) []invoice.TaxSubtotal {
	slices.SortStableFunc(taxes, func(a, b invoice.TaxSubtotal) int {
		return cmp.Or(vatLast(a)-vatLast(b), cmp.Compare(a.Code, b.Code), a.Rate.Cmp(b.Rate), cmp.Compare(a.Exemption.Code, b.Exemption.Code))
	})
	kept := make([]invoice.TaxSubtotal, 0, len(taxes))
	for _, t := range taxes {
		e, _ := codes.ExemptionOf(t.Exemption.Code)
		if !t.Taxable.IsZero() || !t.Amount.IsZero() || t.Code == codes.VAT && e.Code != "" && !e.AllowedIn(sale) {
			kept = append(kept, t)
		}
	}
	if last := len(taxes) - 1; last >= 0 && taxes[last].Code == codes.VAT && !slices.ContainsFunc(kept, func(t invoice.TaxSubtotal) bool { return t.Code == codes.VAT }) {
		kept = append(kept, taxes[last]) // an invoice without VAT is none; VAT stands last
	}
	for i := range kept {
		if t := &kept[i]; t.Code == codes.VAT && t.Amount.IsZero() && t.Rate.IsPositive() && (t.Exemption.Code == "" || t.Exemption.Code == codes.RateUnchecked) {
			e, _ := codes.ExemptionOf(codes.NotExempt)
			t.Exemption = invoice.Exemption{Code: e.Code, Reason: e.Name}
		}
	}
	return kept
}

// vatLast orders VAT behind the other taxes.
func vatLast(t invoice.TaxSubtotal) int {
	if t.Code == codes.VAT {
		return 1
	}
	return 0
}

// withhold works out the withheld VAT, rounded on each line, or on each code where only that reproduces the ERP's.
func (m *mapper) withhold(inv *invoice.Invoice, w work, c *candidate) {
	if !anyWithheld(w.items) {
		return
	}
	exact := make([]decimal.Decimal, 0, len(w.items))
	for i := range w.items {
		it := &w.items[i]
		if !it.withheld {
			continue
		}
		known, _ := codes.WithholdingOf(it.withholding.Code)
		t := invoice.TaxSubtotal{Code: it.withholding.Code, Name: known.Name, Taxable: c.vat[i], Rate: it.withholding.Rate.Decimal}
		share := vatOf(t.Taxable, t.Rate)
		t.Amount = share.Round(2)
		exact = append(exact, share)
		inv.Lines[it.pos-1].Withholding = []invoice.TaxSubtotal{t}
		inv.Withholding = addTax(inv.Withholding, t)
	}
	total := func() decimal.Decimal {
		sum := decimal.Zero
		for _, t := range inv.Withholding {
			sum = sum.Add(t.Amount)
		}
		return sum
	}
	inv.Totals.Withheld = total()
	want, ok := m.bookedWithheld(inv, w)
	if !ok || want.Equal(inv.Totals.Withheld) {
		return
	}
	sum := decimal.Zero
	for _, t := range inv.Withholding {
		sum = sum.Add(vatOf(t.Taxable, t.Rate).Round(2))
	}
	if !sum.Equal(want) {
		return // checkPayable reports it
	}
	m.withholdOnCodes(inv, w, exact)
	inv.Totals.Withheld = sum
}

// bookedWithheld is what the ERP withholds, as booked or as the difference between total and amount to pay.
func (m *mapper) bookedWithheld(inv *invoice.Invoice, w work) (decimal.Decimal, bool) {
	switch {
	case m.sale.Withheld.Valid:
		return m.sale.Withheld.Decimal.Round(2), true
	case w.payable.Valid:
		return inv.Totals.TaxInclusive.Sub(inv.Totals.Deducted).Sub(inv.Totals.Expenses).Sub(w.payable.Decimal), true
	}
	return decimal.Zero, false
}

// withholdOnCodes rounds once for each code and shares the kuruş over the lines.
func (m *mapper) withholdOnCodes(inv *invoice.Invoice, w work, exact []decimal.Decimal) {
	for g := range inv.Withholding {
		t := &inv.Withholding[g]
		t.Amount = vatOf(t.Taxable, t.Rate).Round(2)
		var part []decimal.Decimal
		var lines []*invoice.TaxSubtotal
		n := 0
		for i := range w.items {
			it := &w.items[i]
			if !it.withheld {
				continue
			}
			line := &inv.Lines[it.pos-1].Withholding[0]
			if line.Code == t.Code && line.Rate.Equal(t.Rate) {
				part, lines = append(part, exact[n]), append(lines, line)
			}
			n++
		}
		if rounded, ok := allot(part, t.Amount); ok {
			for i, line := range lines {
				line.Amount = rounded[i]
			}
		}
	}
}
