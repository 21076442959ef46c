package invoice

import (
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
)

// ettnSpace separates our hashes from everybody else's. Never change it: every ETTN ever issued depends on it.
var ettnSpace = uuid.MustParse("6f1d4e0a-5c1b-4f0e-9a70-2f6b0f9f7c11")

// ETTN derives the invoice's UUID from what names the sale for ever: the seller's VKN, erp.id, the document's key space,
// the key and the revision (design.md, invariant 4). The same sale gives the same ETTN even when the ledger was lost. It
// carries version-4 bits because Propars insists on them.
func ETTN(sellerVKN, erpID, keySpace, key string, revision int) uuid.UUID {
	name := fmt.Appendf(nil, "%q %q %q %q %d", sellerVKN, erpID, keySpace, key, revision)
	return uuid.NewHash(sha256.New(), ettnSpace, name, 4)
}

// LocalReference is the key that names a sale for ever: company:document:key, with "#n" from revision 2 on.
func LocalReference(company, keySpace, key string, revision int) string {
	ref := company + ":" + keySpace + ":" + key
	if revision > 1 {
		ref = fmt.Sprintf("%s#%d", ref, revision)
	}
	return ref
}
