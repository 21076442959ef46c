package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"faturad/internal/config"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

// How invoices made in the provider's portal are looked for.
const (
	elsewhereEvery   = 5 * time.Minute     // at most so often by one process
	elsewhereOverlap = 48 * time.Hour      // windows overlap: a listing may be late
	elsewhereMoves   = time.Hour           // so far the window lags behind at most: what finds nothing shall write nothing
	elsewhereFirst   = 30 * 24 * time.Hour // how far back the first window reaches
	elsewhereAhead   = time.Hour           // clocks differ
	elsewhereBatch   = 100
)

// Elsewhere brings in the invoices that were made past faturad since the last time: their UBL is read, and the ERP shows
// them. Before sales are sent this runs by itself, not more often than every five minutes.
func (c *Company) Elsewhere(ctx context.Context) (added int, err error) {
	var errs []error
	for _, a := range c.Accounts {
		lister, lists := providers.As[providers.ForeignLister](a.Provider)
		download, gives := providers.As[providers.Downloader](a.Provider)
		if !lists || !gives {
			continue
		}
		n, err := c.listElsewhere(ctx, a, lister)
		added += n
		if err == nil {
			err = c.readElsewhere(ctx, a, download)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("account %q: %w", a.Name, err))
		}
	}
	return added, errors.Join(append(errs, c.showElsewhere(ctx))...)
}

// lookElsewhere is Elsewhere when it was not done lately. A provider that cannot be asked delays no sale: it could not take
// one either.
func (c *Company) lookElsewhere(ctx context.Context) {
	now := c.app.clock.Now()
	if last := c.elsewhere.Load(); c.Config.Elsewhere.Off || last != nil && now.Sub(*last) < elsewhereEvery {
		return
	}
	if _, err := c.Elsewhere(ctx); err != nil {
		c.log.Warn("invoices made in the provider's portal could not all be brought in; it is tried again", "err", err)
		return
	}
	c.elsewhere.Store(&now)
}

// listElsewhere enters what one account lists since the last time.
func (c *Company) listElsewhere(ctx context.Context, a Account, lister providers.ForeignLister) (int, error) {
	mark := "elsewhere/" + c.Name + "/" + a.Name
	last, err := c.app.Ledger.Mark(ctx, mark)
	if err != nil {
		return 0, err
	}
	now := c.app.clock.Now()
	from := now.Add(-elsewhereFirst)
	if !last.IsZero() {
		from = last.Add(-elsewhereOverlap)
	}
	var found []ledger.Elsewhere
	err = lister.ListForeign(ctx, from, now.Add(elsewhereAhead), func(s providers.Status) error {
		dead := s.State == providers.StateFailed || s.State == providers.StateCancelled
		found = append(found, ledger.Elsewhere{Company: c.Name, Account: a.Name, ETTN: s.ETTN, Kind: s.Kind, Code: s.Code, Counts: !dead})
		return nil
	})
	if err != nil {
		return 0, err
	}
	added, err := c.app.Ledger.AddElsewhere(ctx, found)
	if err != nil {
		return 0, err
	}
	if added > 0 {
		c.log.Info("invoices were made in the provider's portal", "account", a.Name, "invoices", added)
	}
	if now.Sub(last) < elsewhereMoves {
		return added, nil
	}
	return added, c.app.Ledger.SetMark(ctx, mark, now)
}

