package turkcellsim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

const (
	pathInvoiceJSON = "/v1/outboxInvoice/create"
	pathArchiveJSON = "/v2/earchive/create"
)

// sale is the facts' minimal JSON model.
func sale(id uuid.UUID) string {
	return `{"recordType":1,"status":20,"localReferenceId":"ORD-1","addressBook":{"identificationNumber":"` + turkcellsim.ExampleVKN(0) + `",
	"name":"Deneme","receiverDistrict":"Üsküdar","receiverCity":"İstanbul","receiverCountry":"Türkiye"},
	"generalInfoModel":{"ettn":"` + id.String() + `","invoiceProfileType":0,"type":1,"issueDate":"2026-10-15T10:15:00","currencyCode":"TRY"},
	"invoiceLines":[{"inventoryCard":"Danışmanlık","amount":3,"unitCode":"C62","unitPrice":33.335,"vatRate":20}]}`
}

func TestModelRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edits []string
		key   string // of the 422; "" = accepted
		want  string
	}{
		"as it is":             {},
		"PascalCase":           {edits: []string{"recordType", "RecordType", "addressBook", "AddressBook", "issueDate", "IssueDate"}},
		"spaced date":          {edits: []string{"2026-10-15T10", "2026-10-15 10"}},
		"seven digits":         {edits: []string{"10:15:00", "10:15:00.0317739"}},
		"only a day":           {edits: []string{"2026-10-15T10:15:00", "2026-10-15"}},
		"no address book":      {edits: []string{"addressBook", "adressBook"}, key: "model.AddressBook", want: "Lütfen vergi numarasını giriniz."},
		"no city":              {edits: []string{"İstanbul", ""}, key: "model.AddressBook.ReceiverCity", want: "Lütfen şehir giriniz."},
		"no district":          {edits: []string{"Üsküdar", ""}, key: "model.AddressBook.ReceiverDistrict", want: "Lütfen ilçe adını giriniz."},
		"not a date":           {edits: []string{"2026-10-15T10:15:00", "dün"}, key: "model.GeneralInfoModel.IssueDate", want: "Hatalı format : dün"},
		"future":               {edits: []string{"2026-10-15T", "2026-10-16T"}, key: "model.GeneralInfoModel.IssueDate", want: "İleri bir tarihe"},
		"NIU":                  {edits: []string{"C62", "NIU"}, key: "model.InvoiceLines[0].UnitCode", want: "NIU"},
		"no lines":             {edits: []string{"invoiceLines", "x"}, key: "model.InvoiceLines", want: "en az bir kalem"},
		"zero rate, no reason": {edits: []string{`"vatRate":20`, `"vatRate":0`}, key: "model.InvoiceLines.VatExemptionReasonCode", want: "istisna"},
		"zero rate":            {edits: []string{`"vatRate":20`, `"vatRate":0,"vatExemptionReasonCode":"301"`, `"type":1`, `"type":3`}},
		"record type":          {edits: []string{`"recordType":1`, `"recordType":0`}, key: "model.RecordType", want: "recordType"},
		"status":               {edits: []string{`"status":20`, `"status":40`}, key: "model.Status", want: "Taslak ve Kuyrukta"},
		"bad ettn":             {edits: []string{`"ettn":"`, `"ettn":"x`}, key: "model.GeneralInfoModel.Ettn", want: "Guid"},
		"prefix":               {edits: []string{`"type":1`, `"type":1,"prefix":"İŞL"`}, key: "model.GeneralInfoModel.Prefix", want: "türkçe"},
		"negative price":       {edits: []string{"33.335", "-1"}, key: "model.InvoiceLines[0].UnitPrice", want: "Negatif"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, turkcellsim.Options{})
			a := b.json(http.MethodPost, pathInvoiceJSON, edit(t, sale(uuid.New()), tc.edits...))
			expect(t, b, a, tc.want)
			if tc.want == "" {
				return
			}
			var p map[string][]string
			if err := json.Unmarshal(a.body, &p); err != nil || !strings.Contains(strings.Join(p[tc.key], " "), tc.want) {
				t.Errorf("%s does not have %q under %s", a.body, tc.want, tc.key)
			}
		})
	}
}

