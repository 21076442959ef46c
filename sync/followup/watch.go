package followup

import (
	"context"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

const (
	// watchEvery is how often an accepted document is asked for again; spread over a tenth either way it stays below a day.
	watchEvery = 21 * time.Hour
	// watchRetry is when one that could not be asked for is asked for again.
	watchRetry = time.Hour
	// watchHour is when accounts that can list what they hold are read, once a day for all of their documents.
	watchHour = 4
	// watchBatches bounds what one pass asks for: documents on their way come first, and a ledger that was upgraded has
	// many accepted ones at once.
	watchBatches = 5
	// watchOver is how long documents are put off that nobody can cancel any more.
	watchOver = 50 * 365 * 24 * time.Hour
)

// watchAccepted asks again for accepted documents, as long as they may still be cancelled past faturad: in the provider's
// portal, on GİB's, by the provider's support (docs/decisions/0055-late-cancellations.md).
func (j *Job) watchAccepted(ctx context.Context, result *Result) error {
	if !j.watches() {
		return nil
	}
	books := map[string]book{}
	ask := func(ctx context.Context, doc ledger.Document, account Account) answer {
		if !j.cancellable(doc, account) {
			return answer{changes: []ledger.Change{{Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: true,
				Patch: ledger.Patch{NextIn: ptr(watchOver)}}}}
		}
		b, listed := books[account.Name]
		switch status, found := b.of(doc); {
		case listed && b.err != nil:
			return j.unasked(doc, b.err)
		case found:
			return j.reported(doc, status, account)
		}
		return j.status(ctx, doc, account)
	}
	for range watchBatches {
		if more, err := j.watchBatch(ctx, books, result, ask); err != nil || !more {
			return err
		}
	}
	return nil
}

// watchBatch asks for one batch; more is false when there is none, or when the provider could not be asked: the others are no
// better off.
func (j *Job) watchBatch(ctx context.Context, books map[string]book, result *Result, ask func(context.Context, ledger.Document, Account) answer) (more bool, err error) {
	docs, err := j.Ledger.Lease(ctx, j.Company, []ledger.State{ledger.Accepted}, j.Owner, j.leaseFor(), batchSize)
	if err != nil || len(docs) == 0 {
		return false, err
	}
	j.open(ctx, docs, books)
	before := result.Unreachable
	result.Unreachable = nil
	err = j.settle(ctx, docs, result, ask)
	if more = result.Unreachable == nil; more {
		result.Unreachable = before
	}
	return more && ctx.Err() == nil, err
}

// watches reports whether any account's documents can be cancelled elsewhere, and tell so.
func (j *Job) watches() bool {
	for _, a := range j.Accounts {
		if len(a.Provider.Capabilities().CancelDays) > 0 {
			return true
		}
	}
	return false
}

// cancellable reports whether a document may still be cancelled.
func (j *Job) cancellable(doc ledger.Document, account Account) bool {
	days, ok := account.Provider.Capabilities().CancelDays[doc.Route.Kind]
	issued := doc.IssueDate
	if issued.IsZero() {
		issued = invoice.DateOf(doc.SentAt.In(clock.Istanbul))
	}
	return ok && !issued.AddDays(days).Before(j.today())
}

func (j *Job) today() invoice.Date { return invoice.DateOf(j.Clock.Now().In(clock.Istanbul)) }

// watchAgain is when an accepted document is asked for next.
func (j *Job) watchAgain(account Account) time.Duration {
	if _, lists := providers.As[providers.Lister](account.Provider); !lists {
		return spread(watchEvery)
	}
	now := j.Clock.Now().In(clock.Istanbul)
	next := time.Date(now.Year(), now.Month(), now.Day(), watchHour, 0, 0, 0, clock.Istanbul)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next.Sub(now)
}

// book is what an account lists, by every key; a document that is not in it is asked for by itself.
type book struct {
	byETTN map[uuid.UUID]providers.Status
	byID   map[string]providers.Status
	err    error
}

func (b book) of(doc ledger.Document) (providers.Status, bool) {
	if s, ok := b.byETTN[doc.LegalETTN()]; ok {
		return s, true
	}
	s, ok := b.byID[doc.ProviderID]
	return s, ok && doc.ProviderID != ""
}

// open lists what the accounts of the documents hold, those that can list it, once a pass.
func (j *Job) open(ctx context.Context, docs []ledger.Document, books map[string]book) {
	for _, d := range docs {
		account, known := j.account(d.Account)
		if _, done := books[account.Name]; done || !known || !j.cancellable(d, account) {
			continue
		}
		lister, lists := providers.As[providers.Lister](account.Provider)
		if !lists {
			continue
		}
		most := 0
		for _, days := range account.Provider.Capabilities().CancelDays {
			most = max(most, days)
		}
		now := j.Clock.Now()
		b := book{byETTN: map[uuid.UUID]providers.Status{}, byID: map[string]providers.Status{}}
		failpoint.Hit("status.before")
		b.err = lister.ListIssued(ctx, now.AddDate(0, 0, -most-1), now, func(s providers.Status) error {
			if s.ETTN != uuid.Nil {
				b.byETTN[s.ETTN] = s
			}
			if s.ID != "" {
				b.byID[s.ID] = s
			}
			return nil
		})
		failpoint.Hit("status.after")
		books[account.Name] = b
	}
}

// unasked puts off a document whose provider could not be asked.
func (j *Job) unasked(doc ledger.Document, err error) answer {
	return answer{
		changes: []ledger.Change{{Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: true,
			Patch: ledger.Patch{NextIn: ptr(max(spread(watchRetry), fault.RetryAfter(err)))}}},
		failed: err,
	}
}
