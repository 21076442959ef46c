package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

func TestSaleOfferedTwiceIsSentOnce(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 5)
	w.settle()
	w.exactlyOnce(5)
	w.wipeMarks()
	w.settle()
	w.exactlyOnce(5) // and the ERP shows it again
	w.wantCreates(5)
}

// `sync --wait` tells what all its rounds did, not only the first.
func TestWaitAddsUpItsRounds(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate, Times: 1})
	w.sales(1, 5)
	var report struct {
		Companies []struct {
			Outbound struct{ Discovered, Sent, Deferred int }
			Followup struct{ Moved int }
		}
	}
	w.json(&report, "sync", "all", "--wait") // its inbox pass may be throttled too
	if c := report.Companies[0]; c.Outbound.Discovered != 5 || c.Outbound.Sent != 5 || c.Outbound.Deferred == 0 || c.Followup.Moved != 5 {
		t.Errorf("%+v", c)
	}
	w.exactlyOnce(5)
}

// A backlog goes out in the order of its dates, whatever the order of its keys, so that numbers follow dates.
func TestNumbersFollowDates(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 3 * time.Millisecond})
	day := func(ago int) string { return time.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
	for id := 1; id <= 160; id++ { // more than one batch
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, day(2+(id*7)%5))
	}
	w.settle()
	w.exactlyOnce(160)
	docs := slices.SortedFunc(maps.Values(w.issued()), func(a, b turkcellsim.Document) int { return strings.Compare(a.Number, b.Number) })
	for i := 1; i < len(docs); i++ {
		if docs[i].IssueDate < docs[i-1].IssueDate {
			t.Errorf("%s is of %s, and %s of %s", docs[i-1].Number, docs[i-1].IssueDate, docs[i].Number, docs[i].IssueDate)
		}
	}
}

func TestTwoSyncsAtOnceSendOnce(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 2 * time.Millisecond})
	w.sales(1, 200)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r := w.run("sync", "outbound"); r.code != 0 {
				t.Errorf("sync outbound: exit code %d\n%s%s", r.code, r.out, r.errOut)
			}
		})
	}
	both.Wait()
	w.settle()
	w.exactlyOnce(200)
	w.wantCreates(200)
}

func TestTwoDaemonsSendOnce(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 2 * time.Millisecond})
	w.everySecond()
	w.sales(1, 200)
	one, two := w.start("run"), w.start("run")
	w.until(func() bool {
		return w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND NOT unwritten") == 200
	})
	for _, p := range []*process{one, two} {
		if r := p.stop(); r.code != 0 || t.Failed() {
			t.Errorf("the daemon ended with %d\n%s", r.code, r.errOut)
		}
	}
	w.exactlyOnce(200) // what one of them wrote late is noticed and put right before it ends
	w.wantCreates(200)
}

func TestLostLedgerIsRebuiltFromTheMarks(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 8)
	w.sale(9, "", "", saleDate) // held
	w.settle()
	if w.states()["accepted"] != 8 || w.states()["held"] != 1 {
		t.Fatalf("%v", w.states())
	}
	w.emptyLedger()
	w.sales(10, 2) // came in meanwhile
	w.settle()
	w.wantStates(map[string]int{"accepted": 10, "held": 1})
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 9")
	w.exactlyOnceBut(10, 9)
	w.wantCreates(10)
	marks := fmt.Sprint(w.marks())
	w.settle()
	if again := fmt.Sprint(w.marks()); again != marks {
		t.Errorf("a second sync wrote:\n%s\n%s", marks, again)
	}
	w.erp.Exec(t, "UPDATE sales SET note = 'x' WHERE id = 3") // noticed as before the loss
	w.settle()
	if got := fmt.Sprint(w.changed()); got != "[3]" {
		t.Errorf("changed are %s, want [3]", got)
	}
	w.wantCreates(10)
}

// exactlyOnceBut is exactlyOnce for a ledger that also holds one sale that never went out.
func (w *world) exactlyOnceBut(n, held int) {
	w.t.Helper()
	w.ledger.Exec(w.t, "DELETE FROM documents WHERE sale_key = ?", fmt.Sprint(held))
	w.exactlyOnce(n)
}

