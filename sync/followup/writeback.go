package followup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// writeGroup is how many documents one ERP transaction carries.
const writeGroup = 200

// waiting are the states that show as Bekliyor.
var waiting = []ledger.State{ledger.Pending, ledger.Prepared, ledger.Sending}

// WriteBack projects every changed document into the ERP, group after group (invariant 5). An ERP that is away delays
// it and loses nothing; a row that cannot be written is tried again with growing delay and stops no other.
func (j *Job) WriteBack(ctx context.Context, result *Result) error {
	r := refusals{documents: map[string]int{}, first: map[string]error{}, tried: map[int64]bool{}}
	for ctx.Err() == nil {
		if more, err := j.writeNext(ctx, result, &r); err != nil || !more {
			return errors.Join(r.err(), err)
		}
	}
	return r.err()
}

// refusals are the reasons for which the ERP's tables took nothing in one pass.
type refusals struct {
	documents map[string]int   // by reason: how many wait for it
	first     map[string]error // by reason
	tried     map[int64]bool   // documents that met one: once a pass
}

func (r *refusals) add(document int64, refusal *erp.Refusal) {
	why := refusal.Error()
	r.documents[why]++
	r.first[why] = refusal
	r.tried[document] = true
}

// err says each reason once.
func (r *refusals) err() error {
	var errs []error
	for _, why := range slices.Sorted(maps.Keys(r.first)) {
		errs = append(errs, fmt.Errorf("the ERP takes none of %d documents: %w", r.documents[why], r.first[why]))
	}
	return errors.Join(errs...)
}

// refusedAgain is when a document is written again that the ERP's table refused: by the next pass, however often it was refused.
const refusedAgain = 20 * time.Second

// writeNext writes one group; more is false when there was none that this pass has not tried.
func (j *Job) writeNext(ctx context.Context, result *Result, r *refusals) (more bool, err error) {
	if j.Writing != nil {
		j.Writing.Lock()
		defer j.Writing.Unlock()
	}
	var except []ledger.State
	if j.SkipWaiting {
		except = waiting
	}
	docs, err := j.Ledger.Unwritten(ctx, j.Company, writeGroup, except...)
	if err != nil || len(docs) == 0 || r.tried[docs[0].ID] {
		return false, err
	}
	projections := make([]erp.Projection, len(docs))
	for i, d := range docs {
		d.Message, d.Advice = d.Told(invoice.DateOf(j.Clock.Now().In(clock.Istanbul)), j.Language)
		projections[i] = Project(d, j.Language)
	}
	failpoint.Hit("writeback.before")
	failures, err := j.ERP.WriteBack(ctx, projections)
	failpoint.Hit("writeback.after")
	if err != nil {
		j.doubt(ctx, docs)
		return false, fmt.Errorf("writing %d documents back to the ERP: %w", len(docs), err)
	}
	vanished := j.vanished(ctx, docs, failures)
	var written []ledger.Written
	var failed []ledger.WriteFailure
	for i, d := range docs {
		if failures[i] == nil || nowhere(d, failures[i]) || vanished[d.ID] {
			written = append(written, d.Written())
			continue
		}
		if refusal, ok := errors.AsType[*erp.Refusal](failures[i]); ok {
			r.add(d.ID, refusal)
			failed = append(failed, ledger.WriteFailure{ID: d.ID, Message: refusal.Error(), NextIn: refusedAgain, Refused: true})
			continue
		}
		j.Log.Error("a document could not be written back", "document", d.LocalReference, "err", failures[i])
		failed = append(failed, ledger.WriteFailure{ID: d.ID, Message: failures[i].Error(), NextIn: writeAgain(d.WriteFailures, failures[i])})
	}
	// What the ERP has is recorded even when the daemon is stopping: otherwise it would only be written once more.
	record := context.WithoutCancel(ctx)
	if len(written) > 0 {
		if err := j.Ledger.MarkWritten(record, written); err != nil {
			return false, fmt.Errorf("recording %d write-backs: %w", len(written), err)
		}
	}
	if len(failed) > 0 {
		if err := j.Ledger.MarkWriteFailed(record, failed); err != nil {
			return false, fmt.Errorf("recording %d failed write-backs: %w", len(failed), err)
		}
	}
	failpoint.Hit("writeback.marked")
	result.Written += len(written)
	result.Unwritten += len(failed)
	return true, nil
}

// doubt notes that nobody knows what the ERP shows of the documents: a write-back that failed may have reached it all the
// same. If this process was stopped meanwhile and another one wrote a later state, that was overwritten.
func (j *Job) doubt(ctx context.Context, docs []ledger.Document) {
	unknown := make([]ledger.Written, len(docs))
	for i, d := range docs {
		unknown[i] = ledger.Written{ID: d.ID}
	}
	if err := j.Ledger.MarkWritten(context.WithoutCancel(ctx), unknown); err != nil {
		j.Log.Warn("a failed write-back could not be noted; the next start compares the ERP's marks", "documents", len(docs), "err", err)
	}
}

