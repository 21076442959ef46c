package followup

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

var asked = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// promise is a provider that only promises.
type promise struct {
	providers.Provider
	caps providers.Capabilities
}

func (p promise) Capabilities() providers.Capabilities { return p.caps }

var oneStep = Account{Name: "main", Provider: promise{caps: providers.Capabilities{TakesETTN: true}}}

func testJob() *Job {
	return &Job{Company: "acme", Owner: "me", Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler), Accounts: []Account{{Name: "main"}}}
}

func unknownDocument() ledger.Document {
	return ledger.Document{
		ID: 7, State: ledger.Unknown, LeaseOwner: "me", LeaseEpoch: 2, Account: "main", BuyerTaxNo: "6400177128", Currency: "TRY",
		IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 20}, Payable: decimal.NewNullDecimal(decimal.RequireFromString("120.00")),
		Route: providers.Route{Kind: invoice.EArsiv}, UnknownSince: asked.Add(-time.Minute),
	}
}

func sameContent() *providers.Content {
	return &providers.Content{BuyerTaxNo: "6400177128", Currency: "TRY", IssueDate: invoice.Date{Year: 2026, Month: 11, Day: 20}, Payable: decimal.RequireFromString("120")}
}

// TestAbsenceCountsOnlyAfterTheQuarantine: "surely has not" leads to a new send only when it was asked late enough, and
// never when something else speaks against it (invariant 3).
func TestAbsenceCountsOnlyAfterTheQuarantine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*ledger.Document)
		to     ledger.State
	}{
		"quarantine over":             {func(d *ledger.Document) { d.QuarantineUntil = asked }, ledger.Prepared},
		"no quarantine":               {nil, ledger.Prepared},
		"quarantine not over":         {func(d *ledger.Document) { d.QuarantineUntil = asked.Add(time.Millisecond) }, ledger.Unknown},
		"refused after an unknown":    {func(d *ledger.Document) { d.Code = ledger.CodeRefusedUnknown }, ledger.Refused},
		"provider said it exists":     {func(d *ledger.Document) { d.Code = ledger.CodeExists }, ledger.Unknown},
		"only the ERP knows of it":    {func(d *ledger.Document) { d.Code = ledger.CodeRebuilt }, ledger.Disputed},
		"asked before its first send": {func(d *ledger.Document) { d.Code = ledger.CodeProbe }, ledger.Prepared},
		"refused, quarantine not over": {func(d *ledger.Document) {
			d.Code = ledger.CodeRefusedUnknown
			d.QuarantineUntil = asked.Add(time.Second)
		}, ledger.Unknown},
	} {
		doc := unknownDocument()
		if c.change != nil {
			c.change(&doc)
		}
		change := testJob().absent(doc, asked, fault.New(fault.NotFound, "asking", nil)).changes[0]
		if change.To != c.to {
			t.Errorf("%s: to %s, want %s", name, change.To, c.to)
		}
		if !change.Stay && !ledger.Unknown.MayBecome(change.To) {
			t.Errorf("%s: no arrow to %s", name, change.To)
		}
	}
}

// TestOnlyTheSameDocumentIsAdopted: every difference disputes, and says what differs.
func TestOnlyTheSameDocumentIsAdopted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*providers.Content)
		to     ledger.State
	}{
		"same":           {func(*providers.Content) {}, ledger.Sent},
		"other buyer":    {func(c *providers.Content) { c.BuyerTaxNo = "4812057337" }, ledger.Disputed},
		"other total":    {func(c *providers.Content) { c.Payable = decimal.RequireFromString("120.01") }, ledger.Disputed},
		"other currency": {func(c *providers.Content) { c.Currency = "USD" }, ledger.Disputed},
		"other date":     {func(c *providers.Content) { c.IssueDate.Day = 19 }, ledger.Disputed},
	} {
		content := sameContent()
		c.change(content)
		found := providers.Found{Status: providers.Status{State: providers.StateWorking, Number: "EPK2026000000001"}, Content: content}
		change := testJob().found(unknownDocument(), found, oneStep).changes[0]
		if change.To != c.to {
			t.Errorf("%s: to %s, want %s", name, change.To, c.to)
		}
		switch {
		case c.to == ledger.Sent && (change.Audit == nil || *change.Patch.Number != "EPK2026000000001"):
			t.Errorf("%s: adopted without a trace or a number: %+v", name, change)
		case c.to == ledger.Disputed && (change.Patch.Number != nil || !strings.Contains(*change.Patch.Message, "≠")):
			t.Errorf("%s: disputed without saying why, or with the number: %+v", name, change.Patch)
		}
	}
	draft := providers.Found{Status: providers.Status{State: providers.StateDraft}, Content: sameContent()}
	if change := testJob().found(unknownDocument(), draft, oneStep).changes[0]; change.To != ledger.Draft {
		t.Errorf("a draft is adopted as %s", change.To)
	}
	if change := testJob().found(unknownDocument(), providers.Found{}, oneStep).changes[0]; !change.Stay || change.To != ledger.Unknown {
		t.Error("a document that cannot be read yet does not stay unknown")
	}
}

