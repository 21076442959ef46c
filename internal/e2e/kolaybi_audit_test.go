package e2e

import (
	"testing"

	"faturad/internal/invoice"
)

// twice makes a second official invoice of a sale, as a person in KolayBi's portal does who copies the first.
func (w *kolaybiWorld) twice(sale string) {
	w.t.Helper()
	key := invoice.ETTN(sellerVKN, "erp1", "sale", sale, 1)
	for _, d := range w.office.Documents() {
		if d.Key == key && w.office.Copy(d.ID) != "" {
			return
		}
	}
	w.t.Fatalf("sale %s has no document", sale)
}

// TestKolayBiIsAudited: nothing that faturad made counts as made elsewhere, on no day; what the ledger forgot is told from that
// and named, and a second official invoice of one sale is a duplicate, whatever the audit covers.
func TestKolayBiIsAudited(t *testing.T) {
	w := newKolaybiWorld(t)
	n := w.variety()
	w.settle()
	for _, args := range [][]string{nil, {"--day", "today"}, {"--day", saleDate}, {"--since", saleDate}} {
		if a := w.audit(0, args...); a.Companies[0].Elsewhere != 0 {
			t.Errorf("%v: %d of %d invoices count as made elsewhere", args, a.Companies[0].Elsewhere, n)
		}
	}
	w.twice("1")
	w.twice("2")
	w.ledger.Exec(t, "DELETE FROM documents WHERE sale_key IN ('2', '3')")
	w.erp.Exec(t, "UPDATE sales SET einvoice_state = NULL, einvoice_no = NULL, ettn = NULL, einvoice_message = NULL WHERE id = 3")
	a := w.audit(3)
	a.finds(t, "I1", "acme:sale:1", "2 invoices for one sale")
	a.finds(t, "I1", "acme:sale:2", "2 invoices for one sale")
	a.finds(t, "I2", "acme:sale:2", "does not know")
	a.finds(t, "I2", "acme:sale:3", "does not know")
	if a.Companies[0].Elsewhere != 0 || len(a.Companies[0].Unasked) != 0 {
		t.Errorf("%+v", a.Companies[0])
	}
	for _, d := range a.Companies[0].Differences {
		if d.Invariant == "I2" && d.Ref == "acme:sale:1" {
			t.Errorf("%+v", d)
		}
	}
}

// TestAuditBesideADaemonAtWork: while sales go out, no audit finds a difference.
func TestAuditBesideADaemonAtWork(t *testing.T) {
	w := newKolaybiWorld(t)
	w.sales(1, 40)
	p := w.start("sync", "all")
	audits := 0
	for ; !p.ended(); audits++ {
		if r := w.run("audit"); r.code != 0 && r.code != 4 { // 4: something could not be asked
			t.Fatalf("exit code %d of an audit beside it\n%s%s", r.code, r.out, r.errOut)
		}
	}
	w.settle()
	w.sound(40, false)
	w.audit(0)
	t.Logf("%d audits meanwhile", audits)
}
