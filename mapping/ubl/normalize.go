package ubl

import (
	"slices"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// normalize gives an invoice and its header the canonical form, the one that Parse returns for what Write wrote:
//
//   - e-Arşiv has the scenario EARSIVFATURA, and the types that the wholesale market and investments have there; a web sale exists there only, and its website is the seller's;
//   - a receipt has the profile EARSIVBELGE and, as an e-SMM, the type that the header names;
//   - TRY has the rate 1;
//   - persons have their full name, countries and taxes a printed name, web sales a payment, payments a means code;
//   - the public sector's paying unit is the buyer when no other is named;
//   - orders and despatch notes without a date take the invoice's, because the XSD demands one;
//   - text is clean, and a note that is empty then is gone;
//   - Convention and NetRounding are empty: they are recorded with the document, not in it.
func normalize(inv invoice.Invoice, h Header) (invoice.Invoice, Header) {
	if h.Kind == "" {
		h.Kind = invoice.EFatura
		if receipt := inv.Receipt(); receipt != "" {
			h.Kind = receipt
		}
	}
	if h.CustomizationID == "" {
		h.CustomizationID = DefaultCustomization
		if h.Kind.Receipt() {
			h.CustomizationID = ReceiptCustomization
		}
	}
	if h.ReceiptType != "" && h.Kind == invoice.ESMM && inv.Receipt() == invoice.ESMM {
		inv.Type = h.ReceiptType
	}
	h.ReceiptType = ""
	if !h.Kind.Receipt() {
		inv.Delivered = invoice.Date{}
	}
	if h.Number == "" {
		h.Number = Placeholder("", inv.IssueDate)
	}
	h.LocalReference = clean(h.LocalReference)
	if h.Kind == invoice.EArsiv {
		inv.Type = codes.ArchiveType(inv.Scenario, inv.Type)
		inv.Scenario = profileArchive
		if h.SendType == "" {
			h.SendType = SendElectronic
		}
		if h.Archive == "" {
			h.Archive = ArchiveByType
		}
	} else {
		h.SendType, h.Archive = "", ""
	}

	inv.Convention, inv.NetRounding = "", ""
	inv.SaleNumber = clean(inv.SaleNumber)
	if inv.Currency == lira {
		inv.Rate = decimal.NewFromInt(1)
	}
	inv.Internet = normalizeInternet(inv.Internet, h.Kind)
	inv.Payment = normalizePayment(inv.Payment, inv.Internet, inv.Currency)
	inv.Seller = normalizeParty(inv.Seller)
	inv.Buyer = normalizeParty(inv.Buyer)
	if s := inv.Internet; s != nil {
		if s.Website == "" {
			s.Website = inv.Seller.Website
		}
		inv.Seller.Website = s.Website
	}
	if inv.BuyerCustomer != nil {
		p := normalizeParty(*inv.BuyerCustomer)
		inv.BuyerCustomer = &p
	} else if inv.Scenario == "KAMU" {
		p := inv.Buyer
		inv.BuyerCustomer = &p
	}
	if inv.Order != nil && inv.Order.Date.IsZero() {
		inv.Order = &invoice.Reference{Number: inv.Order.Number, Date: inv.IssueDate}
	}
	inv.Taxes, _ = namedTaxes(inv.Taxes)
	inv.Withholding, _ = namedTaxes(inv.Withholding)
	inv.Lines = namedLines(inv.Lines)
	normalizeKinds(&inv)
	inv.Despatches = datedReferences(inv.Despatches, inv.IssueDate)
	inv.Notes = cleanNotes(inv.Notes)
	return inv, h
}

// namedTaxes gives taxes without a name the one of their code; the caller's slice is left alone.
func namedTaxes(taxes []invoice.TaxSubtotal) (named []invoice.TaxSubtotal, changed bool) {
	for i, t := range taxes {
		if t.Name != "" {
			continue
		}
		if !changed {
			taxes, changed = slices.Clone(taxes), true
		}
		taxes[i].Name = taxName(t.Code)
	}
	return taxes, changed
}

// namedLines is namedTaxes for every line.
func namedLines(lines []invoice.Line) []invoice.Line {
	cloned := false
	for i := range lines {
		taxes, one := namedTaxes(lines[i].Taxes)
		withheld, two := namedTaxes(lines[i].Withholding)
		if !one && !two {
			continue
		}
		if !cloned {
			lines, cloned = slices.Clone(lines), true
		}
		lines[i].Taxes, lines[i].Withholding = taxes, withheld
	}
	return lines
}

// datedReferences gives references without a date the invoice's; the caller's slice is left alone.
func datedReferences(refs []invoice.Reference, date invoice.Date) []invoice.Reference {
	undated := func(r invoice.Reference) bool { return r.Date.IsZero() }
	if !slices.ContainsFunc(refs, undated) {
		return refs
	}
	refs = slices.Clone(refs)
	for i := range refs {
		if undated(refs[i]) {
			refs[i].Date = date
		}
	}
	return refs
}

// cleanNotes drops the empty notes; the caller's slice is left alone.
func cleanNotes(notes []string) []string {
	out := make([]string, 0, len(notes))
	for _, n := range notes {
		if n = clean(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}
