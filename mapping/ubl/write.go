package ubl

import (
	"fmt"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// The namespaces of UBL-TR, in the order of GİB's examples.
const (
	xmlOpen    = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	namespaces = ` xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"` +
		` xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"` +
		` xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	invoiceOpen = xmlOpen + `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"` + namespaces +
		` xsi:schemaLocation="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2 UBL-Invoice-2.1.xsd">` + "\n"
	invoiceClose = "</Invoice>\n"
)

// defaultPrefix is the series of a placeholder number when the account has none.
const defaultPrefix = "AAA"

// Placeholder is the number that stands in the UBL until the provider assigns one: the series, the year of issue and
// the sequence 1. It must look like a number to pass GİB's pattern, and a sequence of zeros is refused by judges. An
// empty prefix gives "AAA".
func Placeholder(prefix string, issued invoice.Date) string {
	if prefix == "" {
		prefix = defaultPrefix
	}
	return fmt.Sprintf("%s%04d%09d", prefix, issued.Year, 1)
}

// Write gives the UBL-TR XML of inv, an Invoice or, of a receipt, a CreditNote: unsigned, deterministic (the same input gives the same bytes), elements in the
// order of GİB's XSD. What cannot be a legal document is refused with fault.Permanent.
func Write(inv invoice.Invoice, h Header) ([]byte, error) {
	if h.Kind == invoice.EArsiv && codes.EFaturaOnly(inv.Scenario) {
		return nil, refuse("the scenario %s needs an e-Fatura, and the route is e-Arşiv", inv.Scenario)
	}
	if receipt := inv.Receipt(); h.Kind != "" && (h.Kind.Receipt() || receipt != "") && h.Kind != receipt {
		return nil, refuse("a document of kind %q is not an invoice of type %q and profile %q", h.Kind, inv.Type, inv.Scenario)
	}
	inv, h = normalize(inv, h)
	if err := check(&inv, &h); err != nil {
		return nil, err
	}
	room := 6<<10 + len(inv.Lines)*2<<10
	for _, f := range inv.Files {
		room += len(f.Content)*4/3 + 512
	}
	e := encoder{currency: inv.Currency, buf: make([]byte, 0, room)}
	if h.Kind.Receipt() {
		e.receipt(&inv, &h)
	} else {
		e.invoice(&inv, &h)
	}
	return e.buf, nil
}

// invoice writes an Invoice-2.
func (e *encoder) invoice(inv *invoice.Invoice, h *Header) {
	e.buf = append(e.buf, invoiceOpen...)
	e.depth = 1
	e.header("cbc:InvoiceTypeCode", inv, h)
	e.parties(inv)
	e.goods(inv.Delivery)
	e.delivery(inv.Internet)
	e.payment(inv.Payment, inv.Internet)
	e.allowances(inv.Allowances)
	e.expenses(inv.Expenses)
	e.exchangeRate(inv)
	e.taxTotal("cac:TaxTotal", inv.Taxes)
	e.taxTotal("cac:WithholdingTaxTotal", inv.Withholding)
	e.monetaryTotal(inv.Totals)
	for i := range inv.Lines {
		e.line(&inv.Lines[i])
	}
	e.buf = append(e.buf, invoiceClose...)
}

// header writes everything before the parties; typeElement is what the kind of document calls its type.
func (e *encoder) header(typeElement string, inv *invoice.Invoice, h *Header) {
	if h.SignatureSlots {
		e.open("ext:UBLExtensions")
		e.open("ext:UBLExtension")
		e.must("ext:ExtensionContent", "")
		e.close("ext:UBLExtension")
		e.close("ext:UBLExtensions")
	}
	e.must("cbc:UBLVersionID", "2.1")
	e.must("cbc:CustomizationID", h.CustomizationID)
	e.must("cbc:ProfileID", inv.Scenario)
	e.must("cbc:ID", h.Number)
	e.must("cbc:CopyIndicator", "false")
	e.must("cbc:UUID", h.ETTN.String())
	e.must("cbc:IssueDate", inv.IssueDate.String())
	e.text("cbc:IssueTime", inv.IssueTime)
	e.must(typeElement, inv.Type)
	for _, n := range generatedNotes(inv) {
		e.text("cbc:Note", n)
	}
	for _, n := range inv.Notes {
		e.text("cbc:Note", n)
	}
	e.must("cbc:DocumentCurrencyCode", inv.Currency)
	if inv.SGK != nil {
		e.text("cbc:AccountingCost", inv.SGK.Cost)
	}
	e.count("cbc:LineCountNumeric", len(inv.Lines))
	e.invoicePeriod(inv.Period)
	e.references(inv, h)
	if h.SignatureSlots {
		e.signatureSlot(inv.Seller)
	}
}

func (e *encoder) parties(inv *invoice.Invoice) {
	e.open("cac:AccountingSupplierParty")
	e.party("cac:Party", inv.Seller)
	e.close("cac:AccountingSupplierParty")
	e.open("cac:AccountingCustomerParty")
	e.party("cac:Party", inv.Buyer)
	e.close("cac:AccountingCustomerParty")
	if inv.BuyerCustomer != nil {
		e.open("cac:BuyerCustomerParty")
		e.party("cac:Party", *inv.BuyerCustomer)
		e.close("cac:BuyerCustomerParty")
	}
	if inv.Representative != nil {
		e.party("cac:TaxRepresentativeParty", *inv.Representative)
	}
}

// signatureSlot writes an empty cac:Signature in the seller's name.
func (e *encoder) signatureSlot(seller invoice.Party) {
	e.open("cac:Signature")
	e.attributed("cbc:ID", "schemeID", "VKN_TCKN", seller.TaxNo)
	e.party("cac:SignatoryParty", invoice.Party{TaxNo: seller.TaxNo, Address: seller.Address})
	e.open("cac:DigitalSignatureAttachment")
	e.open("cac:ExternalReference")
	e.must("cbc:URI", "#Signature")
	e.close("cac:ExternalReference")
	e.close("cac:DigitalSignatureAttachment")
	e.close("cac:Signature")
}

// generatedNotes are the notes that are not the invoice's own: the amount in words, the ERP's number, and the sentence
// that the law asks of web shops. They come first, and Parse takes them away again.
func generatedNotes(inv *invoice.Invoice) []string {
	notes := make([]string, 0, 3)
	if w := Words(inv.Totals.Payable, inv.Currency); w != "" {
		notes = append(notes, w)
	}
	if inv.SaleNumber != "" {
		notes = append(notes, "Satış no: "+inv.SaleNumber)
	}
	if inv.Internet != nil {
		notes = append(notes, "Bu satış internet üzerinden yapılmıştır.")
	}
	return notes
}
