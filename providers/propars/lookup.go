package propars

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
)

// Lookup asks for the signed XML by the sale's code. When there is none, the list of sent sales must agree before it is "no": an
// invoice may be sent and its XML not ready.
func (p *Provider) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	const doing = "looking for an invoice at propars"
	doc, err := p.signed(ctx, id)
	switch {
	case errors.Is(err, fault.NotFound):
		_, sent, lerr := p.listed(ctx, id, url.Values{"invoice_sent": {"true"}})
		if lerr != nil {
			return providers.Found{}, lerr
		}
		if sent {
			return providers.Found{}, fault.Newf(fault.Ambiguous, doing, "the sale counts as sent, and its signed XML is not there yet")
		}
		return providers.Found{}, err
	case err != nil:
		return providers.Found{}, err
	case id.ETTN != uuid.Nil && doc.sum.ETTN != id.ETTN:
		return providers.Found{}, &fault.Error{Class: fault.Ambiguous, Doing: doing, Code: providers.CodeForeignAnswer, Existing: doc.sum.ETTN.String(),
			Err: fmt.Errorf("the sale has an invoice that faturad did not make: %s", doc.sum.ETTN), Message: "Bu satışın Propars'ta başka bir ETTN ile kesilmiş faturası var.",
			Advice: "Panelde elle kesilmiş olabilir: faturayı karşılaştırın, sonra `faturad mark` ile sonuçlandırın"}
	}
	return providers.Found{Status: statusOf(doc), Content: &providers.Content{
		BuyerTaxNo: doc.sum.ReceiverTaxNo, Payable: doc.sum.Payable, Currency: doc.sum.Currency, IssueDate: doc.sum.IssueDate, LocalReference: doc.sum.LocalReference,
	}}, nil
}

// statusOf is what a signed invoice says. Propars tells nothing that happens to it after that.
func statusOf(doc signedDocument) providers.Status {
	return providers.Status{ETTN: doc.sum.ETTN, Kind: kindOf(doc.sum.Profile), Number: doc.sum.Number, State: providers.StateAccepted, Code: codeSent}
}

// The codes that stand for the ones that Propars does not have: a change of it is news.
const (
	codeUnsent  = 1
	codeWorking = 2
	codeSent    = 3
)

// Status tells a signed invoice from one that is on its way, and from one that was made and not sent.
func (p *Provider) Status(ctx context.Context, id providers.Identity) (providers.Status, error) {
	doc, err := p.signed(ctx, id)
	if err == nil {
		if id.ETTN != uuid.Nil && doc.sum.ETTN != id.ETTN {
			return providers.Status{}, &fault.Error{Class: fault.Ambiguous, Doing: "asking propars for an invoice", Code: providers.CodeForeignAnswer,
				Err: fmt.Errorf("the answer is about %s", doc.sum.ETTN), Advice: "Propars panelinde faturayı kontrol edin"}
		}
		out := statusOf(doc)
		out.ID = id.ID
		return out, nil
	}
	if !errors.Is(err, fault.NotFound) {
		return providers.Status{}, err
	}
	for _, try := range []struct {
		filter string
		state  providers.State
		code   int
	}{{"true", providers.StateWorking, codeWorking}, {"false", providers.StateDraft, codeUnsent}} {
		_, there, lerr := p.listed(ctx, id, url.Values{"invoiced": {"true"}, "invoice_sent": {try.filter}})
		if lerr != nil {
			return providers.Status{}, lerr
		}
		if there {
			return providers.Status{ETTN: id.ETTN, ID: id.ID, Kind: id.Kind, State: try.state, Code: try.code}, nil
		}
	}
	return providers.Status{}, err
}

// saleRow is a row of the list of sales.
type saleRow struct{ ID, Code string }

// listed looks for a sale in the list of those that the filter (documented ones only) lets through. The sale's code is asked
// for as well; that filter is not documented and may be ignored, so every row is compared and every page read.
func (p *Provider) listed(ctx context.Context, id providers.Identity, filter url.Values) (saleRow, bool, error) {
	r := request{doing: "looking for a sale at propars", use: useRead, method: http.MethodGet, path: "/core/sale/", query: url.Values{"sale_code": {id.LocalReference}}, limit: maxList}
	for name, values := range filter {
		r.query[name] = values
	}
	if !id.IssueDate.IsZero() { // a day around it: nobody says in which zone the list counts
		r.query.Set("order_start_date", id.IssueDate.AddDays(-1).String())
		r.query.Set("order_end_date", id.IssueDate.AddDays(1).String())
	}
	var out saleRow
	var found bool
	err := p.pages(ctx, r, func(row map[string]json.RawMessage, _ []byte) (bool, error) {
		code := textOf(row, "sale_code")
		if code == "" {
			return false, errors.New("a sale has no sale_code")
		}
		if code == id.LocalReference {
			out, found = saleRow{ID: textOf(row, "id"), Code: code}, true
		}
		return !found, nil
	})
	return out, found, err
}

// Check reads a row of a small list: address, e-mail and password are right when it answers.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.page(ctx, request{doing: "asking propars for its currencies", use: useRead, method: http.MethodGet, path: "/core/currency/"}, 0, 1)
	return err
}
