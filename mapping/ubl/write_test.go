package ubl

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ amount, currency, want string }{
		{"0", "TRY", "Yalnız sıfır TL"},
		{"0.01", "TRY", "Yalnız bir kuruş"},
		{"0.5", "USD", "Yalnız elli sent"},
		{"1", "TRY", "Yalnız bir TL"},
		{"10.10", "TRY", "Yalnız on TL on kuruş"},
		{"100", "TRY", "Yalnız yüz TL"},
		{"111.11", "TRY", "Yalnız yüzonbir TL onbir kuruş"},
		{"200", "EUR", "Yalnız ikiyüz avro"},
		{"1000", "TRY", "Yalnız bin TL"},
		{"1001.02", "GBP", "Yalnız binbir İngiliz sterlini iki peni"},
		{"1234.56", "TRY", "Yalnız binikiyüzotuzdört TL ellialtı kuruş"},
		{"2026", "TRY", "Yalnız ikibinyirmialtı TL"},
		{"11000", "TRY", "Yalnız onbirbin TL"},
		{"21100", "TRY", "Yalnız yirmibirbinyüz TL"},
		{"101000", "TRY", "Yalnız yüzbirbin TL"},
		{"1000000", "TRY", "Yalnız birmilyon TL"},
		{"1001000", "TRY", "Yalnız birmilyonbin TL"},
		{"999999.99", "TRY", "Yalnız dokuzyüzdoksandokuzbindokuzyüzdoksandokuz TL doksandokuz kuruş"},
		{"1000000000", "TRY", "Yalnız birmilyar TL"},
		{"2000000000000", "TRY", "Yalnız ikitrilyon TL"},
		{"99000000000000000", "TRY", "Yalnız doksandokuzkatrilyon TL"},
		{"100000000000000000", "TRY", ""},
		{"1.005", "TRY", "Yalnız bir TL bir kuruş"},
		{"-5", "TRY", "Yalnız eksi beş TL"},
		{"12.34", "JPY", "Yalnız oniki JPY otuzdört sent"},
	} {
		if got := Words(dec(c.amount), c.currency); got != c.want {
			t.Errorf("Words(%s, %s) = %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	day := invoice.Date{Year: 2026, Month: 10, Day: 5}
	if got := Placeholder("", day); got != "AAA2026000000001" {
		t.Error(got)
	}
	if got := Placeholder("FTR", day); got != "FTR2026000000001" || !numberShape.MatchString(got) {
		t.Error(got)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":               "",
		" a b ":          "a b",
		"a\r\nb\rc":      "a\nb\nc",
		"a\x00b\x1bc":    "abc",
		"a\ufffeb\uffff": "ab",
		"a\xffb":         "a\ufffdb",
		"\u00a0İğ\u00a0": "İğ",
		"\t\n":           "",
		"tab\tstays":     "tab\tstays",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAppendDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in          string
		least, most int
		want        string
	}{
		{"90.00", 0, -1, "90"}, {"90", 0, -1, "90"}, {"100", 0, -1, "100"}, {"0.10", 0, -1, "0.1"}, {"1e3", 0, -1, "1000"}, {"1e3", 2, 2, "1000.00"},
		{"0", 2, 2, "0.00"}, {"-0.00", 2, 2, "0.00"}, {"-0.14", 2, 2, "-0.14"}, {"5", 2, 2, "5.00"}, {"5.5", 2, 2, "5.50"}, {"0.05", 2, 2, "0.05"},
		{"4275.990", 2, 2, "4275.99"}, {"1.005", 2, 2, "1.01"}, {"0.001", 2, -1, "0.001"}, {"333.3333", 2, -1, "333.3333"}, {"12", 2, -1, "12.00"},
		{"123456789012345678901234567890.5", 2, 2, "123456789012345678901234567890.50"}, {"-123456789012345678901.10", 0, -1, "-123456789012345678901.1"},
	} {
		if got := string(appendDecimal(nil, dec(c.in), c.least, c.most)); got != c.want {
			t.Errorf("%s with %d..%d decimals = %s, want %s", c.in, c.least, c.most, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := decimal.New(rapid.Int64().Draw(t, "digits"), rapid.Int32Range(-20, 3).Draw(t, "exponent"))
		for _, least := range []int{0, 2} {
			text := appendDecimal(nil, d, least, -1)
			if back, ok := parseNumber(text); !ok || !back.Equal(d) {
				t.Fatalf("%s was written as %s", d, text)
			}
		}
		if got := string(appendDecimal(nil, d, 2, 2)); got != d.StringFixed(2) && d.Round(2).Sign() != 0 {
			t.Fatalf("%s was written as %s", d, got)
		}
	})
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1": "1", " 1.50 ": "1.5", "1 234.56": "1234.56", "1\u00a0234.5": "1234.5", "-0": "0", "+3": "3", ".5": "0.5", "5.": "5",
		"1,5": "", "1e3": "", "": "", ".": "", "-": "", "1.2.3": "", "0x1": "", "NaN": "", "Infinity": "", "1-": "", "--1": "", "١": "",
		strings.Repeat("9", 40): strings.Repeat("9", 40), strings.Repeat("9", 41): "", strings.Repeat("0", 500): "",
	} {
		d, ok := parseNumber([]byte(in))
		if ok != (want != "") || ok && !d.Equal(dec(want)) {
			t.Errorf("%q was read as %s, %v", in, d, ok)
		}
	}
}

// TestWriteRefuses lists what must never leave the house, each with a word of the reason.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	type change func(*invoice.Invoice, *Header)
	for word, spoil := range map[string]change{
		"no ETTN":             func(_ *invoice.Invoice, h *Header) { h.ETTN = [16]byte{} },
		"not an invoice":      func(_ *invoice.Invoice, h *Header) { h.Kind = invoice.EMM },
		"does not look like":  func(_ *invoice.Invoice, h *Header) { h.Number = "ABC2026" },
		"year of issue":       func(_ *invoice.Invoice, h *Header) { h.Number = "ABC2025000000001" },
		"sending type":        func(_ *invoice.Invoice, h *Header) { h.Kind, h.SendType = invoice.EArsiv, "FAX" },
		"scenario":            func(i *invoice.Invoice, _ *Header) { i.Scenario = "" },
		"no type":             func(i *invoice.Invoice, _ *Header) { i.Type = "" },
		"currency":            func(i *invoice.Invoice, _ *Header) { i.Currency = "TL" },
		"exchange rate":       func(i *invoice.Invoice, _ *Header) { i.Currency, i.Rate = "USD", dec("41.1234567") },
		"positive number":     func(i *invoice.Invoice, _ *Header) { i.Currency, i.Rate = "USD", dec("0") },
		"no lines":            func(i *invoice.Invoice, _ *Header) { i.Lines = nil },
		"no tax":              func(i *invoice.Invoice, _ *Header) { i.Taxes = nil },
		"returned":            func(i *invoice.Invoice, _ *Header) { i.Type = "IADE" },
		"16 characters":       func(i *invoice.Invoice, _ *Header) { i.Type, i.Returns = "IADE", []invoice.Reference{{Number: "42"}} },
		"issue time":          func(i *invoice.Invoice, _ *Header) { i.IssueTime = "10:15" },
		"seller's tax number": func(i *invoice.Invoice, _ *Header) { i.Seller.TaxNo = "123" },
		"buyer's tax number":  func(i *invoice.Invoice, _ *Header) { i.Buyer.TaxNo = "640017712X" },
		"no title":            func(i *invoice.Invoice, _ *Header) { i.Buyer.Name = "" },
		"last name":           func(i *invoice.Invoice, _ *Header) { i.Buyer = person; i.Buyer.LastName = "" },
		"carrier": func(i *invoice.Invoice, h *Header) {
			h.Kind, i.Internet = invoice.EArsiv, &invoice.InternetSale{CarrierTaxNo: "1"}
		},
		"the total 1.001":     func(i *invoice.Invoice, _ *Header) { i.Totals.TaxExclusive = dec("1.001") },
		"the total -1":        func(i *invoice.Invoice, _ *Header) { i.Totals.Payable = dec("-1") },
		"rounding":            func(i *invoice.Invoice, _ *Header) { i.Totals.Rounding = dec("0.001") },
		"line 1 has no name":  func(i *invoice.Invoice, _ *Header) { i.Lines[0].Name = "\x00" },
		"line 1 has no unit":  func(i *invoice.Invoice, _ *Header) { i.Lines[0].Unit = "" },
		"line 1 has no id":    func(i *invoice.Invoice, _ *Header) { i.Lines[0].ID = "" },
		"of line 1 has more":  func(i *invoice.Invoice, _ *Header) { i.Lines[0].Net = dec("1.001") },
		"line 1: tax":         func(i *invoice.Invoice, _ *Header) { i.Lines[0].Taxes[0].Amount = dec("0.001") },
		"document: exemption": func(i *invoice.Invoice, _ *Header) { i.Taxes[0].Exemption.Code = "351" },
		"VAT of 0":            func(i *invoice.Invoice, _ *Header) { i.Taxes[0].Amount = dec("0") },
		"discount or charge":  func(i *invoice.Invoice, _ *Header) { i.Allowances = []invoice.AllowanceCharge{{Amount: dec("0.005")}} },
	} {
		inv, h := build("TEMELFATURA", "SATIS", []item{{}}), Header{ETTN: fixtureETTN}
		spoil(&inv, &h)
		data, err := Write(inv, h)
		if err == nil || data != nil || fault.ClassOf(err) != fault.Permanent || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", word, err)
		}
	}
}

