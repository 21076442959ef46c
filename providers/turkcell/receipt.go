package turkcell

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// receiptModel is the body of a receipt's create or update by UBL: the XML, zipped and in base64, and the fields that invoices
// have in their form (facts 2.6 and 2.7; guide, E-MM and E-SMM, "Post (UBL)"). Of the paired fields each product has its own.
type receiptModel struct {
	ProducerReceiptZip         []byte `json:"producerReceiptZip,omitempty"`
	VoucherZip                 []byte `json:"voucherZip,omitempty"`
	Status                     int    `json:"status"`
	LocalReferenceID           string `json:"localReferenceId,omitempty"`
	CheckLocalReferenceID      bool   `json:"checkLocalReferenceId,omitempty"`
	Prefix                     string `json:"prefix,omitempty"`
	UseManualProducerReceiptID *bool  `json:"useManualProducerReceiptId,omitempty"`
	UseManualVoucherID         *bool  `json:"useManualVoucherId,omitempty"`
	SendEMail                  bool   `json:"sendEMail"`
	EMailAddress               string `json:"eMailAddress,omitempty"`
}

// receiptBody wraps the frozen UBL of a receipt; it changes none of it.
func receiptBody(o providers.Outgoing) ([]byte, error) {
	packed, err := zipOne(o.ETTN.String()+".xml", o.Payload.Bytes)
	if err != nil {
		return nil, err
	}
	own := o.Payload.ContentType == typeOwnUBL
	m := receiptModel{
		Status: statusCode(o.Route.Draft), LocalReferenceID: o.LocalReference, CheckLocalReferenceID: o.LocalReference != "", Prefix: o.Route.Prefix,
		SendEMail: o.Route.Email != "", EMailAddress: o.Route.Email,
	}
	if o.Route.Kind == invoice.EMM {
		m.ProducerReceiptZip, m.UseManualProducerReceiptID = packed, &own
	} else {
		m.VoucherZip, m.UseManualVoucherID = packed, &own
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing the receipt's fields: %w", err)
	}
	return body, nil
}

// zipOne makes a zip of one file. It carries no time, so that the same document gives the same request.
func zipOne(name string, content []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(content)/4 + formOverhead)
	z := zip.NewWriter(&b)
	file, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err == nil {
		_, err = file.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("zipping the document: %w", err)
	}
	return b.Bytes(), nil
}

// openReceipt readies a failed receipt for its update. An invoice may be replaced as it failed; a receipt has to be turned
// back into a draft first (guide, E-MM and E-SMM, "Update Status List"). Whatever becomes of that, the document's content is
// what it was: nothing is left in doubt here.
func (p *Provider) openReceipt(ctx context.Context, o providers.Outgoing) error {
	s := sideOf(o.Route.Kind)
	status, err := p.askStatus(ctx, s, o.ETTN, useStatus)
	if err != nil {
		return err
	}
	switch status.State {
	case providers.StateDraft:
		return nil
	case providers.StateFailed:
		return unchanged(p.setStatus(ctx, "turning back into a draft", s, o.ETTN, statusCode(true)))
	default:
		return &fault.Error{Class: fault.Permanent, Doing: "updating an " + s.name + " at turkcell", Code: "turkcell.state",
			Message: "Belgenin entegratördeki durumu: " + status.Message, Advice: "Belge artık değiştirilemez: yalnız taslak ve hatalı belgeler değiştirilir"}
	}
}

// unchanged makes "may be done" a "try again": what may be done is harmless, and is asked for before the next try.
func unchanged(err error) error {
	if fault.ClassOf(err) != fault.Ambiguous {
		return err
	}
	return &fault.Error{Class: fault.Retryable, Doing: "turning a receipt back into a draft", Code: "turkcell.unreachable", Err: err,
		Advice: "İşlemi yineleyin: belgenin içeriği değişmedi"}
}

// receiptRequest completes r with a receipt's endpoint and body.
func (p *Provider) receiptRequest(r request, o providers.Outgoing) (request, error) {
	s := sideOf(o.Route.Kind)
	r.path, r.contentType = s.create, typeJSON
	if r.method == http.MethodPut {
		r.path = s.of(o.ETTN)
	}
	switch {
	case o.Payload.ContentType == typeUBL || o.Payload.ContentType == typeOwnUBL:
		body, err := receiptBody(o)
		if err != nil {
			return request{}, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "payload.form", Err: err}
		}
		r.body = body
	case o.Payload.ContentType == typeJSON && o.Route.Kind == invoice.ESMM && r.method == http.MethodPost:
		r.path, r.body = s.create+"/create", o.Payload.Bytes
	case o.Payload.ContentType == typeJSON && o.Route.Kind == invoice.ESMM:
		return request{}, &fault.Error{Class: fault.Permanent, Doing: r.doing, Code: "turkcell.update_json",
			Message: "JSON modeliyle e-SMM düzeltilemez: entegratör düzeltmeyi yalnız UBL olarak alır.", Advice: `turkcell.voucher_format = "ubl" ayarıyla yineleyin`}
	default:
		return request{}, foreignPayload(r, o)
	}
	return r, nil
}
