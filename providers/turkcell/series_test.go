package turkcell_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/internal/invoice/codes"
	"faturad/providers"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

// With useManualInvoiceId the ERP's number is the invoice's, in both forms; it is refused before it leaves when series or
// year are not the invoice's, and by the provider when it was used.
func TestOwnNumbers(t *testing.T) {
	t.Parallel()
	for _, format := range []turkcell.Format{turkcell.FormatUBL, turkcell.FormatJSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			sim, url := simulator(t, turkcellsim.Options{})
			p := newProvider(t, turkcell.Config{BaseURL: url, Format: format, OwnNumbers: true, XSLTCode: "master"}, nil)
			if p.Capabilities().Numbers {
				t.Error("the provider still promises to number")
			}
			d := sampleEFatura(1, 1)
			year := d.Invoice.IssueDate.String()[:4]
			for _, wrong := range []string{"", "S-1", "ABC" + year + "00000042", "ABC2019000000042", "XYZ" + year + "000000042", "ŞBC" + year + "000000042"} {
				d.Invoice.SaleNumber, d.Route.Prefix = wrong, "ABC"
				if _, err := p.Prepare(d); !errors.Is(err, fault.Permanent) || codeOf(err) != "series.number" {
					t.Errorf("number %q: %v", wrong, err)
				}
			}
			number := "ABC" + year + "000000042"
			d.Invoice.SaleNumber = number
			o := prepared(t, p, d)
			receipt, err := p.Send(context.Background(), o)
			if err != nil || receipt.Number != number {
				t.Fatalf("sent as %q: %v", receipt.Number, err)
			}
			if docs := sim.Documents(); len(docs) != 1 || docs[0].Number != number {
				t.Errorf("the provider has %+v", docs)
			}
			again := sampleEFatura(2, 1)
			again.Invoice.SaleNumber, again.Route.Prefix = number, "ABC"
			if _, err := p.Send(context.Background(), prepared(t, p, again)); err == nil || len(sim.Documents()) != 1 {
				t.Errorf("a number was used twice: %v", err)
			}
		})
	}
}

// The choice is frozen with the bytes: what was prepared for the provider's numbers is never sent with its placeholder as
// a number, whatever the setting is by then.
func TestOwnNumbersAreFrozen(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	o := prepared(t, newProvider(t, turkcell.Config{BaseURL: url}, nil), sampleEFatura(1, 1))
	later := newProvider(t, turkcell.Config{BaseURL: url, OwnNumbers: true}, nil)
	receipt, err := later.Send(context.Background(), o)
	if err != nil || strings.HasSuffix(receipt.Number, "000000000") || len(sim.Documents()) != 1 {
		t.Errorf("number %q, %v", receipt.Number, err)
	}
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Code
	}
	return ""
}

// The six static lists come whole, with their own codes; the simulator has GİB's, so ours know nearly all of them.
func TestStaticLists(t *testing.T) {
	t.Parallel()
	_, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	for list, want := range map[providers.CodeList]struct {
		least  int
		sample providers.Code
	}{
		providers.CodesUnit:        {2000, providers.Code{Code: "C62", Name: "Adet"}},
		providers.CodesCountry:     {200, providers.Code{Code: "Türkiye", Name: "Türkiye"}},
		providers.CodesTaxOffice:   {10, providers.Code{Code: "34263", Name: "Kadıköy", Detail: "İstanbul"}},
		providers.CodesTax:         {30, providers.Code{Code: "0015"}},
		providers.CodesWithholding: {50, providers.Code{Code: "601", Detail: "30,40"}},
		providers.CodesExemption:   {100, providers.Code{Code: "301"}},
	} {
		got, err := p.Codes(context.Background(), list)
		if err != nil || len(got) < want.least {
			t.Fatalf("%s: %d codes, %v", list, len(got), err)
		}
		found, unknown := false, 0
		seen := map[string]bool{}
		for _, c := range got {
			if seen[c.Code] {
				t.Errorf("%s: %s stands twice", list, c.Code)
			}
			seen[c.Code] = true
			if c.Code == want.sample.Code {
				found = true
				if want.sample.Name != "" && !codes.Contains(c.Name, want.sample.Name) || want.sample.Detail != "" && c.Detail != want.sample.Detail {
					t.Errorf("%s: %+v, want %+v", list, c, want.sample)
				}
			}
			if _, ok := codes.Find(string(list), c.Code); !ok {
				unknown++
			}
		}
		if !found {
			t.Errorf("%s lacks %s", list, want.sample.Code)
		}
		if ours := list != providers.CodesCountry && list != providers.CodesTaxOffice; ours && unknown > len(got)/20 {
			t.Errorf("%s: %d of %d codes are unknown to us", list, unknown, len(got))
		}
	}
	if _, err := p.Codes(context.Background(), "moons"); !errors.Is(err, fault.Permanent) {
		t.Errorf("a list that does not exist: %v", err)
	}
	if _, err := newProvider(t, turkcell.Config{BaseURL: url, APIKey: "wrong"}, nil).Codes(context.Background(), providers.CodesUnit); !errors.Is(err, fault.Auth) {
		t.Errorf("with a wrong key: %v", err)
	}
}
