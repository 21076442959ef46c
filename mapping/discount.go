package mapping

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// documentDiscount is a discount on the sale as a whole, in the sale's price basis. Zero means none.
type documentDiscount struct {
	amount decimal.Decimal
	rate   invoice.NullDecimal // when it was given in percent
	gross  bool
}

// chargeItem makes the document charge take part in the sums like a line.
func (m *mapper) chargeItem() (item, bool) {
	c := m.sale.Charge
	if !c.Valid || c.Decimal.IsZero() {
		return item{}, false
	}
	if c.Decimal.IsNegative() {
		m.numbersFault("charge.negative", "charge", c.Decimal.String())
		return item{}, false
	}
	rate := m.sale.ChargeVATRate
	if m.sale.Kind == invoice.EMM && !rate.Valid {
		rate = invoice.Some(decimal.Zero)
	}
	if m.sale.Kind == invoice.EMM && rate.Decimal.IsPositive() || !rate.Valid || rate.Decimal.IsNegative() || !m.rules.legalRate(rate.Decimal) {
		value := ""
		if rate.Valid {
			value = rate.Decimal.String()
		}
		m.numbersFault("charge.vat_rate", "charge_vat_rate", value)
		return item{}, false
	}
	it := item{gross: m.sale.PriceBasis == invoice.BasisGross, quantity: one, price: c.Decimal, amount: c.Decimal, exact: c.Decimal, rate: rate.Decimal, effective: rate.Decimal}
	if it.rate.IsZero() && m.sale.Kind != invoice.EMM {
		it.src = &invoice.SaleLine{VATRate: rate}
		m.lineExemption(&it)
		it.src = nil
	}
	return it, true
}

// readDiscount checks the document discount against the lines together.
func (m *mapper) readDiscount(items []item) documentDiscount {
	d := documentDiscount{gross: m.sale.PriceBasis == invoice.BasisGross}
	money, rate := m.sale.Discount, m.sale.DiscountRate
	if rate.Valid && (rate.Decimal.IsNegative() || rate.Decimal.GreaterThan(hundred)) {
		m.numbersFault("discount.rate", "discount_rate", rate.Decimal.String())
		return d
	}
	if money.Decimal.IsNegative() {
		m.numbersFault("discount.negative", "discount", money.Decimal.String())
		return d
	}
	if m.broken || money.Decimal.IsZero() && rate.Decimal.IsZero() {
		return d
	}
	sum, most := decimal.Zero, decimal.Zero // most is the sum as printed, rounded on each line
	for i := range items {
		if items[i].pos > 0 {
			w := weight(&items[i], d.gross)
			sum, most = sum.Add(w), most.Add(w.Round(2))
		}
	}
	byRate := sum.Mul(rate.Decimal).Div(hundred).Round(2)
	switch {
	case money.Decimal.IsZero():
		d.amount, d.rate = byRate, rate
	case byRate.IsZero():
		d.amount = money.Decimal.Round(2)
	case near(byRate, money.Decimal, m.rules.tolerance().Mul(decimal.NewFromInt(int64(len(items))))):
		d.amount, d.rate = money.Decimal.Round(2), rate
	default:
		m.numbersFault("discount.ambiguous", "discount", byRate.String(), money.Decimal.String())
	}
	if d.amount.GreaterThan(decimal.Max(sum, most)) {
		m.numbersFault("discount.too_big", "discount", d.amount.String(), most.String())
	}
	return d
}

// weight is what an item counts when the document discount is shared out: its amount in the discount's basis.
func weight(it *item, gross bool) decimal.Decimal {
	switch {
	case it.gross == gross:
		return it.exact
	case gross:
		return it.exact.Mul(it.perHundred()).Div(hundred)
	}
	return it.exactNet()
}

// shares splits the discount over the lines in proportion to their amounts, unrounded and in the discount's basis; the
// charge takes no part. nil when there is no discount.
func (d documentDiscount) shares(items []item) []decimal.Decimal {
	if d.amount.IsZero() {
		return nil
	}
	sum := decimal.Zero
	out := make([]decimal.Decimal, len(items))
	for i := range items {
		if items[i].pos > 0 {
			out[i] = weight(&items[i], d.gross)
			sum = sum.Add(out[i])
		}
	}
	for i := range out {
		if !sum.IsZero() {
			out[i] = out[i].Mul(d.amount).DivRound(sum, precise)
		}
	}
	return out
}

// allot rounds each exact amount to kuruş so that they add up to target: nearest first, then the missing kuruş go to
// those whose rounding lost most, at most one each. ok is false when target is further away than that allows.
func allot(exact []decimal.Decimal, target decimal.Decimal) (out []decimal.Decimal, ok bool) {
	out = make([]decimal.Decimal, len(exact))
	sum := decimal.Zero
	for i, e := range exact {
		out[i] = e.Round(2)
		sum = sum.Add(out[i])
	}
	missing := target.Sub(sum)
	if missing.IsZero() {
		return out, true
	}
	count := missing.Abs().Shift(2)
	if !count.IsInteger() || count.GreaterThan(decimal.NewFromInt(int64(len(exact)))) {
		return nil, false
	}
	step := kurus
	if missing.IsNegative() {
		step = kurus.Neg()
	}
	type loss struct {
		at   int
		lost decimal.Decimal // towards the missing side
	}
	var losses []loss
	for i, e := range exact {
		if lost := e.Sub(out[i]).Mul(decimal.NewFromInt(int64(step.Sign()))); lost.IsPositive() {
			losses = append(losses, loss{i, lost})
		}
	}
	n := int(count.IntPart())
	if n > len(losses) {
		return nil, false
	}
	slices.SortStableFunc(losses, func(a, b loss) int { return b.lost.Cmp(a.lost) })
	for _, l := range losses[:n] {
		out[l.at] = out[l.at].Add(step)
	}
	return out, true
}
