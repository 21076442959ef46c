package codes

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestListsAreComplete(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"exemptions": len(exemptions()), "withholdings": len(withholdings()), "taxes": len(taxes()),
		"currencies": len(currencies()), "countries": len(countries()), "units": len(units()), "paymentMeans": len(paymentMeans()),
		"partyIDs": len(partyIDs()), "scenarios": len(scenarios())} {
		want := map[string]int{"exemptions": 113, "withholdings": 52, "taxes": 31, "currencies": 193, "countries": 254, "units": 2152,
			"paymentMeans": 75, "partyIDs": 29, "scenarios": 12}[name]
		if n != want {
			t.Errorf("%s has %d entries, want %d", name, n, want)
		}
	}
}

func TestKnownFacts(t *testing.T) {
	t.Parallel()
	if e, _ := ExemptionOf("301"); !e.AllowedIn("ISTISNA") || e.AllowedIn("SATIS") || e.Name != "11/1-a Mal İhracatı" {
		t.Errorf("%+v", e)
	}
	if e, _ := ExemptionOf(NotExempt); !e.AllowedIn("SATIS") || !e.AllowedIn("TEVKIFAT") {
		t.Errorf("%+v", e)
	}
	if e, _ := ExemptionOf("308"); e.AllowedIn("ISTISNA") {
		t.Error("308 needs an investment scenario")
	}
	if w, _ := WithholdingOf("601"); !slices.Equal(w.Percents, []string{"30", "40"}) || w.Now != "40" {
		t.Errorf("%+v", w)
	}
	if _, ok := WithholdingOf("650"); ok {
		t.Error("650 always fails at GİB")
	}
	if _, ok := Unit("ADET"); ok {
		t.Error("ADET is no unit code")
	}
	if _, ok := Currency("TL"); ok {
		t.Error("TL is no currency code")
	}
	if name, ok := Country("DE"); !ok || name != "Almanya" {
		t.Error(name)
	}
	if TypeAllowed("TICARIFATURA", "IADE") || !TypeAllowed("TEMELFATURA", "IADE") || TypeAllowed("YOK", "SATIS") {
		t.Error("scenarios and types")
	}
	for code, w := range withholdings() {
		if !slices.Contains(w.Percents, w.Now) || w.Name == "" {
			t.Errorf("%s: %+v", code, w)
		}
	}
}

// The lists agree with the reference material beside the project, where it is at hand.
func TestListsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "ubltr", "codelists")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("NOT RUN: the reference code lists are not beside the project")
	}
	for file, known := range map[string]func(string) bool{
		"exemption_codes.tsv":   func(c string) bool { _, ok := ExemptionOf(c); return ok },
		"withholding_codes.tsv": func(c string) bool { _, ok := WithholdingOf(c); return ok },
		"tax_types.tsv":         func(c string) bool { _, ok := TaxName(c); return ok },
		"currencies.tsv":        func(c string) bool { _, ok := Currency(c); return ok },
		"countries.tsv":         func(c string) bool { _, ok := Country(c); return ok },
		"unit_codes.tsv":        func(c string) bool { _, ok := Unit(c); return ok },
		"payment_means.tsv":     func(c string) bool { _, ok := PaymentMeans(c); return ok },
		"party_id_schemes.tsv":  func(c string) bool { _, ok := PartyIDScheme(c); return ok },
	} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		scan := bufio.NewScanner(f)
		for first := true; scan.Scan(); first = false {
			if code, _, _ := strings.Cut(scan.Text(), "\t"); !first && !known(code) {
				t.Errorf("%s: %q is missing", file, code)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Every withholding code takes exactly the percents that GİB's rules accept, compared as text.
func TestWithholdingPercentsAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "ubltr", "codelists", "withholding_codes.tsv"))
	if err != nil {
		t.Skip("NOT RUN: the reference code lists are not beside the project")
	}
	n := 0
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 || len(f) < 4 {
			continue
		}
		w, ok := WithholdingOf(f[0])
		if !ok {
			if f[0] != "650" { // in the list of percents only: always refused
				t.Errorf("%s is unknown", f[0])
			}
			continue
		}
		n++
		want := strings.Split(f[2], ",")
		slices.Sort(want)
		got := slices.Sorted(slices.Values(w.Percents))
		if !slices.Equal(got, want) || !slices.Contains(w.Percents, w.Now) {
			t.Errorf("%s takes %v (now %s), the reference %v", f[0], w.Percents, w.Now, want)
		}
	}
	if n != 52 {
		t.Errorf("%d codes compared, want 52", n)
	}
}
