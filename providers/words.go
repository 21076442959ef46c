package providers

import (
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

var (
	textRefusedSaying = invoice.Text{TR: `Entegratör kabul etmedi: "`, EN: `The provider refused it: "`}
	textSaying        = invoice.Text{TR: `Entegratörün açıklaması: "`, EN: `The provider says: "`}
)

// Words takes an error apart for people: what happened, and what to do about it. What a provider answered is quoted as it came:
// it may be English, or name the fields of its interface. What faturad itself says of the sale stands as it is.
func Words(e *fault.Error, language string) (message, advice string) {
	message, advice = e.Message, e.Advice
	if message != "" && e.Status != 0 {
		saying := textSaying
		if e.Class == fault.Permanent {
			saying = textRefusedSaying
		}
		message = saying.In(language) + message + `"`
	}
	return sentence(message), sentence(advice)
}

// sentence ends a text with a full stop, as the texts beside it in the ERP's columns do.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, `."`) || strings.HasSuffix(s, `!"`) {
		return s
	}
	return s + "."
}