// nowhere reports whether the ERP row of a document is gone, as the ledger knows already: there is nothing to write to. For
// a document that never became an invoice there is nothing to show either.
func nowhere(d ledger.Document, err error) bool {
	return errors.Is(err, fault.NotFound) && (d.Gone || d.State == ledger.Cancelled && d.Number == "")
}

// vanished finds the issued documents whose ERP row could not be found because the sale was deleted, and flags them: there is
// nobody left to write to, and trying again would not help. A row that is there, and that the statement's condition does not
// find, stays a failure.
func (j *Job) vanished(ctx context.Context, docs []ledger.Document, failures []error) map[int64]bool {
	var asked []ledger.Document
	for i, d := range docs {
		if errors.Is(failures[i], fault.NotFound) && !nowhere(d, failures[i]) && !d.SentAt.IsZero() {
			asked = append(asked, d)
		}
	}
	if len(asked) == 0 || j.Baselines == nil {
		return nil
	}
	baselines, err := j.Baselines(ctx, asked)
	if err != nil {
		j.Log.Warn("whether sales were deleted could not be found out", "documents", len(asked), "err", err)
		return nil
	}
	var changes []ledger.Change
	for i, b := range baselines {
		if d := asked[i]; b.Gone {
			changes = append(changes, ledger.Change{Document: d.ID, To: d.State, Stay: true, Quiet: true, Patch: ledger.Patch{Changed: &b.Changed, Gone: true}})
		}
	}
	outcomes, err := j.Ledger.Commit(context.WithoutCancel(ctx), changes)
	if err != nil {
		j.Log.Warn("deleted sales could not be noted; the next write-back finds them again", "documents", len(changes), "err", err)
		return nil
	}
	gone := map[int64]bool{}
	for i, o := range outcomes {
		if o.Applied {
			gone[changes[i].Document] = true
		}
	}
	for _, d := range asked {
		if gone[d.ID] {
			j.Log.Warn("the sale of an issued document was deleted in the ERP", "document", d.LocalReference, "number", d.Number)
		}
	}
	return gone
}

// writeAgain grows to six hours: from five seconds for a row that somebody keeps locked (another process, an ERP user who saves),
// from a minute otherwise; a permanent failure (a column too short, a row gone) starts at an hour.
func writeAgain(failures int, err error) time.Duration {
	class, first := fault.ClassOf(err), time.Minute
	if class == fault.Retryable {
		first = 5 * time.Second
	}
	wait := min(6*time.Hour, first<<min(failures, 13))
	if class == fault.Permanent {
		wait = max(wait, time.Hour)
	}
	return spread(wait)
}

// Project is the ledger's row as the ERP sees it, in language "tr" (also when empty) or "en".
func Project(d ledger.Document, language string) erp.Projection {
	state := d.State.Projection()
	p := erp.Projection{
		Company: d.Company, Space: d.KeySpace, Key: d.SaleKey,
		State: string(state), StateText: state.Text(language),
		Kind: string(d.Route.Kind), Number: d.Number, ETTN: d.LegalETTN(), LocalReference: d.LocalReference, Revision: d.Revision,
		SaleNumber: d.SaleNumber, SaleHash: d.SaleHash, Code: d.Code, Message: d.Message, Advice: d.Advice,
		Account: d.Account, Provider: d.Provider, ProviderStatus: d.ProviderStatus, EnvelopeStatus: d.EnvelopeStatus,
		MailText: mailText(d.Mail, language), Mail: string(d.Mail.State), MailAddress: d.Mail.Address, MailAt: d.Mail.At,
		Currency: d.Currency, Payable: d.Payable, IssueDate: d.IssueDate, Changed: d.Changed, Attempts: d.Attempts,
		UpdatedAt: d.UpdatedAt, SentAt: d.SentAt, FinalAt: d.FinalAt, NextAttemptAt: d.NextAt,
	}
	if message, advice := Changed(d, language); message != "" {
		p.Message, p.Advice = join(message, p.Message), join(advice, p.Advice)
	}
	return p
}

// Changed says in two sentences that the sale of a document was changed or deleted after it was sent, and what to do; both
// are empty when it was not.
func Changed(d ledger.Document, language string) (message, advice string) {
	switch {
	case d.State == ledger.Draft && d.Gone:
		return textDraftGone.In(language), adviceDraftGone.In(language)
	case d.State == ledger.Draft && d.Changed:
		return textDraftChanged.In(language), adviceDraftChanged.In(language)
	case d.Gone:
		return textGone.In(language), adviceGone.In(language)
	case d.Changed:
		return textChanged.In(language), adviceChanged.In(language)
	}
	return "", ""
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
