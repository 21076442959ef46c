package turkcell_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/mapping"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

const goldenSales = "../../mapping/testdata"

// judged is a day on which every golden sale may go out.
var judged = time.Date(2026, 9, 3, 12, 0, 0, 0, clock.Istanbul)

// kindsDoc is generated: what each format carries.
const kindsDoc = "../../docs/providers/turkcell-kinds.md"

// goldenInvoice is a sound sale of package mapping, as an invoice.
type goldenInvoice struct {
	name string
	inv  invoice.Invoice
}

func goldenInvoices(t *testing.T) []goldenInvoice {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goldenSales, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []goldenInvoice
	for _, path := range files {
		if strings.HasSuffix(path, ".golden.json") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			Sale  invoice.Sale
			Rules json.RawMessage
		}
		rules := mapping.Rules{Today: invoice.Date{Year: 2026, Month: 9, Day: 3}, Seller: invoice.Party{TaxNo: "1002003001", TaxOffice: "Ostim",
			Name: "Deniz Yapı Malzemeleri A.Ş.", Address: invoice.Address{Street: "İnönü Cad. No: 5", District: "Yenimahalle", City: "Ankara"}}}
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		if len(g.Rules) > 0 {
			if err := json.Unmarshal(g.Rules, &rules); err != nil {
				t.Fatal(err)
			}
		}
		if inv, faults := mapping.FromSale(g.Sale, rules); len(faults.Blocking()) == 0 {
			out = append(out, goldenInvoice{strings.TrimSuffix(filepath.Base(path), ".json"), inv})
		}
	}
	if len(out) < 150 {
		t.Fatalf("only %d sound sales", len(out))
	}
	return out
}

// sides are the routes on which an invoice or receipt can go out.
func sides(inv invoice.Invoice) []invoice.Kind {
	switch receipt := inv.Receipt(); {
	case receipt != "":
		return []invoice.Kind{receipt}
	case codes.EFaturaOnly(inv.Scenario):
		return []invoice.Kind{invoice.EFatura}
	case inv.Buyer.TaxNo == invoice.FinalConsumer || inv.Buyer.TaxNo == invoice.ForeignBuyer || inv.Scenario == "EARSIVFATURA":
		return []invoice.Kind{invoice.EArsiv}
	}
	return []invoice.Kind{invoice.EFatura, invoice.EArsiv}
}

// channel is one product at a simulator of its own: its e-Fatura one knows every buyer, its e-Arşiv one nobody.
type channel struct {
	p *turkcell.Provider
}

func channels(t *testing.T, format turkcell.Format, goldens []goldenInvoice) map[invoice.Kind]channel {
	t.Helper()
	var taxpayers []turkcellsim.Taxpayer
	seen := map[string]bool{}
	for _, g := range goldens {
		if no := g.inv.Buyer.TaxNo; !seen[no] {
			seen[no] = true
			taxpayers = append(taxpayers, turkcellsim.Taxpayer{TaxNo: no, Title: "x", Alias: "urn:mail:pk@" + no + ".example"})
		}
	}
	out := map[invoice.Kind]channel{}
	for kind, known := range map[invoice.Kind][]turkcellsim.Taxpayer{invoice.EFatura: taxpayers, invoice.EArsiv: {}, invoice.EMM: {}, invoice.ESMM: {}} {
		_, url := simulator(t, turkcellsim.Options{Clock: clock.NewManual(judged), Taxpayers: known, Rules: turkcellsim.Rules{LenientIDs: true}})
		out[kind] = channel{newProvider(t, turkcell.Config{BaseURL: url, Format: format, VoucherFormat: format}, nil)}
	}
	return out
}

// carry sends an invoice and gives what the provider then holds.
func (c channel) carry(t *testing.T, g goldenInvoice, kind invoice.Kind) (invoice.Invoice, error) {
	t.Helper()
	id := providers.Identity{ETTN: uuid.NewSHA1(uuid.NameSpaceOID, []byte(g.name+string(kind))), LocalReference: g.name, Kind: kind, IssueDate: g.inv.IssueDate}
	payload, err := c.p.Prepare(providers.Draft{Identity: id, Route: providers.Route{Kind: kind}, Invoice: g.inv})
	if err != nil {
		return invoice.Invoice{}, err
	}
	if _, err := c.p.Send(context.Background(), providers.Outgoing{Identity: id, Route: providers.Route{Kind: kind}, Payload: payload}); err != nil {
		t.Errorf("%s as %s was prepared, and then refused: %v\n%s", g.name, kind, err, payload.Bytes)
		return invoice.Invoice{}, err
	}
	held, err := c.p.Download(context.Background(), id, providers.FormatUBL)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ubl.Parse(held)
	if err != nil {
		t.Fatalf("%s: %v\n%s", g.name, err, held)
	}
	return doc.Invoice, nil
}

