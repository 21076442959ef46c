package turkcellsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/providers/turkcell/turkcellsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is where the tests' clock stands: a Thursday in Istanbul.
var noon = time.Date(2026, 10, 15, 9, 0, 0, 0, time.UTC)

// bench is a simulator behind a real server, and a client that knows its key.
type bench struct {
	t   testing.TB
	sim *turkcellsim.Simulator
	url string
	key string
	hc  *http.Client
}

func start(t testing.TB, o turkcellsim.Options) *bench {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(noon)
	}
	sim := turkcellsim.New(o)
	server := httptest.NewServer(sim)
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		hc.CloseIdleConnections()
		server.Close()
	})
	return &bench{t: t, sim: sim, url: server.URL, key: turkcellsim.DefaultAPIKey, hc: hc}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error // of the transport or of reading the body
}

func (a answer) has(s string) bool { return strings.Contains(string(a.body), s) }

func (a answer) field(t testing.TB, name string) any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("not an object: %v: %s", err, a.body)
	}
	return m[name]
}

func (b *bench) do(method, path, contentType string, body []byte) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("X-Api-Key", b.key)
	return b.send(req)
}

func (b *bench) send(req *http.Request) answer {
	resp, err := b.hc.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: body, err: err}
}

func (b *bench) get(path string) answer { b.t.Helper(); return b.do(http.MethodGet, path, "", nil) }

func (b *bench) json(method, path string, body string) answer {
	b.t.Helper()
	return b.do(method, path, "application/json", []byte(body))
}

// create sends UBL by multipart; fields are name, value pairs.
func (b *bench) create(path string, ubl string, fields ...string) answer {
	b.t.Helper()
	return b.upload(http.MethodPost, path, ubl, fields...)
}

func (b *bench) upload(method, path string, ubl string, fields ...string) answer {
	b.t.Helper()
	contentType, body := formOf(b.t, ubl, fields...)
	return b.do(method, path, contentType, body)
}

func formOf(t testing.TB, ubl string, fields ...string) (string, []byte) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if ubl != "" {
		f, err := w.CreateFormFile("invoiceFile", "invoice.xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, ubl); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), buf.Bytes()
}

const (
	pathInvoice = "/v2/outboxinvoice"
	pathArchive = "/v2/earchive"
)

// edit replaces parts of a document: old, new pairs. Each must occur.
func edit(t testing.TB, ubl string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(ubl, pairs[i]) {
			t.Fatalf("the document has no %q", pairs[i])
		}
		ubl = strings.ReplaceAll(ubl, pairs[i], pairs[i+1])
	}
	return ubl
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID><cbc:ProfileID>PROFILE</cbc:ProfileID><cbc:ID>AAA2026000000000</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>ETTN</cbc:UUID><cbc:IssueDate>2026-10-15</cbc:IssueDate><cbc:IssueTime>10:15:00</cbc:IssueTime><cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode><cbc:Note>Şişli &amp; Kadıköy</cbc:Note><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>1</cbc:LineCountNumeric>REFERENCES
<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="VKN">4812057337</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Örnek Yazılım Ticaret A.Ş.</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:CitySubdivisionName>Çankaya</cbc:CitySubdivisionName><cbc:CityName>Ankara</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="SCHEME">BUYER</cbc:ID></cac:PartyIdentification>NAME1<cac:PostalAddress><cbc:CitySubdivisionName>İlçe</cbc:CitySubdivisionName><cbc:CityName>İstanbul</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress>NAME2</cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="TRY">20.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="TRY">100.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="TRY">20.00</cbc:TaxAmount><cbc:Percent>20</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name><cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="TRY">100.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="TRY">100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="TRY">120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="TRY">120.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">2</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="TRY">100.00</cbc:LineExtensionAmount><cac:TaxTotal><cbc:TaxAmount currencyID="TRY">20.00</cbc:TaxAmount></cac:TaxTotal><cac:Item><cbc:Name>Çelik vida</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="TRY">50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>`

// invoiceTo is a valid basic e-Fatura to the i-th example company.
func invoiceTo(ettn uuid.UUID, vkn string) string {
	return strings.NewReplacer("PROFILE", "TEMELFATURA", "ETTN", ettn.String(), "REFERENCES", "", "SCHEME", "VKN", "BUYER", vkn,
		"NAME1", "<cac:PartyName><cbc:Name>Alıcı A.Ş.</cbc:Name></cac:PartyName>", "NAME2", "").Replace(head)
}

// archiveTo is a valid e-Arşiv invoice to a person.
func archiveTo(ettn uuid.UUID, tckn string) string {
	ref := func(name, value string) string {
		return "<cac:AdditionalDocumentReference><cbc:ID>" + name + "</cbc:ID><cbc:IssueDate>2026-10-15</cbc:IssueDate><cbc:DocumentType>" + value + "</cbc:DocumentType></cac:AdditionalDocumentReference>"
	}
	return strings.NewReplacer("PROFILE", "EARSIVFATURA", "ETTN", ettn.String(), "REFERENCES", ref("SendType", "ELEKTRONIK")+ref("IsInternetSale", "false"),
		"SCHEME", "TCKN", "BUYER", tckn, "NAME1", "", "NAME2", "<cac:Person><cbc:FirstName>Ayşe</cbc:FirstName><cbc:FamilyName>Örnek</cbc:FamilyName></cac:Person>").Replace(head)
}

const person = "10000000146"

func basic(ettn uuid.UUID) string { return invoiceTo(ettn, turkcellsim.ExampleVKN(0)) }

func TestSmoke(t *testing.T) {
	b := start(t, turkcellsim.Options{})
	id := uuid.New()
	a := b.create(pathInvoice, basic(id), "status", "20", "localReferenceId", "acme:invoice:1", "appType", "1")
	if a.status != 200 || a.field(t, "invoiceNumber") != "EPA2026000000001" || a.field(t, "id") != id.String() {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := b.create(pathArchive, archiveTo(uuid.New(), person), "status", "20"); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := b.get("/V2/OutboxInvoice/" + strings.ToUpper(id.String()) + "/Status"); a.status != 200 || a.field(t, "status") != 20.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = b.get("/_sim/documents")
	if a.status != 200 || !a.has(`"local_reference_id":"acme:invoice:1"`) || !a.has(`"payable":120.00`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
}
