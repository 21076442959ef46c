package outbound

import (
	"time"

	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// hold parks a sale with everything that is wrong with it.
func (j *Job) hold(d ledger.Document, sale invoice.Sale, faults invoice.Faults, result *Result) ledger.Change {
	result.Held++
	patch := j.heldPatch(sale)
	patch.Code = ptr(faults[0].Code)
	patch.Message = ptr(faults.Sentence(j.Language))
	patch.Advice = ptr(faults.Advice(j.Language))
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Held, Unlease: true, Patch: patch}
}

// holdError parks a sale that the provider's model cannot carry.
func (j *Job) holdError(d ledger.Document, sale invoice.Sale, err error, result *Result) ledger.Change {
	result.Held++
	message, advice, code := words(err, j.Language)
	patch := j.heldPatch(sale)
	patch.Code, patch.Message, patch.Advice = &code, &message, &advice
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Held, Unlease: true, Patch: patch}
}

// putOff leaves a return pending until its original has a number.
func (j *Job) putOff(d ledger.Document, sale invoice.Sale, wait time.Duration) ledger.Change {
	patch := salePatch(sale)
	patch.NextIn = &wait
	patch.Code = ptr("return.original_pending")
	patch.Message = ptr(textOriginalPending.In(j.Language))
	patch.Advice = ptr("")
	return ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Pending, Stay: true, Unlease: true, Patch: patch,
		Quiet: d.Code == "return.original_pending"}
}

// heldPatch is salePatch for a sale that is held.
func (j *Job) heldPatch(sale invoice.Sale) ledger.Patch {
	patch := salePatch(sale)
	patch.SaleHash = ptr(j.heldHash(sale.Hash))
	return patch
}

// salePatch keeps what people want to see of a sale that did not become an invoice.
func salePatch(sale invoice.Sale) ledger.Patch {
	patch := ledger.Patch{
		SaleNumber: &sale.Number, SaleHash: &sale.Hash, BuyerTaxNo: &sale.Buyer.TaxNo, BuyerName: ptr(saleBuyer(sale)),
		Currency: &sale.Currency,
	}
	if sale.Gross.Valid {
		patch.Payable = &sale.Gross.Decimal
	}
	if !sale.IssueDate.IsZero() {
		patch.IssueDate, patch.MovedFrom = &sale.IssueDate, &invoice.Date{}
	}
	return patch
}

// realBuyer is who buys, where the invoice itself is addressed to somebody else: the foreign buyer behind the customs, the
// paying unit of a public body.
func realBuyer(inv invoice.Invoice) invoice.Party {
	if c := inv.BuyerCustomer; c != nil && partyName(*c) != "" && inv.Buyer.TaxNo == invoice.Customs {
		return *c
	}
	return inv.Buyer
}

// saleBuyer is the same of a sale that did not become an invoice.
func saleBuyer(sale invoice.Sale) string {
	if c := sale.BuyerCustomer; c != nil && partyName(*c) != "" && sale.Buyer.TaxNo == invoice.Customs {
		return partyName(*c)
	}
	return partyName(sale.Buyer)
}

// partyName is the name that lists show.
func partyName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	if p.FirstName == "" {
		return p.LastName
	}
	return p.FirstName + " " + p.LastName
}
