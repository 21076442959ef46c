package ubl

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// dec reads a decimal of a fixture.
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// The made-up parties of the fixtures; their check digits are valid.
var (
	seller = invoice.Party{
		TaxNo: "4812057337", TaxOffice: "Çankaya", Name: "Örnek Yazılım Ticaret A.Ş.",
		Address: invoice.Address{Street: "Atatürk Bulvarı", BuildingNo: "12", DoorNo: "5", District: "Çankaya", City: "Ankara", PostCode: "06420", Country: "TR"},
		Email:   "muhasebe@ornek.example", Phone: "+90 312 000 00 00", Website: "https://ornek.example",
		IDs: []invoice.PartyID{{Scheme: "MERSISNO", Value: "0481205733700015"}, {Scheme: "TICARETSICILNO", Value: "123456"}},
	}
	company = invoice.Party{
		TaxNo: "6400177128", TaxOffice: "Kadıköy", Name: "Deneme Gıda Sanayi Ltd. Şti.",
		Address: invoice.Address{Street: "Bağdat Caddesi", BuildingNo: "34/A", District: "Kadıköy", City: "İstanbul", PostCode: "34710", Country: "TR"},
	}
	person = invoice.Party{
		TaxNo: "10000000146", FirstName: "Ayşe", LastName: "Yılmaz",
		Address: invoice.Address{Street: "Gül Sokak", District: "Karşıyaka", City: "İzmir", Country: "TR"},
		Email:   "ayse@ornek.example",
	}
	trader = invoice.Party{
		TaxNo: "10000000146", TaxOffice: "Karşıyaka", Name: "Yılmaz Ticaret", FirstName: "Ayşe Gül", LastName: "Yılmaz",
		Address: invoice.Address{District: "Karşıyaka", City: "İzmir", Country: "TR"},
	}
	consumer = invoice.Party{
		TaxNo: invoice.FinalConsumer, FirstName: "Nihai", LastName: "Tüketici",
		Address: invoice.Address{District: "Merkez", City: "Eskişehir", Country: "TR"},
	}
	foreigner = invoice.Party{
		TaxNo: invoice.ForeignBuyer, Name: "Foreign Client Ltd & Sons",
		Address: invoice.Address{Street: "1 High Street", District: "-", City: "London", Country: "GB"},
	}
	office = invoice.Party{
		TaxNo: "3360066210", TaxOffice: "Özalp", Name: "Özalp İlçe Tarım ve Orman Müdürlüğü",
		Address: invoice.Address{District: "Özalp", City: "Van", Country: "TR"},
	}
)

// item is one line of a fixture; empty fields mean the plain thing.
type item struct {
	name, qty, unit, price, vat string // empty: Danışmanlık, 1, C62, 100, 20
	discount                    string // percent
	discountMoney, charge       string
	exempt                      invoice.Exemption
	base                        string // special VAT base
	withhold, withholdRate      string
	extra                       []extraTax
	edit                        func(*invoice.Line)
}

type extraTax struct {
	code, rate string
	inBase     bool
}

// build makes a complete invoice, its totals adding up the way mapping does it: tax rounded on each line.
func build(scenario, typeCode string, items []item, edits ...func(*invoice.Invoice)) invoice.Invoice {
	inv := invoice.Invoice{
		Scenario: scenario, Type: typeCode, Currency: "TRY", Rate: dec("1"),
		IssueDate: invoice.Date{Year: 2026, Month: 10, Day: 5}, IssueTime: "10:15:00",
		Seller: seller, Buyer: company,
	}
	for i, it := range items {
		inv.Lines = append(inv.Lines, it.line(i+1))
	}
	for _, edit := range edits {
		edit(&inv)
	}
	return total(inv)
}

func (it item) line(no int) invoice.Line {
	q, p := dec(cmp.Or(it.qty, "1")), dec(cmp.Or(it.price, "100"))
	l := invoice.Line{
		ID: fmt.Sprint(no), Name: cmp.Or(it.name, "Danışmanlık"), Quantity: q, Unit: cmp.Or(it.unit, "C62"), UnitPrice: p,
	}
	gross := q.Mul(p).Round(2)
	l.Net = gross
	if it.discount != "" {
		amount := gross.Mul(dec(it.discount)).Shift(-2).Round(2)
		l.Allowances = append(l.Allowances, invoice.AllowanceCharge{Reason: "İskonto", Rate: invoice.Some(dec(it.discount)), Amount: amount, Base: gross})
		l.Net = l.Net.Sub(amount)
	}
	if it.discountMoney != "" {
		l.Allowances = append(l.Allowances, invoice.AllowanceCharge{Reason: "Kampanya", Amount: dec(it.discountMoney)})
		l.Net = l.Net.Sub(dec(it.discountMoney))
	}
	if it.charge != "" {
		l.Allowances = append(l.Allowances, invoice.AllowanceCharge{Charge: true, Reason: "Ambalaj", Amount: dec(it.charge)})
		l.Net = l.Net.Add(dec(it.charge))
	}
	base := l.Net
	for _, x := range it.extra {
		t := tax(x.code, "", l.Net, x.rate)
		l.Taxes = append(l.Taxes, t)
		if x.inBase {
			base = base.Add(t.Amount)
		}
	}
	if it.base != "" {
		base = dec(it.base)
	}
	vat := tax(codes.VAT, "KDV", base, cmp.Or(it.vat, "20"))
	vat.Exemption = it.exempt
	l.Taxes = append(l.Taxes, vat)
	if it.withhold != "" {
		l.Withholding = append(l.Withholding, tax(it.withhold, "KDV TEVKİFAT", vat.Amount, it.withholdRate))
	}
	if it.edit != nil {
		it.edit(&l)
	}
	return l
}

