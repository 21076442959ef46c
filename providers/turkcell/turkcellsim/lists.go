package turkcellsim

import (
	_ "embed"
	"strings"
	"sync"
)

// The code lists are those that GİB publishes with its package 20260701, cut down to code and name (reference material
// beside the project, ubltr/codelists).
var (
	//go:embed lists/units.tsv
	unitsTSV string
	//go:embed lists/currencies.tsv
	currenciesTSV string
	//go:embed lists/countries.tsv
	countriesTSV string
	//go:embed lists/tax_types.tsv
	taxTypesTSV string
	//go:embed lists/withholding.tsv
	withholdingTSV string
	//go:embed lists/exemptions.tsv
	exemptionsTSV string
	//go:embed lists/scenario_types.tsv
	scenarioTypesTSV string
	//go:embed lists/envelopes.tsv
	envelopesTSV string
)

// rows splits a list with a header line into its columns.
func rows(tsv string) [][]string {
	lines := strings.Split(strings.Trim(tsv, "\r\n"), "\n")[1:]
	out := make([][]string, len(lines))
	for i, l := range lines {
		out[i] = strings.Split(strings.TrimRight(l, "\r"), "\t")
	}
	return out
}

func column(tsv string) map[string]bool {
	out := map[string]bool{}
	for _, r := range rows(tsv) {
		out[r[0]] = true
	}
	return out
}

var (
	knownUnits      = sync.OnceValue(func() map[string]bool { return column(unitsTSV) })
	knownCurrencies = sync.OnceValue(func() map[string]bool { return column(currenciesTSV) })
	knownPairs      = sync.OnceValue(func() map[[2]string]bool {
		out := map[[2]string]bool{}
		for _, r := range rows(scenarioTypesTSV) {
			out[[2]string{r[0], r[1]}] = true
		}
		return out
	})
	envelopeTexts = sync.OnceValue(func() map[string]string {
		out := map[string]string{}
		for _, r := range rows(envelopesTSV) {
			out[r[0]] = r[1]
		}
		return out
	})
)

// scenarios and types in the order of the provider's numbers (facts 4.3, 4.4).
var (
	scenarioNames = []string{
		"TEMELFATURA", "TICARIFATURA", "IHRACAT", "YOLCUBERABERFATURA", "EARSIVFATURA", "KAGIT", "HKS", "EARSIVBELGE",
		"STANDARTKODLUFATURA", "KAMU", "ENERJI", "ILAC_TIBBICIHAZ", "YATIRIMTESVIK", "IDIS",
	}
	typeNames = []string{
		"", "SATIS", "IADE", "ISTISNA", "OZELMATRAH", "TEVKIFAT", "ARACTESCIL", "IHRACKAYITLI", "SGK", "KOMISYONCU",
		"SERBESTMESLEKMAKBUZU", "MUSTAHSILMAKBUZ", "HKSSATIS", "HKSKOMISYONCU", "STANDARTKODLU", "TEVKIFATIADE", "",
		"KONAKLAMAVERGISI", "SARJ", "SARJANLIK", "TEKNOLOJIDESTEK", "ADISYON", "YTBSATIS", "YTBISTISNA", "YTBIADE",
		"YTBTEVKIFAT", "YTBTEVKIFATIADE",
	}
)

// numberOf returns the provider's number of a name; -1 when there is none.
func numberOf(names []string, name string) int {
	for i, n := range names {
		if n == name && n != "" {
			return i
		}
	}
	return -1
}

func nameOf(names []string, number int) string {
	if number < 0 || number >= len(names) {
		return ""
	}
	return names[number]
}
