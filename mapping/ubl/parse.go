package ubl

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// draft is a Document in the making: the parts may come in any order.
type draft struct {
	reader
	doc      Document
	pay      payments
	internet *bool // what a reference says about a web sale; nil = nothing
	has      map[string]bool
}

// Parse reads UBL-TR XML: an Invoice, or the CreditNote of a receipt. It is strict where safety asks for it (the limits, DOCTYPE, entities, encodings) and tolerant
// otherwise: order of elements, prefixes, unknown elements and missing optional parts do not matter. Without an ETTN,
// a number, a date, a currency, a seller and an amount to pay it is no invoice. Errors are fault.Permanent with line and
// column.
func Parse(data []byte) (Document, error) {
	text, err := decode(data)
	if err != nil {
		return Document{}, err
	}
	d := draft{reader: reader{scanner: scanner{in: text}}, has: make(map[string]bool, 16)}
	if err := d.children(func([]byte) bool { return true }, d.take); err != nil {
		return Document{}, err
	}
	if err := d.finish(); err != nil {
		return Document{}, err
	}
	return d.doc, nil
}

// take reads one child of the root.
func (d *draft) take(n node) error {
	inv := &d.doc.Invoice
	if err := d.keep(n); err != nil {
		return err
	}
	var err error
	switch string(n.local) {
	case "CustomizationID":
		d.doc.CustomizationID = value(n)
	case "ProfileID":
		inv.Scenario = value(n)
	case "ID":
		d.doc.Number = value(n)
	case "UUID":
		if d.doc.ETTN, err = uuid.Parse(value(n)); err != nil {
			return refuseRead(d.in, n.at, "%q is not an ETTN", cut([]byte(value(n))))
		}
	case "IssueDate":
		inv.IssueDate, err = d.date(n)
	case "IssueTime":
		inv.IssueTime = clockTime(value(n))
	case "InvoiceTypeCode", "CreditNoteTypeCode":
		inv.Type = value(n)
	case "Note":
		d.doc.Notes = append(d.doc.Notes, value(n))
	case "DocumentCurrencyCode":
		inv.Currency = value(n)
	case "AccountingCost":
		if cost := value(n); cost != "" {
			if inv.SGK == nil {
				inv.SGK = &invoice.SGK{}
			}
			inv.SGK.Cost = cost
		}
	case "Signature":
		d.doc.SignatureSlots = true
	default:
		return d.takeAggregate(n)
	}
	d.has[string(n.local)] = true
	return err
}

// takeAggregate reads one child of the root that has parts.
func (d *draft) takeAggregate(n node) error {
	inv := &d.doc.Invoice
	var err error
	switch string(n.local) {
	case "InvoicePeriod":
		inv.Period, err = d.parsePeriod(n)
	case "ContractDocumentReference":
		err = d.parseContract(n)
	case "OrderReference":
		var ref invoice.Reference
		ref, err = d.parseReference(n)
		inv.Order = &ref
	case "BillingReference":
		if c, ok := d.child(n, "InvoiceDocumentReference"); ok {
			err = appendTo(&inv.Returns, c, d.parseReference)
		}
	case "DespatchDocumentReference":
		err = appendTo(&inv.Despatches, n, d.parseReference)
	case "AdditionalDocumentReference":
		err = d.parseAdditional(n, d)
	case "AccountingSupplierParty", "AccountingCustomerParty", "BuyerCustomerParty", "SellerSupplierParty", "TaxRepresentativeParty":
		err = d.takeParty(n)
	case "Delivery":
		if err = d.parseDelivery(n, &d.pay); err == nil && inv.Delivery == nil {
			inv.Delivery, err = d.parseGoods(n)
		}
	case "PaymentMeans":
		err = d.parsePaymentMeans(n, &d.pay)
	case "PaymentTerms":
		err = d.parsePaymentTerms(n, &d.pay)
	case "AllowanceCharge":
		err = d.takeAllowance(n)
	case "PricingExchangeRate":
		inv.Rate, err = d.childNumber(n, "CalculationRate")
	case "TaxTotal":
		err = d.parseTaxes(n, &inv.Taxes)
	case "WithholdingTaxTotal":
		err = d.parseTaxes(n, &inv.Withholding)
	case "LegalMonetaryTotal":
		inv.Totals, err = d.parseTotals(n)
	case "InvoiceLine", "CreditNoteLine":
		if len(inv.Lines) == MaxLines {
			return refuseRead(d.in, n.at, "the invoice has more than %d lines", MaxLines)
		}
		err = appendTo(&inv.Lines, n, d.parseLine)
	default:
		return nil
	}
	d.has[string(n.local)] = true
	return err
}

// parseContract tells the certificate of an investment from a contract; the first of each counts.
func (d *draft) parseContract(n node) error {
	r, err := d.parseReference(n)
	id, _ := d.child(n, "ID")
	into := &d.doc.Invoice.Contract
	if d.attr(id, "schemeID") == schemeCertificate {
		into = &d.doc.Invoice.Investment
	}
	if *into == nil {
		*into = &r
	}
	return err
}

// takeAllowance tells the expenses of a commission agent from discounts and charges.
func (d *draft) takeAllowance(n node) error {
	inv := &d.doc.Invoice
	a, err := d.parseAllowance(n)
	if codes.Expense(a.Reason) && !a.Charge {
		inv.Expenses = append(inv.Expenses, invoice.Expense{Kind: a.Reason, Rate: a.Rate, Amount: a.Amount})
	} else {
		inv.Allowances = append(inv.Allowances, a)
	}
	return err
}

