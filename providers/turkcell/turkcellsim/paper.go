package turkcellsim

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// paper is an invoice that the simulator itself writes: an incoming one, or one made from the JSON model.
type paper struct {
	ettn                     uuid.UUID
	number                   string
	scenario, typeCode       string
	date, time               string
	currency                 string
	rate                     decimal.Decimal
	seller, buyer            party
	notes                    []string
	returnNumber, returnDate string
	order, orderDate         string
	despatch, despatchDate   string
	lines                    []paperLine
	paymentCode, due         string
	creditNote               bool // a self-employment receipt
}

type paperLine struct {
	name, unit, sku   string
	quantity, price   decimal.Decimal
	discount          decimal.Decimal // money
	net, vat          decimal.Decimal
	rate              decimal.Decimal // percent
	exemption, reason string
	withholding       string // code; "" = none
	withheldRate      decimal.Decimal
	withheld          decimal.Decimal
	others            []paperTax // further taxes
}

// paperTax is a tax beside VAT on a line.
type paperTax struct {
	key             taxKey
	taxable, amount decimal.Decimal
}

// excise are the ÖTV lists: part of the VAT base by law.
var excise = map[string]bool{"0071": true, "0073": true, "0074": true, "0075": true, "0076": true, "0077": true, "9077": true}

// vatBase is what VAT is taken of.
func (l paperLine) vatBase() decimal.Decimal {
	base := l.net
	for _, t := range l.others {
		if excise[t.key.code] {
			base = base.Add(t.amount)
		}
	}
	return base
}

const paperHead = `<?xml version="1.0" encoding="UTF-8"?>
<ROOT xmlns="urn:oasis:names:specification:ubl:schema:xsd:ROOT-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
`

// sheet collects XML.
type sheet struct {
	bytes.Buffer
	currency string
}

func (s *sheet) open(name string)  { s.WriteString("<cac:" + name + ">") }
func (s *sheet) close(name string) { s.WriteString("</cac:" + name + ">") }

func (s *sheet) leaf(name, text string) { s.leafAttr(name, "", "", text) }

// some writes a leaf only when there is text.
func (s *sheet) some(name, text string) {
	if text != "" {
		s.leaf(name, text)
	}
}

func (s *sheet) leafAttr(name, attr, value, text string) {
	s.WriteString("<cbc:" + name)
	if attr != "" {
		s.WriteString(" " + attr + `="` + escape(value) + `"`)
	}
	s.WriteString(">" + escape(text) + "</cbc:" + name + ">")
}

func (s *sheet) money(name string, d decimal.Decimal) {
	s.leafAttr(name, "currencyID", s.currency, d.StringFixed(2))
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // into memory: cannot fail
	return b.String()
}

// ubl writes the invoice in the order of GİB's schema.
func (p paper) ubl() []byte {
	s := &sheet{currency: p.currency}
	s.WriteString(strings.ReplaceAll(paperHead, "ROOT", p.root()))
	p.header(s)
	p.references(s)
	s.open("AccountingSupplierParty")
	p.seller.write(s)
	s.close("AccountingSupplierParty")
	s.open("AccountingCustomerParty")
	p.buyer.write(s)
	s.close("AccountingCustomerParty")
	if p.paymentCode != "" {
		s.open("PaymentMeans")
		s.leaf("PaymentMeansCode", p.paymentCode)
		s.some("PaymentDueDate", p.due)
		s.close("PaymentMeans")
	}
	if p.currency != "TRY" {
		s.open("PricingExchangeRate")
		s.leaf("SourceCurrencyCode", p.currency)
		s.leaf("TargetCurrencyCode", "TRY")
		s.leaf("CalculationRate", p.rate.String())
		s.leaf("Date", p.date)
		s.close("PricingExchangeRate")
	}
	p.taxes(s)
	p.totals(s)
	for i, l := range p.lines {
		l.write(s, i+1, p.root())
	}
	s.WriteString("</" + p.root() + ">\n")
	return s.Bytes()
}

func (p paper) root() string {
	if p.creditNote {
		return "CreditNote"
	}
	return "Invoice"
}

