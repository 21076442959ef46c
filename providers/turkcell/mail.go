package turkcell

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/redact"
)

// mailStates are the provider's codes of a message (facts 4.5).
var mailStates = map[int]providers.MailState{
	0: providers.MailWaiting, 10: providers.MailWaiting, 20: providers.MailSent, 30: providers.MailFailed, 40: providers.MailStopped,
}

// mailAnswer is one row of getmaildetail.
type mailAnswer struct {
	InvoiceID    id      `json:"invoiceId"`
	EmailAddress string  `json:"emailAddress"`
	EmailStatus  number  `json:"emailStatus"`
	TryCount     number  `json:"tryCount"`
	LastTryDate  instant `json:"lastTryDate"`
}

// Mails asks for the messages about an e-Arşiv document. The guide shows one object, the provider answers with a list
// (facts 2.3): both are read.
func (p *Provider) Mails(ctx context.Context, want providers.Identity) ([]providers.Mail, error) {
	const doing = "asking turkcell for the mails of a document"
	if err := mailed(want, doing); err != nil {
		return nil, err
	}
	r := request{doing: doing, use: useStatus, product: productOf(invoice.EArsiv), method: http.MethodGet,
		path: "/v1/earchive/getmaildetail", query: url.Values{"id": {want.ETTN.String()}}, accept: "application/json"}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return nil, err
	}
	if classOf(r.use, a.status) != "" {
		return nil, p.client.refused(r, a, want.ETTN.String())
	}
	var rows []mailAnswer
	if text := bytes.TrimSpace(a.body); bytes.HasPrefix(text, []byte("{")) {
		rows = make([]mailAnswer, 1)
		err = decode(a, &rows[0])
	} else {
		err = decode(a, &rows)
	}
	if err != nil {
		return nil, p.client.unread(r, a, "the answer is no list of mails: %w", err)
	}
	out := make([]providers.Mail, len(rows))
	for i, row := range rows {
		if row.InvoiceID.UUID != want.ETTN || !row.EmailStatus.given {
			return nil, p.client.unread(r, a, "the answer is about document %s", row.InvoiceID)
		}
		state, known := mailStates[row.EmailStatus.value]
		if !known {
			state = providers.MailWaiting
		}
		out[i] = providers.Mail{Address: redact.Line(row.EmailAddress, 500), State: state, Code: row.EmailStatus.value, Tries: row.TryCount.value, LastTry: row.LastTryDate.Time}
	}
	return out, nil
}

// Remail has those messages of an e-Arşiv document sent again that failed (a GET, as the provider has it), or sends it to
// addresses, the same or new ones.
func (p *Provider) Remail(ctx context.Context, want providers.Identity, to []string) error {
	const doing = "having turkcell mail a document again"
	if err := mailed(want, doing); err != nil {
		return err
	}
	r := request{doing: doing, use: useChange, product: productOf(invoice.EArsiv), method: http.MethodGet,
		path: "/v1/earchive/retryinvoicemail/" + want.ETTN.String(), accept: "application/json"}
	if len(to) > 0 {
		body, err := json.Marshal(map[string]string{"id": want.ETTN.String(), "emailAddresses": strings.Join(to, ";")})
		if err != nil {
			return fmt.Errorf("writing the addresses: %w", err)
		}
		r.method, r.path, r.contentType, r.body = http.MethodPost, "/v1/earchive/retryinvoicemail", typeJSON, body
	}
	return p.changed(ctx, r, want.ETTN)
}

// mailed refuses what the provider mails nobody: an e-Fatura goes to its buyer's mailbox at GİB. Receipts it mails when they
// are made (sendEMail), and has no question about it.
func mailed(want providers.Identity, doing string) error {
	switch {
	case want.Kind.Receipt():
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "turkcell.mail_receipt", Message: "Makbuzun e-postası bu arayüzle sorulamaz ve yeniden gönderilemez.",
			Advice: "Entegratörün portalında bakın"}
	case want.Kind == invoice.EFatura:
		return &fault.Error{Class: fault.Permanent, Doing: doing, Code: "turkcell.mail_efatura", Message: "e-Fatura alıcının posta kutusuna gider, e-posta ile gönderilmez."}
	}
	return nil
}
