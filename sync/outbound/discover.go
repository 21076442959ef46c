package outbound

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"faturad/internal/failpoint"
	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// discoverLimit bounds one reading of pending keys; the next pass goes on where this one stopped, because discovered
// sales are known to the ledger by then.
const discoverLimit = 50_000

// discover enters the ERP's pending sales into the ledger, in groups. Sales that the ERP marks as issued and the ledger
// does not know come first: then the ledger was lost or restored, and nothing may be sent before it is rebuilt, nor before
// the provider was asked about everything that the ledger believes unsent.
func (j *Job) discover(ctx context.Context, result *Result) error {
	if j.Lost {
		if err := j.suspect(ctx); err != nil {
			return err
		}
	}
	for _, space := range j.Sales.Spaces() {
		rebuilt := 0
		if j.Rebuild || j.Lost {
			var err error
			if rebuilt, err = j.rebuild(ctx, space); err != nil {
				return err
			}
		}
		result.Rebuilt += rebuilt
		if rebuilt > 0 && !j.Lost {
			if err := j.suspect(ctx); err != nil {
				return err
			}
		}
		// A ledger that lost documents may have lost others that the ERP was never told of: ask before sending.
		probe := rebuilt > 0 || j.Lost
		err := j.Sales.Pending(ctx, space, discoverLimit, func(keys []string) error {
			docs := make([]ledger.NewDocument, len(keys))
			for i, key := range keys {
				docs[i] = j.newDocument(ledger.Key{KeySpace: space, SaleKey: key}, 1, probe)
			}
			failpoint.Hit("discover.before")
			added, err := j.Ledger.Discover(ctx, j.Company, docs)
			failpoint.Hit("discover.after")
			result.Discovered += added
			return j.setAside(err)
		})
		if err != nil {
			return fmt.Errorf("discovering pending sales of %q: %w", space, err)
		}
	}
	return nil
}

func (j *Job) newDocument(key ledger.Key, revision int, probe bool) ledger.NewDocument {
	return ledger.NewDocument{
		Key:            key,
		ERP:            j.ERP,
		LocalReference: invoice.LocalReference(j.Company, key.KeySpace, key.SaleKey, revision),
		ETTN:           j.ettn(key, revision),
		ProbeFirst:     probe,
	}
}

// neverSent are the states whose mark in the ERP says that nothing was at the provider when it was written.
var neverSent = map[ledger.State]bool{ledger.Pending: true, ledger.Held: true, ledger.Refused: true}

// unsent are the states that say that the provider has nothing. Where the ERP's mark says otherwise, the ledger is older
// than the mark.
var unsent = map[ledger.State]bool{ledger.Pending: true, ledger.Held: true, ledger.Prepared: true, ledger.Refused: true}

// saysIssued reports whether the ERP's mark says that the provider has, or may have, the sale's document.
func saysIssued(k erp.KnownSale) bool {
	state, isState := ledger.StateOfText(k.State)
	return k.Number != "" || isState && issued[state]
}

// ofEarlier reports whether the ERP's mark is about an earlier revision of the sale, of which docs are all that the ledger
// knows, oldest first: until the next write-back a sale that is issued anew still shows its dead document.
func (j *Job) ofEarlier(key ledger.Key, docs []ledger.Document, k erp.KnownSale) bool {
	latest := len(docs) - 1
	for revision := 1; revision < docs[latest].Revision; revision++ {
		if j.ettn(key, revision) == k.ETTN {
			return true
		}
	}
	return slices.ContainsFunc(docs[:latest], func(d ledger.Document) bool {
		if k.ETTN == uuid.Nil { // the ERP has no place for it
			return k.Number != "" && k.Number == d.Number
		}
		return k.ETTN == d.Assigned // of a provider that gives ETTNs of its own
	})
}

// outdated reports whether the ERP shows something else than what the ledger believes to have written there. Words of the
// ERP that are no states, and columns that it does not have, say nothing.
func outdated(k erp.KnownSale, d ledger.Document) bool {
	if d.Version != d.WrittenVersion || d.Superseded {
		return false
	}
	state, isState := ledger.StateOfText(k.State)
	return isState && state != d.State.Projection() || k.Number != "" && k.Number != d.Number
}

