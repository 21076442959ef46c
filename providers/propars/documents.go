package propars

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
)

// record is what Ground learned about a sale.
type record struct {
	ID string `json:"id,omitempty"` // Propars' own number of the sale; empty = it did not say
}

// Grounds is the sale: Propars invoices what it knows.
func (p *Provider) Grounds() []providers.Ground { return []providers.Ground{providers.GroundSale} }

// Ground writes the sale. The same again changes nothing: create_nested updates what has the same code. A sale that is
// invoiced already is refused by Propars, and is as good as written: Send finds out whose invoice it is.
func (p *Provider) Ground(ctx context.Context, kind providers.Ground, o providers.Outgoing) ([]byte, error) {
	r := request{doing: "writing a sale at propars", use: useRecord, method: http.MethodPost, path: "/core/sale/create_nested/"}
	if kind != providers.GroundSale {
		return nil, fault.Newf(fault.Permanent, r.doing, "there is no record of kind %q", kind)
	}
	content, err := thaw(o.Payload)
	if err != nil {
		return nil, err
	}
	r.body = content.Sale
	a, err := p.client.write(ctx, r)
	if errors.Is(err, fault.Permanent) {
		if _, probe := p.signed(ctx, o.Identity); probe == nil {
			return []byte("{}"), nil
		}
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	var said map[string]json.RawMessage
	if len(a.Body) > 0 {
		if err := unmarshal(a.Body, &said); err != nil {
			return nil, p.client.unread(r, a.Status, a.Body, "it is no sale: %w", err)
		}
	}
	if code := textOf(said, "sale_code"); code != "" && code != o.LocalReference {
		return nil, p.client.unread(r, a.Status, a.Body, "it is about sale %q", code)
	}
	if total, err := decimal.NewFromString(textOf(said, p.cfg.TotalField)); err == nil && !total.Equal(decimal.RequireFromString(content.Expect.Payable)) {
		return nil, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "propars.total", Answer: p.client.redact().Answer(a.Body),
			Message: "Propars bu satış için " + total.StringFixed(2) + " hesapladı, ERP'deki tutar " + content.Expect.Payable + ".",
			Advice:  "Satırları ve rounding ayarını kontrol edin; fatura gönderilmedi"}
	}
	out, err := json.Marshal(record{ID: textOf(said, "id")})
	if err != nil {
		return nil, fault.New(fault.Permanent, r.doing, err)
	}
	return out, nil
}

// said is the invoice in an answer, as far as its names could be guessed (facts B3.1).
type said struct {
	id, number string
	ettn       uuid.UUID
}

func saidIn(body []byte) said {
	var fields map[string]json.RawMessage
	if unmarshal(body, &fields) != nil {
		return said{}
	}
	out := said{id: textOf(fields, "id"), number: textOf(fields, "invoice_number", "number", "invoice_no")}
	if ettn, err := uuid.Parse(textOf(fields, "uuid", "invoice_uuid", "ettn")); err == nil {
		out.ettn = ettn
	}
	return out
}

// textOf is the first of the fields that holds a text or a number.
func textOf(fields map[string]json.RawMessage, names ...string) string {
	for _, name := range names {
		var text string
		var digits json.Number
		switch {
		case fields[name] == nil:
		case json.Unmarshal(fields[name], &text) == nil && text != "":
			return text
		case json.Unmarshal(fields[name], &digits) == nil && digits != "":
			return digits.String()
		}
	}
	return ""
}

// Send makes the sale's invoice under our ETTN and sends it, in one request; a draft is only made, not sent.
func (p *Provider) Send(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	content, err := thaw(o.Payload)
	if err != nil {
		return providers.Receipt{}, err
	}
	query := p.sale(o)
	query.Set("invoice_date", content.Date)
	query.Set("invoice_uuid", o.ETTN.String())
	if o.Route.Draft {
		return p.draft(ctx, o, query)
	}
	return p.send(ctx, o.Identity, &content.Expect, "/finance/saleinvoice/send_invoice_for_sale/", query)
}

// sale names a sale in a query.
func (p *Provider) sale(o providers.Outgoing) url.Values {
	var known record
	if p.cfg.SendBy == "id" && json.Unmarshal(o.Grounds[providers.GroundSale], &known) == nil && known.ID != "" {
		return url.Values{"sale_id": {known.ID}}
	}
	return url.Values{"sale_code": {o.LocalReference}}
}

