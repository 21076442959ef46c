package e2e

import (
	"fmt"
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestDraftsAtEveryProvider: the sale decides that its invoice stays a draft, at each of the three providers. The accountant
// releases one in the ERP and the admin another; one whose sale was edited or deleted since is not released before that is
// settled; one is cancelled, where the provider's interface can do that. The answers to the ERP's release and cancellation are lost, which
// nobody notices, because the provider is asked at once.
func TestDraftsAtEveryProvider(t *testing.T) {
	_, turk, kolay, pars := offices(t, turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}})
	for _, o := range []*office{turk, kolay, pars} {
		o.draftsWait()
	}
}

// pass runs one command for the office's company; its exit code says that some documents wait for a person.
func (o *office) pass(args ...string) result { return o.run(append(args, "--company", o.name)...) }

func (o *office) draftsWait() {
	o.t.Helper()
	t, updates, cancels := o.t, o.name == "turk", o.name != "turk"
	o.sales(1, 6)
	o.erp.Exec(t, "UPDATE sales SET draft = 1 WHERE id <> 3")
	o.pass("sync", "all", "--wait")
	for _, row := range o.rows("SELECT id, einvoice_state, einvoice_status, einvoice_message FROM sales ORDER BY id") {
		if want := map[bool][]string{true: {"accepted", "Onaylandı"}, false: {"draft", "Taslak"}}[row[0] == "3"]; row[1] != want[0] || row[2] != want[1] {
			t.Errorf("%s: sale %v, want %v", o.name, row, want)
		}
	}
	if o.drafts() != 5 || o.documents() != 1 {
		t.Errorf("%s holds %d drafts and %d documents, want 5 and 1", o.name, o.drafts(), o.documents())
	}

	was := o.rows("SELECT net, vat, gross FROM sales WHERE id = 4")[0]
	o.erp.Exec(t, "UPDATE sales SET net = 500, vat = 100, gross = 600 WHERE id = 4")
	o.erp.Exec(t, "UPDATE sale_lines SET unit_price = 500 WHERE sale_id = 4")
	o.erp.Exec(t, "UPDATE sales SET deleted = 1 WHERE id = 6")
	o.erp.Exec(t, `INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'release', 'onaylandı', 'ayse'),
		(2, 4, 'release', '', 'ayse'), (3, 6, 'release', '', 'ayse'), (4, 5, 'cancel', 'vazgeçildi', 'ayse')`)
	if err := o.lose(); err != nil {
		t.Fatal(err)
	}
	o.pass("sync", "outbound")
	for i, row := range o.rows("SELECT sonuc, mesaj FROM efatura_istek ORDER BY id") {
		ok := map[int]bool{0: true, 3: cancels}[i]
		says := map[int]string{1: "taslak oluşturulduktan sonra değişti", 2: "silinmiş", 3: "portal"}[i]
		if (row[0] == "1") != ok || !ok && !strings.Contains(row[1], says) {
			t.Errorf("%s: request %d ended as %q", o.name, i+1, row)
		}
	}
	for id, says := range map[string]string{"4": "taslak oluşturulduktan sonra değiştirilmiş", "6": "silinmiş"} {
		if row := o.rows("SELECT einvoice_state, einvoice_message FROM sales WHERE id = ?", id)[0]; row[0] != "draft" || !strings.Contains(row[1], says) {
			t.Errorf("%s: sale %s shows %q", o.name, id, row)
		}
	}
	if r := o.pass("release", "2", "--yes"); r.code != 0 {
		t.Errorf("%s: releasing 2: exit code %d\n%s%s", o.name, r.code, r.out, r.errOut)
	}
	if updates {
		if r := o.pass("resync", "4", "--yes"); r.code != 0 {
			t.Errorf("%s: updating 4: exit code %d\n%s%s", o.name, r.code, r.out, r.errOut)
		}
	} else {
		o.erp.Exec(t, "UPDATE sales SET net = ?, vat = ?, gross = ? WHERE id = 4", was[0], was[1], was[2])
		o.erp.Exec(t, "UPDATE sale_lines SET unit_price = ? WHERE sale_id = 4", was[0])
	}
	if r := o.pass("release", "4", "--yes"); r.code != 0 {
		t.Errorf("%s: releasing 4: exit code %d\n%s%s", o.name, r.code, r.out, r.errOut)
	}
	o.pass("sync", "all", "--wait")

	left := map[bool]string{true: "cancelled", false: "draft"}[cancels]
	want := fmt.Sprint([][]string{{"1", "accepted"}, {"2", "accepted"}, {"3", "accepted"}, {"4", "accepted"}, {"5", left}, {"6", "draft"}})
	if got := fmt.Sprint(o.rows("SELECT id, einvoice_state FROM sales ORDER BY id")); got != want {
		t.Errorf("%s ended as %s, want %s", o.name, got, want)
	}
	if n := o.rows("SELECT COUNT(DISTINCT einvoice_no) FROM sales WHERE einvoice_state = 'accepted'")[0][0]; n != "4" {
		t.Errorf("%s: %s numbers for 4 invoices", o.name, n)
	}
	drafts := map[bool]int{true: 1, false: 2}[cancels]
	if o.drafts() != drafts || o.documents() != 4 {
		t.Errorf("%s holds %d drafts and %d documents, want %d and 4", o.name, o.drafts(), o.documents(), drafts)
	}
}
