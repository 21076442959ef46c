package invoice

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice/codes"
)

// receipt proves what Check proves of invoices, by the rules of receipts. They have no Schematron: what GİB's guide to the
// producer receipt and the samples of integrators agree on is the measure.
func (c *checker) receipt(kind Kind) {
	inv := c.inv
	c.money()
	c.must(len(inv.Lines) > 0, "satır yok")
	c.must(inv.IssueTime != "" && !inv.IssueDate.IsZero(), "tarih, saat")
	c.lines()
	if kind == ESMM {
		c.taxes()
		c.totals()
		taxes := slices.Clone(inv.Taxes)
		for i := range inv.Lines {
			taxes = append(taxes, inv.Lines[i].Taxes...)
		}
		for _, t := range taxes {
			c.must(receiptTax(ESMM, t.Code), t.Name)
		}
	} else {
		c.deductions()
		c.producerTotals()
	}
	c.faults = append(c.faults, inv.CheckKind()...)
}

// receiptKind judges what a receipt may have at all: a producer receipt names a farmer, and both lack what only invoices
// have.
func (c *checker) receiptKind(kind Kind) {
	inv := c.inv
	if kind == EMM && (len(inv.Buyer.TaxNo) != 11 || inv.Buyer.TaxNo == FinalConsumer) {
		c.fault("receipt.producer", "buyer_tax_no", MaskTaxNo(inv.Buyer.TaxNo))
	}
	for _, f := range []struct {
		given  bool
		column string
	}{
		{len(inv.Returns) > 0, "return_no"}, {inv.Investment != nil, "investment_no"}, {inv.SGK != nil, "sgk_cost"},
		{inv.ChargeReport != nil, "charging_report_id"}, {inv.BuyerCustomer != nil, "buyer_customer_name"},
		{inv.Representative != nil, "representative_tax_no"}, {inv.Internet != nil, "internet_website"},
	} {
		if f.given {
			c.fault("receipt.field", f.column, f.column)
		}
	}
}

// receiptTax tells the taxes that a receipt may show.
func receiptTax(kind Kind, code string) bool {
	if kind == ESMM {
		return code == codes.VAT || code == codes.IncomeTax
	}
	_, ok := codes.ProducerDeduction(code)
	return ok
}

// deductions wants those of the document to be those of the lines, each of no more than what it is taken of.
func (c *checker) deductions() {
	inv := c.inv
	c.must(len(inv.Withholding) == 0, "tevkifat")
	tolerance := lineTolerance.Mul(decimal.NewFromInt(int64(len(inv.Lines) + 1)))
	for _, t := range inv.Taxes {
		c.must(receiptTax(EMM, t.Code) && money(t.Taxable) && money(t.Amount) && c.product(t, tolerance), t.Name+" %"+t.Rate.String())
	}
	c.rates(judgeTolerance.Mul(decimal.NewFromInt(int64(max(1, len(inv.Lines))))))
}

// lineDeductions is lineTaxes for a producer receipt.
func (c *checker) lineDeductions(l *Line) {
	for _, t := range l.Taxes {
		if !receiptTax(EMM, t.Code) || !money(t.Taxable) || !money(t.Amount) || !c.product(t, judgeTolerance) || t.Exemption != (Exemption{}) || t.NotAdded {
			c.must(false, "satır "+l.ID+" kesinti "+t.Code)
		}
	}
	c.must(len(l.Withholding) == 0, "satır "+l.ID+" tevkifat")
}

// producerTotals adds up a producer receipt: LineExtension is gross, everything after it is net of the deductions.
func (c *checker) producerTotals() {
	inv, t := c.inv, &c.inv.Totals
	var nets, lines, whole, allowance, charge decimal.Decimal
	for i := range inv.Lines {
		nets = nets.Add(inv.Lines[i].Net)
		for _, x := range inv.Lines[i].Taxes {
			lines = lines.Add(x.Amount)
		}
	}
	for _, x := range inv.Taxes {
		whole = whole.Add(x.Amount)
	}
	for _, a := range inv.Allowances {
		if a.Charge {
			charge = charge.Add(a.Amount)
		} else {
			allowance = allowance.Add(a.Amount)
		}
	}
	zero := []decimal.Decimal{t.VAT, t.OtherTaxes, t.Withheld, t.Expenses}
	for _, x := range append(zero, t.LineExtension, t.TaxExclusive, t.TaxInclusive, t.Allowance, t.Charge, t.Deducted, t.Payable) {
		if !money(x) {
			c.must(false, "tutar "+x.String())
		}
	}
	c.must(!slices.ContainsFunc(zero, func(d decimal.Decimal) bool { return !d.IsZero() }), "KDV")
	c.must(nets.Equal(t.LineExtension), "satırların toplamı")
	c.must(allowance.Equal(t.Allowance) && charge.Equal(t.Charge), "belge iskontosu")
	c.must(whole.Equal(t.Deducted), "kesinti toplamı")
	c.must(charge.IsPositive() || lines.Equal(whole), "satır kesintileri")
	c.must(t.LineExtension.Sub(t.Allowance).Add(t.Charge).Sub(t.Deducted).Equal(t.TaxExclusive), "net tutar")
	c.must(t.TaxInclusive.Equal(t.TaxExclusive), "vergiler dahil toplam")
	c.must(t.TaxInclusive.Add(t.Rounding).Equal(t.Payable), "ödenecek tutar")
}
