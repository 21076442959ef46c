package followup

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// lister is a provider that lists what it holds, and says how often it was asked.
type lister struct {
	promise
	rows   []providers.Status
	err    error
	listed int
	asked  int
}

func (l *lister) ListIssued(_ context.Context, _, _ time.Time, each func(providers.Status) error) error {
	l.listed++
	for _, r := range l.rows {
		if err := each(r); err != nil {
			return err
		}
	}
	return l.err
}

func (l *lister) Status(context.Context, providers.Identity) (providers.Status, error) {
	l.asked++
	return providers.Status{State: providers.StateAccepted, Code: 1}, nil
}

// held is a ledger whose accepted documents are due once.
type held struct {
	Ledger
	due     []ledger.Document
	changes []ledger.Change
}

func (h *held) Lease(context.Context, string, []ledger.State, string, time.Duration, int) ([]ledger.Document, error) {
	docs := h.due
	h.due = nil
	return docs, nil
}

func (h *held) Commit(_ context.Context, changes []ledger.Change) ([]ledger.Outcome, error) {
	h.changes = append(h.changes, changes...)
	out := make([]ledger.Outcome, len(changes))
	for i := range out {
		out[i].Applied = true
	}
	return out, nil
}

func watched(days int, count int) (*Job, *held, *lister) {
	l := &lister{promise: promise{caps: providers.Capabilities{CancelDays: map[invoice.Kind]int{invoice.EArsiv: days}}}}
	h := &held{}
	for range count {
		h.due = append(h.due, ledger.Document{ID: int64(len(h.due) + 1), State: ledger.Accepted, ETTN: uuid.New(), Account: "main",
			IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 1}, Route: providers.Route{Kind: invoice.EArsiv}, ProviderStatus: new(int)})
	}
	j := testJob()
	j.Ledger, j.Clock = h, clock.NewManual(asked)
	j.Accounts = []Account{{Name: "main", Provider: l, InFlight: 4}}
	return j, h, l
}

// TestListingAnswersForAll: one listing tells of every document, and what it lacks is asked for by itself; a listing that
// failed puts all of them off and is no news of any.
func TestListingAnswersForAll(t *testing.T) {
	t.Parallel()
	j, h, l := watched(185, 5)
	for _, d := range h.due[:4] {
		l.rows = append(l.rows, providers.Status{ETTN: d.ETTN, State: providers.StateAccepted})
	}
	l.rows[1].State = providers.StateCancelled
	var result Result
	if err := j.watchAccepted(t.Context(), &result); err != nil || l.listed != 1 || l.asked != 1 || result.Moved != 1 || len(h.changes) != 5 {
		t.Fatalf("%v, %d listings, %d questions, %+v, %d changes", err, l.listed, l.asked, result, len(h.changes))
	}
	for _, c := range h.changes {
		gone := c.Document == 2
		if gone != (c.To == ledger.Cancelled) || gone && (c.Patch.Code == nil || *c.Patch.Code != "cancelled.elsewhere") ||
			!gone && (!c.Stay || *c.Patch.NextIn > 24*time.Hour) {
			t.Errorf("%+v", c)
		}
	}

	j, h, l = watched(185, 3)
	l.err = fault.New(fault.Retryable, "listing", errors.New("away"))
	if err := j.watchAccepted(t.Context(), &result); err != nil || l.asked != 0 || !errors.Is(result.Unreachable, fault.Retryable) {
		t.Fatalf("%v, %d questions, %+v", err, l.asked, result)
	}
	if result.countMissed(); !strings.Contains(result.Unreachable.Error(), "about 3 documents: ") || !errors.Is(result.Unreachable, fault.Retryable) {
		t.Errorf("the pass says %v", result.Unreachable)
	}
	for _, c := range h.changes {
		if !c.Stay || *c.Patch.NextIn > 2*time.Hour {
			t.Errorf("%+v", c)
		}
	}
}

// TestWatchingEnds: what nobody can cancel any more is asked for no more, and an account that cannot tell is left alone.
func TestWatchingEnds(t *testing.T) {
	t.Parallel()
	j, h, l := watched(10, 2)
	var result Result
	if err := j.watchAccepted(t.Context(), &result); err != nil || l.listed+l.asked != 0 || len(h.changes) != 2 || *h.changes[0].Patch.NextIn != watchOver {
		t.Errorf("%v, %d listings, %d questions, %+v", err, l.listed, l.asked, h.changes)
	}
	j, h, l = watched(10, 2)
	l.caps = providers.Capabilities{}
	if err := j.watchAccepted(t.Context(), &result); err != nil || len(h.changes) != 0 || len(h.due) != 2 {
		t.Errorf("%v, %+v", err, h.changes)
	}
}

// TestWatchedDaily: whatever the spread, the next question comes within a day, the pass that asks it included.
func TestWatchedDaily(t *testing.T) {
	t.Parallel()
	j := testJob()
	for range 1000 {
		if wait := j.watchAgain(oneStep); wait > 23*time.Hour+30*time.Minute || wait < 12*time.Hour {
			t.Fatalf("asked again after %s", wait)
		}
	}
}

// TestMissingCountsInARow: answers that say nothing new do not make one absence a loss.
func TestMissingCountsInARow(t *testing.T) {
	t.Parallel()
	doc := ledger.Document{State: ledger.Sent, Failures: 40}
	if got := missing(doc); got != 1 {
		t.Errorf("after 40 equal answers the first absence is number %d", got)
	}
	doc.Code, doc.Failures = codeMissing, 4
	if got := missing(doc); got != vanishedAfter {
		t.Errorf("the fifth in a row is number %d", got)
	}
}
