package mapping

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

const kindsDoc = "../docs/kinds.md"

// docs/kinds.md says which golden sale stands for each pair of scenario and type, or why there is none; every pair that the
// reference judge passes has one.
func TestKindsDocument(t *testing.T) {
	t.Parallel()
	goldens := map[string]string{} // pair -> file
	for _, path := range inputs(t) {
		g, rules := readGolden(t, path)
		inv, faults := FromSale(g.Sale, rules)
		if len(faults.Blocking()) > 0 {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		for _, kind := range routesOf(inv) {
			pair := inv.Scenario + " " + inv.Type
			if kind.Receipt() {
				pair = string(kind)
			}
			if kind == invoice.EArsiv {
				pair = archive + " " + codes.ArchiveType(inv.Scenario, inv.Type)
			}
			if own := "kind_" + strings.ToLower(strings.ReplaceAll(pair, " ", "_")); goldens[pair] == "" || name == own {
				goldens[pair] = name
			}
		}
	}
	got := kindsMarkdown(t, goldens)
	if *update {
		if err := os.WriteFile(kindsDoc, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(kindsDoc)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if !bytes.Equal(want, got) {
		t.Error("docs/kinds.md is stale; run go test ./mapping -run TestKindsDocument -update")
	}
}

func allTypes() []string {
	var out []string
	for _, s := range codes.Scenarios() {
		for _, typ := range codes.Types(s) {
			if !slices.Contains(out, typ) {
				out = append(out, typ)
			}
		}
	}
	return out
}

func kindsMarkdown(t *testing.T, goldens map[string]string) []byte {
	var b bytes.Buffer
	sound := 0
	for _, s := range codes.Scenarios() {
		sound += len(codes.Types(s))
	}
	fmt.Fprintf(&b, "# Kinds of invoices\n\nGenerated from mapping/testdata (`go test ./mapping -run TestKindsDocument -update`); do not edit.\n\n"+
		"Every pair of scenario and type that GİB's rules and its guides accept (%d of them), with a sale in `mapping/testdata` that becomes such an invoice\n"+
		"and passes the reference judge. Below them, why a pair does not exist. A sale says its kind in the columns `scenario` and `invoice_type`, or by fields\n"+
		"that only one kind has; a document that is routed to e-Arşiv becomes EARSIVFATURA with the type that stands for the pair there.\n", sound)
	for _, s := range codes.Scenarios() {
		fmt.Fprintf(&b, "\n## %s\n\n| type | golden sale |\n|---|---|\n", s)
		no := map[string][]string{}
		var reasons []string
		for _, typ := range allTypes() {
			if !codes.TypeAllowed(s, typ) {
				why := whyNot(s, typ)
				if no[why] == nil {
					reasons = append(reasons, why)
				}
				no[why] = append(no[why], typ)
				continue
			}
			file := goldens[s+" "+typ]
			if file == "" {
				t.Errorf("%s × %s has no golden sale", s, typ)
			}
			fmt.Fprintf(&b, "| %s | `%s` |\n", typ, file)
		}
		for _, why := range reasons {
			fmt.Fprintf(&b, "\nNot %s: %s\n", strings.Join(no[why], ", "), why)
		}
	}
	b.WriteString(receiptsMarkdown)
	for _, k := range []struct {
		kind invoice.Kind
		typ  string
	}{{invoice.EMM, codes.ProducerReceipt}, {invoice.ESMM, codes.ServiceReceipt}} {
		if goldens[string(k.kind)] == "" {
			t.Errorf("%s has no golden sale", k.kind)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` |\n", k.kind, codes.ReceiptProfile, k.typ, goldens[string(k.kind)])
	}
	b.WriteString(receiptRules)
	return b.Bytes()
}

const receiptsMarkdown = `
## Receipts

A sale becomes a receipt when its column ` + "`kind`" + ` says so (` + "`map.kind`" + ` translates the ERP's own words); no list of taxpayers has a say in it. A receipt is a UBL
CreditNote, which the Schematron of invoices does not judge: GİB's CreditNote schema does, and our own checks do the sums. Turkcell carries receipts; KolayBi and
Propars refuse them, and the sale is held.

| kind | profile | type | golden sale |
|---|---|---|---|
`

const receiptRules = `
**e-MM, producer receipt (müstahsil makbuzu).** The company buys from a farmer: it issues the receipt, and the farmer is the buyer's columns, a person with a TCKN.
No VAT. Deductions are taxes of the lines (` + "`tax_code`, `tax_2_code`" + ` ... up to four) or one of the whole sale (` + "`other_tax_code`" + `): ` + "`0003`" + ` income tax withholding,
` + "`9040`" + ` pasture fund, ` + "`8001`" + ` exchange registration, ` + "`SGK_PRIM`" + ` social security premium. ` + "`net`" + ` and ` + "`gross`" + ` are what the goods are worth, ` + "`payable`" + ` is what is left after the
deductions; an ERP that books only that as its total is understood too. On the receipt the sum of the lines is gross, and everything behind it is net.
` + "`delivery_date`" + ` is the day of delivery; without it the day of the receipt.

**e-SMM, self-employment receipt (serbest meslek makbuzu).** The fee with its VAT, ` + "`0003`" + ` where the client withholds income tax, and a withholding code where it
withholds VAT: payable = fee + VAT − income tax − withheld VAT. ` + "`gross`" + ` is fee + VAT, as on an invoice. GİB never published the type of the document, so it is a
setting of the account.

On both, SATIS and the usual scenarios in ` + "`invoice_type`" + ` and ` + "`scenario`" + ` mean nothing; any other value, and what only invoices have (returns, exports, web sales,
certificates ...), holds the sale.
`

// whyNot says why a pair does not exist.
func whyNot(scenario, typ string) string {
	switch {
	case codes.EFaturaOnly(scenario):
		return "an invoice to the customs is always ISTISNA."
	case scenario == energy:
		return "GİB takes SARJ and SARJANLIK only."
	case typ == charging || typ == chargingNow:
		return "charging has the scenario ENERJI."
	case typ == technology:
		return "it exists as e-Arşiv only."
	case strings.HasPrefix(typ, "YTB"):
		return "these are types of e-Arşiv; on the e-Fatura side it is YATIRIMTESVIK with the type without YTB."
	case scenario == "TICARIFATURA" && typ == returnGoods:
		return "a return cannot be commercial; it goes out as TEMELFATURA."
	case scenario == market:
		return "GİB takes no return here; it goes out as TEMELFATURA."
	}
	return "GİB's rule for this scenario does not list it."
}
