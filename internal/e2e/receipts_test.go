package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/mapping/ubl"
	"faturad/providers/turkcell/turkcellsim"
)

// lineTax is a tax of a line in the reference ERP.
type lineTax struct{ code, rate string }

// receipt is a sale of the reference ERP that becomes a receipt, and what must come of it.
type receipt struct {
	name, kind      string
	buyer, taxNo    string
	quantity, price string
	vatRate         int
	taxes           []lineTax
	withholding     any // code; nil = none
	net, vat, gross string
	payable         any // as the ERP books it; nil = not at all
	paid            string
	typeCode        string
}

const farmerTCKN = "10000000146"

var receipts = []receipt{
	{name: "e-MM without deductions", kind: "e-mm", buyer: "Şükrü Çiftçioğlu", taxNo: farmerTCKN, quantity: "7", price: "7000",
		net: "49000", vat: "0", gross: "49000", paid: "49000.00", typeCode: "MUSTAHSILMAKBUZ"},
	{name: "e-MM with all deductions", kind: "e-mm", buyer: "Şükrü Çiftçioğlu", taxNo: farmerTCKN, quantity: "7", price: "7000",
		taxes: []lineTax{{"0003", "2"}, {"9040", "0.1"}, {"8001", "0.2"}, {"SGK_PRIM", "1"}},
		net:   "49000", vat: "0", gross: "49000", payable: "47383.00", paid: "47383.00", typeCode: "MUSTAHSILMAKBUZ"},
	{name: "e-MM of an ERP whose total is what is paid", kind: "e-mm", buyer: "Ayşe Öğütçü", taxNo: farmerTCKN, quantity: "1234.5", price: "14.85",
		taxes: []lineTax{{"0003", "1"}, {"SGK_PRIM", "1"}}, net: "18332.33", vat: "0", gross: "17965.69", paid: "17965.69", typeCode: "MUSTAHSILMAKBUZ"},
	{name: "e-SMM with stopaj", kind: "e-smm", buyer: "Işıltı Aydınlatma Ltd. Şti.", taxNo: buyerVKN, quantity: "1", price: "10000", vatRate: 20,
		taxes: []lineTax{{"0003", "20"}}, net: "10000", vat: "2000", gross: "12000", payable: "10000", paid: "10000.00", typeCode: "SERBESTMESLEKMAKBUZU"},
	{name: "e-SMM with withheld VAT", kind: "e-smm", buyer: "Işıltı Aydınlatma Ltd. Şti.", taxNo: buyerVKN, quantity: "1", price: "10000", vatRate: 20,
		taxes: []lineTax{{"0003", "20"}}, withholding: "603", net: "10000", vat: "2000", gross: "12000", payable: "8600", paid: "8600.00", typeCode: "SERBESTMESLEKMAKBUZU"},
	{name: "e-SMM to a registered taxpayer", kind: "e-smm", buyer: "Işıltı Aydınlatma Ltd. Şti.", taxNo: turkcellsim.ExampleVKN(0), quantity: "1", price: "2500.50",
		vatRate: 20, net: "2500.50", vat: "500.10", gross: "3000.60", paid: "3000.60", typeCode: "SERBESTMESLEKMAKBUZU"},
}

