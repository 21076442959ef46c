package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"faturad/internal/invoice"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/simulator"
	"faturad/providers/turkcell/turkcellsim"
)

// bothRestored is a KolayBi world of last night's backups: sales 1 to 4 were issued before them; 5 was held then and 6 was not
// sent, because the provider refused to work. Both went out since, 5 corrected; 7 to 16 were entered and went out since. The ledger is the old one, the ERP has
// 1 to 6 as they were, and 7 to 16 no more. KolayBi has all sixteen.
func bothRestored(t *testing.T) *kolaybiWorld {
	t.Helper()
	w := newKolaybiWorld(t)
	w.sales(1, 4)
	w.settle()
	w.sale(5, "", "", saleDate)
	w.sales(6, 1)
	w.fails(kolaybisim.FamilyDraft, 429)
	w.run("sync", "outbound")
	w.wantStates(map[string]int{"accepted": 4, "held": 1, "prepared": 1})
	b := w.backUp()
	w.office.ClearFaults()
	w.sales(7, 10)
	w.erp.Exec(t, "UPDATE sales SET buyer_name = 'Deniz Ltd. Şti.', buyer_tax_no = ? WHERE id = 5", buyerVKN)
	w.settle()
	w.sound(16, false)

	w.restore(b)
	w.erp.Exec(t, "DELETE FROM sale_lines WHERE sale_id > 6")
	w.erp.Exec(t, "DELETE FROM sales WHERE id > 6")
	w.erp.Exec(t, "DELETE FROM sale_lines WHERE sale_id = 5")
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 5")
	w.sale(5, "", "", saleDate)
	w.erp.Exec(t, `UPDATE sales SET einvoice_state = NULL, einvoice_status = NULL, einvoice_kind = NULL, einvoice_no = NULL, ettn = NULL, einvoice_sent_at = NULL
		WHERE id = 6`)
	return w
}

// fails has a family of requests answered with a status.
func (w *kolaybiWorld) fails(family simulator.Family, status int) {
	w.t.Helper()
	if err := w.office.SetFault(kolaybisim.Fault{Kind: simulator.FaultStatus, Status: status, RetryAfter: "1", Family: family}); err != nil {
		w.t.Fatal(err)
	}
}

// enterAgain enters the lost sales under the same ids: 8 with another amount, 9 with another day, the others as they were.
func (w *kolaybiWorld) enterAgain() {
	w.t.Helper()
	w.sales(7, 10)
	w.erp.Exec(w.t, "UPDATE sales SET net = 500, vat = 100, gross = 600 WHERE id = 8")
	w.erp.Exec(w.t, "UPDATE sale_lines SET unit_price = 500 WHERE sale_id = 8")
	w.erp.Exec(w.t, "UPDATE sales SET issue_date = ? WHERE id = 9", time.Now().AddDate(0, 0, -1).Format(time.DateOnly))
}

// once wants each of the sales to have one document at the provider, which the ERP shows, and no draft beside it.
func (w *kolaybiWorld) once(sales int, changed ...string) {
	w.t.Helper()
	issued := w.byKey()
	for id := 1; id <= sales; id++ {
		have := issued[invoice.ETTN(sellerVKN, "erp1", "sale", fmt.Sprint(id), 1)]
		if len(have) != 1 {
			w.t.Errorf("DUPLICATE: sale %d has %d documents: %+v", id, len(have), have)
			continue
		}
		shown := w.rows("SELECT COALESCE(einvoice_no, ''), COALESCE(einvoice_state, ''), COALESCE(ettn, '') FROM sales WHERE id = ?", id)
		if len(shown) != 1 || shown[0][0] != have[0].Number || shown[0][1] != "accepted" || shown[0][2] != have[0].ETTN.String() {
			w.t.Errorf("the ERP shows %q of sale %d, the provider has %s %s", shown, id, have[0].Number, have[0].ETTN)
		}
	}
	if n := len(w.office.Drafts()); n != 0 {
		w.t.Errorf("%d drafts lie at the provider", n)
	}
	if got := w.changed(); !slices.Equal(slices.Sorted(slices.Values(got)), changed) {
		w.t.Errorf("changed after send are %q, want %q", got, changed)
	}
}

