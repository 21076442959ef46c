package invoice

import (
	"testing"

	"github.com/shopspring/decimal"
)

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// sound is a small invoice that agrees with itself.
func sound() Invoice {
	vat := TaxSubtotal{Code: "0015", Name: "KDV", Taxable: amount("100"), Rate: amount("20"), Amount: amount("20")}
	return Invoice{
		Seller: Party{TaxNo: "1002003001", Name: "Deniz A.Ş."}, Buyer: Party{TaxNo: "7312048565", Name: "Çınar A.Ş."},
		Scenario: "TEMELFATURA", Type: "SATIS", Currency: "TRY", Rate: amount("1"), IssueDate: Date{2026, 9, 1}, IssueTime: "10:00:00",
		Lines:  []Line{{ID: "1", Name: "Kalem", Unit: "C62", Quantity: amount("4"), UnitPrice: amount("25"), Net: amount("100"), Taxes: []TaxSubtotal{vat}}},
		Taxes:  []TaxSubtotal{vat},
		Totals: Totals{LineExtension: amount("100"), TaxExclusive: amount("100"), TaxInclusive: amount("120"), VAT: amount("20"), Payable: amount("120")},
	}
}

func TestCheckAcceptsASoundInvoice(t *testing.T) {
	t.Parallel()
	if faults := sound().Check(); len(faults) > 0 {
		t.Error(faults.Sentence("en"))
	}
}

func TestCheckFindsEachDamage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage func(*Invoice)
		code   string
	}{
		{"payable", func(i *Invoice) { i.Totals.Payable = amount("119.99") }, "invoice.inconsistent"},
		{"rounding not in payable", func(i *Invoice) { i.Totals.Rounding = amount("0.01") }, "invoice.inconsistent"},
		{"VAT total", func(i *Invoice) { i.Totals.VAT = amount("20.01") }, "invoice.inconsistent"},
		{"VAT of the rate", func(i *Invoice) { i.Taxes[0].Amount = amount("21") }, "invoice.inconsistent"},
		{"base of the rate", func(i *Invoice) { i.Taxes[0].Taxable = amount("99") }, "invoice.inconsistent"},
		{"line net", func(i *Invoice) { i.Lines[0].Net = amount("99") }, "invoice.inconsistent"},
		{"line price", func(i *Invoice) { i.Lines[0].UnitPrice = amount("25.01") }, "invoice.inconsistent"},
		{"line quantity", func(i *Invoice) { i.Lines[0].Quantity = amount("0") }, "invoice.inconsistent"},
		{"three decimals", func(i *Invoice) { i.Totals.LineExtension = amount("100.001") }, "invoice.inconsistent"},
		{"negative", func(i *Invoice) { i.Totals.Withheld = amount("-1") }, "invoice.inconsistent"},
		{"document discount not in the totals", func(i *Invoice) { i.Allowances = []AllowanceCharge{{Amount: amount("1")}} }, "invoice.inconsistent"},
		{"no lines", func(i *Invoice) { i.Lines = nil }, "invoice.inconsistent"},
		{"no time", func(i *Invoice) { i.IssueTime = "" }, "invoice.inconsistent"},
		{"commercial return", func(i *Invoice) { i.Type, i.Scenario = "IADE", "TICARIFATURA" }, "type.not_in_scenario"},
		{"return without original", func(i *Invoice) { i.Type = "IADE" }, "return.missing"},
		{"return with an ERP number", func(i *Invoice) { i.Type, i.Returns = "IADE", []Reference{{Number: "FA-1"}} }, "return.number"},
		{"unknown currency", func(i *Invoice) { i.Currency = "TL" }, "currency.unknown"},
		{"rate with seven decimals", func(i *Invoice) { i.Currency, i.Rate = "EUR", amount("49.1234567") }, "rate.invalid"},
		{"no rate", func(i *Invoice) { i.Currency, i.Rate = "EUR", decimal.Zero }, "rate.invalid"},
		{"TRY with a rate", func(i *Invoice) { i.Rate = amount("2") }, "rate.invalid"},
		{"withholding on SATIS", func(i *Invoice) {
			i.Withholding = []TaxSubtotal{{Code: "606", Taxable: amount("20"), Rate: amount("90"), Amount: amount("18")}}
		}, "type.withholding_refused"},
		{"TEVKIFAT without withholding", func(i *Invoice) { i.Type = "TEVKIFAT" }, "type.no_withholding"},
		{"percent that the code does not take", func(i *Invoice) {
			i.Type, i.Withholding = "TEVKIFAT", []TaxSubtotal{{Code: "606", Taxable: amount("20"), Rate: amount("50"), Amount: amount("10")}}
		}, "line.withholding.rate"},
		{"VAT 0 without reason", func(i *Invoice) { i.Taxes[0].Rate, i.Taxes[0].Amount = decimal.Zero, decimal.Zero }, "line.exemption.missing"},
		{"reason that the type does not take", func(i *Invoice) { i.Taxes[0].Exemption = Exemption{Code: "301", Reason: "İhracat"} }, "line.exemption.type"},
		{"reason without text", func(i *Invoice) { i.Taxes[0].Exemption = Exemption{Code: "351"} }, "line.exemption.type"},
	} {
		inv := sound()
		c.damage(&inv)
		found := false
		for _, code := range inv.Check().Codes() {
			found = found || code == c.code
		}
		if !found {
			t.Errorf("%s: %v, want %s", c.name, inv.Check().Codes(), c.code)
		}
	}
}
