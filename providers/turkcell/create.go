package turkcell

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/providers/redact"
)

// The content types of a payload; they decide the endpoint, whatever the account's format is by now.
const (
	typeUBL  = "application/xml; charset=utf-8"
	typeJSON = "application/json; charset=utf-8"
	// typeOwnUBL is a UBL whose number counts (useManualInvoiceId): frozen with the bytes, because the same bytes sent under
	// another setting would be another invoice.
	typeOwnUBL = typeUBL + "; number=own"
)

// maxReference is the provider's column for our local reference (facts section 1).
const maxReference = 150

// Prepare makes the UBL, or the JSON model, that Send will carry. Pure: no I/O, no clock, no randomness.
func (p *Provider) Prepare(d providers.Draft) (providers.Payload, error) {
	if err := checkDraft(d); err != nil {
		return providers.Payload{}, err
	}
	if build := p.model(d.Route.Kind); build != nil {
		body, err := build(d)
		if err != nil {
			return providers.Payload{}, err
		}
		return payload(typeJSON, body), nil
	}
	inv := d.Invoice
	number, contentType := ubl.Placeholder(d.Route.Prefix, inv.IssueDate), typeUBL
	if p.cfg.OwnNumbers {
		own, err := ownNumber(d)
		if err != nil {
			return providers.Payload{}, err
		}
		number, contentType = own, typeOwnUBL
	}
	header := ubl.Header{
		ETTN: d.ETTN, Number: number, Kind: d.Route.Kind, CustomizationID: p.cfg.CustomizationID,
		LocalReference: d.LocalReference, SendType: p.cfg.SendType, Archive: p.cfg.Archive,
	}
	if d.Route.Kind.Receipt() {
		header.CustomizationID, header.ReceiptType = p.cfg.ReceiptCustomization, p.cfg.VoucherType
	}
	body, err := ubl.Write(inv, header)
	if err != nil {
		return providers.Payload{}, fmt.Errorf("writing the UBL: %w", err)
	}
	return payload(contentType, body), nil
}

// model writes the JSON model of a kind where the account is set to it; nil = UBL. An e-MM has no such model.
func (p *Provider) model(kind invoice.Kind) func(providers.Draft) ([]byte, error) {
	switch {
	case kind == invoice.ESMM && p.cfg.VoucherFormat == FormatJSON:
		return p.buildVoucher
	case !kind.Receipt() && p.cfg.Format == FormatJSON:
		return p.buildModel
	}
	return nil
}

func payload(contentType string, body []byte) providers.Payload {
	return providers.Payload{ContentType: contentType, Bytes: body, Hash: hash(body)}
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

const preparing = "preparing a document for turkcell"

// notCarried refuses what the provider cannot take.
func notCarried(reason, advice string) error {
	return &fault.Error{Class: fault.Permanent, Doing: preparing, Code: providers.CodeNotCarried, Message: reason, Advice: advice}
}

func checkDraft(d providers.Draft) error {
	if d.Route.Kind != sideOf(d.Route.Kind).kind {
		return notCarried("Bu entegratöre yalnız e-Fatura, e-Arşiv, e-MM ve e-SMM gönderilir.", "Belgenin türünü düzeltin")
	}
	if len(d.LocalReference) > maxReference {
		return notCarried(fmt.Sprintf("Yerel referans %d karakterden uzun.", maxReference), "Şirket adını ya da anahtarı kısaltın")
	}
	if prefix := d.Route.Prefix; prefix != "" && !validPrefix(prefix) {
		return notCarried(fmt.Sprintf("Seri %q üç büyük harf ya da rakam değil.", prefix), "ERP'deki seri alanını (series) üç karakterli bir seriyle düzeltin, örneğin ABC, ya da boşaltın")
	}
	return nil
}

func validPrefix(s string) bool {
	return len(s) == 3 && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// Send makes exactly one creating request. An answer that names another document than ours is returned as it stands, with
// that other ETTN in the receipt: the caller must not adopt it.
func (p *Provider) Send(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	r, err := p.createRequest(o, false)
	if err != nil {
		return providers.Receipt{}, err
	}
	return p.write(ctx, r, o)
}

// Update replaces the content of a draft or failed document under the same ETTN (PUT; facts 2.1, 2.3, 2.6 and 2.7).
func (p *Provider) Update(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	r, err := p.createRequest(o, true)
	if err != nil {
		return providers.Receipt{}, err
	}
	if o.Route.Kind.Receipt() {
		if err := p.openReceipt(ctx, o); err != nil {
			return providers.Receipt{}, err
		}
	}
	return p.write(ctx, r, o)
}

// createRequest wraps the frozen bytes; it changes none of them.
func (p *Provider) createRequest(o providers.Outgoing, update bool) (request, error) {
	r := request{doing: "creating an " + productOf(o.Route.Kind) + " at turkcell", use: useCreate, product: productOf(o.Route.Kind),
		method: http.MethodPost, accept: "application/json"}
	if update {
		r.doing, r.use, r.method = "updating an "+productOf(o.Route.Kind)+" at turkcell", useChange, http.MethodPut
	}
	if hash(o.Payload.Bytes) != o.Payload.Hash {
		return request{}, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "payload.hash",
			Err: errors.New("the payload is not the one that was prepared: its hash differs"), Advice: "Kayıt veritabanını kontrol edin"}
	}
	if o.Route.Kind.Receipt() {
		return p.receiptRequest(r, o)
	}
	archive := o.Route.Kind == invoice.EArsiv
	switch o.Payload.ContentType {
	case typeJSON:
		r.contentType, r.body = typeJSON, o.Payload.Bytes
		// e-Fatura's JSON endpoint is v1, e-Arşiv's is v2 (facts section 8, point 2).
		switch {
		case archive && update:
			r.path = "/v2/earchive/update/" + o.ETTN.String()
		case archive:
			r.path = "/v2/earchive/create"
		case update:
			r.path = "/v1/outboxinvoice/update/" + o.ETTN.String()
		default:
			r.path = "/v1/outboxinvoice/create"
		}
	case typeUBL, typeOwnUBL:
		r.path = sideOf(o.Route.Kind).create
		if update {
			r.path = sideOf(o.Route.Kind).of(o.ETTN)
		}
		var err error
		if r.contentType, r.body, err = p.form(o); err != nil {
			return request{}, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "payload.form", Err: err}
		}
	default:
		return request{}, foreignPayload(r, o)
	}
	return r, nil
}

