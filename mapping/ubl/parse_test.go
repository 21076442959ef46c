package ubl

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"faturad/internal/invoice"
)

// TestTolerance spoils a good document in ways that strangers do, and wants the same content.
func TestTolerance(t *testing.T) {
	t.Parallel()
	good := victim(t)
	want, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.ReplaceAll
	cdata := regexp.MustCompile(`(<cbc:(?:Name|StreetName|PayableAmount)[^>]*>)([^<]*)<`)
	for name, text := range map[string]string{
		"scheme in lower case": replace(good, `schemeID="VKN"`, `schemeID="vkn"`),
		"scheme missing":       replace(good, ` schemeID="VKN"`, ``),
		"other prefixes": strings.NewReplacer("cac:", "a:", "cac=", "a=", "cbc:", "b:", "cbc=", "b=", "<Invoice xmlns=", "<i:Invoice xmlns:i=",
			"</Invoice>", "</i:Invoice>").Replace(good),
		"default namespace": strings.NewReplacer(`<cbc:UUID>`, `<UUID xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">`, `</cbc:UUID>`, `</UUID>`).Replace(good),
		"other order":       moveLinesFirst(good),
		"unknown elements":  replace(good, "<cac:Party>", `<cac:Party><x:New xmlns:x="urn:x"><cbc:ID>1</cbc:ID></x:New><cbc:Surprise/>`),
		"many decimals":     replace(good, `.00</cbc:`, `.0000000000</cbc:`),
		"spaces":            regexp.MustCompile(`>([0-9A-Z.]+)</cbc:`).ReplaceAllString(good, ">\n\t $1 \n</cbc:"),
		"grouped":           replace(good, ">2000.00<", ">2 000.00<"),
		"CDATA":             cdata.ReplaceAllString(good, "$1<![CDATA[$2]]><"),
		"comments":          cdata.ReplaceAllString(good, "$1<!-- x -->$2<!-- y --><"),
		"signed":            strings.Replace(good, "<cbc:UBLVersionID>", `<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions><cbc:UBLVersionID>`, 1),
		"zone in the date":  replace(good, ">2026-10-05<", ">2026-10-05+03:00<"),
		"fractional time":   replace(good, ">10:15:00<", ">10:15:00.0000000+03:00<"),
	} {
		if text == good {
			t.Errorf("%s: nothing was spoiled", name)
		}
		got, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Signed != (name == "signed") {
			t.Errorf("%s: signed = %v", name, got.Signed)
		}
		if diff := cmp.Diff(want.Invoice, got.Invoice, sameInvoice); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func moveLinesFirst(doc string) string {
	at, end := strings.Index(doc, "<cac:InvoiceLine>"), strings.LastIndex(doc, "</Invoice>")
	root := strings.Index(doc, "<cbc:UBLVersionID>")
	return doc[:root] + doc[at:end] + doc[root:at] + doc[end:]
}

// stranger wraps parts into a document that is not ours.
func stranger(profile, parts string) []byte {
	return fmt.Appendf(nil, invoiceOpen+`<cbc:ProfileID>%s</cbc:ProfileID><cbc:ID>XYZ2026000000009</cbc:ID><cbc:UUID>6F1D4E0A-5C1B-4F0E-9A70-2F6B0F9F7C11</cbc:UUID>
<cbc:IssueDate>2026-10-05</cbc:IssueDate><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cbc:WebsiteURI>w</cbc:WebsiteURI><cac:PartyIdentification><cbc:ID schemeID="TCKN">10000000146</cbc:ID></cac:PartyIdentification>
<cac:Person><cbc:FirstName>Ali</cbc:FirstName><cbc:MiddleName>Can</cbc:MiddleName><cbc:FamilyName>Kaya</cbc:FamilyName></cac:Person></cac:Party></cac:AccountingSupplierParty>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="TRY">10</cbc:PayableAmount></cac:LegalMonetaryTotal>%s</Invoice>`, profile, parts)
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	read := func(profile, parts string) Document {
		t.Helper()
		doc, err := Parse(stranger(profile, parts))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	if s := read("TEMELFATURA", "").Invoice.Seller; s.Name != "Ali Can Kaya" || s.FirstName != "Ali Can" {
		t.Errorf("a person is called %+v", s)
	}

	discount := func(factor, base string) invoice.NullDecimal {
		return read("TEMELFATURA", `<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:MultiplierFactorNumeric>`+factor+
			`</cbc:MultiplierFactorNumeric><cbc:Amount>10</cbc:Amount>`+base+`</cac:AllowanceCharge>`).Invoice.Allowances[0].Rate
	}
	for _, c := range []struct{ factor, base, want string }{
		{"0.1", "<cbc:BaseAmount>100</cbc:BaseAmount>", "10"}, {"10", "<cbc:BaseAmount>100</cbc:BaseAmount>", "10"}, {"10", "", "10"}, {"0.1", "", "10"},
	} {
		if got := discount(c.factor, c.base); !got.Decimal.Equal(dec(c.want)) {
			t.Errorf("a discount of %s on %q is %s percent, want %s", c.factor, c.base, got.Decimal, c.want)
		}
	}

	for _, form := range []string{
		`<cbc:ID>ELEKTRONIK</cbc:ID><cbc:DocumentTypeCode>EREPSENDT</cbc:DocumentTypeCode>`, `<cbc:ID>gonderimSekli</cbc:ID><cbc:DocumentType>ELEKTRONIK</cbc:DocumentType>`,
		`<cbc:ID>x</cbc:ID><cbc:DocumentTypeCode>SENDTYPE</cbc:DocumentTypeCode><cbc:DocumentType>ELEKTRONIK</cbc:DocumentType>`,
	} {
		doc := read("EARSIVFATURA", `<cac:AdditionalDocumentReference>`+form+`</cac:AdditionalDocumentReference>`)
		if doc.SendType != SendElectronic || doc.Kind != invoice.EArsiv || len(doc.References) != 0 {
			t.Errorf("%s gives %+v", form, doc.Header)
		}
	}

	doc := read("TEMELFATURA", `<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cbc:IssueDate>2026-10-05</cbc:IssueDate><cbc:DocumentType>XSLT</cbc:DocumentType><cac:Attachment>
<cbc:EmbeddedDocumentBinaryObject mimeCode="application/xml" encodingCode="Base64" filename="a.xslt">QUJD</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>
<cac:TaxTotal><cac:TaxSubtotal><cbc:TaxableAmount>10</cbc:TaxableAmount><cbc:TaxAmount>2</cbc:TaxAmount><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:PaymentMeans><cbc:PaymentMeansCode>42</cbc:PaymentMeansCode><cbc:InstructionNote>EFT/HAVALE</cbc:InstructionNote></cac:PaymentMeans>
<cac:InvoicePeriod><cbc:StartDate>2026-09-01</cbc:StartDate><cbc:EndDate>2026-09-30</cbc:EndDate></cac:InvoicePeriod>
<cac:TaxRepresentativeParty><cac:PartyIdentification><cbc:ID schemeID="ARACIKURUMVKN">4812057337</cbc:ID></cac:PartyIdentification></cac:TaxRepresentativeParty>`)
	want := []Additional{{ID: "1", Date: invoice.Date{Year: 2026, Month: 10, Day: 5}, Type: "XSLT", Attachment: &Attachment{Filename: "a.xslt", MimeCode: "application/xml", Encoding: "Base64", Size: 4}}}
	if diff := cmp.Diff(want, doc.References); diff != "" {
		t.Error(diff)
	}
	inv := doc.Invoice
	if !inv.Totals.VAT.Equal(dec("2")) || inv.Internet != nil || inv.Payment.MeansCode != "42" || inv.Period.End.Day != 30 || inv.Representative.IDs[0].Value != "4812057337" {
		t.Errorf("%+v", doc)
	}
}
