package propars

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// List gives a page of incoming invoices, newest first: Propars has neither a "new" flag nor a known filter by date. A page whose
// invoices are all older than the window, with time for late ones, is the last; the caller knows what it has.
func (p *Provider) List(ctx context.Context, q providers.InboxQuery) (providers.InboxPage, error) {
	from := q.From
	if from.IsZero() {
		from = p.clock.Now().AddDate(0, 0, -p.cfg.InboxDays)
	}
	oldest := invoice.DateOf(from.In(clock.Istanbul)).AddDays(-p.cfg.LateDays)
	size := q.Size
	if size <= 0 {
		size = p.cfg.PageSize
	}
	r := incomingList()
	l, err := p.page(ctx, r, (max(q.Page, 1)-1)*size, size)
	if err != nil {
		return providers.InboxPage{}, err
	}
	out := providers.InboxPage{Rows: len(l.Results)}
	recent := false
	for _, raw := range l.Results {
		item, number, ok := p.incomingRow(raw)
		if !ok {
			recent = true // nothing can be said about it
			continue
		}
		if !item.IssueDate.IsZero() && item.IssueDate.Before(oldest) {
			continue
		}
		recent = true
		p.remember(item.ETTN, number)
		out.Items = append(out.Items, item)
	}
	out.More = recent && len(l.Results) >= size
	if l.Count != nil {
		out.More = recent && len(l.Results) > 0 && (max(q.Page, 1)-1)*size+len(l.Results) < *l.Count
	}
	return out, nil
}

func incomingList() request {
	return request{doing: "listing incoming invoices at propars", use: useRead, method: http.MethodGet, path: "/finance/purchaseinvoice/", query: url.Values{"ordering": {"-id"}}, limit: maxList}
}

// incomingRow reads what a row may say; the names are guesses, and the UBL has the last word.
func (p *Provider) incomingRow(raw json.RawMessage) (item providers.InboxItem, number string, ok bool) {
	var row map[string]json.RawMessage
	if unmarshal(raw, &row) != nil {
		return item, "", false
	}
	ettn, err := uuid.Parse(textOf(row, "uuid", "invoice_uuid", "ettn"))
	if err != nil {
		return item, "", false
	}
	item = providers.InboxItem{ETTN: ettn, Number: textOf(row, "invoice_number", "number", "invoice_no"), SenderTaxNo: textOf(row, "tax_number", "sender_tax_number"),
		SenderTitle: textOf(row, "company_title", "sender_name", "name"), Scenario: textOf(row, "einvoice_profile"), Type: textOf(row, "einvoice_type"),
		Currency: textOf(row, "currency_code"), Row: p.client.redact().Answer(raw)}
	if day := textOf(row, "invoice_date", "issue_date", "date"); len(day) >= len(time.DateOnly) {
		item.IssueDate, _ = invoice.ParseDate(day[:len(time.DateOnly)]) // what is no date stays unknown
	}
	item.Payable, _ = decimal.NewFromString(textOf(row, p.cfg.TotalField)) // so does what is no amount
	return item, textOf(row, "id"), true
}

func (p *Provider) remember(ettn uuid.UUID, number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.incoming[ettn] = number
}

// Fetch gives the UBL of an incoming invoice. Where Propars keeps it is a guess: Config.IncomingXML.
func (p *Provider) Fetch(ctx context.Context, ettn uuid.UUID) ([]byte, error) {
	const doing = "fetching an incoming invoice from propars"
	number, err := p.incomingNumber(ctx, ettn)
	if err != nil {
		return nil, err
	}
	doc, err := p.xml(ctx, request{doing: doing, use: useRead, method: http.MethodGet, accept: "*/*", limit: maxDownload,
		path: strings.ReplaceAll(p.cfg.IncomingXML, "{id}", url.PathEscape(number))})
	if err != nil {
		return nil, err
	}
	if doc.sum.ETTN != ettn {
		return nil, &fault.Error{Class: fault.Retryable, Doing: doing, Code: providers.CodeForeignAnswer, Err: errors.New("the UBL is that of " + doc.sum.ETTN.String()),
			Advice: "Propars panelinde faturayı kontrol edin"}
	}
	return doc.raw, nil
}

// incomingNumber is Propars' own number of an incoming invoice: from a listing, or looked for in the list.
func (p *Provider) incomingNumber(ctx context.Context, ettn uuid.UUID) (string, error) {
	p.mu.Lock()
	number := p.incoming[ettn]
	p.mu.Unlock()
	if number != "" {
		return number, nil
	}
	err := p.pages(ctx, incomingList(), func(_ map[string]json.RawMessage, raw []byte) (bool, error) {
		item, n, ok := p.incomingRow(raw)
		if ok && item.ETTN == ettn {
			number = n
		}
		return number == "", nil
	})
	if err == nil && number == "" {
		err = fault.Newf(fault.NotFound, "fetching an incoming invoice from propars", "no incoming invoice has this ETTN")
	}
	return number, err
}

// FetchFile offers the UBL only: Propars shows no other form of an incoming invoice.
func (p *Provider) FetchFile(ctx context.Context, ettn uuid.UUID, format providers.FileFormat) ([]byte, error) {
	if format == providers.FormatUBL {
		return p.Fetch(ctx, ettn)
	}
	return nil, &fault.Error{Class: fault.Permanent, Doing: "fetching an incoming invoice from propars", Code: "provider.not_offered",
		Message: "Propars gelen faturanın " + string(format) + " biçimini vermez.", Advice: "XML isteyin"}
}

// Acknowledge has nothing to clear; it asks for nothing.
func (p *Provider) Acknowledge(ctx context.Context, _ []uuid.UUID) error { return ctx.Err() }
