package app

import (
	"context"
	"errors"
	"fmt"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

var (
	textDraftOutdated = invoice.Text{TR: "Satış, taslak oluşturulduktan sonra değişti; taslak eski hâliyle duruyor.", EN: "The sale was changed after the draft was made; the draft is as it was."}
	textDraftSaleGone = invoice.Text{TR: "Satış ERP'de silinmiş ya da iptal edilmiş; taslağı resmîleştirilmedi.", EN: "The sale was deleted or cancelled in the ERP; its draft was not released."}
	adviceDraftResync = invoice.Text{TR: "Önce resync isteyin: taslak satışla aynı olur; sonra yeniden release isteyin.", EN: "Ask for a resync first, which brings the draft in line with the sale, and then for the release again."}
	adviceDraftAnew   = invoice.Text{TR: "Satışı eski hâline getirin; ya da taslağı iptal edip (cancel) satışı yeniden kesin (reissue).", EN: "Put the sale back as it was; or cancel the draft, and issue the sale anew (reissue)."}
	adviceDraftCancel = invoice.Text{TR: "Taslağı iptal edin (cancel), ya da satışı geri getirin.", EN: "Cancel the draft, or bring the sale back."}
	textDraftGivenUp  = invoice.Text{TR: "Taslaktan vazgeçildi (vazgeçen: %s); yasal bir belge oluşmadı.", EN: "The draft was given up (by %s); it never became an invoice."}
	textDraftStays    = invoice.Text{TR: "%s, taslakları bu arayüzle silmez.", EN: "%s deletes no drafts by its interface."}
	adviceDraftPortal = invoice.Text{TR: "Taslağı entegratörün portalında silin; faturad bunu fark eder ve belgeyi sistem yöneticisine bırakır.", EN: "Delete the draft in the provider's portal; faturad notices, and leaves the document to the administrator."}
)

// stillAsDrafted refuses to give a draft legal effect when its sale says something else by now: the person who releases it sees
// the sale, and not the draft. The sale is read for that, because the flag "changed after send" may be some minutes late.
func (c *Company) stillAsDrafted(ctx context.Context, d ledger.Document, account Account) error {
	if d.SaleHash == "" { // adopted after a loss: nobody knows what it was made of
		return nil
	}
	source, err := c.Source(ctx)
	if err != nil {
		return err
	}
	doing, language := "releasing the draft", c.app.Config.Language
	found, err := source.Load(ctx, d.KeySpace, []string{d.SaleKey})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if loaded := found[0]; loaded.Missing || loaded.Sale.Deleted {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "sale.gone", Message: textDraftSaleGone.In(language), Advice: adviceDraftCancel.In(language)}
	} else if erp.SameSale(loaded.Sale.Hash, d.SaleHash) {
		return nil
	}
	advice := adviceDraftAnew
	if _, updates := providers.As[providers.Updater](account.Provider); updates {
		advice = adviceDraftResync
	}
	return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "draft.outdated", Message: textDraftOutdated.In(language), Advice: advice.In(language)}
}

// cancelDraft takes a draft away at its provider. Where drafts are made in two steps, followup deletes it with all others of its
// key that nobody needs.
func (c *Company) cancelDraft(ctx context.Context, s Step, audit *ledger.Audit) error {
	d, language := s.Document, c.app.Config.Language
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	caps := account.Provider.Capabilities()
	if !caps.CancelsDrafts {
		return &fault.Error{Class: fault.Permanent, Doing: "cancelling the draft", Code: "draft.stays",
			Message: fmt.Sprintf(textDraftStays.In(language), account.Kind), Advice: adviceDraftPortal.In(language)}
	}
	code, message, advice := codeGivenUp, fmt.Sprintf(textDraftGivenUp.In(language), audit.User), adviceGivenUp.In(language)
	if audit.Reason != "" {
		message += " " + fmt.Sprintf(textBecause.In(language), audit.Reason)
	}
	gone := settled()
	gone.MarkFinal, gone.Code, gone.Message, gone.Advice = true, &code, &message, &advice
	if caps.TwoStep {
		none, loose := ledger.LegalNone, true
		gone.Legal, gone.Loose = &none, &loose
		return c.commit(ctx, d, ledger.Change{Document: d.ID, From: ledger.Draft, To: ledger.Cancelled, Patch: gone, Audit: audit})
	}
	canceller, ok := providers.As[providers.Canceller](account.Provider)
	if !ok {
		return &refusal{why: textf(refusedPortal, account.Kind)}
	}
	return c.operate(ctx, d, audit, operation{name: ledger.OpCancel, to: ledger.Cancelled, doing: textCancelling, success: gone, applied: c.draftIsGone(account),
		call: func(ctx context.Context, d ledger.Document) error {
			return canceller.Cancel(ctx, d.Identity(), audit.Reason)
		}})
}

// draftIsGone is the applied of a draft's cancellation.
func (c *Company) draftIsGone(account Account) func(context.Context, ledger.Document) (bool, error) {
	cancelled := c.becameCancelled(account)
	return func(ctx context.Context, d ledger.Document) (bool, error) {
		done, err := cancelled(ctx, d)
		if errors.Is(err, fault.NotFound) {
			return true, nil
		}
		return done, err
	}
}
