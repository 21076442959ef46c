package outbound

import (
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// TestBaselineOfAReturn: after a loss a return may be adopted before its original; only what itself says is compared.
func TestBaselineOfAReturn(t *testing.T) {
	t.Parallel()
	j, _ := guardJob(t, "2026-10-20T12:00:00+03:00", Dates{}, nil)
	sale := saleOf(day(t, "2026-10-12"))
	sale.Type, sale.ReturnKey, sale.Hash = "IADE", "7", "today"
	sent := ledger.Document{ID: 1, KeySpace: "sale", SaleKey: "1", State: ledger.Accepted, BuyerTaxNo: sale.Buyer.TaxNo,
		Currency: "TRY", IssueDate: sale.IssueDate, Payable: decimal.NewNullDecimal(decimal.NewFromInt(120))}
	key := ledger.Key{KeySpace: "sale", SaleKey: "7"}
	for name, originals := range map[string]map[ledger.Key]ledger.Document{
		"not adopted yet":  nil,
		"without a number": {key: {State: ledger.Unknown, IssueDate: day(t, "2026-10-01")}},
		"without a day":    {key: {State: ledger.Unknown, Number: "ABC2026000000001"}},
		"known":            {key: {State: ledger.Accepted, Number: "ABC2026000000001", IssueDate: day(t, "2026-10-01")}},
	} {
		for _, reference := range []*invoice.Reference{nil, {Date: day(t, "2026-10-01")}} { // some ERPs know the day alone
			sale.Return = reference
			if b := j.baseline(sent, erp.Loaded{Sale: sale}, originals); b.Changed || b.SaleHash != "today" {
				t.Errorf("original %s: %+v, want an unchanged sale and its hash", name, b)
			}
		}
		edited := sale
		edited.Buyer = party("1234567890", "Başka Alıcı A.Ş.")
		if b := j.baseline(sent, erp.Loaded{Sale: edited}, originals); !b.Changed || b.SaleHash != "" {
			t.Errorf("original %s: an edited return gives %+v", name, b)
		}
	}
	sale.ReturnKey, sale.Return = "", nil
	if b := j.baseline(sent, erp.Loaded{Sale: sale}, nil); !b.Changed {
		t.Error("a return that lost its original in the ERP counts as unchanged")
	}
}
