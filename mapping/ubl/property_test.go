package ubl

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// generated makes invoices that no person would think of, within what mapping promises: money of two decimals, taxes
// whose sums agree, parties with names.
func generated(t *rapid.T) (invoice.Invoice, Header) {
	g := generator{t}
	inv := invoice.Invoice{
		SaleNumber: g.maybe("sale number"),
		Scenario:   rapid.SampledFrom([]string{"TEMELFATURA", "TICARIFATURA", "KAMU"}).Draw(t, "scenario"),
		Type:       rapid.SampledFrom([]string{"SATIS", "IADE", "TEVKIFAT", "ISTISNA", "TEVKIFATIADE", "OZELMATRAH"}).Draw(t, "type"),
		IssueDate:  g.date("issued"), IssueTime: "23:59:59",
		Currency: rapid.SampledFrom([]string{"TRY", "USD", "JPY"}).Draw(t, "currency"),
		Rate:     g.decimal("rate", 1, 100_000_000, 6),
		Seller:   g.party("seller"), Buyer: g.party("buyer"),
		Allowances:  g.allowances("allowance"),
		Withholding: g.taxes("withholding", 0),
		Taxes:       g.taxes("tax", 1),
		Convention:  invoice.RoundLines,
		Returns:     []invoice.Reference{{Number: "ABC2026000000777", Date: g.date("returned")}},
		Despatches:  rapid.SliceOfN(rapid.Custom(func(*rapid.T) invoice.Reference { return g.reference() }), 0, 3).Draw(t, "despatches"),
		Notes:       rapid.SliceOfN(text(0), 0, 4).Draw(t, "notes"),
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		inv.Lines = append(inv.Lines, g.line(i+1))
	}
	if rapid.Bool().Draw(t, "ordered") {
		ref := g.reference()
		inv.Order = &ref
	}
	if rapid.Bool().Draw(t, "paid") {
		inv.Payment = &invoice.Payment{
			MeansCode: rapid.SampledFrom([]string{"", "1", "42", "48"}).Draw(t, "means"), DueDate: g.optionalDate("due"),
			IBAN: rapid.SampledFrom([]string{"", "TR33 0006 1005 1978 6457 8413 26"}).Draw(t, "iban"), Currency: rapid.SampledFrom([]string{"", "TRY"}).Draw(t, "account currency"),
			Note: g.maybe("payment note"),
		}
	}
	if rapid.Bool().Draw(t, "web") {
		inv.Internet = &invoice.InternetSale{
			Website:       g.maybe("website"),
			PaymentMethod: rapid.SampledFrom([]string{"", paidByCard, paidByTransfer, paidAtDoor, paidByAgent, paidOtherwise}).Draw(t, "method"),
			PaymentAgent:  g.maybe("agent"), PaymentDate: g.optionalDate("paid on"), ShipmentDate: g.optionalDate("shipped"),
			CarrierTaxNo: rapid.SampledFrom([]string{"", "3360066210", "10000000146"}).Draw(t, "carrier"), CarrierName: g.maybe("carrier name"),
		}
	}
	if rapid.Bool().Draw(t, "other buyer") {
		p := g.party("buyer customer")
		inv.BuyerCustomer = &p
	}
	g.kinds(&inv)
	sumParts(&inv)
	tt := &inv.Totals
	for _, f := range []*decimal.Decimal{&tt.LineExtension, &tt.TaxExclusive, &tt.TaxInclusive, &tt.Allowance, &tt.Charge, &tt.Payable} {
		*f = g.money("total")
	}
	tt.Rounding = g.decimal("rounding", -99, 99, 2)
	h := Header{
		ETTN: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ettn")), LocalReference: g.maybe("local reference"),
		Kind:    rapid.SampledFrom([]invoice.Kind{"", invoice.EFatura, invoice.EArsiv}).Draw(t, "kind"),
		Archive: rapid.SampledFrom([]ArchiveForm{"", ArchiveByType, ArchiveByID, ArchiveByName}).Draw(t, "form"), SignatureSlots: rapid.Bool().Draw(t, "slots"),
	}
	h.ETTN[0] |= 1
	for range rapid.IntRange(0, 2).Draw(t, "references") {
		h.References = append(h.References, Additional{ID: g.text("reference"), Scheme: g.maybe("scheme"), Date: g.optionalDate("referred"), Type: g.maybe("kind of reference")})
	}
	return inv, h
}

type generator struct{ t *rapid.T }

// text draws clean text: what Write would change is another test's matter.
func text(least int) *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune(`aZ09 &<>"'\ğĞüÜşŞiİıIöÖçÇ-_/%:;{}[]$`)), least, 12, -1),
		rapid.StringN(least, 12, -1),
		rapid.SampledFrom([]string{"]]>", "<!--", "&amp;", "&#10;", "a\nb\tc", "=cmd|", "'; DROP TABLE", "\u202eedılret", "😀", "İIıi", "x - y"}),
	).Filter(func(s string) bool { return clean(s) == s && len(s) >= least })
}

func (g generator) text(label string) string  { return text(1).Draw(g.t, label) }
func (g generator) maybe(label string) string { return text(0).Draw(g.t, label) }

