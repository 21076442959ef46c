package followup

import (
	"fmt"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// A sale whose document is dead at the provider may have been issued anew by a person, under the key of the next revision. A
// ledger that was lost forgets that. Where the provider takes our ETTN, the one that the ERP shows tells the revision; where
// it gives its own, the document is looked for under the keys of the next revisions as well.

// furtherRevisions is how many of them.
const furtherRevisions = 9

// identity is what the provider is asked for.
func (j *Job) identity(doc ledger.Document, account Account) providers.Identity {
	id := doc.Identity()
	forgot := doc.Code == ledger.CodeRebuilt || doc.Code == ledger.CodeProbe
	if !forgot || account.Provider.Capabilities().TakesETTN {
		return id
	}
	for n := range furtherRevisions {
		id.Later = append(id.Later, j.key(doc, doc.Revision+1+n))
	}
	return id
}

func (j *Job) key(doc ledger.Document, revision int) uuid.UUID {
	return invoice.ETTN(j.VKN, doc.ERP, doc.KeySpace, doc.SaleKey, revision)
}

// revise makes the document the revision that was found, and says so.
func (j *Job) revise(doc ledger.Document, found providers.Found, patch *ledger.Patch) (note string) {
	for n := range furtherRevisions {
		revision := doc.Revision + 1 + n
		if key := j.key(doc, revision); found.Key == key {
			patch.ETTN, patch.Revision = &key, &revision
			patch.LocalReference = ptr(invoice.LocalReference(j.Company, doc.KeySpace, doc.SaleKey, revision))
			return fmt.Sprintf("it is revision %d", revision)
		}
	}
	return ""
}
