package codes

import (
	_ "embed" // the lists
	"slices"
	"strings"
	"sync"
)

// Accommodation is the tax type code of konaklama vergisi.
const Accommodation = "0059"

// ExciseWithholding is the tax type code of ÖTV that the buyer of fuels pays for the seller.
const ExciseWithholding = "4171"

// NoExcise is the reason for ÖTV of 0 on a sale that is not exempt.
const NoExcise = "151"

// The exemption codes that name a kind of sale of their own.
const (
	TaxFree           = "501" // to a traveller, VAT is charged and refunded later
	ForInwardRegime   = "702" // registered export with customs and line codes
	InvestmentMachine = "308"
	InvestmentWorks   = "339"
)

//go:embed incoterms.tsv
var incotermsTSV string

//go:embed transport_modes.tsv
var transportModesTSV string

//go:embed packages.tsv
var packagesTSV string

var (
	incoterms      = sync.OnceValue(func() map[string]string { return names(incotermsTSV) })
	transportModes = sync.OnceValue(func() map[string]string { return names(transportModesTSV) })
	packages       = sync.OnceValue(func() map[string]string { return names(packagesTSV) })
)

// Incoterm is the Turkish name of a delivery term such as FOB.
func Incoterm(code string) (string, bool) { n, ok := incoterms()[code]; return n, ok }

// TransportMode is the Turkish name of a transport mode (1 sea, 2 rail, 3 road, 4 air ...).
func TransportMode(code string) (string, bool) { n, ok := transportModes()[code]; return n, ok }

// Package is the Turkish name of a UN/ECE Recommendation 21 packaging code.
func Package(code string) (string, bool) { n, ok := packages()[code]; return n, ok }

// Excise reports a tax type code of ÖTV: part of the VAT base by law (KDV Kanunu 24/b).
func Excise(code string) bool {
	switch code {
	case "0071", "0073", "0074", "0075", "0076", "0077", "9077":
		return true
	}
	return false
}

// Deducted reports a tax that the buyer keeps from the amount to pay: stopaj (0003, 0011), ÖTV tevkifatı (4171), KDV
// tevkifatı written as a tax (9015).
func Deducted(code string) bool {
	switch code {
	case "0003", "0011", ExciseWithholding, "9015":
		return true
	}
	return false
}

// SpecialBase reports an exemption code whose VAT base is not the price (801-812).
func SpecialBase(code string) bool {
	return len(code) == 3 && code[:1] == "8" && code >= "801" && code <= "812"
}

// RegisteredExport reports an exemption code of goods sold for export: VAT is not collected (701-704).
func RegisteredExport(code string) bool { return len(code) == 3 && code >= "701" && code <= "704" }

// InvestmentExempt reports an exemption code of investment goods (308, 339).
func InvestmentExempt(code string) bool { return code == InvestmentMachine || code == InvestmentWorks }

// Charged reports an exemption code that goes with VAT above 0.
func Charged(code string) bool {
	return code == RateUnchecked || code == TaxFree || SpecialBase(code) || RegisteredExport(code) || InvestmentExempt(code)
}

// AllowedWith reports whether GİB accepts the code in this scenario on invoices of this type.
func (e Exemption) AllowedWith(scenario, invoiceType string) bool {
	switch {
	case e.Code == RateUnchecked:
		return e.AllowedIn(invoiceType) && (scenario == "TEMELFATURA" || scenario == "TICARIFATURA" || scenario == "EARSIVFATURA")
	case InvestmentExempt(e.Code) && scenario == Investment:
		return invoiceType == "ISTISNA" || invoiceType == "IADE"
	case (SpecialBase(e.Code) || RegisteredExport(e.Code)) && ForInvestment(scenario, invoiceType):
		return false // the same sale as e-Arşiv could not have it
	}
	return e.AllowedIn(invoiceType)
}

// Investment is the scenario of sales under an investment incentive certificate.
const Investment = "YATIRIMTESVIK"

// ArchiveType is the InvoiceTypeCode that a pair of the e-Fatura side has on an e-Arşiv invoice: the wholesale market and
// investments have types of their own there.
func ArchiveType(scenario, invoiceType string) string {
	switch {
	case scenario == Investment && !strings.HasPrefix(invoiceType, "YTB"):
		return "YTB" + invoiceType
	case scenario == "HKS" && (invoiceType == "SATIS" || invoiceType == "KOMISYONCU"):
		return "HKS" + invoiceType
	}
	return invoiceType
}

// EFaturaOnly reports a scenario that an e-Arşiv invoice cannot have.
func EFaturaOnly(scenario string) bool {
	return scenario == "IHRACAT" || scenario == "YOLCUBERABERFATURA" || scenario == "OZELFATURA"
}

// ForInvestment reports a scenario and type under an investment incentive certificate, on either side.
func ForInvestment(scenario, invoiceType string) bool {
	return scenario == Investment || strings.HasPrefix(invoiceType, "YTB")
}

// Return reports an InvoiceTypeCode that must name the original invoice.
func Return(invoiceType string) bool {
	switch invoiceType {
	case "IADE", "TEVKIFATIADE", "YTBIADE", "YTBTEVKIFATIADE":
		return true
	}
	return false
}

// Type reports whether there is such an InvoiceTypeCode.
func Type(invoiceType string) bool {
	for _, types := range scenarios() {
		if slices.Contains(types, invoiceType) {
			return true
		}
	}
	return false
}

// Scenarios lists the ProfileIDs in the order of the list.
func Scenarios() []string {
	var out []string
	for _, f := range rows(scenariosTSV, 2) {
		out = append(out, f[0])
	}
	return out
}

// Types lists the InvoiceTypeCodes that a scenario takes.
func Types(scenario string) []string { return slices.Clone(scenarios()[scenario]) }

var (
	sgkCosts     = []string{"SAGLIK_ECZ", "SAGLIK_HAS", "SAGLIK_OPT", "SAGLIK_MED", "ABONELIK", "MAL_HIZMET", "DIGER"}
	itemSchemes  = []string{"KUNYENO", "MALSAHIBIADSOYADUNVAN", "MALSAHIBIVKNTCKN", "ILAC", "TIBBICIHAZ", "TELEFON", "TABLET_PC", "DIGER", "ETIKETNO"}
	assetClasses = []string{"01", "02", "03", "04"}
	expenseKinds = []string{
		"HKSKOMISYON", "HKSKOMISYONKDV", "HKSNAVLUN", "HKSNAVLUNKDV", "HKSHAMMALIYE", "HKSHAMMALIYEKDV", "HKSNAKLIYE", "HKSNAKLIYEKDV",
		"HKSGVTEVKIFAT", "HKSBAGKURTEVKIFAT", "HKSRUSUM", "HKSRUSUMKDV", "HKSTICBORSASI", "HKSTICBORSASIKDV", "HKSMILLISAVUNMAFON",
		"HKSMSFONKDV", "HKSDIGERMASRAFLAR", "HKSDIGERKDV",
	}
)

// SGKCost reports whether SGK takes this AccountingCost.
func SGKCost(code string) bool { return slices.Contains(sgkCosts, code) }

// ItemScheme reports whether there is such an identification of an item.
func ItemScheme(scheme string) bool { return slices.Contains(itemSchemes, scheme) }

// AssetClass reports whether there is such a class of investment expense.
func AssetClass(code string) bool { return slices.Contains(assetClasses, code) }

// Expense reports whether there is such an expense of a commission agent.
func Expense(kind string) bool { return slices.Contains(expenseKinds, kind) }

// Expenses lists the expenses of commission agents, in the order of GİB's example.
func Expenses() []string { return slices.Clone(expenseKinds) }