func TestLostLedgerAndMarksAreFoundByTheDerivedETTN(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 5)
	w.settle()
	before := w.issued()
	w.emptyLedger()
	w.wipeMarks()
	w.settle()
	w.exactlyOnce(5)
	for reference, d := range w.issued() {
		if d.ETTN != before[reference].ETTN || d.Updates != 0 {
			t.Errorf("%s was %s and is %s", reference, before[reference].ETTN, d.ETTN)
		}
	}
	if _, saved := w.creates(); saved != 5 {
		t.Errorf("%d documents were made, want 5", saved)
	}
}

// The ledger, the marks and erp.id are gone: nothing derives the old ETTNs any more. The provider still knows the references
// and names the documents; they are compared and adopted as what they are.
func TestReferenceUsedUnderAnotherETTNIsAdopted(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	before := w.issued()
	w.emptyLedger()
	w.wipeMarks()
	w.edit(func(text string) string { return strings.Replace(text, `id = "erp1"`, `id = "erp2"`, 1) })
	w.erp.Exec(t, "UPDATE sales SET net = 500, vat = 100, gross = 600 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 500 WHERE sale_id = 2")
	w.settle()
	w.wantStates(map[string]int{"accepted": 2, "disputed": 1})
	if _, saved := w.creates(); saved != 3 {
		t.Errorf("%d documents were made, want 3", saved)
	}
	for key, d := range w.documents() {
		old := before["acme:sale:"+key]
		if same := d.ETTN == old.ETTN.String() && d.Number == old.Number; same != (key != "2") {
			t.Errorf("sale %s is %s %s %s, and was %s %s", key, d.State, d.ETTN, d.Number, old.ETTN, old.Number)
		}
	}
}

func TestLedgerRestoredFromAnOlderBackup(t *testing.T) {
	for _, kept := range []struct {
		name string
		wipe bool // the ERP was restored too
	}{{"the ERP has its marks", false}, {"the ERP was restored too", true}} {
		t.Run(kept.name, func(t *testing.T) {
			w := ready(t, turkcellsim.Options{})
			w.sales(1, 4)
			w.settle()
			b := w.backUp()
			w.sales(5, 4)
			w.settle()
			w.exactlyOnce(8)
			w.restore(b)
			if kept.wipe {
				w.wipeMarks()
			}
			w.sales(9, 2)
			w.settle()
			w.exactlyOnce(10)
			if _, saved := w.creates(); saved != 10 {
				t.Errorf("%d documents were made, want 10", saved)
			}
			asked, _ := w.creates()
			w.settle()
			w.wantCreates(asked)
		})
	}
}

func TestBackupTakenBetweenPreparingAndSending(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate})
	w.sales(1, 4)
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"prepared": 4})
	b := w.backUp()
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(4)
	w.restore(b)
	w.settle()
	w.exactlyOnce(4)
	if _, saved := w.creates(); saved != 4 {
		t.Errorf("%d documents were made, want 4", saved)
	}
}

func TestSaleEditedBetweenLossAndResendIsDisputed(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	w.emptyLedger()
	w.wipeMarks()
	w.erp.Exec(t, "UPDATE sales SET net = 500, vat = 100, gross = 600 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 500 WHERE sale_id = 2")
	r := w.settle()
	w.wantStates(map[string]int{"accepted": 2, "disputed": 1})
	if len(w.sim.Documents()) != 3 {
		t.Errorf("the provider has %d documents, want 3", len(w.sim.Documents()))
	}
	if r.code != 3 {
		t.Errorf("exit code %d, want 3: a document needs a person\n%s", r.code, r.errOut)
	}
	shown := w.rows("SELECT einvoice_state, einvoice_status, einvoice_message, einvoice_advice FROM sales WHERE id = 2")[0]
	if shown[0] != "disputed" || shown[1] != "Belirsiz, inceleme gerekli" || shown[2] == "NULL" || shown[3] == "NULL" || shown[3] == "" {
		t.Errorf("the ERP shows %q", shown)
	}
	asked, _ := w.creates()
	w.erp.Exec(t, "UPDATE sales SET note = 'x' WHERE id = 2") // a change of the ERP row never moves it
	w.settle()
	w.wantStates(map[string]int{"accepted": 2, "disputed": 1})
	w.wantCreates(asked)
}

