package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// mark is what the ERP shows of one sale.
func (w *world) mark(id int) (state, message, advice, changed string) {
	w.t.Helper()
	row := w.rows("SELECT einvoice_state, einvoice_message, einvoice_advice, einvoice_changed FROM sales WHERE id = ?", id)[0]
	return row[0], row[1], row[2], row[3]
}

// changed lists the sales of `faturad documents --changed`.
func (w *world) changed() []string {
	w.t.Helper()
	var listed struct{ Documents []document }
	w.json(&listed, "documents", "--changed")
	var out []string
	for _, d := range listed.Documents {
		out = append(out, d.SaleID)
	}
	return out
}

func TestSaleEditedAfterSendingIsFlaggedOnly(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	w.exactlyOnce(3)
	w.erp.Exec(t, "UPDATE sales SET net = 900, vat = 180, gross = 1080, changed_at = NOW() WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 900 WHERE sale_id = 2")
	w.ok("sync", "all")
	if state, message, advice, changed := w.mark(2); state != "accepted" || changed != "1" || message == "" || advice == "" {
		t.Errorf("the ERP shows %q %q %q, changed %q", state, message, advice, changed)
	}
	if got := fmt.Sprint(w.changed()); got != "[2]" {
		t.Errorf("changed are %s, want [2]", got)
	}
	w.exactlyOnce(3)
	w.wantCreates(3)
	if d := w.issued()["acme:sale:2"]; d.Updates != 0 || d.Payable.StringFixed(2) != "122.40" {
		t.Errorf("the provider's document was touched: %+v", d)
	}
	before := fmt.Sprint(w.marks())
	w.ok("sync", "all")
	if after := fmt.Sprint(w.marks()); after != before {
		t.Errorf("a second sync wrote:\n%s\n%s", before, after)
	}

	w.erp.Exec(t, "UPDATE sales SET net = 102, vat = 20.4, gross = 122.4 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 102 WHERE sale_id = 2")
	w.ok("sync", "all")
	if state, message, _, changed := w.mark(2); state != "accepted" || changed != "0" || message != "Onaylandı" {
		t.Errorf("after undoing the ERP shows %q %q, changed %q", state, message, changed)
	}
	if got := w.changed(); len(got) != 0 {
		t.Errorf("changed are %s, want none", got)
	}
	w.wantCreates(3)
}

func TestSaleDeletedAfterSendingIsFlaggedOnly(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.settle()
	w.erp.Exec(t, "UPDATE sales SET deleted = 1 WHERE id = 1")
	w.settle()
	w.exactlyOnce(2)
	if got := fmt.Sprint(w.changed()); got != "[1]" {
		t.Errorf("changed are %s, want [1]", got)
	}
}

// A row that is deleted before its result could be written ends there: the document is flagged, nothing is tried again, and
// the audit names it.
func TestRowDeletedAfterSendingEndsConsistently(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.run("sync", "outbound")
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 1") // its acceptance is not written yet
	if r := w.settle(); r.code != 0 {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 2") // and here everything is
	if r := w.settle(); r.code != 0 {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.wantStates(map[string]int{"accepted": 3})
	if n := w.count("SELECT COUNT(*) FROM documents WHERE unwritten = TRUE OR write_failures > 0"); n != 0 {
		t.Errorf("%d write-backs are tried again", n)
	}
	for key, d := range w.documents() {
		if d.Deleted != (key != "3") || d.Changed != d.Deleted {
			t.Errorf("sale %s: deleted %t, changed %t", key, d.Deleted, d.Changed)
		}
	}
	if text := w.ok("document", "1"); !strings.Contains(text, "silinmiş") {
		t.Errorf("faturad document says nothing of it:\n%s", text)
	}
	a := w.audit(3)
	a.finds(t, "I2", "acme:sale:1", "deleted")
	a.finds(t, "I2", "acme:sale:2", "deleted")
	if n := len(a.Companies[0].Differences); n != 2 {
		t.Errorf("%d differences, want 2: %+v", n, a.Companies[0].Differences)
	}
	w.wantCreates(3)
}

func TestHeldSaleIsSentWhenCorrected(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '6400177129' WHERE id = 2") // a wrong check digit
	r := w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	if r.code != 3 {
		t.Errorf("exit code %d, want 3\n%s", r.code, r.errOut)
	}
	if state, message, advice, _ := w.mark(2); state != "held" || message == "" || advice == "" {
		t.Errorf("the ERP shows %q %q %q", state, message, advice)
	}
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id = 2", buyerVKN)
	if r := w.settle(); r.code != 0 {
		t.Errorf("exit code %d after the correction\n%s", r.code, r.errOut)
	}
	w.exactlyOnce(2)
	if _, message, advice, _ := w.mark(2); message != "Onaylandı" || advice != "NULL" {
		t.Errorf("the ERP still shows %q %q", message, advice)
	}
}

// Sales that are held for the config's sake go out at the next pass after the config is right, though nobody touches them in
// the ERP: a value table, and a series for days that are late.
func TestHeldSaleIsSentWhenTheConfigIsCorrected(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, on(1))
	w.settle()
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, on(1))
	w.sale(3, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, on(3))
	w.erp.Exec(t, "UPDATE sale_lines SET unit = 'kova' WHERE sale_id = 2")
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 2})
	before := fmt.Sprint(w.rows("SELECT * FROM sale_lines"))
	w.edit(func(text string) string { return text + "\n  [company.erp.map.unit]\n  kova = \"C62\"\n" })
	w.ok("check")
	if r := w.run("sync", "outbound"); r.code != 3 {
		t.Errorf("sale 3 is still held, but exit code %d\n%s", r.code, r.errOut)
	}
	if d := w.documents(); d["2"].State != "sent" && d["2"].State != "accepted" || d["3"].State != "held" {
		t.Errorf("after the value table was completed: %+v", d)
	}
	w.edit(func(text string) string {
		return text + "\n  [[company.routing.series]]\n  prefix = \"GEC\"\n  customer = \"" + buyerVKN + "\"\n"
	})
	w.ok("sync", "outbound")
	if d := w.documents(); !strings.HasPrefix(d["3"].Number, "GEC") {
		t.Errorf("after the series was added: %+v", d["3"])
	}
	w.settle()
	w.exactlyOnce(3)
	if after := fmt.Sprint(w.rows("SELECT * FROM sale_lines")); after != before {
		t.Errorf("the sales were touched:\n%s\n%s", before, after)
	}
}

