package followup

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// own adds what only providers with two steps, or with ids of their own, tell about a document that was found.
func (j *Job) own(doc ledger.Document, s providers.Status, account Account, to ledger.State, patch *ledger.Patch) {
	assigned(doc, s, account, patch)
	if !account.Provider.Capabilities().TwoStep {
		return
	}
	patch.Legal = ptr(ledger.LegalNone)
	if to == ledger.Draft && !doc.Route.Draft {
		patch.Legal = ptr(ledger.LegalDue) // outbound goes on with it
	}
}

// assigned adds the provider's own id and ETTN, once they are known.
func assigned(doc ledger.Document, s providers.Status, account Account, patch *ledger.Patch) {
	if s.ID != "" && s.ID != doc.ProviderID {
		patch.ProviderID = &s.ID
	}
	if s.ETTN != uuid.Nil && s.ETTN != doc.Assigned && !account.Provider.Capabilities().TakesETTN {
		patch.Assigned = &s.ETTN
	}
}

// stillDraft decides what it means that the legal step may have been done, and the draft has no number. Before the
// quarantine is over, nothing. Then it surely was not done, as far as this can be known: where its own sender says that
// it does not know the outcome, the step is made again; where the sender was never heard of again, its request may
// still be on its way, nobody repeats the step, and a person must look.
func (j *Job) stillDraft(doc ledger.Document, found providers.Found, asked time.Time) answer {
	if left := doc.QuarantineUntil.Sub(asked); left > 0 {
		return j.stillUnknown(doc, left+time.Second, "still a draft; the quarantine is not over", nil)
	}
	change := ledger.Change{Document: doc.ID, Lease: doc.Lease(), Unlease: true,
		Event: j.event(doc, ledger.OpLookup, "ok", found.Status.Answer, "still a draft without a number")}
	switch {
	case doc.Legal == ledger.LegalOpen:
		change.To = ledger.Disputed
		change.Patch = ledger.Patch{Code: ptr("release.interrupted"), Message: ptr(textInterrupted.In(j.Language)),
			Advice: ptr(adviceInterrupted.In(j.Language))}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Disputed++ }}
	case doc.Code == ledger.CodeRefusedUnknown:
		change.To = ledger.Refused
		change.Patch = ledger.Patch{Unknown: ptr(false), Failures: ptr(0), Code: ptr("provider.refused"), Legal: ptr(ledger.LegalNone), Loose: ptr(true)}
		return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Refused++ }}
	}
	change.To = ledger.Draft
	change.Patch = ledger.Patch{Unknown: ptr(false), Failures: ptr(0), NextIn: ptr(time.Duration(0)), Legal: ptr(ledger.LegalDue),
		Code: ptr(""), Message: ptr(""), Advice: ptr("")}
	return answer{changes: []ledger.Change{change}, count: func(r *Result) { r.Resent++ }}
}

// settled are the states in which a document's drafts beside its own are of no use to anybody.
var settled = []ledger.State{ledger.Held, ledger.Refused, ledger.Draft, ledger.Sent, ledger.Failed, ledger.Accepted, ledger.Rejected, ledger.Cancelled}

// deleteDrafts deletes drafts that an unknown outcome or a refusal left at the provider, once no more can arrive. A failure
// is tried again in the next pass.
func (j *Job) deleteDrafts(ctx context.Context, result *Result) error {
	if !slices.ContainsFunc(j.Accounts, func(a Account) bool { _, ok := providers.As[providers.DraftKeeper](a.Provider); return ok }) {
		return nil
	}
	now, err := j.Ledger.Now(ctx)
	if err != nil {
		return err
	}
	docs, err := j.Ledger.Documents(ctx, ledger.Filter{Company: j.Company, States: settled, Loose: true, Limit: batchSize})
	if err != nil {
		return err
	}
	var ids []int64
	for _, d := range docs {
		if !d.QuarantineUntil.After(now) {
			ids = append(ids, d.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	leased, err := j.Ledger.LeaseByID(ctx, ids, j.Owner, j.leaseFor())
	if err != nil {
		return err
	}
	for i, d := range leased {
		if ctx.Err() != nil || !mayHaveDrafts(d) {
			if _, err := j.Ledger.Commit(context.WithoutCancel(ctx), giveBack(d).changes); err != nil {
				return err
			}
			continue
		}
		if err := j.deleteDraftsOf(ctx, leased[i], result); err != nil {
			return err
		}
	}
	return nil
}

// mayHaveDrafts says that nobody moved the document between the list and the lease.
func mayHaveDrafts(d ledger.Document) bool {
	return d.Loose && slices.Contains(settled, d.State)
}

// deleteDraftsOf has an intent of its own. It spares the draft, or the invoice, that the document became.
func (j *Job) deleteDraftsOf(ctx context.Context, d ledger.Document, result *Result) error {
	account, ok := j.account(d.Account)
	if !ok {
		_, err := j.Ledger.Commit(ctx, giveBack(d).changes)
		return err
	}
	keeper, ok := providers.As[providers.DraftKeeper](account.Provider)
	change := ledger.Change{Document: d.ID, Lease: d.Lease(), To: d.State, Stay: true, Quiet: true}
	if ok {
		intent := change
		intent.Patch = ledger.Patch{CountAttempt: true}
		intent.Event = &ledger.Event{Document: d.ID, Attempt: d.Attempts + 1, Operation: ledger.OpDelete, Opened: true, PayloadSHA: d.PayloadHash, Owner: j.Owner}
		if outcomes, err := j.Ledger.Commit(ctx, []ledger.Change{intent}); err != nil || !outcomes[0].Applied {
			return err
		}
		keep := d.ProviderID
		if d.State == ledger.Refused || d.State == ledger.Held || d.State == ledger.Cancelled {
			keep = ""
		}
		failpoint.Hit("drafts.before")
		deleted, err := keeper.DeleteDrafts(ctx, d.Identity(), keep)
		failpoint.Hit("drafts.after")
		change.Event = &ledger.Event{Document: d.ID, Attempt: d.Attempts + 1, Operation: ledger.OpDelete, Class: "ok", PayloadSHA: d.PayloadHash, Owner: j.Owner}
		if deleted > 0 {
			j.Log.Info("drafts that nobody needed were deleted", "document", d.LocalReference, "drafts", deleted)
		}
		if err != nil {
			change.Event.Class, change.Event.Message = string(fault.ClassOf(err)), err.Error()
			change.Unlease = true
			_, commitErr := j.Ledger.Commit(context.WithoutCancel(ctx), []ledger.Change{change})
			j.Log.Warn("drafts that nobody needs could not be deleted; the next pass tries again", "document", d.LocalReference, "err", err)
			if errors.Is(err, fault.Throttled) || errors.Is(err, fault.Auth) {
				result.missed(err)
			}
			return commitErr
		}
	}
	change.Unlease, change.Patch = true, ledger.Patch{Loose: ptr(false)}
	_, err := j.Ledger.Commit(context.WithoutCancel(ctx), []ledger.Change{change})
	return err
}
