package turkcellsim

import (
	"github.com/shopspring/decimal"
)

// typeProducer is the CreditNoteTypeCode of an e-MM.
const typeProducer = "MUSTAHSILMAKBUZ"

// The taxes that a receipt may show: what an e-MM takes off, and what stands on an e-SMM (facts/receipts.md).
var (
	producerTaxes = map[string]bool{"0003": true, "9040": true, "8001": true, "SGK_PRIM": true}
	voucherTaxes  = map[string]bool{"0015": true, "0003": true, "9015": true}
)

// receipt checks a CreditNote. There is no Schematron for it: the schema, the guide's fields and what samples agree on.
func (j *judge) receipt() {
	c := j.c
	want := j.voucherType
	if j.kind == KindEMM {
		want = typeProducer
	}
	j.identity()
	if c.profile != "EARSIVBELGE" || c.typeCode != want {
		j.add("model.GeneralInfoModel.Type", msgReceiptKind, c.profile, c.typeCode)
	}
	j.money()
	j.dates()
	if c.issueTime == "" {
		j.add("model.GeneralInfoModel.IssueTime", msgReceiptTime)
	}
	j.customer()
	if j.kind == KindEMM && (c.customer.scheme != "TCKN" || c.customer.taxNo == "11111111111") {
		j.add("", msgFarmer, c.customer.taxNo)
	}
	j.lines()
	j.receiptTaxes()
	if !c.asJSON {
		j.receiptTotals()
	}
}

func (j *judge) receiptTaxes() {
	c, known, vat := j.c, producerTaxes, false
	if j.kind == KindESMM {
		known = voucherTaxes
	}
	for _, t := range c.taxes {
		vat = vat || t.code == "0015"
		switch {
		case !known[t.code]:
			j.add("model.InvoiceLines.Taxes", msgReceiptTax, t.code)
		case t.code == "0015" && t.amount.value.IsZero() && t.exemption == "":
			j.add("model.InvoiceLines.VatExemptionReasonCode", msgExemption)
		}
	}
	if j.kind == KindESMM && !vat {
		j.add("model.InvoiceLines.VatRate", msgNoVAT)
	}
	if c.withheld.text != "" {
		j.add("", msgNotInReceipt, "WithholdingTaxTotal")
	}
}

// receiptTotals checks the sums. Of an e-MM everything behind the sum of the lines is net of the deductions; an e-SMM is summed
// as an invoice is, and pays what is left after stopaj and withheld VAT.
func (j *judge) receiptTotals() {
	c := j.c
	if !j.legalAmounts() || j.rules.LenientTotals {
		return
	}
	agree := j.agree()
	var nets, vat, kept decimal.Decimal
	for _, l := range c.lines {
		nets = nets.Add(l.net.value)
	}
	for _, t := range c.taxes {
		if t.code == "0015" {
			vat = vat.Add(t.amount.value)
		} else {
			kept = kept.Add(t.amount.value)
		}
	}
	agree("LineExtensionAmount", c.net.value, nets)
	exclusive := nets.Sub(c.allowance.value).Add(c.charge.value)
	if j.kind == KindEMM {
		exclusive, kept = exclusive.Sub(kept), decimal.Zero
	}
	agree("TaxExclusiveAmount", c.exclusive.value, exclusive)
	agree("TaxInclusiveAmount", c.inclusive.value, exclusive.Add(vat))
	agree("PayableAmount", c.payable.value, c.inclusive.value.Sub(kept).Add(c.rounding.value))
}