// readElsewhere reads the UBL of what was found. One that cannot be read is tried again later and stops no other.
func (c *Company) readElsewhere(ctx context.Context, a Account, download providers.Downloader) error {
	for ctx.Err() == nil {
		todo, err := c.app.Ledger.UnreadElsewhere(ctx, c.Name, elsewhereBatch)
		if err != nil {
			return err
		}
		todo = slices.DeleteFunc(todo, func(e ledger.Elsewhere) bool { return e.Account != a.Name })
		if len(todo) == 0 {
			return nil
		}
		for _, e := range todo {
			raw, err := download.Download(ctx, providers.Identity{ETTN: e.ETTN, Kind: e.Kind}, providers.FormatUBL)
			var doc ubl.Document
			if err == nil {
				doc, err = ubl.Parse(raw)
			}
			if err == nil && doc.ETTN != e.ETTN {
				err = fault.Newf(fault.Permanent, "reading an invoice made elsewhere", "its UBL names ETTN %s", doc.ETTN)
			}
			if err != nil {
				c.log.Warn("an invoice made in the provider's portal cannot be read; it is tried again", "ettn", e.ETTN, "err", err)
				if err := c.app.Ledger.DelayElsewhere(ctx, e.ID, err.Error(), min(24*time.Hour, 5*time.Minute<<min(e.Failures, 9))); err != nil {
					return err
				}
				continue
			}
			if err := c.app.Ledger.KeepElsewhere(ctx, saidElsewhere(e, doc)); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// saidElsewhere is what the UBL says.
func saidElsewhere(e ledger.Elsewhere, doc ubl.Document) ledger.Elsewhere {
	i := doc.Invoice
	e.Number, e.BuyerTaxNo, e.IssueDate, e.Currency = doc.Number, i.Buyer.TaxNo, i.IssueDate, i.Currency
	if e.BuyerName = i.Buyer.Name; e.BuyerName == "" {
		e.BuyerName = strings.TrimSpace(i.Buyer.FirstName + " " + i.Buyer.LastName)
	}
	e.Payable.Decimal, e.Payable.Valid = i.Totals.Payable, true
	texts := append(slices.Clone(i.Notes), doc.Notes...)
	if i.Order != nil {
		texts = append(texts, i.Order.Number)
	}
	for _, d := range i.Despatches {
		texts = append(texts, d.Number)
	}
	e.Texts = strings.Join(texts, "\n")
	return e
}

// showElsewhere writes to the ERP what it does not show yet.
func (c *Company) showElsewhere(ctx context.Context) error {
	for ctx.Err() == nil {
		todo, err := c.app.Ledger.UnshownElsewhere(ctx, c.Name, elsewhereBatch)
		if err != nil || len(todo) == 0 {
			return err
		}
		source, err := c.Source(ctx)
		if err != nil {
			return err
		}
		for _, e := range todo {
			err := source.WriteElsewhere(ctx, erp.Elsewhere{Company: e.Company, ETTN: e.ETTN, Kind: string(e.Kind), Number: e.Number, BuyerTaxNo: e.BuyerTaxNo,
				BuyerName: e.BuyerName, IssueDate: e.IssueDate, Currency: e.Currency, Payable: e.Payable, Code: e.Code, Counts: e.Counts,
				LocalReference: e.LocalReference, FoundAt: e.FoundAt})
			if err != nil {
				return fmt.Errorf("writing an invoice made elsewhere to the ERP: %w", err)
			}
			if err := c.app.Ledger.MarkElsewhereShown(ctx, e); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// gate is the router behind a look at what was invoiced elsewhere: a sale that somebody invoiced by hand is held.
type gate struct {
	outbound.Router
	company *Company
}

// Route implements outbound.Router.
func (g gate) Route(ctx context.Context, questions []outbound.Question) ([]outbound.Decision, error) {
	decisions, err := g.Router.Route(ctx, questions)
	if err != nil || g.company.Config.Elsewhere.Off {
		return decisions, err
	}
	buyers := make([]string, len(questions))
	for i, q := range questions {
		buyers[i] = q.TaxNo
	}
	store := g.company.app.Ledger
	all, err := store.ElsewhereFor(ctx, g.company.Name, buyers)
	if err != nil {
		return nil, err
	}
	for i, q := range questions {
		fit, sure := match(q, all, g.company.Config.Elsewhere)
		if fit == nil {
			continue
		}
		code := "elsewhere.similar"
		if sure {
			code = "elsewhere.invoiced"
		}
		if sure && q.LocalReference != "" {
			if err := store.LinkElsewhere(ctx, fit.ID, q.LocalReference); err != nil {
				return nil, err
			}
			fit.LocalReference = q.LocalReference // it is no other sale's of this batch
		}
		g.company.log.Warn("a sale looks as if it was invoiced in the provider's portal; it is not sent", "document", q.LocalReference, "number", fit.Number, "sure", sure)
		decisions[i].Faults = append(decisions[i].Faults, invoice.NewFault(code, "doc_no", fit.Number, fit.IssueDate.String(), fit.Payable.Decimal.StringFixed(2)+" "+fit.Currency))
	}
	return decisions, nil
}

// invoicedSince tells which prepared documents look as if somebody has invoiced their sale in the portal meanwhile: their
// routes are decided anew, and the gate holds them.
func (c *Company) invoicedSince(ctx context.Context, docs []ledger.Document) (map[int64]bool, error) {
	buyers := make([]string, len(docs))
	for i, d := range docs {
		buyers[i] = d.BuyerTaxNo
	}
	all, err := c.app.Ledger.ElsewhereFor(ctx, c.Name, buyers)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	found := map[int64]bool{}
	for _, d := range docs {
		question := outbound.Question{TaxNo: d.BuyerTaxNo, Kind: d.Route.Kind, LocalReference: d.LocalReference, SaleNumber: d.SaleNumber, Currency: d.Currency,
			Payable: d.Payable.Decimal, IssueDate: d.IssueDate}
		if fit, _ := match(question, all, c.Config.Elsewhere); fit != nil {
			found[d.ID] = true
		}
	}
	return found, nil
}

// match finds the invoice made elsewhere that is that of a sale. It is sure when buyer, amount and currency agree and the
// invoice names the sale's number; it is similar when only one of the two holds, on days that lie close.
func match(q outbound.Question, all []ledger.Elsewhere, settings config.Elsewhere) (best *ledger.Elsewhere, sure bool) {
	for i := range all {
		e := &all[i]
		if e.BuyerTaxNo != q.TaxNo || e.Kind.Receipt() != q.Kind.Receipt() || e.LocalReference != "" && e.LocalReference != q.LocalReference || slices.Contains(e.Waived, q.LocalReference) {
			continue
		}
		amount := e.Currency == q.Currency && e.Payable.Valid && e.Payable.Decimal.Equal(q.Payable)
		named := names(e, q.SaleNumber)
		if amount && named {
			return e, true
		}
		near := e.IssueDate.In(time.UTC).Sub(q.IssueDate.In(time.UTC)).Abs() <= time.Duration(settings.Days)*24*time.Hour
		if best == nil && (amount && near || named) && q.TaxNo != invoice.FinalConsumer && settings.Similar == "hold" {
			best = e
		}
	}
	return best, false
}

// names reports whether an invoice carries a sale's number: as its own, or as a word of its references and notes. Numbers of
// one or two characters prove nothing.
func names(e *ledger.Elsewhere, number string) bool {
	number = strings.TrimSpace(number)
	if len(number) < 3 {
		return false
	}
	if strings.EqualFold(e.Number, number) {
		return true
	}
	words := strings.FieldsFunc(e.Texts, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:()#", r) })
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(strings.Trim(w, ".!?\"'"), number) })
}

// waive notes, when a person gives a sale free that was held for an invoice made elsewhere, that it is not that sale's.
func (c *Company) waive(ctx context.Context, d ledger.Document) error {
	if !strings.HasPrefix(d.Code, "elsewhere.") {
		return nil
	}
	return c.app.Ledger.WaiveElsewhere(ctx, c.Name, d.LocalReference, d.BuyerTaxNo)
}
