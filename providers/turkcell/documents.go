package turkcell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
)

// numbered is the number of an answer, which each side calls by a name of its own. Of an e-SMM that was made by the JSON
// model it is invoiceNumber (facts 2.7).
type numbered struct {
	InvoiceNumber         string `json:"invoiceNumber"`
	ProducerReceiptNumber string `json:"producerReceiptNumber"`
	VoucherNumber         string `json:"voucherNumber"`
}

func (n numbered) number() string {
	for _, s := range []string{n.InvoiceNumber, n.ProducerReceiptNumber, n.VoucherNumber} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// statusAnswer is GET .../{id}/status of every side; only an e-Fatura has an envelope, and none yet in the beginning.
type statusAnswer struct {
	numbered
	ID              id      `json:"id"`
	Status          number  `json:"status"`
	Message         string  `json:"message"`
	EnvelopeStatus  number  `json:"envelopeStatus"`
	EnvelopeMessage string  `json:"envelopeMessage"`
	SentDate        instant `json:"sentDate"` // e-Fatura only, since 2026; absent before
}

// askStatus asks one side. fault.NotFound only after a recognised sentence.
func (p *Provider) askStatus(ctx context.Context, s side, ettn uuid.UUID, u use) (providers.Status, error) {
	r := request{
		doing: "asking turkcell for an " + s.name, use: u, product: s.name,
		method: http.MethodGet, path: s.of(ettn) + "/status", accept: "application/json",
	}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return providers.Status{}, err
	}
	if classOf(u, a.status) != "" {
		return providers.Status{}, p.client.refused(r, a, ettn.String())
	}
	var said statusAnswer
	if err := decode(a, &said); err != nil {
		return providers.Status{}, p.client.unread(r, a, "the answer is no status: %w", err)
	}
	switch {
	case !said.Status.given, said.ID.UUID == uuid.Nil && said.number() == "":
		return providers.Status{}, p.client.unread(r, a, "the answer is no status of a document")
	case said.ID.UUID != ettn && said.ID.UUID != uuid.Nil:
		p.log.ErrorContext(ctx, "ALARM: turkcell answered for another document", "asked", ettn, "answered", said.ID.String(), "correlation", a.correlation)
		e := p.client.unread(r, a, "the answer is about document %s", said.ID)
		if f, ok := errors.AsType[*fault.Error](e); ok {
			f.Code = providers.CodeForeignAnswer
		}
		return providers.Status{}, e
	}
	code := said.Status.value
	if state := stateOf(code); said.number() == "" && (state == providers.StateAccepted || state == providers.StateRejected) {
		// Nobody would ask again after a final status, and the number would never be learned.
		return providers.Status{}, p.client.unread(r, a, "the answer calls the document final and has no number")
	}
	if _, known := statuses[code]; !known {
		p.log.WarnContext(ctx, "turkcell reports a status code that nobody described", "ettn", ettn, "code", code)
	}
	envelope := said.EnvelopeStatus.pointer()
	if envelope != nil && *envelope == 0 {
		envelope = nil // no envelope yet (facts 4.2, internal codes)
	}
	return providers.Status{
		ETTN: ettn, Kind: s.kind, Number: said.number(), State: stateOf(code), Code: code, EnvelopeCode: envelope,
		Message: statusWords(code, strings.TrimSpace(said.Message), strings.TrimSpace(said.EnvelopeMessage), envelope),
		Answer:  p.client.redact.Answer(a.body), SentAt: said.SentDate.Time,
	}, nil
}

// Status reads where a document stands: on its own side, or on all when its kind is not known.
func (p *Provider) Status(ctx context.Context, want providers.Identity) (providers.Status, error) {
	if want.Kind != "" {
		return p.askStatus(ctx, sideOf(want.Kind), want.ETTN, useStatus)
	}
	return p.find(ctx, want, useStatus)
}

// Lookup asks by ETTN on every side where a document of that kind may be. What is found is downloaded, so that the caller can compare it.
func (p *Provider) Lookup(ctx context.Context, want providers.Identity) (providers.Found, error) {
	status, err := p.find(ctx, want, useLookup)
	if err != nil {
		return providers.Found{}, err
	}
	return providers.Found{Status: status, Content: p.content(ctx, status)}, nil
}

