package app

import (
	"strings"
	"testing"
	"time"

	"faturad/internal/invoice/codes"
	"faturad/providers"
	"faturad/sync/registry"
)

// The provider's lists lie over ours: what one side lacks and what it allows otherwise is seen, and nothing is a difference
// before the provider was asked.
func TestMergeCodes(t *testing.T) {
	t.Parallel()
	for _, table := range OwnCodes() {
		if n := table.Differences(); n != 0 || len(table.Entries) == 0 {
			t.Errorf("%s: %d differences without a provider, %d codes", table.List, n, len(table.Entries))
		}
	}
	at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	list := func(name providers.CodeList, of ...providers.Code) registry.CodeList {
		return registry.CodeList{List: name, FetchedAt: at, Codes: of}
	}
	var merged = map[string]CodeTable{}
	for _, table := range mergeCodes(map[providers.CodeList]registry.CodeList{
		providers.CodesUnit:        list(providers.CodesUnit, providers.Code{Code: "C62", Name: "Adet"}, providers.Code{Code: "ZZ9", Name: "Yeni birim"}),
		providers.CodesCountry:     list(providers.CodesCountry, providers.Code{Code: "TÜRKİYE", Name: "TÜRKİYE"}, providers.Code{Code: "Atlantis", Name: "Atlantis"}),
		providers.CodesWithholding: list(providers.CodesWithholding, providers.Code{Code: "601", Detail: "40,30"}, providers.Code{Code: "602", Detail: "95"}),
		providers.CodesTaxOffice:   list(providers.CodesTaxOffice, providers.Code{Code: "34263", Name: "Kadıköy"}),
	}) {
		merged[table.List] = table
	}
	differs := func(list, code string) bool {
		t.Helper()
		for _, e := range merged[list].Entries {
			if e.Code == code {
				return merged[list].Differs(e)
			}
		}
		t.Errorf("%s lacks %s", list, code)
		return false
	}
	for _, c := range []struct {
		list, code string
		want       bool
	}{
		{"unit", "C62", false}, {"unit", "KGM", true}, {"unit", "ZZ9", true}, {"country", "TR", false}, {"country", "DE", true},
		{"country", "Atlantis", true}, {"withholding", "601", false}, {"withholding", "602", true}, {"tax_office", "34263", true}, {"exemption", "301", false},
	} {
		if differs(c.list, c.code) != c.want {
			t.Errorf("%s %s: differs = %t", c.list, c.code, !c.want)
		}
	}

	for _, c := range []struct {
		list, from, to string
		wrong          bool
		says           string
	}{
		{"unit", "adet", "C62", false, ""},
		{"unit", "", "", false, ""},
		{"unit", "tane", "ADET", true, "Perhaps C62"},
		{"unit", "x", "ZZ9", true, "Update faturad"},
		{"unit", "kilo", "KGM", true, "provider's list of 2026-11-20"},
		{"exemption", "ihracat", "3O1", true, "Perhaps 301"},
		{"unit", "?", "QQQQQQQQQQ", true, "faturad codes unit --search"},
	} {
		f, wrong := merged[c.list].judge(c.from, c.to)
		if wrong != c.wrong || !strings.Contains(f.Message+" "+f.Advice, c.says) {
			t.Errorf("%s %q -> %q: %t %+v", c.list, c.from, c.to, wrong, f)
		}
	}
	if len(codes.Lists()) == 0 {
		t.Error("no lists")
	}
}
