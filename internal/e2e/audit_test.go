package e2e

import (
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// audited is what `faturad audit --json` says.
type audited struct {
	Companies []struct {
		Sums []struct {
			State                 string
			Ledger, Provider, ERP struct {
				Count  int
				Amount string
			}
		}
		Invariants []struct {
			Invariant string
			Checked   bool
			Found     int
		}
		Differences []struct{ Invariant, Ref, Message, Advice string }
		Unasked     []struct{ What, Error string }
		Asking      int `json:"being_asked_for"`
		Elsewhere   int `json:"made_elsewhere"`
	}
}

// audit runs the audit and wants an exit code.
func (w *world) audit(code int, args ...string) audited {
	w.t.Helper()
	var a audited
	r := w.json(&a, append([]string{"audit"}, args...)...)
	if r.code != code || len(a.Companies) != 1 {
		w.t.Fatalf("faturad audit: exit code %d, want %d\n%s%s", r.code, code, r.out, r.errOut)
	}
	return a
}

func (a audited) finds(t *testing.T, invariant, ref, says string) {
	t.Helper()
	for _, d := range a.Companies[0].Differences {
		if d.Invariant == invariant && d.Ref == ref && strings.Contains(d.Message, says) {
			return
		}
	}
	t.Errorf("no difference %s of %s says %q: %+v", invariant, ref, says, a.Companies[0].Differences)
}

func TestAuditReconcilesAndFindsWhatIsPlanted(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.sim.GenerateIncoming(3, 7)
	w.sales(1, 6)
	w.sale(7, "", "", saleDate) // held
	w.settle()
	a := w.audit(0)
	for _, i := range a.Companies[0].Invariants {
		if !i.Checked || i.Found != 0 {
			t.Errorf("%+v", i)
		}
	}
	for _, s := range a.Companies[0].Sums {
		if s.State == "accepted" && (s.Ledger != s.Provider || s.Ledger != s.ERP || s.Ledger.Count != 6) {
			t.Errorf("accepted: %+v", s)
		}
	}
	day := time.Now().Format(time.DateOnly)
	w.audit(0, "--since", day)

	w.erp.Exec(t, "UPDATE sales SET einvoice_no = 'FTR2026000000999' WHERE id = 1")
	w.ledger.Exec(t, "UPDATE documents SET state = 'prepared' WHERE sale_key = '2'")
	w.ledger.Exec(t, "UPDATE documents SET payable = payable + 1 WHERE sale_key = '3'")
	w.erp.Exec(t, "UPDATE sales SET net = 50000, vat = 10000, gross = 60000 WHERE id = 3")
	w.ledger.Exec(t, "DELETE FROM attempts WHERE document_id = (SELECT id FROM documents WHERE sale_key = '4')")
	w.ledger.Exec(t, "UPDATE documents SET ettn = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa' WHERE sale_key = '5'")
	w.ledger.Exec(t, "DELETE FROM documents WHERE sale_key = '6'")
	a = w.audit(3)
	a.finds(t, "I3", "acme:sale:1", "FTR2026000000999")
	a.finds(t, "I2", "acme:sale:2", "provider has it")
	a.finds(t, "I3", "acme:sale:3", "amount differs")
	a.finds(t, "I3", "acme:sale:3", "changed in the ERP")
	a.finds(t, "I5", "acme:sale:4", "neither sent")
	a.finds(t, "I2", "acme:sale:5", "LOST")
	a.finds(t, "I2", "6", "does not know")

	w.server.Close()
	if a := w.audit(3); len(a.Companies[0].Unasked) == 0 {
		t.Error("nothing is said of the provider that could not be asked")
	}
}

func TestAuditSaysWhatItCouldNotAsk(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.settle()
	w.server.Close()
	if a := w.audit(4); len(a.Companies[0].Unasked) == 0 || len(a.Companies[0].Differences) != 0 {
		t.Errorf("%+v", a.Companies[0])
	}
}

// TestAuditSaysWhatTheERPWasNotTold: an ERP that takes nothing more is a difference, with the reason.
func TestAuditSaysWhatTheERPWasNotTold(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.settle()
	w.wantStates(map[string]int{"accepted": 2})
	w.erp.Exec(t, "UPDATE sales SET einvoice_state = 'sent', einvoice_no = NULL")
	w.erp.Exec(t, "CREATE TRIGGER closed BEFORE UPDATE ON sales FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kayıtlar kapalı'")
	w.ledger.Exec(t, "UPDATE documents SET written_version = 0, write_noted = 0, updated_at = updated_at - INTERVAL 20 MINUTE")
	w.run("sync", "writeback")
	a := w.audit(3)
	a.finds(t, "I3", "acme:sale:1", "kayıtlar kapalı")
	a.finds(t, "I3", "acme:sale:2", "has not been told that it is accepted")
	if n := len(a.Companies[0].Differences); n != 2 {
		t.Errorf("%d differences, want 2: %+v", n, a.Companies[0].Differences)
	}
}

// TestAuditOfALedgerThatIsBeingRebuilt: what the provider is still being asked for is no difference.
func TestAuditOfALedgerThatIsBeingRebuilt(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	w.emptyLedger()
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"unknown": 3})
	if a := w.audit(0); a.Companies[0].Asking != 3 {
		t.Errorf("%d of 3 documents are being asked for", a.Companies[0].Asking)
	}
	w.settle()
	if a := w.audit(0); a.Companies[0].Asking != 0 {
		t.Errorf("then %d", a.Companies[0].Asking)
	}
}
