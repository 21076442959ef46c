package e2e

import (
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestApprovedArchiveInvoiceIsCancelled: an accountant cancels one in the ERP, an admin another whose answer is lost, and a
// third whose request never arrived; an e-Fatura says why it cannot be cancelled here.
func TestApprovedArchiveInvoiceIsCancelled(t *testing.T) {
	t.Parallel()
	w := reference(t)
	w.edit(func(text string) string {
		return strings.Replace(text, "kind = \"turkcell\"\n", "kind = \"turkcell\"\n  quarantine = \"1s\"\n", 1)
	})
	for id := 1; id <= 3; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	}
	w.sale(4, "Yıldız Gıda Sanayi ve Ticaret A.Ş.", turkcellsim.ExampleVKN(0), saleDate)
	w.ok("sync", "registry")
	w.ok("sync", "all", "--wait")
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'cancel', 'mükerrer', 'ayse')")
	for _, c := range []struct{ id, fault string }{{"2", turkcellsim.FaultAnswerLost}, {"3", turkcellsim.FaultCutAfterBody}} {
		if err := w.sim.SetFault(turkcellsim.Fault{Kind: c.fault, Family: turkcellsim.FamilyUpdate, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if r := w.run("cancel", c.id, "--yes", "--reason", "mükerrer"); (r.code == 0) != (c.fault == turkcellsim.FaultAnswerLost) {
			t.Errorf("%s: exit code %d\n%s%s", c.fault, r.code, r.out, r.errOut)
		}
	}
	if r := w.run("cancel", "4", "--yes"); r.code == 0 || !strings.Contains(r.errOut+r.out, "GİB") {
		t.Errorf("an e-Fatura: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.run("sync", "outbound")
	w.until(func() bool {
		w.run("sync", "followup")
		rows := w.marks()
		return rows[1][1] == "cancelled" && strings.Contains(rows[2][5], "gerçekleşmemiş")
	})
	issued := w.issued()
	for i, want := range []struct {
		state  string
		status int
	}{{"cancelled", 100}, {"cancelled", 100}, {"accepted", 60}, {"accepted", 60}} {
		row := w.marks()[i]
		if d := issued["acme:sale:"+row[0]]; row[1] != want.state || d.Status != want.status {
			t.Errorf("sale %s is %s, at the provider %d; want %s, %d", row[0], row[1], d.Status, want.state, want.status)
		}
	}
	w.ok("cancel", "3", "--yes", "--reason", "mükerrer")
	w.ok("sync", "all", "--wait")
	if row := w.marks()[2]; row[1] != "cancelled" || len(w.issued()) != 4 {
		t.Errorf("cancelled again: %q, %d documents", row, len(w.issued()))
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor: exit code %d\n%s", r.code, r.out)
	}
}

// TestMailToTheBuyer: where it stands is shown, and it is sent again from the ERP and the command line.
func TestMailToTheBuyer(t *testing.T) {
	t.Parallel()
	w := reference(t)
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.erp.Exec(t, "UPDATE sales SET buyer_email = 'alici@example.com' WHERE id = 1")
	w.ok("sync", "all", "--wait")
	type shown struct {
		Documents []struct {
			State string
			Mails []struct {
				Address, State string
				Tries          int
			}
		}
	}
	tries := func() int {
		var s shown
		w.json(&s, "document", "1", "--mail")
		if len(s.Documents) != 1 || len(s.Documents[0].Mails) != 1 || s.Documents[0].Mails[0].Address != "alici@example.com" || s.Documents[0].Mails[0].State != "sent" {
			t.Fatalf("%+v", s)
		}
		return s.Documents[0].Mails[0].Tries
	}
	if got := tries(); got != 1 {
		t.Errorf("%d tries after sending", got)
	}
	w.ok("mail", "1", "--yes")
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'mail', 'almamış', 'ayse')")
	w.ok("sync", "outbound")
	if got := tries(); got != 3 {
		t.Errorf("%d tries, want 3", got)
	}
}