// receipt books a receipt in the ERP.
func (w *world) receipt(id int, r receipt) {
	w.t.Helper()
	w.erp.Exec(w.t, `INSERT INTO sales (id, sale_no, kind, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street, buyer_district,
		buyer_city, net, vat, gross, payable) VALUES (?, ?, ?, ?, '10:00:00', ?, ?, 'Kadıköy', 'Köy içi', 'Polatlı', 'Ankara', ?, ?, ?, ?)`,
		id, fmt.Sprintf("M-%d", id), r.kind, saleDate, r.buyer, r.taxNo, r.net, r.vat, r.gross, r.payable)
	columns, values := "sale_id, line_no, name, quantity, unit, unit_price, vat_rate, withholding_code", []any{id, 1, "Ürün", r.quantity, "kg", r.price, r.vatRate, r.withholding}
	for i, x := range r.taxes {
		n := ""
		if i > 0 {
			n = fmt.Sprintf("_%d", i+1)
		}
		columns += fmt.Sprintf(", tax%s_code, tax%s_rate", n, n)
		values = append(values, x.code, x.rate)
	}
	w.erp.Exec(w.t, "INSERT INTO sale_lines ("+columns+") VALUES (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
}

// TestReceipts: sales of both kinds reach the provider with the totals that the ERP pays, whatever the list of taxpayers says, become accepted,
// show kind and number in the ERP, lie in the archive; one is cancelled, and a second pass does nothing.
func TestReceipts(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	dir := w.archive()
	for i, r := range receipts {
		w.receipt(i+1, r)
	}
	w.sale(100, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate) // an invoice among them
	w.ok("check")
	w.ok("sync", "all", "--wait")
	issued := w.issued()
	if len(issued) != len(receipts)+1 {
		t.Errorf("the provider has %d documents, want %d", len(issued), len(receipts)+1)
	}
	documents := w.documents()
	shown := map[string][]string{}
	for _, row := range w.rows("SELECT id, einvoice_state, einvoice_status, einvoice_kind, einvoice_no, ettn, einvoice_message FROM sales") {
		shown[row[0]] = row[1:]
	}
	for i, r := range receipts {
		id := fmt.Sprint(i + 1)
		d, doc, row := issued["acme:sale:"+id], documents[id], shown[id]
		if d.Kind != r.kind || d.Payable.StringFixed(2) != r.paid || d.Type != r.typeCode || d.Scenario != "EARSIVBELGE" || d.Buyer != r.taxNo || d.Status != 60 {
			t.Errorf("%s: the provider has %+v\n%v", r.name, d, row)
		}
		if doc.Kind != r.kind || doc.State != "accepted" || doc.Payable == nil || *doc.Payable != r.paid || doc.Number != d.Number || doc.Number == "" {
			t.Errorf("%s: the ledger has %+v", r.name, doc)
		}
		if want := []string{"accepted", "Onaylandı", r.kind, d.Number, d.ETTN.String(), "NULL"}; fmt.Sprint(row[:5]) != fmt.Sprint(want[:5]) {
			t.Errorf("%s: the ERP shows %q, want %q", r.name, row, want)
		}
	}
	if doc := documents["100"]; doc.Kind != "e-arsiv" || doc.State != "accepted" {
		t.Errorf("the invoice among them: %+v", doc)
	}

	w.later(time.Hour)
	w.ok("sync", "all")
	w.wholeArchive(dir, len(receipts)+1)
	for i, r := range receipts {
		data, err := os.ReadFile(filepath.Join(dir, w.archived()[issued[fmt.Sprintf("acme:sale:%d", i+1)].ETTN.String()+".ubl"][0]))
		if err != nil {
			t.Fatal(err)
		}
		filed, err := ubl.Parse(data)
		if err != nil || string(filed.Kind) != r.kind || filed.Invoice.Totals.Payable.StringFixed(2) != r.paid || filed.CustomizationID != "TR1.2.1" {
			t.Errorf("%s: the archive holds %+v (%v)", r.name, filed.Header, err)
		}
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}

	before := w.erpDump()
	asked, _ := w.creates()
	w.ok("sync", "all")
	if after := w.erpDump(); after != before {
		t.Errorf("a further pass wrote:\n%s", difference(before, after))
	}
	w.wantCreates(asked)

	w.erp.Exec(t, "INSERT INTO efatura_istek (id, sale_id, islem, sebep, kim) VALUES (1, 2, 'cancel', 'ürün geri alındı', 'ayse')")
	w.ok("cancel", "4", "--yes", "--reason", "mükerrer")
	w.ok("sync", "all", "--wait")
	issued = w.issued()
	for _, id := range []string{"2", "4"} {
		state := w.rows("SELECT einvoice_state FROM sales WHERE id = ?", id)[0][0]
		if d := issued["acme:sale:"+id]; state != "cancelled" || d.Status != 100 {
			t.Errorf("sale %s is %s, at the provider %d", id, state, d.Status)
		}
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor after cancelling: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
}

// TestReceiptOnItsWayIsNotCancelled: the provider cancels only what it has accepted (status 60).
func TestReceiptOnItsWayIsNotCancelled(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN, Pace: turkcellsim.Pace{Step: time.Hour}})
	w.receipt(1, receipts[0])
	w.ok("sync", "all")
	w.wantStates(map[string]int{"sent": 1})
	if r := w.run("cancel", "1", "--yes"); r.code == 0 || !strings.Contains(r.errOut+r.out, "accepted") {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
}

// TestReceiptsOfAnotherMind: what the sale wrongly says is told in the ERP, and nothing goes out.
func TestReceiptsOfAnotherMind(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.receipt(1, receipts[1])
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ? WHERE id = 1", buyerVKN)
	w.receipt(2, receipts[1])
	w.erp.Exec(t, "UPDATE sale_lines SET vat_rate = 1 WHERE sale_id = 2")
	w.receipt(3, receipts[3])
	w.erp.Exec(t, "UPDATE sales SET kind = 'e-bilet' WHERE id = 3")
	w.run("sync", "all")
	w.wantStates(map[string]int{"held": 3})
	for i, want := range []string{"çiftçi", "KDV", "e-bilet"} {
		if row := w.marks()[i]; row[1] != "held" || !strings.Contains(row[5], want) {
			t.Errorf("sale %s shows %q, want a word of %s", row[0], row, want)
		}
	}
	if asked, _ := w.creates(); asked != 0 {
		t.Errorf("%d documents were made", asked)
	}
	w.erp.Exec(t, "UPDATE sales SET buyer_tax_no = ?, changed_at = NOW() WHERE id = 1", farmerTCKN)
	w.later(time.Hour)
	w.run("sync", "all", "--wait")
	if d := w.documents()["1"]; d.State != "accepted" || d.Kind != "e-mm" {
		t.Errorf("corrected: %+v", d)
	}
}

// TestKilledReceiptIsNotDoubled: the process dies while receipts are on their way, and answers are lost; each ends as one document.
func TestKilledReceiptIsNotDoubled(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 12 * time.Millisecond, SellerTaxNo: sellerVKN})
	w.account("  in_flight = 4\n  timeout = \"5s\"")
	w.everySecond()
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyCreate, Probability: 0.2, Seed: 3})
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultCutAfterBody, Family: turkcellsim.FamilyCreate, Probability: 0.1, Seed: 4})
	random := dice(t)
	total := 0
	for range 3 {
		for _, r := range receipts {
			total++
			w.receipt(total, r)
		}
		p := w.start("sync", "all", "--wait")
		before, _ := w.creates()
		within(patience, func() bool { asked, _ := w.creates(); return asked > before || p.ended() })
		p.live(time.Duration(random.IntN(80)) * time.Millisecond)
		p.kill()
		w.later(4 * time.Minute)
	}
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(total)
	for _, d := range w.sim.Documents() {
		if d.Kind != "e-mm" && d.Kind != "e-smm" {
			t.Errorf("a receipt went out as %s", d.Kind)
		}
	}
	w.emptyLedger() // lost: the ERP's marks and the provider know them
	w.ok("sync", "all", "--wait")
	w.settle()
	w.exactlyOnce(total)
}