// find is NotFound only when every side said so; one that could not be asked makes the whole answer "could not ask".
func (p *Provider) find(ctx context.Context, want providers.Identity, u use) (providers.Status, error) {
	var unsure, absent error
	for _, s := range sides(want.Kind) {
		status, err := p.askStatus(ctx, s, want.ETTN, u)
		switch {
		case err == nil:
			return status, nil
		case errors.Is(err, fault.NotFound):
			absent = err
		case want.Kind == "" && s.kind.Receipt() && notThere(err):
		case unsure == nil:
			unsure = err
		}
	}
	if unsure != nil {
		return providers.Status{}, unsure
	}
	return providers.Status{}, absent
}

// notThere reports an answer that says that the account has no such side: it lacks the permission, or nothing answers at that
// path. Receipts are a product of their own, which most accounts have not, and whose paths one source alone names: an
// invoice whose kind nobody knows any more must not stay in doubt for them. Were there a receipt all the same, a second one
// could not be made either: the same answer would meet it, or the provider would refuse its ETTN.
func notThere(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && (e.Code == providers.CodePermission || e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed)
}

// content reads what identifies the document's meaning from its UBL; nil when it cannot be read yet.
func (p *Provider) content(ctx context.Context, status providers.Status) *providers.Content {
	raw, err := p.Download(ctx, providers.Identity{ETTN: status.ETTN, Kind: status.Kind}, providers.FormatUBL)
	if err != nil {
		p.log.InfoContext(ctx, "a document that exists cannot be read yet", "ettn", status.ETTN, "err", err)
		return nil
	}
	sum, err := ubl.Peek(raw)
	if err != nil || sum.ETTN != status.ETTN {
		p.log.WarnContext(ctx, "the UBL of a document that exists cannot be used", "ettn", status.ETTN, "names", sum.ETTN, "err", err)
		return nil
	}
	if numbered := sum.Number != ubl.Placeholder(sum.Number[:min(3, len(sum.Number))], sum.IssueDate); numbered && status.Number != "" && sum.Number != status.Number {
		p.log.ErrorContext(ctx, "ALARM: turkcell's status and its UBL name different numbers", "ettn", status.ETTN, "status", status.Number, "ubl", sum.Number)
		return nil // which of the two is wrong shows when it is asked again
	}
	return &providers.Content{BuyerTaxNo: sum.ReceiverTaxNo, Payable: sum.Payable, Currency: sum.Currency, IssueDate: sum.IssueDate,
		LocalReference: sum.LocalReference}
}

// Release queues a draft or failed document (updatestatuslist with status 20).
func (p *Provider) Release(ctx context.Context, want providers.Identity) (providers.Receipt, error) {
	return providers.Receipt{}, p.setStatus(ctx, "releasing", sideOf(want.Kind), want.ETTN, statusCode(false))
}

// setStatus has updatestatuslist put a document back into the queue (20) or among the drafts (0).
func (p *Provider) setStatus(ctx context.Context, doing string, s side, ettn uuid.UUID, status int) error {
	body, err := json.Marshal(map[string]any{"ids": []string{ettn.String()}, "status": status})
	if err != nil {
		return fmt.Errorf("writing the list of documents: %w", err)
	}
	return p.change(ctx, doing+" an "+s.name+" at turkcell", s.name, s.release, body, ettn)
}

// cancelMonths is how long after its date an e-Arşiv can be cancelled (facts 5.2). For receipts no such limit is published:
// the provider decides.
const cancelMonths = 6

// The same in days, and how long an e-Fatura may turn out to be cancelled: eight days on GİB's portal, objections until the
// 20th of the next month, and then code 99 is set by hand (facts 4.1).
const (
	cancelDays        = 185
	cancelDaysEFatura = 60
)

