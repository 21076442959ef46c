package followup

import (
	"context"
	"errors"
	"strings"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// polled are the states that can still change at the provider without us.
var polled = []ledger.State{ledger.Sent, ledger.Draft, ledger.Failed}

// pollStatuses asks for the status of every document that is due.
func (j *Job) pollStatuses(ctx context.Context, result *Result) error {
	return j.sweep(ctx, polled, result, j.status)
}

// vanishedAfter is how many "no such document" answers in a row it takes to believe that the provider lost a document:
// one may come from a replica that lags behind.
const vanishedAfter = 5

// status asks for one document.
func (j *Job) status(ctx context.Context, doc ledger.Document, account Account) answer {
	reader, ok := providers.As[providers.StatusReader](account.Provider)
	if !ok {
		return answer{changes: []ledger.Change{{Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: true,
			Patch: ledger.Patch{NextIn: ptr(24 * time.Hour)}}}}
	}
	failpoint.Hit("status.before")
	status, err := reader.Status(ctx, doc.Identity())
	failpoint.Hit("status.after")
	switch {
	case err == nil:
		if doc.State != ledger.Accepted {
			j.addReason(ctx, doc, account, &status)
		}
		return j.reported(doc, status, account)
	case errors.Is(err, fault.NotFound) && doc.State != ledger.Failed && missing(doc) >= vanishedAfter:
		text := textVanished
		if doc.State == ledger.Draft {
			text = textDraftVanished
		}
		return answer{
			changes: []ledger.Change{{
				Document: doc.ID, Lease: doc.Lease(), To: ledger.Disputed, Unlease: true,
				Patch: ledger.Patch{Code: ptr("provider.vanished"), Message: ptr(text.In(j.Language)), Advice: ptr(adviceDisputed.In(j.Language))},
				Event: j.event(doc, ledger.OpStatus, string(fault.NotFound), nil, err.Error()),
			}},
			count: func(r *Result) { r.Polled++; r.Disputed++ },
		}
	}
	a := answer{
		changes: []ledger.Change{{Document: doc.ID, Lease: doc.Lease(), To: doc.State, Stay: true, Unlease: true, Quiet: true,
			Patch: ledger.Patch{Failures: ptr(doc.Failures + 1), NextIn: ptr(max(pollAgain(doc, true), fault.RetryAfter(err)))}}},
		count: func(r *Result) { r.Polled++ },
	}
	patch := &a.changes[0].Patch
	if doc.State == ledger.Accepted {
		patch.NextIn = ptr(max(spread(watchRetry), fault.RetryAfter(err)))
	}
	switch absent := errors.Is(err, fault.NotFound); {
	case absent:
		patch.Failures = ptr(missing(doc))
		if doc.Code == "" {
			patch.Code = ptr(codeMissing)
		}
	case doc.State == ledger.Accepted || doc.Code == codeMissing:
		patch.Failures = nil // they count what is missing
		fallthrough
	default:
		a.failed = err
	}
	return a
}

// codeMissing marks a document that the provider did not find when it was last asked; its failures count how often in a row.
const codeMissing = "provider.missing"

// missing is how often in a row the provider did not find a document, this time included. A document that another code
// explains is counted from its last change.
func missing(doc ledger.Document) int {
	if doc.Code != "" {
		return doc.Failures + 1
	}
	return 1
}

// reported turns a status into a change.
func (j *Job) reported(doc ledger.Document, s providers.Status, account Account) answer {
	code := s.Code
	patch := ledger.Patch{ProviderStatus: &code, EnvelopeStatus: s.EnvelopeCode, Failures: ptr(0)}
	if s.Number != "" && s.Number != doc.Number {
		patch.Number = &s.Number
	}
	assigned(doc, s, account, &patch)
	if doc.Route.Kind == "" && s.Kind != "" { // adopted after a loss as a draft that did not tell
		doc.Route.Kind = s.Kind
		patch.Route = &doc.Route
	}
	if doc.Code == codeMissing {
		patch.Code, doc.Failures = ptr(""), 0
	}
	to := next(doc.State, s.State)
	change := ledger.Change{Document: doc.ID, Lease: doc.Lease(), To: to, Unlease: true, Patch: patch}
	message := s.Message
	if to == doc.State {
		same := doc.ProviderStatus != nil && *doc.ProviderStatus == code && sameCode(doc.EnvelopeStatus, s.EnvelopeCode) && patch.Number == nil
		change.Stay = true
		change.Quiet = same
		if same {
			change.Patch.Failures = ptr(doc.Failures + 1)
		} else {
			change.Patch.Message = &message
		}
		change.Patch.NextIn = ptr(pollAgain(doc, same))
		if doc.State == ledger.Accepted {
			change.Patch.Failures, change.Patch.NextIn = ptr(0), ptr(j.watchAgain(account))
		}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Polled++ }}
	}
	change.Patch.Message, change.Patch.Code, change.Patch.Advice = &message, ptr(""), ptr("")
	change.Patch.MarkFinal = to.Final()
	if to == ledger.Cancelled && (doc.Code == "" || doc.Code == codeMissing) { // nobody here asked for it
		j.Log.Warn("a document was cancelled past faturad", "document", doc.LocalReference, "number", doc.Number)
		message = strings.TrimSpace(textCancelledElsewhere.In(j.Language) + " " + message)
		change.Patch.Code, change.Patch.Advice = ptr("cancelled.elsewhere"), ptr(adviceCancelledElsewhere.In(j.Language))
	}
	doc.State = to // how soon to ask again depends on where it stands now
	change.Patch.NextIn = ptr(pollAgain(doc, false))
	if to == ledger.Accepted {
		change.Patch.Mail = firstMail(doc, account)
		change.Patch.NextIn = ptr(j.watchAgain(account))
	}
	if to == ledger.Failed {
		change.Patch.Code, change.Patch.Advice = ptr("gib.failed"), ptr(adviceFailed.In(j.Language))
	}
	change.Event = j.event(doc, ledger.OpStatus, "ok", s.Answer, message)
	return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Polled++; r.Moved++ }}
}

// next translates a provider's state into the ledger's; where the table has no arrow the document stays where it is. So does
// a failed one that somebody turned back into a draft: it was not sent, and is mended as before.
func next(from ledger.State, reported providers.State) ledger.State {
	to, ok := map[providers.State]ledger.State{
		providers.StateDraft:     ledger.Draft,
		providers.StateWorking:   ledger.Sent,
		providers.StateAccepted:  ledger.Accepted,
		providers.StateRejected:  ledger.Rejected,
		providers.StateFailed:    ledger.Failed,
		providers.StateCancelled: ledger.Cancelled,
	}[reported]
	switch {
	case !ok || to == from, reported == providers.StateDraft && from == ledger.Failed:
		return from
	case from.MayBecome(to):
		return to
	case from.MayBecome(ledger.Sent):
		return ledger.Sent // released, or queued again, in the provider's portal: the next poll goes on from there
	}
	return from
}

func sameCode(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// pollSteps are the waits while nothing changes: minutes matter right after sending, and a commercial invoice may wait
// eight days for its buyer.
var pollSteps = []time.Duration{
	5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour,
}

// pollAgain is the wait until the next question; it starts over when something changed.
func pollAgain(doc ledger.Document, same bool) time.Duration {
	step := 0
	if same {
		step = min(doc.Failures+1, len(pollSteps)-1)
	}
	wait := pollSteps[step]
	if doc.State == ledger.Failed || doc.State == ledger.Draft {
		wait = max(wait, 5*time.Minute) // only a person in the portal moves these
	}
	return spread(wait)
}
