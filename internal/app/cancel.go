package app

import (
	"context"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

var (
	textCancelling   = invoice.Text{TR: "İptal entegratöre iletiliyor; sonucu bekleniyor.", EN: "The cancellation is on its way to the provider; its outcome is awaited."}
	textNotCancelled = invoice.Text{TR: "İptal entegratörde gerçekleşmemiş: belge geçerli.", EN: "The cancellation did not happen at the provider: the document is valid."}
	textGivenUp      = invoice.Text{TR: "Bu satışı faturad ile faturalamaktan vazgeçildi (vazgeçen: %s).", EN: "Invoicing this sale with faturad was given up (by %s)."}
	textBecause      = invoice.Text{TR: "Sebep: %s", EN: "Reason: %s"}
	adviceGivenUp    = invoice.Text{
		TR: "Satışı düzeltmek bunu geri almaz; yine de faturad ile kesilecekse sistem yöneticisi `faturad reissue` çalıştırır.",
		EN: "Correcting the sale does not undo this; if faturad shall invoice it all the same, the administrator runs `faturad reissue`.",
	}
	refusedPortal = invoice.Text{
		TR: "%s, belgeleri bu arayüzle iptal etmez: entegratörün portalında iptal edin; faturad bunu fark eder.",
		EN: "%s cannot cancel documents by itself: cancel it in the provider's portal, faturad will notice",
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
// outcome is not known is asked for by every pass of followup (settleOperations), never repeated by itself.
func (c *Company) cancelAtProvider(ctx context.Context, d ledger.Document, audit *ledger.Audit) error {
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	canceller, ok := providers.As[providers.Canceller](account.Provider)
	if !ok {
		return &refusal{why: textf(refusedPortal, account.Kind)}
	}
	if reader, ok := providers.As[providers.StatusReader](account.Provider); ok {
		if status, err := reader.Status(ctx, d.Identity()); err == nil && status.State == providers.StateCancelled {
			return c.commit(ctx, d, cancelled(d, audit))
		}
	}
	o := operation{
		name: ledger.OpCancel, to: ledger.Cancelled, doing: textCancelling, success: settled(), applied: c.becameCancelled(account),
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
