package turkcellsim

import (
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// content is what the simulator understands of an invoice or receipt, from UBL or from the JSON model.
type content struct {
	creditNote                         bool // a receipt: its elements have other names
	ublVersion, customization, profile string
	id, uuid, copyIndicator            string
	idFrom, idTo                       int // where the number stands in the source; 0, 0 = nowhere
	issueDate, issueTime, typeCode     string
	currency                           string
	rate                               string
	lineCount                          string
	supplier, customer                 party
	net, exclusive, inclusive          amount
	allowance, charge, rounding        amount
	payable                            amount
	taxTotal, withheld                 amount
	taxes                              []taxSubtotal
	lines                              []line
	sendType, internetSale             string
	returns                            int // billing references of type IADE
	notes                              []string
	foreignAmounts                     string // a currencyID other than the document's
	asJSON                             bool
}

type party struct {
	scheme, taxNo             string
	name, first, last         string
	street, district, city    string
	country, taxOffice, email string
}

func (p party) title() string {
	if p.name != "" {
		return p.name
	}
	return strings.TrimSpace(p.first + " " + p.last)
}

type taxSubtotal struct {
	code, exemption string
	percent         string
	taxable, amount amount
	sequence        string
}

type line struct {
	id, name, unit  string
	quantity, price amount
	net, vat        amount
	rate            string
}

// amount is a number as it was written and as it was understood.
type amount struct {
	text  string
	value decimal.Decimal
	bad   bool // there is text, and it is not a plain decimal number
}

func readAmount(text string) amount {
	a := amount{text: text}
	if text == "" {
		return a
	}
	if strings.Trim(text, "0123456789.-") != "" || len(text) > 40 { // XSD decimal knows no exponent
		a.bad = true
		return a
	}
	v, err := decimal.NewFromString(text)
	a.value, a.bad = v, err != nil
	return a
}

// readUBL understands the bytes of an invoice.
func readUBL(raw []byte) (*content, error) {
	t, err := parseXML(raw)
	if err != nil {
		return nil, err
	}
	receipt := t.isRoot(spaceCreditNote, "CreditNote")
	if !receipt && !t.isRoot(spaceInvoice, "Invoice") {
		return nil, errors.New("XML bir UBL faturası (Invoice-2) ya da makbuzu (CreditNote-2) değil")
	}
	return t.content(len(raw)-len(t.src), receipt), nil
}

func (t *tree) content(shift int, receipt bool) *content {
	typeCode, lines := "InvoiceTypeCode", "InvoiceLine"
	if receipt {
		typeCode, lines = "CreditNoteTypeCode", "CreditNoteLine"
	}
	c := &content{
		creditNote: receipt,
		ublVersion: t.leaf(0, "UBLVersionID"), customization: t.leaf(0, "CustomizationID"),
		profile: t.leaf(0, "ProfileID"), id: t.leaf(0, "ID"), uuid: t.leaf(0, "UUID"),
		copyIndicator: t.leaf(0, "CopyIndicator"), issueDate: t.leaf(0, "IssueDate"), issueTime: t.leaf(0, "IssueTime"),
		typeCode: t.leaf(0, typeCode), currency: t.leaf(0, "DocumentCurrencyCode"),
		lineCount: t.leaf(0, "LineCountNumeric"),
		rate:      t.leaf(t.group(0, "PricingExchangeRate"), "CalculationRate"),
	}
	if i := t.child(0, spaceBasic, "ID"); i >= 0 {
		c.idFrom, c.idTo = int(t.nodes[i].textFrom)+shift, int(t.nodes[i].textTo)+shift
	}
	for i := t.nodes[0].child; i != 0; i = t.nodes[i].next {
		if n := t.nodes[i]; n.space == spaceBasic && string(t.src[n.nameFrom:n.nameTo]) == "Note" {
			c.notes = append(c.notes, t.text(i))
		}
	}
	c.supplier = t.party(t.group(0, "AccountingSupplierParty", "Party"))
	c.customer = t.party(t.group(0, "AccountingCustomerParty", "Party"))
	t.totals(c)
	t.each(0, lines, func(i int32) { c.lines = append(c.lines, t.line(c, i)) })
	t.each(0, "AdditionalDocumentReference", func(i int32) { t.reference(c, i) })
	t.each(0, "BillingReference", func(i int32) {
		code := t.leaf(t.group(i, "InvoiceDocumentReference"), "DocumentTypeCode")
		if code == "IADE" || code == "İADE" {
			c.returns++
		}
	})
	return c
}

func (t *tree) party(at int32) party {
	p := party{
		name:      t.leaf(t.group(at, "PartyName"), "Name"),
		first:     t.leaf(t.group(at, "Person"), "FirstName"),
		last:      t.leaf(t.group(at, "Person"), "FamilyName"),
		taxOffice: t.leaf(t.group(at, "PartyTaxScheme", "TaxScheme"), "Name"),
		email:     t.leaf(t.group(at, "Contact"), "ElectronicMail"),
		country:   t.leaf(t.group(at, "PostalAddress", "Country"), "Name"),
	}
	address := t.group(at, "PostalAddress")
	p.street, p.city = t.leaf(address, "StreetName"), t.leaf(address, "CityName")
	p.district = t.leaf(address, "CitySubdivisionName")
	t.each(at, "PartyIdentification", func(i int32) {
		id := t.child(i, spaceBasic, "ID")
		if s := t.attr(id, "schemeID"); (s == "VKN" || s == "TCKN") && p.taxNo == "" {
			p.scheme, p.taxNo = s, t.text(id)
		}
	})
	return p
}

func (t *tree) totals(c *content) {
	sum := t.group(0, "LegalMonetaryTotal")
	c.net, c.exclusive = t.amount(c, sum, "LineExtensionAmount"), t.amount(c, sum, "TaxExclusiveAmount")
	c.inclusive, c.allowance = t.amount(c, sum, "TaxInclusiveAmount"), t.amount(c, sum, "AllowanceTotalAmount")
	c.charge, c.rounding = t.amount(c, sum, "ChargeTotalAmount"), t.amount(c, sum, "PayableRoundingAmount")
	c.payable = t.amount(c, sum, "PayableAmount")
	c.taxTotal = t.amount(c, t.group(0, "TaxTotal"), "TaxAmount")
	t.each(0, "TaxTotal", func(total int32) {
		t.each(total, "TaxSubtotal", func(i int32) { c.taxes = append(c.taxes, t.subtotal(c, i)) })
	})
	t.each(0, "WithholdingTaxTotal", func(total int32) {
		a := t.amount(c, total, "TaxAmount")
		c.withheld = amount{text: a.text, value: c.withheld.value.Add(a.value), bad: c.withheld.bad || a.bad}
	})
}

func (t *tree) subtotal(c *content, at int32) taxSubtotal {
	category := t.group(at, "TaxCategory")
	return taxSubtotal{
		code:      t.leaf(t.group(category, "TaxScheme"), "TaxTypeCode"),
		exemption: t.leaf(category, "TaxExemptionReason"),
		percent:   t.leaf(at, "Percent"), sequence: t.leaf(at, "CalculationSequenceNumeric"),
		taxable: t.amount(c, at, "TaxableAmount"), amount: t.amount(c, at, "TaxAmount"),
	}
}

func (t *tree) amount(c *content, at int32, name string) amount {
	i := t.child(at, spaceBasic, name)
	if i < 0 {
		return amount{}
	}
	if code := t.attr(i, "currencyID"); code != c.currency && c.foreignAmounts == "" {
		c.foreignAmounts = name + " " + code
	}
	return readAmount(t.text(i))
}

func (t *tree) line(c *content, at int32) line {
	quantity := t.child(at, spaceBasic, "InvoicedQuantity")
	if c.creditNote {
		quantity = t.child(at, spaceBasic, "CreditedQuantity")
	}
	tax := t.group(at, "TaxTotal")
	return line{
		id: t.leaf(at, "ID"), name: t.leaf(t.group(at, "Item"), "Name"), unit: t.attr(quantity, "unitCode"),
		quantity: readAmount(t.text(quantity)), price: t.amount(c, t.group(at, "Price"), "PriceAmount"),
		net: t.amount(c, at, "LineExtensionAmount"), vat: t.amount(c, tax, "TaxAmount"),
		rate: t.leaf(t.group(tax, "TaxSubtotal"), "Percent"),
	}
}

// reference finds SendType and IsInternetSale. Where exactly they stand in the reference is not known, so any two of its
// texts will do: one names the field, another is the value.
func (t *tree) reference(c *content, at int32) {
	texts := []string{
		t.leaf(at, "ID"), t.attr(t.child(at, spaceBasic, "ID"), "schemeID"), t.leaf(at, "DocumentTypeCode"),
		t.leaf(at, "DocumentType"), t.leaf(at, "DocumentDescription"),
	}
	has := func(names ...string) string {
		for _, text := range texts {
			for _, name := range names {
				if strings.EqualFold(text, name) {
					return name
				}
			}
		}
		return ""
	}
	if has("SendType") != "" {
		c.sendType = has("KAGIT", "ELEKTRONIK")
	}
	if has("IsInternetSale") != "" {
		c.internetSale = has("true", "false")
	}
}

func (c *content) ettn() (uuid.UUID, bool) {
	if len(c.uuid) != 36 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(c.uuid)
	return id, err == nil && id != uuid.Nil
}
