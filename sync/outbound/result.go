package outbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// firstPoll is when followup first asks for the status of a document that was just sent.
const firstPoll = 2 * time.Second

// maxReroutes bounds how often a refused route is decided anew before a person must look at it.
const maxReroutes = 3

// outcome turns what Send returned into the changes that record it. The class of the error alone decides; an error
// without a class counts as ambiguous.
func (j *Job) outcome(n job, receipt providers.Receipt, err error) sent {
	switch {
	case n.step == ledger.OpRelease:
		return j.released(n, receipt, err)
	case err == nil:
		return j.created(n, receipt)
	}
	report := j.failed(n, err)
	if change := &report.changes[0]; n.account.Provider.Capabilities().TwoStep && change.To != ledger.Unknown {
		change.Patch.Loose = ptr(n.doc.Loose) // this attempt surely left no draft
	}
	return report
}

// failed turns an error into the change that records it.
func (j *Job) failed(n job, err error) sent {
	failure := &fault.Error{Err: err}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		failure = e
	}
	message, advice, code := "", "", codeOf(err)
	if failure.Message != "" { // else nothing for accountants: it stands in the attempt
		message, advice = providers.Words(failure, j.Language)
	}
	event := j.closing(n, string(fault.ClassOf(err)), failure.Answer, err.Error())
	event.HTTPStatus = failure.Status
	change := ledger.Change{Document: n.doc.ID, Lease: n.doc.Lease(), Unlease: true, Event: event}
	report := sent{job: n}
	_, grounding := grounds[n.step]

	switch class := fault.ClassOf(err); class {
	case fault.Retryable, fault.Throttled, fault.Auth:
		failures := n.doc.Failures + 1
		wait := j.backOff(failures)
		if after := fault.RetryAfter(err); after > 0 {
			wait = after + j.random(after/10+1) // those told the same do not come back together
		}
		product := class == fault.Auth && code == providers.CodePermission
		if class == fault.Auth {
			failures = n.doc.Failures // the account's fault, not the document's
			if !product || wait < time.Minute {
				wait = time.Minute
			}
		}
		if code == providers.CodeResting {
			advice = adviceResting.In(j.Language)
			change.Quiet = n.doc.Code == code
		}
		change.To = ledger.Prepared
		change.Patch = ledger.Patch{Failures: &failures, NextIn: &wait, QuarantineIn: ptr(noWait), Code: &code,
			Message: ptr(whyLater(class, failure).In(j.Language)), Advice: &advice}
		if class != fault.Retryable && !product { // one product that the account may not use stops no other
			report.pause = err
		}
		report.count = func(r *Result) { r.Deferred++; r.Unreachable = err }

	case fault.Permanent:
		if message == "" {
			message = textRefused.In(j.Language)
		}
		if advice == "" {
			advice = adviceRefused.In(j.Language)
		}
		change.Patch = ledger.Patch{QuarantineIn: ptr(noWait), Code: &code, Message: &message, Advice: &advice}
		switch {
		case n.doc.WasUnknown && !grounding:
			// An earlier attempt may have created it: the refusal counts only after a look-up.
			change.To = ledger.Unknown
			change.Patch.Unknown, change.Patch.NextIn = ptr(true), ptr(noWait)
			change.Patch.Code = ptr(ledger.CodeRefusedUnknown)
			report.count = func(r *Result) { r.Unknown++ }
		case providers.RouteCode(code) && n.doc.Failures < maxReroutes:
			change.To = ledger.Pending
			change.Patch.Failures, change.Patch.NextIn = ptr(n.doc.Failures+1), ptr(j.backOff(n.doc.Failures))
			report.count = func(r *Result) { r.Deferred++ }
		default:
			change.To = ledger.Refused
			report.count = func(r *Result) { r.Refused++ }
		}

	case fault.Duplicate:
		if existing, err := uuid.Parse(failure.Existing); err == nil && existing != n.doc.ETTN {
			event.Message = ledger.ExistsAs(existing, event.Message)
		}
		change.To = ledger.Unknown
		change.Patch = ledger.Patch{Unknown: ptr(true), QuarantineIn: ptr(noWait), NextIn: ptr(noWait),
			Code: ptr(ledger.CodeExists), Message: ptr(textExists.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language))}
		report.count = func(r *Result) { r.Unknown++ }

	default: // Ambiguous, NotFound, or unclassified: the request may have left
		quarantine := n.account.Provider.Capabilities().Quarantine
		change.To = ledger.Unknown
		change.Patch = ledger.Patch{Unknown: ptr(true), WasUnknown: ptr(true), QuarantineIn: &quarantine, NextIn: ptr(noWait),
			Code: ptr("provider.unknown"), Message: ptr(textUnknown.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language))}
		report.count = func(r *Result) { r.Unknown++ }
	}
	if grounding && change.To == ledger.Prepared {
		change.Stay = true // its intent did not move it
	}
	report.changes = []ledger.Change{change}
	return report
}

