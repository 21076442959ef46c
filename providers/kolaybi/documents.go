package kolaybi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// freeze hashes what Prepare made.
func freeze(out prepared) (providers.Payload, error) {
	body, err := encode(out, typeJSON)
	if err != nil {
		return providers.Payload{}, err
	}
	sum := sha256.Sum256(body)
	return providers.Payload{ContentType: typeJSON, Bytes: body, Hash: hex.EncodeToString(sum[:])}, nil
}

// receipt is the answer of POST invoices.
type receipt struct {
	ID       number64            `json:"document_id"`
	Grand    decimal.NullDecimal `json:"grand_total"`
	Currency string              `json:"grand_currency"`
}

// Send makes the draft. Where KolayBi computes another total than the sale has, the draft is deleted at once and the sale
// refused: nothing with another total may ever become official.
func (p *Provider) Send(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	const doing = "making a draft at kolaybi"
	sale, err := thaw(o.Payload)
	if err != nil {
		return providers.Receipt{}, err
	}
	if err := sale.stand(o.Grounds); err != nil {
		return providers.Receipt{}, fault.New(fault.Retryable, doing, err)
	}
	r := request{doing: doing, use: useDraft, method: http.MethodPost, path: "/invoices", body: sale.Invoice}
	e, err := p.client.write(ctx, r)
	if err != nil {
		return providers.Receipt{}, err
	}
	var made receipt
	if err := json.Unmarshal(e.Data, &made); err != nil || made.ID == 0 {
		return providers.Receipt{}, p.client.unread(r, http.StatusOK, e.raw, "the new draft has no id")
	}
	out := providers.Receipt{ID: strconv.FormatInt(int64(made.ID), 10), Draft: true, Answer: p.client.redact().Answer(e.raw)}
	if made.Grand.Valid && made.Grand.Decimal.StringFixed(2) != sale.Grand {
		return providers.Receipt{}, p.otherTotal(ctx, r, out, made.Grand.Decimal.StringFixed(2), sale.Grand)
	}
	return out, nil
}

// stand puts the ids of KolayBi's own records into the draft.
func (s *prepared) stand(grounds map[providers.Ground][]byte) error {
	var all grounded
	for kind, made := range grounds {
		if err := json.Unmarshal(made, &all); err != nil {
			return fmt.Errorf("reading the %s records: %w", kind, err)
		}
	}
	if all.Contact == 0 || all.Address == 0 {
		return errors.New("the contact was not prepared")
	}
	s.Invoice.Contact, s.Invoice.Address = all.Contact, all.Address
	for i, p := range s.Products {
		if s.Invoice.Items[i].Product = all.Products[p.Code]; s.Invoice.Items[i].Product == 0 {
			return fmt.Errorf("product %q was not prepared", p.Code)
		}
	}
	return nil
}

func (p *Provider) otherTotal(ctx context.Context, r request, made providers.Receipt, theirs, ours string) error {
	e := &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "kolaybi.total", Answer: made.Answer,
		Message: fmt.Sprintf("KolayBi bu satış için %s hesapladı, ERP'deki tutar %s.", theirs, ours),
		Advice:  "Satırları KolayBi'nin hesabıyla karşılaştırın: fiyatlar KDV hariç gider, KDV her satırda yuvarlanır"}
	if err := p.deleteDraft(ctx, made.ID); err != nil {
		e.Class, e.Err = fault.Ambiguous, fmt.Errorf("the draft %s could not be deleted: %w", made.ID, err)
	}
	return e
}

