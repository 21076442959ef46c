package e2e

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// acks counts the calls that clear flags at the provider.
func (w *world) acks() (n int) {
	for _, e := range w.sim.Log() {
		if e.Family == turkcellsim.FamilyAck {
			n++
		}
	}
	return n
}

// newAtProvider counts the incoming invoices whose flag is set.
func (w *world) newAtProvider() (n int) {
	for _, in := range w.sim.Incoming() {
		if in.IsNew {
			n++
		}
	}
	return n
}

func TestIncomingInvoicesArrive(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.sim.GenerateIncoming(25, 42)
	w.ok("sync", "inbound")
	w.receivedOnce(25)
	in := w.sim.Incoming()[7] // the bytes of all were compared by receivedOnce
	shown := w.run("inbox", "show", in.ETTN.String(), "--ubl")
	if shown.code != 0 || !bytes.Equal([]byte(shown.out), in.UBL) {
		t.Fatalf("inbox show %s: exit code %d, %d bytes, the provider sent %d\n%s", in.ETTN, shown.code, len(shown.out), len(in.UBL), shown.errOut)
	}
	before, acks := w.erpDump(), w.acks()
	w.ok("sync", "inbound")
	w.ok("sync", "all")
	if after := w.erpDump(); after != before {
		t.Errorf("a second pass wrote:\n%s", difference(before, after))
	}
	if n := w.acks(); n != acks {
		t.Errorf("a second pass cleared %d flags more", n-acks)
	}
	w.sim.GenerateIncoming(3, 43)
	w.ok("sync", "inbound")
	w.receivedOnce(28)
}

func TestFlagSetAgainIsClearedAgain(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids := w.sim.GenerateIncoming(3, 9)
	w.ok("sync", "inbound")
	before := w.erpDump()
	if err := w.door("POST", "/_sim/inbox/"+ids[1].String(), `{"isNew":true}`); err != nil {
		t.Fatal(err)
	}
	if n := w.newAtProvider(); n != 1 {
		t.Fatalf("%d are new, want 1", n)
	}
	w.later(time.Hour)
	w.ok("sync", "inbound")
	w.receivedOnce(3)
	if after := w.erpDump(); after != before {
		t.Errorf("it was written again:\n%s", difference(before, after))
	}
}

func TestERPAwayKeepsFlags(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.sim.GenerateIncoming(6, 3)
	repair := w.swap("erp.dsn", elsewhere(w.read("erp.dsn")))
	if r := w.run("sync", "inbound"); r.code != 4 {
		t.Errorf("exit code %d, want 4\n%s", r.code, r.errOut)
	}
	if n := w.newAtProvider(); n != 6 {
		t.Errorf("%d flags are set, want 6: nothing stands in the ERP", n)
	}
	if n := w.count("SELECT COUNT(*) FROM received WHERE state = 'stored'"); n != 6 {
		t.Errorf("the ledger stored %d, want 6", n)
	}
	repair()
	w.settle()
	w.receivedOnce(6)
}

func TestIncomingKilledBetweenSteps(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN, Latency: 4 * time.Millisecond})
	random := dice(t)
	w.sim.GenerateIncoming(30, 11)
	for range 7 {
		p := w.start("sync", "inbound")
		p.live(time.Duration(60+random.IntN(160)) * time.Millisecond)
		p.kill()
		w.later(10 * time.Minute)
		// A flag may be clear only where both databases hold the invoice.
		for _, in := range w.sim.Incoming() {
			if in.IsNew {
				continue
			}
			if n := w.rows("SELECT COUNT(*) FROM efatura_gelen g JOIN efatura_gelen_dosya d ON d.ettn = g.ettn AND d.bicim = 'ubl' WHERE g.ettn = ?", in.ETTN.String())[0][0]; n != "1" {
				t.Errorf("the flag of %s is clear, and the ERP has it %s times", in.ETTN, n)
			}
			if n := w.count("SELECT COUNT(*) FROM received WHERE ettn = ?", in.ETTN.String()); n != 1 {
				t.Errorf("the flag of %s is clear, and the ledger has it %d times", in.ETTN, n)
			}
		}
	}
	w.settle()
	w.receivedOnce(30)
}

