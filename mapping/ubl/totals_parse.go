package ubl

import (
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

var (
	hundred  = decimal.NewFromInt(100)
	twoCents = decimal.New(2, -2)
)

// parseAllowance reads cac:AllowanceCharge. MultiplierFactorNumeric is a fraction by UBL and by GİB's guide, but some
// senders write percent; the amounts tell which, and without a base a number above 1 is percent.
func (r *reader) parseAllowance(n node) (invoice.AllowanceCharge, error) {
	a := invoice.AllowanceCharge{Reason: r.textAt(n, "AllowanceChargeReason")}
	indicator := r.textAt(n, "ChargeIndicator")
	a.Charge = indicator == "true" || indicator == "1"
	var err error
	if a.Amount, err = r.childNumber(n, "Amount"); err != nil {
		return a, err
	}
	if a.Base, err = r.childNumber(n, "BaseAmount"); err != nil {
		return a, err
	}
	factor, ok := r.child(n, "MultiplierFactorNumeric")
	if !ok || value(factor) == "" {
		return a, nil
	}
	m, err := r.number(factor)
	if err != nil {
		return a, err
	}
	percent := m.GreaterThan(decimal.NewFromInt(1))
	if !a.Base.IsZero() {
		off := func(x decimal.Decimal) bool { return x.Sub(a.Amount).Abs().GreaterThan(twoCents) }
		percent = off(a.Base.Mul(m)) && !off(a.Base.Mul(m).Shift(-2))
	}
	if !percent {
		m = m.Mul(hundred)
	}
	a.Rate = invoice.Some(m)
	return a, nil
}

// parseTaxes reads every cac:TaxSubtotal of a cac:TaxTotal or cac:WithholdingTaxTotal. A subtotal without a type code
// whose name begins with KDV is VAT.
func (r *reader) parseTaxes(total node, into *[]invoice.TaxSubtotal) error {
	return r.each(total, "TaxSubtotal", func(n node) error {
		scheme := r.path(n, "TaxCategory", "TaxScheme")
		t := invoice.TaxSubtotal{
			Code: r.textAt(scheme, "TaxTypeCode"),
			Name: r.textAt(scheme, "Name"),
			Exemption: invoice.Exemption{
				Code:   r.textAt(n, "TaxCategory", "TaxExemptionReasonCode"),
				Reason: r.textAt(n, "TaxCategory", "TaxExemptionReason"),
			},
		}
		if id := r.textAt(scheme, "ID"); r.credits && t.Code == codes.VATWithheld && isWithheld(id) {
			t.Code = id // takeWithheld moves it to where it belongs
		}
		if t.Code == "" && strings.HasPrefix(strings.ToUpper(t.Name), "KDV") {
			t.Code = codes.VAT
		}
		var err error
		if t.Taxable, err = r.childNumber(n, "TaxableAmount"); err != nil {
			return err
		}
		if t.Amount, err = r.childNumber(n, "TaxAmount"); err != nil {
			return err
		}
		if t.Rate, err = r.childNumber(n, "Percent"); err != nil {
			return err
		}
		_, percent := r.child(n, "Percent")
		t.Fixed = !percent
		t.NotAdded = r.textAt(n, "CalculationSequenceNumeric") == "-1"
		*into = append(*into, t)
		return nil
	})
}

// parseTotals reads cac:LegalMonetaryTotal.
func (r *reader) parseTotals(n node) (invoice.Totals, error) {
	var t invoice.Totals
	payable, ok := r.child(n, "PayableAmount")
	if !ok {
		return t, refuseRead(r.in, n.at, "the totals have no PayableAmount")
	}
	var err error
	if t.Payable, err = r.number(payable); err != nil {
		return t, err
	}
	for _, f := range []struct {
		local string
		into  *decimal.Decimal
	}{
		{"LineExtensionAmount", &t.LineExtension},
		{"TaxExclusiveAmount", &t.TaxExclusive},
		{"TaxInclusiveAmount", &t.TaxInclusive},
		{"AllowanceTotalAmount", &t.Allowance},
		{"ChargeTotalAmount", &t.Charge},
		{"PayableRoundingAmount", &t.Rounding},
	} {
		if *f.into, err = r.childNumber(n, f.local); err != nil {
			return t, err
		}
	}
	return t, nil
}

// sumParts fills the totals that have no place of their own in UBL.
func sumParts(inv *invoice.Invoice) {
	t := &inv.Totals
	t.VAT, t.OtherTaxes, t.Deducted, t.Expenses = decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	for _, x := range inv.Taxes {
		switch {
		case x.NotAdded:
		case x.Code == codes.VAT:
			t.VAT = t.VAT.Add(x.Amount)
		case inv.Deducts(x.Code):
			t.Deducted = t.Deducted.Add(x.Amount)
		default:
			t.OtherTaxes = t.OtherTaxes.Add(x.Amount)
		}
	}
	t.Withheld = sumTaxes(inv.Withholding)
	for _, x := range inv.Expenses {
		t.Expenses = t.Expenses.Add(x.Amount)
	}
}
