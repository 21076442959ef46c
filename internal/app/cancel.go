package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

var (
	textCancelling   = invoice.Text{TR: "İptal sağlayıcıya iletiliyor; sonucu bekleniyor.", EN: "The cancellation is on its way to the provider; its outcome is awaited."}
	textNotCancelled = invoice.Text{TR: "İptal sağlayıcıda gerçekleşmemiş: belge geçerli.", EN: "The cancellation did not happen at the provider: the document is valid."}
	textGivenUp      = invoice.Text{TR: "Bu satışı faturad ile faturalamaktan vazgeçildi (vazgeçen: %s).", EN: "Invoicing this sale with faturad was given up (by %s)."}
	textBecause      = invoice.Text{TR: "Sebep: %s", EN: "Reason: %s"}
	adviceGivenUp    = invoice.Text{
		TR: "Satışı düzeltmek bunu geri almaz; yine de faturad ile kesilecekse yönetici `faturad reissue` çalıştırır.",
		EN: "Correcting the sale does not undo this; if faturad shall invoice it all the same, the administrator runs `faturad reissue`.",
	}
	adviceCancel = invoice.Text{TR: "Belge yine de iptal edilecekse iptali yineleyin.", EN: "Cancel it again if it is still wanted."}
)

// codeGivenUp is the code of a sale that a person keeps back from faturad.
const codeGivenUp = "sale.given_up"

// cancellable reports whether a document has legal effect that an interface may end: an approved e-Arşiv invoice or
// receipt. An e-Fatura is cancelled with its buyer on GİB's portal.
func cancellable(d ledger.Document) bool {
	return d.State == ledger.Accepted && (d.Route.Kind == invoice.EArsiv || d.Route.Kind.Receipt())
}

// cancelAtProvider ends a document's legal effect. What the provider has cancelled already is recorded; a cancellation whose
// outcome is not known is asked for by every pass of followup (settleCancels), never repeated by itself.
func (c *Company) cancelAtProvider(ctx context.Context, d ledger.Document, audit *ledger.Audit) error {
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	canceller, ok := providers.As[providers.Canceller](account.Provider)
	if !ok {
		return fmt.Errorf("%s cannot cancel documents by itself: cancel it in the provider's portal, faturad will notice", account.Kind)
	}
	if reader, ok := providers.As[providers.StatusReader](account.Provider); ok {
		if status, err := reader.Status(ctx, d.Identity()); err == nil && status.State == providers.StateCancelled {
			return c.commit(ctx, d, cancelled(d, audit))
		}
	}
	code, text, advice := codeOperationUnknown, textCancelling.In(c.app.Config.Language), ""
	o := operation{
		name: ledger.OpCancel, to: ledger.Cancelled, success: settled(),
		intent: ledger.Patch{NextIn: new(time.Duration), Code: &code, Message: &text, Advice: &advice},
		undo: func(d ledger.Document) ledger.Patch {
			return ledger.Patch{Code: &d.Code, Message: &d.Message, Advice: &d.Advice}
		},
		call: func(ctx context.Context, d ledger.Document) error {
			return canceller.Cancel(ctx, d.Identity(), audit.Reason)
		},
	}
	o.success.MarkFinal = true
	return c.operate(ctx, d, audit, o)
}

// cancelled records that the provider holds the document as cancelled.
func cancelled(d ledger.Document, audit *ledger.Audit) ledger.Change {
	patch := settled()
	patch.MarkFinal = true
	return ledger.Change{Document: d.ID, From: d.State, To: ledger.Cancelled, Patch: patch, Audit: audit}
}

// cancelMemory is how far back a cancellation of unknown outcome is asked for; later ones are a person's.
const cancelMemory = 7 * 24 * time.Hour

// settleCancels asks for every cancellation whose outcome is not known: its answer was lost, or its process died.
func (c *Company) settleCancels(ctx context.Context) error {
	now, err := c.app.Ledger.Now(ctx)
	if err != nil {
		return err
	}
	docs, err := c.app.Ledger.Documents(ctx, ledger.Filter{Company: c.Name, States: []ledger.State{ledger.Accepted}, Code: codeOperationUnknown,
		DueSince: now.Add(-cancelMemory), Limit: heldPage})
	if err != nil {
		return fmt.Errorf("looking for cancellations of unknown outcome: %w", err)
	}
	var errs []error
	for _, d := range docs {
		if err := c.settleCancel(ctx, d, now); err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("asking whether %s is cancelled: %w", d.LocalReference, err))
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

func (c *Company) settleCancel(ctx context.Context, d ledger.Document, now time.Time) error {
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	reader, ok := providers.As[providers.StatusReader](account.Provider)
	if !ok || d.LeaseUntil.After(now) { // whoever holds it is at it
		return nil
	}
	status, err := reader.Status(ctx, d.Identity())
	if err != nil {
		return err
	}
	if status.State == providers.StateCancelled {
		audit := &ledger.Audit{User: "faturad", Action: string(Cancel), Document: d.ID, Ref: d.LocalReference, From: d.State, To: ledger.Cancelled,
			Reason: "the provider has it as cancelled, after a cancellation whose answer was lost"}
		return c.commit(ctx, d, cancelled(d, audit))
	}
	if now.Sub(d.UpdatedAt) < account.Provider.Capabilities().Quarantine {
		return nil // the request may still be under way
	}
	code, text, advice := "operation.not_done", textNotCancelled.In(c.app.Config.Language), adviceCancel.In(c.app.Config.Language)
	return c.commit(ctx, d, ledger.Change{Document: d.ID, From: d.State, To: d.State, Stay: true,
		Patch: ledger.Patch{Code: &code, Message: &text, Advice: &advice},
		Event: &ledger.Event{Document: d.ID, Attempt: d.Attempts, Operation: ledger.OpCancel, Class: string(fault.Retryable), Message: "surely not done: the provider has it as valid",
			PayloadSHA: d.PayloadHash, Owner: c.app.owner}})
}
