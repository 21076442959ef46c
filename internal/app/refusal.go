package app

import (
	"errors"
	"fmt"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// refusal is why what a person asked for cannot be done. As an error it is English, for the command line and the log; the ERP
// has it in its own language. It never names the document: whoever shows it has named it already.
type refusal struct {
	class fault.Class // empty = nothing was tried of which one could speak
	why   invoice.Text
}

func (r *refusal) Error() string { return r.why.EN }

// Unwrap gives the class, so that fault.ClassOf finds it.
func (r *refusal) Unwrap() error {
	if r.class == "" {
		return nil
	}
	return r.class
}

// textf fills the same values into both languages.
func textf(t invoice.Text, args ...any) invoice.Text {
	return invoice.Text{TR: fmt.Sprintf(t.TR, args...), EN: fmt.Sprintf(t.EN, args...)}
}

// inState fills in a state, where a sentence names it: for Turkish readers as the ERP shows it, else as the commands spell it.
func inState(t invoice.Text, s ledger.State) invoice.Text {
	return invoice.Text{TR: strings.ReplaceAll(t.TR, "%s", s.Projection().Text("tr")), EN: strings.ReplaceAll(t.EN, "%s", string(s))}
}

var (
	textRequestUnknown = invoice.Text{
		TR: "İsteğin sonucu henüz bilinmiyor. Yeniden istemeden önce bekleyin; belgenin durumu gösterecek.",
		EN: "The outcome of the request is not known yet. Wait before you ask again; the document's state will show it.",
	}
	textRequestFailed = invoice.Text{
		TR: "İstek yerine getirilemedi; birazdan yeniden isteyin, yine olmazsa sistem yöneticisine bildirin (%v).",
		EN: "The request could not be served; ask again in a while, and tell the administrator if it fails again (%v).",
	}
)

// told is what the ERP reads of a request that came to nothing. What refuses it for good has words of its own; what a provider or a
// database says on the way is for the administrator, and stands in brackets.
func told(err error, language string) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		if language == "en" {
			return strings.ToUpper(r.why.EN[:1]) + r.why.EN[1:] + "."
		}
		return r.why.In(language)
	}
	switch e, ok := errors.AsType[*fault.Error](err); {
	case fault.ClassOf(err) == fault.Ambiguous:
		return textRequestUnknown.In(language)
	case ok && e.Class == fault.Permanent && e.Message != "":
		message, advice := providers.Words(e, language)
		return strings.TrimSpace(message + " " + advice)
	}
	return textf(textRequestFailed, err).In(language)
}
