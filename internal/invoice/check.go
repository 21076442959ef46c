package invoice

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice/codes"
)

// Check proves that an invoice agrees with itself and with GİB's rules for its kind: the sums add up, the codes suit the
// type, a return names its original, a foreign currency has its rate. mapping runs it on everything it makes; whoever
// reads an invoice from elsewhere can too. It returns no faults for a sound invoice.
func (inv Invoice) Check() Faults {
	c := checker{inv: &inv}
	c.whole()
	if kind := inv.Receipt(); kind != "" {
		c.receipt(kind)
		return c.faults
	}
	c.header()
	c.lines()
	c.taxes()
	c.codes()
	c.totals()
	return append(c.faults, inv.CheckKind()...)
}

type checker struct {
	inv    *Invoice
	faults Faults
}

// must reports a sum that does not hold; what names it.
func (c *checker) must(ok bool, what string) {
	if !ok {
		c.faults = append(c.faults, NewFault("invoice.inconsistent", "", what))
	}
}

func (c *checker) fault(code, field, value string, more ...string) {
	c.faults = append(c.faults, NewFault(code, field, value, more...))
}

// withholdingTypes may carry a WithholdingTaxTotal (FACTS section 7).
var withholdingTypes = []string{"TEVKIFAT", "IADE", "YTBTEVKIFAT", "YTBIADE", "SGK", "SARJ", "SARJANLIK"}

func (c *checker) header() {
	inv := c.inv
	if !codes.TypeAllowed(inv.Scenario, inv.Type) {
		c.fault("type.not_in_scenario", "scenario", inv.Type, inv.Scenario)
	}
	c.money()
	if codes.Return(inv.Type) && len(inv.Returns) == 0 {
		c.fault("return.missing", "return_no", "")
	}
	for _, r := range inv.Returns {
		if !ValidNumber(r.Number) {
			c.fault("return.number", "return_no", r.Number)
		}
	}
	if len(inv.Withholding) > 0 && !slices.Contains(withholdingTypes, inv.Type) {
		c.fault("type.withholding_refused", "invoice_type", inv.Type)
	}
	c.must(len(inv.Lines) > 0, "satır yok")
	c.must(inv.IssueTime != "" && !inv.IssueDate.IsZero(), "tarih, saat")
}

// money wants a listed currency and a rate that GİB takes.
func (c *checker) money() {
	inv := c.inv
	if _, ok := codes.Currency(inv.Currency); !ok || codes.Stopgap(inv.Currency) {
		c.fault("currency.unknown", "currency", inv.Currency)
	}
	if !inv.Rate.IsPositive() || inv.Rate.GreaterThanOrEqual(tooLarge) || !inv.Rate.Equal(inv.Rate.Round(6)) || inv.Currency == "TRY" && !inv.Rate.Equal(decimal.NewFromInt(1)) {
		c.fault("rate.invalid", "exchange_rate", inv.Rate.String(), inv.Currency)
	}
}

var lineTolerance = decimal.New(1, -2)

func (c *checker) lines() {
	inv := c.inv
	for i := range inv.Lines {
		l := &inv.Lines[i]
		amount := l.Quantity.Mul(l.UnitPrice)
		for _, a := range l.Allowances {
			if !money(a.Amount) {
				c.must(false, "satır "+l.ID+" iskonto")
			}
			if a.Charge {
				amount = amount.Add(a.Amount)
			} else {
				amount = amount.Sub(a.Amount)
			}
		}
		if !l.Quantity.IsPositive() || l.UnitPrice.IsNegative() {
			c.must(false, "satır "+l.ID+" miktar, fiyat")
		}
		if !money(l.Net) || amount.Sub(l.Net).Abs().GreaterThan(lineTolerance) {
			c.must(false, "satır "+l.ID+" tutar")
		}
		if inv.Receipt() == EMM {
			c.lineDeductions(l)
		} else {
			c.lineTaxes(l)
		}
	}
}