func (g generator) decimal(label string, from, to int64, decimals int32) decimal.Decimal {
	return decimal.New(rapid.Int64Range(from, to).Draw(g.t, label), -decimals)
}

func (g generator) money(label string) decimal.Decimal {
	return g.decimal(label, 1, 99_999_999_999_999_999, 2)
}

func (g generator) date(label string) invoice.Date {
	return invoice.Date{Year: 2026, Month: time.January, Day: 1}.AddDays(rapid.IntRange(0, 364).Draw(g.t, label))
}

func (g generator) optionalDate(label string) invoice.Date {
	if rapid.Bool().Draw(g.t, label+"?") {
		return g.date(label)
	}
	return invoice.Date{}
}

func (g generator) reference() invoice.Reference {
	return invoice.Reference{Number: g.text("reference"), Date: g.optionalDate("reference date")}
}

func (g generator) party(label string) invoice.Party {
	p := invoice.Party{
		TaxNo: rapid.SampledFrom([]string{"4812057337", "10000000146"}).Draw(g.t, label), TaxOffice: g.maybe("office"),
		Email: g.maybe("mail"), Phone: g.maybe("phone"), Fax: g.maybe("fax"), Website: g.maybe("site"),
		Address: invoice.Address{
			Street: g.maybe("street"), BuildingNo: g.maybe("building"), DoorNo: g.maybe("door"), District: g.maybe("district"), City: g.maybe("city"),
			PostCode: g.maybe("code"), Country: rapid.SampledFrom([]string{"", "TR", "XK", "de"}).Draw(g.t, "country"), CountryName: g.maybe("country name"),
		},
	}
	if len(p.TaxNo) == 11 {
		p.FirstName, p.LastName, p.Name = g.text("first"), g.text("last"), g.maybe("trade name")
		person := true
		p.Person = &person
	} else {
		p.Name = g.text("title")
	}
	if rapid.Bool().Draw(g.t, "ids") {
		p.IDs = []invoice.PartyID{{Scheme: "MERSISNO", Value: g.text("mersis")}, {Scheme: "VKN", Value: g.text("second number")}}
	}
	return p
}

func (g generator) allowances(label string) []invoice.AllowanceCharge {
	var out []invoice.AllowanceCharge
	for range rapid.IntRange(0, 2).Draw(g.t, label) {
		a := invoice.AllowanceCharge{Charge: rapid.Bool().Draw(g.t, "charge"), Reason: g.maybe("reason"), Amount: g.money("discount")}
		if rapid.Bool().Draw(g.t, "by rate") {
			rate := g.decimal("discount rate", 1, 10_000, 2)
			a.Rate, a.Base = invoice.Some(rate), g.decimal("base", 100, 99_999_999, 2)
			a.Amount = a.Base.Mul(rate).Shift(-2).Round(2)
		}
		out = append(out, a)
	}
	return out
}

func (g generator) taxes(label string, least int) []invoice.TaxSubtotal {
	var out []invoice.TaxSubtotal
	for range rapid.IntRange(least, 3).Draw(g.t, label) {
		x := invoice.TaxSubtotal{
			Code: rapid.SampledFrom([]string{codes.VAT, "0059", "0003", "606"}).Draw(g.t, "code"), Name: g.text("tax name"),
			Taxable: g.money("taxable"), Rate: g.decimal("tax rate", 0, 10_000, 2), Amount: g.money("tax amount"),
		}
		if rapid.Bool().Draw(g.t, "exempt") {
			x.Amount, x.Exemption = decimal.Decimal{}, invoice.Exemption{Code: "351", Reason: g.text("reason")}
		}
		out = append(out, x)
	}
	return out
}

// kinds draws what single kinds of sale carry, all at once: reading must not mix them up.
func (g generator) kinds(inv *invoice.Invoice) {
	some := func(label string) bool { return rapid.Bool().Draw(g.t, label) }
	ref := func() *invoice.Reference {
		return &invoice.Reference{Number: g.text("reference"), Date: g.date("reference date")}
	}
	if some("contract") {
		inv.Contract = ref()
	}
	if some("certificate") {
		inv.Investment = ref()
	}
	if some("charge report") {
		inv.ChargeReport = ref()
	}
	if some("period") {
		inv.Period = &invoice.Period{Start: g.date("from"), StartTime: "08:00:00", End: g.date("till"), EndTime: "08:40:00"}
	}
	if some("SGK") {
		inv.SGK = &invoice.SGK{Cost: "DIGER", PayerCode: g.maybe("payer code"), PayerName: g.maybe("payer"), FileNo: g.maybe("file")}
	}
	if some("representative") {
		p := g.party("representative")
		p.TaxNo, p.IDs = "", []invoice.PartyID{{Scheme: "ARACIKURUMVKN", Value: "4812057337"}}
		inv.Representative = &p
	}
	if p := inv.BuyerCustomer; p != nil && len(p.TaxNo) == 11 && some("traveller") {
		p.Traveller = &invoice.Traveller{Nationality: "GB", PassportNo: g.text("passport"), PassportDate: g.date("passport date"),
			Account: &invoice.BankAccount{Number: g.text("account"), Currency: "EUR", Bank: g.maybe("bank"), Branch: g.maybe("branch"), Note: g.maybe("account note")}}
	}
	if some("goods") {
		inv.Delivery = g.delivery()
	}
	for range rapid.IntRange(0, 2).Draw(g.t, "expenses") {
		inv.Expenses = append(inv.Expenses, invoice.Expense{Kind: "HKSRUSUM", Amount: g.decimal("expense", 1, 9999, 2)})
	}
	for i := range inv.Lines {
		l := &inv.Lines[i]
		if some("line goods") {
			l.Delivery = g.delivery()
		}
		if some("asset") {
			l.Asset = &invoice.Asset{Class: g.maybe("class"), Model: g.maybe("model"), Trace: g.maybe("trace"), Serial: g.maybe("serial")}
		}
		if some("item ids") {
			l.IDs = []invoice.ItemID{{Scheme: "ILAC", Value: g.text("medicine")}, {Scheme: "DIGER", Value: g.text("product")}}
		}
		for k := range l.Taxes {
			l.Taxes[k].NotAdded, l.Taxes[k].Fixed = some("not added"), some("fixed")
			if l.Taxes[k].Fixed {
				l.Taxes[k].Rate = decimal.Decimal{}
			}
		}
	}
}

