package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestNewERPExample does what the page about a new ERP says, with the page's own text: its queries and its side table teach faturad an
// ERP, and a sale of that ERP becomes an accepted invoice.
func TestNewERPExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "erp", "new-erp.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	preset := filepath.Join(dir, "myerp.toml")
	for name, language := range map[string]string{preset: "toml", filepath.Join(dir, "myerp.install.sql"): "sql"} {
		blocks := regexp.MustCompile("(?s) {3}```"+language+"\n(.*?)\n {3}```").FindAllStringSubmatch(string(page), -1)
		if len(blocks) != 1 {
			t.Fatalf("the page has %d blocks of %s, want one", len(blocks), language)
		}
		text := regexp.MustCompile("(?m)^ {3}").ReplaceAllString(blocks[0][1], "")
		if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The ERP of the example, as its queries take it to be.
	script := filepath.Join(dir, "erp.sql")
	if err := os.WriteFile(script, []byte(`
CREATE TABLE 0_customers (id INT PRIMARY KEY, name VARCHAR(200), tax_no VARCHAR(20), tax_office VARCHAR(60), street VARCHAR(120), district VARCHAR(60), city VARCHAR(60)) CHARSET utf8mb4;
CREATE TABLE 0_sales (id INT PRIMARY KEY, no VARCHAR(20), date DATE, customer INT, total DECIMAL(18,2)) CHARSET utf8mb4;
CREATE TABLE 0_lines (sale INT, pos INT, text VARCHAR(200), qty DECIMAL(18,4), unit VARCHAR(20), price DECIMAL(18,4), vat DECIMAL(5,2), PRIMARY KEY (sale, pos)) CHARSET utf8mb4;
`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{preset: preset, script: script, start: on(60), sim: turkcellsim.Options{SellerTaxNo: sellerVKN}})
	w.erp.Exec(t, "INSERT INTO 0_customers VALUES (1, 'Işıltı Aydınlatma Ltd. Şti.', ?, 'Kadıköy', 'Bağdat Cad. 1', 'Kadıköy', 'İstanbul')", buyerVKN)
	w.erp.Exec(t, "INSERT INTO 0_sales VALUES (7, 'S-7', ?, 1, 150.00)", on(1))
	w.erp.Exec(t, "INSERT INTO 0_lines VALUES (7, 1, 'Abajur', 2, 'adet', 50, 20), (7, 2, 'Kablo', 1.5, '', 16.6667, 20)")
	w.ok("check")
	w.ok("sync", "registry")
	if out := w.ok("preview", "7"); !strings.Contains(out, "Abajur") {
		t.Errorf("the preview:\n%s", out)
	}
	w.ok("sync", "all", "--wait")
	issued := w.issued()["acme:sale:7"]
	if rows := w.rows("SELECT id, status, number, ettn, sent_at IS NULL FROM efatura_status"); len(rows) != 1 || rows[0][0] != "7" ||
		rows[0][2] != issued.Number || rows[0][3] != issued.ETTN.String() || rows[0][4] != "0" {
		t.Errorf("the ERP shows %q, the provider has %+v", rows, issued)
	}
	w.wantStates(map[string]int{"accepted": 1})
}