func (p paper) header(s *sheet) {
	s.leaf("UBLVersionID", "2.1")
	s.leaf("CustomizationID", "TR1.2")
	s.leaf("ProfileID", p.scenario)
	s.leaf("ID", p.number)
	s.leaf("CopyIndicator", "false")
	s.leaf("UUID", p.ettn.String())
	s.leaf("IssueDate", p.date)
	s.some("IssueTime", p.time)
	s.leaf(p.root()+"TypeCode", p.typeCode)
	for _, n := range p.notes {
		s.leaf("Note", n)
	}
	s.leaf("DocumentCurrencyCode", p.currency)
	s.leaf("LineCountNumeric", fmt.Sprint(len(p.lines)))
}

func (p paper) references(s *sheet) {
	if p.order != "" {
		s.open("OrderReference")
		s.leaf("ID", p.order)
		s.leaf("IssueDate", orElse(p.orderDate, p.date))
		s.close("OrderReference")
	}
	if p.returnNumber != "" {
		s.open("BillingReference")
		s.open("InvoiceDocumentReference")
		s.leaf("ID", p.returnNumber)
		s.leaf("IssueDate", orElse(p.returnDate, p.date))
		s.leaf("DocumentTypeCode", "IADE")
		s.close("InvoiceDocumentReference")
		s.close("BillingReference")
	}
	if p.despatch != "" {
		s.open("DespatchDocumentReference")
		s.leaf("ID", p.despatch)
		s.leaf("IssueDate", orElse(p.despatchDate, p.date))
		s.close("DespatchDocumentReference")
	}
}

func (p party) write(s *sheet) {
	s.open("Party")
	s.open("PartyIdentification")
	s.leafAttr("ID", "schemeID", p.scheme, p.taxNo)
	s.close("PartyIdentification")
	if p.scheme == "VKN" {
		s.open("PartyName")
		s.leaf("Name", p.title())
		s.close("PartyName")
	}
	s.open("PostalAddress")
	s.some("StreetName", p.street)
	s.leaf("CitySubdivisionName", p.district)
	s.leaf("CityName", p.city)
	s.open("Country")
	s.leaf("Name", p.country)
	s.close("Country")
	s.close("PostalAddress")
	if p.taxOffice != "" {
		s.open("PartyTaxScheme")
		s.open("TaxScheme")
		s.leaf("Name", p.taxOffice)
		s.close("TaxScheme")
		s.close("PartyTaxScheme")
	}
	if p.email != "" {
		s.open("Contact")
		s.leaf("ElectronicMail", p.email)
		s.close("Contact")
	}
	if p.scheme == "TCKN" {
		s.open("Person")
		s.leaf("FirstName", p.first)
		s.leaf("FamilyName", p.last)
		s.close("Person")
	}
	s.close("Party")
}

// taxKey groups document subtotals.
type taxKey struct{ code, name, rate, exemption, reason, id string }

// sums adds up the lines; taxes are those that the buyer pays, kept those that he keeps.
func (p paper) sums() (order []taxKey, taxable, tax map[taxKey]decimal.Decimal, net, taxes, kept, withheld, discount decimal.Decimal) {
	taxable, tax = map[taxKey]decimal.Decimal{}, map[taxKey]decimal.Decimal{}
	add := func(k taxKey, base, amount decimal.Decimal) {
		if _, seen := taxable[k]; !seen {
			order = append(order, k)
		}
		taxable[k], tax[k] = taxable[k].Add(base), tax[k].Add(amount)
		if keptByBuyer[k.code] {
			kept = kept.Add(amount)
		} else {
			taxes = taxes.Add(amount)
		}
	}
	for _, l := range p.lines {
		net, withheld, discount = net.Add(l.net), withheld.Add(l.withheld), discount.Add(l.discount)
		for _, t := range l.others {
			add(t.key, t.taxable, t.amount)
		}
		add(l.vatKey(), l.vatBase(), l.vat)
	}
	return order, taxable, tax, net, taxes, kept, withheld, discount
}

func (l paperLine) vatKey() taxKey {
	return taxKey{code: "0015", name: "KDV GERCEK", rate: l.rate.String(), exemption: l.exemption, reason: l.reason}
}

