package e2e

import (
	"fmt"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// book books the receipts of both kinds that these tests need: an e-MM with deductions as sale 1, an e-SMM with stopaj as 2.
func (w *world) book() (mm, smm receipt) {
	w.t.Helper()
	mm, smm = receipts[1], receipts[3]
	w.receipt(1, mm)
	w.receipt(2, smm)
	return mm, smm
}

// TestFailedReceiptsAreMended: GİB failed a receipt of each kind; the sales are corrected, and both go out again under ETTN and
// number of before. What is lost on the way, the step back to a draft among it, is tried again, and the draft that is left
// in between is no receipt that was sent.
func TestFailedReceiptsAreMended(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN,
		Buyers: map[string]turkcellsim.Buyer{farmerTCKN: turkcellsim.BuyerFailOnce, buyerVKN: turkcellsim.BuyerFailOnce}})
	w.book()
	if r := w.run("sync", "all", "--wait"); r.code != 3 {
		t.Fatalf("exit code %d, want 3\n%s", r.code, r.errOut)
	}
	w.wantStates(map[string]int{"failed": 2})
	before := w.issued()

	w.erp.Exec(t, "UPDATE sales SET buyer_name = 'Şükrü Çiftçi', buyer_district = 'Haymana' WHERE id = 1")
	w.erp.Exec(t, "UPDATE sales SET net = 20000, vat = 4000, gross = 24000, payable = 20000 WHERE id = 2")
	w.erp.Exec(t, "UPDATE sale_lines SET unit_price = 20000 WHERE sale_id = 2")
	for _, f := range []turkcellsim.Fault{
		{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Times: 1},                                                            // of the step back to a draft
		{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyUpdate, Times: 1, Status: 422, Body: `{"uyarı":["Lütfen ilçe adını giriniz."]}`}, // of the content: the draft stays one
	} {
		w.fault(f)
		if r := w.run("resync", "1", "--yes"); r.code == 0 {
			t.Errorf("%s: taken for a success\n%s", f.Kind, r.out)
		}
		w.later(time.Hour)
		w.run("sync", "all")
		if d := w.issued()["acme:sale:1"]; d.Status != 0 || d.Updates != 0 {
			t.Errorf("%s: the provider has %+v", f.Kind, d)
		}
		w.wantStates(map[string]int{"failed": 2})
	}
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultCutAfterBody, Family: turkcellsim.FamilyUpdate, Skip: 1, Times: 1}) // of the content: not saved, and the draft is not taken for it
	if r := w.run("resync", "2", "--yes"); r.code == 0 {
		t.Errorf("what never arrived was taken for a success\n%s", r.out)
	}
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyUpdate, Times: 1}) // of the content, which is saved: the provider is asked
	w.ok("resync", "2", "--yes")
	w.ok("resync", "1", "--yes", "--reason", "ad düzeltildi")
	w.ok("sync", "all", "--wait")

	w.exactlyOnce(2)
	for id, payable := range map[string]string{"acme:sale:1": "47383.00", "acme:sale:2": "20000.00"} {
		was, is := before[id], w.issued()[id]
		if is.ETTN != was.ETTN || is.Number != was.Number || is.Updates != 1 || is.Payable.StringFixed(2) != payable || is.Status != 60 {
			t.Errorf("%s was %+v, is %+v", id, was, is)
		}
	}
	if r := w.run("audit"); r.code != 0 {
		t.Errorf("the auditor: exit code %d\n%s%s", r.code, r.out, r.errOut)
	}
}

// TestReceiptDraftsAreReleased: with draft = true receipts wait at the provider, and a person releases them.
func TestReceiptDraftsAreReleased(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.account("  draft = true")
	w.book()
	w.run("sync", "all")
	w.wantStates(map[string]int{"draft": 2})
	w.erp.Exec(t, "UPDATE sales SET buyer_district = 'Haymana' WHERE id = 1")
	w.ok("resync", "1", "--yes")
	w.ok("release", "1", "2", "--yes")
	w.ok("sync", "all", "--wait")
	w.exactlyOnce(2)
	if d := w.issued()["acme:sale:1"]; d.Updates != 1 {
		t.Errorf("the corrected draft is %+v", d)
	}
}

// TestReceiptsByTheModel: an e-SMM of the provider's own model arrives with the ERP's totals, though without our reference; an
// e-MM is UBL all the same.
func TestReceiptsByTheModel(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.account("  turkcell.voucher_format = \"json\"")
	for i, r := range receipts {
		w.receipt(i+1, r)
	}
	w.ok("sync", "all", "--wait")
	w.wantStates(map[string]int{"accepted": len(receipts)})
	held := map[string]turkcellsim.Document{}
	for _, d := range w.sim.Documents() {
		held[d.ETTN.String()] = d
	}
	for i, r := range receipts {
		doc := w.documents()[fmt.Sprint(i+1)]
		d := held[doc.ETTN]
		byModel := r.kind == turkcellsim.KindESMM
		if d.Kind != r.kind || d.Payable.StringFixed(2) != r.paid || d.Type != r.typeCode || d.Number != doc.Number || (d.LocalReferenceID == "") != byModel {
			t.Errorf("%s: the provider has %+v, the ledger %+v", r.name, d, doc)
		}
	}
	if len(held) != len(receipts) {
		t.Errorf("the provider has %d documents", len(held))
	}
}

// TestLostLedgerFindsReceipts: the ledger is lost, and then the ERP's marks with it; receipts are found on their own side, and
// none is made twice.
func TestLostLedgerFindsReceipts(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.book()
	w.sale(3, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	w.settle()
	before := w.issued()
	for _, wipe := range []bool{false, true} {
		w.emptyLedger()
		if wipe {
			w.wipeMarks()
		}
		w.settle()
		w.exactlyOnce(3)
		for reference, d := range w.issued() {
			if d.ETTN != before[reference].ETTN || d.Kind != before[reference].Kind || d.Updates != 0 {
				t.Errorf("%s was %+v and is %+v", reference, before[reference], d)
			}
		}
		kinds := map[string]string{}
		for key, d := range w.documents() {
			kinds[key] = d.Kind
		}
		if fmt.Sprint(kinds) != "map[1:e-mm 2:e-smm 3:e-arsiv]" {
			t.Errorf("the ledger has %v", kinds)
		}
	}
	if _, saved := w.creates(); saved != 3 {
		t.Errorf("%d documents were made, want 3", saved)
	}
}
