package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

var (
	textNotReleased  = invoice.Text{TR: "Serbest bırakma entegratörde gerçekleşmemiş: belge hâlâ taslak.", EN: "The release did not happen at the provider: the document is still a draft."}
	textDraftThere   = invoice.Text{TR: "İptal entegratörde gerçekleşmemiş: taslak hâlâ duruyor.", EN: "The cancellation did not happen at the provider: the draft is still there."}
	textNotResent    = invoice.Text{TR: "Yeniden gönderme entegratörde gerçekleşmemiş: belge hâlâ hatalı.", EN: "The resend did not happen at the provider: the document is still failed."}
	textNotUpdated   = invoice.Text{TR: "Güncelleme entegratöre ulaşmamış: taslak eski hâliyle duruyor.", EN: "The update did not reach the provider: the draft is as it was."}
	textUpdateUnsure = invoice.Text{TR: "Güncellemenin entegratöre ulaşıp ulaşmadığı anlaşılamıyor.", EN: "It cannot be told whether the update reached the provider."}
	reasonApplied    = invoice.Text{TR: "Yanıtı kaybolan işlem entegratörde gerçekleşmiş.", EN: "the provider has it so, after an operation whose answer was lost"}
	adviceAgain      = invoice.Text{TR: "İsteği yineleyin (release ya da resync).", EN: "Ask for it again (release or resync)."}
	adviceResync     = invoice.Text{TR: "resync isteğini yineleyin: satışın bugünkü içeriği bir kez daha iletilir, zararı yoktur.", EN: "Ask for the resync again: today's content of the sale is sent once more, which does no harm."}
)

// codeNotDone marks a document about which an operation surely, or as far as can be known, came to nothing.
const codeNotDone = "operation.not_done"

// statusIn makes an operation's applied: the provider has the document in one of the states.
func (c *Company) statusIn(account Account, states ...providers.State) func(context.Context, ledger.Document) (bool, error) {
	return func(ctx context.Context, d ledger.Document) (bool, error) {
		reader, ok := providers.As[providers.StatusReader](account.Provider)
		if !ok {
			return false, nil
		}
		status, err := reader.Status(ctx, d.Identity())
		return err == nil && slices.Contains(states, status.State), err
	}
}

// becameCancelled is the applied of a cancellation.
func (c *Company) becameCancelled(account Account) func(context.Context, ledger.Document) (bool, error) {
	return c.statusIn(account, providers.StateCancelled)
}

// leftItsState is the applied of what sends a draft or a failed document on its way.
func (c *Company) leftItsState(account Account, from ledger.State) func(context.Context, ledger.Document) (bool, error) {
	gone := []providers.State{providers.StateWorking, providers.StateAccepted, providers.StateRejected}
	if from == ledger.Draft {
		gone = append(gone, providers.StateFailed)
	}
	return c.statusIn(account, gone...)
}

// draftBecame is the applied of an update of a draft: the provider has the new content. Where old and new content do not
// differ in what identifies an invoice, nobody can tell.
func (c *Company) draftBecame(account Account, fresh ledger.Document) func(context.Context, ledger.Document) (bool, error) {
	return func(ctx context.Context, before ledger.Document) (bool, error) {
		found, err := account.Provider.Lookup(ctx, before.Identity())
		if err != nil || found.Content == nil {
			return false, err
		}
		return followup.Difference(fresh, *found.Content) == "" && followup.Difference(before, *found.Content) != "", nil
	}
}

// operationMemory is how far back an operation of unknown outcome is asked for; later ones are a person's.
const operationMemory = 7 * 24 * time.Hour

