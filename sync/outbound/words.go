package outbound

import (
	"errors"
	"fmt"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// Refusal is a refusal to prepare an invoice as the fault that it is to the sale; a provider says it in the accountant's
// language only.
func Refusal(err error) invoice.Fault {
	f := invoice.Fault{}
	f.Message.TR, f.Advice.TR, f.Code = words(err, "tr")
	f.Message.EN, f.Advice.EN, _ = words(err, "en")
	return f
}

// words takes a refusal to prepare apart for the ERP's columns. What has no words for accountants stands in brackets, for whoever
// they ask.
func words(err error, language string) (message, advice, code string) {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Message != "" {
		message, advice = providers.Words(e, language)
		return message, advice, codeOf(err)
	}
	return fmt.Sprintf(textUnprepared.In(language), err), adviceUnprepared.In(language), codeOf(err)
}

// codeOf is the code of an error; it is never empty.
func codeOf(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return "internal"
	case e.Code == "":
		return "provider." + string(e.Class)
	}
	return e.Code
}
