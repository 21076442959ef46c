package app

import (
	"context"
	"fmt"

	"faturad/providers"
	"faturad/sync/ledger"
)

// mailer finds what mails a document.
func (c *Company) mailer(d ledger.Document) (providers.Mailer, error) {
	account, err := c.issuer(d)
	if err != nil {
		return nil, err
	}
	mailer, ok := providers.As[providers.Mailer](account.Provider)
	if !ok {
		return nil, fmt.Errorf("%s mails no invoices by itself: look into the provider's portal", account.Kind)
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

// remail has a document mailed to its buyer again. When the answer is lost nobody asks: at worst the buyer has it twice.
func (c *Company) remail(ctx context.Context, d ledger.Document, audit *ledger.Audit) error {
	mailer, err := c.mailer(d)
	if err != nil {
		return err
	}
	return c.operate(ctx, d, audit, operation{name: ledger.OpMail, to: d.State, harmless: true,
		call: func(ctx context.Context, d ledger.Document) error { return mailer.Remail(ctx, d.Identity(), nil) }})
}
