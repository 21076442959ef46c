package e2e

import (
	"strings"
	"testing"
)

// TestRequestsEnteredInTheERP: an accountant asks for a resync and a cancellation in the ERP; each is done once, in
// their name.
func TestRequestsEnteredInTheERP(t *testing.T) {
	t.Parallel()
	w := reference(t)
	w.sale(1, "Yanlış Numara Ltd. Şti.", "6400177129", "2026-11-20") // wrong check digit
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-20")
	if r := w.run("sync", "all", "--wait"); r.code != 3 {
		t.Fatalf("exit code %d, want 3\n%s", r.code, r.errOut)
	}
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 1, 'resync', 'numara kontrol edildi', 'ayse'), (2, 2, 'cancel', 'vazgeçildi', 'ayse'), (3, 99, 'resync', '', 'ayse'), (4, 2, 'uçur', '', 'ayse'), (5, 2, 'release', '', 'ayse')")
	w.run("sync", "outbound")
	rows := w.rows("SELECT id, sonuc, mesaj FROM efatura_istek ORDER BY id")
	for i, want := range []string{"1", "1", "0", "0", "0"} {
		if rows[i][1] != want || rows[i][2] == "NULL" {
			t.Errorf("request %v, want outcome %s", rows[i], want)
		}
	}
	for i, want := range map[int]string{2: "faturad bu satışı tanımıyor", 3: `"uçur" diye bir istek yok`, 4: "Belge “İptal” durumunda, geçerli değil: satış yeniden kesilecekse reissue isteyin"} {
		if says := rows[i][2]; !strings.HasPrefix(says, want) || strings.Contains(says, "acme:") {
			t.Errorf("request %s tells the accountant %q, want %q", rows[i][0], says, want)
		}
	}
	var shown struct {
		Documents []struct {
			Audit []struct{ User, Action, Reason string }
		}
	}
	w.json(&shown, "document", "acme:sale:1")
	if a := shown.Documents[0].Audit; len(a) != 1 || a[0].User != "erp:ayse" || a[0].Action != "resync" {
		t.Errorf("audit trail of the resync: %+v", a)
	}
	if docs := w.sim.Documents(); len(docs) != 1 || docs[0].Status != 100 {
		t.Errorf("the provider has %+v, want one cancelled e-Arşiv", docs)
	}

	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (6, 2, 'cancel', '', 'ayse'), (7, 2, 'reissue', 'yeniden', 'ayse'), (8, 2, 'reissue', 'yeniden', 'fatma')")
	w.run("sync", "all", "--wait")
	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (9, 2, 'cancel', '', 'ayse')")
	w.run("sync", "all", "--wait")
	for i, want := range [][2]string{{"0", "Belge zaten iptal edilmiş"}, {"1", ""}, {"0", "Satış sırada"}, {"1", ""}} { // the last: of the new document
		row := w.rows("SELECT sonuc, mesaj FROM efatura_istek WHERE id = ?", 6+i)[0]
		if row[0] != want[0] || !strings.HasPrefix(row[1], want[1]) {
			t.Errorf("request %d: %v, want %v", 6+i, row, want)
		}
	}
	if docs := w.sim.Documents(); len(docs) != 2 || docs[0].Status != 100 || docs[1].Status != 100 {
		t.Errorf("the provider has %+v, want two cancelled documents", docs)
	}
}
