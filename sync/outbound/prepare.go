package outbound

import (
	"context"
	"fmt"
	"time"

	"faturad/internal/failpoint"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

const noWait = time.Duration(0)

// ready is one prepared document whose intent may be opened.
type ready struct {
	doc     ledger.Document
	account Account
	payload providers.Payload
}

// batch is what the producer works on at once: documents leased together, and the changes they cause.
type batch struct {
	docs    []ledger.Document
	changes []ledger.Change
	ready   []ready // positions as in prepared
	// prepares holds, for each element of ready, the index of its change; -1 when it was prepared earlier.
	prepares []int
	waiting  []int64 // returns whose original has no number yet
}

// prepare turns leased documents (pending, or prepared earlier) into ready ones. Everything that the batch needs is read
// at once: sales by key space, routes, stored payloads. What cannot be prepared is held, given up or put off; all of it
// is committed as one group before anything becomes ready.
func (j *Job) prepare(ctx context.Context, docs []ledger.Document, result *Result) ([]ready, []int64, error) {
	b := &batch{docs: docs}
	sales, err := j.load(ctx, docs)
	if err != nil {
		return nil, nil, err
	}
	fresh, err := j.keepFrozen(ctx, b, sales)
	if err != nil {
		return nil, nil, err
	}
	mapped, err := j.mapSales(ctx, b, fresh, sales, result)
	if err != nil {
		return nil, nil, err
	}
	if mapped, err = j.holdTwins(ctx, b, mapped, result); err != nil {
		return nil, nil, err
	}
	if err := j.route(ctx, b, mapped, result); err != nil {
		return nil, nil, err
	}
	if len(b.changes) == 0 {
		return b.ready, b.waiting, nil
	}
	failpoint.Hit("prepare.before")
	outcomes, err := j.Ledger.Commit(ctx, b.changes)
	failpoint.Hit("prepare.after")
	if err != nil {
		return nil, nil, fmt.Errorf("recording prepared documents: %w", err)
	}
	out := make([]ready, 0, len(b.ready))
	for i, r := range b.ready {
		at := b.prepares[i]
		if at >= 0 && !outcomes[at].Applied {
			continue // somebody else has it, or it moved on
		}
		out = append(out, r)
	}
	for i, o := range outcomes {
		if o.Err != nil {
			j.Log.Error("a document could not be recorded", "document", b.changes[i].Document, "err", o.Err)
		}
	}
	out, err = j.stepBack(ctx, out, mapped)
	return out, b.waiting, err
}

// load reads the sales behind docs, one query pair per key space.
func (j *Job) load(ctx context.Context, docs []ledger.Document) (map[int64]*erp.Loaded, error) {
	bySpace := map[string][]ledger.Document{}
	for _, d := range docs {
		bySpace[d.KeySpace] = append(bySpace[d.KeySpace], d)
	}
	sales := make(map[int64]*erp.Loaded, len(docs))
	for space, group := range bySpace {
		keys := make([]string, len(group))
		for i, d := range group {
			keys[i] = d.SaleKey
		}
		loaded, err := j.Sales.Load(ctx, space, keys)
		if err != nil {
			return nil, fmt.Errorf("reading %d sales of %q: %w", len(keys), space, err)
		}
		for i, d := range group {
			sales[d.ID] = &loaded[i]
		}
	}
	return sales, nil
}

// keepsDay reports whether the sale's day is not judged: the document may exist already, under that day, or it was asked for
// after a loss and is not there, and the lost ledger may have taken it in time.
func keepsDay(d ledger.Document) bool { return d.ProbeFirst || d.Code == ledger.CodeProbe }

// gone reports whether the ERP no longer has the sale, or says itself that it is not to be issued.
func gone(l erp.Loaded) bool { return l.Missing || l.Sale.Deleted }

// mappedSale is a sale that became an invoice.
type mappedSale struct {
	doc ledger.Document
	Drafted
	likeness ledger.Likeness // zero = it looks like no other
}

// mapSales makes invoices of sales; the others are held, cancelled or put off.
func (j *Job) mapSales(ctx context.Context, b *batch, docs []ledger.Document, sales map[int64]*erp.Loaded, result *Result) ([]mappedSale, error) {
	originals, err := j.originals(ctx, docs, sales)
	if err != nil {
		return nil, err
	}
	out := make([]mappedSale, 0, len(docs))
	for _, d := range docs {
		loaded := *sales[d.ID]
		if gone(loaded) && d.ProbeFirst {
			// The ledger may have forgotten that it was sent: ask before giving it up. It has no content to compare.
			result.Unknown++
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Prepared, Quiet: true,
				Patch: ledger.Patch{SaleHash: ptr("")}})
			b.changes = append(b.changes, j.probe(d, j.Accounts[0])...)
			continue
		}
		if gone(loaded) {
			result.Cancelled++
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Cancelled, Unlease: true,
				Patch: ledger.Patch{MarkFinal: true, Code: ptr("sale.gone"), Message: ptr(textSaleGone.In(j.Language)), Advice: ptr("")}})
			continue
		}
		sale := loaded.Sale
		if sale.ReturnKey != "" && sale.ReturnKey != sale.Key && (sale.Return == nil || sale.Return.Number == "") {
			original, known := originals[ledger.Key{KeySpace: d.KeySpace, SaleKey: sale.ReturnKey}]
			if known && original.Number == "" && !original.State.Final() && !waitsForPerson(original.State) {
				result.Waiting++
				b.waiting = append(b.waiting, d.ID)
				b.changes = append(b.changes, j.putOff(d, sale, time.Minute))
				continue
			}
			sale = WithOriginal(sale, original)
		}
		drafted := j.draft(sale, loaded.Faults, !keepsDay(d))
		if blocking := drafted.Faults.Blocking(); len(blocking) > 0 {
			b.changes = append(b.changes, j.hold(d, sale, blocking, result))
			continue
		}
		out = append(out, mappedSale{doc: d, Drafted: drafted})
	}
	return out, nil
}

