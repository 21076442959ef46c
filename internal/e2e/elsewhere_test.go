package e2e

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

// byHand invoices a sale as a person would in the provider's portal: the same invoice under another ETTN, without a local
// reference. change may make it differ.
func (w *world) byHand(sale string, change func(string) string) {
	w.t.Helper()
	ubl := w.ok("preview", sale, "--format", "ubl")
	ubl = regexp.MustCompile(`(<cbc:UUID[^>]*>)[^<]*(</cbc:UUID>)`).ReplaceAllString(ubl, "${1}"+uuid.NewString()+"${2}")
	ubl = change(ubl)
	path, fields := "/v2/outboxinvoice", map[string]string{"status": "20", "appType": "1", "useFirstAlias": "true"}
	if strings.Contains(ubl, "EARSIVFATURA") {
		path, fields = "/v2/earchive", map[string]string{"status": "20"}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("invoiceFile", "fatura.xml")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := io.WriteString(file, ubl); err != nil {
		w.t.Fatal(err)
	}
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.server.URL+path, &body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("X-Api-Key", apiKey)
	res, err := http.DefaultClient.Do(req) //nolint:forbidigo // a person's browser, in a test
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if said, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatalf("invoicing %s by hand: %s %s %v", sale, res.Status, said, err)
	}
}

// TestSaleInvoicedByHandIsNotInvoicedAgain: sure ones are held with the number, similar ones are held with an explanation, all
// others go out; a person may say that it is not the sale's invoice.
func TestSaleInvoicedByHandIsNotInvoicedAgain(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	for id := 1; id <= 4; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-20")
		w.erp.Exec(t, "UPDATE sales SET sale_no = ? WHERE id = ?", fmt.Sprintf("BELGE-%d", id), id)
	}
	w.ok("sync", "registry")
	named := func(id int) func(string) string {
		return func(ubl string) string {
			return strings.Replace(ubl, "<cbc:DocumentCurrencyCode", fmt.Sprintf("<cbc:Note>Satış BELGE-%d</cbc:Note><cbc:DocumentCurrencyCode", id), 1)
		}
	}
	anonymous := func(ubl string) string { return strings.ReplaceAll(ubl, "BELGE-", "X-") }
	w.byHand("1", named(1))
	w.byHand("2", anonymous)
	w.run("sync", "outbound")
	w.later(time.Hour)
	w.run("sync", "all")
	docs := w.documents()
	if docs["1"].State != "held" || docs["1"].Code != "elsewhere.invoiced" || !strings.Contains(docs["1"].Message, "elle faturalanmış") {
		t.Errorf("the sale that was invoiced by hand: %+v", docs["1"])
	}
	if docs["2"].State != "held" || docs["2"].Code != "elsewhere.similar" {
		t.Errorf("the sale that may have been: %+v", docs["2"])
	}
	for _, id := range []string{"3", "4"} {
		if docs[id].State != "accepted" {
			t.Errorf("sale %s: %+v", id, docs[id])
		}
	}
	if n := len(w.sim.Documents()); n != 4 {
		t.Errorf("%d documents at the provider, want two by hand and two of ours", n)
	}
	rows := w.rows("SELECT fatura_no, referans FROM efatura_disarida ORDER BY fatura_no")
	if len(rows) != 2 || rows[0][1] != "acme:sale:1" || rows[1][1] != "NULL" {
		t.Errorf("the ERP shows %v", rows)
	}
	var listed struct {
		Elsewhere []struct {
			Number string `json:"invoice_number"`
			Sale   string `json:"local_reference"`
		}
	}
	w.json(&listed, "documents", "--elsewhere")
	if len(listed.Elsewhere) != 2 || listed.Elsewhere[0].Sale != "acme:sale:1" {
		t.Errorf("listed: %+v", listed)
	}
	w.ok("release", "acme:sale:2", "--reason", "başka satış", "--yes")
	w.ok("cancel", "acme:sale:1", "--reason", "elle kesildi", "--yes")
	w.ok("sync", "all", "--wait")
	docs = w.documents()
	if docs["2"].State != "accepted" || docs["1"].State != "cancelled" {
		t.Errorf("after a person decided: %+v, %+v", docs["1"], docs["2"])
	}
	if n := len(w.sim.Documents()); n != 5 {
		t.Errorf("%d documents at the provider, want 5", n)
	}
}

// TestPreparedSaleInvoicedByHand: what was ready to be sent when somebody invoiced it by hand is looked at again before it
// leaves.
func TestPreparedSaleInvoicedByHand(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	for id := 1; id <= 2; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-20")
		w.erp.Exec(t, "UPDATE sales SET sale_no = ? WHERE id = ?", fmt.Sprintf("BELGE-%d", id), id)
	}
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: http.StatusTooManyRequests, Family: turkcellsim.FamilyCreate})
	w.run("sync", "outbound")
	w.sim.ClearFaults()
	w.wantStates(map[string]int{"prepared": 2})
	w.byHand("1", func(ubl string) string {
		return strings.Replace(ubl, "<cbc:DocumentCurrencyCode", "<cbc:Note>Satış BELGE-1</cbc:Note><cbc:DocumentCurrencyCode", 1)
	})
	w.later(time.Hour)
	w.settle()
	docs := w.documents()
	if docs["1"].State != "held" || docs["1"].Code != "elsewhere.invoiced" {
		t.Errorf("the sale that was invoiced by hand after it was prepared: %+v", docs["1"])
	}
	if docs["2"].State != "accepted" {
		t.Errorf("the other sale: %+v", docs["2"])
	}
	if n := len(w.sim.Documents()); n != 2 {
		t.Errorf("%d documents at the provider, want one by hand and one of ours", n)
	}
}
