package outbound

import (
	"context"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// intent opens the attempt: committed before the first byte leaves (invariant 1). The quarantine is set as if this
// process died right after the last byte that its lease allows; a known outcome shortens it.
func (j *Job) intent(n job) ledger.Change {
	caps := n.account.Provider.Capabilities()
	quarantine := j.leaseFor() + caps.Quarantine
	change := ledger.Change{
		Document: n.doc.ID, Lease: n.doc.Lease(), To: ledger.Sending, Quiet: true,
		Patch: ledger.Patch{CountAttempt: true, LeaseFor: ptr(j.leaseFor()), QuarantineIn: &quarantine},
		Event: &ledger.Event{
			Document: n.doc.ID, Attempt: n.attempt, Operation: n.step, Opened: true,
			PayloadSHA: n.doc.PayloadHash, Owner: j.Owner,
		},
	}
	_, grounding := grounds[n.step]
	switch {
	case grounding: // nothing that it makes can be mistaken for the document
		change.To, change.Stay, change.Patch.QuarantineIn = ledger.Prepared, true, nil
	case n.step == ledger.OpRelease:
		change.Patch.Legal = ptr(ledger.LegalOpen)
	case caps.TwoStep: // until its answer is recorded, a draft may lie there that nobody knows
		change.Patch.Loose = ptr(true)
	}
	return change
}

// send makes one creating request after the other until the channel is closed. A request that was started is finished
// even when ctx is cancelled: stopping in the middle would only make its outcome unknown.
func (p *pipeline) send(ctx context.Context) {
	for n := range p.toSend {
		timeout := n.account.Provider.Capabilities().RequestTimeout
		now := time.Now() //nolint:forbidigo // monotonic, like the deadline
		left := n.deadline.Sub(now)
		switch {
		case p.paused.Load() || ctx.Err() != nil:
			p.report(p.job.unsent(*n))
			continue
		case left < timeout:
			// The lease could end before the answer comes, and somebody else could take the document over meanwhile.
			p.report(p.job.unsent(*n))
			continue
		}
		failpoint.Hit("send.before")
		// The time-out counts from the look at the lease: a process that is stopped here (SIGSTOP, a frozen machine) and woken
		// after its lease finds it over, and sends nothing.
		request, cancel := context.WithDeadline(context.WithoutCancel(ctx), now.Add(timeout))
		if n.doc.Failures > 0 || n.doc.WasUnknown {
			request = providers.Again(request)
		}
		report := p.make(request, *n)
		cancel()
		failpoint.Hit("send.after")
		p.report(report)
		failpoint.Hit("send.queued")
	}
}

func (p *pipeline) report(s sent) { p.results <- &s }

// unsent closes an attempt that never left.
func (j *Job) unsent(n job) sent {
	change := ledger.Change{
		Document: n.doc.ID, Lease: n.doc.Lease(), To: n.rests(), Unlease: true, Quiet: true,
		Patch: ledger.Patch{NextIn: ptr(noWait), QuarantineIn: ptr(noWait)},
		Event: j.closing(n, string(fault.Retryable), nil, "not started: the daemon stopped or the lease was too short"),
	}
	_, change.Stay = grounds[n.step]
	if n.step == ledger.OpRelease {
		change.Patch.Legal = ptr(ledger.LegalDue)
	}
	return sent{job: n, changes: []ledger.Change{change}, count: func(r *Result) { r.Deferred++ }}
}

func (j *Job) closing(n job, class string, answer []byte, message string) *ledger.Event {
	return &ledger.Event{
		Document: n.doc.ID, Attempt: n.attempt, Operation: n.step, Class: class, Message: message,
		Answer: answer, PayloadSHA: n.doc.PayloadHash, Owner: j.Owner,
	}
}
