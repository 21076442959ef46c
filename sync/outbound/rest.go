package outbound

import (
	"context"
	"time"

	"faturad/internal/fault"
	"faturad/sync/ledger"
)

// codeRests marks a document that waits because nothing can be sent to its account's provider now.
const codeRests = "provider.rests"

// awake takes those documents out of a batch whose provider is known to be away, before anything of them is begun: an attempt
// that cannot leave would only add to their history. They are put off for a moment, and result says that sending paused. rests
// tells whoever prepares batches that this was the last.
func (j *Job) awake(ctx context.Context, batch []job, result *Result) (out []job, rests bool) {
	why := map[string]error{} // by account
	var later []ledger.Change
	for _, n := range batch {
		cause, asked := why[n.account.Name]
		if !asked && n.account.Rests != nil {
			if cause = n.account.Rests(ctx); ctx.Err() != nil {
				cause = nil // a stop says nothing about the provider
			}
			why[n.account.Name] = cause
		}
		if cause == nil {
			out = append(out, n)
			continue
		}
		later = append(later, j.later(n, cause))
		result.Paused, result.Unreachable = cause, cause
	}
	if len(later) > 0 {
		result.Deferred += len(later)
		j.release(ctx, later)
	}
	return out, len(later) > 0
}

// later gives a document's lease back until the provider may answer again. The accountant is told once.
func (j *Job) later(n job, cause error) ledger.Change {
	wait := max(time.Second, fault.RetryAfter(cause))
	wait += j.random(wait/10 + 1)
	change := unleased(n.doc, n.rests())
	change.Quiet = n.doc.Code == codeRests
	change.Patch = ledger.Patch{NextIn: &wait, Code: ptr(codeRests), Message: ptr(textRetry.In(j.Language)), Advice: ptr("")}
	return change
}