func TestLostAnswersAreLookedUp(t *testing.T) {
	for _, kind := range []string{
		turkcellsim.FaultAnswerLost, turkcellsim.FaultSavedError, turkcellsim.FaultTruncated, turkcellsim.FaultEmpty, turkcellsim.FaultGarbage,
	} {
		t.Run(kind, func(t *testing.T) {
			w := ready(t, turkcellsim.Options{})
			w.fault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyCreate, Every: 2})
			w.sales(1, 6)
			w.run("sync", "outbound")
			if n := w.states()["unknown"]; n != 3 && kind != turkcellsim.FaultEmpty && kind != turkcellsim.FaultGarbage {
				t.Errorf("%d documents are unknown, want 3: %v", n, w.states())
			}
			if n := w.states()["sending"]; n != 0 {
				t.Errorf("%d documents were left in sending", n)
			}
			w.sim.ClearFaults()
			w.settle()
			w.exactlyOnce(6)
			w.wantCreates(6)
		})
	}
}

func TestLateAcceptIsNotSentTwice(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultLateAccept, Family: turkcellsim.FamilyCreate, Delay: time.Minute})
	w.sales(1, 3)
	w.run("sync", "outbound")
	w.sim.ClearFaults()
	w.wantStates(map[string]int{"unknown": 3})
	for range 3 { // within the quarantine an absence proves nothing
		w.later(10 * time.Second)
		w.run("sync", "all")
		w.wantStates(map[string]int{"unknown": 3})
	}
	w.sim.Advance(time.Minute)
	w.settle()
	w.exactlyOnce(3)
	w.wantCreates(3)
}

func TestCutConnectionIsSentAgainAfterTheQuarantine(t *testing.T) {
	for _, kind := range []string{turkcellsim.FaultCutBeforeBody, turkcellsim.FaultCutAfterBody} {
		t.Run(kind, func(t *testing.T) {
			w := ready(t, turkcellsim.Options{})
			w.account("  quarantine = \"2s\"")
			w.fault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyCreate, Times: 3})
			w.sales(1, 3)
			w.run("sync", "outbound")
			w.wantStates(map[string]int{"unknown": 3})
			before := w.hashes()
			w.run("sync", "followup") // at once: too early to believe the provider
			w.wantStates(map[string]int{"unknown": 3})
			w.wantCreates(3)
			w.settle()
			w.exactlyOnce(3)
			w.wantCreates(6)
			for key, hash := range w.hashes() {
				if hash != before[key] {
					t.Errorf("sale %s was frozen as %s and is now %s", key, before[key], hash)
				}
				if sent := w.issued()["acme:sale:"+key].SHA256; sent != hash {
					t.Errorf("sale %s: the provider got %s, the ledger froze %s", key, sent, hash)
				}
			}
		})
	}
}

// An outcome was unknown, has been settled, and the ERP still shows it as unknown when the daemon starts: that must not look
// like a ledger that lost its memory, or every new sale would be asked for first and wait for the quarantine.
func TestNewSalesDoNotWaitForASettledOne(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultCutAfterBody, Family: turkcellsim.FamilyCreate, Times: 1})
	w.sales(1, 1)
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"unknown": 1})
	w.erp.Exec(t, "ALTER TABLE sales ADD CONSTRAINT told CHECK (sale_no <> 'S-1' OR einvoice_state = 'unknown')") // the ERP cannot be told more
	w.later(time.Hour)
	w.run("sync", "followup")
	w.wantStates(map[string]int{"prepared": 1})
	w.sales(2, 3)
	w.run("sync", "outbound")
	if n := len(w.issued()); n != 3 {
		t.Errorf("%d documents are issued, want the 3 new ones: %v", n, w.states())
	}
	w.erp.Exec(t, "ALTER TABLE sales DROP CONSTRAINT told")
	w.settle()
	w.exactlyOnce(4)
}

// hashes are the payload hashes of the ledger by sale.
func (w *world) hashes() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT sale_key, payload_hash FROM documents") {
		out[row[0]] = row[1]
	}
	return out
}