// originals finds the documents of the sales that returns refer to.
func (j *Job) originals(ctx context.Context, docs []ledger.Document, sales map[int64]*erp.Loaded) (map[ledger.Key]ledger.Document, error) {
	var keys []ledger.Key
	for _, d := range docs {
		if s := sales[d.ID].Sale; s.ReturnKey != "" {
			keys = append(keys, ledger.Key{KeySpace: d.KeySpace, SaleKey: s.ReturnKey})
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := j.Ledger.LatestByKey(ctx, j.Company, keys)
	if err != nil {
		return nil, fmt.Errorf("finding the originals of %d returns: %w", len(keys), err)
	}
	return found, nil
}

// waitsForPerson are the states that nothing but a person's action leaves.
func waitsForPerson(s ledger.State) bool {
	return s == ledger.Held || s == ledger.Refused || s == ledger.Disputed
}

// probe sends a prepared document to followup instead of to the provider: a ledger that was lost or restored cannot know
// whether it is there already. The quarantine counts from now, because whoever held the lost ledger may have sent it a
// moment ago.
func (j *Job) probe(doc ledger.Document, account Account) []ledger.Change {
	quarantine := account.Provider.Capabilities().Quarantine
	why := textProbe
	if doc.Revision > 1 { // a person asked for it; nothing was lost
		why = textProbeAgain
	}
	return []ledger.Change{
		{Document: doc.ID, Lease: doc.Lease(), To: ledger.Sending, Quiet: true},
		{Document: doc.ID, Lease: doc.Lease(), To: ledger.Unknown, Unlease: true, Patch: ledger.Patch{
			Unknown: ptr(true), QuarantineIn: &quarantine, NextIn: ptr(noWait), Code: ptr(ledger.CodeProbe),
			Message: ptr(why.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language)),
		}},
	}
}