func TestCouldNotAsk(t *testing.T) {
	t.Parallel()
	cause := fault.New(fault.Ambiguous, "asking", errors.New("timeout"))
	young, old := unknownDocument(), unknownDocument()
	old.UnknownSince = asked.Add(-25 * time.Hour)
	if a := testJob().couldNotAsk(young, asked, cause); a.changes[0].To != ledger.Unknown || a.failed == nil {
		t.Errorf("within the grace time: %+v", a)
	}
	if a := testJob().couldNotAsk(old, asked, cause); a.changes[0].To != ledger.Disputed {
		t.Errorf("after the grace time: to %s, want disputed", a.changes[0].To)
	}
}

// TestReportedStates: every report of a provider in every polled state moves along an arrow of the table, or not at all.
func TestReportedStates(t *testing.T) {
	t.Parallel()
	reports := []providers.State{providers.StateDraft, providers.StateWorking, providers.StateAccepted, providers.StateRejected,
		providers.StateFailed, providers.StateCancelled, "something new"}
	for _, from := range polled {
		for _, reported := range reports {
			to := next(from, reported)
			if to != from && !from.MayBecome(to) {
				t.Errorf("%s reported %q: to %s, and the table has no such arrow", from, reported, to)
			}
		}
	}
	for reported, want := range map[providers.State]ledger.State{
		providers.StateAccepted: ledger.Accepted, providers.StateRejected: ledger.Rejected, providers.StateFailed: ledger.Failed,
		providers.StateCancelled: ledger.Cancelled, providers.StateWorking: ledger.Sent,
	} {
		if got := next(ledger.Sent, reported); got != want {
			t.Errorf("sent, reported %q: %s, want %s", reported, got, want)
		}
	}
	if got := next(ledger.Failed, providers.StateDraft); got != ledger.Failed {
		t.Errorf("a failed document that is a draft again is %s: nobody has sent it", got)
	}
}

// TestPollingSlowsDown: while nothing changes the waits grow to an hour, and start over when something does.
func TestPollingSlowsDown(t *testing.T) {
	t.Parallel()
	doc := ledger.Document{State: ledger.Sent}
	var last time.Duration
	for doc.Failures = range 20 {
		wait := pollAgain(doc, true)
		if wait < last*8/10 || wait > 66*time.Minute {
			t.Errorf("after %d equal answers: %s, before it %s", doc.Failures, wait, last)
		}
		last = wait
	}
	if last < 54*time.Minute {
		t.Errorf("the wait ends at %s, want about an hour", last)
	}
	if wait := pollAgain(doc, false); wait > 6*time.Second {
		t.Errorf("after a change: %s", wait)
	}
}

func TestProjectionHidesPreparedAndSending(t *testing.T) {
	t.Parallel()
	for _, state := range []ledger.State{ledger.Pending, ledger.Prepared, ledger.Sending} {
		if p := Project(ledger.Document{State: state}, "tr"); p.State != "pending" || p.StateText != "Bekliyor" {
			t.Errorf("%s shows as %s %s", state, p.State, p.StateText)
		}
	}
	p := Project(ledger.Document{State: ledger.Accepted, Changed: true, Message: "Onaylandı"}, "tr")
	if !strings.Contains(p.Message, "gönderildikten sonra değiştirilmiş") || p.Advice == "" {
		t.Errorf("a changed sale shows %q, %q", p.Message, p.Advice)
	}
}
