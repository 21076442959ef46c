package ubl

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

var (
	producer = invoice.Party{
		TaxNo: "10000000146", FirstName: "Şükrü", LastName: "Çiftçioğlu",
		Address: invoice.Address{Street: "Köy İçi Mevkii", District: "Polatlı", City: "Ankara", Country: "TR"},
	}
	wheat = invoice.Line{ID: "1", Name: "Ekmeklik buğday", Quantity: dec("7"), Unit: "TNE", UnitPrice: dec("7000"), Net: dec("49000")}
)

// producerReceipt makes an e-MM whose lines carry the deductions "code rate".
func producerReceipt(lines []invoice.Line, deductions []string, edits ...func(*invoice.Invoice)) invoice.Invoice {
	inv := receiptOf(codes.ProducerReceipt, producer, lines)
	for i := range inv.Lines {
		l := &inv.Lines[i]
		for _, d := range deductions {
			code, rate, _ := strings.Cut(d, " ")
			name, _ := codes.ProducerDeduction(code)
			l.Taxes = append(l.Taxes, tax(code, name, l.Net, rate))
		}
	}
	for _, edit := range edits {
		edit(&inv)
	}
	return totalReceipt(inv)
}

// serviceReceipt makes an e-SMM of one fee.
func serviceReceipt(buyer invoice.Party, fee, vat, stopaj string, edits ...func(*invoice.Invoice)) invoice.Invoice {
	l := invoice.Line{ID: "1", Name: "Hukuki danışmanlık", Quantity: dec("1"), Unit: "C62", UnitPrice: dec(fee), Net: dec(fee)}
	if stopaj != "" {
		l.Taxes = append(l.Taxes, tax(codes.IncomeTax, "Gelir Vergisi Stopajı", l.Net, stopaj))
	}
	l.Taxes = append(l.Taxes, tax(codes.VAT, "KDV", l.Net, vat))
	inv := receiptOf(codes.ServiceReceipt, buyer, []invoice.Line{l})
	for _, edit := range edits {
		edit(&inv)
	}
	return totalReceipt(inv)
}

func receiptOf(typeCode string, buyer invoice.Party, lines []invoice.Line) invoice.Invoice {
	return invoice.Invoice{
		Scenario: codes.ReceiptProfile, Type: typeCode, Currency: "TRY", Rate: dec("1"),
		IssueDate: invoice.Date{Year: 2026, Month: 10, Day: 5}, IssueTime: "10:15:00", Delivered: invoice.Date{Year: 2026, Month: 10, Day: 4},
		Seller: seller, Buyer: buyer, Lines: slices.Clone(lines),
	}
}

// totalReceipt is total, and takes the deductions of an e-MM off everything behind the sum of its lines.
func totalReceipt(inv invoice.Invoice) invoice.Invoice {
	inv = total(inv)
	if t := &inv.Totals; inv.Receipt() == invoice.EMM {
		t.TaxExclusive = t.TaxExclusive.Sub(t.Deducted)
		t.TaxInclusive, t.Payable = t.TaxExclusive, t.TaxExclusive
	}
	return inv
}

func withheldVAT(code, rate string) func(*invoice.Invoice) {
	return func(inv *invoice.Invoice) {
		for i := range inv.Lines {
			l := &inv.Lines[i]
			l.Withholding = append(l.Withholding, tax(code, "KDV TEVKİFATI", l.Taxes[len(l.Taxes)-1].Amount, rate))
		}
	}
}

