package outbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// committed is a ledger that keeps what it was told.
type committed struct {
	Ledger
	changes []ledger.Change
}

func (c *committed) Commit(_ context.Context, changes []ledger.Change) ([]ledger.Outcome, error) {
	c.changes = append(c.changes, changes...)
	return make([]ledger.Outcome, len(changes)), nil
}

// TestNothingBeginsWhileTheProviderRests: documents of an account whose provider is away are put off without an attempt, those
// of another account go on. The account is asked once for the whole batch, and the accountant told once.
func TestNothingBeginsWhileTheProviderRests(t *testing.T) {
	t.Parallel()
	j, n := sentJob(func(d *ledger.Document) { d.State = ledger.Prepared })
	book := &committed{}
	j.Ledger, j.Random = book, func(time.Duration) time.Duration { return 0 }
	away := &fault.Error{Class: fault.Throttled, Code: providers.CodeResting, RetryAfter: 40 * time.Second}
	asked := 0
	first, second, third := n, n, n
	first.account.Rests = func(context.Context) error { asked++; return away }
	second.account = first.account
	second.doc.ID, second.doc.Code = 8, providers.CodeResting
	third.doc.ID, third.account.Name = 9, "other"
	var result Result
	awake, rests := j.awake(t.Context(), []job{first, second, third}, &result)
	if !rests || len(awake) != 1 || awake[0].doc.ID != 9 || asked != 1 {
		t.Errorf("%d go on, the account was asked %d times", len(awake), asked)
	}
	if !errors.Is(result.Paused, fault.Throttled) || !errors.Is(result.Unreachable, fault.Throttled) || result.Deferred != 2 {
		t.Errorf("%+v", result)
	}
	if len(book.changes) != 2 {
		t.Fatalf("%+v", book.changes)
	}
	for i, c := range book.changes {
		if c.Event != nil || c.Patch.CountAttempt || !c.Stay || !c.Unlease || c.To != ledger.Prepared || *c.Patch.NextIn != 40*time.Second || c.Quiet != (i == 1) {
			t.Errorf("%+v", c)
		}
	}
}

// TestStopIsNoRest: a daemon that is asked to stop says nothing about its providers.
func TestStopIsNoRest(t *testing.T) {
	t.Parallel()
	j, n := sentJob(nil)
	ctx, cancel := context.WithCancel(t.Context())
	n.account.Rests = func(context.Context) error { cancel(); return ctx.Err() }
	var result Result
	if awake, rests := j.awake(ctx, []job{n}, &result); rests || len(awake) != 1 || result.Paused != nil {
		t.Errorf("%d go on, paused: %v", len(awake), result.Paused)
	}
}

// TestRestingProviderSaysNothing: an attempt that met the open breaker says that nobody was reached; only the provider's own
// refusal says that requests come too often.
func TestRestingProviderSaysNothing(t *testing.T) {
	t.Parallel()
	j, n := sentJob(nil)
	j.Language, j.Random = "en", func(time.Duration) time.Duration { return 0 }
	resting := fmt.Errorf("sending: %w", &fault.Error{Class: fault.Throttled, Code: providers.CodeResting, Message: "Entegratör yanıt vermiyor.", RetryAfter: time.Minute})
	for want, err := range map[string]error{textRetry.EN: resting, textThrottled.EN: fault.New(fault.Throttled, "sending", nil)} {
		report := j.failed(n, err)
		if got := *report.changes[0].Patch.Message; got != want || report.pause == nil {
			t.Errorf("%v tells %q, want %q", err, got, want)
		}
	}
}

// waitingRoom is a ledger with documents that wait; it remembers in which states it was asked for leases.
type waitingRoom struct {
	committed
	docs   []ledger.Document
	leased []ledger.State
}

func (w *waitingRoom) Lease(_ context.Context, _ string, states []ledger.State, _ string, _ time.Duration, _ int) ([]ledger.Document, error) {
	w.leased = states
	return nil, nil
}

func (w *waitingRoom) Documents(context.Context, ledger.Filter) ([]ledger.Document, error) {
	return w.docs, nil
}

// TestWhatWaitsIsLeftAlone: while no account can send, prepared documents are not leased, and told once why they wait, except
// where somebody works on them or their code carries a word for the next step.
func TestWhatWaitsIsLeftAlone(t *testing.T) {
	t.Parallel()
	key := &fault.Error{Class: fault.Auth, Code: providers.CodeKey, Message: "Yetkisiz", Advice: "Anahtarı yenileyin"}
	away := &fault.Error{Class: fault.Retryable, Err: errors.New("connection refused")}
	for name, c := range map[string]struct {
		cause         error
		code, message string
	}{
		"the key is refused": {key, providers.CodeKey, textKey.TR},
		"nobody answers":     {away, providers.CodeResting, textRetry.TR},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, n := sentJob(nil)
			n.account.Rests = func(context.Context) error { return c.cause }
			doc := func(id int64, code, owner string) ledger.Document {
				return ledger.Document{ID: id, State: ledger.Prepared, Account: "main", Code: code, LeaseOwner: owner}
			}
			room := &waitingRoom{docs: []ledger.Document{doc(1, "", ""), doc(2, c.code, ""), doc(3, "", "another"), doc(4, ledger.CodeProbe, ""),
				doc(5, ledger.CodeTwinAllowed, ""), doc(6, "provider.throttled", "")}}
			j.Ledger, j.Accounts = room, []Account{n.account}
			var result Result
			if err := j.deliver(t.Context(), &result); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(room.leased, []ledger.State{ledger.Pending}) {
				t.Errorf("leased in %v", room.leased)
			}
			var told []int64
			for _, change := range room.changes {
				told = append(told, change.Document)
				if p := change.Patch; *p.Code != c.code || *p.Message != c.message || *p.Advice == "" || change.To != ledger.Prepared || !change.Stay || change.Quiet {
					t.Errorf("%+v", change)
				}
			}
			if !slices.Equal(told, []int64{1, 6}) {
				t.Errorf("told %v", told)
			}
			if !errors.Is(result.Paused, c.cause) || !errors.Is(result.Unreachable, c.cause) || result.Deferred != len(room.docs) {
				t.Errorf("%+v", result)
			}
		})
	}
}

// TestOneAccountThatCanSendIsEnough: the pass goes on as ever.
func TestOneAccountThatCanSendIsEnough(t *testing.T) {
	t.Parallel()
	j, n := sentJob(nil)
	refused, good := n.account, n.account
	refused.Rests = func(context.Context) error { return fault.New(fault.Auth, "asking", nil) }
	room := &waitingRoom{docs: []ledger.Document{{ID: 1, State: ledger.Prepared}}}
	j.Ledger, j.Accounts = room, []Account{refused, good}
	var result Result
	if err := j.deliver(t.Context(), &result); err != nil || result.Paused != nil || len(room.changes) > 0 ||
		!slices.Equal(room.leased, []ledger.State{ledger.Pending, ledger.Prepared}) {
		t.Errorf("%v, %+v, leased in %v, %d changes", err, result, room.leased, len(room.changes))
	}
}
