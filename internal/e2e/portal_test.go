package e2e

import (
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// TestCancelledInThePortal: what somebody cancels in the portal after it was accepted is in the ERP within a day, for as
// long as it may be cancelled; nobody is asked more often than that, nor for what nobody can cancel any more.
func TestCancelledInThePortal(t *testing.T) {
	t.Parallel()
	w := reference(t)
	for id := 1; id <= 3; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	}
	w.sale(4, "Yıldız Gıda Sanayi ve Ticaret A.Ş.", turkcellsim.ExampleVKN(0), saleDate)
	w.ok("sync", "registry")
	w.ok("sync", "all", "--wait")
	w.ledger.Exec(t, "UPDATE documents SET issue_date = issue_date - INTERVAL 200 DAY WHERE sale_key = '3'")
	w.later(24 * time.Hour)
	w.ok("sync", "followup")
	if got := w.states()["accepted"]; got != 4 {
		t.Fatalf("before anybody cancelled: %v", w.states())
	}

	cancel := func(sale string, status int) {
		t.Helper()
		if err := w.sim.SetStatus(w.issued()["acme:sale:"+sale].ETTN, status, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	cancel("1", 100)
	cancel("3", 100)
	cancel("4", 99)
	w.ok("sync", "followup")
	if got := w.states()["accepted"]; got != 4 {
		t.Errorf("they were asked for again at once: %v", w.states())
	}
	w.later(24 * time.Hour)
	w.ok("sync", "followup")
	for i, want := range []string{"cancelled", "accepted", "accepted", "cancelled"} {
		row := w.marks()[i]
		if row[1] != want || (want == "cancelled") != strings.Contains(row[5], "portalında iptal edilmiş") {
			t.Errorf("sale %s: %q, want %s", row[0], row, want)
		}
	}
	w.later(365 * 24 * time.Hour)
	if n := w.count("SELECT COUNT(*) FROM documents WHERE sale_key = '3' AND next_at < UTC_TIMESTAMP()"); n != 0 {
		t.Error("what nobody can cancel any more is due a year later")
	}
}