// alarmed reports whether status says that the ledger is older than the provider.
func (w *world) alarmed() bool {
	w.t.Helper()
	var status struct {
		Alarms []struct{ Name, Message string }
	}
	w.json(&status, "status")
	for _, a := range status.Alarms {
		if a.Name == "ledger.forgot" && strings.Contains(a.Message, "12") {
			return true
		}
	}
	return false
}

// TestBothRestoredAndEnteredAgain: ledger and ERP come from the same backup, the lost sales are entered again under their ids.
// Nothing but the provider's listing knows that they were issued. Whether they are entered before faturad starts or after.
func TestBothRestoredAndEnteredAgain(t *testing.T) {
	for name, before := range map[string]bool{"before the start": true, "later": false} {
		t.Run(name, func(t *testing.T) {
			w := bothRestored(t)
			saved := w.saved()
			if !before {
				w.settle()
				if more := w.saved() - saved; more != 0 {
					t.Errorf("%d things changed at the provider", more)
				}
			}
			w.enterAgain()
			w.settle()
			w.once(16, "5", "8", "9")
			if more := w.saved() - saved; more != 0 {
				t.Errorf("%d things changed at the provider", more)
			}
			if !w.alarmed() {
				t.Error("status does not say that the ledger is older than the provider")
			}
			w.sales(17, 1) // and the next sale goes out as always
			w.settle()
			w.once(17, "5", "8", "9")
		})
	}
}

// TestBothRestoredAndNothingEntered: until the lost sales are entered, the audit says that their documents are there.
func TestBothRestoredAndNothingEntered(t *testing.T) {
	w := bothRestored(t)
	w.settle()
	if !w.alarmed() {
		t.Error("status does not say that the ledger is older than the provider")
	}
	w.once(6, "5")
	w.audit(3).finds(t, "I2", invoice.ETTN(sellerVKN, "erp1", "sale", "7", 1).String(), "does not know")
	w.enterAgain()
	w.settle()
	w.once(16, "5", "8", "9")
	w.audit(3) // an edited sale differs
}

// TestBothRestoredAndTheProviderIsAway: what cannot be compared is not sent, and goes out when the provider is back.
func TestBothRestoredAndTheProviderIsAway(t *testing.T) {
	w := bothRestored(t)
	w.enterAgain()
	w.sales(17, 1)
	w.fails(kolaybisim.FamilyList, 503)
	w.run("sync", "outbound")
	if n := len(w.office.Documents()); n != 16 {
		t.Errorf("DUPLICATE: the provider has %d documents, want 16", n)
	}
	w.office.ClearFaults()
	w.settle()
	w.once(17, "5", "8", "9")
}

// TestIdleStartAsksLittle: what is compared at the start costs two lists, and writes nothing.
func TestIdleStartAsksLittle(t *testing.T) {
	w := newKolaybiWorld(t)
	w.sales(1, 4)
	w.settle()
	before, dump := len(w.office.Log()), w.erpDump()
	w.ok("sync", "outbound")
	lists := 0
	for _, e := range w.office.Log()[before:] {
		if e.Family == kolaybisim.FamilyList {
			lists++
		}
	}
	if lists != 2 || w.erpDump() != dump || w.count("SELECT COUNT(*) FROM forgotten") != 0 {
		t.Errorf("an idle start asked for %d lists, want 2, or wrote something", lists)
	}
}

// TestIdleStartAsksNoListing: a provider that refuses a used key says by itself what it has.
func TestIdleStartAsksNoListing(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 2)
	w.settle()
	before := len(w.sim.Log())
	w.ok("sync", "outbound")
	if n := len(w.sim.Log()) - before; n > 2 { // what was made in the portal, on both sides
		t.Errorf("an idle start at Turkcell asked %d times", n)
	}
}