// TestEveryHeldSaleIsReleased: --held queues all of them at once; what is wrong with one still holds that one.
func TestEveryHeldSaleIsReleased(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, on(1))
	w.settle()
	for id := 2; id <= 4; id++ { // later than their series allows
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, on(3))
	}
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '6400177129' WHERE id = 4") // a wrong check digit too
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 3})
	w.erp.Exec(t, "UPDATE sales SET series = 'XYZ' WHERE id > 1")
	if out := w.ok("release", "--held"); !strings.Contains(out, "Nothing was done") || w.states()["held"] != 3 {
		t.Errorf("a plan acted: %v\n%s", w.states(), out)
	}
	w.ok("release", "--held", "--yes", "--reason", "seri verildi")
	w.wantStates(map[string]int{"accepted": 1, "pending": 3})
	w.settle()
	w.wantStates(map[string]int{"accepted": 3, "held": 1})
	if d := w.documents(); d["4"].State != "held" || !strings.HasPrefix(d["2"].Number, "XYZ") {
		t.Errorf("%+v", d)
	}
	w.wantCreates(3)
}

func TestRefusedSaleIsSentWhenCorrected(t *testing.T) {
	w := ready(t, turkcellsim.Options{Buyers: map[string]turkcellsim.Buyer{"3570418921": turkcellsim.BuyerRefused}})
	w.sales(1, 2)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '3570418921' WHERE id = 2")
	if r := w.settle(); r.code != 3 {
		t.Errorf("exit code %d, want 3\n%s", r.code, r.errOut)
	}
	w.wantStates(map[string]int{"accepted": 1, "refused": 1})
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id = 2", buyerVKN)
	w.settle()
	w.exactlyOnce(2)
}

func TestSaleDeletedBeforeSendingIsGivenUp(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 4)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '6400177129' WHERE id IN (2, 3)")
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate})
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"held": 2, "prepared": 2})
	w.erp.Exec(t, "UPDATE sales SET deleted = 1 WHERE id = 2")
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 3")
	w.erp.Exec(t, "UPDATE sales SET deleted = 1 WHERE id = 4")
	w.sim.ClearFaults()
	w.settleBut(1) // the deleted row's mark has nowhere to go
	w.wantStates(map[string]int{"accepted": 1, "cancelled": 3})
	if issued := w.issued(); len(issued) != 1 {
		t.Errorf("the provider has %v", issued)
	}
	if state, _, _, _ := w.mark(4); state != "cancelled" {
		t.Errorf("sale 4 shows %q", state)
	}
}

// settleBut is settle where some write-backs can never succeed.
func (w *world) settleBut(unwritten int) {
	w.t.Helper()
	for range 6 {
		w.later(12 * time.Hour)
		w.run("sync", "all")
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE unwritten = TRUE"); n > unwritten {
		w.t.Errorf("%d documents are unwritten, want %d at most", n, unwritten)
	}
}