// receiptFixtures are the receipts of testdata/makbuz.
func receiptFixtures() []fixture {
	one := []invoice.Line{wheat}
	barley := invoice.Line{ID: "2", SaleLine: "42", Name: "Arpa", SKU: "ARP-1", Quantity: dec("1234.5"), Unit: "KGM", UnitPrice: dec("8.9"), Net: dec("10987.05")}
	return []fixture{
		{name: "makbuz/emm-kesintisiz", inv: producerReceipt(one, nil)},
		{name: "makbuz/emm-stopaj", inv: producerReceipt(one, []string{"0003 4"})},
		{name: "makbuz/emm-stopaj-borsa", inv: producerReceipt(one, []string{"0003 4", "8001 1.92"})},
		{name: "makbuz/emm-mera-fonu", inv: producerReceipt(one, []string{"0003 1", "9040 0.1"})},
		{name: "makbuz/emm-sgk-prim", inv: producerReceipt(one, []string{"0003 2", "SGK_PRIM 1"})},
		{name: "makbuz/emm-dort-kesinti-iki-satir", inv: producerReceipt([]invoice.Line{wheat, barley}, []string{"0003 2", "9040 0.1", "8001 0.2", "SGK_PRIM 1"})},
		{name: "makbuz/emm-iskontolu", inv: producerReceipt([]invoice.Line{{ID: "1", Name: "Çiğ süt", Quantity: dec("500"), Unit: "LTR", UnitPrice: dec("15"), Net: dec("7250"),
			Allowances: []invoice.AllowanceCharge{{Reason: "Yağ oranı farkı", Amount: dec("250"), Base: dec("7500")}}}}, []string{"0003 1"})},
		{name: "makbuz/emm-imza-yeri-ve-referanslar", inv: producerReceipt(one, []string{"0003 2"}, func(i *invoice.Invoice) {
			i.SaleNumber, i.Notes = "ALIM-17", []string{"Kantar fişi 3312"}
			i.Order, i.Despatches = &invoice.Reference{Number: "S-9"}, []invoice.Reference{{Number: "IRS2026000000017"}}
			i.Payment = &invoice.Payment{IBAN: "TR330006100519786457841326", DueDate: invoice.Date{Year: 2026, Month: 10, Day: 20}, Note: "15 gün"}
		}), head: Header{SignatureSlots: true, Number: "MMK2026000000017"}},
		{name: "makbuz/esmm", inv: serviceReceipt(company, "10000", "20", "20")},
		{name: "makbuz/esmm-stopajsiz-sahis", inv: serviceReceipt(person, "2500.50", "20", "")},
		{name: "makbuz/esmm-tevkifatli", inv: serviceReceipt(company, "10000", "20", "20", withheldVAT("606", "90"))},
		{name: "makbuz/esmm-istisna", inv: serviceReceipt(company, "1000", "0", "20", func(i *invoice.Invoice) {
			i.Lines[0].Taxes[1].Exemption = exempt("302", "11/1-a Hizmet İhracatı")
		})},
		{name: "makbuz/esmm-usd", inv: serviceReceipt(company, "1500", "20", "20", currency("USD", "41.8532"))},
		{name: "makbuz/esmm-baska-tip", inv: serviceReceipt(company, "750", "10", "20"), head: Header{ReceiptType: "SMM", CustomizationID: "TR1.2"}},
	}
}

// TestReceiptFixturesAreSound: a golden file of a wrong receipt would be worse than none.
func TestReceiptFixturesAreSound(t *testing.T) {
	t.Parallel()
	for _, f := range receiptFixtures() {
		inv := f.inv
		inv.Despatches, inv.Order = nil, nil // undated, on purpose
		if faults := inv.Check(); len(faults) > 0 {
			t.Errorf("%s: %+v", f.name, faults)
		}
	}
}

// TestReceiptSchema lets GİB's CreditNote XSD judge the golden receipts and a hundred generated ones.
func TestReceiptSchema(t *testing.T) {
	t.Parallel()
	schema := material(t, "xsd", "maindoc", "UBL-CreditNote-2.1.xsd")
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("NOT RUN: the schema needs xmllint: apt-get install -y libxml2-utils")
	}
	dir := t.TempDir()
	keep := func(file string, data []byte) { // the schema wants the signer's slot filled
		data = bytes.Replace(data, []byte("<ext:ExtensionContent></"), []byte(`<ext:ExtensionContent><s xmlns="urn:signature"/></`), 1)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var files []string
	for _, f := range receiptFixtures() {
		data, err := os.ReadFile(goldenPath(f.name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, filepath.Base(f.name)+".xml"))
		keep(files[len(files)-1], data)
	}
	receipts := rapid.Custom(generatedReceipt)
	for seed := range 100 {
		r := receipts.Example(seed)
		data, err := Write(r.inv, r.head)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, fmt.Sprintf("%d.xml", seed)))
		keep(files[len(files)-1], data)
	}
	if out, err := exec.Command("xmllint", append([]string{"--noout", "--nonet", "--schema", schema}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	spoiled := filepath.Join(dir, "spoiled.xml")
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	keep(spoiled, bytes.ReplaceAll(data, []byte("CreditedQuantity"), []byte("InvoicedQuantity")))
	if exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, spoiled).Run() == nil {
		t.Error("the schema takes anything")
	}
}

