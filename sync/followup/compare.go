package followup

import (
	"fmt"
	"strings"

	"faturad/providers"
	"faturad/sync/ledger"
)

// Difference says in words how what the provider holds differs from what we meant to send; empty = it is the same document.
// Only what the ledger knows is compared: a document rebuilt from the ERP's marks has nothing but its key.
func Difference(doc ledger.Document, content providers.Content) string {
	var differences []string
	differ := func(what, ours, theirs string) {
		if ours != "" && ours != theirs {
			differences = append(differences, fmt.Sprintf("%s: %s ≠ %s", what, ours, theirs))
		}
	}
	differ("VKN/TCKN", doc.BuyerTaxNo, content.BuyerTaxNo)
	differ("para birimi", doc.Currency, content.Currency)
	differ("tarih", doc.IssueDate.String(), content.IssueDate.String())
	if doc.Payable.Valid && !doc.Payable.Decimal.Equal(content.Payable) {
		differ("tutar", doc.Payable.Decimal.StringFixed(2), content.Payable.StringFixed(2))
	}
	return strings.Join(differences, "; ")
}
