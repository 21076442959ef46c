package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// twin enters a sale again under another id: same buyer, same amount, same day.
func (w *world) twin(id, of int) {
	w.t.Helper()
	w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.erp.Exec(w.t, "UPDATE sales s JOIN sales o ON o.id = ? SET s.net = o.net, s.vat = o.vat, s.gross = o.gross WHERE s.id = ?", of, id)
	w.erp.Exec(w.t, "UPDATE sale_lines SET unit_price = ? WHERE sale_id = ?", 100+of, id)
}

func twins(t *testing.T) *world {
	t.Helper()
	w := ready(t, turkcellsim.Options{})
	w.insert("[[company]]", "hold_possible_duplicates = true\n")
	return w
}

// TestPossibleDuplicateIsHeld: the second of two sales that look alike waits for a person, who may let it go; it is not held
// again for that.
func TestPossibleDuplicateIsHeld(t *testing.T) {
	w := twins(t)
	w.sales(1, 3)
	w.settle()
	w.exactlyOnce(3)
	w.twin(11, 1) // of one that was sent
	foreseen := w.run("preview", "11")
	w.sales(20, 1)
	w.twin(21, 20) // of one that comes in with it
	w.twin(22, 20)
	w.settle()
	w.wantStates(map[string]int{"accepted": 4, "held": 3})
	for id, other := range map[int]string{11: "acme:sale:1, S-1, ", 21: "acme:sale:20", 22: "acme:sale:20"} {
		if state, message, advice, _ := w.mark(id); state != "held" || !strings.Contains(message, other) || !strings.Contains(advice, "release") {
			t.Errorf("sale %d shows %q %q %q, want it to name %s", id, state, message, advice, other)
		}
	}
	for when, shown := range map[string]result{"before": foreseen, "while": w.run("preview", "11")} {
		if shown.code != 3 || !strings.Contains(shown.out, "sale.possible_duplicate") || !strings.Contains(shown.out, "(acme:sale:1, S-1, ") {
			t.Errorf("the preview %s it is held: exit code %d\n%s", when, shown.code, shown.out)
		}
	}
	asked, _ := w.creates()
	w.run("resync", "11", "--yes") // looks again, and sees the same
	w.settle()
	w.wantStates(map[string]int{"accepted": 4, "held": 3})
	w.wantCreates(asked)

	w.ok("release", "11", "--yes", "--reason", "iki ayrı sipariş")
	w.ok("preview", "11")
	w.erp.Exec(t, "UPDATE sales SET deleted = 1 WHERE id = 21")
	w.erp.Exec(t, "UPDATE sales SET net = 700, vat = 140, gross = 840 WHERE id = 22") // it was a mistake in the amount
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 700 WHERE sale_id = 22")
	w.settle()
	w.wantStates(map[string]int{"accepted": 6, "cancelled": 1})
	w.wantCreates(6)
	if _, message, _, _ := w.mark(11); message != "Onaylandı" {
		t.Errorf("sale 11 still shows %q", message)
	}
}

// TestReleasedDuplicateSurvivesTrouble: it is not held again when sending it takes more than one try.
func TestReleasedDuplicateSurvivesTrouble(t *testing.T) {
	w := twins(t)
	w.sales(1, 1)
	w.settle()
	w.twin(11, 1)
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	w.ok("release", "11", "--yes", "--reason", "iki ayrı sipariş")
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, Family: turkcellsim.FamilyCreate, Times: 2})
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"accepted": 1, "prepared": 1})
	w.settle()
	w.exactlyOnce(2)
}

// TestPossibleDuplicateOfTwoProcesses: two that look at once do not both let it pass.
func TestPossibleDuplicateOfTwoProcesses(t *testing.T) {
	w := twins(t)
	const pairs = 60
	w.sales(1, pairs)
	for id := 1; id <= pairs; id++ {
		w.twin(1000+id, id)
	}
	for range 3 {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { w.run("sync", "outbound") })
		}
		both.Wait()
		w.later(time.Minute)
	}
	w.settle()
	w.wantStates(map[string]int{"accepted": pairs, "held": pairs})
	w.wantCreates(pairs)
}

// TestPossibleDuplicateOfEarlierSales: one sent while the setting was off, and one adopted after the ledger was lost.
func TestPossibleDuplicateOfEarlierSales(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 1)
	w.settle()
	w.insert("[[company]]", "hold_possible_duplicates = true\n")
	w.twin(11, 1)
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	w.ok("cancel", "11", "--yes", "--reason", "elle kesildi")
	w.settle()
	if state, message, advice, _ := w.mark(11); state != "cancelled" || !strings.Contains(message, "vazgeçildi") || !strings.Contains(message, "elle kesildi") || !strings.Contains(advice, "reissue") {
		t.Errorf("the sale that was given up shows %s %q %q", state, message, advice)
	}
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 11")
	w.emptyLedger()
	w.settle()
	w.twin(12, 1)
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	w.wantCreates(1)
}

func TestPossibleDuplicatesGoOutByDefault(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 1)
	w.twin(11, 1)
	w.settle()
	w.exactlyOnce(2)
}

// TestPossibleDuplicateIsHeldAfterTheLoss: one that was held when the ledger was lost is held again, and not sent because it was
// asked for in between and is not at the provider.
func TestPossibleDuplicateIsHeldAfterTheLoss(t *testing.T) {
	w := twins(t)
	w.sales(1, 1)
	w.settle()
	w.twin(11, 1)
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	w.emptyLedger()
	w.settle()
	w.wantStates(map[string]int{"accepted": 1, "held": 1})
	w.wantCreates(1)
	w.ok("release", "11", "--yes", "--reason", "iki ayrı sipariş")
	w.settle()
	w.exactlyOnce(2)
}