// TestWriteLeavesItsInputAlone: the caller's slices and pointers are shared with the ledger.
func TestWriteLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	inv := build("TEMELFATURA", "SATIS", []item{{}}, func(i *invoice.Invoice) {
		i.Order, i.Despatches, i.Notes = &invoice.Reference{Number: "1"}, []invoice.Reference{{Number: "2"}}, []string{" x "}
		i.Payment, i.Internet = &invoice.Payment{IBAN: "tr 1"}, &invoice.InternetSale{Website: " w "}
	})
	if _, err := Write(inv, Header{ETTN: fixtureETTN, Kind: invoice.EArsiv}); err != nil {
		t.Fatal(err)
	}
	if !inv.Order.Date.IsZero() || !inv.Despatches[0].Date.IsZero() || inv.Notes[0] != " x " || inv.Payment.IBAN != "tr 1" || inv.Payment.MeansCode != "" || inv.Internet.Website != " w " {
		t.Error("Write changed what it was given")
	}
}

// TestLarge writes and reads the largest that reliability asks for: 10,000 lines and a note of 10 MB.
func TestLarge(t *testing.T) {
	t.Parallel()
	items := make([]item, 10_000)
	for i := range items {
		items[i] = item{name: "Vida & somun", qty: "7", price: "0.35"}
	}
	inv := build("TICARIFATURA", "SATIS", items, func(i *invoice.Invoice) { i.Notes = []string{strings.Repeat("şü<", 2<<20)} })
	data, err := Write(inv, Header{ETTN: fixtureETTN})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Invoice.Lines) != len(items) || doc.Invoice.Notes[0] != inv.Notes[0] || !doc.Invoice.Totals.Payable.Equal(inv.Totals.Payable) {
		t.Error("something was lost")
	}
}
