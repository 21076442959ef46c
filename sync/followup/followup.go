package followup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Ledger is the durable memory as followup needs it.
type Ledger interface {
	Now(ctx context.Context) (time.Time, error)
	Lease(ctx context.Context, company string, states []ledger.State, owner string, ttl time.Duration, limit int) ([]ledger.Document, error)
	LeaseByID(ctx context.Context, ids []int64, owner string, ttl time.Duration) ([]ledger.Document, error)
	Documents(ctx context.Context, f ledger.Filter) ([]ledger.Document, error)
	Commit(ctx context.Context, changes []ledger.Change) ([]ledger.Outcome, error)
	History(ctx context.Context, document int64) ([]ledger.Event, error)
	MailsDue(ctx context.Context, company string, limit int) ([]ledger.Document, error)
	Unwritten(ctx context.Context, company string, limit int, except ...ledger.State) ([]ledger.Document, error)
	MarkWritten(ctx context.Context, written []ledger.Written) error
	MarkWriteFailed(ctx context.Context, failures []ledger.WriteFailure) error
}

// Target is the ERP as followup needs it.
type Target interface {
	WriteBack(ctx context.Context, docs []erp.Projection) ([]error, error)
}

// Account is one company's access to one provider.
type Account struct {
	Name     string
	Provider providers.Provider
	InFlight int
}

// Job is everything that one company's followup needs.
type Job struct {
	Company  string
	VKN      string // the company's: the keys of further revisions are derived from it
	Owner    string
	Ledger   Ledger
	ERP      Target
	Accounts []Account // the first is the active one; each document is followed at the account it is pinned to
	Clock    clock.Clock
	Log      *slog.Logger

	Language string        // "tr" (also when empty) or "en"
	LeaseFor time.Duration // 0 = two minutes
	Grace    time.Duration // an outcome unknown for longer is disputed; 0 = 24 hours
	// SkipWaiting has WriteBack leave out documents that somebody is about to send: their next state follows at once.
	SkipWaiting bool
	// Writing is held while a group is written back, so that passes of one process do not wait for each other's row locks in the
	// ERP: one that waits in vain puts the document off. nil = no other pass writes.
	Writing  sync.Locker
	Progress func(done, total int)
	// Baselines compares documents with what their sales say today (outbound.Job.Baselines); nil = nobody can.
	Baselines func(ctx context.Context, docs []ledger.Document) ([]Baseline, error)
}

// Baseline is what the ERP says today about the sale of a document that a lost ledger had sent.
type Baseline struct {
	Gone, Changed                   bool
	SaleNumber, SaleHash, BuyerName string
	Likeness                        ledger.Likeness
}

// Result counts what one pass did.
type Result struct {
	Adopted   int // unknown outcomes that turned out to exist
	Resent    int // unknown outcomes that surely do not exist: outbound sends them again
	Refused   int
	Disputed  int
	Unsettled int // still unknown
	Polled    int
	Moved     int // documents whose status changed
	Written   int // documents written back to the ERP
	Unwritten int // write-backs that failed and will be repeated
	// Unreachable is the last reason why a provider could not be asked; nil = all could. Run says how many documents that concerned.
	Unreachable error
	unasked     int
}

// missed notes that a document could not be asked about.
func (r *Result) missed(why error) {
	r.Unreachable = why
	r.unasked++
}

// countMissed says how many documents it was.
func (r *Result) countMissed() {
	if r.Unreachable != nil {
		r.Unreachable = fmt.Errorf("the provider could not be asked about %d documents: %w", r.unasked, r.Unreachable)
	}
}

// Plus adds what a later pass did; what was still open is the later one's.
func (r Result) Plus(o Result) Result {
	sum := Result{
		Adopted: r.Adopted + o.Adopted, Resent: r.Resent + o.Resent, Refused: r.Refused + o.Refused, Disputed: r.Disputed + o.Disputed,
		Unsettled: o.Unsettled, Polled: r.Polled + o.Polled, Moved: r.Moved + o.Moved, Written: r.Written + o.Written, Unwritten: o.Unwritten,
		Unreachable: r.Unreachable,
	}
	if sum.Unreachable == nil {
		sum.Unreachable = o.Unreachable
	}
	return sum
}

// Run makes one pass over unknown outcomes, due statuses, accepted documents that may yet be cancelled, and mails, then writes
// back what changed.
func (j *Job) Run(ctx context.Context) (Result, error) {
	var result Result
	err := errors.Join(
		j.settleUnknown(ctx, &result),
		j.pollStatuses(ctx, &result),
		j.followMails(ctx, &result),
		j.watchAccepted(ctx, &result),
		j.deleteDrafts(ctx, &result),
	)
	result.countMissed()
	return result, errors.Join(err, j.WriteBack(ctx, &result))
}

// batchSize is how many documents are leased and asked for at once.
const batchSize = 200

func (j *Job) leaseFor() time.Duration {
	if j.LeaseFor > 0 {
		return j.LeaseFor
	}
	return 2 * time.Minute
}

func (j *Job) grace() time.Duration {
	if j.Grace > 0 {
		return j.Grace
	}
	return 24 * time.Hour
}

// account finds the account a document is pinned to. Documents that are pinned to none (rebuilt from the ERP) belong to
// the active one.
func (j *Job) account(name string) (Account, bool) {
	for i, a := range j.Accounts {
		if a.Name == name || name == "" && i == 0 {
			return a, true
		}
	}
	return Account{}, false
}

// answer is what asking about one document brought: the changes that record it, and how to count them.
type answer struct {
	changes []ledger.Change
	count   func(*Result)
	failed  error // why the provider could not be asked
	// adopted is the document as the provider has it, when the ledger did not know what was sent.
	adopted *ledger.Document
}

