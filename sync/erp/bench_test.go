package erp

import (
	"testing"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

// BenchmarkReference reads and writes back batches of 500 sales with three lines each, and reports sales per second.
func BenchmarkReference(b *testing.B) {
	db := dbtest.New(b)
	cfg := preset(b, "reference")
	install(b, db, cfg, "reference")
	db.Exec(b, `INSERT INTO sales (issue_date, buyer_name, buyer_tax_no, buyer_city, net, vat, gross, invoice_type)
		SELECT '2026-09-02', 'Işıltı Aydınlatma A.Ş.', '7473004654', 'Bursa', 300, 60, 360, 'SATIS' FROM information_schema.COLUMNS LIMIT 500`)
	db.Exec(b, `INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate, net, vat)
		SELECT s.id, n.no, 'Ampul', 2, 'adet', 50, 20, 100, 20 FROM sales s JOIN (SELECT 1 AS no UNION SELECT 2 UNION SELECT 3) n`)
	src, err := Open(db.Open(b, db.DSN(), mysqlx.Options{TimeZone: cfg.Session()}), cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	keys := collect(b, src, "sale")
	docs := make([]Projection, len(keys))
	for i, k := range keys {
		docs[i] = accepted("sale", k)
	}
	rate := func(b *testing.B) {
		b.Helper()
		b.ReportMetric(float64(len(keys)*b.N)/b.Elapsed().Seconds(), "sales/s")
	}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := src.Load(b.Context(), "sale", keys); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
	b.Run("write-back", func(b *testing.B) {
		for b.Loop() {
			if _, err := src.WriteBack(b.Context(), docs); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
}
