package app

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

var (
	textUpdateGone   = invoice.Text{TR: "Satış ERP'de artık yok ya da iptal edilmiş.", EN: "The sale is no longer in the ERP, or was cancelled there."}
	adviceUpdateGone = invoice.Text{TR: "Belgeyi entegratörün portalında sonlandırın, ya da satışı geri getirin.", EN: "End the document in the provider's portal, or bring the sale back."}
	textOtherKind    = invoice.Text{TR: "Satış artık %s olarak kesilmeli; entegratördeki belge %s.", EN: "The sale must now be issued as %s; the document at the provider is %s."}
	adviceOtherKind  = invoice.Text{TR: "Belge aynı numarayla düzeltilemez: `faturad reissue` ile yeni belge kesin.", EN: "It cannot be corrected under the same number: issue a new one with `faturad reissue`."}
)

// updateAtProvider brings a failed document or a draft in line with its sale, under the same ETTN and number: the sale is
// read and mapped again, and its content replaces the one at the provider. A failed document is sent with it, a draft stays
// one. Where nothing changed, a failed document is queued again as it is, and of a draft the status is asked.
func (c *Company) updateAtProvider(ctx context.Context, s Step, audit *ledger.Audit) error {
	d := s.Document
	account, err := c.issuer(d)
	if err != nil {
		return err
	}
	updater, ok := providers.As[providers.Updater](account.Provider)
	if !ok {
		return c.asItIs(ctx, s, audit)
	}
	open, err := c.updateOpen(ctx, d)
	if err != nil {
		return err
	}
	o, changed, err := c.update(ctx, d, account)
	if err != nil {
		return err
	}
	if !changed && !open {
		return c.asItIs(ctx, s, audit)
	}
	route := *o.intent.Route
	if o.applied = c.leftItsState(account, d.State); d.State == ledger.Draft {
		fresh := d
		fresh.BuyerTaxNo, fresh.Currency, fresh.Payable, fresh.IssueDate = *o.intent.BuyerTaxNo, *o.intent.Currency, decimal.NewNullDecimal(*o.intent.Payable), *o.intent.IssueDate
		o.applied = c.draftBecame(account, fresh)
	}
	o.call = func(ctx context.Context, d ledger.Document) error {
		identity := d.Identity()
		_, err := updater.Update(ctx, providers.Outgoing{Identity: identity, Route: route, Payload: *o.frozen})
		return err
	}
	return c.operate(ctx, d, audit, o)
}

// asItIs goes on with a document whose content stays.
func (c *Company) asItIs(ctx context.Context, s Step, audit *ledger.Audit) error {
	if s.Document.State == ledger.Failed {
		return c.releaseAtProvider(ctx, s.Document, audit)
	}
	s.To = s.Document.State
	return c.commit(ctx, s.Document, c.due(s, audit))
}

// update makes the operation that replaces the content of a document. The second result says whether the sale changed since
// it was mapped last.
func (c *Company) update(ctx context.Context, d ledger.Document, account Account) (o operation, changed bool, err error) {
	doing, language := "updating it", c.app.Config.Language
	source, err := c.Source(ctx)
	if err != nil {
		return o, false, err
	}
	found, err := source.Load(ctx, d.KeySpace, []string{d.SaleKey})
	if err != nil {
		return o, false, fmt.Errorf("%s: %w", doing, err)
	}
	loaded := found[0]
	if loaded.Missing || loaded.Sale.Deleted {
		return o, false, &fault.Error{Class: fault.Permanent, Doing: doing, Code: "sale.gone", Message: textUpdateGone.In(language), Advice: adviceUpdateGone.In(language)}
	}
	if loaded.Sale, err = c.withOriginal(ctx, d.KeySpace, loaded.Sale); err != nil {
		return o, false, err
	}
	drafted, err := c.outbound(source).Redraft(ctx, d, loaded)
	if err != nil {
		return o, false, err
	}
	if blocking := drafted.Faults.Blocking(); len(blocking) > 0 {
		return o, false, &fault.Error{Class: fault.Permanent, Doing: doing, Code: blocking[0].Code, Message: blocking.Sentence(language), Advice: blocking.Advice(language)}
	}
	if drafted.Route.Kind != d.Route.Kind {
		return o, false, &fault.Error{Class: fault.Permanent, Doing: doing, Code: "update.other_kind",
			Message: textf(textOtherKind, drafted.Route.Kind, d.Route.Kind).In(language), Advice: adviceOtherKind.In(language)}
	}
	route := drafted.Route
	route.Draft, route.Prefix = d.State == ledger.Draft, d.Route.Prefix // its number was given already
	drafted.Route = route
	payload, err := account.Provider.Prepare(providers.Draft{Identity: d.Identity(), Route: route, Invoice: drafted.Invoice})
	if err != nil {
		return o, false, err
	}
	o = operation{name: ledger.OpUpdate, frozen: &payload, intent: drafted.Content(), to: ledger.Sent, success: settled(), undo: contentOf}
	if d.State == ledger.Draft {
		o.to = ledger.Draft
	} else {
		o.success.MarkSent = true
	}
	return o, d.Changed || loaded.Sale.Hash != d.SaleHash || payload.Hash != d.PayloadHash, nil
}

// updateOpen reports whether the outcome of a document's last update is not known: then the ledger cannot say which content
// the provider has.
func (c *Company) updateOpen(ctx context.Context, d ledger.Document) (bool, error) {
	history, err := c.app.Ledger.History(ctx, d.ID)
	if err != nil {
		return false, fmt.Errorf("reading what was done to it: %w", err)
	}
	open := false
	for _, e := range history {
		if e.Operation == ledger.OpUpdate {
			open = e.Opened || fault.Class(e.Class) == fault.Ambiguous
		}
	}
	return open, nil
}

// busyUpdate refuses to give legal effect to a draft whose content is in doubt.
func busyUpdate(open bool) error {
	if !open {
		return nil
	}
	return &refusal{fault.Permanent, invoice.Text{
		TR: "Son güncellemenin entegratöre ulaşıp ulaşmadığı bilinmiyor: önce resync isteyin, sonra yeniden release isteyin.",
		EN: "nobody knows whether its last update reached the provider: run `faturad resync` with --yes first, then release it",
	}}
}
