package invoice

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/faults.md")

const faultsDoc = "../../docs/faults.md"

func TestFaultsDocument(t *testing.T) {
	t.Parallel()
	got := faultsMarkdown()
	if *update {
		if err := os.WriteFile(faultsDoc, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(faultsDoc)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if !bytes.Equal(want, got) {
		t.Error("docs/faults.md is stale; run go test ./internal/invoice -update")
	}
}

// faultsMarkdown renders the catalogue.
func faultsMarkdown() []byte {
	var b bytes.Buffer
	b.WriteString("# Faults\n\nGenerated from internal/invoice (`go test ./internal/invoice -update`); do not edit.\n\n" +
		"Everything that faturad can find wrong with a sale, all of it at once. The accountant reads the Turkish sentence and the advice in the\n" +
		"ERP's own columns; `language = \"en\"` gives the English ones. `{0}` is the value that stands in the ERP, `{line}` the line's position.\n" +
		"A code never changes its meaning. A *warning* does not hold the sale.\n")
	for _, part := range []struct {
		title string
		kinds []FaultKind
	}{{"The document", documentFaults}, {"Series and dates", seriesFaults}, {"Buyer and seller", partyFaults}, {"Lines", lineFaults}, {"Taxes", taxFaults}, {"Discounts and totals", totalFaults}, {"Single kinds of sale", kindFaults}, {"Receipts", receiptFaults}, {"The route", routeFaults}} {
		fmt.Fprintf(&b, "\n## %s\n\n| code | what the accountant reads | what to do | in English | what to do |\n|---|---|---|---|---|\n", part.title)
		for _, k := range part.kinds {
			code := "`" + k.Code + "`"
			if k.Warning {
				code += " *(warning)*"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code, k.Message.TR, k.Advice.TR, k.Message.EN, k.Advice.EN)
		}
	}
	return b.Bytes()
}

func TestCatalogueIsWellWritten(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range Catalogue() {
		if seen[k.Code] {
			t.Errorf("%s stands twice", k.Code)
		}
		seen[k.Code] = true
		if k.Message.TR == "" || k.Message.EN == "" {
			t.Errorf("%s lacks a sentence", k.Code)
		}
		if !k.Warning && (k.Advice.TR == "" || k.Advice.EN == "") {
			t.Errorf("%s lacks advice", k.Code)
		}
		if (k.Advice.TR == "") != (k.Advice.EN == "") {
			t.Errorf("%s has advice in one language only", k.Code)
		}
		for _, s := range []string{k.Message.TR, k.Message.EN, k.Advice.TR, k.Advice.EN} {
			if s != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "}") {
				t.Errorf("%s: %q does not end as a sentence", k.Code, s)
			}
		}
	}
}

// Every code in the code stands in the catalogue, and the other way round.
func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile(`"((?:sale|kind|issue_date|issue_time|scenario|type|return|reference|currency|rate|payment|internet|text|number|buyer|seller|lines?|charge|discount|totals|invoice|delivery|series|branch|traveller|representative|period|sgk|charging|shipment_no|investment|expense|receipt|route|file|elsewhere)\.[a-z_.]+)"`)
	used := map[string]bool{}
	for _, pattern := range []string{"*.go", "../../mapping/*.go", "../../sync/registry/*.go", "../app/elsewhere.go", "../../sync/outbound/dates.go", "../../sync/ledger/notice.go", "../../providers/turkcell/number.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(filepath.Base(file), "catalogue_") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
				used[m[1]] = true
			}
		}
	}
	known := catalogueByCode()
	for code := range used {
		if _, ok := known[code]; !ok {
			t.Errorf("%s is used but not in the catalogue", code)
		}
	}
	for code := range known {
		if !used[code] {
			t.Errorf("%s is in the catalogue but never found", code)
		}
	}
}

func TestNewFaultFillsTheTexts(t *testing.T) {
	t.Parallel()
	f := NewLineFault("line.withholding.rate", 3, "withholding_rate", "50", "606", "90")
	if f.Field != "lines[3].withholding_rate" || f.Message.TR != "3. satırda 606 kodu için tevkifat oranı %50 olamaz, %90 olmalı." {
		t.Errorf("%+v", f)
	}
	if f := NewFault("buyer.tax_no.foreign", "buyer_tax_no", ""); strings.Contains(f.Message.TR, "(") {
		t.Error(f.Message.TR)
	}
	if f := NewFault("no.such.code", "x", "1"); f.Code != "no.such.code" || f.Warning {
		t.Errorf("%+v", f)
	}
}

// TestTurkishValues: dates and amounts in Turkish sentences are written as Turks write them; the English ones keep theirs.
func TestTurkishValues(t *testing.T) {
	t.Parallel()
	f := NewFault("series.moved", "issue_date", "2026-11-10", "2026-11-21")
	if !strings.Contains(f.Message.TR, "10.11.2026") || !strings.Contains(f.Message.TR, "21.11.2026") || !strings.Contains(f.Message.EN, "2026-11-10") {
		t.Errorf("%+v", f.Message)
	}
	for value, want := range map[string]string{"9999.99": "9999,99", "-0.5 TRY": "-0,5 TRY", "TR1.2": "TR1.2", "1.2.3": "1.2.3", "2026-13-01": "2026-13-01", "": ""} {
		if got := turkish(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
}
