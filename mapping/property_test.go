package mapping

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"faturad/internal/invoice"
)

// An ERP books a sale by its own way of rounding; whatever way that is, the invoice must carry the same totals.
var erpWays = map[string]func(net, rate decimal.Decimal, exact decimal.Decimal) decimal.Decimal{
	"lines":          func(net, rate, _ decimal.Decimal) decimal.Decimal { return net.Mul(rate).Shift(-2).Round(2) },
	"lines, exact":   func(_, rate, exact decimal.Decimal) decimal.Decimal { return exact.Mul(rate).Shift(-2).Round(2) },
	"lines, cut":     func(net, rate, _ decimal.Decimal) decimal.Decimal { return net.Mul(rate).Shift(-2).RoundDown(2) },
	"lines, bankers": func(net, rate, _ decimal.Decimal) decimal.Decimal { return net.Mul(rate).Shift(-2).RoundBank(2) },
}

func TestAnyConventionIsReproduced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom([]string{"lines", "lines, exact", "lines, cut", "lines, bankers", "rates", "rates, exact", "sum only"}).Draw(t, "way")
		s := soundSale()
		s.Lines = nil
		s.Exemption = invoice.Exemption{Code: "351"}
		var net, vat decimal.Decimal
		sums := map[string]decimal.Decimal{}
		exactNet := decimal.Zero
		for i := range rapid.IntRange(1, 9).Draw(t, "lines") {
			l, exact := drawLine(t, i+1)
			rate := l.VATRate.Decimal
			rounded := exact.Round(2)
			base := rounded
			if way == "rates, exact" {
				base = exact
			}
			sums[rate.String()] = sums[rate.String()].Add(base)
			exactNet = exactNet.Add(exact)
			net = net.Add(rounded)
			if f := erpWays[way]; f != nil {
				v := f(rounded, rate, exact)
				vat = vat.Add(v)
				if way == "lines, cut" || way == "lines, bankers" || rapid.Bool().Draw(t, "books line VAT") {
					l.VAT, l.Net = invoice.Some(v), invoice.Some(rounded)
				}
			}
			s.Lines = append(s.Lines, l)
		}
		if way == "sum only" { // nets rounded only in the sum; VAT then on the exact lines
			net = exactNet.Round(2)
			vat = decimal.Zero
			for _, l := range s.Lines {
				vat = vat.Add(vatOf(exactOf(l), l.VATRate.Decimal).Round(2))
			}
		}
		if erpWays[way] == nil && way != "sum only" {
			for rate, sum := range sums {
				vat = vat.Add(vatOf(sum, decimal.RequireFromString(rate)).Round(2))
			}
		}
		s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat))
		if !net.IsPositive() {
			t.Skip("nothing to invoice")
		}
		inv, faults := FromSale(s, testRules())
		if len(faults) > 0 {
			t.Fatalf("%s: %v %s", way, faults.Codes(), faults.Sentence("en"))
		}
		sameTotals(t, inv, s)
	})
}

func drawLine(t *rapid.T, pos int) (invoice.SaleLine, decimal.Decimal) {
	l := invoice.SaleLine{No: itoa(pos), Name: "Kalem", Unit: "C62",
		Quantity:  invoice.Some(decimal.New(rapid.Int64Range(1, 90000).Draw(t, "quantity"), -rapid.Int32Range(0, 3).Draw(t, "quantity places"))),
		UnitPrice: invoice.Some(decimal.New(rapid.Int64Range(0, 9000000).Draw(t, "price"), -rapid.Int32Range(0, 6).Draw(t, "price places"))),
		VATRate:   invoice.Some(decimal.NewFromInt(rapid.SampledFrom([]int64{0, 1, 10, 20}).Draw(t, "rate")))}
	if rapid.IntRange(0, 3).Draw(t, "discounted") == 0 {
		l.DiscountRate = invoice.Some(decimal.New(rapid.Int64Range(0, 100000).Draw(t, "discount"), -3))
	}
	return l, exactOf(l)
}

func exactOf(l invoice.SaleLine) decimal.Decimal {
	amount := l.Quantity.Decimal.Mul(l.UnitPrice.Decimal)
	return amount.Sub(amount.Mul(l.DiscountRate.Decimal).Shift(-2))
}

// sameTotals checks the invoice's totals against the sale's, and the invoice against itself.
func sameTotals(t *rapid.T, inv invoice.Invoice, s invoice.Sale) {
	t.Helper()
	for _, x := range []struct {
		what      string
		erp       invoice.NullDecimal
		converted decimal.Decimal
	}{{"net", s.Net, inv.Totals.TaxExclusive}, {"vat", s.VAT, inv.Totals.VAT}, {"gross", s.Gross, inv.Totals.TaxInclusive}, {"payable", s.Payable, inv.Totals.Payable}} {
		if x.erp.Valid && !x.erp.Decimal.Equal(x.converted) {
			t.Fatalf("%s is %s, the ERP has %s", x.what, x.converted, x.erp.Decimal)
		}
	}
	if faults := inv.Check(); len(faults) > 0 {
		t.Fatalf("the invoice does not agree with itself: %s", faults.Sentence("en"))
	}
}

func TestGrossPricesGiveTheGrossTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		perRate := rapid.Bool().Draw(t, "VAT taken out per rate")
		s := soundSale()
		s.Lines, s.PriceBasis = nil, invoice.BasisGross
		gross, net := decimal.Zero, decimal.Zero
		sums := map[string]decimal.Decimal{}
		for i := range rapid.IntRange(1, 9).Draw(t, "lines") {
			rate := rapid.SampledFrom(defaultRates[:]).Draw(t, "rate")
			l := invoice.SaleLine{No: itoa(i + 1), Name: "Kalem", Unit: "C62", VATRate: invoice.Some(rate),
				Quantity:  invoice.Some(decimal.NewFromInt(rapid.Int64Range(1, 5000).Draw(t, "quantity"))),
				UnitPrice: invoice.Some(decimal.New(rapid.Int64Range(1, 999999).Draw(t, "price"), -2))}
			if rapid.IntRange(0, 3).Draw(t, "discounted") == 0 {
				l.DiscountRate = invoice.Some(decimal.NewFromInt(rapid.Int64Range(0, 90).Draw(t, "discount")))
			}
			g := exactOf(l).Round(2)
			gross = gross.Add(g)
			sums[rate.String()] = sums[rate.String()].Add(g)
			if !perRate {
				net = net.Add(netOf(g, rate))
			}
			s.Lines = append(s.Lines, l)
		}
		if perRate {
			for rate, sum := range sums {
				net = net.Add(netOf(sum, decimal.RequireFromString(rate)))
			}
		}
		s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(gross.Sub(net)), invoice.Some(gross)
		rules := testRules()
		rules.AllowZeroTotal = true
		inv, faults := FromSale(s, rules)
		if len(faults) > 0 {
			t.Fatalf("%v %s", faults.Codes(), faults.Sentence("en"))
		}
		sameTotals(t, inv, s)
		for _, l := range inv.Lines {
			amount := l.Quantity.Mul(l.UnitPrice).Round(2)
			for _, a := range l.Allowances {
				amount = amount.Sub(a.Amount)
			}
			if !amount.Equal(l.Net) {
				t.Fatalf("line %s: %s × %s − discount is %s, not %s", l.ID, l.Quantity, l.UnitPrice, amount, l.Net)
			}
		}
	})
}

func TestDocumentDiscountKeepsTheTotals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := soundSale()
		s.Lines = nil
		sum := decimal.Zero
		byRate := map[string]decimal.Decimal{}
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			rate := rapid.SampledFrom(defaultRates[:]).Draw(t, "rate")
			l := invoice.SaleLine{No: itoa(i + 1), Name: "Kalem", Unit: "C62", VATRate: invoice.Some(rate),
				Quantity:  invoice.Some(decimal.NewFromInt(rapid.Int64Range(1, 50).Draw(t, "quantity"))),
				UnitPrice: invoice.Some(decimal.New(rapid.Int64Range(1, 99999).Draw(t, "price"), -2))}
			sum = sum.Add(exactOf(l))
			byRate[rate.String()] = byRate[rate.String()].Add(exactOf(l))
			s.Lines = append(s.Lines, l)
		}
		discount := decimal.New(rapid.Int64Range(1, sum.Shift(2).IntPart()).Draw(t, "discount"), -2)
		if discount.Equal(sum) {
			t.Skip("nothing left")
		}
		vat := decimal.Zero
		for rate, n := range byRate {
			base := n.Sub(n.Mul(discount).DivRound(sum, 12))
			vat = vat.Add(vatOf(base, decimal.RequireFromString(rate)).Round(2))
		}
		net := sum.Sub(discount)
		s.Discount = invoice.Some(discount)
		s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat))
		inv, faults := FromSale(s, testRules())
		if len(faults) > 0 {
			t.Fatalf("%v %s", faults.Codes(), faults.Sentence("en"))
		}
		sameTotals(t, inv, s)
	})
}

