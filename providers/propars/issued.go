package propars

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
)

// signers is how many signed XMLs a listing asks for at once.
const signers = 4

// ListIssued lists the sales that were ordered in the time and are invoiced, for the auditor, each as its signed XML says. Those
// that count as not invoiced and have a signed XML all the same were cancelled.
func (p *Provider) ListIssued(ctx context.Context, from, to time.Time, each func(providers.Status) error) error {
	for _, pass := range []struct {
		filter, value string
		state         providers.State
	}{{"invoice_sent", "true", providers.StateAccepted}, {"invoiced", "false", providers.StateCancelled}} {
		r := request{doing: "listing invoices at propars", use: useRead, method: http.MethodGet, path: "/core/sale/", limit: maxList,
			query: url.Values{pass.filter: {pass.value}, "ordering": {"id"}}}
		if !from.IsZero() {
			r.query.Set("order_start_date", from.In(clock.Istanbul).Format(time.DateOnly))
		}
		if !to.IsZero() {
			r.query.Set("order_end_date", to.In(clock.Istanbul).Format(time.DateOnly))
		}
		seen := map[string]bool{}
		var codes []string
		err := p.pages(ctx, r, func(row map[string]json.RawMessage, _ []byte) (bool, error) {
			code := textOf(row, "sale_code")
			if code == "" {
				return false, errors.New("a sale has no sale_code")
			}
			if !seen[code] { // a list may shift while it is read
				seen[code], codes = true, append(codes, code)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		if err := p.eachSigned(ctx, codes, func(code string, doc signedDocument) error {
			s := statusOf(doc)
			s.State = pass.state
			s.Amount, s.Currency, s.IssueDate = decimal.NewNullDecimal(doc.sum.Payable), doc.sum.Currency, doc.sum.IssueDate
			s.LocalReference = code
			return each(s)
		}); err != nil {
			return err
		}
	}
	return nil
}

// eachSigned asks for the signed XML of every sale, some at once; a sale that has none is left out.
func (p *Provider) eachSigned(ctx context.Context, codes []string, each func(code string, doc signedDocument) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		code string
		doc  signedDocument
		err  error
	}
	work, answers := make(chan string), make(chan answer)
	var asking sync.WaitGroup
	for range min(signers, len(codes)) {
		asking.Go(func() {
			for code := range work {
				doc, err := p.signed(ctx, providers.Identity{LocalReference: code})
				answers <- answer{code, doc, err}
			}
		})
	}
	asking.Go(func() {
		defer close(work)
		for _, code := range codes {
			select {
			case work <- code:
			case <-ctx.Done():
				return
			}
		}
	})
	go func() { asking.Wait(); close(answers) }()
	var failure error
	for a := range answers { // to its end, so that nobody is left waiting
		switch {
		case failure != nil, errors.Is(a.err, fault.NotFound):
		case a.err != nil:
			failure = a.err
			cancel()
		default:
			if failure = each(a.code, a.doc); failure != nil {
				cancel()
			}
		}
	}
	if failure == nil {
		failure = ctx.Err()
	}
	return failure
}
