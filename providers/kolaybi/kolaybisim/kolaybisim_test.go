package kolaybisim_test

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/providers/kolaybi/kolaybisim"
)

// TestReadsWithItsOwnEyes: a simulator that shared our code would share its mistakes.
func TestReadsWithItsOwnEyes(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"faturad/internal/clock": true, "faturad/providers/simulator": true, "github.com/google/uuid": true, "github.com/shopspring/decimal": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if ours := strings.HasPrefix(path, "faturad/") || strings.Contains(strings.Split(path, "/")[0], "."); ours && !allowed[path] {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

// desk speaks to a simulator as a client would.
type desk struct {
	t      *testing.T
	client *http.Client
	url    string
	token  string
}

func open(t *testing.T, o kolaybisim.Options) (*kolaybisim.Simulator, *desk) {
	t.Helper()
	o.Clock = clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	sim := kolaybisim.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	d := &desk{t: t, client: server.Client(), url: server.URL + kolaybisim.Base}
	var answer struct{ Data string }
	d.call("POST", "/access_token", `{"api_key":"`+kolaybisim.DefaultAPIKey+`"}`, &answer)
	d.token = answer.Data
	return sim, d
}

// id reads the id of a record that was made.
func (m made) id(t *testing.T, field string) string {
	t.Helper()
	n, ok := m.Data[field].(float64)
	if !ok {
		t.Fatalf("no %s in %+v", field, m)
	}
	return strconv.Itoa(int(n))
}

// call sends JSON, or a form when the body does not begin with a brace, and gives the status.
func (d *desk) call(method, path, body string, into any) int {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Channel", kolaybisim.DefaultChannel)
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(into); err != nil {
			d.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return res.StatusCode
}

type made struct {
	Success bool
	Data    map[string]any
}

// refusal carries an empty array where a success has its data.
type refusal struct {
	Success bool
	Code    int
	Message string
}

// TestTheGuidesExample: the guide's form, with a contact and a product that exist, becomes a draft, and then a document, once.
func TestTheGuidesExample(t *testing.T) {
	t.Parallel()
	sim, d := open(t, kolaybisim.Options{Taxpayers: []string{"6400177128"}})
	var contact, address, product, draft, official made
	var again refusal
	d.call("POST", "/associates", "name=Işıltı&surname=A.Ş.&identity_no=6400177128&is_corporate=true&tax_office=Kadıköy", &contact)
	id := contact.id(t, "id")
	d.call("POST", "/address/create", `{"associate_id":`+id+`,"address":"Gül Sok. 1","city":"İstanbul","district":"Kadıköy","country":"Türkiye"}`, &address)
	d.call("POST", "/products", "name=Kahve", &product)
	good := "contact_id=" + id + "&address_id=" + address.id(t, "id") + "&order_date=2026-03-02&currency=try&items[0][product_id]=" +
		product.id(t, "id") + "&items[0][quantity]=2&items[0][unit_price]=100.00&items[0][vat_rate]=20"
	if status := d.call("POST", "/invoices", good, &draft); status != 200 || !draft.Success || draft.id(t, "grand_total") != "240" || draft.Data["uuid"] != nil {
		t.Fatalf("%d %+v", status, draft)
	}
	for name, change := range map[string][2]string{
		"currency": {"currency=try", "currency=xau"}, "order_date": {"2026-03-02", "02.03.2026"}, "exchange_rate": {"currency=try", "currency=eur"}, "product_id": {"[product_id]=", "[product_id]=9"},
		"quantity": {"[quantity]=2", "[quantity]=0"}, "vat_rate": {"vat_rate]=20", "vat_rate]=17"}, "address_id": {"address_id=", "address_id=9"},
		"e-Arşiv": {"currency=try", "currency=try&document_scenario=EARSIVFATURA"}, "vat_exemption_reason_code": {"currency=try", "currency=try&document_type=ISTISNA"},
		"medicine_medicaldevice_type": {"currency=try", "currency=try&invoice_scenario=ILAC_TIBBICIHAZ"}, "special_tax_base": {"currency=try", "currency=try&document_type=OZELMATRAH"},
		"internet_sale": {"currency=try", "currency=try&internet_sale[url]=x&internet_sale[payment_type]=coins"}, "ileri": {"2026-03-02", "2026-03-04"},
		"delivery_condition": {"currency=try", "currency=try&document_scenario=IHRACAT&items[0][gtip_no]=123456789012"},
	} {
		var refused refusal
		if status := d.call("POST", "/invoices", strings.Replace(good, change[0], change[1], 1), &refused); status != 400 || refused.Success || refused.Code != 10400 || !strings.Contains(refused.Message, name) {
			t.Errorf("%s: %d %+v", name, status, refused)
		}
	}
	number := draft.id(t, "document_id")
	d.call("POST", "/invoices/e-document/create", "document_id="+number, &official)
	if official.Data["no"] != "KLE2026000000001" || official.Data["uuid"] == nil {
		t.Errorf("%+v", official)
	}
	if status := d.call("POST", "/invoices/e-document/create", "document_id="+number, &again); status != 422 || again.Success || len(sim.Documents()) != 1 {
		t.Errorf("a second one: %d %+v", status, again)
	}
	if status := d.call("DELETE", "/invoices/"+number, "", nil); status != 422 {
		t.Errorf("an official document was deleted: %d", status)
	}
	if status := d.call("POST", "/invoices/e-document/cancel", "document_id="+number, nil); status != 422 {
		t.Errorf("an e-Fatura was cancelled: %d", status)
	}
}

// TestWhoMayAsk: channel and token are wanted everywhere.
func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	sim, d := open(t, kolaybisim.Options{})
	sim.ExpireTokens()
	if status := d.call("GET", "/companies", "", &struct{ Data []any }{}); status != 401 {
		t.Errorf("an old token: %d", status)
	}
	if status := d.call("POST", "/access_token", `{"api_key":"wrong"}`, &struct{ Data []any }{}); status != 401 {
		t.Errorf("a wrong key: %d", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+"/companies", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := d.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 404 {
		t.Errorf("no channel: %d", res.StatusCode)
	}
}