// deleteDraft deletes what is not official. What is gone is deleted.
func (p *Provider) deleteDraft(ctx context.Context, id string) error {
	_, err := p.client.write(ctx, request{doing: "deleting a draft at kolaybi", use: useDelete, method: http.MethodDelete, path: "/invoices/" + url.PathEscape(id), empty: true})
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Release makes a draft official, or sends a failed document again. It asks before, and once more when it is refused: only a
// record that still has no number is created, and only one that still has none was refused.
func (p *Provider) Release(ctx context.Context, id providers.Identity) (providers.Receipt, error) {
	const doing = "making a draft official at kolaybi"
	if id.ID == "" {
		return providers.Receipt{}, fault.Newf(fault.Retryable, doing, "its record is not known")
	}
	before, there, err := p.official(ctx, id.ID)
	if err != nil {
		return providers.Receipt{}, fault.New(classBefore(err), doing, err)
	}
	if there && p.state(before) == providers.StateFailed {
		return p.resend(ctx, id)
	}
	if there && (before.done() || before.Number != "" || p.state(before) != providers.StateDraft) {
		return providers.Receipt{}, &fault.Error{Class: fault.Duplicate, Doing: doing, Code: "kolaybi.official", Existing: before.ETTN.String(),
			Message: "Taslak zaten resmîleştirilmiş: " + before.Number, Advice: "faturad belgeyi bulup karşılaştıracak"}
	}
	body := map[string]any{"document_id": json.Number(id.ID)}
	if id.Series != "" {
		body["prefix"] = id.Series
	}
	r := request{doing: doing, use: useLegal, method: http.MethodPost, path: "/invoices/e-document/create", body: body}
	e, err := p.client.write(ctx, r)
	if err != nil {
		return providers.Receipt{}, p.refusedRelease(ctx, id, err)
	}
	var made official
	if err := one(e.Data, &made); err != nil || made.ID == 0 {
		return providers.Receipt{}, p.client.unread(r, http.StatusOK, e.raw, "the answer names no document")
	}
	if strconv.FormatInt(made.ID, 10) != id.ID {
		return providers.Receipt{}, &fault.Error{Class: fault.Ambiguous, Doing: doing, Code: providers.CodeForeignAnswer, Answer: p.client.redact().Answer(e.raw),
			Err: fmt.Errorf("the answer is about document %d", made.ID), Advice: "Yanıt başka bir belgeye ait; KolayBi panelinde ikisine de bakın"}
	}
	out := providers.Receipt{ID: id.ID, Answer: p.client.redact().Answer(e.raw)}
	if made.done() { // else number and ETTN come with the next status
		out.ETTN, out.Number = made.ETTN, made.Number
	}
	return out, nil
}

// classBefore is the class of an error that happened before anything was sent: surely not done.
func classBefore(err error) fault.Class {
	switch class := fault.ClassOf(err); class {
	case fault.Auth, fault.Throttled:
		return class
	default:
		return fault.Retryable
	}
}

// refusedRelease believes a refusal only when the record still has no number: something on the way may have asked twice.
func (p *Provider) refusedRelease(ctx context.Context, id providers.Identity, err error) error {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok || refusal.Class != fault.Permanent {
		return err
	}
	after, there, asked := p.official(ctx, id.ID)
	switch {
	case asked != nil:
		refusal.Class, refusal.Err = fault.Ambiguous, errors.Join(refusal.Err, asked)
	case there && (after.done() || p.state(after) != providers.StateDraft):
		refusal.Class, refusal.Existing = fault.Duplicate, after.ETTN.String()
	}
	return refusal
}

// resend sends a document again that failed on its way to GİB, where the company may.
func (p *Provider) resend(ctx context.Context, id providers.Identity) (providers.Receipt, error) {
	const doing = "sending a failed document again at kolaybi"
	c, err := p.findCompany(ctx)
	if err != nil {
		return providers.Receipt{}, fault.New(classBefore(err), doing, err)
	}
	if c.Resendable != nil && !*c.Resendable {
		return providers.Receipt{}, &fault.Error{Class: fault.Permanent, Doing: doing, Code: "kolaybi.resend",
			Message: "Bu KolayBi hesabında fatura yeniden gönderilemiyor.", Advice: "Faturayı KolayBi panelinden gönderin; faturad durumu izler"}
	}
	e, err := p.client.write(ctx, request{doing: doing, use: useLegal, method: http.MethodPost, path: "/invoices/resend/" + url.PathEscape(id.ID), empty: true})
	return providers.Receipt{ID: id.ID, Answer: p.client.redact().Answer(e.raw)}, err
}

// Cancel cancels an official e-Arşiv, and deletes a draft. An e-Fatura cannot be cancelled by the API.
func (p *Provider) Cancel(ctx context.Context, id providers.Identity, _ string) error {
	const doing = "cancelling a document at kolaybi"
	if id.ID == "" {
		return fault.Newf(fault.Retryable, doing, "its record is not known")
	}
	now, there, err := p.official(ctx, id.ID)
	if err != nil {
		return err
	}
	switch {
	case !there || p.state(now) == providers.StateDraft:
		return p.deleteDraft(ctx, id.ID)
	case p.state(now) == providers.StateCancelled:
		return nil
	case now.kind() == invoice.EFatura || now.kind() == "" && id.Kind != invoice.EArsiv:
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "kolaybi.cancel_efatura", Message: "e-Fatura bu arayüzle iptal edilemez.",
			Advice: "KolayBi desteğiyle görüşün ya da iade faturası kesin"}
	}
	body := map[string]any{"document_id": json.Number(id.ID)}
	if p.cfg.CancelDates {
		at := p.clock.Now().In(clock.Istanbul)
		body["cancel_date"], body["cancel_time"] = at.Format(time.DateOnly), at.Format(time.TimeOnly)
	}
	_, err = p.client.write(ctx, request{doing: doing, use: useLegal, method: http.MethodPost, path: "/invoices/e-document/cancel", body: body, empty: true})
	return err
}