func (c *checker) taxes() {
	inv := c.inv
	n := decimal.NewFromInt(int64(len(inv.Lines) + 1))
	tolerance := lineTolerance.Mul(n)
	c.rates(judgeTolerance.Mul(decimal.NewFromInt(int64(max(1, len(inv.Lines))))))
	for _, t := range inv.Taxes {
		c.must(money(t.Taxable) && money(t.Amount) && c.product(t, tolerance), t.Name+" %"+t.Rate.String())
		if _, ok := codes.TaxName(t.Code); !ok {
			c.fault("line.tax.unknown", "tax_code", t.Code)
		}
		if t.Exemption.Code == "" {
			if t.Code == codes.VAT && t.Amount.IsZero() && !mayBeZero(inv.Type) {
				c.fault("line.exemption.missing", "exemption_code", "")
			}
			continue
		}
		if !inv.takesReason(t.Exemption.Code) || t.Exemption.Reason == "" {
			c.fault("line.exemption.type", "exemption_code", t.Exemption.Code, inv.Type)
		}
	}
	for _, t := range inv.Withholding {
		w, ok := codes.WithholdingOf(t.Code)
		if !ok || !slices.Contains(w.Percents, t.Rate.String()) {
			c.fault("line.withholding.rate", "withholding_rate", t.Rate.String(), t.Code, "?")
		}
		computed := t.Taxable.Mul(t.Rate).Shift(-2)
		c.must(money(t.Amount) && computed.Sub(t.Amount).Abs().LessThanOrEqual(tolerance), "tevkifat "+t.Code)
	}
}

func (c *checker) totals() {
	inv, t := c.inv, &c.inv.Totals
	var nets, allowance, charge, withheld, expenses decimal.Decimal
	var line, whole taxSums
	for i := range inv.Lines {
		nets = nets.Add(inv.Lines[i].Net)
		line.add(inv.Lines[i].Taxes)
	}
	whole.add(inv.Taxes)
	for _, a := range inv.Allowances {
		if a.Charge {
			charge = charge.Add(a.Amount)
		} else {
			allowance = allowance.Add(a.Amount)
		}
	}
	for _, s := range inv.Withholding {
		withheld = withheld.Add(s.Amount)
	}
	for _, e := range inv.Expenses {
		expenses = expenses.Add(e.Amount)
	}
	for _, x := range []decimal.Decimal{t.LineExtension, t.TaxExclusive, t.TaxInclusive, t.Allowance, t.Charge, t.VAT, t.OtherTaxes, t.Withheld, t.Deducted, t.Expenses, t.Payable} {
		if !money(x) {
			c.must(false, "tutar "+x.String())
		}
	}
	c.must(nets.Equal(t.LineExtension), "satırların toplamı")
	c.must(allowance.Equal(t.Allowance) && charge.Equal(t.Charge), "belge iskontosu")
	c.must(t.LineExtension.Sub(t.Allowance).Add(t.Charge).Equal(t.TaxExclusive), "matrah")
	if !line.other && !whole.other {
		c.must(whole.taxable.Equal(t.TaxExclusive), "KDV matrahları")
		c.must(line.taxable.Equal(t.TaxExclusive.Sub(t.Charge)), "satır matrahları")
	}
	c.must(whole.vat.Equal(t.VAT), "KDV toplamı")
	c.must(whole.added.Equal(t.OtherTaxes), "diğer vergiler toplamı")
	c.must(whole.deducted.Equal(t.Deducted), "kesinti toplamı")
	c.must(charge.IsPositive() || line.equal(whole), "satır vergileri")
	c.must(t.TaxExclusive.Add(t.VAT).Add(t.OtherTaxes).Equal(t.TaxInclusive), "vergiler dahil toplam")
	c.must(withheld.Equal(t.Withheld), "tevkifat toplamı")
	c.must(expenses.Equal(t.Expenses), "masraf toplamı")
	c.must(t.TaxInclusive.Sub(t.Withheld).Sub(t.Deducted).Sub(t.Expenses).Add(t.Rounding).Equal(t.Payable), "ödenecek tutar")
}

