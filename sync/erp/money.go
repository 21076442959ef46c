package erp

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// finishRate brings the exchange rate into TRY per unit of the currency.
func (b *builder) finishRate() {
	rate := &b.sale.Rate
	if !rate.Valid || rate.Decimal.IsZero() { // a rate of zero was never entered
		*rate = invoice.NullDecimal{}
		return
	}
	money := b.r.cfg.Money
	scale := 6
	if money.RateScale != nil {
		scale = *money.RateScale
	}
	if money.RateDirection == "foreign_per_base" {
		rate.Decimal = decimal.New(1, 0).DivRound(rate.Decimal, int32(scale))
	}
	rate.Decimal = rate.Decimal.Round(int32(scale))
}

var hundred = decimal.New(100, 0)

// snap moves a rate to the nearest legal one within the tolerance.
func (r *reader) snap(rate decimal.Decimal) decimal.Decimal {
	best, distance := rate, r.slack
	for _, legal := range r.legal {
		if d := rate.Sub(legal).Abs(); d.LessThanOrEqual(distance) {
			best, distance = legal, d
		}
	}
	return best
}

// finishVAT finds the rate of a line from its amounts, where the ERP keeps none: the legal rate whose VAT on the net is
// nearest to the booked one, if it is near enough.
func (p *part) finishVAT(l *invoice.SaleLine) {
	r := p.b.r
	if r.cfg.Money.VATUnit != "ratio" || l.VATRate.Valid {
		return
	}
	net, vat := l.Net, l.VAT
	if !net.Valid && l.Gross.Valid && vat.Valid {
		net = invoice.Some(l.Gross.Decimal.Sub(vat.Decimal))
	}
	if !vat.Valid && l.Gross.Valid && net.Valid {
		vat = invoice.Some(l.Gross.Decimal.Sub(net.Decimal))
	}
	if zeroOrNone(net) && zeroOrNone(vat) {
		l.VATRate = r.fallback
		return
	}
	if !net.Valid || !vat.Valid {
		return
	}
	var best invoice.NullDecimal
	distance := r.slack
	for _, legal := range r.legal {
		d := net.Decimal.Mul(legal).Div(hundred).Sub(vat.Decimal).Abs()
		if d.LessThanOrEqual(distance) && (!best.Valid || d.LessThan(distance)) {
			best, distance = invoice.Some(legal), d
		}
	}
	l.VATRate = best
}

// finishDiscount turns the further ways of keeping a discount into a rate or an amount.
func (p *part) finishDiscount(l *invoice.SaleLine) {
	if per := p.number("discount_per_unit"); !per.IsZero() && l.Quantity.Valid {
		l.Discount = invoice.Some(add(l.Discount, per.Mul(l.Quantity.Decimal)))
	}
	amount := p.number("discount_value")
	if amount.IsZero() {
		return
	}
	kind, _ := p.text(p.set.find("discount_kind"))
	switch kind.text {
	case "percent":
		l.DiscountRate = invoice.Some(amount)
	case "fraction":
		l.DiscountRate = invoice.Some(amount.Shift(2))
	case "money":
		l.Discount = invoice.Some(add(l.Discount, signed(amount, p.b.sign.Lines)))
	case "per_unit":
		l.Discount = invoice.Some(add(l.Discount, signed(amount, p.b.sign.Lines).Mul(l.Quantity.Decimal)))
	default:
		p.fault(p.set.find("discount_kind"), "erp.value.discount_kind", errDiscountKind, kind.text)
	}
}

func add(n invoice.NullDecimal, d decimal.Decimal) decimal.Decimal {
	if n.Valid {
		return n.Decimal.Add(d)
	}
	return d
}
