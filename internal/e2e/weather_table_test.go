package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// weather is what ERP users do to a sale. The n-th strikes sale n.
var weather = []struct {
	name    string
	strike  []string // with the sale's id as :id
	payable string   // of the invoice if it is prepared afterwards; empty = there is none to make
	gone    bool     // the ERP's row is deleted: its marks have nowhere to go
}{
	{"a line edited", []string{"UPDATE sales SET net = 900, vat = 180, gross = 1080 WHERE id = :id", "UPDATE sale_lines SET unit_price = 900 WHERE sale_id = :id"}, "1080.00", false},
	{"the header edited", []string{"UPDATE sales SET note = 'kapıya bırakın' WHERE id = :id"}, "122.40", false},
	{"the customer changed", []string{"UPDATE sales SET buyer_name = 'Başka Alıcı A.Ş.', buyer_tax_no = '3570418921' WHERE id = :id"}, "123.60", false},
	{"renumbered", []string{"UPDATE sales SET sale_no = 'S-yeni-4' WHERE id = :id"}, "124.80", false},
	{"cancelled", []string{"UPDATE sales SET deleted = 1 WHERE id = :id"}, "", false},
	{"deleted", []string{"DELETE FROM sale_lines WHERE sale_id = :id", "DELETE FROM sales WHERE id = :id"}, "", true},
	{"its number given to another sale", []string{"UPDATE sales SET sale_no = CONCAT('S-', :id + 100) WHERE id = :id"}, "128.40", false},
}

// storm lets every kind of weather strike its sale.
func (w *world) storm() {
	w.t.Helper()
	for i, x := range weather {
		for _, statement := range x.strike {
			w.erp.Exec(w.t, replaceID(statement, i+1))
		}
	}
}

func replaceID(statement string, id int) string {
	var out []byte
	for i := 0; i < len(statement); i++ {
		if i+3 <= len(statement) && statement[i:i+3] == ":id" {
			out = fmt.Append(out, id)
			i += 2
			continue
		}
		out = append(out, statement[i])
	}
	return string(out)
}

// TestWeatherAtEveryPoint: whatever ERP users do to a sale, and whenever, the provider has at most one document, made of what
// was frozen; before the first byte could leave the sale's new content counts, afterwards the difference is shown and
// nothing is sent again.
func TestWeatherAtEveryPoint(t *testing.T) {
	n := len(weather)
	for _, at := range []struct {
		name   string
		sim    turkcellsim.Options
		reach  func(w *world) // brings all sales to the point; storm strikes there
		left   bool           // bytes may have left when it strikes
		create int            // creating requests in all; those of sales that are given up do not count when !left
	}{
		{"before it is known", turkcellsim.Options{}, func(w *world) { w.storm() }, false, n - 2},
		{"prepared", turkcellsim.Options{}, func(w *world) {
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate, Save: "no"})
			w.run("sync", "outbound")
			w.wantStates(map[string]int{"prepared": n})
			w.storm()
		}, false, -1},
		{"in flight", turkcellsim.Options{}, func(w *world) {
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultSlowHeaders, Family: turkcellsim.FamilyCreate, Delay: 4 * time.Second})
			p := w.start("sync", "outbound")
			w.until(func() bool {
				return w.count("SELECT COUNT(*) FROM documents WHERE state = 'sending'") == n || p.ended()
			})
			if p.ended() {
				w.t.Error("the pass had ended before the storm began")
			}
			w.storm()
			p.wait()
		}, true, n},
		{"unknown, and it exists", turkcellsim.Options{}, func(w *world) {
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyCreate})
			w.run("sync", "outbound")
			w.wantStates(map[string]int{"unknown": n})
			w.storm()
		}, true, n},
		{"unknown, and it does not exist", turkcellsim.Options{}, func(w *world) {
			w.account("  quarantine = \"2s\"")
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultCutAfterBody, Family: turkcellsim.FamilyCreate})
			w.run("sync", "outbound")
			w.wantStates(map[string]int{"unknown": n})
			w.storm()
		}, true, 2 * n},
		{"sent", turkcellsim.Options{Pace: turkcellsim.Pace{Step: time.Hour}}, func(w *world) {
			w.ok("sync", "outbound")
			w.wantStates(map[string]int{"sent": n})
			w.storm()
			w.run("sync", "all")
			w.sim.Advance(48 * time.Hour)
		}, true, n},
		{"accepted", turkcellsim.Options{}, func(w *world) {
			w.settle()
			w.exactlyOnce(n)
			w.storm()
		}, true, n},
	} {
		t.Run(at.name, func(t *testing.T) {
			w := ready(t, at.sim)
			w.sales(1, n)
			at.reach(w)
			frozen := w.hashes()
			w.sim.ClearFaults()
			w.settleBut(2) // the deleted row's marks, and nothing else
			if at.create >= 0 {
				w.wantCreates(at.create)
			}
			w.afterStorm(at.left, frozen)
		})
	}
}

// afterStorm compares provider, ledger and ERP with what must be.
func (w *world) afterStorm(left bool, frozen map[string]string) {
	w.t.Helper()
	issued, documents, changed := w.issued(), w.documents(), w.changed()
	for i, x := range weather {
		key := fmt.Sprint(i + 1)
		ref := "acme:sale:" + key
		sent, exists := issued[ref]
		state, flagged := documents[key].State, slices.Contains(changed, key)
		switch {
		case left && (!exists || sent.SHA256 != frozen[key] || sent.Updates != 0):
			w.t.Errorf("%s: the provider got %s (%t), frozen was %s", x.name, sent.SHA256, exists, frozen[key])
		case left && (state != "accepted" || !flagged):
			w.t.Errorf("%s: the ledger says %s, changed after send: %t", x.name, state, flagged)
		case !left && x.payable == "" && (exists || state != "cancelled" && state != ""):
			w.t.Errorf("%s: it was sent (%t), the ledger says %s", x.name, exists, state)
		case !left && x.payable != "" && (!exists || sent.Payable.StringFixed(2) != x.payable || state != "accepted" || flagged):
			w.t.Errorf("%s: the provider has %s (%t), the ledger says %s, changed after send: %t", x.name, sent.Payable, exists, state, flagged)
		}
		if x.gone || !left && x.payable == "" {
			continue
		}
		if shown, message, _, mark := w.mark(i + 1); shown != "accepted" || (mark == "1") != left || message == "" {
			w.t.Errorf("%s: the ERP shows %q %q, changed %q", x.name, shown, message, mark)
		}
	}
	before, _ := w.creates()
	w.later(12 * time.Hour) // and it stays so
	w.run("sync", "all")
	w.wantCreates(before)
	if !left {
		return
	}
	for i := range weather { // no command sends an issued sale again either
		ref := fmt.Sprintf("acme:sale:%d", i+1)
		if r := w.run("reissue", ref, "--yes", "--reason", "deneme"); r.code == 0 {
			w.t.Errorf("reissue of an accepted document: %s", r.out)
		}
		w.run("resync", ref, "--yes")
	}
	w.run("sync", "all")
	w.wantCreates(before)
}
