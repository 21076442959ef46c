package outbound

import (
	"context"
	"errors"
	"fmt"
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
	second.doc.ID, second.doc.Code = 8, codeRests
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
