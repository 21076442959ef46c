package ubl

import (
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

var (
	numberShape   = regexp.MustCompile(`^[A-Z0-9]{3}20[0-9]{2}[0-9]{9}$`)
	currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)
)

// check refuses what GİB refuses in every document (FACTS.md sections 3, 4, 8, 9) and what UBL cannot hold. It is the
// last net below mapping, which explains such faults to accountants; the first one found is enough here.
func check(inv *invoice.Invoice, h *Header) error {
	switch {
	case h.ETTN == uuid.Nil:
		return refuse("the document has no ETTN")
	case h.Kind != invoice.EFatura && h.Kind != invoice.EArsiv && !h.Kind.Receipt():
		return refuse("a document of kind %q is not an invoice", h.Kind)
	case !numberShape.MatchString(h.Number):
		return refuse("the number %q does not look like ABC2026000000001", h.Number)
	case h.Number[7:] == "000000000":
		return refuse("the sequence of the number %q is zero", h.Number)
	case h.CustomizationID != DefaultCustomization && h.CustomizationID != "TR1.2.1":
		return refuse("the CustomizationID %q is neither TR1.2 nor TR1.2.1", h.CustomizationID)
	case h.Kind == invoice.EArsiv && inv.Buyer.TaxNo == invoice.Customs:
		return refuse("the customs take no e-Arşiv")
	case h.Number[3:7] != fmt.Sprintf("%04d", inv.IssueDate.Year):
		return refuse("the number %q is not of the year of issue, %d", h.Number, inv.IssueDate.Year)
	case h.Kind == invoice.EArsiv && h.SendType != SendElectronic && h.SendType != SendPaper:
		return refuse("the sending type %q is neither %s nor %s", h.SendType, SendElectronic, SendPaper)
	case h.Kind == invoice.EFatura && (inv.Scenario == "" || inv.Scenario == profileArchive):
		return refuse("an e-Fatura needs a scenario of its own, not %q", inv.Scenario)
	case inv.Type == "":
		return refuse("the invoice has no type")
	case !currencyShape.MatchString(inv.Currency):
		return refuse("the currency %q is not an ISO 4217 code", inv.Currency)
	case inv.Currency != lira && (inv.Rate.Sign() <= 0 || !inv.Rate.Equal(inv.Rate.Round(6))):
		return refuse("the exchange rate %s is not a positive number with at most 6 decimals", inv.Rate)
	case len(inv.Lines) == 0:
		return refuse("the invoice has no lines")
	case len(inv.Taxes) == 0 && h.Kind != invoice.EMM:
		return refuse("the invoice has no tax, not even one of 0")
	case isReturn(inv.Type) && len(inv.Returns) == 0:
		return refuse("a return must name the invoice that is returned")
	case inv.Internet != nil && inv.Internet.CarrierTaxNo != "" && !isTaxNo(inv.Internet.CarrierTaxNo):
		return refuse("the carrier's tax number has neither 10 nor 11 digits")
	}
	if _, err := time.Parse(time.TimeOnly, inv.IssueTime); err != nil {
		return refuse("the issue time %q does not look like 15:04:05", inv.IssueTime)
	}
	for _, r := range inv.Returns {
		if len(r.Number) != 16 && isReturn(inv.Type) || r.Date.IsZero() {
			return refuse("the returned invoice %q needs a number of 16 characters and a date", r.Number)
		}
	}
	if err := checkParty("seller", inv.Seller); err != nil {
		return err
	}
	if err := checkParty("buyer", inv.Buyer); err != nil {
		return err
	}
	for who, p := range map[string]*invoice.Party{"real buyer": inv.BuyerCustomer, "intermediary": inv.Representative} {
		if p != nil && p.TaxNo == "" && len(p.IDs) == 0 {
			return refuse("the %s has no identification", who)
		}
	}
	return checkAmounts(inv)
}

