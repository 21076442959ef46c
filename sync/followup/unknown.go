package followup

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// settleUnknown asks about every document whose outcome is unknown, and about those found in sending whose holder let
// its lease run out: it crashed or was stopped in the middle (invariant 3).
func (j *Job) settleUnknown(ctx context.Context, result *Result) error {
	if err := j.abandoned(ctx); err != nil {
		return err
	}
	return j.sweep(ctx, []ledger.State{ledger.Unknown}, result, j.lookUp)
}

// abandoned moves documents out of sending whose lease has expired. What was set when the intent was committed stays:
// the quarantine counts from the end of the lost lease, the last moment at which a byte may have left.
func (j *Job) abandoned(ctx context.Context) error {
	for ctx.Err() == nil {
		docs, err := j.Ledger.Lease(ctx, j.Company, []ledger.State{ledger.Sending}, j.Owner, j.leaseFor(), batchSize)
		if err != nil || len(docs) == 0 {
			return err
		}
		changes := make([]ledger.Change, len(docs))
		for i, d := range docs {
			step := ledger.OpCreate
			if d.Legal == ledger.LegalOpen {
				step = ledger.OpRelease
			}
			changes[i] = ledger.Change{
				Document: d.ID, Lease: d.Lease(), To: ledger.Unknown, Unlease: true,
				Patch: ledger.Patch{Unknown: ptr(true), WasUnknown: ptr(true), NextIn: ptr(time.Duration(0)), Code: ptr("process.died"),
					Message: ptr(textUnknown.In(j.Language)), Advice: ptr(adviceUnknown.In(j.Language))},
				Event: &ledger.Event{Document: d.ID, Attempt: d.Attempts, Operation: step, Class: string(fault.Ambiguous),
					Message: "its holder stopped before the outcome was recorded", PayloadSHA: d.PayloadHash, Owner: j.Owner},
			}
		}
		failpoint.Hit("takeover.before")
		if _, err := j.Ledger.Commit(context.WithoutCancel(ctx), changes); err != nil {
			return err
		}
		failpoint.Hit("takeover.after")
	}
	return nil
}

// lookUp asks the provider for one document of unknown outcome.
func (j *Job) lookUp(ctx context.Context, doc ledger.Document, account Account) answer {
	// The clock is read before the question: an absence counts only if the quarantine was over when it was asked.
	asked, err := j.Ledger.Now(ctx)
	if err != nil {
		return giveBack(doc)
	}
	failpoint.Hit("lookup.before")
	found, err := account.Provider.Lookup(ctx, j.identity(doc, account))
	failpoint.Hit("lookup.after")
	switch {
	case err == nil && found.Content == nil:
		return j.couldNotAsk(doc, asked, errUnreadable)
	case err == nil && found.Status.State == providers.StateDraft && doc.Legal != ledger.LegalNone:
		return j.stillDraft(doc, found, asked)
	case err == nil:
		return j.found(doc, found, account)
	case errors.Is(err, fault.NotFound) && doc.Code == ledger.CodeExists:
		return j.lookElsewhere(ctx, doc, account, asked, err)
	case errors.Is(err, fault.NotFound) && doc.Code == ledger.CodeRebuilt && doc.Number == "":
		return j.lookForDraft(ctx, doc, account, asked, err)
	case errors.Is(err, fault.NotFound):
		return j.absent(doc, asked, err)
	}
	return j.couldNotAsk(doc, asked, err)
}

