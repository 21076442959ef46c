package outbound

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/sync/ledger"
)

// likeness is by what two sales look like one that was entered twice: buyer, kind, amount, currency and day. A
// walk-in customer's has none: in a shop the same amount twice a day is the rule.
func likeness(inv invoice.Invoice) ledger.Likeness {
	buyer := inv.Buyer.TaxNo
	switch buyer {
	case "", invoice.FinalConsumer:
		return ledger.Likeness{}
	case invoice.ForeignBuyer: // stands for everybody abroad
		buyer += " " + strings.Join(strings.Fields(strings.ToUpper(partyName(inv.Buyer))), " ")
	}
	return sha256.Sum256([]byte(strings.Join([]string{
		buyer, twinKind(inv), inv.Totals.Payable.StringFixed(2), inv.Currency, inv.IssueDate.String(),
	}, "\n")))
}

// twinKind is what two sales have in common that may be one: whatever their types, both sell, both give back, or both are receipts
// of one sort. A sale and its return are two by nature.
func twinKind(inv invoice.Invoice) string {
	switch {
	case inv.Receipt() != "":
		return inv.Type
	case codes.Return(inv.Type):
		return "IADE"
	}
	return "SATIS"
}

// likeness is that of the sale on its own day: sales that were moved to today are not alike for that.
func (d Drafted) likeness() ledger.Likeness {
	inv := d.Invoice
	inv.IssueDate = d.ownDay()
	return likeness(inv)
}

func (d Drafted) ownDay() invoice.Date { return ownDay(d.Invoice.IssueDate, d.MovedFrom) }

// ownDay is the day of a sale, whatever day its invoice was moved to.
func ownDay(issued, movedFrom invoice.Date) invoice.Date {
	if movedFrom.IsZero() {
		return issued
	}
	return movedFrom
}

// holdTwins holds sales that look like another one that is on its way or was sent, or like one before them in the batch. It
// passes what a person released, and what must first be asked for: that may exist already.
func (j *Job) holdTwins(ctx context.Context, b *batch, mapped []mappedSale, result *Result) ([]mappedSale, error) {
	for i := range mapped { // also while the setting is off: it may be switched on tomorrow
		mapped[i].likeness = mapped[i].Drafted.likeness()
		mapped[i].doc.SaleNumber = mapped[i].Sale.Number
	}
	if !j.HoldTwins || len(mapped) == 0 {
		return mapped, nil
	}
	alike, err := j.alike(ctx, mapped)
	if err != nil {
		return nil, err
	}
	first := map[ledger.Likeness]ledger.Document{}
	out := mapped[:0]
	for _, m := range mapped {
		twin, found := ledger.Document{}, false
		if m.likeness != (ledger.Likeness{}) && !passesTwins(m.doc) {
			if twin, found = stillAlike(m, alike[m.likeness], nil); !found {
				twin, found = first[m.likeness]
			}
		}
		if found {
			b.changes = append(b.changes, j.hold(m.doc, m.Sale, invoice.Faults{twinFault(twin)}, result))
			continue
		}
		if _, before := first[m.likeness]; !before && m.likeness != (ledger.Likeness{}) {
			first[m.likeness] = m.doc
		}
		out = append(out, m)
	}
	return out, nil
}

// alike asks the ledger once for a whole batch.
func (j *Job) alike(ctx context.Context, mapped []mappedSale) (map[ledger.Likeness][]ledger.Document, error) {
	var likenesses []ledger.Likeness
	for _, m := range mapped {
		if m.likeness != (ledger.Likeness{}) {
			likenesses = append(likenesses, m.likeness)
		}
	}
	if len(likenesses) == 0 {
		return nil, nil
	}
	return j.Ledger.Alike(ctx, j.Company, likenesses)
}

