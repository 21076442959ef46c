package propars_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/propars"
	"faturad/providers/providertest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGoldenSales compares the frozen bytes with the files under testdata: what leaves the house changes only on purpose.
func TestGoldenSales(t *testing.T) {
	t.Parallel()
	p := newProvider(t, propars.Config{BaseURL: "http://127.0.0.1:1", Currencies: map[string]int{"EUR": 3}}, nil)
	for name, change := range map[string]func(*providers.Draft){
		"earsiv": func(*providers.Draft) {},
		"efatura_eur": func(d *providers.Draft) {
			d.Route.Kind, d.Invoice.Scenario, d.Invoice.Currency, d.Invoice.Rate = invoice.EFatura, "TICARIFATURA", "EUR", decimal.RequireFromString("45.1234")
			d.Invoice.Buyer = invoice.Party{TaxNo: buyer, Name: "Işıltı Aydınlatma Ltd. Şti.", TaxOffice: "Üsküdar", Address: d.Invoice.Buyer.Address}
			d.Invoice.Order = &invoice.Reference{Number: "SIP-7", Date: d.Invoice.IssueDate}
		},
		"discount_and_unit": func(d *providers.Draft) {
			l := &d.Invoice.Lines[0]
			l.Unit, l.Description, l.Quantity = "KGM", "öğütülmüş", decimal.RequireFromString("2.5")
			off := l.UnitPrice.Mul(l.Quantity).Sub(l.Net) // the same totals, by a discount
			l.Allowances = []invoice.AllowanceCharge{{Amount: off}}
		},
	} {
		d := providertest.Sample(invoice.EArsiv, 1)
		change(&d)
		payload, err := p.Prepare(d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got bytes.Buffer
		if err := json.Indent(&got, payload.Bytes, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		file := filepath.Join("testdata", name+".golden.json")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs from its file (%v); got\n%s", name, err, got.Bytes())
		}
	}
}
