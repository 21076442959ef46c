package mapping

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"faturad/internal/invoice"
	"faturad/mapping/ubl"
)

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// generated is one drawn sale with the rules that it is mapped by.
type generated struct {
	name  string
	sale  invoice.Sale
	rules Rules
}

// anySale draws a sale of everyday trade, or of one of the kinds.
func anySale(kinds []template) *rapid.Generator[generated] {
	return rapid.Custom(func(t *rapid.T) generated {
		if rapid.Bool().Draw(t, "trade") {
			rules := testRules()
			rules.AllowZeroTotal = true // 0.003 kg of something cheap
			return generated{"trade", drawTrade(t), rules}
		}
		k := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]
		return generated{k.name, drawSale(t, k), k.rules}
	})
}

// Thousands of generated sales in one go: each becomes a document with the ERP's totals that passes our checks, is written,
// read and written again to the same bytes; a random sample of them goes to the judge. FATURAD_SALES=100000
// FATURAD_JUDGE=500 is the large form (docs/performance.md); FATURAD_SEED repeats a run.
func TestGeneratedSalesPassOurChecksAndTheJudge(t *testing.T) {
	t.Parallel()
	sales, sampled := setting(t, "FATURAD_SALES", 2000), setting(t, "FATURAD_JUDGE", 20)
	seed := setting(t, "FATURAD_SEED", int(time.Now().UnixNano()%1_000_000_007))
	t.Logf("FATURAD_SEED=%d FATURAD_SALES=%d FATURAD_JUDGE=%d", seed, sales, sampled)
	gen := anySale(templates(t))
	pick := rand.New(rand.NewPCG(uint64(seed), 0))
	sample := make([]suspect, 0, sampled)
	documents, lines := 0, 0
	for i := range sales {
		g := gen.Example(seed + i)
		inv, faults := FromSale(g.sale, g.rules)
		if len(faults.Blocking()) > 0 {
			t.Fatalf("sale %d (%s) is refused: %s\n%s", i, g.name, faults.Sentence("en"), mustJSON(t, g.sale))
		}
		if off := differing(inv, g.sale); off != "" {
			t.Fatalf("sale %d (%s): %s\n%s", i, g.name, off, mustJSON(t, g.sale))
		}
		lines += len(inv.Lines)
		for _, kind := range routesOf(inv) {
			h := ubl.Header{ETTN: uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, seed, i, kind)), Kind: kind}
			out := writeAndRead(t, i, inv, h)
			documents++
			// reservoir sampling: every document has the same chance
			s := suspect{fmt.Sprintf("sale %d (%s, %s) %s", i, g.name, kind, summary(g.sale)), out}
			if len(sample) < sampled {
				sample = append(sample, s)
			} else if k := pick.IntN(documents); k < sampled {
				sample[k] = s
			}
		}
	}
	t.Logf("%d sales with %d lines became %d documents; %d of them go to the judge", sales, lines, documents, len(sample))
	judgeSuspects(t, sample, "FATURAD_GATE", len(sample))
}

// differing says which total of the invoice is not the ERP's.
func differing(inv invoice.Invoice, s invoice.Sale) string {
	for _, x := range []struct {
		what      string
		erp       invoice.NullDecimal
		converted string
	}{{"net", s.Net, inv.Totals.TaxExclusive.String()}, {"VAT", s.VAT, inv.Totals.VAT.String()}, {"gross", s.Gross, inv.Totals.TaxInclusive.String()},
		{"withheld", s.Withheld, inv.Totals.Withheld.String()}, {"payable", s.Payable, inv.Totals.Payable.String()}} {
		if x.erp.Valid && x.erp.Decimal.String() != x.converted {
			return fmt.Sprintf("%s is %s, the ERP has %s", x.what, x.converted, x.erp.Decimal)
		}
	}
	return ""
}

func writeAndRead(t *testing.T, i int, inv invoice.Invoice, h ubl.Header) []byte {
	t.Helper()
	out, err := ubl.Write(inv, h)
	if err != nil {
		t.Fatalf("sale %d: %v", i, err)
	}
	doc, err := ubl.Parse(out)
	if err != nil {
		t.Fatalf("sale %d cannot be read again: %v\n%s", i, err, out)
	}
	again, err := ubl.Write(doc.Invoice, doc.Header)
	if err != nil || !bytes.Equal(out, again) {
		t.Fatalf("sale %d is written otherwise after reading (%v)\n%s\n%s", i, err, out, again)
	}
	if faults := doc.Invoice.Check(); len(faults) > 0 {
		t.Fatalf("sale %d as read: %s", i, faults.Sentence("en"))
	}
	return out
}
