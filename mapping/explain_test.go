package mapping

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The explanation of a mismatch, of a sale with VAT in its prices, and of a document discount, as people see them.
func TestExplainTables(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, name := range []string{"bad_totals_mismatch", "bad_line_net_mismatch", "ok_round_rates", "ok_gross_lines", "ok_document_discount_gross", "ok_document_charge"} {
		g, rules := readGolden(t, "testdata/"+name+".json")
		e := Explain(g.Sale, rules)
		fmt.Fprintf(&b, "%s: exact %v\n", name, e.Exact)
		for _, language := range []string{"tr", "en"} {
			fmt.Fprintf(&b, "%s\n", e.Short(language))
			for _, row := range e.Table(language) {
				fmt.Fprintln(&b, strings.TrimRight(strings.Join(row, " | "), " |"))
			}
			for _, f := range e.Fixes {
				fmt.Fprintln(&b, "-> "+f.In(language))
			}
		}
		b.WriteByte('\n')
	}
	const path = "testdata/explain.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if string(want) != b.String() {
		t.Errorf("%s is different:\n%s", path, b.String())
	}
}

func TestExplainIsEmptyForBrokenNumbers(t *testing.T) {
	t.Parallel()
	g, rules := readGolden(t, "testdata/bad_line_quantity_missing.json")
	if e := Explain(g.Sale, rules); e.Exact || len(e.Lines) != 0 || e.Short("tr") != "" {
		t.Errorf("%+v", e)
	}
}

// The same sale gives the same bytes: the payload's hash depends on it.
func TestFromSaleIsDeterministicAndLeavesTheSaleAlone(t *testing.T) {
	t.Parallel()
	for _, path := range inputs(t) {
		g, rules := readGolden(t, path)
		before := asJSON(t, g.Sale)
		one, f1 := FromSale(g.Sale, rules)
		two, f2 := FromSale(g.Sale, rules)
		if asJSON(t, one) != asJSON(t, two) || asJSON(t, f1) != asJSON(t, f2) {
			t.Errorf("%s differs from run to run", path)
		}
		if asJSON(t, g.Sale) != before {
			t.Errorf("%s: the sale was changed", path)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