// differs compares the totals that both formats must agree on.
func differs(a, b invoice.Totals) string {
	for _, x := range []struct {
		what string
		a, b decimal.Decimal
	}{{"TaxExclusive", a.TaxExclusive, b.TaxExclusive}, {"VAT", a.VAT, b.VAT}, {"other taxes", a.OtherTaxes, b.OtherTaxes},
		{"TaxInclusive", a.TaxInclusive, b.TaxInclusive}, {"Withheld", a.Withheld, b.Withheld}, {"Deducted", a.Deducted, b.Deducted}, {"Payable", a.Payable, b.Payable}} {
		if !x.a.Equal(x.b) {
			return fmt.Sprintf("%s is %s, not %s", x.what, x.b, x.a)
		}
	}
	return ""
}

// Every golden sale goes out as UBL with its totals. As JSON it has the same totals at the provider, or it is refused before
// anything is sent, with a reason that names what the model has no field for. docs/providers/turkcell-kinds.md shows both.
func TestFormatsAgreeDocument(t *testing.T) {
	t.Parallel()
	goldens := goldenInvoices(t)
	receipts := map[invoice.Kind]int{}
	asUBL, asJSON := channels(t, turkcell.FormatUBL, goldens), channels(t, turkcell.FormatJSON, goldens)
	carried, refused := 0, 0
	pairs := map[string]string{} // "SCENARIO TYPE" -> "" carried as JSON, else the reason
	for _, g := range goldens {
		for _, kind := range sides(g.inv) {
			held, err := asUBL[kind].carry(t, g, kind)
			if err != nil {
				t.Errorf("%s as %s in UBL: %v", g.name, kind, err)
				continue
			}
			if off := differs(g.inv.Totals, held.Totals); off != "" {
				t.Errorf("%s as %s in UBL: %s", g.name, kind, off)
			}
			pair := g.inv.Scenario + " " + g.inv.Type
			if kind == invoice.EArsiv {
				pair = "EARSIVFATURA " + codes.ArchiveType(g.inv.Scenario, g.inv.Type)
			}
			receipts[g.inv.Receipt()]++
			held, err = asJSON[kind].carry(t, g, kind)
			if err != nil {
				refused++
				e, ok := errors.AsType[*fault.Error](err)
				if !ok || e.Class != fault.Permanent || e.Code != providers.CodeNotCarried || !strings.HasPrefix(e.Message, "JSON modelinde") && !strings.HasPrefix(e.Message, "Satır") || e.Advice == "" {
					t.Errorf("%s as %s in JSON: %v", g.name, kind, err)
					continue
				}
				if _, known := pairs[pair]; !known {
					pairs[pair] = e.Message
				}
				continue
			}
			carried++
			pairs[pair] = ""
			if off := differs(g.inv.Totals, held.Totals); off != "" {
				t.Errorf("%s as %s in JSON: %s", g.name, kind, off)
			}
		}
	}
	t.Logf("as JSON %d documents are carried and %d are refused beforehand", carried, refused)
	if carried < 150 || refused < 50 || receipts[invoice.EMM] < 5 || receipts[invoice.ESMM] < 5 {
		t.Errorf("only %d carried and %d refused, receipts %v", carried, refused, receipts)
	}
	got := kindsMarkdown(t, pairs)
	if *update {
		if err := os.WriteFile(kindsDoc, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(kindsDoc)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/providers/turkcell-kinds.md is stale; run go test ./providers/turkcell -run TestFormatsAgreeDocument -update")
	}
}

func kindsMarkdown(t *testing.T, pairs map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("# What Turkcell's two formats carry\n\nGenerated (`go test ./providers/turkcell -run TestFormatsAgreeDocument -update`); do not edit.\n\n" +
		"With `format = \"ubl\"` every pair of scenario and type goes out. With `format = \"json\"` a pair marked yes goes out with the same totals, as long as the\n" +
		"invoice has nothing that the model has no field for; such a sale is held before anything is sent, with the reason (`docs/providers/turkcell.md`, Settings).\n\n" +
		"| scenario | type | ubl | json |\n|---|---|---|---|\n")
	for _, s := range codes.Scenarios() {
		for _, typ := range codes.Types(s) {
			why, known := pairs[s+" "+typ]
			switch {
			case !known:
				t.Errorf("%s × %s has no golden sale", s, typ)
			case why == "":
				fmt.Fprintf(&b, "| %s | %s | yes | yes |\n", s, typ)
			default:
				fmt.Fprintf(&b, "| %s | %s | yes | no: %s |\n", s, typ, why)
			}
		}
	}
	for _, typ := range []string{codes.ProducerReceipt, codes.ServiceReceipt} {
		if why, known := pairs[codes.ReceiptProfile+" "+typ]; !known || why != "" {
			t.Errorf("no sale of %s reached the simulator: %q", typ, why)
		}
	}
	fmt.Fprintf(&b, "| %s | %s (e-MM) | yes | always UBL |\n| %[1]s | %[3]s (e-SMM) | yes | yes, with `turkcell.voucher_format = \"json\"` |\n",
		codes.ReceiptProfile, codes.ProducerReceipt, codes.ServiceReceipt)
	return b.Bytes()
}