func TestModelTotals(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	for _, tc := range []struct {
		edits   []string
		payable string
	}{
		{nil, "120.01"}, // 3 × 33.335 = 100.005, rounded, and 20.00 KDV
		{[]string{`"vatRate":20`, `"vatRate":20,"discountRate":10`}, "108.01"},
		{[]string{`"vatRate":20`, `"vatRate":20,"vatAmount":19.99,"lineExtensionAmount":100.00`}, "120.01"}, // not asked to
		{[]string{`"vatRate":20`, `"vatRate":20,"vatAmount":19.99,"lineExtensionAmount":100.00`, `"invoiceLines"`,
			`"ublSettingsModel":{"UseCalculatedVatAmount":true,"useCalculatedTotalSummary":true},"invoiceLines"`}, "119.99"},
		{[]string{`"type":1`, `"type":5`, `"vatRate":20`, `"vatRate":20,"taxes":[{"taxTypeCode":"9015","withHoldingCode":"612","taxRate":90,"taxAmount":18.00}]`}, "102.01"},
	} {
		if a := b.json(http.MethodPost, pathInvoiceJSON, edit(t, sale(uuid.New()), tc.edits...)); a.status != 200 {
			t.Fatalf("%v: %d %s", tc.edits, a.status, a.body)
		}
		docs := b.sim.Documents()
		if got := docs[len(docs)-1].Payable.StringFixed(2); got != tc.payable {
			t.Errorf("%v: %s, want %s", tc.edits, got, tc.payable)
		}
	}
	if len(b.sim.Documents()) != 5 {
		t.Error("the JSON create looked at local references") // it has no such check
	}
}

func TestModelDuplicateAndUpdate(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	b.json(http.MethodPost, pathInvoiceJSON, edit(t, sale(id), `"status":20`, `"status":0`))
	if a := b.json(http.MethodPost, pathInvoiceJSON, sale(id)); a.status != 422 || !a.has("sistemde mevcut.") {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := b.json(http.MethodPut, "/v1/outboxinvoice/update/"+id.String(), edit(t, sale(id), "33.335", "50"))
	if a.status != 200 || !a.has("EPA2026000000001") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if d := b.sim.Documents()[0]; d.Payable.StringFixed(2) != "180.00" || d.Status != 20 {
		t.Errorf("%+v", d)
	}
	without := edit(t, sale(id), `"ettn":"`+id.String()+`",`, "")
	if a := b.json(http.MethodPost, pathInvoiceJSON, without); a.status != 200 || a.field(t, "id") == id.String() {
		t.Errorf("the server makes an ETTN: %d %s", a.status, a.body)
	}
	if a := b.json(http.MethodPost, pathInvoiceJSON, "{"); a.status != 400 {
		t.Errorf("%d", a.status)
	}
}

func TestArchiveModel(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	archive := func(store string) string {
		return edit(t, sale(uuid.New()), `"recordType":1`, `"recordType":0`, `"invoiceProfileType":0`, `"invoiceProfileType":4`,
			turkcellsim.ExampleVKN(0), person, `"name":"Deneme"`, `"name":"Ayşe","receiverPersonSurName":"Örnek","receiverEmail":"a@x.test"`,
			`"invoiceLines"`, `"archiveInfoModel":`+store+`,"eArsivInfo":{"sendEMail":true},"invoiceLines"`)
	}
	if a := b.json(http.MethodPost, pathArchiveJSON, archive(`{"isInternetSale":false,"shipmentSendType":"ELEKTRONIK"}`)); a.status != 200 || !a.has("EPK2026000000001") {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := b.json(http.MethodPost, pathArchiveJSON, archive(`{"isInternetSale":true,"shipmentSendType":"ELEKTRONIK"}`))
	for _, want := range []string{"WebsiteUrl", "ShipmentSenderTcknVkn", "PaymentMeansModel"} {
		if a.status != 422 || !a.has(want) {
			t.Errorf("%d %s, want %s", a.status, a.body, want)
		}
	}
	b.sim.Advance(time.Minute)
	if d := b.sim.Documents(); len(d) != 1 || d[0].Status != 60 || d[0].Kind != turkcellsim.KindEArsiv {
		t.Errorf("%+v", d)
	}
}