func (d *draft) takeParty(n node) error {
	inner, ok := d.child(n, "Party")
	if !ok {
		inner = n // TaxRepresentativeParty is a party itself
	}
	p, err := d.parseParty(inner)
	switch string(n.local) {
	case "AccountingSupplierParty":
		d.doc.Invoice.Seller = p
	case "AccountingCustomerParty":
		d.doc.Invoice.Buyer = p
	case "BuyerCustomerParty":
		d.doc.Invoice.BuyerCustomer = &p
	case "SellerSupplierParty":
		d.doc.SellerSupplier = &p
	case "TaxRepresentativeParty":
		d.doc.Invoice.Representative = &p
	}
	return err
}

// finish draws the conclusions that need the whole document.
func (d *draft) finish() error {
	inv := &d.doc.Invoice
	d.doc.Signed = d.signed
	d.doc.Kind = kindOf(d.credits, inv.Scenario, inv.Type)
	if d.credits && !d.doc.Kind.Receipt() {
		return d.fail("the CreditNote of profile %q is no receipt", cut([]byte(inv.Scenario)))
	}
	for _, must := range [...]struct{ element, words string }{
		{"UUID", "ETTN (UUID)"},
		{"ID", "number (ID)"},
		{"IssueDate", "issue date"},
		{"DocumentCurrencyCode", "currency"},
		{"AccountingSupplierParty", "seller"},
		{"LegalMonetaryTotal", "totals"},
	} {
		if !d.has[must.element] {
			return d.fail("the invoice has no %s", must.words)
		}
	}
	switch {
	case d.doc.Number == "":
		return d.fail("the invoice has no number (ID)")
	case inv.IssueDate.IsZero():
		return d.fail("the invoice has no issue date")
	case inv.Seller.TaxNo == "":
		return d.fail("the seller has no tax number")
	}
	if inv.Currency == lira {
		inv.Rate = decimal.NewFromInt(1)
	}
	if d.doc.Kind.Receipt() {
		inv.Delivered = d.pay.shipped
		inv.Taxes, inv.Withholding = takeWithheld(inv.Taxes)
		for i := range inv.Lines {
			l := &inv.Lines[i]
			l.Taxes, l.Withholding = takeWithheld(l.Taxes)
		}
	}
	sumParts(inv)
	if t := &inv.Totals; t.Charge.GreaterThanOrEqual(t.Expenses) {
		t.Charge = t.Charge.Sub(t.Expenses)
	}
	d.pay.settle(inv, d.doc.Kind, d.internet)
	inv.Notes = ownNotes(inv, d.doc.Notes)
	return nil
}

// ownNotes takes the generated notes off the front: what is left is the invoice's own.
func ownNotes(inv *invoice.Invoice, notes []string) []string {
	for _, g := range generatedNotes(inv) {
		if len(notes) > 0 && notes[0] == g {
			notes = notes[1:]
		}
	}
	return slices.Clone(notes)
}

// clockTime cuts fractions and zones off a time: "15:04:05".
func clockTime(s string) string {
	if len(s) > len("15:04:05") {
		return s[:len("15:04:05")]
	}
	return s
}

func appendTo[T any](list *[]T, n node, parse func(node) (T, error)) error {
	v, err := parse(n)
	if err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

// Peek reads only what tells documents apart. With an error it still returns what it had found by then, for people who
// look at a quarantined document; a part that cannot be read is left empty.
func Peek(data []byte) (Summary, error) {
	var s Summary
	text, err := decode(data)
	if err != nil {
		return s, err
	}
	r := reader{scanner: scanner{in: text}}
	err = r.children(peeked, func(n node) error {
		switch string(n.local) {
		case "ProfileID":
			s.Profile = value(n)
		case "ID":
			s.Number = value(n)
		case "UUID":
			s.ETTN, _ = uuid.Parse(value(n))
		case "IssueDate":
			s.IssueDate, _ = r.date(n)
		case "InvoiceTypeCode", "CreditNoteTypeCode":
			s.Type = value(n)
		case "DocumentCurrencyCode":
			s.Currency = value(n)
		case "AdditionalDocumentReference":
			if r.textAt(n, "DocumentType") == refLocal {
				s.LocalReference = r.textAt(n, "ID")
			}
		case "AccountingSupplierParty":
			s.SenderTaxNo, s.SenderName = r.peekParty(n)
		case "AccountingCustomerParty":
			s.ReceiverTaxNo, s.ReceiverName = r.peekParty(n)
		case "LegalMonetaryTotal":
			s.Payable, _ = r.childNumber(n, "PayableAmount")
		}
		return nil
	})
	s.CreditNote = r.credits
	if err == nil && s.ETTN == uuid.Nil {
		err = r.fail("the invoice has no ETTN (UUID)")
	}
	return s, err
}

func (r *reader) peekParty(n node) (taxNo, name string) {
	inner, _ := r.child(n, "Party")
	p, _ := r.parseParty(inner)
	return p.TaxNo, p.Name
}

// peeked tells the children of the root that Peek looks at.
func peeked(local []byte) bool {
	switch string(local) {
	case "ProfileID", "ID", "UUID", "IssueDate", "InvoiceTypeCode", "CreditNoteTypeCode", "DocumentCurrencyCode", "AdditionalDocumentReference",
		"AccountingSupplierParty", "AccountingCustomerParty", "LegalMonetaryTotal":
		return true
	}
	return false
}
