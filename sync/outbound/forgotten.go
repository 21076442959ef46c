package outbound

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"faturad/sync/ledger"
)

// A provider that refuses no used key does not say "exists" to a ledger that was restored together with the ERP, and then
// neither knows of what was sent since the backup. Only the provider's own listing does
// (docs/decisions/0012-forgotten-documents.md).

// Recalled is what the provider's listing says that the ledger forgot.
type Recalled struct {
	Forgotten map[uuid.UUID]ledger.Forgotten // by our key
	// Unsure: the listing could not be had, and sending need not wait for it any longer: every sale is asked for first.
	Unsure bool
	// Wait says why the listing cannot be had now: nothing is sent in this pass. nil = it was had, or need not be.
	Wait error
}

// recall asks what the ledger forgot, and gives the documents among it that the ledger believes unsent to followup.
func (j *Job) recall(ctx context.Context, result *Result) (Recalled, error) {
	if j.Recall == nil {
		return Recalled{}, nil
	}
	recalled, err := j.Recall(ctx)
	if err != nil {
		return recalled, err
	}
	var ids []int64
	for _, f := range recalled.Forgotten {
		if f.Document != 0 {
			ids = append(ids, f.Document)
		}
	}
	slices.Sort(ids)
	for some := range slices.Chunk(ids, parkedPage) {
		n, err := j.asUnknown(ctx, some, recalled.Forgotten)
		result.Recalled += n
		if err != nil {
			return recalled, fmt.Errorf("taking over %d documents that the provider has and the ledger believes unsent: %w", len(some), err)
		}
	}
	return recalled, nil
}

// throughTo are the states that lead a document to unknown from where the ledger believes it.
var throughTo = map[ledger.State][]ledger.State{
	ledger.Held:     {ledger.Pending, ledger.Prepared, ledger.Sending},
	ledger.Refused:  {ledger.Pending, ledger.Prepared, ledger.Sending},
	ledger.Pending:  {ledger.Prepared, ledger.Sending},
	ledger.Prepared: {ledger.Sending},
}

// asUnknown makes documents unknown that the ledger believes unsent and the provider lists, as if they were rebuilt: what the
// ledger knows of their content is older than what was sent. Those that somebody else holds are left to the next pass.
func (j *Job) asUnknown(ctx context.Context, ids []int64, forgotten map[uuid.UUID]ledger.Forgotten) (int, error) {
	docs, err := j.Ledger.LeaseByID(ctx, ids, j.Owner, j.leaseFor())
	if err != nil {
		return 0, err
	}
	var changes []ledger.Change
	count, quarantine := 0, j.Accounts[0].Provider.Capabilities().Quarantine
	for _, d := range docs {
		f, found := forgotten[d.ETTN]
		if !found || !unsent[d.State] || f.TakenOver(d) {
			changes = append(changes, unleased(d, d.State))
			continue
		}
		for _, through := range throughTo[d.State] {
			changes = append(changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: through, Quiet: true})
		}
		count++
		changes = append(changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Unknown, Unlease: true, Patch: ledger.Patch{
			Unknown: ptr(true), WasUnknown: ptr(true), NextIn: ptr(noWait), QuarantineIn: &quarantine, Code: ptr(ledger.CodeRebuilt),
			SaleHash: ptr(""), IssueDate: &f.IssueDate, Message: ptr(textProbe.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language)),
		}})
	}
	if len(changes) == 0 {
		return 0, nil
	}
	if _, err := j.Ledger.Commit(ctx, changes); err != nil {
		return 0, err
	}
	return count, nil
}

// furtherRevisions is how many revisions of a sale are looked for beside the first.
const furtherRevisions = 9

// forgot is what the ledger forgot of a sale: the latest revision that the provider has.
func (j *Job) forgot(recalled Recalled, key ledger.Key) (ledger.KnownDocument, bool) {
	if len(recalled.Forgotten) == 0 {
		return ledger.KnownDocument{}, false
	}
	for revision := 1 + furtherRevisions; revision >= 1; revision-- {
		if f, ok := recalled.Forgotten[j.ettn(key, revision)]; ok {
			return ledger.KnownDocument{NewDocument: j.newDocument(key, revision, true), Revision: revision, IssueDate: f.IssueDate,
				QuarantineIn: j.Accounts[0].Provider.Capabilities().Quarantine}, true
		}
	}
	return ledger.KnownDocument{}, false
}

// discovered adds pending sales to the ledger: those whose documents it forgot as unknown, for followup to look up and adopt.
func (j *Job) discovered(ctx context.Context, space string, keys []string, recalled Recalled, probe bool, result *Result) error {
	docs := make([]ledger.NewDocument, 0, len(keys))
	var known []ledger.KnownDocument
	for _, saleKey := range keys {
		key := ledger.Key{KeySpace: space, SaleKey: saleKey}
		if forgotten, ok := j.forgot(recalled, key); ok {
			known = append(known, forgotten)
			continue
		}
		docs = append(docs, j.newDocument(key, 1, probe))
	}
	if len(known) > 0 {
		added, err := j.Ledger.Rebuild(ctx, j.Company, known)
		result.Recalled += added
		if err := j.setAside(err); err != nil {
			return err
		}
	}
	added, err := j.Ledger.Discover(ctx, j.Company, docs)
	result.Discovered += added
	return j.setAside(err)
}
