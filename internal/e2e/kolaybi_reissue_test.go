package e2e

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/providers/kolaybi/kolaybisim"
)

// reissued is a KolayBi world in which sale 1 was issued, died, and was issued anew by a person: the provider has two
// documents of it, and numbers are those of its revisions.
func reissued(t *testing.T, cancelled bool) (w *kolaybiWorld, numbers [2]string) {
	w = newKolaybiWorld(t)
	w.sales(1, 2)
	if !cancelled {
		w.office.SetBuyer(buyerVKN, kolaybisim.BuyerFails)
	}
	w.settle()
	if cancelled {
		w.ok("cancel", "1", "--yes", "--reason", "yanlış tutar")
		w.settle()
	}
	w.ok("reissue", "1", "--yes", "--reason", "yeniden kesilecek")
	w.settle()
	for revision := range numbers {
		have := w.byKey()[invoice.ETTN(sellerVKN, "erp1", "sale", "1", revision+1)]
		if len(have) != 1 {
			t.Fatalf("revision %d has %d documents", revision+1, len(have))
		}
		numbers[revision] = have[0].Number
	}
	return w, numbers
}

// inForce is the document of sale 1 that counts: reference, number, state and message.
func (w *kolaybiWorld) inForce() []string {
	w.t.Helper()
	rows := rowsOf(w.t, w.ledger.DB(), "SELECT local_reference, COALESCE(number, ''), state, message FROM documents WHERE sale_key = '1' AND NOT superseded")
	if len(rows) != 1 {
		w.t.Fatalf("%d documents of one sale are in force", len(rows))
	}
	return rows[0]
}

// isRevision wants sale 1 to be one revision, here and in the ERP, and the provider to have no more than it had.
func (w *kolaybiWorld) isRevision(reference, number, state string) {
	w.t.Helper()
	d := w.inForce()
	shown := w.rows("SELECT COALESCE(einvoice_no, ''), COALESCE(einvoice_state, '') FROM sales WHERE id = 1")[0]
	if d[0] != reference || d[1] != number || d[2] != state || shown[0] != number || shown[1] != state {
		w.t.Errorf("the ledger has %q, the ERP %q; want %s, %s %s", d, shown, reference, number, state)
	}
	if n, drafts := len(w.office.Documents()), len(w.office.Drafts()); n != 3 || drafts != 0 {
		w.t.Errorf("DUPLICATE: the provider has %d documents and %d drafts, want 3 and none", n, drafts)
	}
}

// TestKolayBiReissuedSaleKeepsItsRevision: KolayBi gives ETTNs of its own, so what the ERP shows does not tell the revision. A
// lost ledger finds it all the same, by the number.
func TestKolayBiReissuedSaleKeepsItsRevision(t *testing.T) {
	for name, cancelled := range map[string]bool{"failed": false, "cancelled": true} {
		t.Run(name, func(t *testing.T) {
			w, numbers := reissued(t, cancelled)
			state := map[bool]string{false: "failed", true: "accepted"}[cancelled]
			w.isRevision("acme:sale:1#2", numbers[1], state)
			w.emptyLedger()
			w.settle()
			w.isRevision("acme:sale:1#2", numbers[1], state)
		})
	}
}

// TestKolayBiForgottenRevisionIsNotMadeTwice: the ledger is lost, and the ERP was never told of the second revision. Where the
// first can still be found, it is what the ERP says; where it cannot, a person looks. Issued anew, the second is found before
// it is made again.
func TestKolayBiForgottenRevisionIsNotMadeTwice(t *testing.T) {
	for name, cancelled := range map[string]bool{"failed": false, "cancelled": true} {
		t.Run(name, func(t *testing.T) {
			w, numbers := reissued(t, cancelled)
			first := w.byKey()[invoice.ETTN(sellerVKN, "erp1", "sale", "1", 1)][0]
			state := map[bool]string{false: "failed", true: "cancelled"}[cancelled]
			w.erp.Exec(t, "UPDATE sales SET einvoice_no = ?, ettn = ?, einvoice_state = ? WHERE id = 1", first.Number, first.ETTN.String(), state)
			w.emptyLedger()
			for range 4 { // past the day after which an unsettled outcome is for a person
				w.later(8 * time.Hour)
				w.run("sync", "all")
			}
			if d := w.inForce(); cancelled && (d[2] != "disputed" || d[3] == "") || !cancelled && (d[2] != "failed" || d[1] != numbers[0]) {
				t.Errorf("after the loss: %q", d)
			}
			w.ok("reissue", "1", "--yes", "--reason", "yeniden kesilecek")
			w.settle()
			w.isRevision("acme:sale:1#2", numbers[1], map[bool]string{false: "failed", true: "accepted"}[cancelled])
			if have := w.byKey()[invoice.ETTN(sellerVKN, "erp1", "sale", "1", 3)]; len(have) != 0 || numbers[1] == "" || first.ETTN == uuid.Nil {
				t.Errorf("revision 3: %+v", have)
			}
		})
	}
}
