package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice/codes"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/registry"
)

// CodeTable is one code list: ours and the provider's, side by side.
type CodeTable struct {
	List      string
	FetchedAt time.Time // when the provider's was fetched; zero = never, or it has none
	Entries   []CodeEntry
}

// CodeEntry is one code and who knows it.
type CodeEntry struct {
	Code           string
	Name           string // ours, else the provider's
	Detail         string
	Ours           bool
	Provider       bool
	ProviderDetail string // the provider's percents of a withholding, where they are others than ours
}

// Differs reports a code that one side lacks, or that the provider allows otherwise.
func (t CodeTable) Differs(e CodeEntry) bool {
	return !t.FetchedAt.IsZero() && (e.Ours != e.Provider || e.ProviderDetail != "")
}

// Differences counts them.
func (t CodeTable) Differences() int {
	n := 0
	for _, e := range t.Entries {
		if t.Differs(e) {
			n++
		}
	}
	return n
}

// OwnCodes are our lists alone.
func OwnCodes() []CodeTable { return mergeCodes(nil) }

// Codes are our lists beside those of the company's provider, as they were fetched last.
func (c *Company) Codes(ctx context.Context) ([]CodeTable, error) {
	cached, err := c.app.Registry.Codes(ctx, c.Accounts[0].BaseURL)
	if err != nil {
		return nil, err
	}
	return mergeCodes(cached), nil
}

// mergeCodes lays the provider's lists over ours, sorted by list and code.
func mergeCodes(cached map[providers.CodeList]registry.CodeList) []CodeTable {
	names := codes.Lists()
	for list := range cached {
		if !slices.Contains(names, string(list)) {
			names = append(names, string(list))
		}
	}
	slices.Sort(names)
	out := make([]CodeTable, len(names))
	for i, name := range names {
		out[i] = mergeList(name, cached[providers.CodeList(name)])
	}
	return out
}

func mergeList(name string, theirs registry.CodeList) CodeTable {
	t := CodeTable{List: name, FetchedAt: theirs.FetchedAt}
	place := map[string]int{}
	for _, e := range codes.List(name) {
		place[e.Code] = len(t.Entries)
		t.Entries = append(t.Entries, CodeEntry{Code: e.Code, Name: e.Name, Detail: e.Detail, Ours: true})
	}
	for _, c := range theirs.Codes {
		i, known := place[c.Code]
		if !known && name == codes.ListCountry { // the provider knows countries by name only
			i = slices.IndexFunc(t.Entries, func(e CodeEntry) bool { return codes.Same(e.Name, c.Name) })
			known = i >= 0
		}
		if !known {
			t.Entries = append(t.Entries, CodeEntry{Code: c.Code, Name: c.Name, Detail: c.Detail, Provider: true})
			continue
		}
		t.Entries[i].Provider = true
		if name == codes.ListWithholding && !samePercents(t.Entries[i].Detail, c.Detail) {
			t.Entries[i].ProviderDetail = c.Detail
		}
	}
	slices.SortStableFunc(t.Entries, func(a, b CodeEntry) int { return strings.Compare(a.Code, b.Code) })
	return t
}

// samePercents compares "30,40" with "40,30".
func samePercents(a, b string) bool {
	sorted := func(s string) string { return strings.Join(slices.Sorted(strings.SplitSeq(s, ",")), ",") }
	return sorted(a) == sorted(b)
}

// ImportCodes fetches the provider's code lists; a provider without any is no error.
func (c *Company) ImportCodes(ctx context.Context, options ...registry.ImportOption) (registry.CodesResult, error) {
	source, ok := providers.As[providers.CodeSource](c.Accounts[0].Provider)
	if !ok {
		return registry.CodesResult{}, nil
	}
	return c.app.Registry.ImportCodes(ctx, c.Accounts[0].BaseURL, source, options...)
}

// codesAge is how old the code lists may be before they are fetched again.
const codesAge = 20 * time.Hour

// NeedsCodes reports whether the provider's code lists are missing or about a day old.
func (c *Company) NeedsCodes(ctx context.Context) (bool, error) {
	if _, ok := providers.As[providers.CodeSource](c.Accounts[0].Provider); !ok {
		return false, nil
	}
	fetched, err := c.app.Registry.CodesFetched(ctx, c.Accounts[0].BaseURL)
	return err == nil && c.app.clock.Now().Sub(fetched) > codesAge, err
}

// checkCodes names each code in the value tables that nobody knows, and says which one was meant.
func (c *Company) checkCodes(ctx context.Context) []Finding {
	tables, err := c.Codes(ctx)
	if err != nil {
		return []Finding{failed(c.Name, "codes", err)}
	}
	var findings []Finding
	for _, t := range tables {
		values := c.Config.ERP.Map[t.List]
		for _, from := range slices.Sorted(maps.Keys(values)) {
			if _, known := codes.ProducerDeduction(values[from]); known && t.List == codes.ListTax {
				continue // SGK_PRIM stands in no list of invoices
			}
			if f, wrong := t.judge(from, values[from]); wrong {
				f.Company, f.Subject, f.Place = c.Name, "codes", c.Config.ERP.Where("map."+t.List)
				findings = append(findings, f)
			}
		}
	}
	if len(findings) == 0 {
		findings = append(findings, Finding{Severity: erp.SeverityNote, Company: c.Name, Subject: "codes", Message: "every code of the value tables is known"})
	}
	return findings
}

// judge looks at one entry of a value table.
func (t CodeTable) judge(from, to string) (Finding, bool) {
	if to == "" || to == "*" {
		return Finding{}, false // stands for "none", or for the ERP's own code
	}
	i := slices.IndexFunc(t.Entries, func(e CodeEntry) bool { return e.Code == to })
	switch {
	case i < 0:
		f := Finding{Severity: erp.SeverityWarning,
			Message: fmt.Sprintf("%q becomes %q, which is no %s code that anybody knows: sales with it are held", from, to, t.List),
			Advice:  fmt.Sprintf("Look for the right one with `faturad codes %s --search TEXT`.", t.List)}
		var known []codes.Entry
		for _, e := range t.Entries {
			known = append(known, codes.Entry{Code: e.Code, Name: e.Name, Detail: e.Detail})
		}
		if near, ok := codes.Nearest(known, to, from); ok {
			f.Advice = fmt.Sprintf("Perhaps %s (%s); all of them: `faturad codes %s`.", near.Code, near.Name, t.List)
		}
		return f, true
	case !t.Entries[i].Ours:
		return Finding{Severity: erp.SeverityWarning,
			Message: fmt.Sprintf("%q becomes %q (%s), which the provider knows and this version of faturad does not: sales with it are held", from, to, t.Entries[i].Name),
			Advice:  "Update faturad, or use another code until then."}, true
	case !t.FetchedAt.IsZero() && !t.Entries[i].Provider:
		return Finding{Severity: erp.SeverityWarning,
			Message: fmt.Sprintf("%q becomes %q (%s), which the provider's list of %s does not have", from, to, t.Entries[i].Name, t.FetchedAt.In(clock.Istanbul).Format(time.DateOnly)),
			Advice:  "The provider may refuse sales with it; ask its support, or use another code."}, true
	}
	return Finding{}, false
}

// refreshCodes fetches the code lists when they are due.
func (c *Company) refreshCodes(ctx context.Context) error {
	needs, err := c.NeedsCodes(ctx)
	if err == nil && needs {
		_, err = c.ImportCodes(ctx)
	}
	return err
}
