package outbound

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// promise is a provider that only promises.
type promise struct{ providers.Provider }

func (promise) Capabilities() providers.Capabilities {
	return providers.Capabilities{TakesETTN: true, Quarantine: 90 * time.Second, RequestTimeout: time.Minute}
}

func sentJob(change func(*ledger.Document)) (*Job, job) {
	j := &Job{Company: "acme", Owner: "me", Log: slog.New(slog.DiscardHandler)}
	doc := ledger.Document{ID: 7, ETTN: uuid.MustParse("7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11"), State: ledger.Sending, LeaseOwner: "me", LeaseEpoch: 3}
	if change != nil {
		change(&doc)
	}
	return j, job{ready: ready{doc: doc, account: Account{Name: "main", Provider: promise{}}}, attempt: 1}
}

// TestOutcomeByClass: the class of the answer alone decides the next state, and the table has an arrow to it.
func TestOutcomeByClass(t *testing.T) {
	t.Parallel()
	was := func(d *ledger.Document) { d.WasUnknown = true }
	tried := func(d *ledger.Document) { d.Failures = maxReroutes }
	routing := &fault.Error{Class: fault.Permanent, Code: providers.CodeBuyerNotRegistered, Message: "EFatura kullanmıyor"}
	for name, c := range map[string]struct {
		err    error
		before func(*ledger.Document)
		to     ledger.State
		code   string
		pause  bool
	}{
		"retryable":                     {err: fault.New(fault.Retryable, "x", nil), to: ledger.Prepared, code: "provider.retryable"},
		"throttled":                     {err: fault.New(fault.Throttled, "x", nil), to: ledger.Prepared, code: "provider.throttled", pause: true},
		"credentials":                   {err: fault.New(fault.Auth, "x", nil), to: ledger.Prepared, code: "provider.auth", pause: true},
		"one product":                   {err: &fault.Error{Class: fault.Auth, Code: providers.CodePermission}, to: ledger.Prepared, code: providers.CodePermission},
		"refused":                       {err: fault.New(fault.Permanent, "x", nil), to: ledger.Refused, code: "provider.permanent"},
		"refused after an unknown":      {err: fault.New(fault.Permanent, "x", nil), before: was, to: ledger.Unknown, code: ledger.CodeRefusedUnknown},
		"wrong route":                   {err: routing, to: ledger.Pending, code: providers.CodeBuyerNotRegistered},
		"wrong route after an unknown":  {err: routing, before: was, to: ledger.Unknown, code: ledger.CodeRefusedUnknown},
		"wrong route once too often":    {err: routing, before: tried, to: ledger.Refused, code: providers.CodeBuyerNotRegistered},
		"exists":                        {err: fault.New(fault.Duplicate, "x", nil), to: ledger.Unknown, code: ledger.CodeExists},
		"ambiguous":                     {err: fault.New(fault.Ambiguous, "x", nil), to: ledger.Unknown, code: "provider.unknown"},
		"a creating call finds nothing": {err: fault.New(fault.NotFound, "x", nil), to: ledger.Unknown, code: "provider.unknown"},
		"no class":                      {err: errors.New("bug"), to: ledger.Unknown, code: "provider.unknown"},
		"deadline":                      {err: context.DeadlineExceeded, to: ledger.Unknown, code: "provider.unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, n := sentJob(c.before)
			report := j.outcome(n, providers.Receipt{}, c.err)
			change := report.changes[0]
			if change.To != c.to || *change.Patch.Code != c.code {
				t.Errorf("to %s with code %q, want %s with %q", change.To, *change.Patch.Code, c.to, c.code)
			}
			if !ledger.Sending.MayBecome(change.To) {
				t.Errorf("the state table has no arrow from sending to %s", change.To)
			}
			if (report.pause != nil) != c.pause {
				t.Errorf("pause = %v, want %v", report.pause, c.pause)
			}
			if e := change.Event; e == nil || e.Opened || change.Lease == nil || *change.Lease != (ledger.Lease{Owner: "me", Epoch: 3}) || !change.Unlease {
				t.Errorf("the attempt is not closed under its lease: %+v", change)
			}
			quarantined := change.Patch.QuarantineIn != nil && *change.Patch.QuarantineIn > 0
			if open := c.code == "provider.unknown"; quarantined != open || (change.Patch.WasUnknown != nil) != open {
				t.Errorf("quarantine %v, was-unknown %v: only an outcome that nobody knows needs both", quarantined, change.Patch.WasUnknown)
			}
		})
	}
}

func TestCreated(t *testing.T) {
	t.Parallel()
	j, n := sentJob(nil)
	for name, c := range map[string]struct {
		receipt providers.Receipt
		to      ledger.State
	}{
		"sent":                    {providers.Receipt{ETTN: n.doc.ETTN, Number: "EPA2026000000001"}, ledger.Sent},
		"sent, no ETTN in answer": {providers.Receipt{Number: "EPA2026000000001"}, ledger.Sent},
		"draft":                   {providers.Receipt{ETTN: n.doc.ETTN, Draft: true}, ledger.Draft},
		"another document":        {providers.Receipt{ETTN: uuid.New(), Number: "EPA2026000000001"}, ledger.Disputed},
	} {
		change := j.outcome(n, c.receipt, nil).changes[0]
		if change.To != c.to {
			t.Errorf("%s: to %s, want %s", name, change.To, c.to)
		}
		if c.to == ledger.Disputed && change.Patch.Number != nil {
			t.Errorf("%s: took the number of an answer that was for something else", name)
		}
	}
}

// TestIntentOutlivesTheLease: a crash right after the last byte that the lease allows must still be covered.
func TestIntentOutlivesTheLease(t *testing.T) {
	t.Parallel()
	j, n := sentJob(nil)
	j.LeaseFor = time.Minute
	change := j.intent(n)
	if got := *change.Patch.QuarantineIn; got != time.Minute+90*time.Second {
		t.Errorf("quarantine %s, want lease + 90 s", got)
	}
	if *change.Patch.LeaseFor != time.Minute || change.To != ledger.Sending || !change.Event.Opened {
		t.Errorf("%+v is no intent", change)
	}
}
