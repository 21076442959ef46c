// Package codes holds the public code lists that GİB's rules accept (rule set 20260701): VAT exemptions, withholding,
// taxes, currencies, countries, units, payment means, and which invoice types each scenario takes. The lists are data,
// one TSV file each with a heading row. It never fetches anything; anyone may import it.
package codes

import (
	_ "embed" // the lists
	"slices"
	"strings"
	"sync"
)

// VAT is the tax type code of KDV.
const VAT = "0015"

// Codes of the exemption list with a meaning of their own.
const (
	NotExempt     = "351" // VAT is 0 though the sale is not exempt; accepted with every invoice type
	RateUnchecked = "555" // sales outside the rate check: VAT above 0 at any rate
	ExportGoods   = "301" // export of goods
)

// Exemption is one reason why VAT is 0.
type Exemption struct {
	Code string
	Name string // Turkish, as printed on the invoice
	Kind string // KISMI_ISTISNA, TAM_ISTISNA ...
	all  bool
	in   []string
}

// AllowedIn reports whether GİB accepts the code on invoices of this type.
func (e Exemption) AllowedIn(invoiceType string) bool {
	return e.all || slices.Contains(e.in, invoiceType)
}

// Withholding is one kind of withheld VAT (tevkifat).
type Withholding struct {
	Code     string
	Name     string   // Turkish
	Percents []string // accepted, as the text that GİB compares: "90", never "90.00"; old rates among them
	Now      string   // the percent in force
}

//go:embed exemptions.tsv
var exemptionsTSV string

//go:embed withholdings.tsv
var withholdingsTSV string

//go:embed taxes.tsv
var taxesTSV string

//go:embed currencies.tsv
var currenciesTSV string

//go:embed countries.tsv
var countriesTSV string

//go:embed units.tsv
var unitsTSV string

//go:embed payment_means.tsv
var paymentMeansTSV string

//go:embed party_ids.tsv
var partyIDsTSV string

//go:embed scenarios.tsv
var scenariosTSV string

var (
	exemptions = sync.OnceValue(func() map[string]Exemption {
		m := map[string]Exemption{}
		for _, f := range rows(exemptionsTSV, 4) {
			m[f[0]] = Exemption{Code: f[0], Name: f[1], Kind: f[2], all: f[3] == "*", in: strings.Split(f[3], ",")}
		}
		return m
	})
	withholdings = sync.OnceValue(func() map[string]Withholding {
		m := map[string]Withholding{}
		for _, f := range rows(withholdingsTSV, 4) {
			m[f[0]] = Withholding{Code: f[0], Name: f[1], Percents: strings.Split(f[2], ","), Now: f[3]}
		}
		return m
	})
	taxes        = sync.OnceValue(func() map[string]string { return names(taxesTSV) })
	currencies   = sync.OnceValue(func() map[string]string { return names(currenciesTSV) })
	countries    = sync.OnceValue(func() map[string]string { return names(countriesTSV) })
	units        = sync.OnceValue(func() map[string]string { return names(unitsTSV) })
	paymentMeans = sync.OnceValue(func() map[string]string { return names(paymentMeansTSV) })
	partyIDs     = sync.OnceValue(func() map[string]string { return names(partyIDsTSV) })
	scenarios    = sync.OnceValue(func() map[string][]string {
		m := map[string][]string{}
		for _, f := range rows(scenariosTSV, 2) {
			m[f[0]] = strings.Split(f[1], ",")
		}
		return m
	})
)

// rows reads a list without its heading; every row has at least n fields.
func rows(tsv string, n int) [][]string {
	var out [][]string
	for i, line := range strings.Split(tsv, "\n") {
		if line == "" || i == 0 {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		for len(f) < n {
			f = append(f, "")
		}
		out = append(out, f)
	}
	return out
}

// names reads code and name; a code without a name stands for itself.
func names(tsv string) map[string]string {
	m := map[string]string{}
	for _, f := range rows(tsv, 2) {
		m[f[0]] = f[1]
		if f[1] == "" {
			m[f[0]] = f[0]
		}
	}
	return m
}

// ExemptionOf finds an exemption code.
func ExemptionOf(code string) (Exemption, bool) { e, ok := exemptions()[code]; return e, ok }

// WithholdingOf finds a withholding code (601-627 partial, 801-825 full).
func WithholdingOf(code string) (Withholding, bool) { w, ok := withholdings()[code]; return w, ok }

// TaxName is the Turkish name of a tax type code.
func TaxName(code string) (string, bool) { n, ok := taxes()[code]; return n, ok }

// Currency is the name of an ISO 4217 code; the list has TRY and not TL.
func Currency(code string) (string, bool) { n, ok := currencies()[code]; return n, ok }

// Country is the Turkish name of an ISO 3166-1 alpha-2 code; the code itself where the list has no name.
func Country(code string) (string, bool) { n, ok := countries()[code]; return n, ok }

// Stopgap reports whether a code of GİB's lists names no country (ZZ unknown, XZ the open sea) or no money (XXX none, XTS tests): no
// invoice can carry it.
func Stopgap(code string) bool { return code == "ZZ" || code == "XZ" || code == "XXX" || code == "XTS" }

// Unit is the Turkish name of a UN/ECE Recommendation 20 code; the code itself where the list has no name.
func Unit(code string) (string, bool) { n, ok := units()[code]; return n, ok }

// PaymentMeans is the name of a UN/ECE 4461 code.
func PaymentMeans(code string) (string, bool) { n, ok := paymentMeans()[code]; return n, ok }

// PartyIDScheme is the Turkish name of an identification scheme such as MERSISNO.
func PartyIDScheme(code string) (string, bool) { n, ok := partyIDs()[code]; return n, ok }

// Scenario reports whether there is such a ProfileID for invoices.
func Scenario(scenario string) bool { _, ok := scenarios()[scenario]; return ok }

// TypeAllowed reports whether a scenario takes an invoice type.
func TypeAllowed(scenario, invoiceType string) bool {
	return slices.Contains(scenarios()[scenario], invoiceType)
}