// stillAlike finds the first of the others that is not the sale itself, is none of mine, and was not edited into something
// else meanwhile.
func stillAlike(m mappedSale, others []ledger.Document, mine map[int64]mappedSale) (ledger.Document, bool) {
	for _, o := range others {
		if _, ours := mine[o.ID]; ours {
			continue
		}
		same := o.Payable.Valid && o.Payable.Decimal.Equal(m.Invoice.Totals.Payable) && o.Currency == m.Invoice.Currency &&
			o.BuyerTaxNo == m.Invoice.Buyer.TaxNo && (o.IssueDate == m.Invoice.IssueDate || ownDay(o.IssueDate, o.MovedFrom) == m.ownDay())
		if same && (o.KeySpace != m.doc.KeySpace || o.SaleKey != m.doc.SaleKey) {
			return o, true
		}
	}
	return ledger.Document{}, false
}

// passesTwins reports a sale that is not held for what it looks like.
func passesTwins(d ledger.Document) bool { return d.Code == ledger.CodeTwinAllowed || d.ProbeFirst }

// twinFault is what is wrong with a sale that looks like another one, which it names.
func twinFault(twin ledger.Document) invoice.Fault {
	other := twin.LocalReference
	for _, known := range []string{twin.SaleNumber, twin.Number} {
		if known != "" {
			other += ", " + known
		}
	}
	return invoice.Fault{Code: ledger.CodeTwin, Advice: adviceTwin,
		Message: invoice.Text{TR: fmt.Sprintf(textTwin.TR, other), EN: fmt.Sprintf(textTwin.EN, other)}}
}

// showTwin is holdTwins for a preview. doc is the sale's document; what was prepared from the sale as it is now passed the
// question already, and nothing is asked about what may exist.
func (j *Job) showTwin(ctx context.Context, d *Drafted, doc ledger.Document) error {
	asks := doc.State == "" || doc.State == ledger.Pending || editable[doc.State] ||
		doc.State == ledger.Prepared && doc.SaleHash != d.Sale.Hash
	if !j.HoldTwins || !asks || passesTwins(doc) || len(d.Faults.Blocking()) > 0 {
		return nil
	}
	m := mappedSale{doc: doc, Drafted: *d, likeness: d.likeness()}
	alike, err := j.alike(ctx, []mappedSale{m})
	if err != nil {
		return err
	}
	if twin, found := stillAlike(m, alike[m.likeness], nil); found {
		d.Faults = append(d.Faults, twinFault(twin))
	}
	return nil
}

// stepBack looks again after the batch was committed: another process may have prepared a sale that looks the same at the
// same moment. Whoever sees the other steps back for a while, perhaps both; then one of them is first.
func (j *Job) stepBack(ctx context.Context, readies []ready, made []mappedSale) ([]ready, error) {
	if !j.HoldTwins || len(made) == 0 {
		return readies, nil
	}
	fresh := make(map[int64]mappedSale, len(made))
	for _, m := range made {
		fresh[m.doc.ID] = m
	}
	mapped := make([]mappedSale, 0, len(fresh))
	for _, r := range readies {
		if m, ok := fresh[r.doc.ID]; ok {
			mapped = append(mapped, m)
		}
	}
	alike, err := j.alike(ctx, mapped)
	if err != nil {
		return nil, err
	}
	var out []ready
	var changes []ledger.Change
	for _, r := range readies {
		m, isFresh := fresh[r.doc.ID]
		_, found := stillAlike(m, alike[m.likeness], fresh)
		if !isFresh || !found || m.doc.Code == ledger.CodeTwinAllowed {
			out = append(out, r)
			continue
		}
		changes = append(changes, ledger.Change{Document: r.doc.ID, Lease: r.doc.Lease(), To: ledger.Pending, Unlease: true, Quiet: true,
			Patch: ledger.Patch{NextIn: ptr(j.backOff(1))}})
	}
	if len(changes) > 0 {
		if _, err := j.Ledger.Commit(ctx, changes); err != nil {
			return nil, fmt.Errorf("stepping back for sales that look alike: %w", err)
		}
	}
	return out, nil
}
