package app

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/providers"
)

const goldenSales = "../../mapping/testdata"

// previewOf maps a golden sale of package mapping as `faturad preview` would.
func previewOf(t *testing.T, name string) Preview {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(goldenSales, name+".json")) // a file of the repository
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Sale  invoice.Sale
		Rules json.RawMessage
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	rules := mapping.Rules{Today: invoice.Date{Year: 2026, Month: 9, Day: 3}, Seller: invoice.Party{TaxNo: "1002003001", TaxOffice: "Ostim",
		Name: "Deniz Yapı Malzemeleri A.Ş.", Address: invoice.Address{Street: "İnönü Cad. No: 5", District: "Yenimahalle", City: "Ankara"}}}
	if len(g.Rules) > 0 {
		if err := json.Unmarshal(g.Rules, &rules); err != nil {
			t.Fatal(err)
		}
	}
	p := Preview{LocalReference: "acme:invoice:1", Sale: g.Sale, Explanation: mapping.Explain(g.Sale, rules), Route: providers.Route{Kind: invoice.EFatura}}
	p.Invoice, p.Faults = mapping.FromSale(g.Sale, rules)
	if receipt := p.Invoice.Receipt(); receipt != "" {
		p.Route.Kind = receipt
	}
	return p
}

func render(t *testing.T, p Preview, language string) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, p, language); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// words is the text of a page as people read it.
func words(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// The page shows what the buyer gets: every part that a kind of sale has.
func TestPreviewShowsWhatTheBuyerGets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"kind_temelfatura_tevkifat":       {"01.09.2026", "10 Adet 12,50", "KDV tevkifatı 603 %70", "-17,50 TRY", "Ödenecek tutar 132,50 TRY", "Yazıyla Yalnız yüzotuziki TL elli kuruş"},
		"kind_ihracat_istisna":            {"Asıl alıcı", "GTİP:", "Teslim:", "Denizyolu", "Kur 1 USD = 41,8532 TL", "Ödenecek tutarın TL karşılığı"},
		"kind_kamu_satis":                 {"Ödemeyi yapan birim", "IBAN TR"},
		"kind_temelfatura_iade":           {"İade edilen fatura"},
		"kind_temelfatura_komisyoncu":     {"HKS", "KUNYENO"},
		"kind_yatirimtesvik_istisna":      {"Yatırım teşvik belgesi", "tahsil edilmez", "Seri no:"},
		"kind_temelfatura_sgk":            {"SGK fatura tipi", "Fatura dönemi"},
		"kind_enerji_sarj":                {"PLAKA:", "Şarj raporu (ESÜ)"},
		"kind_yolcuberaberfatura_istisna": {"Aracı kurum", "Pasaport:"},
		"receipt_emm_deductions":          {"e-Müstahsil Makbuzu", "Müstahsil Şükrü Çiftçioğlu", "Teslim tarihi 31.08.2026", "Borsa Tescil Ücreti %1,92 (matrah 49.000,00) -940,80 TRY", "Ödenecek tutar 46.099,20 TRY"},
		"receipt_esmm_withheld":           {"e-Serbest Meslek Makbuzu", "Vergiler dahil toplam 12.000,00", "KDV tevkifatı 603 %70", "-1.400,00 TRY", "Ödenecek tutar 8.600,00 TRY"},
	} {
		p := previewOf(t, name)
		if f := p.Faults.Blocking(); len(f) > 0 {
			t.Fatalf("%s: %s", name, f.Sentence("en"))
		}
		got := words(render(t, p, "tr"))
		for _, w := range append(want, "ÖNİZLEME — mali değeri yoktur", p.Invoice.Seller.Name) {
			if !strings.Contains(got, w) {
				t.Errorf("%s does not show %q:\n%s", name, w, got)
			}
		}
	}
}

// A sale that is held shows every fault in the row of its field, and where totals differ the comparison and what may be
// done.
func TestPreviewShowsFaultsBesideTheirFields(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(goldenSales, "bad_*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if strings.HasSuffix(name, ".golden") {
			continue
		}
		p := previewOf(t, name)
		got := words(render(t, p, "tr"))
		for _, f := range p.Faults {
			if want := strings.Join(strings.Fields(f.Message.TR), " "); !strings.Contains(got, want) {
				t.Errorf("%s does not show %q:\n%s", name, want, got)
			}
		}
	}
	rows := regexp.MustCompile(`(?s)<tr class="bad">.*?</tr>`).FindAllString(render(t, previewOf(t, "bad_everything"), "en"), -1)
	for _, want := range [][2]string{{"Tax number", "buyer.tax_no"}, {"District", "buyer.district.missing"}} {
		beside := false
		for _, row := range rows {
			beside = beside || strings.Contains(row, "<td>"+want[0]+"</td>") && strings.Contains(row, want[1])
		}
		if !beside {
			t.Errorf("%s does not stand beside %s: %q", want[1], want[0], rows)
		}
	}
	got := words(render(t, previewOf(t, "bad_totals_mismatch"), "tr"))
	for _, want := range []string{"Toplamlar nerede ayrılıyor", "Yapılabilecekler", `payable_rounding = "0.01"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// What an ERP holds is text, never markup.
func TestPreviewEscapes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kind_temelfatura_satis", "bad_everything"} {
		p := previewOf(t, name)
		const attack = `<script>alert(1)</script>`
		p.Sale.Buyer.Name, p.Sale.Lines[0].Name, p.Invoice.Buyer.Name, p.Invoice.Notes = attack, attack, attack, []string{attack}
		if strings.Contains(render(t, p, "tr"), "<script") {
			t.Errorf("%s: markup of the ERP got into the page", name)
		}
	}
}
