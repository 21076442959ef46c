package ubl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/mapping"
)

// Every golden sale of package mapping: the invoice that is read from what was written is the invoice that was written, field
// by field, on every side on which it can go out.
func TestGoldenSalesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	documents := 0
	for _, path := range files {
		if strings.HasSuffix(path, ".golden.json") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			Sale  invoice.Sale
			Rules json.RawMessage
		}
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		rules := mapping.Rules{Today: invoice.Date{Year: 2026, Month: 9, Day: 3}, Seller: seller}
		if len(g.Rules) > 0 {
			if err := json.Unmarshal(g.Rules, &rules); err != nil {
				t.Fatal(err)
			}
		}
		inv, faults := mapping.FromSale(g.Sale, rules)
		if len(faults.Blocking()) > 0 {
			continue
		}
		kinds := []invoice.Kind{invoice.EFatura, invoice.EArsiv}
		if receipt := inv.Receipt(); receipt != "" {
			kinds = []invoice.Kind{receipt}
		}
		for _, kind := range kinds {
			if kind == invoice.EArsiv && codes.EFaturaOnly(inv.Scenario) || kind == invoice.EFatura && inv.Scenario == profileArchive {
				continue
			}
			h := Header{ETTN: uuid.NewSHA1(uuid.NameSpaceOID, []byte(path)), Kind: kind}
			data, err := Write(inv, h)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			doc, err := Parse(data)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			want, _ := normalize(inv, h)
			if diff := cmp.Diff(want, doc.Invoice, sameInvoice); diff != "" {
				t.Errorf("%s as %s:\n%s", filepath.Base(path), kind, diff)
			}
			documents++
		}
	}
	if documents < 350 {
		t.Errorf("only %d documents", documents)
	}
}
