package ubl

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// allowances writes discounts and surcharges of the document or of a line.
func (e *encoder) allowances(list []invoice.AllowanceCharge) {
	for _, a := range list {
		e.open("cac:AllowanceCharge")
		e.must("cbc:ChargeIndicator", boolText(a.Charge))
		e.text("cbc:AllowanceChargeReason", a.Reason)
		if a.Rate.Valid {
			e.number("cbc:MultiplierFactorNumeric", a.Rate.Decimal.Shift(-2)) // UBL wants the fraction, we keep percent
		}
		e.amount("cbc:Amount", a.Amount)
		if !a.Base.IsZero() {
			e.amount("cbc:BaseAmount", a.Base)
		}
		e.close("cac:AllowanceCharge")
	}
}

// taxTotal writes cac:TaxTotal or cac:WithholdingTaxTotal, or nothing without subtotals. The sum is the full tax:
// withholding is not taken off it.
func (e *encoder) taxTotal(name string, taxes []invoice.TaxSubtotal) {
	if len(taxes) == 0 {
		return
	}
	e.open(name)
	e.amount("cbc:TaxAmount", sumAdded(taxes))
	for _, t := range taxes {
		e.open("cac:TaxSubtotal")
		e.amount("cbc:TaxableAmount", t.Taxable)
		e.amount("cbc:TaxAmount", t.Amount)
		if t.NotAdded {
			e.must("cbc:CalculationSequenceNumeric", "-1")
		}
		if !t.Fixed {
			e.number("cbc:Percent", t.Rate)
		}
		e.open("cac:TaxCategory")
		e.text("cbc:TaxExemptionReasonCode", t.Exemption.Code)
		e.text("cbc:TaxExemptionReason", t.Exemption.Reason)
		e.open("cac:TaxScheme")
		code := t.Code
		if e.credits && isWithheld(code) {
			e.must("cbc:ID", code)
			code = codes.VATWithheld
		}
		e.must("cbc:Name", t.Name)
		e.must("cbc:TaxTypeCode", code)
		e.close("cac:TaxScheme")
		e.close("cac:TaxCategory")
		e.close("cac:TaxSubtotal")
	}
	e.close(name)
}

// monetaryTotal writes cac:LegalMonetaryTotal. VAT and withholding have no place of their own there.
func (e *encoder) monetaryTotal(t invoice.Totals) {
	e.open("cac:LegalMonetaryTotal")
	e.amount("cbc:LineExtensionAmount", t.LineExtension)
	e.amount("cbc:TaxExclusiveAmount", t.TaxExclusive)
	e.amount("cbc:TaxInclusiveAmount", t.TaxInclusive)
	e.amount("cbc:AllowanceTotalAmount", t.Allowance)
	if charge := t.Charge.Add(t.Expenses); !charge.IsZero() { // expenses stand there in GİB's example
		e.amount("cbc:ChargeTotalAmount", charge)
	}
	if !t.Rounding.IsZero() {
		e.amount("cbc:PayableRoundingAmount", t.Rounding)
	}
	e.amount("cbc:PayableAmount", t.Payable)
	e.close("cac:LegalMonetaryTotal")
}

// exchangeRate writes cac:PricingExchangeRate, which GİB wants for every currency but TRY.
func (e *encoder) exchangeRate(inv *invoice.Invoice) {
	if inv.Currency == lira {
		return
	}
	e.open("cac:PricingExchangeRate")
	e.must("cbc:SourceCurrencyCode", inv.Currency)
	e.must("cbc:TargetCurrencyCode", lira)
	e.number("cbc:CalculationRate", inv.Rate)
	e.must("cbc:Date", inv.IssueDate.String())
	e.close("cac:PricingExchangeRate")
}

const lira = "TRY"

// taxName is the name of a tax in GİB's lists; the code itself where they have none.
func taxName(code string) string {
	if known, ok := codes.TaxName(code); ok {
		return known
	}
	if w, ok := codes.WithholdingOf(code); ok {
		return w.Name
	}
	return code
}

func sumTaxes(taxes []invoice.TaxSubtotal) decimal.Decimal {
	var sum decimal.Decimal
	for _, t := range taxes {
		sum = sum.Add(t.Amount)
	}
	return sum
}

// sumAdded is the total of a cac:TaxTotal: taxes that are only shown take no part.
func sumAdded(taxes []invoice.TaxSubtotal) decimal.Decimal {
	var sum decimal.Decimal
	for _, t := range taxes {
		if !t.NotAdded {
			sum = sum.Add(t.Amount)
		}
	}
	return sum
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
