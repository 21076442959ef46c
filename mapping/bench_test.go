package mapping

import (
	"strconv"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// benchSale has n lines over three rates, as Dolibarr books them: line and document totals.
func benchSale(n int) invoice.Sale {
	s := soundSale()
	s.Lines = nil
	var net, vat decimal.Decimal
	for i := range n {
		rate := defaultRates[i%3]
		price := decimal.New(int64(1999+37*i), -2)
		lineNet := price.Mul(decimal.NewFromInt(3)).Round(2)
		lineVAT := vatOf(lineNet, rate).Round(2)
		net, vat = net.Add(lineNet), vat.Add(lineVAT)
		s.Lines = append(s.Lines, invoice.SaleLine{No: strconv.Itoa(i + 1), Name: "Çelik Vida M8", SKU: "VD-8", Unit: "C62",
			Quantity: invoice.Some(decimal.NewFromInt(3)), UnitPrice: invoice.Some(price), VATRate: invoice.Some(rate),
			Net: invoice.Some(lineNet), VAT: invoice.Some(lineVAT)})
	}
	s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat))
	return s
}

// soundSale is a complete sale of one line.
func soundSale() invoice.Sale {
	return invoice.Sale{
		KeySpace: "invoice", Key: "217", Number: "FA2609-0001", IssueDate: invoice.Date{Year: 2026, Month: 9, Day: 1}, IssueTime: "09:07:50",
		Buyer: invoice.Party{TaxNo: "7312048565", TaxOffice: "Nilüfer", Name: "Çınar Makine Sanayi ve Ticaret A.Ş.",
			Address: invoice.Address{Street: "Organize Sanayi Bölgesi", District: "Nilüfer", City: "Bursa"}},
		Net: some("125"), VAT: some("25"), Gross: some("150"),
		Lines: []invoice.SaleLine{{No: "1", Name: "Çelik Vida M8", Unit: "C62", Quantity: some("10"), UnitPrice: some("12.5"), VATRate: some("20")}},
	}
}

func some(s string) invoice.NullDecimal { return invoice.Some(decimal.RequireFromString(s)) }

func benchmark(b *testing.B, lines int) {
	s, r := benchSale(lines), testRules()
	if _, faults := FromSale(s, r); len(faults) > 0 {
		b.Fatal(faults.Codes())
	}
	b.ReportAllocs()
	for b.Loop() {
		FromSale(s, r)
	}
}

func BenchmarkFromSale3Lines(b *testing.B)   { benchmark(b, 3) }
func BenchmarkFromSale300Lines(b *testing.B) { benchmark(b, 300) }
