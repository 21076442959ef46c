package outbound

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// A document is one step at most providers. Where it refers to records that must exist first, each kind of them is a step
// with an intent of its own before the create; where the create makes only a draft, its release is one after it
// (docs/decisions/0041-two-steps.md).

// grounds are the steps before a create, by what they make.
var grounds = map[ledger.Operation]providers.Ground{
	ledger.OpContact: providers.GroundContact, ledger.OpProduct: providers.GroundProduct, ledger.OpSale: providers.GroundSale,
}

// firstStep begins a prepared document.
func firstStep(r ready) job {
	n := job{ready: r, step: ledger.OpCreate}
	if g, ok := providers.As[providers.Grounder](r.account.Provider); ok {
		n.step = stepAfter(g.Grounds(), "")
	}
	return n
}

// stepAfter is the step that follows one of the kinds ("" = before the first).
func stepAfter(kinds []providers.Ground, kind providers.Ground) ledger.Operation {
	if at := slices.Index(kinds, kind) + 1; at < len(kinds) {
		return ledger.Operation(kinds[at])
	}
	return ledger.OpCreate
}

// rests is the state in which the document waits for the step.
func (n job) rests() ledger.State {
	if n.step == ledger.OpRelease {
		return ledger.Draft
	}
	return ledger.Prepared
}

func (n job) outgoing() providers.Outgoing {
	return providers.Outgoing{Identity: n.doc.Identity(), Route: n.doc.Route, Payload: n.payload, Grounds: n.grounds}
}

// then is the step that follows a success.
func (n job) then(step ledger.Operation, grounds map[providers.Ground][]byte) *job {
	next := job{ready: n.ready, step: step, grounds: grounds}
	next.doc.Attempts = n.attempt
	return &next
}

// make makes the request of a step, and whatever else the step needs.
func (p *pipeline) make(ctx context.Context, n job) sent {
	if kind, ok := grounds[n.step]; ok {
		return p.job.ground(ctx, n, kind)
	}
	if n.step == ledger.OpRelease {
		return p.job.legal(ctx, n)
	}
	receipt, err := n.account.Provider.Send(ctx, n.outgoing())
	return p.job.outcome(n, receipt, err)
}

// ground finds or makes the records of one step, and goes on to the next.
func (j *Job) ground(ctx context.Context, n job, kind providers.Ground) sent {
	grounder, ok := providers.As[providers.Grounder](n.account.Provider)
	if !ok {
		return j.outcome(n, providers.Receipt{}, fault.Newf(fault.Retryable, "preparing records", "%s needs none", n.account.Kind))
	}
	failpoint.Hit("ground.before")
	made, err := grounder.Ground(ctx, kind, n.outgoing())
	failpoint.Hit("ground.after")
	switch fault.ClassOf(err) {
	case fault.Permanent, fault.Throttled, fault.Auth, fault.Retryable:
		return j.outcome(n, providers.Receipt{}, err)
	default:
		if err != nil { // records have no legal effect: they are looked for again before any is made
			return j.outcome(n, providers.Receipt{}, fault.New(fault.Retryable, "preparing records", err))
		}
	}
	have := maps.Clone(n.grounds)
	if have == nil {
		have = map[providers.Ground][]byte{}
	}
	have[kind] = made
	return sent{job: n, next: n.then(stepAfter(grounder.Grounds(), kind), have), changes: []ledger.Change{{
		Document: n.doc.ID, Lease: n.doc.Lease(), To: ledger.Prepared, Stay: true, Quiet: true, Event: j.closing(n, "ok", made, ""),
	}}}
}

// legal makes the legal step of a draft.
func (j *Job) legal(ctx context.Context, n job) sent {
	releaser, ok := providers.As[providers.Releaser](n.account.Provider)
	if !ok {
		return j.outcome(n, providers.Receipt{}, fault.Newf(fault.Retryable, "releasing a draft", "%s cannot release drafts", n.account.Kind))
	}
	failpoint.Hit("release.legal")
	receipt, err := releaser.Release(ctx, n.doc.Identity())
	failpoint.Hit("released.legal")
	return j.outcome(n, receipt, err)
}

