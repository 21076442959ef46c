package app

import (
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

// TestMatchElsewhere: sure only when buyer, amount, currency and the sale's number agree; similar when one of amount and
// number does; everything else is somebody else's invoice.
func TestMatchElsewhere(t *testing.T) {
	t.Parallel()
	sale := outbound.Question{LocalReference: "acme:sale:7", SaleNumber: "S-1007", TaxNo: "1234567890", Currency: "TRY", Payable: decimal.New(12000, -2),
		IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 20}}
	portal := ledger.Elsewhere{ETTN: uuid.New(), Number: "FTR2026000000001", BuyerTaxNo: "1234567890", Currency: "TRY", Payable: decimal.NewNullDecimal(decimal.New(120, 0)),
		IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 18}, Texts: "Teşekkürler\nSipariş: s-1007."}
	for name, c := range map[string]struct {
		change      func(*outbound.Question, *ledger.Elsewhere)
		found, sure bool
	}{
		"everything agrees":         {func(*outbound.Question, *ledger.Elsewhere) {}, true, true},
		"its own number":            {func(q *outbound.Question, e *ledger.Elsewhere) { e.Texts, q.SaleNumber = "", e.Number }, true, true},
		"linked to it":              {func(q *outbound.Question, e *ledger.Elsewhere) { e.LocalReference = q.LocalReference }, true, true},
		"another amount":            {func(_ *outbound.Question, e *ledger.Elsewhere) { e.Payable.Decimal = decimal.New(12001, -2) }, true, false},
		"number not named":          {func(_ *outbound.Question, e *ledger.Elsewhere) { e.Texts = "S-10071 S-100" }, true, false},
		"number too short":          {func(q *outbound.Question, e *ledger.Elsewhere) { q.SaleNumber, e.Texts = "7", "7 adet" }, true, false},
		"not named, weeks apart":    {func(_ *outbound.Question, e *ledger.Elsewhere) { e.Texts, e.IssueDate.Month = "", 10 }, false, false},
		"neither amount nor number": {func(_ *outbound.Question, e *ledger.Elsewhere) { e.Texts, e.Currency = "", "USD" }, false, false},
		"another buyer":             {func(_ *outbound.Question, e *ledger.Elsewhere) { e.BuyerTaxNo = "1111111110" }, false, false},
		"another sale's":            {func(_ *outbound.Question, e *ledger.Elsewhere) { e.LocalReference = "acme:sale:8" }, false, false},
		"a person said no":          {func(q *outbound.Question, e *ledger.Elsewhere) { e.Waived = []string{q.LocalReference} }, false, false},
		"consumer, sure": {func(q *outbound.Question, e *ledger.Elsewhere) {
			q.TaxNo, e.BuyerTaxNo = invoice.FinalConsumer, invoice.FinalConsumer
		}, true, true},
		"consumer, only the amount": {func(q *outbound.Question, e *ledger.Elsewhere) {
			q.TaxNo, e.BuyerTaxNo, e.Texts = invoice.FinalConsumer, invoice.FinalConsumer, ""
		}, false, false},
	} {
		q, e := sale, portal
		c.change(&q, &e)
		got, sure := match(q, []ledger.Elsewhere{{BuyerTaxNo: "5555555555"}, e}, config.Elsewhere{Similar: "hold", Days: 7})
		if (got != nil) != c.found || sure != c.sure {
			t.Errorf("%s: found %v, sure %v", name, got != nil, sure)
		}
		if got, sure := match(q, []ledger.Elsewhere{e}, config.Elsewhere{Similar: "send", Days: 7}); (got != nil) != c.sure || sure != c.sure {
			t.Errorf("%s, similar ones are sent: found %v, sure %v", name, got != nil, sure)
		}
	}
}
