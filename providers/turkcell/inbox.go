package turkcell

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

const (
	inboxPath   = "/v2/inboxinvoice/"
	maxPageSize = 500 // guide, "Get List"
	ackGroup    = 100 // invoices acknowledged with one request
)

// page is the listing's envelope (facts 6.1). Items stay raw, so that one odd row does not spoil the others.
type page struct {
	TotalCount  number            `json:"totalCount"`
	TotalPages  number            `json:"totalPages"`
	HasNextPage yesNo             `json:"hasNextPage"`
	Items       []json.RawMessage `json:"items"`
}

// item is the listing's row (facts 6.2). target... is the counterparty: the sender.
type item struct {
	ID            id      `json:"id"`
	InvoiceNumber string  `json:"invoiceNumber"`
	ExecutionDate instant `json:"executionDate"`
	Status        number  `json:"status"`
	Type          number  `json:"type"`
	TipType       number  `json:"tipType"`
	TargetTitle   string  `json:"targetTitle"`
	TargetTaxNo   string  `json:"targetVknTckn"`
	PayableAmount money   `json:"payableAmount"`
	Currency      string  `json:"currency"`
	IsNew         yesNo   `json:"isNew"`
	CreatedDate   instant `json:"createdDate"`
}

// List returns one page of incoming invoices, oldest arrival first. From and To are arrival at the provider.
func (p *Provider) List(ctx context.Context, q providers.InboxQuery) (providers.InboxPage, error) {
	query := url.Values{"isDesc": {"false"}, "pageIndex": {strconv.Itoa(max(1, q.Page))}}
	size := q.Size
	if size <= 0 || size > maxPageSize {
		size = maxPageSize
	}
	query.Set("pageSize", strconv.Itoa(size))
	if q.OnlyNew {
		query.Set("isNew", "true")
	}
	for name, at := range map[string]time.Time{"startDate": q.From, "endDate": q.To} {
		if !at.IsZero() {
			query.Set(name, at.In(clock.Istanbul).Format(time.DateTime))
		}
	}
	r := request{doing: "listing incoming invoices at turkcell", use: useList, product: productInbox, method: http.MethodGet,
		path: "/v1/inboxinvoice/list", query: query, accept: "application/json", limit: maxList}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return providers.InboxPage{}, err
	}
	if classOf(r.use, a.status) != "" {
		return providers.InboxPage{}, p.client.refused(r, a, "")
	}
	return p.readPage(ctx, r, a, max(1, q.Page))
}

// readPage reads one page of the listing.
func (p *Provider) readPage(ctx context.Context, r request, a answer, number int) (providers.InboxPage, error) {
	var list page
	if err := decode(a, &list); err != nil {
		return providers.InboxPage{}, p.client.unread(r, a, "the answer is no page: %w", err)
	}
	if list.Items == nil {
		return providers.InboxPage{}, p.client.unread(r, a, "the page has no items") // {} from a stranger must not look like an empty inbox
	}
	out := providers.InboxPage{Total: list.TotalCount.value, Rows: len(list.Items), More: list.HasNextPage.value}
	if !list.HasNextPage.given {
		out.More = list.TotalPages.given && number < list.TotalPages.value
	}
	for i, raw := range list.Items {
		row, err := readItem(raw)
		if err != nil {
			p.log.ErrorContext(ctx, "a row of the inbox cannot be read and is left out: look at it in the provider's portal",
				"page", number, "row", i+1, "correlation", a.correlation, "err", err)
			continue
		}
		out.Items = append(out.Items, row)
	}
	if len(out.Items) == 0 && len(list.Items) > 0 {
		return providers.InboxPage{}, p.client.unread(r, a, "none of %d rows can be read", len(list.Items))
	}
	return out, nil
}

// readItem reads a row. Of a row that is odd beside its id and its flag only these two are taken: the invoice itself says the
// rest.
func readItem(raw json.RawMessage) (providers.InboxItem, error) {
	var row item
	if err := json.Unmarshal(raw, &row); err != nil {
		var core struct {
			ID    id    `json:"id"`
			IsNew yesNo `json:"isNew"`
		}
		if json.Unmarshal(raw, &core) != nil {
			return providers.InboxItem{}, fmt.Errorf("reading a row: %w", err)
		}
		row = item{ID: core.ID, IsNew: core.IsNew}
	}
	if row.ID.UUID == uuid.Nil {
		return providers.InboxItem{}, fmt.Errorf("the row has no id")
	}
	out := providers.InboxItem{
		ETTN: row.ID.UUID, Number: strings.TrimSpace(row.InvoiceNumber), SenderTaxNo: strings.TrimSpace(row.TargetTaxNo),
		SenderTitle: strings.TrimSpace(row.TargetTitle), Scenario: scenarioName(row.Type.value), Type: typeName(row.TipType.value),
		ArrivedAt: row.CreatedDate.Time, Payable: row.PayableAmount.Decimal, Currency: row.Currency, StatusCode: row.Status.value,
		IsNew: row.IsNew.value, Row: raw,
	}
	if !row.Type.given {
		out.Scenario = ""
	}
	if !row.ExecutionDate.IsZero() {
		out.IssueDate = invoice.DateOf(row.ExecutionDate.In(clock.Istanbul))
	}
	return out, nil
}

// Fetch returns the UBL of an incoming invoice, byte for byte.
func (p *Provider) Fetch(ctx context.Context, ettn uuid.UUID) ([]byte, error) {
	return p.file(ctx, inboxPath, productInbox, ettn, providers.FormatUBL)
}

// FetchFile returns the PDF, HTML, ZIP or UBL of an incoming invoice.
func (p *Provider) FetchFile(ctx context.Context, ettn uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return p.file(ctx, inboxPath, productInbox, ettn, format)
}

// Acknowledge clears isNew in groups. The answer's body is ignored (facts 2.2, row 18): the caller reads the flags back. An
// error names how many were cleared before it.
func (p *Provider) Acknowledge(ctx context.Context, ettns []uuid.UUID) error {
	type mark struct {
		InvoiceID uuid.UUID `json:"invoiceId"`
		IsNew     bool      `json:"isNew"`
	}
	for done := 0; done < len(ettns); done += ackGroup {
		group := ettns[done:min(done+ackGroup, len(ettns))]
		marks := make([]mark, len(group))
		for i, ettn := range group {
			marks[i].InvoiceID = ettn
		}
		body, err := json.Marshal(marks)
		if err != nil {
			return fault.New(fault.Permanent, "writing the list of received invoices", err)
		}
		if err := p.change(ctx, "clearing the new flag of incoming invoices at turkcell", productInbox, "/v1/inboxinvoice/updateisnew", body, uuid.Nil); err != nil {
			return fmt.Errorf("%d of %d are cleared: %w", done, len(ettns), err)
		}
	}
	return nil
}

// Check asks for one row of the inbox: it proves address, key and permission, and costs nothing.
func (p *Provider) Check(ctx context.Context) error {
	if _, err := p.List(ctx, providers.InboxQuery{Page: 1, Size: 1}); err != nil {
		return fmt.Errorf("checking the turkcell account: %w", err)
	}
	return nil
}
