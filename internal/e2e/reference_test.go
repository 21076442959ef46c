package e2e

import (
	"fmt"
	"testing"
)

// sale inserts one plain sale into the reference ERP: one line of net 100 at 20 %.
func (w *world) sale(id int, buyer, taxNo, date string) {
	w.t.Helper()
	w.erp.Exec(w.t, `INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street,
		buyer_district, buyer_city, net, vat, gross) VALUES (?, ?, ?, '10:00:00', ?, ?, 'Kadıköy', 'Bağdat Cad. 1', 'Kadıköy', 'İstanbul', ?, ?, ?)`,
		id, fmt.Sprintf("S-%d", id), date, buyer, taxNo, 100+id, fmt.Sprintf("%.2f", float64(100+id)*0.2), fmt.Sprintf("%.2f", float64(100+id)*1.2))
	w.erp.Exec(w.t, `INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate) VALUES (?, 1, 'Danışmanlık', 1, 'adet', ?, 20)`, id, 100+id)
}

// marks is what the ERP shows of every sale.
func (w *world) marks() [][]string {
	w.t.Helper()
	return w.rows("SELECT id, einvoice_state, einvoice_status, einvoice_no, ettn, einvoice_message, einvoice_updated_at FROM sales ORDER BY id")
}

func reference(t *testing.T) *world {
	t.Helper()
	return newWorld(t, setup{preset: "reference"})
}

// buyerVKN is a made-up company that is no e-invoice taxpayer in the simulator.
const buyerVKN = "6400177128"

func TestSaleToAcceptedInvoice(t *testing.T) {
	w := reference(t)
	for id := 1; id <= 5; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, "2026-11-20")
	}
	w.ok("check")
	w.ok("sync", "all", "--wait")
	issued := w.issued()
	if len(issued) != 5 {
		t.Fatalf("the provider has %d documents, want 5", len(issued))
	}
	for _, row := range w.marks() {
		d := issued["acme:sale:"+row[0]]
		if row[1] != "accepted" || row[2] != "Onaylandı" || row[3] != d.Number || row[4] != d.ETTN.String() {
			t.Errorf("sale %s shows %q, the provider says %+v", row[0], row, d)
		}
	}
	before := fmt.Sprint(w.marks())
	w.ok("sync", "all")
	if after := fmt.Sprint(w.marks()); after != before {
		t.Errorf("a second sync changed the ERP:\n%s\n%s", before, after)
	}
	if n := len(w.sim.Documents()); n != 5 {
		t.Errorf("a second sync sent %d documents more", n-5)
	}
}
