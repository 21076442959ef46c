package main

import "testing"

// TestSaleWithoutDate: it is held and says why, and leaves when it has a date.
func TestSaleWithoutDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dates := map[int]string{1: "0000-00-00", 2: "0026-09-02", 3: day(-60)}
	for id, date := range dates {
		w.sale(id, "Deneme Alıcısı", plainBuyer)
		w.erp.Script(t, "SET SESSION sql_mode = ''; UPDATE sales SET issue_date = '"+date+"' WHERE id = "+string(rune('0'+id)))
	}
	w.exits(exitPerson, "sync", "all")
	held := w.documents()
	if len(held) != 2 {
		t.Errorf("%d sales are known; the third is history", len(held))
	}
	for id, says := range map[string]string{"1": "Fatura tarihi boş.", "2": "2005'ten önce"} {
		has(t, "sale "+id, held[id]["message"].(string), says)
		var told string
		if err := w.erp.DB().Get(&told, "SELECT CONCAT(einvoice_state, ': ', einvoice_message) FROM sales WHERE id = ?", id); err != nil {
			t.Fatal(err)
		}
		has(t, "the ERP of sale "+id, told, "held: ", says)
	}
	w.erp.Exec(t, "UPDATE sales SET issue_date = ? WHERE id < 3", day(-1))
	w.ok("sync", "all")
	for _, id := range []string{"1", "2"} {
		if state := w.state(id); state != "sent" && state != "accepted" {
			t.Errorf("sale %s has its date and is %s", id, state)
		}
	}
}
