package followup

import (
	"context"
	"strings"
	"time"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// answeredAfter is how long an accepted invoice was on its way when a buyer may have accepted it with words. A basic invoice is
// accepted within minutes, and nobody is asked about it.
const answeredAfter = 10 * time.Minute

// addReason puts what the other side wrote behind the words of a status that ends a document: the buyer's reason to reject or
// accept a commercial invoice, customs' references of an export. The status counts without it, too.
func (j *Job) addReason(ctx context.Context, doc ledger.Document, account Account, s *providers.Status) {
	export := s.State == providers.StateAccepted && doc.BuyerTaxNo == invoice.Customs
	answered := s.State == providers.StateAccepted && doc.Route.Kind == invoice.EFatura && !doc.SentAt.IsZero() && j.Clock.Now().Sub(doc.SentAt) >= answeredAfter
	if s.State != providers.StateRejected && !export && !answered {
		return
	}
	reader, ok := providers.As[providers.BuyerAnswers](account.Provider)
	if !ok {
		return
	}
	words, err := reader.BuyerAnswer(ctx, doc.Identity())
	if err != nil {
		j.Log.Info("the buyer's words cannot be read", "document", doc.LocalReference, "err", err)
		return
	}
	if words != "" && !strings.Contains(s.Message, words) {
		s.Message = strings.TrimSuffix(s.Message, ".") + ": " + words
	}
}
