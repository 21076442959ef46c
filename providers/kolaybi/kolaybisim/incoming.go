package kolaybisim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// received is an invoice that somebody sent to the company.
type received struct {
	ettn        uuid.UUID
	number      string
	date        string
	sender      string
	senderTaxNo string
	payable     decimal.Decimal
	ubl         []byte
}

// Incoming is what the doors show of an incoming invoice.
type Incoming struct {
	ETTN   uuid.UUID `json:"ettn"`
	Number string    `json:"number"`
	SHA256 string    `json:"sha256"` // of its UBL
}

// Incoming lists them, oldest first.
func (s *Simulator) Incoming() []Incoming {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	out := []Incoming{}
	for _, in := range s.incoming {
		sum := sha256.Sum256(in.ubl)
		out = append(out, Incoming{in.ettn, in.number, hex.EncodeToString(sum[:])})
	}
	return out
}

// senders have made-up names, and tax numbers with valid check digits.
var senders = []struct{ taxNo, name string }{
	{"6400177128", "Işıltı Aydınlatma Ltd. Şti."}, {"7312048565", "Çınar Makine Sanayi ve Ticaret A.Ş."}, {"1002003001", "Deniz Yapı Malzemeleri A.Ş."},
}

// GenerateIncoming adds n incoming invoices of the last days.
func (s *Simulator) GenerateIncoming(n int, seed uint64) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for range n {
		i := len(s.incoming)
		from := senders[(uint64(i)+seed)%uint64(len(senders))]
		at := s.Now().AddDate(0, 0, -(i % 5))
		in := &received{ettn: uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "kolaybisim %d %d", seed, i)), date: at.Format(time.DateOnly), sender: from.name, senderTaxNo: from.taxNo,
			number: fmt.Sprintf("GLN%s%09d", at.Format("2006"), i+1), payable: decimal.New(int64(12000+240*i), -2)}
		net := in.payable.DivRound(decimal.New(12, -1), 2)
		in.ubl = ublOf(in.ettn, in.number, "TEMELFATURA", "SATIS", in.date, "TRY", party{in.senderTaxNo, in.sender}, party{s.o.SellerTaxNo, "Örnek Yazılım Ticaret A.Ş."}, net, in.payable.Sub(net), in.payable)
		s.incoming = append(s.incoming, in)
	}
}

func (in *received) row(rex bool) map[string]any {
	row := map[string]any{"issue_date": in.date, "grand_total": in.payable.InexactFloat64(), "grand_currency": "try", "party_name": in.sender, "party_identity_no": in.senderTaxNo}
	names := []string{"commercial_doc_id", "document_uuid", "document_no", "document_status", "document_scenario", "document_type"}
	if rex {
		names = []string{"document_id", "uuid", "no", "status", "scenario", "type"}
	}
	for i, v := range []any{0, in.ettn.String(), in.number, "accepted", "TEMELFATURA", "SATIS"} {
		row[names[i]] = v
	}
	return row
}

type party struct{ taxNo, name string }

func (s *Simulator) ubl(r *record) []byte {
	return ublOf(r.ettn, r.number, r.scenario, r.docType, r.date, strings.ToUpper(r.currency), party{s.o.SellerTaxNo, "Örnek Yazılım Ticaret A.Ş."},
		party{r.contact.identity, r.contact.name + " " + r.contact.surname}, r.net, r.vat, r.grand)
}

// ublOf writes the little UBL that a reader needs.
func ublOf(ettn uuid.UUID, number, scenario, docType, date, currency string, seller, buyer party, net, vat, payable decimal.Decimal) []byte {
	escape := func(text string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
		return b.String()
	}
	person := func(p party) string {
		scheme := "VKN"
		names := "<cac:PartyName><cbc:Name>" + escape(p.name) + "</cbc:Name></cac:PartyName>"
		tail := ""
		if len(p.taxNo) == 11 {
			scheme, names = "TCKN", ""
			first, last, _ := strings.Cut(p.name, " ")
			tail = "<cac:Person><cbc:FirstName>" + escape(first) + "</cbc:FirstName><cbc:FamilyName>" + escape(last) + "</cbc:FamilyName></cac:Person>"
		}
		return `<cac:Party><cac:PartyIdentification><cbc:ID schemeID="` + scheme + `">` + p.taxNo + `</cbc:ID></cac:PartyIdentification>` + names +
			"<cac:PostalAddress><cbc:CitySubdivisionName>Kadıköy</cbc:CitySubdivisionName><cbc:CityName>İstanbul</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress>" +
			tail + "</cac:Party>"
	}
	money := func(name string, d decimal.Decimal) string {
		return "<cbc:" + name + ` currencyID="` + currency + `">` + d.StringFixed(2) + "</cbc:" + name + ">"
	}
	tax := "<cac:TaxTotal>" + money("TaxAmount", vat) + "<cac:TaxSubtotal>" + money("TaxableAmount", net) + money("TaxAmount", vat) +
		"<cbc:Percent>20</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name><cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">` +
		"<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID><cbc:ProfileID>" + scenario + "</cbc:ProfileID><cbc:ID>" + number + "</cbc:ID>" +
		"<cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>" + ettn.String() + "</cbc:UUID><cbc:IssueDate>" + date + "</cbc:IssueDate><cbc:IssueTime>10:00:00</cbc:IssueTime>" +
		"<cbc:InvoiceTypeCode>" + docType + "</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>" + currency + "</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>1</cbc:LineCountNumeric>" +
		"<cac:AccountingSupplierParty>" + person(seller) + "</cac:AccountingSupplierParty><cac:AccountingCustomerParty>" + person(buyer) + "</cac:AccountingCustomerParty>" + tax +
		"<cac:LegalMonetaryTotal>" + money("LineExtensionAmount", net) + money("TaxExclusiveAmount", net) + money("TaxInclusiveAmount", net.Add(vat)) + money("PayableAmount", payable) + "</cac:LegalMonetaryTotal>" +
		`<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>` + money("LineExtensionAmount", net) + tax +
		"<cac:Item><cbc:Name>Hizmet</cbc:Name></cac:Item><cac:Price>" + money("PriceAmount", net) + "</cac:Price></cac:InvoiceLine></Invoice>")
}
