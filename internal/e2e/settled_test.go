package e2e

import (
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestDisputedIsSettledByAPerson: each of the three ways out, with the user and the reason in the audit trail; without a reason
// or from the ERP there is none.
func TestDisputedIsSettledByAPerson(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	w.exactlyOnce(3)
	w.sim.Reset() // the provider lost everything, and so did we
	w.emptyLedger()
	w.settle()
	w.wantStates(map[string]int{"disputed": 3})
	asked, _ := w.creates()

	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'release', 'gitsin', 'ayse'), (2, 2, 'reissue', 'gitsin', 'ayse')")
	for _, args := range [][]string{{"release", "1"}, {"reissue", "2"}, {"mark", "3", "cancelled"}} {
		if r := w.run(append(args, "--yes")...); r.code == 0 || !strings.Contains(r.out+r.errOut, "--reason") {
			t.Errorf("%v without a reason: exit code %d\n%s%s", args, r.code, r.out, r.errOut)
		}
	}
	w.settle()
	w.wantStates(map[string]int{"disputed": 3})
	w.wantCreates(asked)
	for _, row := range w.rows("SELECT sonuc, mesaj FROM efatura_istek") {
		if row[0] != "0" || !strings.Contains(row[1], "faturad mark") {
			t.Errorf("a request of the ERP about a disputed document: %q", row)
		}
	}

	const reason = "portalde yok, destek kaydı 4711"
	w.ok("release", "1", "--yes", "--reason", reason)
	w.ok("reissue", "2", "--yes", "--reason", reason)
	w.ok("mark", "3", "cancelled", "--yes", "--reason", reason)
	w.settle()
	issued := w.issued()
	if _, first := issued["acme:sale:1"]; !first || len(issued) != 2 {
		t.Errorf("the provider has %v", issued)
	}
	if second, made := issued["acme:sale:2#2"]; !made || second.ETTN == issued["acme:sale:1"].ETTN {
		t.Errorf("the new revision: %+v", second)
	}
	for id, want := range map[int]string{1: "accepted", 2: "accepted", 3: "cancelled"} {
		if state, _, _, _ := w.mark(id); state != want {
			t.Errorf("sale %d shows %s, want %s", id, state, want)
		}
	}
	for key, actions := range map[string]string{"1": "release", "2": "reissue", "3": "mark"} {
		var shown struct {
			Documents []struct {
				Audit []struct{ User, Action, From, To, Reason string }
			}
		}
		w.json(&shown, "document", key)
		last := shown.Documents[0].Audit[0]
		for _, a := range shown.Documents[0].Audit {
			if a.Action == actions {
				last = a
				break
			}
		}
		if last.Action != actions || last.From != "disputed" || last.Reason != reason || last.User == "" {
			t.Errorf("sale %s: the audit trail is %+v", key, shown.Documents[0].Audit)
		}
	}
}

// TestReleasedByMistakeGoesAsItWas: while the daemon runs, a person sends a disputed document again that the provider has, and the
// sale was edited meanwhile. What goes again is what was frozen, and a refusal in words that nobody knows is looked up.
func TestReleasedByMistakeGoesAsItWas(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.everySecond()
	w.sales(1, 1)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultOtherID, Family: turkcellsim.FamilyCreate, Times: 1})
	p, _, _ := w.daemon()
	w.until(func() bool {
		return w.count("SELECT COUNT(*) FROM documents WHERE state = 'disputed' AND NOT unwritten") == 1
	})
	first := w.issued()["acme:sale:1"]
	w.erp.Exec(t, "UPDATE sales SET buyer_name = 'Başka Ticaret A.Ş.', note = 'sonradan değişti'")
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 422, Body: `{"x":["bu kayıt işlenemez"]}`, Family: turkcellsim.FamilyCreate, Times: 1})
	w.ok("release", "1", "--yes", "--reason", "portalde göremedim")
	w.until(func() bool {
		return w.count("SELECT COUNT(*) FROM documents WHERE state IN ('accepted', 'refused', 'held') AND NOT unwritten") == 1
	})
	p.stop()
	if state, message, _, _ := w.mark(1); state != "accepted" {
		t.Errorf("the sale shows %s: %s", state, message)
	}
	if now := w.issued()["acme:sale:1"]; len(w.issued()) != 1 || now.SHA256 != first.SHA256 {
		t.Errorf("the provider has %v", w.issued())
	}
	if n := w.count("SELECT COUNT(*) FROM attempts WHERE opened AND operation = 'create'"); n != 2 {
		t.Errorf("%d intents: it was to be sent twice", n)
	}
	if contents := w.count("SELECT COUNT(DISTINCT payload_sha) FROM attempts WHERE opened AND operation = 'create'"); contents != 1 {
		t.Errorf("%d different contents were sent for one document", contents)
	}
}
