package kolaybi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers"
)

// List gives a page of incoming invoices of a window of issue days. KolayBi has no flag for new ones: the caller knows what it has.
func (p *Provider) List(ctx context.Context, q providers.InboxQuery) (providers.InboxPage, error) {
	to, from := q.To, q.From
	if to.IsZero() {
		to = p.clock.Now()
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -p.cfg.InboxDays)
	}
	c, err := p.company(ctx)
	if err != nil {
		return providers.InboxPage{}, err
	}
	size := q.Size
	if size <= 0 {
		size = p.cfg.PerPage
	}
	r := request{doing: "listing incoming invoices at kolaybi", use: useRead, method: http.MethodGet, path: "/e_document/invoices", limit: maxList, query: url.Values{
		"company_id": {strconv.FormatInt(int64(c.ID), 10)}, "direction": {"inbound"}, "page": {strconv.Itoa(max(q.Page, 1))}, "per_page": {strconv.Itoa(size)},
		"min_issue_date": {from.In(clock.Istanbul).Format(time.DateOnly)}, "max_issue_date": {to.In(clock.Istanbul).Format(time.DateOnly)}}}
	e, err := p.client.read(ctx, r)
	if err != nil {
		return providers.InboxPage{}, err
	}
	rows, about, err := rowsOf(e)
	var list []official
	if err == nil {
		err = json.Unmarshal(rows, &list)
	}
	if err != nil {
		return providers.InboxPage{}, p.client.unread(r, http.StatusOK, e.raw, "%w", err)
	}
	page := providers.InboxPage{More: len(list) >= size}
	if about != nil && about.Total != nil {
		page.Total, page.More = *about.Total, max(q.Page, 1)*size < *about.Total
	}
	for _, o := range list {
		if o.ETTN == uuid.Nil {
			continue // it cannot be fetched yet
		}
		page.Items = append(page.Items, providers.InboxItem{
			ETTN: o.ETTN, Number: o.Number, SenderTaxNo: o.PartyNo, SenderTitle: o.Party, Scenario: o.Scenario, Type: o.Type, IssueDate: o.IssueDate,
			Payable: o.Total.Decimal, Currency: o.Currency, Row: o.row,
		})
	}
	return page, nil
}

// Fetch gives the UBL (by one integrator's word: output_type=xml).
func (p *Provider) Fetch(ctx context.Context, ettn uuid.UUID) ([]byte, error) {
	return p.view(ctx, ettn.String(), "inbound", providers.FormatUBL)
}

// FetchFile gives another representation.
func (p *Provider) FetchFile(ctx context.Context, ettn uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return p.view(ctx, ettn.String(), "inbound", format)
}

// Acknowledge has nothing to clear; it asks for nothing.
func (p *Provider) Acknowledge(ctx context.Context, _ []uuid.UUID) error { return ctx.Err() }