// draft makes the invoice without sending it. Propars calls that a preview, and it is a GET; but it creates, so it is
// asked once and never repeated by anything below.
func (p *Provider) draft(ctx context.Context, o providers.Outgoing, query url.Values) (providers.Receipt, error) {
	r := request{doing: "making an unsent invoice at propars", use: useLegal, method: http.MethodGet, path: "/finance/saleinvoice/invoice_html_for_sale/",
		query: query, accept: "*/*", limit: maxDownload}
	a, err := p.client.write(ctx, r)
	if err != nil {
		return providers.Receipt{}, p.already(ctx, o.Identity, err)
	}
	if len(page(a.Body)) == 0 {
		return providers.Receipt{}, p.client.unread(r, a.Status, a.Body[:min(len(a.Body), 4096)], "it is no page")
	}
	return providers.Receipt{ETTN: o.ETTN, Draft: true}, nil
}

// Release sends an invoice that was made but not sent: by its own number where that is known, else by the sale.
func (p *Provider) Release(ctx context.Context, id providers.Identity) (providers.Receipt, error) {
	if id.ID != "" {
		return p.send(ctx, id, nil, "/finance/saleinvoice/"+url.PathEscape(id.ID)+"/send_invoice/", nil)
	}
	// Somebody may have cancelled the unsent one in the panel: what is then made anew is still ours, and of the same day.
	query := url.Values{"sale_code": {id.LocalReference}, "invoice_uuid": {id.ETTN.String()}}
	if !id.IssueDate.IsZero() {
		query.Set("invoice_date", id.IssueDate.In(clock.Istanbul).Add(12*time.Hour).Format(timeLayout))
	}
	return p.send(ctx, id, nil, "/finance/saleinvoice/send_invoice_for_sale/", query)
}

// send makes the legal request, and confirms it from the signed XML: the names of the answer's fields are not public. Where
// the XML is not there yet, an answer that names ETTN and number is believed.
func (p *Provider) send(ctx context.Context, id providers.Identity, want *expected, path string, query url.Values) (providers.Receipt, error) {
	r := request{doing: "sending an invoice at propars", use: useLegal, method: http.MethodPost, path: path, query: query}
	a, err := p.client.write(ctx, r)
	if err != nil {
		return providers.Receipt{}, p.already(ctx, id, err)
	}
	answer := saidIn(a.Body)
	receipt := providers.Receipt{ETTN: answer.ettn, ID: answer.id, Number: answer.number, Answer: p.client.redact().Answer(a.Body)}
	doc, err := p.signed(ctx, id)
	if err != nil {
		if receipt.ETTN == uuid.Nil || receipt.Number == "" {
			return providers.Receipt{}, p.client.unread(r, a.Status, a.Body, "the answer names no invoice, and there is no signed XML yet: %w", err)
		}
		return receipt, nil
	}
	if want != nil && doc.sum.ETTN == id.ETTN && !want.fits(doc.sum) {
		return providers.Receipt{}, p.client.unread(r, a.Status, a.Body, "the signed invoice is not the one that was meant: %s %s for %s", doc.sum.Payable, doc.sum.Currency, doc.sum.IssueDate)
	}
	receipt.ETTN, receipt.Number = doc.sum.ETTN, doc.sum.Number
	return receipt, nil
}

func (e expected) fits(s ubl.Summary) bool {
	return s.ReceiverTaxNo == e.Buyer && s.Payable.StringFixed(2) == e.Payable && s.Currency == e.Currency && s.IssueDate == e.IssueDate
}

// already looks behind a refusal: the sale may have been sent a moment ago. Only when Propars itself says that there is no
// signed invoice, the refusal stands.
func (p *Provider) already(ctx context.Context, id providers.Identity, refused error) error {
	if !errors.Is(refused, fault.Permanent) {
		return refused
	}
	doc, err := p.signed(ctx, id)
	e, known := errors.AsType[*fault.Error](err)
	switch {
	case err == nil:
		return &fault.Error{Class: fault.Duplicate, Doing: "sending an invoice at propars", Code: providers.CodeReferenceUsed, Existing: doc.sum.ETTN.String(),
			Err: errors.New("the sale is invoiced already"), Advice: "faturad mevcut faturayı karşılaştırır"}
	case known && (e.Class == fault.NotFound || e.Status == http.StatusBadRequest && e.Message != ""):
		return refused
	}
	return &fault.Error{Class: fault.Ambiguous, Doing: "sending an invoice at propars", Code: "propars.no_answer",
		Err: fmt.Errorf("%w; and then %w", refused, err), Advice: "faturad sonucu Propars'a soracak; işlem gerekmez"}
}