// generatedReceipt makes receipts that no person would think of, their totals by the rule of their kind.
func generatedReceipt(t *rapid.T) fixture {
	g := generator{t}
	kind := rapid.SampledFrom([]invoice.Kind{invoice.EMM, invoice.ESMM}).Draw(t, "kind")
	inv := receiptOf(codes.ProducerReceipt, producer, nil)
	inv.Currency, inv.Rate = rapid.SampledFrom([]string{"TRY", "USD"}).Draw(t, "currency"), g.decimal("rate", 1, 100_000_000, 6)
	inv.IssueDate, inv.Delivered = g.date("issued"), g.optionalDate("delivered")
	inv.Seller, inv.SaleNumber = g.party("seller"), g.maybe("sale number")
	inv.Notes = rapid.SliceOfN(text(0), 0, 3).Draw(t, "notes")
	if kind == invoice.ESMM {
		inv.Type, inv.Buyer = codes.ServiceReceipt, g.party("buyer")
	}
	if rapid.Bool().Draw(t, "ordered") {
		inv.Order = &invoice.Reference{Number: g.text("order"), Date: g.optionalDate("order date")}
	}
	if rapid.Bool().Draw(t, "paid") {
		inv.Payment = &invoice.Payment{DueDate: g.optionalDate("due"), IBAN: "TR330006100519786457841326", Note: g.maybe("payment note")}
	}
	rate := func(label string) string { return g.decimal(label, 1, 2500, 2).String() }
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := invoice.Line{ID: fmt.Sprint(i + 1), Name: g.text("item"), Description: g.maybe("description"), SKU: g.maybe("sku"),
			Quantity: g.decimal("quantity", 1, 1_000_000, 3), Unit: rapid.SampledFrom([]string{"C62", "KGM", "TNE"}).Draw(t, "unit"), UnitPrice: g.decimal("price", 1, 1_000_000, 4)}
		l.Net = l.Quantity.Mul(l.UnitPrice).Round(2)
		if kind == invoice.ESMM {
			l.Taxes = []invoice.TaxSubtotal{tax(codes.IncomeTax, "Gelir Vergisi Stopajı", l.Net, "20"), tax(codes.VAT, "KDV", l.Net, rapid.SampledFrom([]string{"1", "10", "20"}).Draw(t, "VAT"))}
			for k := range l.Taxes { // a kuruş of VAT that rounds away needs a reason
				if x := &l.Taxes[k]; x.Code == codes.VAT && x.Amount.IsZero() {
					x.Exemption = exempt("351", "İstisna Olmayan Diğer")
				}
			}
			if l.Taxes[1].Amount.IsPositive() && rapid.Bool().Draw(t, "withheld") {
				l.Withholding = []invoice.TaxSubtotal{tax("606", "KDV TEVKİFATI", l.Taxes[1].Amount, "90")}
			}
		} else {
			for _, code := range []string{codes.IncomeTax, codes.PastureFund, codes.ExchangeFee, codes.SocialSecurity} {
				if name, _ := codes.ProducerDeduction(code); rapid.Bool().Draw(t, code) {
					l.Taxes = append(l.Taxes, tax(code, name, l.Net, rate(code)))
				}
			}
		}
		inv.Lines = append(inv.Lines, l)
	}
	h := Header{ETTN: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ettn")), LocalReference: g.maybe("local reference"),
		Kind: rapid.SampledFrom([]invoice.Kind{"", kind}).Draw(t, "said kind"), SignatureSlots: rapid.Bool().Draw(t, "slots")}
	h.ETTN[0] |= 1
	return fixture{inv: totalReceipt(inv), head: h}
}

// TestGeneratedReceipts: whatever is written reads as the same receipt, and its printed totals follow from its lines to the
// kuruş.
func TestGeneratedReceipts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := generatedReceipt(t)
		data, err := Write(r.inv, r.head)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		checkRoundTrip(t, data, r.inv, r.head)
		doc, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		inv, sum := doc.Invoice, decimal.Decimal{}
		for _, l := range inv.Lines {
			sum = sum.Add(l.Net)
			for _, x := range slices.Concat(l.Taxes, l.Withholding) {
				if x.Code == codes.VAT {
					sum = sum.Add(x.Amount)
				} else {
					sum = sum.Sub(x.Amount)
				}
			}
		}
		if !sum.Equal(inv.Totals.Payable) || doc.Kind != r.inv.Receipt() {
			t.Fatalf("payable of the %s is %s, its lines give %s", doc.Kind, inv.Totals.Payable, sum)
		}
		if peeked, err := Peek(data); err != nil || peeked.Kind() != doc.Kind || !peeked.Payable.Equal(sum) {
			t.Fatalf("Peek says %+v (%v)", peeked, err)
		}
	})
}

// TestReceiptRefused: kind and content must be of one mind, and a stranger's CreditNote is no receipt.
func TestReceiptRefused(t *testing.T) {
	t.Parallel()
	emm, esmm := producerReceipt([]invoice.Line{wheat}, nil), serviceReceipt(company, "1", "20", "20")
	for _, c := range []struct {
		inv  invoice.Invoice
		kind invoice.Kind
	}{{emm, invoice.ESMM}, {emm, invoice.EFatura}, {emm, invoice.EArsiv}, {esmm, invoice.EMM}, {esmm, invoice.EArsiv}, {build("TEMELFATURA", "SATIS", []item{{}}), invoice.ESMM}} {
		data, err := Write(c.inv, Header{ETTN: fixtureETTN, Kind: c.kind})
		if data != nil || err == nil {
			t.Errorf("a %s became an %s", c.inv.Type, c.kind)
		}
	}
	data, err := Write(emm, Header{ETTN: fixtureETTN})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"TEMELFATURA", "EARSIVFATURA", ""} {
		if doc, err := Parse([]byte(strings.Replace(string(data), codes.ReceiptProfile, other, 1))); err == nil {
			t.Errorf("a CreditNote of profile %q was read as %s", other, doc.Kind)
		}
	}
}