// Whatever totals the ERP booked: an invoice that goes out has exactly these, and a sale whose totals no rounding of the
// lines explains is held.
func TestTotalsAreReproducedOrHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := soundSale()
		s.Lines, s.Exemption = nil, invoice.Exemption{Code: "351"}
		var net, vat decimal.Decimal
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			l, exact := drawLine(t, i+1)
			net, vat = net.Add(exact.Round(2)), vat.Add(vatOf(exact.Round(2), l.VATRate.Decimal).Round(2))
			s.Lines = append(s.Lines, l)
		}
		off := func(label string) decimal.Decimal {
			return decimal.New(rapid.Int64Range(-30, 30).Draw(t, label), -2)
		}
		dNet, dVAT := off("net off by"), off("VAT off by")
		net, vat = net.Add(dNet), vat.Add(dVAT)
		s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat))
		inv, faults := FromSale(s, testRules())
		if len(faults.Blocking()) == 0 {
			sameTotals(t, inv, s)
		}
		most := kurus.Mul(decimal.NewFromInt(int64(2 * len(s.Lines))))
		if (dNet.Abs().GreaterThan(most) || dVAT.Sub(dNet).Abs().GreaterThan(most) && dNet.IsZero()) && len(faults.Blocking()) == 0 {
			t.Fatalf("net off by %s, VAT off by %s, and yet it goes out", dNet, dVAT)
		}
	})
}

func TestAllotAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var exact []decimal.Decimal
		sum := decimal.Zero
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			e := decimal.New(rapid.Int64Range(0, 99999999).Draw(t, "exact"), -5)
			exact, sum = append(exact, e), sum.Add(e)
		}
		target := sum.Round(2)
		out, ok := allot(exact, target)
		if !ok {
			t.Fatalf("%v cannot be allotted to %s", exact, target)
		}
		if got := decimal.Sum(decimal.Zero, out...); !got.Equal(target) {
			t.Fatalf("adds up to %s, not %s", got, target)
		}
		for i := range out {
			if out[i].Sub(exact[i]).Abs().GreaterThanOrEqual(kurus) {
				t.Fatalf("%s became %s", exact[i], out[i])
			}
		}
	})
}

// A negative line is a discount on the lines of its rate: the ERP's totals stay, whatever its size.
func TestNegativeLinesKeepTheTotals(t *testing.T) {
	t.Parallel()
	rules := testRules()
	rules.NegativeLines, rules.AllowZeroTotal = AsDiscount, true
	rapid.Check(t, func(t *rapid.T) {
		s := soundSale()
		s.Lines = nil
		byRate := map[string]decimal.Decimal{}
		for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
			l := drawGoods(t, i+1)
			l.UnitPrice = invoice.Some(l.UnitPrice.Decimal.Round(2))
			l.Quantity = invoice.Some(l.Quantity.Decimal.Ceil())
			rate := l.VATRate.Decimal.String()
			byRate[rate] = byRate[rate].Add(worth(&l))
			s.Lines = append(s.Lines, l)
		}
		n := len(s.Lines)
		for i := range rapid.IntRange(1, 3).Draw(t, "negative lines") {
			rate := rapid.SampledFrom(s.Lines[:n]).Draw(t, "of").VATRate
			most := byRate[rate.Decimal.String()]
			off := most.Mul(decimal.New(rapid.Int64Range(1, 90).Draw(t, "share"), -2)).Round(2)
			if off.IsZero() {
				continue // nothing is left to be lowered
			}
			byRate[rate.Decimal.String()] = most.Sub(off)
			l := invoice.SaleLine{No: itoa(n + i + 1), Name: "Kampanya", Unit: "C62", Quantity: invoice.Some(one), UnitPrice: invoice.Some(off.Neg()), VATRate: rate}
			if rapid.Bool().Draw(t, "negative quantity") {
				l.Quantity, l.UnitPrice = invoice.Some(one.Neg()), invoice.Some(off)
			}
			s.Lines = append(s.Lines, l)
		}
		net, vat := decimal.Zero, decimal.Zero
		for rate, sum := range byRate {
			net, vat = net.Add(sum), vat.Add(vatOf(sum, decimal.RequireFromString(rate)).Round(2))
		}
		s.Net, s.VAT, s.Gross, s.ExpectedLines = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat)), len(s.Lines)
		before := len(s.Lines)
		inv, faults := FromSale(s, rules)
		if len(faults.Blocking()) > 0 {
			t.Fatalf("%v %s", faults.Codes(), faults.Sentence("en"))
		}
		sameTotals(t, inv, s)
		if len(s.Lines) != before || len(inv.Lines) != n {
			t.Fatalf("%d lines of the sale, %d of the invoice", len(s.Lines), len(inv.Lines))
		}
	})
}

// A fault of a line names its position in the ERP, also behind a negative line that was taken away.
func TestFaultsKeepTheirPositions(t *testing.T) {
	t.Parallel()
	rules := testRules()
	rules.NegativeLines = AsDiscount
	s := soundSale()
	minus, bad := s.Lines[0], s.Lines[0]
	minus.Quantity = some("-1")
	bad.Unit = "ADET"
	s.Lines = append(s.Lines, minus, bad)
	_, faults := FromSale(s, rules)
	if len(faults.Blocking()) == 0 || faults.Blocking()[0].Field != "lines[3].unit" {
		t.Errorf("%+v", faults)
	}
}
