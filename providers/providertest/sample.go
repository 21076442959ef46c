package providertest

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/providers"
)

// Sample is a small plausible invoice or receipt with made-up parties whose tax numbers have valid check digits; n makes it
// another sale. An e-Fatura needs a buyer who is a taxpayer: set Buyer.TaxNo and Route.Alias.
func Sample(kind invoice.Kind, n int) providers.Draft {
	price := decimal.New(100+int64(n), 0)
	net := price.Mul(decimal.NewFromInt(2))
	vat := net.Mul(decimal.New(20, -2)).Round(2)
	payable := net.Add(vat)
	zero := decimal.Zero
	tax := invoice.TaxSubtotal{Code: "0015", Name: "KDV", Taxable: net, Rate: decimal.NewFromInt(20), Amount: vat}
	inv := invoice.Invoice{
		SaleNumber: fmt.Sprintf("SAT-%d", n), Scenario: "TEMELFATURA", Type: "SATIS",
		IssueDate: invoice.Date{Year: 2026, Month: 3, Day: 2}, IssueTime: "10:15:00", Currency: "TRY", Rate: decimal.NewFromInt(1),
		Seller: invoice.Party{TaxNo: "1234567890", TaxOffice: "Kadıköy", Name: "Örnek Yazılım Ticaret A.Ş.",
			Address: invoice.Address{Street: "Gül Sokak 5", District: "Kadıköy", City: "İstanbul", Country: "TR"}},
		Buyer: invoice.Party{TaxNo: "10000000146", Name: "Ayşe Nur Örnek", FirstName: "Ayşe Nur", LastName: "Örnek", Email: "ayse@example.test",
			Address: invoice.Address{Street: "Çınar Caddesi 7", District: "Üsküdar", City: "İstanbul", Country: "TR"}},
		Lines: []invoice.Line{{
			ID: "1", SaleLine: "1", Name: "Danışmanlık <ığüşöç İĞÜŞÖÇ>", Quantity: decimal.NewFromInt(2), Unit: "C62", UnitPrice: price, Net: net,
			Taxes: []invoice.TaxSubtotal{tax},
		}},
		Taxes:      []invoice.TaxSubtotal{tax},
		Totals:     invoice.Totals{LineExtension: net, TaxExclusive: net, TaxInclusive: payable, Allowance: zero, Charge: zero, VAT: vat, Withheld: zero, Payable: payable},
		Convention: invoice.RoundLines,
		Notes:      []string{"Deneme notu"},
	}
	if kind == invoice.EMM || kind == invoice.ESMM {
		receipt(&inv, kind)
	}
	key := fmt.Sprint(n)
	return providers.Draft{
		Identity: providers.Identity{
			ETTN: invoice.ETTN(inv.Seller.TaxNo, "test", "invoice", key, 1), LocalReference: invoice.LocalReference("acme", "invoice", key, 1),
			Kind: kind, IssueDate: inv.IssueDate,
		},
		Route:   providers.Route{Kind: kind},
		Invoice: inv,
	}
}

// receipt makes a receipt of the sample: stopaj is kept from what is paid, and an e-MM has no VAT and sums that are net of it.
func receipt(inv *invoice.Invoice, kind invoice.Kind) {
	net := inv.Totals.LineExtension
	kept := net.Mul(decimal.New(20, -2)).Round(2)
	stopaj := invoice.TaxSubtotal{Code: "0003", Name: "Gelir Vergisi Stopajı", Taxable: net, Rate: decimal.NewFromInt(20), Amount: kept}
	inv.Scenario, inv.Type, inv.Taxes = "EARSIVBELGE", "SERBESTMESLEKMAKBUZU", []invoice.TaxSubtotal{inv.Taxes[0], stopaj}
	inv.Totals.Deducted, inv.Totals.Payable = kept, inv.Totals.TaxInclusive.Sub(kept)
	if kind == invoice.EMM {
		left := net.Sub(kept)
		inv.Type, inv.Taxes = "MUSTAHSILMAKBUZ", []invoice.TaxSubtotal{stopaj}
		inv.Totals.VAT, inv.Totals.TaxExclusive, inv.Totals.TaxInclusive, inv.Totals.Payable = decimal.Zero, left, left, left
	}
	inv.Lines[0].Taxes = inv.Taxes
}

// stranger is an ETTN that no draft has.
var stranger = uuid.MustParse("7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11")
