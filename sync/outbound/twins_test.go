package outbound

import (
	"context"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// twinBooks is a ledger in which documents stand that look like some sale.
type twinBooks struct {
	series
	alike map[ledger.Likeness][]ledger.Document
}

func (b *twinBooks) Alike(_ context.Context, _ string, likenesses []ledger.Likeness) (map[ledger.Likeness][]ledger.Document, error) {
	out := map[ledger.Likeness][]ledger.Document{}
	for _, l := range likenesses {
		out[l] = b.alike[l]
	}
	return out, nil
}

// twinJob is a job whose ledger has one sale that was sent: another one's twin, when that looks like it.
func twinJob(t *testing.T, sent invoice.Sale) *Job {
	t.Helper()
	j, _ := guardJob(t, "2026-11-21T09:00:00Z", Dates{}, nil)
	j.HoldTwins = true
	d := j.draft(sent, nil, true)
	if len(d.Faults.Blocking()) > 0 {
		t.Fatalf("the sale that was sent: %+v", d.Faults)
	}
	j.Ledger = &twinBooks{alike: map[ledger.Likeness][]ledger.Document{d.likeness(): {{
		ID: 70, KeySpace: "sale", SaleKey: "7", LocalReference: "acme:sale:7", SaleNumber: "S-7", Number: "ABC2026000000007", State: ledger.Sent,
		Payable: decimal.NewNullDecimal(d.Invoice.Totals.Payable), Currency: d.Invoice.Currency, BuyerTaxNo: d.Invoice.Buyer.TaxNo,
		IssueDate: d.Invoice.IssueDate, MovedFrom: d.MovedFrom,
	}}}}
	return j
}

// A preview says that a sale would be held as a possible duplicate, in the words that the sale would get, and only where it
// would be.
func TestPreviewShowsTheTwin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doc    ledger.Document
		change func(*Job, *invoice.Sale)
		passes bool
	}{
		"not known yet":               {},
		"waiting":                     {doc: ledger.Document{State: ledger.Pending}},
		"held for it":                 {doc: ledger.Document{State: ledger.Held, Code: ledger.CodeTwin}},
		"refused":                     {doc: ledger.Document{State: ledger.Refused}},
		"prepared, and edited since":  {doc: ledger.Document{State: ledger.Prepared, SaleHash: "before"}},
		"prepared":                    {doc: ledger.Document{State: ledger.Prepared, SaleHash: "now"}, passes: true},
		"released by a person":        {doc: ledger.Document{State: ledger.Pending, Code: ledger.CodeTwinAllowed}, passes: true},
		"asked for before it is sent": {doc: ledger.Document{State: ledger.Pending, ProbeFirst: true}, passes: true},
		"sent":                        {doc: ledger.Document{State: ledger.Sent}, passes: true},
		"given up":                    {doc: ledger.Document{State: ledger.Cancelled}, passes: true},
		"the same sale":               {doc: ledger.Document{State: ledger.Pending, SaleKey: "7"}, passes: true},
		"the setting is off":          {change: func(j *Job, _ *invoice.Sale) { j.HoldTwins = false }, passes: true},
		"moved to today, as the other was to its day": {change: func(j *Job, s *invoice.Sale) {
			j.Dates.OnLate, j.Rules.MaxAgeDays = MoveLate, 7
			s.IssueDate = invoice.Date{Year: 2026, Month: 11, Day: 10}
			d := j.draft(*s, nil, true)
			books, ok := j.Ledger.(*twinBooks)
			if !ok {
				panic("another ledger")
			}
			for _, docs := range books.alike {
				docs[0].MovedFrom = s.IssueDate
				j.Ledger = &twinBooks{alike: map[ledger.Likeness][]ledger.Document{d.likeness(): docs}}
			}
		}},
		"its return": {passes: true, change: func(_ *Job, s *invoice.Sale) {
			s.Type, s.Return = "IADE", &invoice.Reference{Number: "ABC2026000000007", Date: s.IssueDate}
		}},
		"another amount": {passes: true, change: func(_ *Job, s *invoice.Sale) {
			s.Lines[0].UnitPrice, s.Gross = invoice.Some(decimal.NewFromInt(200)), invoice.Some(decimal.NewFromInt(240))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sale := saleOf(day(t, "2026-11-20"))
			j := twinJob(t, sale)
			sale.Hash = "now"
			if c.change != nil {
				c.change(j, &sale)
			}
			doc := c.doc
			if doc.KeySpace = "sale"; doc.SaleKey == "" {
				doc.SaleKey = "1"
			}
			d, err := j.Draft(t.Context(), erp.Loaded{Sale: sale}, doc)
			if err != nil {
				t.Fatal(err)
			}
			blocking := d.Faults.Blocking()
			switch {
			case c.passes && len(blocking) > 0:
				t.Errorf("held for %+v", blocking)
			case !c.passes && (len(blocking) != 1 || blocking[0].Code != ledger.CodeTwin || blocking[0].Advice.In("tr") == "" ||
				!strings.Contains(blocking[0].Message.In("tr"), "acme:sale:7, S-7, ABC2026000000007")):
				t.Errorf("held for %+v, want the other sale named", blocking)
			}
		})
	}
}

// A sale looks like another one of any type, and like no return and no receipt; nor do these look like each other.
func TestLikenessKnowsTheKind(t *testing.T) {
	t.Parallel()
	of := func(scenario, typ string) ledger.Likeness {
		return likeness(invoice.Invoice{Scenario: scenario, Type: typ, Buyer: invoice.Party{TaxNo: "4812057337"}, Currency: "TRY",
			Totals: invoice.Totals{Payable: decimal.NewFromInt(120)}, IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 20}})
	}
	if of("TEMELFATURA", "SATIS") != of("TICARIFATURA", "TEVKIFAT") || of("TEMELFATURA", "IADE") != of("TEMELFATURA", "TEVKIFATIADE") {
		t.Error("the type or the scenario makes two sales of one")
	}
	kinds := map[ledger.Likeness]string{}
	for _, k := range [][2]string{{"TEMELFATURA", "SATIS"}, {"TEMELFATURA", "IADE"}, {codes.ReceiptProfile, codes.ProducerReceipt}, {codes.ReceiptProfile, codes.ServiceReceipt}} {
		if other, taken := kinds[of(k[0], k[1])]; taken {
			t.Errorf("%s looks like %s", k[1], other)
		}
		kinds[of(k[0], k[1])] = k[1]
	}
}
