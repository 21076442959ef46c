package mapping

import (
	"encoding/json"
	"os"
	"testing"

	"faturad/internal/invoice"
)

// FuzzFromSale: whatever an ERP stores, mapping neither panics nor lets an invoice through that does not agree with itself.
func FuzzFromSale(f *testing.F) {
	for _, path := range inputs(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"Sale":{"Gross":"1e9999","Lines":[{"Quantity":"1e-9999","UnitPrice":"-1e18"}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var g golden
		if json.Unmarshal(text, &g) != nil {
			return
		}
		rules := testRules()
		rules.Anonymous = &invoice.Party{Name: "Nihai Tüketici", Address: invoice.Address{District: "Konak", City: "İzmir"}}
		inv, faults := FromSale(g.Sale, rules)
		if len(faults.Blocking()) == 0 {
			if own := inv.Check(); len(own) > 0 {
				t.Fatal(own.Sentence("en"))
			}
		}
		for _, x := range faults {
			if x.Code == "invoice.inconsistent" {
				t.Fatalf("an inconsistent invoice was made: %s", x.Message.EN)
			}
		}
		e := Explain(g.Sale, rules)
		e.Table("tr")
		e.Short("en")
	})
}