// sweep leases due documents in the given states batch after batch, asks about each with as many requests at once as its
// account allows, and commits the answers of a batch as one group. No document is asked twice in one sweep: its answer
// moves its next time.
func (j *Job) sweep(ctx context.Context, states []ledger.State, result *Result, ask func(context.Context, ledger.Document, Account) answer) error {
	for ctx.Err() == nil {
		docs, err := j.Ledger.Lease(ctx, j.Company, states, j.Owner, j.leaseFor(), batchSize)
		if err != nil || len(docs) == 0 {
			return err
		}
		if err := j.settle(ctx, docs, result, ask); err != nil {
			return err
		}
	}
	return nil
}

// settle asks about leased documents, and commits the answers as one group.
func (j *Job) settle(ctx context.Context, docs []ledger.Document, result *Result, ask func(context.Context, ledger.Document, Account) answer) error {
	answers := j.askAll(ctx, docs, ask)
	j.measure(ctx, answers)
	var changes []ledger.Change
	for _, a := range answers {
		changes = append(changes, a.changes...)
		if a.failed != nil {
			result.missed(a.failed)
		}
	}
	failpoint.Hit("answers.before")
	outcomes, err := j.Ledger.Commit(context.WithoutCancel(ctx), changes)
	failpoint.Hit("answers.after")
	if err != nil {
		return err
	}
	j.count(answers, outcomes, changes, result)
	if err := j.park(ctx, docs, changes, outcomes, result); err != nil {
		return err
	}
	if j.Progress != nil {
		j.Progress(len(docs), 0)
	}
	return nil
}

// askAll asks about all documents of a batch, as many at once as the busiest account allows.
func (j *Job) askAll(ctx context.Context, docs []ledger.Document, ask func(context.Context, ledger.Document, Account) answer) []answer {
	answers := make([]answer, len(docs))
	work := make(chan int)
	var workers sync.WaitGroup
	for range j.inFlight() {
		workers.Go(func() {
			for i := range work {
				answers[i] = j.askOne(ctx, docs[i], ask)
			}
		})
	}
	for i := range docs {
		work <- i
	}
	close(work)
	workers.Wait()
	return answers
}

func (j *Job) askOne(ctx context.Context, doc ledger.Document, ask func(context.Context, ledger.Document, Account) answer) answer {
	account, ok := j.account(doc.Account)
	if !ok {
		return j.orphaned(doc)
	}
	if ctx.Err() != nil {
		return giveBack(doc)
	}
	// The answer must be recorded while the lease holds.
	asking, cancel := context.WithTimeout(ctx, j.leaseFor()/2)
	defer cancel()
	if doc.Failures > 0 {
		asking = providers.Again(asking)
	}
	return ask(asking, doc, account)
}

// giveBack returns the lease of a document that was not asked about.
func giveBack(doc ledger.Document) answer {
	return answer{changes: []ledger.Change{{Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: true}}}
}

// orphaned puts off a document whose account is gone from the config, and says so where people look.
func (j *Job) orphaned(doc ledger.Document) answer {
	j.Log.Error("a document cannot be followed: its account is gone from the config", "document", doc.LocalReference, "account", doc.Account)
	return answer{changes: []ledger.Change{{
		Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: doc.Code == "account.missing",
		Patch: ledger.Patch{NextIn: ptr(time.Hour), Code: ptr("account.missing"), Message: ptr(textAccountMissing.In(j.Language)),
			Advice: ptr(adviceAccountMissing.In(j.Language))},
	}}}
}

func (j *Job) inFlight() int {
	n := 1
	for _, a := range j.Accounts {
		n = max(n, a.InFlight)
	}
	return n
}

// count adds up the answers that were recorded.
func (j *Job) count(answers []answer, outcomes []ledger.Outcome, changes []ledger.Change, result *Result) {
	at := 0
	for _, a := range answers {
		applied := len(a.changes) > 0
		for range a.changes {
			if o := outcomes[at]; !o.Applied {
				applied = false
				if o.Err != nil {
					j.Log.Error("an answer could not be recorded", "document", changes[at].Document, "err", o.Err)
				}
			}
			at++
		}
		if applied && a.count != nil {
			a.count(result)
		}
	}
}

// park keeps documents whose number already belongs to another sale for a person, and the others too (reliability.md R9).
func (j *Job) park(ctx context.Context, docs []ledger.Document, changes []ledger.Change, outcomes []ledger.Outcome, result *Result) error {
	leased := make(map[int64]ledger.Document, len(docs))
	for _, d := range docs {
		leased[d.ID] = d
	}
	var parked []ledger.Change
	for i, o := range outcomes {
		clash, ok := errors.AsType[*ledger.Clash](o.Err)
		if !ok {
			continue
		}
		d := leased[changes[i].Document]
		j.Log.Error("the provider gave one number to two sales; both are parked", "document", d.LocalReference,
			"other", clash.Reference, "err", o.Err)
		parked = append(parked, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Disputed, Unlease: true,
			Patch: clash.Parking(clash.Reference, j.Language), Event: j.event(d, ledger.OpLookup, string(fault.Duplicate), nil, o.Err.Error())})
		if other, ok := clash.ParkOther(d.LocalReference, j.Language, j.Owner); ok {
			parked = append(parked, other)
		}
	}
	if len(parked) == 0 {
		return nil
	}
	settled, err := j.Ledger.Commit(context.WithoutCancel(ctx), parked)
	if err != nil {
		return fmt.Errorf("parking sales with one number: %w", err)
	}
	for _, o := range settled {
		if o.Applied {
			result.Disputed++
		}
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

// spread shifts a wait by up to a tenth either way, so that documents sent together are not asked for together.
func spread(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d - d/10 + rand.N(d/5+1)
}
