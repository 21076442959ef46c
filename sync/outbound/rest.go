package outbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// asleep asks before a pass whether anything can be sent at all: it is nil when some account can, else why each cannot. What is
// prepared is then left as it stands: to lease it would only write.
func (j *Job) asleep(ctx context.Context) map[string]error {
	why := make(map[string]error, len(j.Accounts))
	for _, a := range j.Accounts {
		if a.Rests == nil {
			return nil
		}
		cause := a.Rests(ctx)
		if cause == nil || ctx.Err() != nil { // a stop says nothing about the provider
			return nil
		}
		why[a.Name] = cause
	}
	return why
}

// leave tells the accountant once why prepared documents wait, and counts them. Nothing more is written about them until
// something can be sent again.
func (j *Job) leave(ctx context.Context, why map[string]error, result *Result) error {
	waiting, cause := 0, why[j.Accounts[0].Name]
	states := []ledger.State{ledger.Prepared}
	if j.twoStep() {
		states = append(states, ledger.Draft)
	}
	for after := int64(0); ; {
		docs, err := j.Ledger.Documents(ctx, ledger.Filter{Company: j.Company, States: states, AfterID: after, Limit: parkedPage})
		if err != nil {
			return fmt.Errorf("reading documents that wait: %w", err)
		}
		var changes []ledger.Change
		for _, d := range docs {
			after = d.ID
			if d.State == ledger.Draft && d.Legal != ledger.LegalDue {
				continue // until a person releases it
			}
			waiting++
			account, known := j.account(d.Account)
			if !known || d.LeaseOwner != "" || d.Code == ledger.CodeProbe || d.Code == ledger.CodeTwinAllowed { // a word that must not be lost
				continue
			}
			if patch := j.whyAsleep(why[account.Name]); d.Code != *patch.Code {
				changes = append(changes, ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true, Patch: patch})
			}
		}
		if len(changes) > 0 {
			if _, err := j.Ledger.Commit(ctx, changes); err != nil {
				return fmt.Errorf("telling of %d documents that they wait: %w", len(changes), err)
			}
		}
		if len(docs) < parkedPage {
			break
		}
	}
	if waiting > 0 {
		result.Deferred = max(result.Deferred, waiting)
		result.Paused, result.Unreachable = cause, cause
	}
	return nil
}

// awake takes those documents out of a batch whose provider is known to be away, or refuses the key, before anything of them is
// begun: an attempt that cannot leave would only add to their history. They are put off for a moment, and result says that sending
// paused. rests tells whoever prepares batches that this was the last.
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

// maxLater bounds how long a document is put off that waits for its whole account: passes ask the account before they lease.
const maxLater = time.Minute

// later gives a document's lease back until the provider may answer again. The accountant is told once.
func (j *Job) later(n job, cause error) ledger.Change {
	wait := min(max(time.Second, fault.RetryAfter(cause)), maxLater)
	wait += j.random(wait/10 + 1)
	change := unleased(n.doc, n.rests())
	change.Patch = j.whyAsleep(cause)
	change.Quiet = n.doc.Code == *change.Patch.Code
	change.Patch.NextIn = &wait
	return change
}

// whyAsleep is what the accountant reads of a document whose account can send nothing now: as of one whose attempt met the same.
func (j *Job) whyAsleep(cause error) ledger.Patch {
	failure, ok := errors.AsType[*fault.Error](cause)
	if !ok || failure.Class != fault.Auth { // whatever the last question met: nobody is there
		failure = &fault.Error{Class: fault.Throttled, Code: providers.CodeResting}
	}
	code := codeOf(failure)
	_, advice := providers.Words(failure, j.Language)
	if code == providers.CodeResting {
		advice = adviceResting.In(j.Language)
	}
	return ledger.Patch{Code: &code, Message: ptr(whyLater(failure.Class, failure).In(j.Language)), Advice: &advice}
}
