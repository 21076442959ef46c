package mapping

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// booked are the ERP's totals, rounded to kuruş. They are the truth that a candidate must reproduce.
type booked struct {
	net, vat, gross, other invoice.NullDecimal
}

// candidate is one way of rounding, worked out for every item.
type candidate struct {
	nets     invoice.NetConvention
	vats     invoice.Convention
	net      []decimal.Decimal // before the document discount
	taxable  []decimal.Decimal // after it
	vat      []decimal.Decimal
	sumNet   decimal.Decimal // of taxable
	sumVAT   decimal.Decimal
	exact    []decimal.Decimal // taxable, unrounded
	withVAT  []decimal.Decimal // rounded gross of items with gross prices
	allGross bool

	base        []decimal.Decimal   // of VAT; taxable where there are no other taxes
	exactBase   []decimal.Decimal   // base, unrounded
	shared      []decimal.Decimal   // net less its unrounded share of the document discount; nil = not a form of this sale
	other       [][]decimal.Decimal // the taxes beside VAT of each item; nil = none
	sumOther    decimal.Decimal     // of those that are added
	sumDeducted decimal.Decimal     // of those that the buyer keeps
	sumShown    decimal.Decimal     // VAT that is only shown
}

func (c *candidate) gross() decimal.Decimal { return c.sumNet.Add(c.sumVAT).Add(c.sumOther) }

// solver finds the candidate that reproduces the booked totals.
type solver struct {
	items  []item
	groups int // number of distinct VAT rates
	rates  []decimal.Decimal
	disc   documentDiscount
	extra  bool              // some item has more than VAT on its net
	shares []decimal.Decimal // of the document discount, in its basis; nil = none
	booked booked
	rules  Rules
	each   func(*candidate, bool) // told every candidate and whether it reproduces the totals; may be nil
}

func newSolver(items []item, disc documentDiscount, totals booked, rules Rules) *solver {
	s := &solver{items: items, disc: disc, booked: totals, rules: rules, shares: disc.shares(items), extra: anyExtra(items)}
	var first []*item // of each group
	for i := range items {
		it := &items[i]
		at := slices.IndexFunc(first, func(o *item) bool { return o.effective.Equal(it.effective) && o.shown == it.shown })
		if at < 0 {
			at = len(first)
			first, s.rates = append(first, it), append(s.rates, it.effective)
		}
		items[i].group = at
	}
	s.groups = len(s.rates)
	return s
}

// solve tries net roundings and VAT conventions in order. The first candidate wins that reproduces the document's totals
// and, where the ERP books VAT on its lines, the VAT of each rate; failing that, the first that reproduces the totals.
// nearest is the one that misses them least.
func (s *solver) solve() (found, nearest *candidate) {
	var loose *candidate
	done := false
	for _, nets := range []invoice.NetConvention{invoice.NetBooked, invoice.NetComputed, invoice.NetSpread} {
		if nets == invoice.NetComputed && done {
			continue
		}
		base := s.netCandidate(nets)
		if base == nil {
			continue
		}
		done = base.nets == invoice.NetComputed
		for _, vats := range s.rules.conventions() {
			for from := range forms {
				c := s.withVATs(base, vats, from)
				if c == nil {
					continue
				}
				hit := s.hit(c)
				if s.each != nil {
					s.each(c, hit)
				}
				if hit && s.ratesAgree(c) {
					return c, c
				}
				if hit && loose == nil {
					loose = c
				}
				if nearest == nil || s.miss(c).LessThan(s.miss(nearest)) {
					nearest = c
				}
			}
		}
	}
	if loose != nil {
		return loose, loose
	}
	return nil, nearest
}

// hit reports whether the candidate reproduces every total that the ERP booked.
func (s *solver) hit(c *candidate) bool {
	b := s.booked
	return (!b.net.Valid || b.net.Decimal.Equal(c.sumNet)) && (!b.gross.Valid || b.gross.Decimal.Equal(c.gross())) &&
		(!b.vat.Valid || b.vat.Decimal.Equal(c.sumVAT) || !c.sumShown.IsZero() && b.vat.Decimal.Equal(c.sumVAT.Add(c.sumShown))) &&
		(!b.other.Valid || b.other.Decimal.Equal(c.sumOther))
}

// miss is how far a candidate is from the booked totals.
func (s *solver) miss(c *candidate) decimal.Decimal {
	sum := decimal.Zero
	for _, p := range []struct {
		booked   invoice.NullDecimal
		computed decimal.Decimal
	}{{s.booked.gross, c.gross()}, {s.booked.vat, c.sumVAT}, {s.booked.net, c.sumNet}} {
		if p.booked.Valid {
			sum = sum.Add(p.booked.Decimal.Sub(p.computed).Abs())
		}
	}
	return sum
}

// ratesAgree compares the VAT of each rate with the ERP's own, where every line has it.
func (s *solver) ratesAgree(c *candidate) bool {
	if c.vats == invoice.ERPLines {
		return true
	}
	diff := make([]decimal.Decimal, s.groups)
	for i := range s.items {
		it := &s.items[i]
		if !it.vat.Valid {
			return true
		}
		diff[it.group] = diff[it.group].Add(c.vat[i]).Sub(it.vat.Decimal)
	}
	for _, d := range diff {
		if d.Abs().GreaterThanOrEqual(halfKurus) {
			return false
		}
	}
	return true
}

