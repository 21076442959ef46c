package followup

import (
	"context"
	"errors"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// talker is a provider that reports one status, and what the other side wrote.
type talker struct {
	scene
	status providers.Status
	words  string
	err    error
	asked  int
}

func (p *talker) Status(context.Context, providers.Identity) (providers.Status, error) {
	return p.status, nil
}
func (p *talker) BuyerAnswer(context.Context, providers.Identity) (string, error) {
	p.asked++
	return p.words, p.err
}

// TestBuyersWords: why a buyer rejected, or what it wrote when it accepted, stands in the document's message, and customs' references of an export; nothing is
// asked for other invoices, and a reason that cannot be read holds up no status.
func TestBuyersWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state   providers.State
		buyer   string
		err     error
		message string
		to      ledger.State
		asked   int
		kind    invoice.Kind
		ago     time.Duration // since it was sent
	}{
		"rejected":         {providers.StateRejected, "1234567890", nil, "Alıcı reddetti: fiyat farkı", ledger.Rejected, 1, "", time.Hour},
		"reason unread":    {providers.StateRejected, "1234567890", fault.New(fault.Retryable, "asking", errors.New("away")), "Alıcı reddetti", ledger.Rejected, 1, "", time.Hour},
		"export":           {providers.StateAccepted, invoice.Customs, nil, "Alıcı reddetti: fiyat farkı", ledger.Accepted, 1, "", time.Hour},
		"any other":        {providers.StateAccepted, "1234567890", nil, "Alıcı reddetti", ledger.Accepted, 0, "", time.Hour},
		"accepted later":   {providers.StateAccepted, "1234567890", nil, "Alıcı reddetti: fiyat farkı", ledger.Accepted, 1, invoice.EFatura, time.Hour},
		"accepted at once": {providers.StateAccepted, "1234567890", nil, "Alıcı reddetti", ledger.Accepted, 0, invoice.EFatura, time.Minute},
		"e-Arşiv":          {providers.StateAccepted, "1234567890", nil, "Alıcı reddetti", ledger.Accepted, 0, invoice.EArsiv, time.Hour},
		"still on its way": {providers.StateWorking, invoice.Customs, nil, "", ledger.Sent, 0, "", time.Hour},
	} {
		p := &talker{status: providers.Status{State: c.state, Code: 1, Number: "FTR1", Message: "Alıcı reddetti"}, words: "fiyat farkı", err: c.err}
		j := testJob()
		doc := ledger.Document{State: ledger.Sent, BuyerTaxNo: c.buyer, SentAt: j.Clock.Now().Add(-c.ago)}
		doc.Route.Kind = c.kind
		a := j.status(t.Context(), doc, Account{Provider: p})
		change := a.changes[0]
		if change.To != c.to || p.asked != c.asked || c.message != "" && (change.Patch.Message == nil || *change.Patch.Message != c.message) {
			t.Errorf("%s: %s, asked %d times, %v", name, change.To, p.asked, change.Patch.Message)
		}
	}
}
