package mapping

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"faturad/internal/invoice"
)

var update = flag.Bool("update", false, "write the golden files")

// testRules are the rules of the goldens, before each file's own.
func testRules() Rules {
	return Rules{
		Seller: invoice.Party{TaxNo: "1002003001", TaxOffice: "Ostim", Name: "Deniz Yapı Malzemeleri A.Ş.",
			Address: invoice.Address{Street: "İnönü Cad. No: 5", District: "Yenimahalle", City: "Ankara"}},
		Today: invoice.Date{Year: 2026, Month: 9, Day: 3},
	}
}

// golden is one input file: a sale, rules that differ from testRules, and the codes of the faults it must have.
type golden struct {
	Note  string
	Want  []string
	Rules json.RawMessage
	Sale  invoice.Sale
}

func readGolden(t testing.TB, path string) (golden, Rules) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	rules := testRules()
	if len(g.Rules) > 0 {
		if err := json.Unmarshal(g.Rules, &rules); err != nil {
			t.Fatalf("%s: rules: %v", path, err)
		}
	}
	return g, rules
}

func inputs(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(p string) bool { return strings.HasSuffix(p, ".golden.json") })
}

func TestGolden(t *testing.T) {
	t.Parallel()
	sound, refused := 0, 0
	for _, path := range inputs(t) {
		g, rules := readGolden(t, path)
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		inv, faults := FromSale(g.Sale, rules)
		if got := faults.Codes(); strings.Join(got, " ") != strings.Join(g.Want, " ") {
			t.Errorf("%s: faults %v, want %v\n%s", name, got, g.Want, faults.Sentence("tr"))
		}
		blocked := len(faults.Blocking()) > 0
		if blocked != strings.HasPrefix(name, "bad_") {
			t.Errorf("%s: blocked %v", name, blocked)
		}
		out := map[string]any{}
		if blocked {
			refused++
		} else {
			sound++
			out["invoice"] = inv
		}
		if len(faults) > 0 {
			out["faults"] = faults
		}
		compareGolden(t, strings.TrimSuffix(path, ".json")+".golden.json", out)
	}
	if sound+refused < 60 || refused < 35 {
		t.Errorf("only %d sound and %d refused sales", sound, refused)
	}
}

// compareGolden compares the value as JSON, without its empty parts.
func compareGolden(t *testing.T, path string, value any) {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(prune(tree)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if !bytes.Equal(want, buf.Bytes()) {
		t.Errorf("%s is different:\n%s", path, buf.String())
	}
}

func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if e = prune(e); e == nil {
				delete(x, k)
			} else {
				x[k] = e
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		for i := range x {
			x[i] = prune(x[i])
		}
		if len(x) == 0 {
			return nil
		}
	case string:
		if x == "" {
			return nil
		}
	case bool:
		if !x {
			return nil
		}
	}
	return v
}