// settleOperations asks for every operation whose outcome is not known: its answer was lost, or its process died.
func (c *Company) settleOperations(ctx context.Context) error {
	now, err := c.app.Ledger.Now(ctx)
	if err != nil {
		return err
	}
	docs, err := c.app.Ledger.Documents(ctx, ledger.Filter{Company: c.Name, States: []ledger.State{ledger.Accepted, ledger.Draft, ledger.Failed},
		Code: codeOperationUnknown, DueSince: now.Add(-operationMemory), Limit: heldPage})
	if err != nil {
		return fmt.Errorf("looking for operations of unknown outcome: %w", err)
	}
	var errs []error
	for _, d := range docs {
		if err := c.settleOperation(ctx, d, now); err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("asking what became of the last operation on %s: %w", d.LocalReference, err))
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// settleOperation records what was done, and after the quarantine also that nothing was: until then the request may still be
// under way.
func (c *Company) settleOperation(ctx context.Context, d ledger.Document, now time.Time) error {
	account, err := c.issuer(d)
	if err != nil || d.LeaseUntil.After(now) { // whoever holds it is at it
		return err
	}
	last, err := c.lastOperation(ctx, d)
	if err != nil || last.Operation == "" {
		return err
	}
	if last.Operation == ledger.OpUpdate && d.State == ledger.Draft {
		return c.settleDraftUpdate(ctx, d, account, last, now)
	}
	o := operation{to: ledger.Sent, success: settled(), applied: c.leftItsState(account, d.State)}
	text, advice := textNotResent, adviceAgain
	switch {
	case d.State == ledger.Draft && last.Operation == ledger.OpCancel:
		o.to, o.applied = ledger.Cancelled, c.draftIsGone(account)
		o.success.MarkFinal = true
		text, advice = textDraftThere, adviceCancel
	case d.State == ledger.Accepted:
		o.to, o.applied = ledger.Cancelled, c.becameCancelled(account)
		o.success.MarkFinal = true
		text, advice = textNotCancelled, adviceCancel
	case d.State == ledger.Draft:
		text = textNotReleased
	}
	done, err := o.applied(ctx, d)
	switch {
	case err != nil:
		return err
	case done:
		o.success.MarkSent = o.to == ledger.Sent
		return c.commit(ctx, d, ledger.Change{Document: d.ID, From: d.State, To: o.to, Patch: o.success, Event: c.settling(d, last, "ok", "done, as the provider says; its answer was lost"),
			Audit: &ledger.Audit{User: daemonUser, Action: string(last.Operation), Document: d.ID, Ref: d.LocalReference, From: d.State, To: o.to,
				Reason: reasonApplied.In(c.app.Config.Language)}})
	case now.Sub(last.At) < account.Provider.Capabilities().Quarantine:
		return nil
	}
	return c.notDone(ctx, d, text, advice, c.settling(d, last, c.notDoneClass(last), "surely not done: the provider has it as it was"))
}

// settleDraftUpdate compares the draft with the content that the ledger froze. When they differ, the update surely did not
// arrive; when they do not, it may have.
func (c *Company) settleDraftUpdate(ctx context.Context, d ledger.Document, account Account, last ledger.Event, now time.Time) error {
	if now.Sub(last.At) < account.Provider.Capabilities().Quarantine {
		return nil
	}
	found, err := account.Provider.Lookup(ctx, d.Identity())
	if err != nil || found.Content == nil || found.Status.State != providers.StateDraft {
		return err // the status question finds what else became of it
	}
	text := textUpdateUnsure
	if followup.Difference(d, *found.Content) != "" {
		text = textNotUpdated
	}
	return c.notDone(ctx, d, text, adviceResync, nil)
}

func (c *Company) notDone(ctx context.Context, d ledger.Document, text, advice invoice.Text, event *ledger.Event) error {
	code, message, what := codeNotDone, text.In(c.app.Config.Language), advice.In(c.app.Config.Language)
	return c.commit(ctx, d, ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true, Event: event,
		Patch: ledger.Patch{Code: &code, Message: &message, Advice: &what}})
}

// notDoneClass is the class of an operation that came to nothing. An update stays in doubt: the ledger has its content, and
// the provider not, until the next one.
func (c *Company) notDoneClass(last ledger.Event) string {
	if last.Operation == ledger.OpUpdate {
		return string(fault.Ambiguous)
	}
	return string(fault.Retryable)
}

func (c *Company) settling(d ledger.Document, last ledger.Event, class, message string) *ledger.Event {
	return &ledger.Event{Document: d.ID, Attempt: last.Attempt, Operation: last.Operation, Class: class, Message: message, PayloadSHA: d.PayloadHash, Owner: c.app.owner}
}

// operations are those that settleOperations asks for.
var operations = []ledger.Operation{ledger.OpCancel, ledger.OpRelease, ledger.OpResend, ledger.OpUpdate}

// lastOperation is the last event of an operation on d; the zero Event = there was none.
func (c *Company) lastOperation(ctx context.Context, d ledger.Document) (ledger.Event, error) {
	history, err := c.app.Ledger.History(ctx, d.ID)
	if err != nil {
		return ledger.Event{}, fmt.Errorf("reading what was done to %s: %w", d.LocalReference, err)
	}
	for _, e := range slices.Backward(history) {
		if slices.Contains(operations, e.Operation) {
			return e, nil
		}
	}
	return ledger.Event{}, nil
}
