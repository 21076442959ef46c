package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/invoice/codes"
	"faturad/providers"
)

// codeJSON is one code in JSON.
type codeJSON struct {
	Code           string `json:"code"`
	Name           string `json:"name"`
	Detail         string `json:"detail"`
	Ours           bool   `json:"ours"`
	Provider       bool   `json:"provider"`
	ProviderDetail string `json:"provider_detail"`
	Differs        bool   `json:"differs"`
}

// codeListJSON is one list in JSON.
type codeListJSON struct {
	List        string     `json:"list"`
	FetchedAt   *string    `json:"fetched_at"` // null = the provider's was never fetched
	Differences int        `json:"differences"`
	Codes       []codeJSON `json:"codes"`
}

// codeFilter is what a person wants to see.
type codeFilter struct {
	list, search, source string
	differences          bool
}

// codeSources are the words of --source.
var codeSources = []string{"all", "ours", "provider"}

// codeLists are the names of all lists, ours and those that only providers have.
func codeLists() []string {
	out := codes.Lists()
	for _, l := range providers.CodeLists() {
		if !slices.Contains(out, string(l)) {
			out = append(out, string(l))
		}
	}
	slices.Sort(out)
	return out
}

func (c *cli) codesCommand() *cobra.Command {
	var f codeFilter
	cmd := &cobra.Command{
		Use:   "codes [LIST]",
		Short: "Print the code lists, ours beside the provider's",
		Long: `Without a LIST: how many codes each list has, and where ours and the provider's differ. With one: its codes. The provider's
lists are fetched once a day with the taxpayer list, or by "faturad sync registry".

A code that only the provider knows is held by this version of faturad; one that only we know may be refused by the
provider. "faturad check" says which of them your config uses. --source ours needs no config.`,
		Args:      takesOneOf("code list", codeLists()),
		ValidArgs: codeLists(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(codeSources, f.source) {
				return usageError{fmt.Errorf("there is no source %q: use %s", f.source, strings.Join(codeSources, ", "))}
			}
			if f.source == "ours" && f.differences {
				return usageError{fmt.Errorf("--differences compares with the provider: leave --source ours out")}
			}
			if len(args) == 1 {
				f.list = args[0]
			}
			return c.codes(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVar(&f.search, "search", "", "only codes or names with this `TEXT`, whatever its case")
	cmd.Flags().StringVar(&f.source, "source", "all", "whose codes: "+strings.Join(codeSources, ", "))
	cmd.Flags().BoolVar(&f.differences, "differences", false, "only codes that one side lacks or allows otherwise")
	completeWith(cmd, "source", codeSources...)
	return cmd
}

func (c *cli) codes(ctx context.Context, f codeFilter) error {
	if f.source == "ours" {
		return c.printCodes(app.OwnCodes(), f)
	}
	return c.withApp(ctx, func(a *app.App) error {
		company, err := c.only(a)
		if err != nil {
			return err
		}
		tables, err := company.Codes(ctx)
		if err != nil {
			return err
		}
		return c.printCodes(tables, f)
	})
}

// wants reports whether the filter lets a code through.
func (f codeFilter) wants(t app.CodeTable, e app.CodeEntry) bool {
	text := strings.ToLower(f.search)
	return (f.source != "ours" || e.Ours) && (f.source != "provider" || e.Provider) && (!f.differences || t.Differs(e)) &&
		(text == "" || strings.Contains(strings.ToLower(e.Code), text) || strings.Contains(strings.ToLower(e.Name), text) ||
			codes.Contains(e.Name, f.search))
}

func (c *cli) printCodes(tables []app.CodeTable, f codeFilter) error {
	out := []codeListJSON{}
	for _, t := range tables {
		if f.list != "" && t.List != f.list {
			continue
		}
		l := codeListJSON{List: t.List, Differences: t.Differences(), Codes: []codeJSON{}}
		if !t.FetchedAt.IsZero() {
			at := t.FetchedAt.UTC().Format(time.RFC3339)
			l.FetchedAt = &at
		}
		for _, e := range t.Entries {
			if f.wants(t, e) {
				l.Codes = append(l.Codes, codeJSON{e.Code, e.Name, e.Detail, e.Ours, e.Provider, e.ProviderDetail, t.Differs(e)})
			}
		}
		out = append(out, l)
	}
	switch {
	case c.json:
		return c.printJSON(map[string]any{"lists": out})
	case f.list == "" && f.search == "" && !f.differences:
		return c.printCodeSummary(out)
	}
	return c.printCodeRows(out)
}

// printCodeSummary is one row a list.
func (c *cli) printCodeSummary(lists []codeListJSON) error {
	rows := make([][]string, len(lists))
	for i, l := range lists {
		ours, theirs := 0, 0
		for _, code := range l.Codes {
			if code.Ours {
				ours++
			}
			if code.Provider {
				theirs++
			}
		}
		rows[i] = []string{l.List, itoa(ours), itoa(theirs), fetched(l), itoa(l.Differences)}
	}
	return c.table([]string{"LIST", "OURS", "PROVIDER", "FETCHED", "DIFFERENCES"}, rows)
}

func fetched(l codeListJSON) string {
	if l.FetchedAt == nil {
		return "-"
	}
	at, err := time.Parse(time.RFC3339, *l.FetchedAt)
	if err != nil {
		return *l.FetchedAt // cannot be: it was printed above
	}
	return when(at)
}

// printCodeRows is one row a code.
func (c *cli) printCodeRows(lists []codeListJSON) error {
	var rows [][]string
	for _, l := range lists {
		for _, code := range l.Codes {
			known := "both"
			switch {
			case l.FetchedAt == nil && code.Ours:
				known = "ours"
			case !code.Provider:
				known = "ours only"
			case !code.Ours:
				known = "provider only"
			case code.ProviderDetail != "":
				known = "provider: " + code.ProviderDetail
			}
			rows = append(rows, []string{l.List, code.Code, short(code.Name, 80), short(cmp.Or(code.Detail, "-"), 40), known})
		}
	}
	if len(rows) == 0 {
		c.printf("No such codes.\n")
		return nil
	}
	return c.table([]string{"LIST", "CODE", "NAME", "DETAIL", "KNOWN BY"}, rows)
}
