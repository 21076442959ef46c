package inbound

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Ledger is the durable memory as inbound needs it.
type Ledger interface {
	KnownReceived(ctx context.Context, company string, ettns []uuid.UUID) (map[uuid.UUID]ledger.ReceivedState, error)
	StoreReceived(ctx context.Context, items []ledger.NewReceived) (int, error)
	Misses(ctx context.Context, company string, ettns []uuid.UUID) (map[uuid.UUID]ledger.Miss, error)
	AddMisses(ctx context.Context, missed []ledger.Missed) error
	ReopenReceived(ctx context.Context, company string, ettns []uuid.UUID) (int, error)
	LeaseReceived(ctx context.Context, company, account string, states []ledger.ReceivedState, owner string, ttl time.Duration, limit int) ([]ledger.Received, error)
	RawSizes(ctx context.Context, ids []int64) (map[int64]int, error)
	RawsReceived(ctx context.Context, ids []int64) (map[int64]ledger.Raw, error)
	ReplaceReceived(ctx context.Context, r ledger.Received, raw []byte) (hash string, err error)
	MoveReceived(ctx context.Context, moves []ledger.ReceivedMove) error

	Mark(ctx context.Context, name string) (time.Time, error)
	SetMark(ctx context.Context, name string, at time.Time) error

	DueFetches(ctx context.Context, company, account string, limit int) ([]ledger.Fetch, error)
	KeepReceivedFiles(ctx context.Context, files []ledger.NewFile) (hashes []string, errs []error, err error)
	ReceivedFile(ctx context.Context, company string, ettn uuid.UUID, format string) (content []byte, hash string, err error)
	EndFetches(ctx context.Context, ended []ledger.Fetched) error
}

// Target is the ERP as inbound needs it.
type Target interface {
	// Ready says whether the ERP can be written to at all; its error is about the ERP, not about any invoice.
	Ready(ctx context.Context) error
	// WriteReceived gives one error (or nil) an invoice; the error beside them says that the ERP went away.
	WriteReceived(ctx context.Context, all []erp.Received) ([]error, error)
	// WriteReceivedFiles is WriteReceived for their files alone.
	WriteReceivedFiles(ctx context.Context, all []erp.Received) ([]error, error)
}

// Account is one company's access to one provider's inbox.
type Account struct {
	Name     string
	Kind     string
	Inbox    providers.Inbox
	InFlight int
	Flagless bool // the provider has no new flag (Capabilities.InboxFlag): the cursor over arrival dates takes its place
}

// Job is everything that one company's inbound pass needs for one account.
type Job struct {
	Company string
	Owner   string
	Ledger  Ledger
	ERP     Target
	Account Account
	Clock   clock.Clock
	Log     *slog.Logger

	Language string        // "tr" (also when empty) or "en"
	PageSize int           // of the provider's listing; 0 = 500, which is also the most
	LeaseFor time.Duration // 0 = two minutes
	Overlap  time.Duration // how far before the last sweep the next begins; 0 = ten days
	Since    time.Time     // nothing that arrived before is swept; zero = no bound
	PDF      bool          // fetch and keep the PDF too
	Progress func(done, total int)
}

// Result counts what one pass did.
type Result struct {
	Listed       int // rows that the provider listed; an invoice counts each time the listing is read
	Stored       int // invoices new to the ledger
	Found        int // of these, those that only the sweep found: somebody else had cleared their flag
	Reopened     int // acknowledged invoices that the provider called new again: to be cleared once more
	Projected    int // invoices written to the ERP
	Acknowledged int // flags cleared, and seen cleared
	Quarantined  int // invoices that cannot be fetched, read or written; kept with the reason
	Failed       int // fetches and write attempts to be repeated
	StillNew     int // flags cleared that the provider still shows as new
	Files        int // PDFs fetched, kept and written to the ERP
}

// Run makes one pass: pull, project, acknowledge, files. Projecting goes on while pulling, and a step that fails does not
// keep the next from finishing what earlier passes left. Flags are cleared only after the pull, so that our own clearing
// does not shift the pages that are still to be read.
func (j *Job) Run(ctx context.Context) (Result, error) { return j.pass(ctx, j.pull) }

// Sweep is Run with a sweep in place of the pull.
func (j *Job) Sweep(ctx context.Context) (Result, error) { return j.pass(ctx, j.sweep) }

// Finish is Run without a pull: what the ledger has is projected and acknowledged.
func (j *Job) Finish(ctx context.Context) (Result, error) {
	return j.pass(ctx, func(context.Context, *Result, func()) error { return nil })
}

func (j *Job) pass(ctx context.Context, bring func(context.Context, *Result, func()) error) (Result, error) {
	var pulled, result Result
	var pullErr error
	work := make(chan struct{}, 1)
	stored := func() {
		select {
		case work <- struct{}{}:
		default: // it will look anyway
		}
	}
	go func() {
		defer close(work)
		pullErr = bring(ctx, &pulled, stored)
	}()
	var projectErr error
	for range work {
		if projectErr == nil { // an ERP that is away is not knocked at again in this pass
			projectErr = j.project(ctx, &result)
		}
	}
	if projectErr == nil {
		projectErr = j.project(ctx, &result)
	}
	acknowledgeErr := j.acknowledge(ctx, &result)
	var filesErr error
	if projectErr == nil {
		filesErr = j.files(ctx, &result)
	}
	return pulled.Plus(result), errors.Join(pullErr, projectErr, acknowledgeErr, filesErr)
}

func (j *Job) leaseFor() time.Duration {
	if j.LeaseFor > 0 {
		return j.LeaseFor
	}
	return 2 * time.Minute
}

// largestPage is what Turkcell serves at most; others serve what they can.
const largestPage = 500

func (j *Job) pageSize() int {
	if j.PageSize > 0 {
		return min(j.PageSize, largestPage)
	}
	return largestPage
}

// again grows from a minute to six hours, give or take a tenth.
func again(failures int) time.Duration {
	wait := min(6*time.Hour, time.Minute<<min(failures, 10))
	return wait - wait/10 + rand.N(wait/5)
}

// Plus adds up two results.
func (r Result) Plus(o Result) Result {
	return Result{
		Listed: r.Listed + o.Listed, Stored: r.Stored + o.Stored, Found: r.Found + o.Found, Reopened: r.Reopened + o.Reopened,
		Projected: r.Projected + o.Projected, Acknowledged: r.Acknowledged + o.Acknowledged, Quarantined: r.Quarantined + o.Quarantined,
		Failed: r.Failed + o.Failed, StillNew: r.StillNew + o.StillNew, Files: r.Files + o.Files,
	}
}
