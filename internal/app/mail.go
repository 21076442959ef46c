package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

var (
	textNoAddress   = invoice.Text{TR: "Alıcının e-posta adresi yok.", EN: "The buyer has no e-mail address."}
	adviceNoAddress = invoice.Text{TR: "Adresi ERP'de satışa ya da cari kartına yazın, sonra yeniden isteyin.", EN: "Enter the address with the sale or the customer in the ERP, and ask again."}
)

// mailer finds what mails a document.
func (c *Company) mailer(d ledger.Document) (providers.Mailer, error) {
	account, err := c.issuer(d)
	if err != nil {
		return nil, err
	}
	mailer, ok := providers.As[providers.Mailer](account.Provider)
	if !ok {
		return nil, &refusal{why: textf(invoice.Text{
			TR: "%s, faturaları bu arayüzle e-postayla göndermez: entegratörün portalına bakın.",
			EN: "%s mails no invoices by itself: look into the provider's portal",
		}, account.Kind)}
	}
	return mailer, nil
}

// Mails asks the provider where its messages to the buyer of a document stand.
func (c *Company) Mails(ctx context.Context, d ledger.Document) ([]providers.Mail, error) {
	mailer, err := c.mailer(d)
	if err != nil {
		return nil, err
	}
	return mailer.Mails(ctx, d.Identity())
}

// remail has a document mailed to its buyer again: to the address that the sale has today. What failed to reach the same
// address is tried again; what was delivered, or goes to another address, is sent anew. When the answer is lost, the provider is
// asked for its messages; at worst the buyer has it twice. Followup tells in the ERP what becomes of it.
func (c *Company) remail(ctx context.Context, d ledger.Document, audit *ledger.Audit) error {
	mailer, err := c.mailer(d)
	if err != nil {
		return err
	}
	before, err := mailer.Mails(ctx, d.Identity())
	if err != nil {
		return err
	}
	known := followup.MailOf(before, d.Mail)
	address, err := c.mailAddress(ctx, d, known.Address)
	if err != nil {
		return err
	}
	if address == "" {
		language := c.app.Config.Language
		return &fault.Error{Class: fault.Permanent, Doing: "mailing it", Code: "mail.no_address", Message: textNoAddress.In(language), Advice: adviceNoAddress.In(language)}
	}
	var to []string
	if !strings.EqualFold(address, known.Address) || known.State == providers.MailSent {
		to = followup.Addresses(address)
	}
	wanted := &ledger.MailPatch{Mail: ledger.Mail{State: providers.MailWaiting, Address: address}, NextIn: new(time.Duration)}
	o := operation{name: ledger.OpMail, to: d.State, harmless: true, intent: ledger.Patch{Mail: wanted}, success: ledger.Patch{Mail: wanted},
		undo: func(ledger.Document) ledger.Patch {
			return ledger.Patch{Mail: &ledger.MailPatch{Mail: known, NextIn: new(time.Duration)}}
		},
		call: func(ctx context.Context, d ledger.Document) error { return mailer.Remail(ctx, d.Identity(), to) },
		applied: func(ctx context.Context, d ledger.Document) (bool, error) {
			after, err := mailer.Mails(ctx, d.Identity())
			return len(after) > len(before) || tries(after) > tries(before), err
		}}
	return c.operate(ctx, d, audit, o)
}

// tries is how often all messages together were tried.
func tries(mails []providers.Mail) (n int) {
	for _, m := range mails {
		n += m.Tries
	}
	return n
}

// mailAddress is where a document's mail should go today: an address that was corrected in the ERP counts. Where sale or route
// name none, it stays what it was.
func (c *Company) mailAddress(ctx context.Context, d ledger.Document, was string) (string, error) {
	if was == "" {
		was = d.Route.Email
	}
	source, err := c.Source(ctx)
	if err != nil {
		return "", err
	}
	found, err := source.Load(ctx, d.KeySpace, []string{d.SaleKey})
	if err != nil {
		return "", fmt.Errorf("reading the buyer's address: %w", err)
	}
	if found[0].Missing {
		return was, nil
	}
	drafted, err := c.outbound(source).Redraft(ctx, d, found[0])
	if err != nil {
		return "", err
	}
	if drafted.Route.Email == "" {
		return was, nil
	}
	return drafted.Route.Email, nil
}
