package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// TestRebuiltLedgerKnowsAmounts: what was adopted after the ledger was lost has its buyer and its amount again.
func TestRebuiltLedgerKnowsAmounts(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 3)
	w.settle()
	w.emptyLedger()
	w.settle()
	for key, d := range w.documents() {
		if d.State != "accepted" || d.Payable == nil || d.Currency != "TRY" {
			t.Errorf("sale %s after the ledger was lost: %s, payable %v %s", key, d.State, fmt.Sprint(d.Payable), d.Currency)
		}
	}
}

// TestRebuiltLedgerFlagsEditedSales: what was sent is compared with what the sale says now, an edited one never becomes the
// baseline, and the ERP keeps the times that it had.
func TestRebuiltLedgerFlagsEditedSales(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sales(1, 5)
	w.settle()
	before := w.documents()
	w.erp.Exec(t, "UPDATE sales SET einvoice_sent_at = '2026-10-05 09:30:15'")
	w.erp.Exec(t, "UPDATE sales SET net = 900, vat = 180, gross = 1080 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 900 WHERE sale_id = 2")
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = '1234567890', buyer_name = 'Başka Alıcı A.Ş.' WHERE id = 3")
	w.erp.Exec(t, "DELETE FROM sales WHERE id = 4")
	w.emptyLedger()
	w.settle()
	w.wantStates(map[string]int{"accepted": 4}) // nothing is left that tells of sale 4
	if got := fmt.Sprint(w.changed()); got != "[2 3]" {
		t.Errorf("changed are %s, want [2 3]", got)
	}
	for id, changed := range map[int]string{1: "0", 2: "1", 3: "1", 5: "0"} {
		if state, message, _, flag := w.mark(id); state != "accepted" || flag != changed || changed == "1" && !strings.Contains(message, "değiştirilmiş") {
			t.Errorf("sale %d shows %s %q, changed %s", id, state, message, flag)
		}
	}
	for _, row := range w.rows("SELECT id, einvoice_sent_at FROM sales") {
		if !strings.HasPrefix(row[1], "2026-10-05") {
			t.Errorf("sale %s: the time of sending became %s", row[0], row[1])
		}
	}
	for key, d := range w.documents() {
		was := before[key]
		if d.SaleNumber != was.SaleNumber || d.BuyerTaxNo != was.BuyerTaxNo || *d.Payable != *was.Payable {
			t.Errorf("sale %s was %+v and is %+v", key, was, d)
		}
		if d.BuyerName != was.BuyerName && key != "3" {
			t.Errorf("the buyer of sale %s was %q and is %q", key, was.BuyerName, d.BuyerName)
		}
	}
	w.erp.Exec(t, "UPDATE sales SET net = 102, vat = 20.4, gross = 122.4 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 102 WHERE sale_id = 2")
	w.settle()
	if got := fmt.Sprint(w.changed()); got != "[3]" {
		t.Errorf("after undoing one, changed are %s, want [3]", got)
	}
	w.wantCreates(5)
}

// TestRebuiltLedgerKnowsReturns: a return that was sent is no edited sale because its original is adopted after it, however
// old both are.
func TestRebuiltLedgerKnowsReturns(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sale(9, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	for id := 1; id <= 3; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
		w.erp.Exec(t, "UPDATE sales SET invoice_type = 'IADE', return_sale_id = 9 WHERE id = ?", id)
	}
	w.settle()
	w.settle()
	w.wantStates(map[string]int{"accepted": 4})
	w.emptyLedger()
	for range 3 {
		w.settle()
		w.wantStates(map[string]int{"accepted": 4})
		if got := w.changed(); len(got) != 0 {
			t.Fatalf("changed are %v, want none", got)
		}
		w.later(40 * 24 * time.Hour) // out of what the recheck lists
	}
	for _, row := range w.rows("SELECT id, einvoice_message FROM sales") {
		if strings.Contains(row[1], "değiştirilmiş") {
			t.Errorf("sale %s shows %q", row[0], row[1])
		}
	}
	w.wantCreates(4)
}

// TestReturnFollowsItsOriginal: a return that was held because its original was held goes out once the original has.
func TestReturnFollowsItsOriginal(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", "6400177129", saleDate) // wrong check digit
	w.sale(2, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.erp.Exec(t, "UPDATE sales SET invoice_type = 'IADE', return_sale_id = 1 WHERE id = 2")
	w.settle()
	w.wantStates(map[string]int{"held": 2})
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id = 1", buyerVKN)
	w.settle()
	w.settle()
	w.wantStates(map[string]int{"accepted": 2})
}