// lookElsewhere asks for the document that the provider named when it said that ours exists already: it has our local
// reference and another ETTN, because it was made before the seller's number, erp.id or the key space got their present
// names. It is compared like any other, and adopted with the ETTN that it has.
func (j *Job) lookElsewhere(ctx context.Context, doc ledger.Document, account Account, asked time.Time, absent error) answer {
	history, err := j.Ledger.History(ctx, doc.ID)
	if err != nil {
		return giveBack(doc)
	}
	ettn, named := ledger.Existing(history)
	if !named {
		return j.absent(doc, asked, absent)
	}
	found, err := account.Provider.Lookup(ctx, providers.Identity{ETTN: ettn, LocalReference: doc.LocalReference})
	switch {
	case errors.Is(err, fault.NotFound):
		return j.absent(doc, asked, err)
	case err != nil:
		return j.couldNotAsk(doc, asked, err)
	case found.Content == nil:
		return j.couldNotAsk(doc, asked, errUnreadable)
	}
	a := j.found(doc, found, account)
	if change := &a.changes[0]; change.To != ledger.Disputed {
		change.Patch.ETTN = &ettn
		change.Audit.Reason = reasonEarlier.In(j.Language)
	}
	return a
}

// lookForDraft asks for the draft of a sale of which only the ERP knows: where a draft has no content that can be read, a look-up
// finds only what has legal effect. It is adopted as the draft that it is: nothing is known to compare it with, and it waits
// for a person. A sale that has a number was sent, and its draft is no answer.
func (j *Job) lookForDraft(ctx context.Context, doc ledger.Document, account Account, asked time.Time, absent error) answer {
	reader, reads := providers.As[providers.StatusReader](account.Provider)
	if caps := account.Provider.Capabilities(); !reads || !caps.Drafts || caps.TwoStep { // in two steps, drafts are what a look-up looks for
		return j.absent(doc, asked, absent)
	}
	status, err := reader.Status(ctx, j.identity(doc, account))
	switch {
	case errors.Is(err, fault.NotFound):
		return j.absent(doc, asked, err)
	case err != nil:
		return j.couldNotAsk(doc, asked, err)
	case status.State != providers.StateDraft:
		return j.couldNotAsk(doc, asked, errUnreadable)
	}
	return j.adopt(doc, providers.Found{Status: status}, account, j.event(doc, ledger.OpLookup, "ok", status.Answer, ""))
}

// errUnreadable is a document that exists and whose content cannot be had: what cannot be compared is not adopted.
var errUnreadable = fault.Newf(fault.Ambiguous, "comparing the provider's document", "it exists, but cannot be read yet")

// found compares what the provider has with what we meant to send, and adopts it when it is the same.
func (j *Job) found(doc ledger.Document, found providers.Found, account Account) answer {
	if found.Content == nil {
		return j.stillUnknown(doc, retryUnknown(doc), "the document exists but cannot be read yet", nil)
	}
	event := j.event(doc, ledger.OpLookup, "ok", found.Status.Answer, "")
	// What a rebuilt ledger knows of the content is older than what was sent.
	if difference := Difference(doc, *found.Content); difference != "" && doc.Code != ledger.CodeRebuilt {
		event.Message = difference
		return answer{
			changes: []ledger.Change{{
				Document: doc.ID, Lease: doc.Lease(), To: ledger.Disputed, Unlease: true, Event: event,
				Patch: ledger.Patch{Code: ptr("provider.different"), Message: ptr(textDifferent.In(j.Language) + " " + difference),
					Advice: ptr(adviceDisputed.In(j.Language))},
			}},
			count: func(r *Result) { r.Disputed++ },
		}
	}
	return j.adopt(doc, found, account, event)
}