func checkParty(who string, p invoice.Party) error {
	switch {
	case !isTaxNo(p.TaxNo):
		return refuse("the %s's tax number has neither 10 nor 11 digits", who)
	case len(p.TaxNo) == 10 && p.Name == "":
		return refuse("the %s has a VKN but no title", who)
	case len(p.TaxNo) == 11 && (p.FirstName == "" || p.LastName == ""):
		return refuse("the %s has a TCKN but not both a first and a last name", who)
	}
	return nil
}

func isTaxNo(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 10 || len(s) == 11
}

// checkAmounts wants two decimals of everything that is money: rounding here would change a total silently.
func checkAmounts(inv *invoice.Invoice) error {
	t := &inv.Totals
	for _, d := range []decimal.Decimal{t.LineExtension, t.TaxExclusive, t.TaxInclusive, t.Allowance, t.Charge, t.Payable} {
		if !isMoney(d) || d.Sign() < 0 {
			return refuse("the total %s is negative or has more than two decimals", d)
		}
	}
	if !isMoney(t.Rounding) {
		return refuse("the rounding %s has more than two decimals", t.Rounding)
	}
	if err := checkTaxes("document", inv.Taxes, inv.Withholding, inv.Allowances); err != nil {
		return err
	}
	for _, x := range inv.Taxes {
		if x.Code == codes.VAT && x.Amount.IsZero() && x.Exemption.Code == "" && !mayBeZero(inv.Type) {
			return refuse("VAT of 0 over %s at %s %% needs an exemption code and its text", x.Taxable, x.Rate)
		}
	}
	for i := range inv.Lines {
		l := &inv.Lines[i]
		switch {
		case clean(l.ID) == "":
			return refuse("line %d has no id", i+1)
		case clean(l.Name) == "":
			return refuse("line %s has no name", l.ID)
		case clean(l.Unit) == "":
			return refuse("line %s has no unit", l.ID)
		case !isMoney(l.Net):
			return refuse("the amount %s of line %s has more than two decimals", l.Net, l.ID)
		}
		if err := checkTaxes("line "+l.ID, l.Taxes, l.Withholding, l.Allowances); err != nil {
			return err
		}
	}
	return nil
}

func checkTaxes(where string, taxes, withheld []invoice.TaxSubtotal, allowances []invoice.AllowanceCharge) error {
	for _, list := range [2][]invoice.TaxSubtotal{taxes, withheld} {
		for _, t := range list {
			if !isMoney(t.Taxable) || !isMoney(t.Amount) || t.Code == "" {
				return refuse("%s: tax %q over %s has no code or more than two decimals (%s)", where, t.Code, t.Taxable, t.Amount)
			}
			if (t.Exemption.Code == "") != (clean(t.Exemption.Reason) == "") {
				return refuse("%s: exemption code %q and its text go together", where, t.Exemption.Code)
			}
		}
	}
	for _, a := range allowances {
		if !isMoney(a.Amount) || !isMoney(a.Base) {
			return refuse("%s: discount or charge %s of %s has more than two decimals", where, a.Amount, a.Base)
		}
	}
	return nil
}

// mayBeZero tells the types in which GİB takes VAT of 0 without a reason (Schematron, TaxExemptionReasonCheck).
func mayBeZero(typeCode string) bool {
	switch typeCode {
	case "IADE", "YTBIADE", "IHRACKAYITLI", "OZELMATRAH", "SGK", "KONAKLAMAVERGISI":
		return true
	}
	return false
}

// isMoney reports whether d has at most two decimals that count.
func isMoney(d decimal.Decimal) bool { return d.Exponent() >= -2 || d.Equal(d.Round(2)) }

// refuse makes the error of a document that must not go out.
func refuse(format string, args ...any) error {
	err := fault.Newf(fault.Permanent, "writing UBL", format, args...)
	err.Advice = "Correct the sale in the ERP, or report this when the sale looks right"
	return err
}