// foreignPayload refuses bytes that Prepare did not make.
func foreignPayload(r request, o providers.Outgoing) error {
	return &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "payload.type",
		Err: fmt.Errorf("a payload of type %.60q was not prepared for an %s at turkcell", o.Payload.ContentType, r.product)}
}

// formOverhead is more than the fields and boundaries of a form take.
const formOverhead = 4 << 10

// form is the multipart body of the UBL endpoints (facts 2.1 and 2.3, guide "Post (UBL)"). Its boundary comes from the
// payload's hash, so that the same document gives the same request.
func (p *Provider) form(o providers.Outgoing) (contentType string, body []byte, err error) {
	fields := [][2]string{{"status", statusField(o.Route.Draft)}, {"useManualInvoiceId", strconv.FormatBool(o.Payload.ContentType == typeOwnUBL)}}
	if o.LocalReference != "" {
		fields = append(fields, [2]string{"localReferenceId", o.LocalReference}, [2]string{"checkLocalReferenceId", "true"})
	}
	if o.Route.Prefix != "" {
		fields = append(fields, [2]string{"prefix", o.Route.Prefix})
	}
	if p.cfg.XSLTCode != "" {
		fields = append(fields, [2]string{"xsltCode", p.cfg.XSLTCode})
	}
	if o.Route.Kind == invoice.EArsiv {
		if o.Route.Email != "" {
			fields = append(fields, [2]string{"sendEMail", "true"}, [2]string{"eMailAddress", o.Route.Email})
		} else {
			fields = append(fields, [2]string{"sendEMail", "false"})
		}
		if p.cfg.AllowOldEArsiv {
			fields = append(fields, [2]string{"allowOldEArsivCustomer", "true"})
		}
	} else {
		fields = append(fields, [2]string{"appType", "1"})
		switch {
		case o.Route.Alias != "":
			fields = append(fields, [2]string{"targetAlias", o.Route.Alias})
		case p.cfg.UseFirstAlias:
			fields = append(fields, [2]string{"useFirstAlias", "true"})
		}
	}

	var b bytes.Buffer
	b.Grow(len(o.Payload.Bytes) + formOverhead)
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("faturad-" + o.Payload.Hash[:48]); err != nil {
		return "", nil, fmt.Errorf("starting the form: %w", err)
	}
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			return "", nil, fmt.Errorf("writing form field %s: %w", f[0], err)
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="invoiceFile"; filename="%s.xml"`, o.ETTN))
	header.Set("Content-Type", "application/xml")
	file, err := w.CreatePart(header)
	if err == nil {
		_, err = file.Write(o.Payload.Bytes)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", nil, fmt.Errorf("writing the form's file: %w", err)
	}
	return w.FormDataContentType(), b.Bytes(), nil
}

// statusField: 0 keeps it as a draft, 20 saves and sends.
func statusField(draft bool) string { return strconv.Itoa(statusCode(draft)) }

func statusCode(draft bool) int {
	if draft {
		return 0
	}
	return 20
}

// write sends a create or update and judges its answer.
func (p *Provider) write(ctx context.Context, r request, o providers.Outgoing) (providers.Receipt, error) {
	a, err := p.client.once(ctx, r)
	if err != nil {
		return providers.Receipt{}, err
	}
	ettn := o.ETTN.String()
	if class := classOf(r.use, a.status); class != "" {
		return providers.Receipt{}, p.client.refused(r, a, ettn)
	}
	var created struct {
		numbered
		ID id `json:"id"`
	}
	if err := decode(a, &created); err != nil {
		if r.use == useChange && len(bytes.TrimSpace(a.body)) == 0 {
			return providers.Receipt{ETTN: o.ETTN, Draft: o.Route.Draft}, nil // an update need not say anything
		}
		return providers.Receipt{}, p.client.unread(r, a, "the answer is no receipt: %w", err)
	}
	number := created.number()
	switch {
	case created.ID.UUID != o.ETTN && created.ID.UUID != [16]byte{}:
		p.log.ErrorContext(ctx, "ALARM: turkcell answered for another document", "sent", ettn, "answered", created.ID.String(),
			"correlation", a.correlation)
	case created.ID.UUID == [16]byte{}:
		return providers.Receipt{}, p.client.unread(r, a, "the receipt names no document")
	case number == "" && !o.Route.Draft && r.use == useCreate:
		return providers.Receipt{}, p.client.unread(r, a, "the receipt has no number")
	case len(number) > 20 || redact.Line(number, 20) != number:
		return providers.Receipt{}, p.client.unread(r, a, "the receipt's number is none")
	}
	return providers.Receipt{ETTN: created.ID.UUID, Number: number, Draft: o.Route.Draft, Answer: p.client.redact.Answer(a.body)}, nil
}
