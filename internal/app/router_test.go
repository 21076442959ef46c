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
		Prefix: map[invoice.Kind]string{invoice.EFatura: "GNL", invoice.ESMM: "SMM"},
		Series: []config.Series{
			{Prefix: "IZT", Branch: "izmir", Scenario: "TICARIFATURA"},
			{Prefix: "IZM", Branch: "izmir"},
			{Prefix: "OZL", Customer: buyer, Kind: invoice.EFatura},
			{Prefix: "IHR", Scenario: "IHRACAT"},
			{Prefix: "ARS", Scenario: registry.Archive, Branch: "van"},
			{Prefix: "MMV", Kind: invoice.EMM, Branch: "van"},
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
		"a receipt of a branch with one":    {outbound.Question{TaxNo: company, Kind: invoice.EMM, Scenario: "EARSIVBELGE", Branch: "van"}, "MMV"},
		"invoices' series are no receipt's": {outbound.Question{TaxNo: buyer, Kind: invoice.EMM, Scenario: "EARSIVBELGE", Branch: "izmir"}, ""},
		"a receipt's kind":                  {outbound.Question{TaxNo: buyer, Kind: invoice.ESMM, Scenario: "EARSIVBELGE", Branch: "izmir"}, "SMM"},
		"technology support is e-Arşiv too": {outbound.Question{TaxNo: company, Scenario: registry.Archive, Branch: "van"}, "ARS"},
	} {
		d := r.decide(c.q, entries)
		if len(d.Faults.Blocking()) > 0 || d.Route.Prefix != c.want {
			t.Errorf("%s: prefix %q, want %q (%+v)", name, d.Route.Prefix, c.want, d.Faults)
		}
	}
}

// A receipt is what the sale says it is: config and list, or the lack of one, say nothing about it.
func TestReceiptsAreNotRouted(t *testing.T) {
	t.Parallel()
	const farmer = "10000000146"
	r := router{draft: true, routing: config.Routing{Kind: invoice.EArsiv, EArsivEmail: "buyer", Pins: []config.Pin{{TaxNo: farmer, Kind: invoice.EFatura, Alias: "urn:mail:pk@x"}}}}
	for _, entries := range []map[string]registry.Entry{nil, {}, {farmer: {TaxNo: farmer, Aliases: []string{"urn:mail:pk@f"}}}} {
		for _, kind := range []invoice.Kind{invoice.EMM, invoice.ESMM} {
			d := r.decide(outbound.Question{TaxNo: farmer, Kind: kind, Alias: "urn:mail:erp@x", Scenario: "EARSIVBELGE", Email: "ciftci@ornek.example"}, entries)
			if len(d.Faults) > 0 || d.Route.Kind != kind || d.Route.Alias != "" || !d.Route.Draft || d.Route.Email != "ciftci@ornek.example" {
				t.Errorf("%s with list %v: %+v", kind, entries, d)
			}
		}
	}
}