func TestPreparedSaleEditedBeforeSendingGoesOutAsEdited(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate})
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"prepared": 2})
	w.erp.Exec(t, "UPDATE sales SET net = 900, vat = 180, gross = 1080 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 900 WHERE sale_id = 2")
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(2)
	if d := w.issued()["acme:sale:2"]; d.Payable.StringFixed(2) != "1080.00" {
		t.Errorf("sent %s, want 1080.00", d.Payable)
	}
}

// One row that an ERP user keeps locked must not keep the others from being written.
func TestLockedRowStopsNoOther(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 5)
	tx, err := w.erp.DB().BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE sales SET note = 'x' WHERE id = 2"); err != nil {
		t.Fatal(err)
	}
	locked := true
	unlock := func() {
		if locked {
			locked = false
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}
	defer unlock()
	started := time.Now()
	w.run("sync", "outbound")
	if took := time.Since(started); took > 45*time.Second {
		t.Errorf("one locked row held the pass up for %s", took)
	}
	written := w.rows("SELECT COUNT(*) FROM sales WHERE einvoice_state IS NOT NULL")[0][0]
	if written != "4" || len(w.issued()) != 5 {
		t.Errorf("%s sales show their state, want 4; %d are issued, want 5", written, len(w.issued()))
	}
	unlock()
	w.settle()
	w.exactlyOnce(5)
}

// One value that does not fit its column must not keep the others from being written.
func TestColumnTooShortStopsNoOther(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 4)
	w.erp.Exec(t, "ALTER TABLE sales ADD CONSTRAINT odd CHECK (sale_no <> 'S-3' OR einvoice_no IS NULL OR einvoice_no = '')")
	w.run("sync", "outbound")
	w.later(time.Minute)
	w.run("sync", "all")
	if got := w.rows("SELECT COUNT(*) FROM sales WHERE einvoice_state = 'accepted'")[0][0]; got != "3" {
		t.Errorf("%s sales show that they are accepted, want 3: %v", got, w.marks())
	}
	w.erp.Exec(t, "ALTER TABLE sales DROP CONSTRAINT odd")
	w.later(12 * time.Hour)
	w.settle()
	w.exactlyOnce(4)
	w.wantCreates(4)
}

// `sync --wait` waits for what moves, not for an ERP row that cannot be written.
func TestWaitEndsWhenARowCannotBeWritten(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.erp.Exec(t, "ALTER TABLE sales ADD CONSTRAINT odd CHECK (sale_no <> 'S-2' OR einvoice_no IS NULL OR einvoice_no = '')")
	r := w.start("sync", "all", "--wait").wait()
	if r.code == 0 {
		t.Errorf("exit code 0 though one sale does not show its state\n%s%s", r.out, r.errOut)
	}
	w.wantStates(map[string]int{"accepted": 2})
	w.erp.Exec(t, "ALTER TABLE sales DROP CONSTRAINT odd")
	w.settle()
	w.exactlyOnce(2)
}

func TestMyISAM(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	for _, row := range w.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'") {
		w.erp.Exec(t, "ALTER TABLE `"+row[0]+"` ENGINE=MyISAM")
	}
	w.sim.GenerateIncoming(4, 7)
	w.sales(1, 20)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '6400177129' WHERE id = 20")
	w.ok("check")
	w.settle()
	w.wantStates(map[string]int{"accepted": 19, "held": 1})
	w.receivedOnce(4)
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id = 20", buyerVKN)
	w.settle()
	w.exactlyOnce(20)
	before := w.erpDump()
	w.settle()
	if after := w.erpDump(); after != before {
		t.Errorf("a second sync wrote:\n%s", difference(before, after))
	}
	w.receivedOnce(4)
}

func TestERPAwayWhileSendingLosesNothing(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 20 * time.Millisecond})
	proxy := w.erp.Proxy(t)
	w.secret("erp.dsn", proxy.DSN(w.read("erp.dsn")[:len(w.read("erp.dsn"))-1]))
	w.account("  in_flight = 2")
	w.sales(1, 20)
	p := w.start("sync", "outbound")
	w.until(func() bool { asked, _ := w.creates(); return asked > 2 })
	proxy.Down()
	r := p.wait()
	if r.code != 4 {
		t.Errorf("exit code %d, want 4\n%s", r.code, r.errOut)
	}
	if n := w.states()["sent"]; n != 20 {
		t.Errorf("an ERP outage stopped the sending: %v", w.states())
	}
	proxy.Up()
	w.settle()
	w.exactlyOnce(20)
	w.wantCreates(20)
}
