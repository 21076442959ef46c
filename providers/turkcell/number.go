package turkcell

import (
	"regexp"
	"strconv"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// ownNumbers are those that the provider takes with useManualInvoiceId (facts 5.2): series, year, nine digits.
var ownNumbers = regexp.MustCompile(`^[A-Z0-9]{3}20[0-9]{11}$`)

// ownNumber is the sale's number as the invoice's. Series and year are checked here, because a number once sent is spent.
func ownNumber(d providers.Draft) (string, error) {
	number, year := strings.TrimSpace(d.Invoice.SaleNumber), strconv.Itoa(d.Invoice.IssueDate.Year)
	if ownNumbers.MatchString(number) && strings.HasPrefix(number, d.Route.Prefix) && number[3:7] == year {
		return number, nil
	}
	f := invoice.NewFault("series.number", "doc_no", number, d.Route.Prefix, year)
	return "", &fault.Error{Class: fault.Permanent, Doing: preparing, Code: f.Code, Message: f.Message.TR, Advice: f.Advice.TR}
}
