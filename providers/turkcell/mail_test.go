package turkcell_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

// TestMails: the messages of an e-Arşiv are told, sent again and sent elsewhere; an e-Fatura and an unknown document have none.
func TestMails(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	sim.SetMailbox("alici@example.com", turkcellsim.MailboxBounces)
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	d := providertest.Sample(invoice.EArsiv, 1)
	d.Route.Email = "alici@example.com"
	o := prepared(t, p, d)
	ctx := context.Background()
	if _, err := p.Send(ctx, o); err != nil {
		t.Fatal(err)
	}
	id := providers.Identity{ETTN: o.ETTN, Kind: invoice.EArsiv}
	if mails, err := p.Mails(ctx, id); err != nil || len(mails) != 1 || mails[0].State != providers.MailFailed {
		t.Fatalf("a mailbox that bounces: %+v, %v", mails, err)
	}
	sim.SetMailbox("alici@example.com", turkcellsim.MailboxTakes)
	if err := p.Remail(ctx, id, nil); err != nil {
		t.Fatal(err)
	}
	if err := p.Remail(ctx, id, []string{"b@example.com", "c@example.com"}); err != nil {
		t.Fatal(err)
	}
	mails, err := p.Mails(ctx, id)
	if err != nil || len(mails) != 3 || mails[0].Address != "alici@example.com" || mails[0].Tries != 2 || mails[2].Address != "c@example.com" {
		t.Fatalf("%+v, %v", mails, err)
	}
	if mails[0].State != providers.MailSent || mails[0].LastTry.IsZero() {
		t.Errorf("%+v", mails[0])
	}
	if err := p.Remail(ctx, id, []string{"no address"}); fault.ClassOf(err) != fault.Permanent {
		t.Errorf("a wrong address: %v", err)
	}
	if _, err := p.Mails(ctx, providers.Identity{ETTN: uuid.New(), Kind: invoice.EArsiv}); !errors.Is(err, fault.NotFound) {
		t.Errorf("an unknown document: %v", err)
	}
	if err := p.Remail(ctx, providers.Identity{ETTN: o.ETTN, Kind: invoice.EFatura}, nil); fault.ClassOf(err) != fault.Permanent {
		t.Errorf("an e-Fatura: %v", err)
	}
}
