package kolaybi

import "github.com/shopspring/decimal"

// sums are what KolayBi makes of a draft. How it computes is inferred (facts A7): lines without VAT, the discount on the whole
// spread over them, VAT rounded on each line, half up.
type sums struct {
	net      decimal.Decimal // of all lines, before the discount on the whole
	vat      decimal.Decimal
	withheld decimal.Decimal
	grand    decimal.Decimal // what is paid
}

func sumsOf(d draft) sums {
	var s sums
	nets := make([]decimal.Decimal, len(d.Items))
	for i, it := range d.Items {
		nets[i] = decimal.RequireFromString(it.Quantity).Mul(decimal.RequireFromString(it.UnitPrice)).Sub(valueOf(it.Discount)).Round(2)
		s.net = s.net.Add(nets[i])
	}
	shares := spread(valueOf(d.Discount), nets, s.net)
	for i, it := range d.Items {
		vat := nets[i].Sub(shares[i]).Mul(it.VAT.Decimal).Div(hundred).Round(2)
		s.vat = s.vat.Add(vat)
		if it.WithholdingValue != nil {
			s.withheld = s.withheld.Add(vat.Mul(it.WithholdingValue.Decimal).Div(hundred).Round(2))
		}
	}
	if b := d.SpecialBase; b != nil {
		s.vat = s.vat.Add(decimal.RequireFromString(b.VAT))
	}
	s.grand = s.net.Sub(valueOf(d.Discount)).Add(s.vat).Sub(s.withheld).Add(valueOf(d.Correction))
	if e := d.Export; e != nil {
		for _, amount := range []string{e.Freight, e.Insurance} {
			if amount != "" {
				s.grand = s.grand.Add(decimal.RequireFromString(amount))
			}
		}
	}
	return s
}

// spread divides an amount in the proportion of the nets; the last line takes what rounding leaves.
func spread(amount decimal.Decimal, nets []decimal.Decimal, total decimal.Decimal) []decimal.Decimal {
	out := make([]decimal.Decimal, len(nets))
	if amount.IsZero() || total.IsZero() {
		return out
	}
	left := amount
	for i := range nets {
		out[i] = amount.Mul(nets[i]).Div(total).Round(2)
		if i == len(nets)-1 {
			out[i] = left
		}
		left = left.Sub(out[i])
	}
	return out
}

func valueOf(n *number) decimal.Decimal {
	if n == nil {
		return decimal.Zero
	}
	return n.Decimal
}