func tax(code, name string, base decimal.Decimal, rate string) invoice.TaxSubtotal {
	return invoice.TaxSubtotal{Code: code, Name: name, Taxable: base, Rate: dec(rate), Amount: base.Mul(dec(rate)).Shift(-2).Round(2)}
}

// total sums the lines up into the document.
func total(inv invoice.Invoice) invoice.Invoice {
	for _, l := range inv.Lines {
		inv.Totals.LineExtension = inv.Totals.LineExtension.Add(l.Net)
		for _, t := range l.Taxes {
			inv.Taxes = addTax(inv.Taxes, t)
		}
		for _, t := range l.Withholding {
			inv.Withholding = addTax(inv.Withholding, t)
		}
	}
	t := &inv.Totals
	for _, a := range inv.Allowances {
		if a.Charge {
			t.Charge = t.Charge.Add(a.Amount)
		} else {
			t.Allowance = t.Allowance.Add(a.Amount)
		}
		moved := a.Amount
		if !a.Charge {
			moved = moved.Neg()
		}
		vat := &inv.Taxes[0]
		*vat = tax(vat.Code, vat.Name, vat.Taxable.Add(moved), vat.Rate.String())
	}
	t.TaxExclusive = t.LineExtension.Sub(t.Allowance).Add(t.Charge)
	sumParts(&inv)
	t.TaxInclusive = t.TaxExclusive.Add(t.VAT).Add(t.OtherTaxes)
	t.Payable = t.TaxInclusive.Sub(t.Withheld).Sub(t.Deducted).Sub(t.Expenses).Add(t.Rounding)
	return inv
}

func addTax(list []invoice.TaxSubtotal, t invoice.TaxSubtotal) []invoice.TaxSubtotal {
	i := slices.IndexFunc(list, func(x invoice.TaxSubtotal) bool {
		return x.Code == t.Code && x.Rate.Equal(t.Rate) && x.Exemption == t.Exemption
	})
	if i < 0 {
		return append(slices.Clone(list), t)
	}
	list[i].Taxable = list[i].Taxable.Add(t.Taxable)
	list[i].Amount = list[i].Amount.Add(t.Amount)
	return list
}

// fixture is one document of the golden files.
type fixture struct {
	name string
	inv  invoice.Invoice
	head Header
}

// header completes a fixture's header: an ETTN from its name, a number.
func (f fixture) header() Header {
	h := f.head
	h.ETTN = invoice.ETTN(seller.TaxNo, "fixture", "invoice", f.name, 1)
	if h.LocalReference == "" {
		h.LocalReference = "acme:invoice:" + f.name
	}
	return h
}

var archive = Header{Kind: invoice.EArsiv}

func currency(code, rate string) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) { inv.Currency, inv.Rate = code, dec(rate) }
}

func to(p invoice.Party) func(*invoice.Invoice) { return func(inv *invoice.Invoice) { inv.Buyer = p } }

func from(p invoice.Party) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) { inv.Seller = p }
}

func returns(numbers ...string) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) {
		for _, n := range numbers {
			inv.Returns = append(inv.Returns, invoice.Reference{Number: n, Date: invoice.Date{Year: 2026, Month: 9, Day: 28}})
		}
	}
}

func allowance(a invoice.AllowanceCharge) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) { inv.Allowances = append(inv.Allowances, a) }
}

func exempt(code, reason string) invoice.Exemption {
	return invoice.Exemption{Code: code, Reason: reason}
}

func shop(s invoice.InternetSale) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) {
		s.Website = cmp.Or(s.Website, "https://dukkan.ornek.example")
		s.ShipmentDate = invoice.Date{Year: 2026, Month: 10, Day: 6}
		s.CarrierTaxNo, s.CarrierName = "3360066210", "Hızlı Kargo A.Ş."
		inv.Internet = &s
	}
}

// fixtureETTN is for tests that need some document.
var fixtureETTN = uuid.MustParse("6f1d4e0a-5c1b-4f0e-9a70-2f6b0f9f7c11")