// adopt takes what the provider has for the document. The event is that of the question.
func (j *Job) adopt(doc ledger.Document, found providers.Found, account Account, event *ledger.Event) answer {
	to := ledger.Sent
	if found.Status.State == providers.StateDraft {
		to = ledger.Draft
	}
	patch := ledger.Patch{
		Failures: ptr(0), NextIn: ptr(time.Duration(0)), QuarantineIn: ptr(time.Duration(0)), Unknown: ptr(false), ProbeFirst: ptr(false),
		Code: ptr(""), Message: ptr(""), Advice: ptr(""), ProviderStatus: &found.Status.Code, MarkSent: true,
	}
	if found.Status.Number != "" {
		patch.Number = &found.Status.Number
	}
	if at := found.Status.SentAt; !at.IsZero() && (doc.Code == ledger.CodeRebuilt || doc.Code == ledger.CodeProbe) {
		patch.SentAt = &at // this ledger was not there
	}
	if doc.Route.Kind == "" {
		// The lost ledger knew whether this draft was asked for. Without it nobody but a person may give it legal effect.
		doc.Route.Kind, doc.Route.Draft = found.Status.Kind, to == ledger.Draft
		patch.Route = &doc.Route
	}
	j.own(doc, found.Status, account, to, &patch)
	event.Message = j.revise(doc, found, &patch)
	reason := reasonSame.In(j.Language)
	var adopted *ledger.Document
	if doc.SaleHash == "" {
		// Entered from the ERP's marks, or its sale is gone: the ledger knows nothing else about it.
		reason = reasonFound.In(j.Language)
		adopted = &doc
		if content := found.Content; content != nil {
			doc.BuyerTaxNo, doc.Currency, doc.IssueDate = content.BuyerTaxNo, content.Currency, content.IssueDate
			doc.Payable = decimal.NewNullDecimal(content.Payable)
			patch.BuyerTaxNo, patch.Currency, patch.Payable, patch.IssueDate = &doc.BuyerTaxNo, &doc.Currency, &doc.Payable.Decimal, &doc.IssueDate
		}
	}
	if doc.Account == "" {
		patch.Account = &j.Accounts[0].Name
		patch.Provider = ptr(j.Accounts[0].Provider.Capabilities().Name)
	}
	return answer{
		changes: []ledger.Change{{
			Document: doc.ID, Lease: doc.Lease(), To: to, Unlease: true, Patch: patch, Event: event,
			Audit: &ledger.Audit{User: "faturad", Action: "adopt", Document: doc.ID, Ref: doc.LocalReference, From: doc.State, To: to,
				Reason: reason},
		}},
		count: func(r *Result) { r.Adopted++ }, adopted: adopted,
	}
}

// measure compares what was adopted after a loss with the sales as they are today, so that one that was edited since it was
// sent is flagged, and the baseline of later edits is never that of an edited sale. While the ERP is away nothing is
// measured; the next recheck does it.
func (j *Job) measure(ctx context.Context, answers []answer) {
	var docs []ledger.Document
	var of []*answer
	for i := range answers {
		if a := &answers[i]; a.adopted != nil {
			docs, of = append(docs, *a.adopted), append(of, a)
		}
	}
	if len(docs) == 0 || j.Baselines == nil {
		return
	}
	baselines, err := j.Baselines(ctx, docs)
	if err != nil {
		j.Log.Warn("adopted documents could not be compared with their sales; the next recheck does it", "documents", len(docs), "err", err)
		return
	}
	for i, b := range baselines {
		of[i].changes[0].Likeness = b.Likeness
		patch := &of[i].changes[0].Patch
		patch.Changed, patch.Gone = &b.Changed, b.Gone
		if !b.Gone {
			patch.SaleNumber, patch.SaleHash, patch.BuyerName = &b.SaleNumber, &b.SaleHash, &b.BuyerName
		}
	}
}

