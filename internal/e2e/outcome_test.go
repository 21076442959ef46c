package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// onExisting is an operation on a document that exists at the provider: how its sale is prepared, and where it ends.
type onExisting struct {
	name, command string
	draft, failed bool
	edited        bool   // the sale is changed before
	state, done   string // what the ERP shows at last; what it shows while the operation was not done
	status        int    // at the provider at last
}

var onExistings = []onExisting{
	{name: "release", command: "release", draft: true, state: "accepted", done: "hâlâ taslak", status: 60},
	{name: "resend", command: "resync", failed: true, state: "accepted", done: "hâlâ hatalı", status: 60},
	{name: "update of a failed one", command: "resync", failed: true, edited: true, state: "accepted", done: "hâlâ hatalı", status: 60},
	{name: "update of a draft", command: "resync", draft: true, edited: true, state: "draft", done: "ulaşmamış", status: 0},
	{name: "cancel", command: "cancel", state: "cancelled", done: "gerçekleşmemiş", status: 100},
}

// TestOutcomeOfAnOperationIsAsked: the answer of every operation is lost, with and without the operation having been done, and
// its process is killed in the middle of it. What was done is recorded at once, or by the next pass; what was not is told to the
// accountant, who asks again. Each document is there once, and ends where it should.
func TestOutcomeOfAnOperationIsAsked(t *testing.T) {
	t.Parallel()
	const failingVKN = "7473004654"
	w := newWorld(t, setup{preset: "reference", sim: turkcellsim.Options{Buyers: map[string]turkcellsim.Buyer{failingVKN: turkcellsim.BuyerFailOnce}}})
	w.account("  quarantine = \"1s\"")
	type trial struct {
		onExisting
		id           int
		saved, alive bool
	}
	var trials []trial
	for _, o := range onExistings {
		for _, saved := range []bool{true, false} {
			for _, alive := range []bool{true, false} {
				trials = append(trials, trial{o, len(trials) + 1, saved, alive})
			}
		}
	}
	for _, o := range trials {
		buyer := buyerVKN
		if o.failed {
			buyer = failingVKN
		}
		w.sale(o.id, "Işıltı Aydınlatma Ltd. Şti.", buyer, saleDate)
		w.erp.Exec(t, "UPDATE sales SET draft = ? WHERE id = ?", o.draft, o.id)
	}
	w.run("sync", "all", "--wait")
	for _, o := range trials {
		if o.edited {
			w.erp.Exec(t, "UPDATE sales SET net = 500, vat = 100, gross = 600 WHERE id = ?", o.id)
			w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 500 WHERE sale_id = ?", o.id)
		}
	}
	for _, o := range trials {
		args := []string{o.command, fmt.Sprint(o.id), "--yes", "--reason", "deneme"}
		fault := turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Times: 1}
		if !o.alive {
			fault.Kind = turkcellsim.FaultHang
		}
		if !o.saved {
			fault.Save = "no"
		}
		w.fault(fault)
		if o.alive {
			if r := w.run(args...); (r.code == 0) != o.saved {
				t.Errorf("%s of sale %d, done: %t: exit code %d\n%s%s", o.name, o.id, o.saved, r.code, r.out, r.errOut)
			}
		} else {
			hung := func() (n int) {
				for _, e := range w.sim.Log() {
					if e.Fault == turkcellsim.FaultHang {
						n++
					}
				}
				return n
			}
			before := hung()
			p := w.start(args...)
			w.until(func() bool { return hung() > before || p.ended() })
			p.kill()
		}
	}
	w.run("sync", "writeback")
	for _, o := range trials {
		if message := w.marks()[o.id-1][5]; o.alive && !o.saved && !strings.Contains(message, "bilinmiyor") && !strings.Contains(message, "bekleniyor") {
			t.Errorf("%s of sale %d: while nobody knows, the ERP says %q", o.name, o.id, message)
		}
	}
	w.later(10 * time.Minute) // the leases of the killed
	w.until(func() bool {
		w.run("sync", "followup")
		for _, o := range trials {
			if row := w.marks()[o.id-1]; o.saved && row[1] != o.state && o.name != "update of a draft" || !o.saved && !strings.Contains(row[5], o.done) {
				return false
			}
		}
		return true
	})
	for _, o := range trials {
		unsure := o.name == "update of a draft" && !o.alive // nobody is left who knows what the draft was before
		if !o.saved || unsure {
			w.ok(o.command, fmt.Sprint(o.id), "--yes", "--reason", "yeniden")
		}
	}
	w.ok("sync", "all", "--wait")
	issued := w.issued()
	if len(issued) != len(trials) {
		t.Errorf("the provider has %d documents, want %d", len(issued), len(trials))
	}
	for _, o := range trials {
		row, d := w.marks()[o.id-1], issued[fmt.Sprintf("acme:sale:%d", o.id)]
		if row[1] != o.state || d.Status != o.status || o.edited != (d.Payable.String() == "600") || o.edited && d.Updates == 0 {
			t.Errorf("%s of sale %d (done: %t, alive: %t) ended as %q, at the provider %+v", o.name, o.id, o.saved, o.alive, row, d)
		}
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor: exit code %d\n%s", r.code, r.out)
	}
}
