package kolaybi

import (
	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
)

// words are the values of e_document_status that somebody has seen, folded. KolayBi publishes no list.
var words = map[string]providers.State{
	"not sent": providers.StateDraft, "ready": providers.StateDraft, "draft": providers.StateDraft, "ready to send": providers.StateDraft, "new": providers.StateDraft,
	"waiting": providers.StateWorking, "queued": providers.StateWorking, "processing": providers.StateWorking, "sending": providers.StateWorking,
	"sent": stateSent, "sent to receiver": stateSent, "delivered": stateSent,
	"accepted": providers.StateAccepted, "approved": providers.StateAccepted,
	"rejected": providers.StateRejected, "declined": providers.StateRejected,
	"failed": providers.StateFailed, "error": providers.StateFailed, "not delivered": providers.StateFailed,
	"cancelled": providers.StateCancelled, "canceled": providers.StateCancelled,
}

// stateSent is success, except for a commercial invoice whose buyer may still answer.
const stateSent providers.State = "sent"

// answerDays is how long the buyer of a commercial invoice may reject it; silence is consent.
const answerDays = 8

// state reduces a row to what followup needs. An unknown word of an official document is "on its way".
func (p *Provider) state(o official) providers.State {
	word := fold(o.Status)
	state, known := words[word]
	for setting, s := range p.cfg.Statuses {
		if fold(setting) == word {
			state, known = s, true
		}
	}
	switch {
	case o.Cancelled:
		return providers.StateCancelled
	case state == providers.StateFailed || state == providers.StateCancelled:
		return state
	case !o.done():
		if state == providers.StateDraft || o.Status == "" {
			return providers.StateDraft
		}
		return providers.StateWorking
	case !known || state == providers.StateDraft:
		return providers.StateWorking
	case state == stateSent && o.Scenario == "TICARIFATURA" && !p.silent(o.IssueDate):
		return providers.StateWorking
	case state == stateSent:
		return providers.StateAccepted
	}
	return state
}

// messages are what accountants read; KolayBi gives no reason.
var messages = map[providers.State]string{
	providers.StateFailed:    "KolayBi faturayı GİB'e iletemedi; nedeni KolayBi panelinde görünür.",
	providers.StateRejected:  "Alıcı faturayı reddetti.",
	providers.StateCancelled: "Fatura KolayBi'de iptal edilmiş.",
}

// silent says that the buyer's time to answer is over.
func (p *Provider) silent(issued invoice.Date) bool {
	if issued.IsZero() {
		return false
	}
	today := invoice.DateOf(p.clock.Now().In(clock.Istanbul))
	return issued.AddDays(answerDays).Before(today)
}
