package invoice

import "faturad/internal/invoice/codes"

// Receipt reports a kind that is no invoice: the producer receipt (müstahsil makbuzu) and the self-employment receipt
// (serbest meslek makbuzu). Only the sale itself can ask for one, and no taxpayer list has a say in it.
func (k Kind) Receipt() bool { return k == EMM || k == ESMM }

// Receipt says which receipt this is: EMM, ESMM, or "" for an invoice.
func (inv Invoice) Receipt() Kind {
	switch {
	case inv.Scenario != codes.ReceiptProfile:
		return ""
	case inv.Type == codes.ProducerReceipt:
		return EMM
	}
	return ESMM
}

// Deducts reports a tax that lowers what is paid instead of raising it: stopaj everywhere, and everything that stands on an
// e-MM, whose totals are net of its deductions.
func (inv Invoice) Deducts(code string) bool {
	if inv.Receipt() == EMM {
		_, ok := codes.ProducerDeduction(code)
		return ok
	}
	return codes.Deducted(code)
}