// Download gives the PDF, or by one integrator's word the XML, of an official document.
func (p *Provider) Download(ctx context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	ettn := id.Assigned
	if ettn == [16]byte{} && id.ID != "" {
		o, there, err := p.official(ctx, id.ID)
		if err != nil {
			return nil, err
		}
		if there {
			ettn = o.ETTN
		}
	}
	if ettn == [16]byte{} {
		return nil, fault.Newf(fault.Retryable, "downloading a document from kolaybi", "it is not official yet")
	}
	return p.view(ctx, ettn.String(), "outbound", format)
}

// view is GET e-document/view.
func (p *Provider) view(ctx context.Context, ettn, direction string, format providers.FileFormat) ([]byte, error) {
	r := request{doing: "downloading a document from kolaybi", use: useLookup, method: http.MethodGet, path: "/invoices/e-document/view", limit: maxDownload,
		query: url.Values{"uuid": {ettn}}}
	kind := map[providers.FileFormat]string{providers.FormatPDF: "pdf", providers.FormatUBL: "xml"}[format]
	switch kind {
	case "":
		return nil, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "provider.not_offered", Message: fmt.Sprintf("KolayBi %s biçimini vermez.", format),
			Advice: "PDF ya da XML isteyin"}
	case "xml":
		r.query.Set("output_type", kind)
	}
	if direction == "inbound" {
		r.query.Set("direction", direction)
	}
	e, err := p.client.read(ctx, r)
	if err != nil {
		return nil, err
	}
	var got struct {
		Src  string `json:"src"`
		Type string `json:"output_type"`
	}
	if err := json.Unmarshal(e.Data, &got); err != nil || got.Src == "" {
		return nil, p.client.unread(r, http.StatusOK, e.raw[:min(len(e.raw), 4096)], "the answer holds no file")
	}
	if got.Type != "" && got.Type != kind {
		return nil, p.client.unread(r, http.StatusOK, nil, "the answer is %q instead of %q", got.Type, kind)
	}
	src := got.Src
	if _, data, ok := strings.Cut(src, ";base64,"); ok {
		src = data
	}
	file, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(src), ""))
	if err != nil || len(file) == 0 {
		return nil, p.client.unread(r, http.StatusOK, nil, "the file is no base64")
	}
	return file, nil
}
