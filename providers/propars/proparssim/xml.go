package proparssim

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

type party struct{ taxNo, name, office, city, district, street string }

// document is what the signed XML says.
type document struct {
	ettn                 uuid.UUID
	number, profile, typ string
	date, currency       string
	seller, buyer        party
	lines                []line
	vat, payable         decimal.Decimal
}

func (s *Simulator) seller() party {
	return party{taxNo: s.o.SellerTaxNo, name: "Örnek Yazılım Ticaret A.Ş.", office: "Kadıköy", city: "İstanbul", district: "Kadıköy"}
}

func (s *Simulator) ublOf(x *sale, i *invoice) []byte {
	return writeUBL(document{ettn: i.ettn, number: i.number, profile: x.profile, typ: x.typ, date: i.day(), currency: x.currency, seller: s.seller(), buyer: x.buyer,
		lines: x.lines, vat: x.vat, payable: x.payable})
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

func (p party) xml() string {
	scheme, names, tail := "VKN", "<cac:PartyName><cbc:Name>"+escape(p.name)+"</cbc:Name></cac:PartyName>", ""
	if len(p.taxNo) == 11 {
		first, last := p.name, "."
		if at := strings.LastIndex(p.name, " "); at > 0 {
			first, last = p.name[:at], p.name[at+1:]
		}
		scheme, names = "TCKN", ""
		tail = "<cac:Person><cbc:FirstName>" + escape(first) + "</cbc:FirstName><cbc:FamilyName>" + escape(last) + "</cbc:FamilyName></cac:Person>"
	}
	office := ""
	if p.office != "" {
		office = "<cac:PartyTaxScheme><cac:TaxScheme><cbc:Name>" + escape(p.office) + "</cbc:Name></cac:TaxScheme></cac:PartyTaxScheme>"
	}
	return `<cac:Party><cac:PartyIdentification><cbc:ID schemeID="` + scheme + `">` + p.taxNo + `</cbc:ID></cac:PartyIdentification>` + names +
		"<cac:PostalAddress><cbc:StreetName>" + escape(p.street) + "</cbc:StreetName><cbc:CitySubdivisionName>" + escape(p.district) + "</cbc:CitySubdivisionName><cbc:CityName>" + escape(p.city) +
		"</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress>" + office + tail + "</cac:Party>"
}

// writeUBL writes the UBL of a document.
func writeUBL(d document) []byte {
	money := func(name string, v decimal.Decimal) string {
		return "<cbc:" + name + ` currencyID="` + d.currency + `">` + v.StringFixed(2) + "</cbc:" + name + ">"
	}
	subtotal := func(net, vat, rate decimal.Decimal) string {
		return "<cac:TaxSubtotal>" + money("TaxableAmount", net) + money("TaxAmount", vat) + "<cbc:Percent>" + rate.String() +
			"</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name><cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"
	}
	byRate := map[string]line{}
	var lines strings.Builder
	net := decimal.Zero
	for i, l := range d.lines {
		key := l.rate.String()
		sum := byRate[key]
		byRate[key] = line{rate: l.rate, net: sum.net.Add(l.net), vat: sum.vat.Add(l.vat)}
		net = net.Add(l.net)
		price := l.price
		if l.included {
			price = l.net.DivRound(l.amount, 8)
		}
		fmt.Fprintf(&lines, `<cac:InvoiceLine><cbc:ID>%d</cbc:ID><cbc:InvoicedQuantity unitCode="C62">%s</cbc:InvoicedQuantity>%s<cac:TaxTotal>%s%s</cac:TaxTotal>`+
			`<cac:Item><cbc:Name>%s</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="%s">%s</cbc:PriceAmount></cac:Price></cac:InvoiceLine>`,
			i+1, l.amount, money("LineExtensionAmount", l.net), money("TaxAmount", l.vat), subtotal(l.net, l.vat, l.rate), escape(l.name), d.currency, price)
	}
	taxes := ""
	for _, key := range slices.Sorted(maps.Keys(byRate)) {
		taxes += subtotal(byRate[key].net, byRate[key].vat, byRate[key].rate)
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">` +
		"<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID><cbc:ProfileID>" + d.profile + "</cbc:ProfileID><cbc:ID>" + d.number + "</cbc:ID>" +
		"<cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>" + d.ettn.String() + "</cbc:UUID><cbc:IssueDate>" + d.date + "</cbc:IssueDate><cbc:IssueTime>10:00:00</cbc:IssueTime>" +
		"<cbc:InvoiceTypeCode>" + d.typ + "</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>" + d.currency + "</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>" + fmt.Sprint(len(d.lines)) + "</cbc:LineCountNumeric>" +
		"<cac:AccountingSupplierParty>" + d.seller.xml() + "</cac:AccountingSupplierParty><cac:AccountingCustomerParty>" + d.buyer.xml() + "</cac:AccountingCustomerParty>" +
		"<cac:TaxTotal>" + money("TaxAmount", d.vat) + taxes + "</cac:TaxTotal>" +
		"<cac:LegalMonetaryTotal>" + money("LineExtensionAmount", net) + money("TaxExclusiveAmount", net) + money("TaxInclusiveAmount", d.payable) + money("PayableAmount", d.payable) + "</cac:LegalMonetaryTotal>" +
		lines.String() + "</Invoice>")
}
