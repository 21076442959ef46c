package app

import (
	"testing"

	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

// The prefix: ERP column, first series that fits, the kind's, the provider's own.
func TestPrefix(t *testing.T) {
	t.Parallel()
	const buyer, company = "4812057337", "7473004654"
	r := router{routing: config.Routing{
		Prefix: map[invoice.Kind]string{invoice.EFatura: "GNL"},
		Series: []config.Series{
			{Prefix: "IZT", Branch: "izmir", Scenario: "TICARIFATURA"},
			{Prefix: "IZM", Branch: "izmir"},
			{Prefix: "OZL", Customer: buyer, Kind: invoice.EFatura},
			{Prefix: "IHR", Scenario: "IHRACAT"},
			{Prefix: "ARS", Scenario: registry.Archive, Branch: "van"},
		},
	}}
	entries := map[string]registry.Entry{
		company: {TaxNo: company, Aliases: []string{"urn:mail:pk@a"}}, buyer: {TaxNo: buyer, Aliases: []string{"urn:mail:pk@b"}},
	}
	for name, c := range map[string]struct {
		q    outbound.Question
		want string
	}{
		"the kind's":                        {outbound.Question{TaxNo: company, Scenario: "TEMELFATURA"}, "GNL"},
		"the provider's own":                {outbound.Question{TaxNo: "9876543210", Scenario: "TEMELFATURA"}, ""},
		"the ERP's":                         {outbound.Question{TaxNo: company, Scenario: "TICARIFATURA", Branch: "izmir", Prefix: "ERP"}, "ERP"},
		"branch and scenario":               {outbound.Question{TaxNo: company, Scenario: "TICARIFATURA", Branch: "izmir"}, "IZT"},
		"branch, another scenario":          {outbound.Question{TaxNo: buyer, Scenario: "TEMELFATURA", Branch: "izmir"}, "IZM"},
		"branch, e-Arşiv":                   {outbound.Question{TaxNo: "9876543210", Scenario: "TICARIFATURA", Branch: "izmir"}, "IZM"},
		"customer":                          {outbound.Question{TaxNo: buyer, Scenario: "TEMELFATURA"}, "OZL"},
		"export":                            {outbound.Question{TaxNo: invoice.Customs, Scenario: "IHRACAT"}, "IHR"},
		"e-Arşiv of a branch":               {outbound.Question{TaxNo: "9876543210", Scenario: "TEMELFATURA", Branch: "van"}, "ARS"},
		"a branch that no series is about":  {outbound.Question{TaxNo: company, Scenario: "TEMELFATURA", Branch: "mus"}, "GNL"},
		"technology support is e-Arşiv too": {outbound.Question{TaxNo: company, Scenario: registry.Archive, Branch: "van"}, "ARS"},
	} {
		d := r.decide(c.q, entries)
		if len(d.Faults.Blocking()) > 0 || d.Route.Prefix != c.want {
			t.Errorf("%s: prefix %q, want %q (%+v)", name, d.Route.Prefix, c.want, d.Faults)
		}
	}
}
