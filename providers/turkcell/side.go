package turkcell

import (
	"github.com/google/uuid"

	"faturad/internal/invoice"
)

// side is one of the service's four products: how it is called, and where its endpoints are (facts 2.1, 2.3, 2.6, 2.7).
type side struct {
	kind    invoice.Kind
	name    string // as people and errors say it
	create  string // POST and, with an id behind it, PUT of UBL; a document's own questions follow the id
	release string // PUT of updatestatuslist
	cancel  string // "" = the interface cannot
}

var (
	sideEFatura = side{invoice.EFatura, "e-Fatura", "/v2/outboxinvoice", "/v1/outboxinvoice/updatestatuslist", ""}
	// That e-Fatura's list takes e-Arşiv documents too is assumed: there is no other.
	sideEArsiv = side{invoice.EArsiv, "e-Arşiv", "/v2/earchive", "/v1/outboxinvoice/updatestatuslist", "/v1/earchive/cancelinvoice"}
	sideEMM    = side{invoice.EMM, "e-MM", "/v1/producerreceipt", "/v1/producerreceipt/updatestatuslist", "/v1/producerreceipt/cancel"}
	sideESMM   = side{invoice.ESMM, "e-SMM", "/v1/voucher", "/v1/voucher/updatestatuslist", "/v1/voucher/cancel"}
)

// of is the path of one document, without a slash behind it.
func (s side) of(ettn uuid.UUID) string { return s.create + "/" + ettn.String() }

// sideOf is a kind's own side; e-Fatura's for a kind that is not known.
func sideOf(kind invoice.Kind) side { return sides(kind)[0] }

// sides are where a document may be, the likely one first. An invoice may have gone out on either of two sides, because its
// route is decided when it is prepared; what is a receipt is the sale's own matter. Of a document whose kind nobody knows,
// all four are asked.
func sides(kind invoice.Kind) []side {
	switch kind {
	case invoice.EArsiv:
		return []side{sideEArsiv, sideEFatura}
	case invoice.EMM:
		return []side{sideEMM}
	case invoice.ESMM:
		return []side{sideESMM}
	case "":
		return []side{sideEFatura, sideEArsiv, sideEMM, sideESMM}
	default:
		return []side{sideEFatura, sideEArsiv}
	}
}

// productOf names a kind's product.
func productOf(kind invoice.Kind) string { return sideOf(kind).name }
