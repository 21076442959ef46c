package app

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// TestWriteText: columns stay in line under rows that say more, and nothing that a stranger wrote steers the terminal.
func TestWriteText(t *testing.T) {
	t.Parallel()
	ten := decimal.NewFromInt(10)
	line := invoice.Line{ID: "1", Name: "Kalem\x1b[2J\u009b31m\u202e", SKU: "STK-1", Quantity: ten, Unit: "C62", UnitPrice: ten, Net: ten.Mul(ten)}
	longer := line
	longer.ID, longer.Name, longer.UnitPrice = "2", "Defter", decimal.RequireFromString("1234.5678")
	var b strings.Builder
	err := WriteText(&b, invoice.Invoice{Currency: "TRY", Seller: invoice.Party{Name: "Satan\nA.Ş.", TaxNo: "7301124018"}, Lines: []invoice.Line{line, longer},
		Totals: invoice.Totals{Payable: ten}})
	if err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.ContainsAny(text, "\x1b\u009b\u202e") || !strings.Contains(text, "Satan A.Ş.  VKN 7301124018") {
		t.Errorf("%q", text)
	}
	var at []int
	for l := range strings.Lines(text) {
		if i := strings.Index(l, "100,00 TRY"); i >= 0 {
			at = append(at, len([]rune(l[:i])))
		}
	}
	if len(at) != 2 || at[0] != at[1] {
		t.Errorf("the amounts stand at %v in\n%s", at, text)
	}
}
