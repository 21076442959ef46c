package outbound

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"faturad/sync/erp"
	"faturad/sync/ledger"
)

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

// shownOtherwise reports whether the ERP shows something else than what the ledger believes to have written there. Words of the
// ERP that are no states, and columns that it does not have, say nothing.
func shownOtherwise(k erp.KnownSale, d ledger.Document) bool {
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
		found, err := j.compareMarks(ctx, space, known, suspects)
		if err != nil {
			return err
		}
		added, err := j.enter(ctx, found)
		total += added
		return err
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

// differences are what the ERP's marks tell a ledger that does not agree with them.
type differences struct {
	issued []ledger.KnownDocument // the ledger lacks them, and the provider has them, or may have them
	fresh  []ledger.NewDocument   // the ledger lacks them, and their marks say that they were never sent
	behind []ledger.Change        // the ledger believes unsent what its mark calls issued
	stale  []ledger.Change        // the ERP shows another state
}

// compareMarks compares one reading of marks with the ledger; suspects gathers the sales whose document seems older than its mark.
func (j *Job) compareMarks(ctx context.Context, space string, known []erp.KnownSale, suspects map[ledger.Key]bool) (found differences, err error) {
	keys := make([]ledger.Key, len(known))
	for i, k := range known {
		keys[i] = ledger.Key{KeySpace: space, SaleKey: k.Key}
	}
	have, err := j.Ledger.ByKeys(ctx, j.Company, keys)
	if err != nil {
		return found, err
	}
	for i, k := range known {
		docs := have[keys[i]]
		var d ledger.Document // the latest; zero where the ledger lacks the sale
		if len(docs) > 0 {
			d = docs[len(docs)-1]
		}
		state, isState := ledger.StateOfText(k.State)
		switch {
		case len(docs) > 0 && !d.ProbeFirst && j.older(keys[i], docs, k):
			change := doubt(d)
			// Nobody asks for a refused or held one soon. Where the mark names no number, the ERP is told again.
			change.Quiet = !shownOtherwise(k, d) || !editable[d.State] || k.Number != ""
			found.behind = append(found.behind, change)
			if !explained(k, d) {
				suspects[keys[i]] = true
			}
		case len(docs) > 0 && shownOtherwise(k, d): // a writer that was stopped for long wrote an old state, and died before it could say so
			found.stale = append(found.stale, ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true})
		case len(docs) > 0: // they agree
		case k.Number == "" && isState && neverSent[state]:
			found.fresh = append(found.fresh, j.newDocument(keys[i], 1, true))
		default:
			found.issued = append(found.issued, j.knownDocument(keys[i], k))
		}
	}
	return found, nil
}

// knownDocument is a document that the ERP alone remembers.
func (j *Job) knownDocument(key ledger.Key, k erp.KnownSale) ledger.KnownDocument {
	promises := j.Accounts[0].Provider.Capabilities()
	revision, derived := j.revisionOf(key, k)
	doc := j.newDocument(key, revision, true)
	// A provider that gives ETTNs of its own knows the document by ours all the same: it stands in the invoice as our key.
	if !derived && k.ETTN != uuid.Nil && promises.TakesETTN {
		doc.ETTN = k.ETTN // made under another name of the seller, the ERP or the key space: the ERP is the only one to know
	}
	return ledger.KnownDocument{NewDocument: doc, Number: k.Number, State: k.State, SentAt: k.SentAt, QuarantineIn: promises.Quarantine}
}

// enter records the differences, and counts the documents that the ledger lacked.
func (j *Job) enter(ctx context.Context, found differences) (added int, err error) {
	for _, changes := range [][]ledger.Change{found.stale, found.behind} {
		if len(changes) == 0 {
			continue
		}
		if _, err := j.Ledger.Commit(ctx, changes); err != nil {
			return added, err
		}
	}
	if len(found.fresh) > 0 {
		n, err := j.Ledger.Discover(ctx, j.Company, found.fresh)
		added += n
		if err := j.setAside(err); err != nil {
			return added, err
		}
	}
	if len(found.issued) > 0 {
		n, err := j.Ledger.Rebuild(ctx, j.Company, found.issued)
		added += n
		if err := j.setAside(err); err != nil {
			return added, err
		}
	}
	return added, nil
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
