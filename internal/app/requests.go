package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// requestable are the actions that an ERP user may ask for; settling a disputed document by hand is not among them.
var requestable = []Action{Resync, Release, Cancel, Reissue, Mail}

// ServeRequests does what people asked for in the ERP (the source's `requests` query), each once, in their name, and
// writes the outcome beside the request. One that cannot be done says why and keeps no other from being served.
func (c *Company) ServeRequests(ctx context.Context) (served int, err error) {
	source, err := c.Source(ctx)
	if err != nil {
		return 0, err
	}
	requests, err := source.Requests(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading requests entered in the ERP: %w", err)
	}
	var errs []error
	for _, r := range requests {
		done := erp.Done{ID: r.ID, OK: true, Message: c.requestText(requestDone), At: c.app.clock.Now()}
		if err := c.serve(ctx, r); err != nil {
			if ctx.Err() != nil {
				return served, errors.Join(append(errs, ctx.Err())...)
			}
			done.OK, done.Message = false, told(err, c.app.Config.Language)
			c.log.Info("a request of the ERP came to nothing", "request", r.ID, "err", err)
		}
		c.log.Info("a request of the ERP was served", "request", r.ID, "action", r.Action, "sale", r.Key, "by", r.By, "ok", done.OK)
		if err := source.FinishRequest(ctx, done); err != nil {
			errs = append(errs, fmt.Errorf("writing the outcome of request %s to the ERP: %w", r.ID, err))
			continue
		}
		served++
	}
	return served, errors.Join(errs...)
}

// serve does one request.
func (c *Company) serve(ctx context.Context, r erp.Request) error {
	action := Action(r.Action)
	if !slices.Contains(requestable, action) {
		return &refusal{why: textf(invoice.Text{
			TR: "%q diye bir istek yok: resync, release, cancel, reissue ya da mail yazın.",
			EN: "%q cannot be asked for: use resync, release, cancel, reissue or mail",
		}, r.Action)}
	}
	if r.Space == "" || r.Key == "" {
		return &refusal{why: invoice.Text{TR: "İstekte satış yazılı değil.", EN: "the request names no sale"}}
	}
	steps, err := c.Plan(ctx, action, []string{invoice.LocalReference(c.Name, r.Space, r.Key, 1)}, "")
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.Document.State == ledger.Disputed && s.Possible() {
			return &refusal{why: inState(refusedDisputed, s.Document.State)}
		}
	}
	by := strings.TrimSpace("erp:" + r.By)
	for _, s := range steps {
		if err := c.Apply(ctx, s, by, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

var refusedDisputed = invoice.Text{
	TR: "Belge “%s” durumunda: sonucunu entegratörün portalına bakarak yalnız sistem yöneticisi belirler (faturad mark).",
	EN: "the document is %s: only the administrator can settle it, after a look at the provider's portal (faturad mark)",
}

var requestDone = invoice.Text{TR: "Alındı; sonucu belgenin durumunda görürsünüz.", EN: "Taken; the document's state will show the result."}

func (c *Company) requestText(t invoice.Text) string { return t.In(c.app.Config.Language) }
