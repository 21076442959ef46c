package e2e

import (
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// mailed is what the ERP shows of the mail of a sale.
func (w *world) mailed(id string) string {
	w.t.Helper()
	return w.rows("SELECT einvoice_mail FROM sales WHERE id = ?", id)[0][0]
}

// saleTo is a sale whose e-Arşiv invoice is mailed to an address.
func (w *world) saleTo(id int, address string) {
	w.t.Helper()
	w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.erp.Exec(w.t, "UPDATE sales SET buyer_email = NULLIF(?, '') WHERE id = ?", address, id)
}

// mailQuestions counts how often the provider was asked where mails stand.
func (w *world) mailQuestions() (n int) {
	for _, e := range w.sim.Log() {
		if strings.Contains(e.Path, "getmaildetail") {
			n++
		}
	}
	return n
}

// TestMailIsFollowedInTheERP: one mail bounces until its address is corrected in the ERP, one until its mailbox takes it, one is
// given up, one waits; the accountant reads where each stands, and asks for it again in the ERP. An address is no part of what
// was sold: correcting it does not call the invoice "changed after send".
func TestMailIsFollowedInTheERP(t *testing.T) {
	t.Parallel()
	w := reference(t)
	for address, box := range map[string]turkcellsim.Mailbox{"yanlis@example.com": turkcellsim.MailboxBounces, "dolu@example.com": turkcellsim.MailboxBounces,
		"kapali@example.com": turkcellsim.MailboxStops, "yavas@example.com": turkcellsim.MailboxWaits} {
		w.sim.SetMailbox(address, box)
	}
	for i, address := range []string{"yanlis@example.com", "dolu@example.com", "kapali@example.com", "yavas@example.com", "alici@example.com", ""} {
		w.saleTo(i+1, address)
	}
	w.ok("sync", "all", "--wait")
	want := func(words ...string) {
		t.Helper()
		for i, want := range words {
			if got := w.mailed(string(rune('1' + i))); got != want {
				t.Errorf("the mail of sale %d shows %q, want %q", i+1, got, want)
			}
		}
	}
	want("İletilemedi: yanlis@example.com", "İletilemedi: dolu@example.com", "İletilemedi, deneme bitti: kapali@example.com",
		"Gönderilecek: yavas@example.com", "Gönderildi", "NULL")

	w.erp.Exec(t, "UPDATE sales SET buyer_email = 'dogru@example.com' WHERE id = 1")
	w.sim.SetMailbox("dolu@example.com", turkcellsim.MailboxTakes)
	w.sim.SetMailbox("yavas@example.com", turkcellsim.MailboxTakes)
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, kim) VALUES (1, 1, 'mail', 'ayse'), (2, 2, 'mail', 'ayse'), (3, 6, 'mail', 'ayse')")
	w.ok("sync", "outbound")
	if rows := w.rows("SELECT id, sonuc FROM efatura_istek ORDER BY id"); rows[0][1] != "1" || rows[1][1] != "1" || rows[2][1] != "0" {
		t.Errorf("the requests ended as %v", rows)
	}
	w.later(time.Minute)
	w.ok("sync", "followup")
	want("Gönderildi", "Gönderildi", "İletilemedi, deneme bitti: kapali@example.com", "Gönderildi", "Gönderildi", "NULL")
	if changed := w.rows("SELECT COUNT(*) FROM sales WHERE einvoice_changed = 1")[0][0]; changed != "0" {
		t.Errorf("%s sales are called changed after send for a corrected address", changed)
	}
	var shown struct {
		Documents []struct {
			Mails []struct{ Address, State string }
		}
	}
	w.json(&shown, "document", "1", "--mail")
	if m := shown.Documents[0].Mails; len(m) != 2 || m[0].Address != "yanlis@example.com" || m[0].State != "failed" || m[1].Address != "dogru@example.com" || m[1].State != "sent" {
		t.Errorf("the messages of sale 1: %+v", m)
	}

	// Nobody asks for ever: what was sent may come back for a day, and then it is over.
	for range 4 {
		w.later(48 * time.Hour)
		w.ok("sync", "followup")
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE mail_next_at IS NOT NULL"); n != 0 {
		t.Errorf("%d mails are still asked for", n)
	}
	asked, before := w.mailQuestions(), w.rows("SELECT id, einvoice_mail, einvoice_updated_at FROM sales ORDER BY id")
	w.later(48 * time.Hour)
	w.ok("sync", "followup")
	if n := w.mailQuestions(); n != asked {
		t.Errorf("%d questions more", n-asked)
	}
	if after := w.rows("SELECT id, einvoice_mail, einvoice_updated_at FROM sales ORDER BY id"); len(after) != len(before) {
		t.Errorf("the ERP shows %v, before %v", after, before)
	}
	if len(w.issued()) != 6 {
		t.Errorf("the provider has %d documents", len(w.issued()))
	}
}

// TestMailWhoseAnswerIsLost: the provider is asked at once whether it sent the mail. Where it did not, the person who asked is
// told, and the column says how it stands; asked once more, it goes out.
func TestMailWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := reference(t)
	w.sim.SetMailbox("alici@example.com", turkcellsim.MailboxBounces)
	w.saleTo(1, "alici@example.com")
	w.saleTo(2, "alici@example.com")
	w.ok("sync", "all", "--wait")
	w.sim.SetMailbox("alici@example.com", turkcellsim.MailboxTakes)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Times: 1})
	w.ok("mail", "1", "--yes")
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultCutAfterBody, Family: turkcellsim.FamilyUpdate, Times: 1})
	if r := w.run("mail", "2", "--yes"); r.code == 0 {
		t.Errorf("a request that never arrived was taken for a success\n%s", r.out)
	}
	w.later(time.Minute)
	w.ok("sync", "followup")
	if one, two := w.mailed("1"), w.mailed("2"); one != "Gönderildi" || two != "İletilemedi: alici@example.com" {
		t.Errorf("the mails show %q and %q", one, two)
	}
	w.ok("mail", "2", "--yes")
	w.ok("sync", "followup")
	if two := w.mailed("2"); two != "Gönderildi" {
		t.Errorf("after the next try: %q", two)
	}
}
