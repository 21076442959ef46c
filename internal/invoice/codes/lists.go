package codes

import (
	"slices"
	"strings"
	"sync"
)

// Entry is one code of a list.
type Entry struct {
	Code   string
	Name   string // Turkish
	Detail string // withholding: its percents, the one in force last; exemption: its kind; scenario: its types; empty = none
}

// The lists that are compared with the provider's. Tax offices are the provider's only.
const (
	ListUnit        = "unit"
	ListCountry     = "country"
	ListTax         = "tax"
	ListWithholding = "withholding"
	ListExemption   = "exemption"
	ListCurrency    = "currency"
	ListPayment     = "payment"
	ListScenario    = "scenario"
)

var lists = sync.OnceValue(func() map[string][]Entry {
	m := map[string][]Entry{}
	for list, tsv := range map[string]string{
		ListUnit: unitsTSV, ListCountry: countriesTSV, ListTax: taxesTSV, ListCurrency: currenciesTSV, ListPayment: paymentMeansTSV,
	} {
		for code, name := range names(tsv) {
			m[list] = append(m[list], Entry{Code: code, Name: name})
		}
	}
	for _, e := range exemptions() {
		m[ListExemption] = append(m[ListExemption], Entry{e.Code, e.Name, e.Kind})
	}
	for _, w := range withholdings() {
		m[ListWithholding] = append(m[ListWithholding], Entry{w.Code, w.Name, strings.Join(w.Percents, ",")})
	}
	for scenario, types := range scenarios() {
		m[ListScenario] = append(m[ListScenario], Entry{Code: scenario, Name: scenario, Detail: strings.Join(types, ",")})
	}
	for _, entries := range m {
		slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Code, b.Code) })
	}
	return m
})

// Lists names our lists, sorted.
func Lists() []string {
	var out []string
	for name := range lists() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// List is one of our lists, sorted by code; nil when there is no such list.
func List(name string) []Entry { return slices.Clone(lists()[name]) }

// Find finds a code in one of our lists.
func Find(list, code string) (Entry, bool) {
	i, found := slices.BinarySearchFunc(lists()[list], code, func(e Entry, code string) int { return strings.Compare(e.Code, code) })
	if !found {
		return Entry{}, false
	}
	return lists()[list][i], true
}

// Nearest is the entry that a person most likely meant with words, which stand in the order of trust: one of that name
// ("ADET" is C62), one whose code differs in zeros or slips of the keyboard, one whose name has the word. Where several fit,
// it is the one with the shortest name.
func Nearest(entries []Entry, words ...string) (Entry, bool) {
	for _, near := range []func(e Entry, word string) bool{
		func(e Entry, word string) bool { return fold(e.Name) == word },
		func(e Entry, word string) bool { return digits(fold(e.Code)) == digits(word) },
		func(e Entry, word string) bool {
			return slices.Contains(strings.FieldsFunc(fold(e.Name), notLetter), word)
		},
		func(e Entry, word string) bool { return edits(fold(e.Code), word) <= slips(word) },
		func(e Entry, word string) bool { return len(word) >= 4 && strings.Contains(fold(e.Name), word) },
	} {
		for _, word := range words {
			if word = fold(word); word == "" {
				continue
			}
			var best Entry
			for _, e := range entries {
				if near(e, word) && (best.Code == "" || e.Name != e.Code && (best.Name == best.Code || len(e.Name) < len(best.Name))) {
					best = e
				}
			}
			if best.Code != "" {
				return best, true
			}
		}
	}
	return Entry{}, false
}

// fold makes letters comparable: small, without Turkish marks.
var folder = strings.NewReplacer("İ", "i", "I", "i", "ı", "i", "Ş", "s", "ş", "s", "Ğ", "g", "ğ", "g", "Ü", "u", "ü", "u", "Ö", "o", "ö", "o", "Ç", "c", "ç", "c")

func fold(s string) string { return strings.ToLower(folder.Replace(strings.TrimSpace(s))) }

// digits reads letters that stand for digits, and drops zeros in front.
func digits(s string) string {
	return strings.TrimLeft(strings.NewReplacer("o", "0", "l", "1", "i", "1").Replace(s), "0")
}

// Same compares names as people do: without case and Turkish marks.
func Same(a, b string) bool { return fold(a) == fold(b) }

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// slips is how many edits of a code still look like a slip.
func slips(code string) int {
	if len(code) <= 3 {
		return 1
	}
	return 2
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Contains reports whether a name has a text, without case and Turkish marks.
func Contains(name, text string) bool { return strings.Contains(fold(name), fold(text)) }
