package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// editable are the states in which a changed sale is simply mapped again. A prepared document is not among them: the
// producer compares its hash when it leases it.
var editable = map[ledger.State]bool{ledger.Held: true, ledger.Refused: true}

// issued are the states in which a changed sale is only flagged: what was sent is what was frozen.
var issued = map[ledger.State]bool{
	ledger.Unknown: true, ledger.Disputed: true, ledger.Draft: true, ledger.Sent: true, ledger.Failed: true,
	ledger.Accepted: true, ledger.Rejected: true,
}

// Recheck reads the recent sales again and finds by content hash which changed since they were mapped: held and refused
// ones go back to pending, issued ones are flagged "changed after send" (and unflagged when the change is undone), and
// waiting ones whose sale is gone are given up. Held ones go back to pending too when the config says something else than
// when they were held. It sends nothing.
func (j *Job) Recheck(ctx context.Context, since invoice.Date) (Result, error) {
	var result Result
	seen := map[ledger.Key]bool{}
	for _, space := range j.Sales.Spaces() {
		err := j.Sales.Recheck(ctx, space, since, func(keys []string) error {
			for _, key := range keys {
				seen[ledger.Key{KeySpace: space, SaleKey: key}] = true
			}
			return j.recheckBatch(ctx, space, keys, &result)
		})
		if err != nil {
			return result, fmt.Errorf("rechecking sales of %q: %w", space, err)
		}
	}
	if err := j.recheckParked(ctx, seen, &result); err != nil {
		return result, fmt.Errorf("rechecking held sales: %w", err)
	}
	if err := j.recheckUnlisted(ctx, since, seen, &result); err != nil {
		return result, fmt.Errorf("looking for deleted sales: %w", err)
	}
	return result, nil
}

// parkedPage is how many documents are read at once.
const parkedPage = 500

// recheckParked reads the sales of held and refused documents that the ERP's recheck query did not list: their rows are
// deleted, or old. Nobody else would ever look at them again.
func (j *Job) recheckParked(ctx context.Context, seen map[ledger.Key]bool, result *Result) error {
	for after := int64(0); ; {
		docs, err := j.Ledger.Documents(ctx, ledger.Filter{
			Company: j.Company, States: []ledger.State{ledger.Held, ledger.Refused}, AfterID: after, Limit: parkedPage,
		})
		if err != nil {
			return err
		}
		var unseen []ledger.Document
		for _, d := range docs {
			after = d.ID
			if !seen[ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey}] {
				unseen = append(unseen, d)
			}
		}
		if err := j.recheckDocuments(ctx, unseen, result); err != nil || len(docs) < parkedPage {
			return err
		}
	}
}

// recheckUnlisted reads the sales of recent issued documents that the ERP's recheck query did not list: it lists what is
// there, so these were deleted, or they are old and still to be compared. The newest documents come first, and those from before since end it.
func (j *Job) recheckUnlisted(ctx context.Context, since invoice.Date, seen map[ledger.Key]bool, result *Result) error {
	begin := since.In(clock.Istanbul)
	for after := int64(0); ; {
		docs, err := j.Ledger.Documents(ctx, ledger.Filter{Company: j.Company, Newest: true, AfterID: after, Limit: parkedPage})
		if err != nil {
			return err
		}
		var unseen []ledger.Document
		recent := len(docs) == parkedPage
		for _, d := range docs {
			after, recent = d.ID, recent && !d.CreatedAt.Before(begin)
			listed := seen[ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey}]
			// The query need not list an old one. One without a baseline was adopted after a loss, and is compared whatever its age.
			old := !d.IssueDate.IsZero() && d.IssueDate.Before(since) && d.SaleHash != ""
			if issued[d.State] && !d.Superseded && !listed && !old {
				unseen = append(unseen, d)
			}
		}
		if err := j.recheckDocuments(ctx, unseen, result); err != nil || !recent {
			return err
		}
	}
}

// recheckDocuments reads the sales of documents again.
func (j *Job) recheckDocuments(ctx context.Context, docs []ledger.Document, result *Result) error {
	keys := map[string][]string{}
	for _, d := range docs {
		if slices.Contains(j.Sales.Spaces(), d.KeySpace) {
			keys[d.KeySpace] = append(keys[d.KeySpace], d.SaleKey)
		}
	}
	for space, of := range keys {
		if err := j.recheckBatch(ctx, space, of, result); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) recheckBatch(ctx context.Context, space string, saleKeys []string, result *Result) error {
	keys := make([]ledger.Key, len(saleKeys))
	for i, k := range saleKeys {
		keys[i] = ledger.Key{KeySpace: space, SaleKey: k}
	}
	docs, err := j.Ledger.LatestByKey(ctx, j.Company, keys)
	if err != nil {
		return err
	}
	var wanted []string
	var unmeasured []ledger.Document
	for _, key := range keys {
		d, ok := docs[key]
		switch {
		case ok && issued[d.State] && d.SaleHash == "":
			unmeasured = append(unmeasured, d)
		case ok && (issued[d.State] || editable[d.State] && d.SaleHash != ""):
			wanted = append(wanted, key.SaleKey)
		}
	}
	changes, err := j.rebase(ctx, unmeasured)
	if err != nil {
		return err
	}
	if len(wanted) > 0 {
		loaded, err := j.Sales.Load(ctx, space, wanted)
		if err != nil {
			return err
		}
		for i, key := range wanted {
			doc, hash := docs[ledger.Key{KeySpace: space, SaleKey: key}], loaded[i].Sale.Hash
			if doc.State == ledger.Held {
				hash = j.heldHash(hash)
			}
			if change, ok := recheckChange(doc, gone(loaded[i]), hash); ok {
				changes = append(changes, change)
			}
		}
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, err := j.Ledger.Commit(ctx, changes)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if o.Applied && !changes[i].Quiet {
			result.Changed++
		}
	}
	return nil
}

// recheckChange says what a re-read sale means for its document; ok is false when nothing changed.
func recheckChange(doc ledger.Document, gone bool, hash string) (change ledger.Change, ok bool) {
	changed := gone || hash != doc.SaleHash
	if issued[doc.State] {
		changed = gone || !erp.SameSale(hash, doc.SaleHash)
	}
	switch {
	case editable[doc.State] && gone:
		return ledger.Change{Document: doc.ID, From: doc.State, To: ledger.Cancelled, Patch: ledger.Patch{MarkFinal: true}}, true
	case editable[doc.State] && changed:
		return ledger.Change{Document: doc.ID, From: doc.State, To: ledger.Pending, Patch: ledger.Patch{
			NextIn: ptr(noWait), Failures: ptr(0),
		}}, true
	case issued[doc.State] && (changed != doc.Changed || gone != doc.Gone):
		return ledger.Change{Document: doc.ID, To: doc.State, Stay: true, Patch: ledger.Patch{Changed: &changed, Gone: gone}}, true
	}
	return ledger.Change{}, false
}

// heldHash is the content hash of a sale together with everything else that decided that it was held: the config and this
// binary. When either changes, the sale is worth another look.
func (j *Job) heldHash(sale string) string {
	sum := sha256.Sum256([]byte(sale + "\n" + j.Fingerprint))
	return hex.EncodeToString(sum[:])
}