var halfKurus = decimal.New(5, -3)

// netCandidate rounds the nets; nil when this way does not apply or repeats an earlier one.
func (s *solver) netCandidate(way invoice.NetConvention) *candidate {
	c := &candidate{nets: way, allGross: true}
	c.exact = make([]decimal.Decimal, len(s.items))
	c.net = make([]decimal.Decimal, len(s.items))
	c.withVAT = make([]decimal.Decimal, len(s.items))
	same := true
	for i := range s.items {
		it := &s.items[i]
		exact := it.exactNet()
		c.exact[i] = exact
		computed := exact.Round(2)
		if it.gross {
			c.withVAT[i] = it.exact.Round(2)
			if it.bookedGross.Valid && near(it.bookedGross.Decimal, it.exact, s.rules.tolerance()) {
				c.withVAT[i] = it.bookedGross.Decimal.Round(2)
			}
			computed = it.netOf(c.withVAT[i]).Round(2)
		} else {
			c.allGross = false
		}
		c.net[i] = computed
		if way == invoice.NetBooked && it.pos > 0 {
			if !it.net.Valid || !near(it.net.Decimal, exact, s.lineTolerance(it)) {
				return nil
			}
			c.net[i] = it.net.Decimal.Round(2)
			same = same && c.net[i].Equal(computed)
		}
	}
	if way == invoice.NetBooked && same {
		c.nets = invoice.NetComputed // the same thing
	}
	if way == invoice.NetSpread {
		net, ok := s.spread(c)
		if !ok {
			return nil
		}
		c.net = net
	}
	s.applyDiscount(c)
	c.sumNet = decimal.Sum(decimal.Zero, c.taxable...)
	s.addTaxes(c)
	return c
}

// lineTolerance is how far a booked net may lie from the computed one. Two roundings meet in a price with VAT.
func (s *solver) lineTolerance(it *item) decimal.Decimal {
	if it.gross {
		return s.rules.tolerance().Add(halfKurus)
	}
	return s.rules.tolerance()
}

// netOf takes the VAT out of a rounded gross amount.
func netOf(gross, rate decimal.Decimal) decimal.Decimal {
	if rate.IsZero() {
		return gross
	}
	return gross.Mul(hundred).DivRound(hundred.Add(rate), precise).Round(2)
}

// spread rounds the exact nets so that they add up to the booked net.
func (s *solver) spread(c *candidate) ([]decimal.Decimal, bool) {
	target := s.booked.net
	if !target.Valid || s.disc.gross && s.shares != nil {
		return nil, false
	}
	want := target.Decimal.Add(s.disc.amount)
	net, ok := allot(c.exact, want)
	if !ok || slices.EqualFunc(net, c.net, decimal.Decimal.Equal) {
		return nil, false
	}
	return net, true
}

// applyDiscount takes the document discount from the nets, in proportion, so that the rounded amounts add up. A discount
// with VAT is taken from the gross amounts first.
func (s *solver) applyDiscount(c *candidate) {
	if s.shares == nil {
		c.taxable = c.net
		return
	}
	exact := make([]decimal.Decimal, len(s.items))
	for i := range s.items {
		it := &s.items[i]
		share := s.shares[i]
		if s.disc.gross {
			if it.gross {
				c.withVAT[i] = it.exact.Sub(share).Round(2)
			}
			share = it.part(share)
		} else if it.gross {
			c.withVAT[i] = it.exact.Sub(share.Mul(it.perHundred()).Div(hundred)).Round(2)
		}
		exact[i] = c.net[i].Sub(share)
		c.exact[i] = c.exact[i].Sub(share)
	}
	target := decimal.Sum(decimal.Zero, c.net...).Sub(s.disc.amount)
	if s.disc.gross {
		c.taxable = make([]decimal.Decimal, len(exact))
		for i := range s.items {
			c.taxable[i] = exact[i].Round(2)
			if s.items[i].gross {
				c.taxable[i] = s.items[i].netOf(c.withVAT[i]).Round(2)
			}
			c.taxable[i] = decimal.Min(c.taxable[i], c.net[i])
		}
		return
	}
	c.shared = s.sharedNets(c.net)
	taxable, ok := allot(exact, target)
	if !ok { // cannot be: shares add up to the discount
		taxable = exact
	}
	c.taxable = taxable
}

// sharedNets takes the document discount from the rounded nets in proportion to them and rounds nothing: the form of ERPs
// that print their lines first and work out VAT from what is printed.
func (s *solver) sharedNets(nets []decimal.Decimal) []decimal.Decimal {
	sum := decimal.Zero
	for i, n := range nets {
		if s.items[i].pos > 0 {
			sum = sum.Add(n)
		}
	}
	if s.extra || sum.IsZero() {
		return nil
	}
	out := slices.Clone(nets)
	for i, n := range nets {
		if s.items[i].pos > 0 {
			out[i] = n.Sub(n.Mul(s.disc.amount).DivRound(sum, precise))
		}
	}
	return out
}