// explained reports whether the ledger's own history explains a mark that says that the outcome is not known: it was not,
// until a look-up or a person settled it, and the ERP has not been told yet. Such a mark is older than the ledger. The
// document is asked for once more, but it is no reason to believe that the ledger lost anything else, and new sales go out
// as always.
func explained(k erp.KnownSale, d ledger.Document) bool {
	state, _ := ledger.StateOfText(k.State)
	return d.WasUnknown && d.Version > d.WrittenVersion && k.Number == "" && (state == ledger.Unknown || state == ledger.Disputed)
}

// doubt has a document asked for before it is sent or given up.
func doubt(d ledger.Document) ledger.Change {
	return ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true, Quiet: true, Patch: ledger.Patch{ProbeFirst: ptr(true)}}
}

// suspect doubts everything that the ledger believes unsent: it lost its last commits, and nobody knows which.
func (j *Job) suspect(ctx context.Context) error {
	for after := int64(0); ; {
		docs, err := j.Ledger.Documents(ctx, ledger.Filter{
			Company: j.Company, States: []ledger.State{ledger.Pending, ledger.Held, ledger.Prepared, ledger.Refused}, AfterID: after, Limit: parkedPage,
		})
		if err != nil {
			return err
		}
		var changes []ledger.Change
		for _, d := range docs {
			after = d.ID
			if !d.ProbeFirst {
				changes = append(changes, doubt(d))
			}
		}
		if len(changes) > 0 {
			if _, err := j.Ledger.Commit(ctx, changes); err != nil {
				return fmt.Errorf("doubting %d unsent documents: %w", len(changes), err)
			}
		}
		if len(docs) < parkedPage {
			return nil
		}
	}
}

