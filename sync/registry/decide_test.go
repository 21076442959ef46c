package registry_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"faturad/internal/invoice"
	"faturad/sync/registry"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const (
		registered = "1234567890"
		many       = "2345678903"
		plain      = "3456789012"
		nobody     = "9876543210"
		office     = "4567890121"
	)
	entries := map[string]registry.Entry{
		registered:      {TaxNo: registered, Aliases: []string{"urn:mail:pk@a"}},
		many:            {TaxNo: many, Aliases: []string{"urn:mail:apk@m", "urn:mail:DefaultPK@m", "urn:mail:zpk@m"}},
		office:          {TaxNo: office, Aliases: []string{"urn:mail:defaultpk@o", "urn:mail:kamupk@o"}, Public: []string{"urn:mail:kamupk@o"}},
		invoice.Customs: {TaxNo: invoice.Customs, Aliases: []string{"urn:mail:defaultpk@gtb", "urn:mail:IhracatPK@gtb.gov.tr", "urn:mail:yolcuberaberpk@gtb.gov.tr"}},
		plain:           {TaxNo: plain, Aliases: []string{"urn:mail:bpk@p", "urn:mail:cpk@p"}},
	}
	efatura, earsiv := registry.Pin{Kind: invoice.EFatura}, registry.Pin{Kind: invoice.EArsiv}
	box := registry.Pin{Alias: "urn:mail:erp@x"}
	for name, c := range map[string]struct {
		q       registry.Question
		noList  bool
		want    string // "kind alias by by"
		faults  string // codes
		several int
	}{
		"registered":                                {q: registry.Question{TaxNo: registered}, want: "e-fatura by registry, urn:mail:pk@a by registry"},
		"not registered":                            {q: registry.Question{TaxNo: nobody}, want: "e-arsiv by registry"},
		"several, one is the default":               {q: registry.Question{TaxNo: many}, want: "e-fatura by registry, urn:mail:DefaultPK@m by registry, chosen from 3: urn:mail:apk@m urn:mail:DefaultPK@m urn:mail:zpk@m"},
		"several, none is the default":              {q: registry.Question{TaxNo: plain}, want: "e-fatura by registry, urn:mail:bpk@p by registry, chosen from 2: urn:mail:bpk@p urn:mail:cpk@p"},
		"ERP's mailbox":                             {q: registry.Question{TaxNo: many, ERP: box, Config: earsiv}, want: "e-fatura by erp, urn:mail:erp@x by erp"},
		"ERP's kind, config's mailbox":              {q: registry.Question{TaxNo: nobody, ERP: efatura, Config: registry.Pin{Alias: "urn:mail:c@x"}}, want: "e-fatura by erp, urn:mail:c@x by config"},
		"config's kind":                             {q: registry.Question{TaxNo: registered, Config: efatura}, want: "e-fatura by config, urn:mail:pk@a by registry"},
		"pinned away from the list":                 {q: registry.Question{TaxNo: registered, Config: earsiv}, want: "e-arsiv by config", faults: "route.registered_buyer"},
		"ERP outranks config":                       {q: registry.Question{TaxNo: registered, ERP: earsiv, Config: efatura}, want: "e-arsiv by erp", faults: "route.registered_buyer"},
		"e-Arşiv ignores a mailbox":                 {q: registry.Question{TaxNo: nobody, ERP: registry.Pin{Kind: invoice.EArsiv, Alias: "urn:mail:old@x"}}, want: "e-arsiv by erp"},
		"e-Fatura to nobody":                        {q: registry.Question{TaxNo: nobody, ERP: efatura}, faults: "route.no_mailbox"},
		"e-Fatura without a list":                   {q: registry.Question{TaxNo: registered, Config: efatura}, noList: true, faults: "route.no_list"},
		"no list":                                   {q: registry.Question{TaxNo: nobody}, noList: true, faults: "route.no_list"},
		"no list to be had":                         {q: registry.Question{TaxNo: nobody, Nowhere: true}, noList: true, faults: "route.list_nowhere"},
		"e-Fatura without a list to be had":         {q: registry.Question{TaxNo: registered, Config: efatura, Nowhere: true}, noList: true, faults: "route.no_mailbox"},
		"no list, but pinned":                       {q: registry.Question{TaxNo: nobody, Config: earsiv}, noList: true, want: "e-arsiv by config"},
		"no list, mailbox pinned":                   {q: registry.Question{TaxNo: nobody, ERP: box}, noList: true, want: "e-fatura by erp, urn:mail:erp@x by erp"},
		"final consumer without a list":             {q: registry.Question{TaxNo: invoice.FinalConsumer}, noList: true, want: "e-arsiv by placeholder"},
		"foreign buyer":                             {q: registry.Question{TaxNo: invoice.ForeignBuyer}, want: "e-arsiv by placeholder"},
		"an export goes to the customs' export box": {q: registry.Question{TaxNo: invoice.Customs, Scenario: "IHRACAT", Config: earsiv}, want: "e-fatura by scenario, urn:mail:IhracatPK@gtb.gov.tr by scenario"},
		"a tax-free sale to the travellers' box":    {q: registry.Question{TaxNo: invoice.Customs, Scenario: "YOLCUBERABERFATURA"}, want: "e-fatura by scenario, urn:mail:yolcuberaberpk@gtb.gov.tr by scenario"},
		"special goods to the export box":           {q: registry.Question{TaxNo: invoice.Customs, Scenario: "OZELFATURA"}, want: "e-fatura by scenario, urn:mail:IhracatPK@gtb.gov.tr by scenario"},
		"an export before any list is there":        {q: registry.Question{TaxNo: invoice.Customs, Scenario: "IHRACAT"}, noList: true, want: "e-fatura by scenario, urn:mail:ihracatpk@gtb.gov.tr by scenario"},
		"the ERP knows better where exports go":     {q: registry.Question{TaxNo: invoice.Customs, Scenario: "IHRACAT", ERP: box}, want: "e-fatura by scenario, urn:mail:erp@x by erp"},
		"technology support is never an e-Fatura":   {q: registry.Question{TaxNo: registered, Scenario: "EARSIVFATURA", ERP: box, Config: efatura}, want: "e-arsiv by scenario"},
		"technology support needs no list":          {q: registry.Question{TaxNo: nobody, Scenario: "EARSIVFATURA"}, noList: true, want: "e-arsiv by scenario"},
		"KAMU to the mailbox of the public sector":  {q: registry.Question{TaxNo: office, Scenario: "KAMU"}, want: "e-fatura by registry, urn:mail:kamupk@o by registry, chosen from 2: urn:mail:defaultpk@o urn:mail:kamupk@o"},
		"the same office as an ordinary buyer":      {q: registry.Question{TaxNo: office, Scenario: "TEMELFATURA"}, want: "e-fatura by registry, urn:mail:defaultpk@o by registry, chosen from 2: urn:mail:defaultpk@o urn:mail:kamupk@o"},
		"KAMU to somebody who is no public body":    {q: registry.Question{TaxNo: registered, Scenario: "KAMU"}, want: "e-fatura by registry, urn:mail:pk@a by registry", faults: "route.not_public"},
		"producer receipt":                          {q: registry.Question{TaxNo: registered, ERP: registry.Pin{Kind: invoice.EMM, Alias: "urn:mail:old@x"}, Config: efatura}, want: "e-mm by erp"},
		"self-employment receipt without a list":    {q: registry.Question{TaxNo: nobody, ERP: registry.Pin{Kind: invoice.ESMM}}, noList: true, want: "e-smm by erp"},
		"no such kind":                              {q: registry.Question{TaxNo: nobody, ERP: registry.Pin{Kind: "e-bilet"}}, faults: "route.kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known := entries
			if c.noList {
				known = nil
			}
			d, faults := registry.Decide(c.q, known)
			if got := strings.Join(faults.Codes(), " "); got != c.faults {
				t.Errorf("faults %q, want %q", got, c.faults)
			}
			for _, f := range faults {
				if f.Message.TR == "" || f.Message.EN == "" || f.Advice.TR == "" || f.Advice.EN == "" || f.Field == "" {
					t.Errorf("a fault without words: %+v", f)
				}
			}
			if c.want != "" && d.String() != c.want {
				t.Errorf("got  %s\nwant %s", d, c.want)
			}
		})
	}
}