// taxSums are the sums of one level.
type taxSums struct {
	taxable, vat, shown, added, deducted decimal.Decimal
	other                                bool // VAT is not simply on the net
}

func (s *taxSums) add(taxes []TaxSubtotal) {
	for _, t := range taxes {
		s.other = s.other || t.Code != codes.VAT || codes.SpecialBase(t.Exemption.Code)
		switch {
		case t.Code == codes.VAT && t.NotAdded:
			s.taxable, s.shown = s.taxable.Add(t.Taxable), s.shown.Add(t.Amount)
		case t.Code == codes.VAT:
			s.taxable, s.vat = s.taxable.Add(t.Taxable), s.vat.Add(t.Amount)
		case t.NotAdded:
		case codes.Deducted(t.Code):
			s.deducted = s.deducted.Add(t.Amount)
		default:
			s.added = s.added.Add(t.Amount)
		}
	}
}

func (s *taxSums) equal(o taxSums) bool {
	return s.vat.Equal(o.vat) && s.shown.Equal(o.shown) && s.added.Equal(o.added) && s.deducted.Equal(o.deducted)
}

// takesReason reports whether GİB takes an exemption code on this document.
func (inv *Invoice) takesReason(code string) bool {
	if inv.Receipt() != "" {
		return codes.ReceiptExemption(code)
	}
	e, ok := codes.ExemptionOf(code)
	return ok && e.AllowedWith(inv.Scenario, inv.Type)
}

// mayBeZero are the types in which GİB takes VAT of 0 without a reason (TaxExemptionReasonCheck).
func mayBeZero(invoiceType string) bool {
	switch invoiceType {
	case "IADE", "YTBIADE", "IHRACKAYITLI", "OZELMATRAH", "SGK", "KONAKLAMAVERGISI":
		return true
	}
	return false
}

// rates wants the taxes of the document to be those of the lines, per tax and rate. Document discounts and charges change
// what a rate is taken of.
func (c *checker) rates(tolerance decimal.Decimal) {
	inv := c.inv
	if len(inv.Allowances) > 0 {
		return
	}
	for i, t := range inv.Taxes {
		if t.Code == codes.VAT && t.Fixed {
			c.must(false, "KDV oranı")
		}
		same := func(o TaxSubtotal) bool { return o.Code == t.Code && o.Rate.Equal(t.Rate) }
		if slices.IndexFunc(inv.Taxes, same) != i {
			continue
		}
		sum := decimal.Zero
		for _, o := range inv.Taxes[i:] {
			if same(o) {
				sum = sum.Add(o.Amount)
			}
		}
		for k := range inv.Lines {
			for _, o := range inv.Lines[k].Taxes {
				if same(o) {
					sum = sum.Sub(o.Amount)
				}
			}
		}
		c.must(sum.Abs().LessThanOrEqual(tolerance), "satırlardaki "+t.Name+" %"+t.Rate.String())
	}
}

// product reports base × percent = amount; of a returned part less than that.
func (c *checker) product(t TaxSubtotal, tolerance decimal.Decimal) bool {
	computed := t.Taxable.Mul(t.Rate).Shift(-2)
	switch {
	case t.Fixed:
		return true
	case c.inv.Type == "TEVKIFATIADE" || c.inv.Type == "YTBTEVKIFATIADE":
		return t.Amount.LessThanOrEqual(computed.Add(tolerance))
	}
	return computed.Sub(t.Amount).Abs().LessThanOrEqual(tolerance)
}

