package e2e

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// archive switches the archive on, and gives its folder.
func (w *world) archive() string {
	w.t.Helper()
	dir := filepath.Join(w.dir, "archive")
	w.edit(func(text string) string {
		return strings.Replace(text, "# enabled = true\n# dir = \"/var/lib/faturad/archive\"", "enabled = true\ndir = \""+dir+"\"", 1)
	})
	return dir
}

// archived reads the archive's rows: path and hash by ETTN and format.
func (w *world) archived() map[string][2]string {
	w.t.Helper()
	out := map[string][2]string{}
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT CONCAT(ettn, '.', format), path, sha256 FROM files WHERE state = 'stored'") {
		out[row[0]] = [2]string{row[1], row[2]}
	}
	return out
}

// wholeArchive fails unless every file of every final and received invoice lies there, with the bytes of its row.
func (w *world) wholeArchive(dir string, invoices int) {
	w.t.Helper()
	files := w.archived()
	if len(files) != 3*invoices {
		w.t.Errorf("%d files are stored, want 3 for each of %d invoices", len(files), invoices)
	}
	for name, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f[0]))
		sum := sha256.Sum256(data)
		if err != nil || hex.EncodeToString(sum[:]) != f[1] {
			w.t.Errorf("%s: %v, its hash is not the ledger's", name, err)
		}
	}
}

// TestArchive: files of issued and received invoices lie in the archive, the ERP shows where, what is lost comes back, and a
// month is packed.
func TestArchive(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	dir := w.archive()
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-20")
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-19")
	ids := w.sim.GenerateIncoming(3, 42)
	w.ok("sync", "all", "--wait")
	w.later(time.Hour)
	w.ok("sync", "all")
	w.wholeArchive(dir, 5)
	rows := w.rows("SELECT anahtar, bicim, yol, sha256 FROM efatura_dosya ORDER BY anahtar, bicim")
	if len(rows) != 6 || rows[0][0] != "1" || !strings.HasPrefix(rows[0][2], dir+"/acme/2026/11/giden/") {
		t.Errorf("the ERP shows %v", rows)
	}
	for _, row := range rows {
		if data, err := os.ReadFile(row[2]); err != nil || len(data) == 0 {
			t.Errorf("what the ERP shows cannot be opened: %v", err)
		}
	}
	if n := w.rows("SELECT COUNT(*) FROM efatura_gelen_dosya WHERE yol LIKE '%/gelen/%'")[0][0]; n != "9" {
		t.Errorf("the ERP shows %s files of received invoices, want 9", n)
	}
	ubl, err := os.ReadFile(filepath.Join(dir, w.archived()[ids[0].String()+".ubl"][0]))
	if err != nil || string(ubl) != string(w.sim.Incoming()[0].UBL) {
		t.Errorf("the UBL of a received invoice is not what the provider has: %v", err)
	}

	w.ok("archive", "verify")
	lost := filepath.Join(dir, w.archived()[ids[1].String()+".pdf"][0])
	if err := os.Remove(lost); err != nil {
		t.Fatal(err)
	}
	if r := w.run("archive", "verify"); r.code != 3 || !strings.Contains(r.out, "missing") {
		t.Errorf("a lost file: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	w.ok("archive", "verify", "--repair")
	w.wholeArchive(dir, 5)

	pack := filepath.Join(w.dir, "pack.zip")
	var exported struct{ Issued, Received, Missing int }
	if r := w.json(&exported, "archive", "export", "--month", "2026-11", "--out", pack); r.code != 0 {
		t.Fatalf("packing a month: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
	z, err := zip.OpenReader(pack)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if exported.Issued != 2 || exported.Missing != 0 || len(z.File) != 2*(exported.Issued+exported.Received)+2 {
		t.Errorf("packed %+v in %d entries", exported, len(z.File))
	}
	before := w.erpDump()
	w.ok("sync", "all")
	if after := w.erpDump(); after != before {
		t.Errorf("a further pass wrote:\n%s", difference(before, after))
	}
}

// TestArchiveKilledBetweenSteps: whenever the process dies, the archive ends whole, and the ERP shows it.
func TestArchiveKilledBetweenSteps(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN, Latency: 4 * time.Millisecond})
	dir := w.archive()
	random := dice(t)
	w.sim.GenerateIncoming(40, 11)
	w.ok("sync", "inbound")
	for range 6 {
		p := w.start("sync", "archive")
		p.live(time.Duration(40+random.IntN(160)) * time.Millisecond)
		p.kill()
		w.later(10 * time.Minute)
		for name, f := range w.archived() { // what the ledger calls stored is there, at any moment
			data, err := os.ReadFile(filepath.Join(dir, f[0]))
			sum := sha256.Sum256(data)
			if err != nil || hex.EncodeToString(sum[:]) != f[1] {
				t.Errorf("%s is called stored: %v", name, err)
			}
		}
	}
	w.ok("sync", "archive")
	w.wholeArchive(dir, 40)
	if n := w.rows("SELECT COUNT(*) FROM efatura_gelen_dosya WHERE yol LIKE '%/gelen/%'")[0][0]; n != "120" {
		t.Errorf("the ERP shows %s files, want 120", n)
	}
}

// TestCommercialInvoiceIsFiledWhileItWaits: it lies in the archive before its buyer answers, and as it is in the end afterwards.
func TestCommercialInvoiceIsFiledWhileItWaits(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	dir := w.archive()
	w.sim.SetBuyer(turkcellsim.ExampleVKN(1), turkcellsim.BuyerSilent)
	w.sale(1, "Örnek Alıcı A.Ş.", turkcellsim.ExampleVKN(1), saleDate)
	w.erp.Exec(t, "UPDATE sales SET scenario = 'TICARIFATURA' WHERE id = 1")
	w.ok("sync", "all")
	w.wantStates(map[string]int{"sent": 1})
	w.wholeArchive(dir, 1)
	if n := w.count("SELECT COUNT(*) FROM files WHERE early"); n != 3 {
		t.Errorf("%d files are known to be early, want 3", n)
	}
	w.sim.Advance(9 * 24 * time.Hour)
	w.later(9 * 24 * time.Hour)
	w.ok("sync", "all", "--wait")
	w.wantStates(map[string]int{"accepted": 1})
	w.wholeArchive(dir, 1)
	if n := w.count("SELECT COUNT(*) FROM files WHERE early"); n != 0 {
		t.Errorf("%d files were not fetched again", n)
	}
	if n := w.rows("SELECT COUNT(*) FROM efatura_dosya")[0][0]; n != "3" {
		t.Errorf("the ERP shows %s files, want 3", n)
	}
}