// Cancel cancels an e-Arşiv or a receipt that is approved (status 60); the API cannot cancel an e-Fatura.
func (p *Provider) Cancel(ctx context.Context, want providers.Identity, _ string) error {
	const doing = "cancelling a document at turkcell"
	s := sideOf(want.Kind)
	if s.cancel == "" {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "turkcell.cancel_efatura",
			Message: "e-Fatura bu arayüzle iptal edilemez.",
			Advice:  "GİB İptal Portalı'nda alıcıyla iptal edin, sonra Turkcell e-Şirket'e bildirin"}
	}
	last := want.IssueDate.In(clock.Istanbul).AddDate(0, cancelMonths, 1) // the day itself still counts
	if want.Kind == invoice.EArsiv && !want.IssueDate.IsZero() && !p.clock.Now().Before(last) {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "turkcell.cancel_late",
			Message: "e-Arşiv fatura, tarihinden 6 ay sonra iptal edilemez.", Advice: tooLateToCancel}
	}
	body, err := json.Marshal([]string{want.ETTN.String()})
	if err != nil {
		return fmt.Errorf("writing the list of documents: %w", err)
	}
	r := request{doing: doing, use: useChange, product: s.name, method: http.MethodPut, path: s.cancel, contentType: typeJSON, accept: "application/json", body: body}
	if s.kind.Receipt() {
		r.method = http.MethodPost // unlike e-Arşiv's (facts 2.6)
	}
	return p.changed(ctx, r, want.ETTN)
}

// change sends a PUT whose answer's body says nothing.
func (p *Provider) change(ctx context.Context, doing, product, path string, body []byte, ettn uuid.UUID) error {
	r := request{doing: doing, use: useChange, product: product, method: http.MethodPut, path: path,
		contentType: typeJSON, accept: "application/json", body: body}
	return p.changed(ctx, r, ettn)
}

// changed sends a write about one document whose answer's body says nothing.
func (p *Provider) changed(ctx context.Context, r request, ettn uuid.UUID) error {
	a, err := p.client.once(ctx, r)
	if err != nil {
		return err
	}
	if classOf(r.use, a.status) != "" {
		return p.client.refused(r, a, ettn.String())
	}
	if parseProblem(a.header.Get("Content-Type"), a.body).html {
		return p.client.unread(r, a, "the answer is a web page")
	}
	return nil
}

// Download fetches the UBL, PDF or HTML of an outgoing document, and the ZIP of a receipt.
func (p *Provider) Download(ctx context.Context, want providers.Identity, format providers.FileFormat) ([]byte, error) {
	if format == providers.FormatZIP && !want.Kind.Receipt() {
		return nil, notOffered(format)
	}
	own := sides(want.Kind)
	if want.Kind != "" {
		own = own[:1]
	}
	var body []byte
	var err error
	for _, s := range own {
		if body, err = p.file(ctx, s.create+"/", s.name, want.ETTN, format); !errors.Is(err, fault.NotFound) {
			break
		}
	}
	return body, err
}

func notOffered(format providers.FileFormat) error {
	return &fault.Error{Class: fault.Permanent, Doing: "downloading a document from turkcell", Code: "turkcell.format",
		Err: fmt.Errorf("no %q file is offered", format), Advice: "ubl, pdf ya da html isteyin"}
}

// file fetches one representation and makes sure that it is one: an answer of another kind is never stored as a document.
func (p *Provider) file(ctx context.Context, path, product string, ettn uuid.UUID, format providers.FileFormat) ([]byte, error) {
	r := request{
		doing: "downloading a document from turkcell", use: useDownload, product: product, method: http.MethodGet,
		path: path + ettn.String() + "/" + string(format), limit: p.cfg.MaxDownload,
	}
	if format != providers.FormatUBL {
		r.path += "/" + strconv.FormatBool(!p.cfg.OwnLook)
	}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return nil, err
	}
	if classOf(r.use, a.status) != "" {
		return nil, p.client.refused(r, a, ettn.String())
	}
	if !looksLike(format, a.body) {
		return nil, p.client.unread(r, a, "the file is no %s", format)
	}
	return a.body, nil
}

// looksLike checks the first bytes.
func looksLike(format providers.FileFormat, body []byte) bool {
	head := bytes.TrimSpace(bytes.TrimPrefix(body[:min(len(body), 1024)], []byte("\xEF\xBB\xBF")))
	utf16 := bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	switch format {
	case providers.FormatUBL:
		return utf16 || bytes.HasPrefix(head, []byte("<")) && !isHTML("", string(head))
	case providers.FormatPDF:
		return bytes.HasPrefix(head, []byte("%PDF"))
	case providers.FormatZIP:
		return bytes.HasPrefix(head, []byte("PK"))
	case providers.FormatHTML:
		return utf16 || bytes.HasPrefix(head, []byte("<"))
	}
	return false
}
