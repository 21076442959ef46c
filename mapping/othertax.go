package mapping

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// itemTax is a tax beside VAT on an item.
type itemTax struct {
	code, name string
	rate       decimal.Decimal
	base       invoice.NullDecimal // of rate; invalid = the item's net
	booked     invoice.NullDecimal
	inBase     bool // part of the VAT base
	ofExcise   bool // rate is of the line's ÖTV
	deducted   bool // kept by the buyer: no part of the total, taken off the amount to pay
	fixed      bool // booked is the amount; there is no rate
	exemption  invoice.Exemption
}

// exact is the unrounded tax over a net amount.
func (t *itemTax) exact(net decimal.Decimal) decimal.Decimal {
	switch {
	case t.fixed:
		return t.booked.Decimal
	case t.base.Valid:
		return vatOf(t.base.Decimal, t.rate)
	}
	return vatOf(net, t.rate)
}

// lineTaxes reads the taxes beside VAT of a line. Without a rate the booked amount counts; ÖTV is in the VAT base
// whatever the ERP says (KDV Kanunu 24/b), and its withholding is taken of it.
func (m *mapper) lineTaxes(it *item) {
	for _, t := range it.src.Taxes {
		code := clean(t.Code)
		nothing := t.Amount.Decimal.IsZero() && t.Rate.Decimal.IsZero()
		if nothing && clean(t.Exemption.Code) == "" {
			continue
		}
		name, known := m.taxName(code)
		fault := ""
		switch {
		case m.sale.Kind.Receipt() && !known:
			fault = "receipt.tax"
		case code == codes.VAT || code == "9015":
			fault = "line.tax.unsupported"
		case !known:
			fault = "line.tax.unknown"
		}
		if fault != "" {
			m.broken = true
			m.lineFault(fault, it.pos, "tax_code", code)
			continue
		}
		if t.Amount.Decimal.IsNegative() || t.Rate.Decimal.IsNegative() || t.Base.Decimal.IsNegative() {
			m.broken = true
			m.lineFault("line.tax.negative", it.pos, "tax_amount", t.Amount.Decimal.String(), code)
			continue
		}
		x := itemTax{code: code, name: name, rate: t.Rate.Decimal, base: t.Base, booked: t.Amount, deducted: m.deducts(code)}
		x.inBase = (t.InBase || codes.Excise(code)) && !x.deducted
		x.fixed = x.rate.IsZero() && !nothing
		if x.base.Decimal.IsZero() {
			x.base.Valid = false
		}
		x.ofExcise = code == codes.ExciseWithholding && !x.base.Valid && !x.fixed
		x.exemption = m.taxExemption(it.pos, t.Exemption)
		it.taxes = append(it.taxes, x)
	}
}

// taxExemption completes the reason for a tax of 0.
func (m *mapper) taxExemption(pos int, e invoice.Exemption) invoice.Exemption {
	e.Code, e.Reason = clean(e.Code), clean(e.Reason)
	if e.Code == "" {
		return invoice.Exemption{}
	}
	known, ok := codes.ExemptionOf(e.Code)
	if !ok {
		m.lineFault("line.exemption.unknown", pos, "tax_exemption_code", e.Code)
		return invoice.Exemption{}
	}
	if e.Reason == "" {
		e.Reason = known.Name
	}
	return e
}

// special reads the VAT base of codes 801-812.
func (m *mapper) special(it *item) {
	base, has := it.src.SpecialBase, codes.SpecialBase(it.exemption.Code)
	switch {
	case has && !base.Valid:
		m.broken = true
		m.lineFault("line.special_base.missing", it.pos, "special_base", it.exemption.Code)
	case has && (base.Decimal.IsNegative() || base.Decimal.GreaterThan(it.exact.Add(kurus))):
		m.broken = true
		m.lineFault("line.special_base.range", it.pos, "special_base", base.Decimal.String(), it.exact.Round(2).String())
	case has:
		it.special = base
	case !base.Decimal.IsZero():
		m.lineFault("line.special_base.code", it.pos, "special_base", base.Decimal.String())
	}
}

// extra reports an item whose total is not simply its net and VAT on it.
func (it *item) extra() bool { return len(it.taxes) > 0 || it.special.Valid || it.shown }

func anyExtra(items []item) bool {
	for i := range items {
		if items[i].extra() {
			return true
		}
	}
	return false
}

// added is the VAT rate that the buyer pays.
func (it *item) added() decimal.Decimal {
	if it.shown {
		return decimal.Zero
	}
	return it.effective
}

