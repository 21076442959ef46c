package mapping

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// AsDiscount is the setting of Rules.NegativeLines under which a negative line lowers the lines of its own tax.
const AsDiscount = "discount"

// sameTax names what lines must share for one to lower the other: nothing about VAT may move from one to the other.
type sameTax struct{ rate, exemption, withholding, percent, basis string }

func taxOf(l *invoice.SaleLine) sameTax {
	return sameTax{l.VATRate.Decimal.String(), l.Exemption.Code, l.Withholding.Code, l.Withholding.Rate.Decimal.String(), string(l.PriceBasis)}
}

// worth is quantity × price − discounts + charge of a line, in its own price basis.
func worth(l *invoice.SaleLine) decimal.Decimal {
	amount := l.Quantity.Decimal.Mul(l.UnitPrice.Decimal)
	return amount.Sub(amount.Mul(l.DiscountRate.Decimal).Shift(-2)).Sub(l.Discount.Decimal).Add(l.Charge.Decimal)
}

// absorb turns negative lines into discounts on the lines of the same VAT rate, reason and withholding, where the company
// allows it: UBL-TR has no negative amounts, and ERPs write campaign discounts as negative lines. Without the setting they
// stay, and are refused where they stand. The sale that was given is not touched.
func (m *mapper) absorb() {
	isNegative := func(l invoice.SaleLine) bool { return worth(&l).IsNegative() }
	if m.rules.NegativeLines != AsDiscount || !slices.ContainsFunc(m.sale.Lines, isNegative) {
		return
	}
	lines := slices.Clone(m.sale.Lines)
	kept := make([]invoice.SaleLine, 0, len(lines))
	for i := range lines {
		if !isNegative(lines[i]) {
			kept = append(kept, lines[i])
			m.positions = append(m.positions, i+1)
		}
	}
	for i := range lines {
		if !isNegative(lines[i]) {
			continue
		}
		if !takeOff(kept, &lines[i]) {
			m.broken = true
			m.faults = append(m.faults, invoice.NewLineFault("line.negative.no_match", i+1, "unit_price", worth(&lines[i]).String()))
			continue
		}
		if name := clean(lines[i].Name); name != "" {
			m.notes = append(m.notes, name+": "+amount(worth(&lines[i]).Round(2), "tr"))
		}
	}
	s := *m.sale
	if s.ExpectedLines != 0 {
		s.ExpectedLines -= len(lines) - len(kept)
	}
	s.Lines = kept
	m.sale = &s
}

// takeOff takes a negative line from the lines that share its tax, in proportion to what they are worth. ok is false when
// they are not worth enough.
func takeOff(lines []invoice.SaleLine, negative *invoice.SaleLine) (ok bool) {
	var at []int
	sum, off := decimal.Zero, worth(negative).Neg()
	for i := range lines {
		if taxOf(&lines[i]) == taxOf(negative) && worth(&lines[i]).IsPositive() {
			at, sum = append(at, i), sum.Add(worth(&lines[i]))
		}
	}
	if len(at) == 0 || off.Round(2).GreaterThan(sum.Round(2)) {
		return false
	}
	weights := make([]decimal.Decimal, len(at)) // before any of them is lowered
	for k, i := range at {
		weights[k] = worth(&lines[i])
	}
	shares := func(total decimal.Decimal) []decimal.Decimal {
		exact := make([]decimal.Decimal, len(at))
		for k := range at {
			exact[k] = weights[k].Mul(total).DivRound(sum, precise)
		}
		out, ok := allot(exact, total.Round(2))
		if !ok { // cannot be: the shares add up to the total
			return exact
		}
		return out
	}
	discounts := shares(off)
	booked := func(field func(*invoice.SaleLine) *invoice.NullDecimal) {
		n := *field(negative)
		all := n.Valid
		for _, i := range at {
			all = all && field(&lines[i]).Valid
		}
		part := shares(n.Decimal.Neg())
		for k, i := range at {
			*field(&lines[i]) = invoice.NullDecimal{Decimal: field(&lines[i]).Decimal.Sub(part[k]), Valid: all}
		}
	}
	for k, i := range at {
		l := &lines[i]
		byRate := l.Quantity.Decimal.Mul(l.UnitPrice.Decimal).Mul(l.DiscountRate.Decimal).Shift(-2)
		l.Discount, l.DiscountRate = invoice.Some(byRate.Add(l.Discount.Decimal).Add(discounts[k])), invoice.NullDecimal{}
	}
	booked(func(l *invoice.SaleLine) *invoice.NullDecimal { return &l.Net })
	booked(func(l *invoice.SaleLine) *invoice.NullDecimal { return &l.VAT })
	booked(func(l *invoice.SaleLine) *invoice.NullDecimal { return &l.Gross })
	return true
}
