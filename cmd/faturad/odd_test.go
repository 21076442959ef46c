package main

import (
	"fmt"
	"testing"
)

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
		has(t, "sale "+id, fmt.Sprint(held[id]["message"]), says)
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

// TestReturnOfItself: a return whose original is itself waits for nothing that could ever come.
func TestReturnOfItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sale(1, "Deneme Alıcısı", plainBuyer)
	w.erp.Exec(t, "UPDATE sales SET invoice_type = 'IADE', return_sale_id = 1")
	w.exits(exitPerson, "sync", "all")
	if state := w.state("1"); state != "held" {
		t.Errorf("it is %s", state)
	}
	has(t, "why", fmt.Sprint(w.documents()["1"]["message"]), "kendisini gösteriyor")
	has(t, "its preview", w.exits(exitPerson, "preview", "1").out, "return.self")
}

// TestStartAhead: check warns of a first day in the future once there are documents.
func TestStartAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const warning = "lies in the future although 1 documents exist"
	w.rewrite("start = "+day(-30), "start = "+day(30))
	has(t, "installed ahead of time", w.run("check").out, "!lies in the future")
	w.rewrite("start = "+day(30), "start = "+day(-30))
	w.sale(1, "Deneme Alıcısı", plainBuyer)
	w.ok("sync", "all")
	has(t, "as it was", w.ok("check").out, "!lies in the future")
	w.rewrite("start = "+day(-30), "start = "+day(30))
	has(t, "with a start ahead", w.ok("check").out, warning, day(30))
}
