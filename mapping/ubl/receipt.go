package ubl

import (
	"slices"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

const (
	receiptOpen = xmlOpen + `<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"` + namespaces +
		` xsi:schemaLocation="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2 UBL-CreditNote-2.1.xsd">` + "\n"
	receiptClose = "</CreditNote>\n"
)

// receipt writes a CreditNote-2: the UBL of e-MM and e-SMM. Its XSD has another order than that of the Invoice, and no place
// for withheld VAT but a tax of its own.
func (e *encoder) receipt(inv *invoice.Invoice, h *Header) {
	e.buf = append(e.buf, receiptOpen...)
	e.depth = 1
	e.credits = true
	e.header("cbc:CreditNoteTypeCode", inv, h)
	e.parties(inv)
	if !inv.Delivered.IsZero() {
		e.open("cac:Delivery")
		e.must("cbc:ActualDeliveryDate", inv.Delivered.String())
		e.close("cac:Delivery")
	}
	e.payment(inv.Payment, nil)
	e.exchangeRate(inv)
	e.allowances(inv.Allowances)
	e.taxTotal("cac:TaxTotal", slices.Concat(inv.Taxes, inv.Withholding))
	e.monetaryTotal(inv.Totals)
	for i := range inv.Lines {
		e.receiptLine(&inv.Lines[i])
	}
	e.buf = append(e.buf, receiptClose...)
}

// receiptLine writes cac:CreditNoteLine.
func (e *encoder) receiptLine(l *invoice.Line) {
	e.open("cac:CreditNoteLine")
	e.must("cbc:ID", l.ID)
	e.quantity("cbc:CreditedQuantity", l.Unit, l.Quantity)
	e.amount("cbc:LineExtensionAmount", l.Net)
	e.saleLine(l.SaleLine)
	e.goods(l.Delivery)
	e.taxTotal("cac:TaxTotal", slices.Concat(l.Taxes, l.Withholding))
	e.allowances(l.Allowances)
	e.item(l)
	e.close("cac:CreditNoteLine")
}

// isWithheld tells the codes of withheld VAT from those of taxes.
func isWithheld(code string) bool {
	_, ok := codes.WithholdingOf(code)
	return ok
}

// takeWithheld moves withheld VAT out of the taxes of a receipt, where its own code stands in the scheme's ID.
func takeWithheld(taxes []invoice.TaxSubtotal) (others, withheld []invoice.TaxSubtotal) {
	for _, t := range taxes {
		if isWithheld(t.Code) {
			withheld = append(withheld, t)
		} else {
			others = append(others, t)
		}
	}
	return others, withheld
}