func (g generator) delivery() *invoice.Delivery {
	return &invoice.Delivery{
		Terms: rapid.SampledFrom([]string{"", "FOB", "CIF"}).Draw(g.t, "terms"), Mode: rapid.SampledFrom([]string{"", "1", "4"}).Draw(g.t, "mode"),
		Address:   invoice.Address{City: g.maybe("place"), District: g.maybe("part"), Country: rapid.SampledFrom([]string{"", "DE"}).Draw(g.t, "land")},
		CustomsID: g.maybe("customs id"), BuyerLineCode: g.maybe("buyer's line"), SellerLineCode: g.maybe("seller's line"),
		Package: invoice.Package{ID: g.maybe("package"), Type: rapid.SampledFrom([]string{"", "CT"}).Draw(g.t, "package type"), Quantity: invoice.Some(decimal.NewFromInt(rapid.Int64Range(1, 9).Draw(g.t, "packages")))},
	}
}

func (g generator) line(no int) invoice.Line {
	return invoice.Line{
		ID: fmt.Sprint(no), SaleLine: g.maybe("sale line"), Name: g.text("item"), Description: g.maybe("description"), SKU: g.maybe("sku"), BuyerSKU: g.maybe("buyer sku"),
		Quantity: g.decimal("quantity", -1_000_000_000, 1_000_000_000_000, 8), Unit: rapid.SampledFrom([]string{"C62", "KGM"}).Draw(g.t, "unit"),
		UnitPrice: g.decimal("price", 0, 1_000_000_000_000, 10), Allowances: g.allowances("line allowance"), Net: g.money("net"),
		Taxes: g.taxes("line tax", 0), Withholding: g.taxes("line withholding", 0),
	}
}

func TestRoundTripGenerated(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inv, h := generated(t)
		data, err := Write(inv, h)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		checkRoundTrip(t, data, inv, h)
	})
}

// TestNothingIllegalIsWritten puts any bytes into every kind of text and wants well-formed XML that reads as the cleaned
// text.
func TestNothingIllegalIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dirty := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.SampledFrom([]string{"", "\x00", "\ufffe", "\r\n", "\u0085", "\xed\xa0\x80", " ", "\u2028", "\x7f"}).Draw(t, "tail")
		inv := build("TEMELFATURA", "SATIS", []item{{}})
		inv.Lines[0].Name, inv.Lines[0].Description, inv.Lines[0].SKU = "x"+dirty+"x", dirty, dirty
		inv.Buyer.Name, inv.Buyer.Address.Street, inv.Buyer.IDs = "x"+dirty, dirty, []invoice.PartyID{{Scheme: "MUSTERINO", Value: dirty}}
		inv.Notes = []string{"x" + dirty}
		h := Header{ETTN: fixtureETTN, LocalReference: dirty, References: []Additional{{ID: dirty, Descriptions: []string{dirty + "x"}}}}
		data, err := Write(inv, h)
		if err != nil {
			t.Fatal(err)
		}
		if i := illegalAt(data); i >= 0 {
			t.Fatalf("illegal byte %#x was written", data[i])
		}
		doc, err := Parse(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		got := doc.Invoice
		for _, pair := range [][2]string{
			{got.Lines[0].Name, "x" + dirty + "x"}, {got.Lines[0].Description, dirty}, {got.Lines[0].SKU, dirty}, {got.Buyer.Name, "x" + dirty},
			{got.Buyer.Address.Street, dirty}, {got.Buyer.IDs[0].Value, dirty}, {got.Notes[0], "x" + dirty}, {doc.LocalReference, dirty}, {doc.References[0].ID, dirty},
		} {
			if pair[0] != clean(pair[1]) {
				t.Fatalf("%q came back as %q, want %q", pair[1], pair[0], clean(pair[1]))
			}
		}
	})
}