// TestDecideAlways: whatever is asked, an accepted decision can be sent, pins are kept, and the same question gets the
// same answer.
func TestDecideAlways(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SampledFrom([]string{"1234567890", "2345678903", invoice.FinalConsumer, invoice.ForeignBuyer, ""})
		pin := rapid.Custom(func(t *rapid.T) registry.Pin {
			return registry.Pin{
				Kind:  rapid.SampledFrom([]invoice.Kind{"", invoice.EFatura, invoice.EArsiv}).Draw(t, "kind"),
				Alias: rapid.SampledFrom([]string{"", "urn:mail:p@x"}).Draw(t, "alias"),
			}
		})
		q := registry.Question{TaxNo: numbers.Draw(t, "tax number"), ERP: pin.Draw(t, "erp"), Config: pin.Draw(t, "config")}
		var entries map[string]registry.Entry
		if rapid.Bool().Draw(t, "list") {
			entries = map[string]registry.Entry{}
			if rapid.Bool().Draw(t, "registered") {
				aliases := rapid.SliceOfNDistinct(rapid.StringMatching(`urn:mail:(default)?pk@[a-z]{1,4}`), 1, 5, rapid.ID).Draw(t, "aliases")
				slices.Sort(aliases)
				entries[q.TaxNo] = registry.Entry{TaxNo: q.TaxNo, Aliases: aliases}
			}
		}
		d, faults := registry.Decide(q, entries)
		if len(faults.Blocking()) > 0 {
			return
		}
		if (d.Kind == invoice.EFatura) != (d.Alias != "") {
			t.Fatalf("%+v cannot be sent", d)
		}
		if q.ERP.Kind != "" && d.Kind != q.ERP.Kind {
			t.Fatalf("the ERP pinned %s, got %s", q.ERP.Kind, d.Kind)
		}
		if entries == nil && d.KindSource == registry.FromRegistry {
			t.Fatal("decided by a list that is not there")
		}
		if again, _ := registry.Decide(q, entries); again.String() != d.String() {
			t.Fatalf("%s, then %s", d, again)
		}
	})
}
