package mapping

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// form says from which bases a convention works out VAT: ERPs do each of them.
type form int

const (
	fromRounded   form = iota // amounts as they are printed
	fromUnrounded             // nothing rounded before VAT
	fromShared                // rounded line nets less the unrounded share of a document discount
	forms
)

// withVATs works out the VAT of base by one convention and form; nil when it does not apply.
func (s *solver) withVATs(base *candidate, way invoice.Convention, from form) *candidate {
	c := *base
	c.vats = way
	var ok bool
	bases := [forms][]decimal.Decimal{c.base, c.exactBase, c.shared}[from]
	switch way {
	case invoice.RoundLines:
		if ok = bases != nil; ok {
			c.vat = s.onLines(bases)
		}
	case invoice.RoundRates:
		if bases != nil {
			c.vat, ok = s.onRates(bases)
		}
	case invoice.ERPLines:
		if from != fromShared {
			c.vat, ok = s.fromERP(&c, from == fromUnrounded)
		}
	case invoice.GrossLines:
		if c.allGross && from == fromRounded {
			c.vat, ok = s.fromGross(&c)
		}
	case invoice.GrossRates:
		if c.allGross && from == fromRounded {
			ok = s.fromGrossRates(&c)
		}
	}
	if !ok {
		return nil
	}
	c.sumVAT = decimal.Zero
	for i, v := range c.vat {
		if s.items[i].shown {
			c.sumShown = c.sumShown.Add(v)
		} else {
			c.sumVAT = c.sumVAT.Add(v)
		}
	}
	return &c
}

// vatOf is the unrounded VAT on a base.
func vatOf(base, rate decimal.Decimal) decimal.Decimal {
	if rate.IsZero() {
		return decimal.Zero
	}
	return base.Mul(rate).Shift(-2)
}

func (s *solver) onLines(bases []decimal.Decimal) []decimal.Decimal {
	out := make([]decimal.Decimal, len(bases))
	for i, b := range bases {
		out[i] = vatOf(b, s.items[i].effective).Round(2)
	}
	return out
}

// onRates computes VAT once for each rate, and shares it over the lines so that they add up to it.
func (s *solver) onRates(bases []decimal.Decimal) ([]decimal.Decimal, bool) {
	exact := make([]decimal.Decimal, len(bases))
	for i, b := range bases {
		exact[i] = vatOf(b, s.items[i].effective)
	}
	return s.allotRates(exact)
}

// allotRates rounds the sum of each rate, and then the items to match it.
func (s *solver) allotRates(exact []decimal.Decimal) ([]decimal.Decimal, bool) {
	out := make([]decimal.Decimal, len(exact))
	part := make([]decimal.Decimal, 0, len(exact))
	for g := range s.groups {
		part = part[:0]
		sum := decimal.Zero
		for i := range exact {
			if s.items[i].group == g {
				part = append(part, exact[i])
				sum = sum.Add(exact[i])
			}
		}
		rounded, ok := allot(part, sum.Round(2))
		if !ok {
			return nil, false
		}
		for i := range exact {
			if s.items[i].group == g {
				out[i], rounded = rounded[0], rounded[1:]
			}
		}
	}
	return out, true
}

// fromERP takes the booked VAT of the lines, each within the tolerance of the computed one, rounded on each line or on
// each rate.
func (s *solver) fromERP(c *candidate, onRates bool) ([]decimal.Decimal, bool) {
	exact := make([]decimal.Decimal, len(s.items))
	for i := range s.items {
		it := &s.items[i]
		computed := vatOf(c.base[i], it.effective)
		switch {
		case it.pos == 0:
			exact[i] = computed.Round(2)
		case !it.vat.Valid || !near(it.vat.Decimal, computed, s.lineTolerance(it)) || it.vat.Decimal.IsNegative():
			return nil, false
		case it.effective.IsZero() && !it.vat.Decimal.Round(2).IsZero():
			return nil, false
		default:
			exact[i] = it.vat.Decimal
		}
	}
	if onRates {
		return s.allotRates(exact)
	}
	for i := range exact {
		exact[i] = exact[i].Round(2)
	}
	return exact, true
}

// fromGross takes VAT as what is left of the rounded gross after the rounded net.
func (s *solver) fromGross(c *candidate) ([]decimal.Decimal, bool) {
	out := make([]decimal.Decimal, len(s.items))
	for i := range s.items {
		out[i] = c.withVAT[i].Sub(c.taxable[i])
		if s.extra {
			out[i] = out[i].Sub(s.otherOf(c, i))
		}
		if s.items[i].shown || !near(out[i], vatOf(c.base[i], s.items[i].effective), kurus.Add(halfKurus)) {
			return nil, false
		}
	}
	return out, true
}

// fromGrossRates takes the VAT out of the gross sum of each rate, once; nets and VAT of the lines follow it.
func (s *solver) fromGrossRates(c *candidate) bool {
	if s.shares != nil || s.extra {
		return false
	}
	sums := make([]decimal.Decimal, s.groups)
	for i := range s.items {
		sums[s.items[i].group] = sums[s.items[i].group].Add(c.withVAT[i])
	}
	net := make([]decimal.Decimal, len(s.items))
	part := make([]decimal.Decimal, 0, len(s.items))
	for g := range s.groups {
		part = part[:0]
		for i := range s.items {
			if s.items[i].group == g {
				part = append(part, c.withVAT[i].Mul(hundred).DivRound(hundred.Add(s.rates[g]), precise))
			}
		}
		rounded, ok := allot(part, netOf(sums[g], s.rates[g]))
		if !ok {
			return false
		}
		for i := range s.items {
			if s.items[i].group == g {
				net[i], rounded = rounded[0], rounded[1:]
			}
		}
	}
	c.net, c.taxable, c.base = net, net, net
	c.sumNet = decimal.Sum(decimal.Zero, net...)
	vat, ok := s.fromGross(c)
	c.vat = vat
	return ok
}