// lineTaxes wants VAT on every line, of no more than the line and the taxes in its base.
func (c *checker) lineTaxes(l *Line) {
	most, vats := l.Net, 0
	for _, t := range l.Taxes {
		if t.Code != codes.VAT && !codes.Deducted(t.Code) {
			most = most.Add(t.Amount)
		}
	}
	for _, t := range l.Taxes {
		if t.Code == codes.VAT {
			vats++
			c.must(!t.Fixed, "satır "+l.ID+" KDV oranı")
		}
		if !money(t.Taxable) || !money(t.Amount) || t.Code == codes.VAT && t.Taxable.GreaterThan(most) || !c.product(t, judgeTolerance) {
			c.must(false, "satır "+l.ID+" vergi "+t.Code)
		}
		if (t.Exemption.Code == "") != (t.Exemption.Reason == "") {
			c.must(false, "satır "+l.ID+" istisna")
		}
	}
	c.must(vats == 1, "satır "+l.ID+" KDV")
}

// codes wants the codes that each type is made for, and GİB's rules for code 555.
func (c *checker) codes() {
	inv := c.inv
	var exempt, special, registered, accommodation, excise, unchecked, free bool
	for _, t := range inv.Taxes {
		code := t.Exemption.Code
		_, known := codes.ExemptionOf(code)
		switch {
		case codes.SpecialBase(code):
			special = true
		case codes.RegisteredExport(code):
			registered = true
		case code == codes.RateUnchecked:
			unchecked = true
		case known && code != codes.NotExempt && code != codes.NoExcise:
			exempt = true
		}
		accommodation = accommodation || t.Code == codes.Accommodation
		excise = excise || t.Code == codes.ExciseWithholding
		free = free || t.Code == codes.VAT && (t.Amount.IsZero() || t.Rate.IsZero())
		if inv.Type == "ISTISNA" && t.Code == codes.VAT && t.Amount.IsPositive() && !t.NotAdded && fullyExempt(code) {
			c.fault("line.exemption.unused", "exemption_code", code)
			c.must(false, "istisna "+code)
		}
	}
	for i := range inv.Lines {
		for _, t := range inv.Lines[i].Taxes {
			free = free || t.Code == codes.VAT && (t.Amount.IsZero() || t.Rate.IsZero())
		}
	}
	if unchecked && free {
		c.fault("line.exemption.type", "exemption_code", codes.RateUnchecked, inv.Type)
	}
	for _, lack := range []struct {
		typ, code string
		has       bool
	}{{"TEVKIFAT", "type.no_withholding", len(inv.Withholding) > 0 || excise}, {"YTBTEVKIFAT", "type.no_withholding", len(inv.Withholding) > 0},
		{"ISTISNA", "type.no_exemption", exempt}, {"YTBISTISNA", "type.no_exemption", exempt}, {"OZELMATRAH", "type.no_special_base", special},
		{"IHRACKAYITLI", "type.no_registered_export", registered}, {"KONAKLAMAVERGISI", "type.no_accommodation", accommodation}} {
		if inv.Type == lack.typ && !lack.has {
			c.fault(lack.code, "invoice_type", inv.Type)
		}
	}
	if excise && inv.Type != "TEVKIFAT" && inv.Type != "IADE" && inv.Type != "SGK" && inv.Type != "YTBIADE" {
		c.fault("type.excise_withholding", "invoice_type", inv.Type)
	}
}

// fullyExempt reports the codes 2xx and 3xx, with which no VAT is charged.
func fullyExempt(code string) bool {
	return len(code) == 3 && (code[0] == '2' || code[0] == '3') && code != codes.NotExempt
}

// judgeTolerance is how far the tax of a line may lie from its product before the reference judge refuses it.
var judgeTolerance = decimal.New(101, -4)

// money reports an amount that GİB's decimalCheck takes: not negative, two decimals at most, 15 digits before the point.
func money(d decimal.Decimal) bool {
	return !d.IsNegative() && (d.Exponent() >= -2 || d.Equal(d.Round(2))) && d.LessThan(tooLarge)
}

var tooLarge = decimal.New(1, 15)
