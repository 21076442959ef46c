package proparssim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/providers/propars/proparssim"
)

// desk is a client that knows nothing of faturad's.
type desk struct {
	t     *testing.T
	base  string
	token string

	client *http.Client
}

func open(t *testing.T, o proparssim.Options) (*proparssim.Simulator, *desk) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	}
	sim := proparssim.New(o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	d := &desk{t: t, base: server.URL, client: server.Client()}
	status, body := d.call("POST", proparssim.Base+"/api-token-auth/", `{"username":"`+proparssim.DefaultUsername+`","password":"`+proparssim.DefaultPassword+`"}`)
	var said struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(body), &said); status != 200 || err != nil || said.Token == "" {
		t.Fatalf("%d %s", status, body)
	}
	d.token = said.Token
	return sim, d
}

func (d *desk) call(method, path, body string) (int, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if d.token != "" {
		r.Header.Set("Authorization", "Token "+d.token)
	}
	res, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// order is a sale that may be sent.
const order = `{"sale_code":"S-1","order_date":"2026-03-02T10:30:00+0300","currency":1,"box":"SENTBOX","einvoice_type":"SATIS","einvoice_profile":"EARSIVFATURA",
	"customer_detail":{"name":"Deniz Örnek","integration_store_id":"C-77","tc_identity_number":"10000000146","customer_type":"individual"},
	"billing_address_detail":{"name":"Deniz Örnek","code":"A-1","city_name":"İzmir","district":"Konak","address":"Örnek Sok. 5"},
	"items":[{"product_name":"Kahve","product_code":"K-250","amount":3,"price":48.0,"tax_rate":20,"tax_included":true}]}`

const (
	nested = proparssim.Base + "/core/sale/create_nested/"
	send   = proparssim.Base + "/finance/saleinvoice/send_invoice_for_sale/"
	look   = proparssim.Base + "/finance/saleinvoice/invoice_html_for_sale/"
	signed = proparssim.Base + "/finance/saleinvoice/get_signed_xml_for_sale/"
)

var dated = "&invoice_date=" + url.QueryEscape("2026-03-02T10:30:00+0300")

// TestOneInvoiceForASale: an upsert by code, an invoice that a GET makes, one number however often it is sent, and no change afterwards.
func TestOneInvoiceForASale(t *testing.T) {
	t.Parallel()
	sim, d := open(t, proparssim.Options{})
	for _, want := range []int{201, 200} {
		if status, body := d.call("POST", nested, order); status != want || !strings.Contains(body, `"grand_total":144.00`) {
			t.Fatalf("%d %s, want %d", status, body, want)
		}
	}
	if status, _ := d.call("GET", signed+"?sale_code=S-1", ""); status != 404 || sim.Sales() != 1 {
		t.Errorf("before: %d, %d sales", status, sim.Sales())
	}
	if status, body := d.call("GET", look+"?sale_code=S-1"+dated, ""); status != 200 || len(sim.Unsent()) != 1 {
		t.Errorf("preview: %d %s, %d made", status, body, len(sim.Unsent()))
	}
	for range 2 {
		if status, body := d.call("POST", send+"?sale_code=S-1"+dated, ""); status != 200 || !strings.Contains(body, "PRA2026000000001") || len(sim.Documents()) != 1 {
			t.Errorf("send: %d %s", status, body)
		}
	}
	if status, _ := d.call("POST", nested, order); status != 400 {
		t.Errorf("changing what was sent: %d", status)
	}
	if status, body := d.call("GET", signed+"?sale_code=S-1", ""); status != 200 || !strings.Contains(body, sim.Documents()[0].ETTN.String()) {
		t.Errorf("signed: %d %s", status, body)
	}
}

// TestRefuses: what the real service refuses.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, query string }{
		"no code":             {old: `"S-1"`, new: `""`},
		"colon in the offset": {old: "+0300", new: "+03:00"},
		"currency":            {old: `"currency":1`, new: `"currency":99`},
		"type":                {old: `"SATIS"`, new: `"BELGE"`},
		"tax number":          {old: "10000000146", new: "10000000147"},
		"rate":                {old: `"tax_rate":20`, new: `"tax_rate":19`},
		"no lines":            {old: `"items":[`, new: `"things":[`},
		"amount":              {old: `"amount":3`, new: `"amount":0`},
		"no date":             {query: "?sale_code=S-1"},
		"uuid version":        {query: "?sale_code=S-1" + dated + "&invoice_uuid=7f0b8f0e-5a39-1a7c-9b1d-0a4a6f6f3c11"},
		"number":              {query: "?sale_code=S-1" + dated + "&invoice_number=12"},
		"wrong side":          {old: `"EARSIVFATURA"`, new: `"TEMELFATURA"`, query: "?sale_code=S-1" + dated},
		"no exemption":        {old: `"tax_rate":20`, new: `"tax_rate":0`, query: "?sale_code=S-1" + dated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, d := open(t, proparssim.Options{})
			status, body := d.call("POST", nested, strings.Replace(order, c.old, c.new, 1))
			if c.query != "" {
				if status != 201 {
					t.Fatalf("%d %s", status, body)
				}
				status, body = d.call("POST", send+c.query, "")
			}
			if status != 400 || !strings.HasPrefix(body, "{") || len(sim.Documents())+len(sim.Unsent()) != 0 {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	_, d := open(t, proparssim.Options{})
	if status, body := d.call("GET", proparssim.Base+"/core/currency", ""); status != 404 || strings.HasPrefix(body, "{") {
		t.Errorf("without its slash: %d %s", status, body)
	}
	d.token = "another"
	if status, _ := d.call("POST", nested, order); status != 401 {
		t.Errorf("wrong token: %d", status)
	}
}

// TestDoors: the doors show and set what the methods do.
func TestDoors(t *testing.T) {
	t.Parallel()
	sim, d := open(t, proparssim.Options{})
	d.call("POST", nested, order)
	d.call("POST", send+"?sale_code=S-1"+dated, "")
	status, body := d.call("GET", "/_sim/documents", "")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(body), &rows); status != 200 || err != nil || len(rows) != 1 {
		t.Fatalf("%d %s", status, body)
	}
	for _, name := range []string{"ettn", "local_reference_id", "number", "kind", "status", "payable", "currency", "buyer"} {
		if _, there := rows[0][name]; !there {
			t.Errorf("the row has no %s", name)
		}
	}
	before := sim.Now()
	for door, in := range map[string]string{"faults": `{"kind":"status","family":"send"}`, "clock": `{"advance":"90s"}`, "inbox": `{"count":3}`, "rules": `{"BareAnswers":true}`} {
		if status, body := d.call("POST", "/_sim/"+door, in); status != 200 {
			t.Errorf("%s: %d %s", door, status, body)
		}
	}
	if sim.Now().Sub(before) != 90*time.Second || len(sim.Incoming()) != 3 || len(sim.Faults()) != 1 {
		t.Errorf("%s later, %d incoming, %d faults", sim.Now().Sub(before), len(sim.Incoming()), len(sim.Faults()))
	}
	if status, _ := d.call("POST", send+"?sale_code=S-1"+dated, ""); status != 503 {
		t.Errorf("with a fault set: %d", status)
	}
	d.call("POST", "/_sim/tokens", `{"expire":true}`)
	d.call("DELETE", "/_sim/faults", "")
	if status, _ := d.call("POST", send+"?sale_code=S-1"+dated, ""); status != 401 {
		t.Errorf("after the session ended: %d", status)
	}
	if status, body := d.call("GET", "/_sim/nothing", ""); status != 404 || !strings.Contains(body, "/_sim/documents") {
		t.Errorf("%d %s", status, body)
	}
}