// rebuild compares the ERP's own marks with the ledger. Marked sales that the ledger lacks are entered as unknown, for
// followup to look up; those whose mark says that they were never sent start afresh, but are asked for before they are
// sent, because a mark may be older than the last thing that happened.
func (j *Job) rebuild(ctx context.Context, space string) (int, error) {
	var total int
	suspects := map[ledger.Key]bool{}
	err := j.Sales.Known(ctx, space, func(known []erp.KnownSale) error {
		keys := make([]ledger.Key, len(known))
		for i, k := range known {
			keys[i] = ledger.Key{KeySpace: space, SaleKey: k.Key}
		}
		have, err := j.Ledger.ByKeys(ctx, j.Company, keys)
		if err != nil {
			return err
		}
		var issued []ledger.KnownDocument
		var fresh []ledger.NewDocument
		var behind, stale []ledger.Change
		for i, k := range known {
			if docs := have[keys[i]]; len(docs) > 0 {
				d := docs[len(docs)-1]
				switch {
				case !d.ProbeFirst && j.older(keys[i], docs, k):
					change := doubt(d)
					// Nobody asks for a refused or held one soon. Where the mark names no number, the ERP is told again.
					change.Quiet = !outdated(k, d) || !editable[d.State] || k.Number != ""
					behind = append(behind, change)
					if !explained(k, d) {
						suspects[keys[i]] = true
					}
				case outdated(k, d): // a writer that was stopped for long wrote an old state, and died before it could say so
					stale = append(stale, ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true})
				}
				continue
			}
			state, isState := ledger.StateOfText(k.State)
			if k.Number == "" && isState && neverSent[state] {
				fresh = append(fresh, j.newDocument(keys[i], 1, true))
				continue
			}
			revision, derived := j.revisionOf(keys[i], k)
			doc := j.newDocument(keys[i], revision, true)
			// A provider that gives ETTNs of its own knows the document by ours all the same: it stands in the invoice as our key.
			if !derived && k.ETTN != uuid.Nil && j.Accounts[0].Provider.Capabilities().TakesETTN {
				doc.ETTN = k.ETTN // made under another name of the seller, the ERP or the key space: the ERP is the only one to know
			}
			issued = append(issued, ledger.KnownDocument{NewDocument: doc, Number: k.Number, State: k.State, SentAt: k.SentAt,
				QuarantineIn: j.Accounts[0].Provider.Capabilities().Quarantine})
		}
		if len(stale) > 0 {
			if _, err := j.Ledger.Commit(ctx, stale); err != nil {
				return err
			}
		}
		if len(behind) > 0 {
			if _, err := j.Ledger.Commit(ctx, behind); err != nil {
				return err
			}
		}
		if len(fresh) > 0 {
			added, err := j.Ledger.Discover(ctx, j.Company, fresh)
			total += added
			if err := j.setAside(err); err != nil {
				return err
			}
		}
		if len(issued) > 0 {
			added, err := j.Ledger.Rebuild(ctx, j.Company, issued)
			total += added
			if err := j.setAside(err); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return total, fmt.Errorf("reading the marks of %q: %w", space, err)
	}
	confirmed, err := j.confirm(ctx, space, suspects)
	if err != nil {
		return total, fmt.Errorf("comparing %d marks of %q once more: %w", len(suspects), space, err)
	}
	total += confirmed
	if total > 0 {
		j.Log.Warn("the ERP knows documents that the ledger does not: rebuilding them from the ERP and the provider",
			"documents", total)
	}
	return total, nil
}

// older reports whether the ledger believes a sale's latest document unsent, and the sale's mark in the ERP says that it was
// issued.
func (j *Job) older(key ledger.Key, docs []ledger.Document, k erp.KnownSale) bool {
	return unsent[docs[len(docs)-1].State] && saysIssued(k) && !j.ofEarlier(key, docs, k)
}

// confirm looks a second time at the documents that seem older than their marks, and counts those that still do although the
// ledger did not change them meanwhile. At the first look another process may just have settled one and told the ERP.
func (j *Job) confirm(ctx context.Context, space string, suspects map[ledger.Key]bool) (confirmed int, err error) {
	if len(suspects) == 0 {
		return 0, nil
	}
	keys := slices.Collect(maps.Keys(suspects))
	before, err := j.Ledger.ByKeys(ctx, j.Company, keys)
	if err != nil {
		return 0, err
	}
	still := map[ledger.Key]erp.KnownSale{}
	err = j.Sales.Known(ctx, space, func(known []erp.KnownSale) error {
		for _, k := range known {
			key := ledger.Key{KeySpace: space, SaleKey: k.Key}
			if docs := before[key]; len(docs) > 0 && j.older(key, docs, k) && !explained(k, docs[len(docs)-1]) {
				still[key] = k
			}
		}
		return nil
	})
	if err != nil || len(still) == 0 {
		return 0, err
	}
	now, err := j.Ledger.LatestByKey(ctx, j.Company, slices.Collect(maps.Keys(still)))
	if err != nil {
		return 0, err
	}
	for key, k := range still {
		docs := before[key]
		if d := now[key]; d.Version == docs[len(docs)-1].Version && !explained(k, d) {
			confirmed++
		}
	}
	return confirmed, nil
}

// setAside keeps sales that the ledger cannot take (a key that is too long, an ETTN that another sale has) from stopping
// the others; Run returns them as its error when everything else is done.
func (j *Job) setAside(err error) error {
	if _, ok := errors.AsType[*ledger.NotAdded](err); !ok {
		return err
	}
	j.Log.Error("sales could not be entered into the ledger; all others are", "err", err)
	j.notAdded = errors.Join(j.notAdded, err)
	return nil
}

// maxRevision bounds the search for the revision that an ETTN in the ERP belongs to.
const maxRevision = 50

// revisionOf finds the revision whose derived ETTN the ERP holds; derived is false, and the revision 1, when it holds none or
// a foreign one.
func (j *Job) revisionOf(key ledger.Key, k erp.KnownSale) (revision int, derived bool) {
	for revision := 1; revision <= maxRevision; revision++ {
		if j.ettn(key, revision) == k.ETTN {
			return revision, true
		}
	}
	return 1, false
}
