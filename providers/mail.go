package providers

import (
	"context"
	"time"
)

// Mailer is offered by providers that mail e-Arşiv invoices to their buyers.
type Mailer interface {
	// Mails tells about every message that was sent about a document. fault.NotFound: the provider has no such document.
	Mails(context.Context, Identity) ([]Mail, error)
	// Remail makes at most one request: it sends the messages again that failed, or, where to names addresses, sends the
	// document there, be it again or for the first time. The classes are those of Send; a message that goes out twice has no legal effect.
	Remail(ctx context.Context, id Identity, to []string) error
}

// Mail is one message about a document.
type Mail struct {
	Address string
	State   MailState
	Code    int       // the provider's own code
	Tries   int       // how often it was sent, or tried
	LastTry time.Time // zero = never, or unknown
}

// MailState is where a message stands.
type MailState string

// The states of a message.
const (
	MailWaiting MailState = "waiting" // not sent yet
	MailSent    MailState = "sent"    // handed to the buyer's mail server
	MailFailed  MailState = "failed"  // not delivered; Remail tries again
	MailStopped MailState = "stopped" // the provider gave up
)