// Cancel cancels the sale's invoice, where Propars allows it: e-Arşiv that was not reported yet, e-Fatura that was not sent.
func (p *Provider) Cancel(ctx context.Context, id providers.Identity, _ string) error {
	r := request{doing: "cancelling an invoice at propars", use: useLegal, method: http.MethodPatch, path: "/core/sale/cancel_invoice_by_code/",
		query: url.Values{"sale_code": {id.LocalReference}}}
	a, err := p.client.write(ctx, r)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Status == http.StatusNotFound && e.Message != "" { // it does not know the code, so nothing was done
		row, found, missing := p.listed(ctx, id, nil)
		if missing != nil {
			return missing
		}
		if !found || row.ID == "" {
			return err
		}
		r.path, r.query = "/core/sale/"+url.PathEscape(row.ID)+"/cancel_invoice/", nil
		a, err = p.client.write(ctx, r)
	}
	if errors.Is(err, fault.Permanent) { // a cancellation whose answer was lost is refused when it is made again
		if _, uninvoiced, lerr := p.listed(ctx, id, url.Values{"invoiced": {"false"}}); lerr == nil && uninvoiced {
			return nil
		}
	}
	if err != nil {
		return err
	}
	if trimmed := strings.TrimSpace(string(a.Body)); trimmed != "" && !json.Valid(a.Body) {
		return p.client.unread(r, a.Status, a.Body, "it is not an answer of Propars")
	}
	return nil
}

// Download gives the signed XML, or Propars' picture of it.
func (p *Provider) Download(ctx context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	const doing = "downloading a document from propars"
	switch format {
	case providers.FormatUBL, providers.FormatHTML:
	default:
		return nil, &fault.Error{Class: fault.Permanent, Doing: doing, Code: "provider.not_offered", Message: "Propars " + string(format) + " biçimini vermez.",
			Advice: "XML ya da HTML isteyin"}
	}
	doc, err := p.signed(ctx, id)
	if errors.Is(err, fault.NotFound) {
		return nil, fault.Newf(fault.Retryable, doing, "it is not signed yet")
	}
	if err != nil || format == providers.FormatUBL {
		return doc.raw, err
	}
	// The picture is the preview: it would make an invoice where there is none, so it is asked for signed ones only.
	r := request{doing: doing, use: useLegal, method: http.MethodGet, path: "/finance/saleinvoice/invoice_html_for_sale/",
		query: url.Values{"sale_code": {id.LocalReference}}, accept: "*/*", limit: maxDownload}
	a, err := p.client.write(ctx, r)
	if err != nil {
		return nil, err
	}
	html := page(a.Body)
	if len(html) == 0 {
		return nil, p.client.unread(r, a.Status, nil, "it is no page")
	}
	return html, nil
}

// page reads HTML that comes as it is, as a JSON string, or in a field "html".
func page(body []byte) []byte {
	var text string
	var fields map[string]json.RawMessage
	switch {
	case unmarshal(body, &text) == nil:
		body = []byte(text)
	case unmarshal(body, &fields) == nil:
		body = []byte(textOf(fields, "html"))
	}
	if !strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(string(body), "\uFEFF")), "<") {
		return nil
	}
	return body
}

// signedDocument is a signed invoice, and what it says.
type signedDocument struct {
	sum ubl.Summary
	raw []byte
}

// signed asks for the signed XML: the one question about an invoice without a side effect. fault.NotFound means that Propars
// itself says that there is none; everything else is "could not ask".
func (p *Provider) signed(ctx context.Context, id providers.Identity) (signedDocument, error) {
	r := request{doing: "asking propars for a signed invoice", use: useLookup, method: http.MethodGet, path: "/finance/saleinvoice/get_signed_xml_for_sale/",
		query: url.Values{"sale_code": {id.LocalReference}}, accept: "*/*", limit: maxDownload}
	if id.LocalReference == "" {
		if id.ID == "" {
			return signedDocument{}, fault.Newf(fault.Retryable, r.doing, "neither the sale's code nor the invoice's number is known")
		}
		r.path, r.query = "/finance/saleinvoice/"+url.PathEscape(id.ID)+"/get_signed_xml/", nil
	}
	return p.xml(ctx, r)
}

func (p *Provider) xml(ctx context.Context, r request) (signedDocument, error) {
	a, err := p.client.read(ctx, r)
	if err != nil {
		return signedDocument{}, err
	}
	raw := unwrapXML(a.Body)
	sum, err := ubl.Peek(raw)
	if err != nil || sum.Number == "" {
		return signedDocument{}, p.client.unread(r, a.Status, a.Body[:min(len(a.Body), 4096)], "it is no signed invoice: %v", err)
	}
	return signedDocument{sum: sum, raw: raw}, nil
}

// unwrapXML takes the shapes in which the XML may come: as it is, as a JSON string, as base64.
func unwrapXML(body []byte) []byte {
	var text string
	if unmarshal(body, &text) == nil {
		body = []byte(text)
	}
	trimmed := strings.TrimSpace(string(body))
	if trimmed != "" && trimmed[0] != '<' {
		if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(trimmed), "")); err == nil {
			return raw
		}
	}
	return body
}

// kindOf is the side that a profile stands for.
func kindOf(profile string) invoice.Kind {
	if profile == scenarioArchive {
		return invoice.EArsiv
	}
	return invoice.EFatura
}