// perHundred is what a net of 100 costs with every tax that follows the net.
func (it *item) perHundred() decimal.Decimal {
	if !it.extra() {
		return hundred.Add(it.effective)
	}
	sum, base := hundred, hundred
	for i := range it.taxes {
		t := &it.taxes[i]
		if t.deducted || t.fixed || t.base.Valid {
			continue
		}
		sum = sum.Add(t.rate)
		if t.inBase {
			base = base.Add(t.rate)
		}
	}
	if it.special.Valid {
		return sum
	}
	return sum.Add(vatOf(base, it.added()))
}

// constant is the part of the total that does not follow the net: fixed taxes, their VAT, VAT on a special base.
func (it *item) constant() decimal.Decimal {
	sum, inBase := decimal.Zero, it.special.Decimal
	for i := range it.taxes {
		t := &it.taxes[i]
		if t.deducted || !t.fixed && !t.base.Valid {
			continue
		}
		amount := t.exact(decimal.Zero)
		sum = sum.Add(amount)
		if t.inBase && !it.special.Valid {
			inBase = inBase.Add(amount)
		}
	}
	return sum.Add(vatOf(inBase, it.added()))
}

// netOf takes every tax out of an amount that contains them, unrounded.
func (it *item) netOf(gross decimal.Decimal) decimal.Decimal {
	if it.extra() {
		gross = gross.Sub(it.constant())
	}
	return it.part(gross)
}

// part is netOf for a share of the price, such as a discount.
func (it *item) part(gross decimal.Decimal) decimal.Decimal {
	if per := it.perHundred(); !per.Equal(hundred) {
		return gross.Mul(hundred).DivRound(per, precise)
	}
	return gross
}

// addTaxes works out the taxes beside VAT and the base that VAT is taken of.
func (s *solver) addTaxes(c *candidate) {
	c.base, c.exactBase = c.taxable, c.exact
	if !s.extra {
		return
	}
	c.base, c.exactBase = append([]decimal.Decimal(nil), c.taxable...), append([]decimal.Decimal(nil), c.exact...)
	c.other = make([][]decimal.Decimal, len(s.items))
	for i := range s.items {
		it := &s.items[i]
		if it.special.Valid {
			c.base[i], c.exactBase[i] = it.special.Decimal.Round(2), it.special.Decimal
		}
		excise := decimal.Zero
		for k := range it.taxes {
			t := &it.taxes[k]
			exact := t.exact(c.taxable[i])
			if t.ofExcise {
				exact = vatOf(excise, t.rate)
			}
			amount := exact.Round(2)
			if t.booked.Valid && !t.booked.Decimal.IsZero() && near(t.booked.Decimal, exact, s.rules.tolerance()) {
				amount = t.booked.Decimal.Round(2)
			}
			c.other[i] = append(c.other[i], amount)
			if codes.Excise(t.code) {
				excise = excise.Add(amount)
			}
			if t.deducted {
				c.sumDeducted = c.sumDeducted.Add(amount)
				continue
			}
			c.sumOther = c.sumOther.Add(amount)
			if t.inBase && !it.special.Valid {
				c.base[i], c.exactBase[i] = c.base[i].Add(amount), c.exactBase[i].Add(exact)
			}
		}
	}
}

// otherOf is what the taxes beside VAT add to an item.
func (s *solver) otherOf(c *candidate, i int) decimal.Decimal {
	sum := decimal.Zero
	if c.other == nil {
		return sum
	}
	for k := range s.items[i].taxes {
		if !s.items[i].taxes[k].deducted {
			sum = sum.Add(c.other[i][k])
		}
	}
	return sum
}

// buildTaxes writes the taxes beside VAT of an item, and reports those that the ERP books otherwise than by their rate.
func (m *mapper) buildTaxes(it *item, c *candidate, i int) []invoice.TaxSubtotal {
	if len(it.taxes) == 0 {
		return nil
	}
	out := make([]invoice.TaxSubtotal, 0, len(it.taxes)+1)
	excise := decimal.Zero
	for k := range it.taxes {
		t := &it.taxes[k]
		amount := c.other[i][k]
		if t.booked.Valid && !t.booked.Decimal.IsZero() && !near(t.booked.Decimal, amount, m.rules.tolerance()) {
			m.lineFault("line.tax.amount", it.pos, "tax_amount", t.booked.Decimal.String(), t.code, amount.String())
		}
		x := invoice.TaxSubtotal{Code: t.code, Name: t.name, Taxable: c.taxable[i], Rate: t.rate, Amount: amount, Exemption: t.exemption, Fixed: t.fixed}
		switch {
		case t.base.Valid:
			x.Taxable = t.base.Decimal.Round(2)
		case t.ofExcise:
			x.Taxable = excise
		case codes.Excise(t.code):
			excise = excise.Add(amount)
		}
		out = append(out, x)
	}
	return out
}