// An invoice that cannot be written is kept, named, and stops no other.
func TestPoisonedInvoiceIsQuarantined(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids := w.sim.GenerateIncoming(5, 21)
	for _, in := range w.sim.Incoming() {
		if in.ETTN == ids[2] {
			poisoned := poison.ReplaceAll(in.UBL, []byte("<cbc:IssueDate>yarın</cbc:IssueDate>"))
			if bytes.Equal(poisoned, in.UBL) {
				t.Fatal("nothing was poisoned")
			}
			if err := w.door("DELETE", "/_sim/inbox/"+in.ETTN.String(), ""); err != nil {
				t.Fatal(err)
			}
			if err := w.door("POST", "/_sim/inbox", string(poisoned)); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.run("sync", "inbound")
	var listed struct {
		Received []struct{ ETTN, State, Reason string }
	}
	w.json(&listed, "inbox", "list", "--state", "quarantined")
	if len(listed.Received) != 1 || listed.Received[0].ETTN != ids[2].String() || listed.Received[0].Reason == "" {
		t.Errorf("quarantined are %+v, want %s", listed.Received, ids[2])
	}
	if table := w.ok("inbox", "list"); !strings.Contains(table, "Karantinada") {
		t.Errorf("inbox list does not show it:\n%s", table)
	}
	if rows := w.rows("SELECT durum, COUNT(*) FROM efatura_gelen GROUP BY durum ORDER BY durum"); len(rows) != 2 || rows[0][0] != "Geldi" || rows[0][1] != "4" ||
		!strings.HasPrefix(rows[1][0], "Karantinada") || rows[1][1] != "1" {
		t.Errorf("the ERP has %v, want the 4 others, and the poisoned one as what it is", rows)
	}
	if n := w.newAtProvider(); n != 1 {
		t.Errorf("%d are new at the provider, want the poisoned one", n)
	}
	before := w.erpDump()
	w.later(48 * time.Hour)
	w.run("sync", "inbound")
	if after := w.erpDump(); after != before {
		t.Errorf("a second pass wrote:\n%s", difference(before, after))
	}
}

var poison = regexp.MustCompile(`<cbc:IssueDate>[^<]*</cbc:IssueDate>`)

// A column of the ERP that is too small for one invoice quarantines that one; widened, it arrives.
func TestInvoiceThatDoesNotFitArrivesWhenTheColumnIsWidened(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	ids := w.sim.GenerateIncoming(4, 33)
	w.erp.Exec(t, "ALTER TABLE efatura_gelen ADD CONSTRAINT odd CHECK (ettn <> '"+ids[1].String()+"')")
	w.run("sync", "inbound")
	if n := w.rows("SELECT COUNT(*) FROM efatura_gelen")[0][0]; n != "3" {
		t.Errorf("the ERP has %s invoices, want 3", n)
	}
	w.erp.Exec(t, "ALTER TABLE efatura_gelen DROP CONSTRAINT odd")
	w.later(48 * time.Hour)
	w.settle()
	w.receivedOnce(4)
}

func TestInboundFaultsLoseNothing(t *testing.T) {
	for _, f := range []turkcellsim.Fault{
		{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyAck, Times: 8},
		{Kind: turkcellsim.FaultStatus, Status: 500, Family: turkcellsim.FamilyAck, Times: 8},
		{Kind: turkcellsim.FaultStatus, Status: 404, Family: turkcellsim.FamilyDownload, Every: 3},
		{Kind: turkcellsim.FaultTruncated, Family: turkcellsim.FamilyDownload, Every: 3},
		{Kind: turkcellsim.FaultEmpty, Family: turkcellsim.FamilyAck, Times: 1},
	} {
		name, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(string(name), func(t *testing.T) {
			w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
			w.sim.GenerateIncoming(9, 5)
			w.fault(f)
			w.run("sync", "inbound")
			w.sim.ClearFaults()
			w.later(48 * time.Hour)
			w.settle()
			w.receivedOnce(9)
		})
	}
}