func (p paper) taxes(s *sheet) {
	order, taxable, tax, _, taxes, _, withheld, _ := p.sums()
	s.open("TaxTotal")
	s.money("TaxAmount", taxes)
	for _, k := range order {
		k.write(s, taxable[k], tax[k])
	}
	if p.creditNote { // which has no WithholdingTaxTotal
		for _, l := range p.lines {
			if l.withholding != "" {
				l.withholdingKey().kept().write(s, l.vat, l.withheld)
			}
		}
	}
	s.close("TaxTotal")
	if withheld.IsZero() || p.creditNote {
		return
	}
	s.open("WithholdingTaxTotal")
	s.money("TaxAmount", withheld)
	for _, l := range p.lines {
		if l.withholding != "" {
			l.withholdingKey().write(s, l.vat, l.withheld)
		}
	}
	s.close("WithholdingTaxTotal")
}

func (l paperLine) withholdingKey() taxKey {
	return taxKey{code: l.withholding, name: "KDV Tevkifat", rate: l.withheldRate.String()}
}

// kept is withheld VAT as a tax of a receipt, its own code beside it.
func (k taxKey) kept() taxKey { return taxKey{code: "9015", name: k.name, rate: k.rate, id: k.code} }

func (k taxKey) write(s *sheet, taxable, tax decimal.Decimal) {
	s.open("TaxSubtotal")
	s.money("TaxableAmount", taxable)
	s.money("TaxAmount", tax)
	s.leaf("Percent", k.rate)
	s.open("TaxCategory")
	if k.exemption != "" {
		s.leaf("TaxExemptionReasonCode", k.exemption)
		s.leaf("TaxExemptionReason", k.reason)
	}
	s.open("TaxScheme")
	s.some("ID", k.id)
	s.leaf("Name", k.name)
	s.leaf("TaxTypeCode", k.code)
	s.close("TaxScheme")
	s.close("TaxCategory")
	s.close("TaxSubtotal")
}

func (p paper) totals(s *sheet) {
	_, _, _, net, taxes, kept, withheld, discount := p.sums()
	s.open("LegalMonetaryTotal")
	s.money("LineExtensionAmount", net.Add(discount))
	s.money("TaxExclusiveAmount", net)
	s.money("TaxInclusiveAmount", net.Add(taxes))
	s.money("AllowanceTotalAmount", discount)
	s.money("PayableAmount", net.Add(taxes).Sub(withheld).Sub(kept))
	s.close("LegalMonetaryTotal")
}

func (l paperLine) write(s *sheet, n int, root string) {
	s.open(root + "Line")
	s.leaf("ID", fmt.Sprint(n))
	receipt := root != "Invoice"
	quantity := "InvoicedQuantity"
	if receipt {
		quantity = "CreditedQuantity"
	}
	s.leafAttr(quantity, "unitCode", l.unit, l.quantity.String())
	s.money("LineExtensionAmount", l.net)
	if !receipt {
		l.writeDiscount(s)
	}
	s.open("TaxTotal")
	total := l.vat
	for _, t := range l.others {
		total = total.Add(t.amount)
	}
	s.money("TaxAmount", total)
	for _, t := range l.others {
		t.key.write(s, t.taxable, t.amount)
	}
	l.vatKey().write(s, l.vatBase(), l.vat)
	if receipt && l.withholding != "" {
		l.withholdingKey().kept().write(s, l.vat, l.withheld)
	}
	s.close("TaxTotal")
	if receipt {
		l.writeDiscount(s) // behind the taxes: the order of the schema
	}
	if l.withholding != "" && !receipt {
		s.open("WithholdingTaxTotal")
		s.money("TaxAmount", l.withheld)
		l.withholdingKey().write(s, l.vat, l.withheld)
		s.close("WithholdingTaxTotal")
	}
	s.open("Item")
	s.leaf("Name", l.name)
	if l.sku != "" {
		s.open("SellersItemIdentification")
		s.leaf("ID", l.sku)
		s.close("SellersItemIdentification")
	}
	s.close("Item")
	s.open("Price")
	s.leafAttr("PriceAmount", "currencyID", s.currency, l.price.String())
	s.close("Price")
	s.close(root + "Line")
}

func (l paperLine) writeDiscount(s *sheet) {
	if !l.discount.IsPositive() {
		return
	}
	s.open("AllowanceCharge")
	s.leaf("ChargeIndicator", "false")
	s.money("Amount", l.discount)
	s.money("BaseAmount", l.net.Add(l.discount))
	s.close("AllowanceCharge")
}
