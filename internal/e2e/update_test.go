package e2e

import (
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// failing makes the first try of every document to the plain buyer end in status 40.
func failing(t *testing.T) *world {
	t.Helper()
	return newWorld(t, setup{preset: "reference", sim: turkcellsim.Options{Buyers: map[string]turkcellsim.Buyer{buyerVKN: turkcellsim.BuyerFailOnce}}})
}

// TestFailedInvoiceIsCorrected: GİB failed three invoices. One sale is corrected in the ERP and one is not; both go out again
// under ETTN and number of before, the corrected one with its new content. The third one's update is lost twice: before it was
// saved, which the person is told, and after, which the provider is asked for at once. UBL and JSON alike.
func TestFailedInvoiceIsCorrected(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"ubl", "json"} {
		t.Run(format, func(t *testing.T) { failedIsCorrected(t, format) })
	}
}

func failedIsCorrected(t *testing.T, format string) {
	t.Parallel()
	w := failing(t)
	w.account("  format = \"" + format + "\"")
	for id := 1; id <= 3; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	}
	if r := w.run("sync", "all", "--wait"); r.code != 3 {
		t.Fatalf("exit code %d, want 3\n%s", r.code, r.errOut)
	}
	before := w.issued()
	for _, row := range w.marks() {
		if row[1] != "failed" {
			t.Fatalf("sale %s is %s, want failed", row[0], row[1])
		}
	}
	for _, id := range []string{"1", "3"} {
		w.erp.Exec(t, "UPDATE sales SET net = 200, vat = 40, gross = 240, buyer_name = 'Işıltı Aydınlatma A.Ş.' WHERE id = "+id)
		w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 200 WHERE sale_id = "+id)
	}
	w.ok("resync", "1", "2", "--yes", "--reason", "tutar düzeltildi")
	for _, kind := range []string{turkcellsim.FaultCutAfterBody, turkcellsim.FaultAnswerLost} {
		if err := w.sim.SetFault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyUpdate, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if r := w.run("resync", "3", "--yes"); (r.code == 0) != (kind == turkcellsim.FaultAnswerLost) {
			t.Errorf("%s: exit code %d\n%s%s", kind, r.code, r.out, r.errOut)
		}
	}
	w.ok("sync", "all", "--wait")

	after := w.issued()
	if len(after) != 3 {
		t.Fatalf("the provider has %d documents, want 3", len(after))
	}
	for reference, want := range map[string]struct {
		payable string
		updates int
	}{"acme:sale:1": {"240", 1}, "acme:sale:2": {"122.4", 0}, "acme:sale:3": {"240", 1}} {
		was, is := before[reference], after[reference]
		if is.ETTN != was.ETTN || is.Number != was.Number || is.Payable.String() != want.payable || is.Updates != want.updates || is.Status != 60 {
			t.Errorf("%s was %+v, is %+v", reference, was, is)
		}
	}
	for _, row := range w.marks() {
		if row[1] != "accepted" {
			t.Errorf("sale %s is %s, want accepted", row[0], row[1])
		}
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor: exit code %d\n%s", r.code, r.out)
	}
}

// TestUpdateThatIsRefused: what cannot become an invoice, and what the provider refuses, leaves the failed document as it was.
func TestUpdateThatIsRefused(t *testing.T) {
	t.Parallel()
	w := failing(t)
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.run("sync", "all", "--wait")
	w.erp.Exec(t, "UPDATE sales SET gross = 999 WHERE id = 1")
	if r := w.run("resync", "1", "--yes"); r.code == 0 || !strings.Contains(r.out+r.errOut, "999") {
		t.Errorf("totals that do not agree: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.erp.Exec(t, "UPDATE sales SET gross = 240, net = 200, vat = 40 WHERE id = 1")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 200 WHERE sale_id = 1")
	if err := w.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Status: 422, Times: 1,
		Body: `{"uyarı":["Lütfen ilçe adını giriniz."]}`}); err != nil {
		t.Fatal(err)
	}
	if r := w.run("resync", "1", "--yes"); r.code == 0 {
		t.Errorf("a refused update was taken for a success\n%s", r.out)
	}
	if d := w.issued()["acme:sale:1"]; d.Updates != 0 || d.Status != 40 {
		t.Errorf("the provider has %+v", d)
	}
	w.run("sync", "writeback")
	if row := w.marks()[0]; row[1] != "failed" || !strings.Contains(row[5], "ilçe") {
		t.Errorf("the ERP shows %q", row)
	}
	if r := w.run("audit"); strings.Contains(r.out, "I4") && strings.Contains(r.out, "bytes") {
		t.Errorf("the auditor takes the refused content for what was sent\n%s", r.out)
	}
	w.ok("resync", "1", "--yes")
	w.ok("sync", "all", "--wait")
	if d := w.issued()["acme:sale:1"]; d.Updates != 1 || d.Status != 60 || d.Payable.String() != "240" {
		t.Errorf("after the next try the provider has %+v", d)
	}
}

// TestDraftsWaitForAnAccountant: invoices stay drafts at the provider, one is corrected as such, and the accountant's request
// in the ERP releases them; nothing has legal effect before.
func TestDraftsWaitForAnAccountant(t *testing.T) {
	t.Parallel()
	w := reference(t)
	w.edit(func(text string) string {
		return strings.Replace(text, "kind = \"turkcell\"\n", "kind = \"turkcell\"\n  draft = true\n", 1)
	})
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.run("sync", "all")
	w.erp.Exec(t, "UPDATE sales SET net = 200, vat = 40, gross = 240 WHERE id = 1")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 200 WHERE sale_id = 1")
	w.ok("resync", "1", "--yes")
	w.run("sync", "all")
	for _, row := range w.marks() {
		if d := w.issued()["acme:sale:"+row[0]]; row[1] != "draft" || d.Status != 0 {
			t.Fatalf("sale %s is %s, at the provider %d; want a draft", row[0], row[1], d.Status)
		}
	}
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'release', 'onaylandı', 'ayse')")
	w.ok("release", "2", "--yes")
	w.run("sync", "outbound")
	w.ok("sync", "all", "--wait")
	for _, row := range w.marks() {
		if d := w.issued()["acme:sale:"+row[0]]; row[1] != "accepted" || d.Status != 60 || row[3] != d.Number {
			t.Errorf("sale %q, at the provider %+v", row, d)
		}
	}
	if d := w.issued()["acme:sale:1"]; d.Updates != 1 || d.Payable.String() != "240" {
		t.Errorf("the corrected draft is %+v", d)
	}
}