// whyLater tells the accountant why a document waits. The technical words stand in the attempt, and in the log.
func whyLater(class fault.Class, failure *fault.Error) invoice.Text {
	switch {
	case class == fault.Auth && failure.Code == providers.CodePermission:
		return textPermission
	case class == fault.Auth:
		return textKey
	case failure.Code == providers.CodeResting: // nobody there says anything, least of all that requests come too often
		return textRetry
	case class == fault.Throttled:
		return textThrottled
	case failure.Status != 0:
		return textBusy
	}
	return textRetry
}

// created records a success, unless the provider answered for something else than what we sent.
func (j *Job) created(n job, receipt providers.Receipt) sent {
	event := j.closing(n, "ok", receipt.Answer, "")
	change := ledger.Change{Document: n.doc.ID, Lease: n.doc.Lease(), Unlease: true, Event: event}
	if receipt.ETTN != uuid.Nil && receipt.ETTN != n.doc.ETTN && n.account.Provider.Capabilities().TakesETTN {
		event.Class = string(fault.Ambiguous)
		event.Message = fmt.Sprintf("answered with ETTN %s", receipt.ETTN)
		change.To = ledger.Disputed
		change.Patch = ledger.Patch{Code: ptr("provider.other_ettn"), Message: ptr(textOtherETTN.In(j.Language)), Advice: ptr(adviceDisputed.In(j.Language))}
		return sent{job: n, changes: []ledger.Change{change}, count: func(r *Result) { r.Disputed++ }}
	}
	change.To, change.Patch = ledger.Sent, receiptPatch(receipt)
	count := func(r *Result) { r.Sent++ }
	if receipt.Draft {
		change.To = ledger.Draft
		count = func(r *Result) { r.Drafts++ }
	}
	report := sent{job: n, changes: []ledger.Change{change}, count: count}
	if !receipt.Draft || !n.account.Provider.Capabilities().TwoStep {
		return report
	}
	patch := &report.changes[0].Patch
	patch.Loose = ptr(n.doc.Loose)
	if n.doc.Route.Draft {
		return report // until a person releases it
	}
	// The legal step follows at once, under the same lease.
	patch.Legal, patch.NextIn = ptr(ledger.LegalDue), ptr(noWait)
	report.changes[0].Unlease, report.changes[0].Quiet, report.count = false, true, nil
	report.next = n.then(ledger.OpRelease, nil)
	report.next.doc.State, report.next.doc.ProviderID, report.next.doc.Legal = ledger.Draft, receipt.ID, ledger.LegalDue
	return report
}

// receiptPatch is what an answer that says "done" leaves in the ledger.
func receiptPatch(receipt providers.Receipt) ledger.Patch {
	patch := ledger.Patch{Failures: ptr(0), NextIn: ptr(firstPoll), QuarantineIn: ptr(noWait), Unknown: ptr(false),
		Code: ptr(""), Message: ptr(""), Advice: ptr(""), MarkSent: true}
	if receipt.Number != "" {
		patch.Number = &receipt.Number
	}
	if receipt.ID != "" {
		patch.ProviderID = &receipt.ID
	}
	return patch
}

// park keeps a document whose number already belongs to another sale for a person, and the other one too (reliability.md
// R9). Other errors of the same kind (an ETTN, a reference) have no second party that could be wrong.
func (j *Job) park(ctx context.Context, n job, cause error, result *Result) error {
	clash, known := errors.AsType[*ledger.Clash](cause)
	if !known {
		clash = &ledger.Clash{Document: n.doc.ID, Key: "number"}
	}
	j.Log.Error("the provider gave one number to two sales; both are parked", "document", n.doc.LocalReference,
		"other", clash.Reference, "err", cause)
	changes := []ledger.Change{{
		Document: n.doc.ID, Lease: n.doc.Lease(), To: ledger.Disputed, Unlease: true,
		Patch: clash.Parking(clash.Reference, j.Language), Event: j.closing(n, string(fault.Duplicate), nil, cause.Error()),
	}}
	if other, ok := clash.ParkOther(n.doc.LocalReference, j.Language, j.Owner); ok {
		changes = append(changes, other)
	}
	outcomes, err := j.Ledger.Commit(ctx, changes)
	if err != nil {
		return fmt.Errorf("parking two sales with one number: %w", err)
	}
	for _, o := range outcomes {
		if o.Applied {
			result.Disputed++
		}
	}
	return outcomes[0].Err
}
