package config

import (
	"strings"
	"testing"

	"faturad/internal/invoice"
)

// Branches inherit what they leave out, but an address is one thing.
func TestBranchParties(t *testing.T) {
	t.Parallel()
	c := Company{VKN: "7473004654", Seller: Seller{Name: "Örnek A.Ş.", TaxOffice: "Çankaya", Street: "Atatürk Bulvarı", BuildingNo: "1",
		District: "Çankaya", City: "Ankara", PostCode: "06420", Country: "TR", Phone: "+90 312"},
		Branches: []Branch{
			{Code: "izmir", Number: "2", Seller: Seller{Street: "Cumhuriyet Caddesi", District: "Konak", City: "İzmir"}},
			{Code: "depo", Seller: Seller{Phone: "+90 555"}},
		}}
	parties := c.BranchParties()
	izmir, depo := parties["izmir"], parties["depo"]
	if izmir.Name != "Örnek A.Ş." || izmir.TaxNo != c.VKN || izmir.Phone != "+90 312" || izmir.TaxOffice != "Çankaya" ||
		izmir.Address != (invoice.Address{Street: "Cumhuriyet Caddesi", District: "Konak", City: "İzmir", Country: "TR"}) {
		t.Errorf("izmir is %+v", izmir)
	}
	if len(izmir.IDs) != 1 || izmir.IDs[0] != (invoice.PartyID{Scheme: "SUBENO", Value: "2"}) {
		t.Errorf("izmir's number is %+v", izmir.IDs)
	}
	if depo.Phone != "+90 555" || depo.Address.Street != "Atatürk Bulvarı" || depo.Address.PostCode != "06420" || len(depo.IDs) != 0 {
		t.Errorf("depo is %+v", depo)
	}
}

// Mistakes in series, branches and date rules are all told at once.
func TestSeriesMistakes(t *testing.T) {
	t.Parallel()
	c := Company{VKN: "7473004654", Branches: []Branch{{Code: "izmir"}, {Code: "izmir"}, {}}}
	c.Routing.Series = []Series{
		{Prefix: "ab1"}, {}, {Prefix: "ABC", Scenario: "TICARI"}, {Prefix: "ABC", Kind: invoice.EArsiv, Scenario: "TICARIFATURA"},
		{Prefix: "ABC", Customer: "123"}, {Prefix: "ABC", Branch: "van"}, {Prefix: "GNL", Kind: invoice.EFatura}, {Prefix: "ERI", Kind: invoice.EFatura, Branch: "izmir"},
		{Prefix: "MMK", Kind: invoice.EMM}, {Prefix: "SMM", Kind: invoice.ESMM, Scenario: "KAMU"}, {Prefix: "MM2", Kind: invoice.EMM, Branch: "izmir"},
	}
	c.Rules.OnLateDate, c.Rules.SevenDays, c.Rules.LastYearDays = "tomorrow", "stop", 40
	k := &checker{doc: parseDocument(nil)}
	k.series("series", &c)
	k.branches("branch", &c)
	k.rules("rules", &c)
	var all []string
	for _, p := range k.problems {
		all = append(all, p.Text)
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		`series[0].prefix must be three capitals`, `series[1].prefix`, `series[2].scenario`, `series[3] can fit no sale`, `series[4].customer`,
		`series[5].branch "van" is none`, `series[7] is never reached: series[0]`,
		`series[9] can fit no sale`, `series[10] is never reached: series[8]`, `branch[1].code "izmir" is given twice`, `branch[2].code`,
		`rules.on_late_date`, `rules.seven_days`, `rules.last_year_days`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nobody says %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "series[8] is") {
		t.Errorf("a series without a kind is no receipt's:\n%s", text)
	}
}