// absent decides what a recognised "no such document" means. It counts only when it was asked after the quarantine.
func (j *Job) absent(doc ledger.Document, asked time.Time, cause error) answer {
	if left := doc.QuarantineUntil.Sub(asked); left > 0 {
		return j.stillUnknown(doc, left+time.Second, "not there yet; the quarantine is not over", cause)
	}
	event := j.event(doc, ledger.OpLookup, string(fault.NotFound), nil, "surely not there")
	change := ledger.Change{Document: doc.ID, Lease: doc.Lease(), Unlease: true, Event: event}
	if doc.Legal != ledger.LegalNone {
		// Its draft was there when the legal step began. What took it away is for a person to find out.
		change.To = ledger.Disputed
		change.Patch = ledger.Patch{Code: ptr("provider.vanished"), Message: ptr(textVanished.In(j.Language)), Advice: ptr(adviceDisputed.In(j.Language))}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Disputed++ }}
	}
	switch doc.Code {
	case ledger.CodeRefusedUnknown:
		change.To = ledger.Refused
		change.Patch = ledger.Patch{Unknown: ptr(false), Failures: ptr(0), Code: ptr("provider.refused")}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Refused++ }}
	case ledger.CodeExists:
		return j.couldNotAsk(doc, asked, cause)
	case ledger.CodeRebuilt:
		change.To = ledger.Disputed
		change.Patch = ledger.Patch{Code: ptr("erp.only"), Message: ptr(textERPOnly.In(j.Language)), Advice: ptr(adviceDisputed.In(j.Language))}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Disputed++ }}
	}
	change.To = ledger.Prepared
	change.Patch = ledger.Patch{Unknown: ptr(false), ProbeFirst: ptr(false), Failures: ptr(0), NextIn: ptr(time.Duration(0)),
		Code: ptr(""), Message: ptr(""), Advice: ptr("")}
	if doc.Code == ledger.CodeProbe && !doc.WasUnknown {
		change.Patch.Code = ptr(ledger.CodeProbe) // outbound decides anew: only that it may exist kept the sale from being held
	}
	return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Resent++ }}
}

// couldNotAsk keeps the document unknown, or disputes it when the grace time is over.
func (j *Job) couldNotAsk(doc ledger.Document, asked time.Time, cause error) answer {
	if !doc.UnknownSince.IsZero() && asked.Sub(doc.UnknownSince) > j.grace() {
		return answer{
			changes: []ledger.Change{{
				Document: doc.ID, Lease: doc.Lease(), To: ledger.Disputed, Unlease: true,
				Patch: ledger.Patch{Code: ptr("provider.unsettled"), Message: ptr(textUnsettled.In(j.Language)),
					Advice: ptr(adviceDisputed.In(j.Language))},
				Event: j.event(doc, ledger.OpLookup, string(fault.ClassOf(cause)), nil, cause.Error()),
			}},
			count: func(r *Result) { r.Disputed++ }, failed: cause,
		}
	}
	wait := retryUnknown(doc)
	if after := fault.RetryAfter(cause); after > wait {
		wait = after
	}
	a := j.stillUnknown(doc, wait, "", cause)
	if !errors.Is(cause, fault.NotFound) && !errors.Is(cause, errUnreadable) {
		a.failed = cause
	}
	return a
}

// stillUnknown asks again later. It stays quiet in the ERP: nothing that people see has changed.
func (j *Job) stillUnknown(doc ledger.Document, wait time.Duration, note string, cause error) answer {
	class := "ok"
	if cause != nil {
		class = string(fault.ClassOf(cause))
		if note == "" {
			note = cause.Error()
		}
	}
	return answer{
		changes: []ledger.Change{{
			Document: doc.ID, Lease: doc.Lease(), To: ledger.Unknown, Stay: true, Unlease: true, Quiet: true,
			Patch: ledger.Patch{Failures: ptr(doc.Failures + 1), NextIn: ptr(wait)},
			Event: j.event(doc, ledger.OpLookup, class, nil, note),
		}},
		count: func(r *Result) { r.Unsettled++ },
	}
}

// retryUnknown grows from two seconds to five minutes.
func retryUnknown(doc ledger.Document) time.Duration {
	return spread(min(5*time.Minute, 2*time.Second<<min(doc.Failures, 8)))
}

func (j *Job) event(doc ledger.Document, op ledger.Operation, class string, raw []byte, message string) *ledger.Event {
	return &ledger.Event{Document: doc.ID, Attempt: doc.Attempts, Operation: op, Class: class, Answer: raw, Message: message,
		PayloadSHA: doc.PayloadHash, Owner: j.Owner}
}