// released records what Release returned.
func (j *Job) released(n job, receipt providers.Receipt, err error) sent {
	if err == nil {
		patch := receiptPatch(receipt)
		patch.Legal = ptr(ledger.LegalNone)
		if receipt.ETTN != n.doc.ETTN && !n.account.Provider.Capabilities().TakesETTN {
			patch.Assigned = &receipt.ETTN
		}
		return sent{job: n, count: func(r *Result) { r.Sent++ }, changes: []ledger.Change{{
			Document: n.doc.ID, Lease: n.doc.Lease(), To: ledger.Sent, Unlease: true, Patch: patch, Event: j.closing(n, "ok", receipt.Answer, ""),
		}}}
	}
	report := j.failed(n, err)
	change := &report.changes[0]
	switch change.To {
	case ledger.Prepared: // surely not done: it is still a draft
		change.To, change.Patch.Legal = ledger.Draft, ptr(ledger.LegalDue)
	case ledger.Pending, ledger.Refused:
		// Content or route must change: the draft is of no use any more, and followup deletes it.
		change.Patch.Legal, change.Patch.Loose = ptr(ledger.LegalNone), ptr(true)
	default:
		change.Patch.Legal = ptr(ledger.LegalUnknown)
	}
	return report
}

// deliverLegal makes the legal step of drafts that were left without it: their holder died or paused in between, a look-up
// found them, or a person released them.
func (j *Job) deliverLegal(ctx context.Context, result *Result) error {
	if !j.twoStep() {
		return nil
	}
	lease := func(ctx context.Context) ([]ledger.Document, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return j.Ledger.LeaseLegal(ctx, j.Company, j.Owner, j.leaseFor(), leaseBatch(j.inFlight()))
	}
	docs, err := lease(ctx)
	if err != nil || len(docs) == 0 {
		return unlessStopped(ctx, err)
	}
	return j.through(ctx, result, func(ctx context.Context, p *pipeline, produced *Result) error {
		for len(docs) > 0 {
			batch, err := j.legalSteps(ctx, docs)
			if err != nil {
				return err
			}
			batch, rests := j.awake(ctx, batch, produced)
			select {
			case p.prepared <- batch:
			case <-ctx.Done():
				j.release(ctx, leases(batch))
				return ctx.Err()
			}
			if rests {
				return nil
			}
			if docs, err = lease(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// twoStep reports an account whose documents need a legal step after their draft.
func (j *Job) twoStep() bool {
	return slices.ContainsFunc(j.Accounts, func(a Account) bool { return a.Provider.Capabilities().TwoStep })
}

// legalSteps are the steps of leased drafts; those whose account is gone from the config are put off.
func (j *Job) legalSteps(ctx context.Context, docs []ledger.Document) ([]job, error) {
	var batch []job
	var orphans []ledger.Change
	for _, d := range docs {
		if account, ok := j.account(d.Account); ok {
			batch = append(batch, job{ready: ready{doc: d, account: account}, step: ledger.OpRelease})
			continue
		}
		orphans = append(orphans, ledger.Change{
			Document: d.ID, Lease: d.Lease(), To: ledger.Draft, Stay: true, Unlease: true, Quiet: d.Code == "account.missing",
			Patch: ledger.Patch{NextIn: ptr(time.Hour), Code: ptr("account.missing"), Message: ptr(textAccountMissing.In(j.Language)),
				Advice: ptr(adviceAccountMissing.In(j.Language))},
		})
	}
	if len(orphans) == 0 {
		return batch, nil
	}
	if _, err := j.Ledger.Commit(ctx, orphans); err != nil {
		return nil, fmt.Errorf("putting off %d drafts whose account is gone: %w", len(orphans), err)
	}
	return batch, nil
}
