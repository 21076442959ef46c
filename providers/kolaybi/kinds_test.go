package kolaybi_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/kolaybi"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/providertest"
)

// carried are the golden invoices of mapping that KolayBi's model must be able to carry.
var carried = []string{"kind_temelfatura_satis", "kind_ticarifatura_satis", "kind_earsivfatura_satis", "kind_temelfatura_istisna", "kind_temelfatura_tevkifat",
	"kind_temelfatura_ozelmatrah", "kind_earsivfatura_ozelmatrah", "kind_temelfatura_ihrackayitli"}

// TestEveryKindReachesTheSimulator: every golden invoice becomes a draft with its own total, in both encodings, or is refused
// with a reason before anything is sent.
func TestEveryKindReachesTheSimulator(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "mapping", "testdata", "*.golden.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d golden invoices, %v", len(files), err)
	}
	now := clock.NewManual(time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC))
	sent, refused := map[string]bool{}, 0
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var golden struct{ Invoice *invoice.Invoice }
		if err := json.Unmarshal(text, &golden); err != nil || golden.Invoice == nil || golden.Invoice.Type == "" {
			continue // a sale that mapping itself refuses
		}
		name := strings.TrimSuffix(filepath.Base(file), ".golden.json")
		inv := *golden.Invoice
		d := providertest.Sample(invoice.EFatura, i)
		if inv.Scenario == "EARSIVFATURA" || strings.HasPrefix(name, "kind_earsiv") {
			d.Kind, d.Route.Kind = invoice.EArsiv, invoice.EArsiv
		}
		d.Invoice, d.IssueDate = inv, inv.IssueDate
		format := []kolaybi.Format{kolaybi.FormatForm, kolaybi.FormatJSON}[i%2]
		o := kolaybisim.Options{Clock: now}
		if d.Route.Kind == invoice.EFatura {
			o.Taxpayers = []string{inv.Buyer.TaxNo}
		}
		sim, url := running(t, o)
		p := newProvider(t, kolaybi.Config{BaseURL: url, Format: format}, nil)
		payload, err := p.Prepare(d)
		if err != nil {
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Class != fault.Permanent || e.Code != providers.CodeNotCarried || e.Message == "" || e.Advice == "" {
				t.Errorf("%s: refused without a reason: %v", name, err)
			}
			refused++
			continue
		}
		out := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload, Grounds: map[providers.Ground][]byte{}}
		for _, kind := range p.Grounds() {
			if out.Grounds[kind], err = p.Ground(t.Context(), kind, out); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := p.Send(t.Context(), out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		drafts := sim.Drafts()
		if len(drafts) != 1 || !drafts[0].Payable.Equal(inv.Totals.Payable) || drafts[0].Currency != inv.Currency {
			t.Errorf("%s: %d drafts, %s %s, want %s %s", name, len(drafts), drafts[0].Payable, drafts[0].Currency, inv.Totals.Payable, inv.Currency)
		}
		sent[name] = true
	}
	for _, name := range carried {
		if !sent[name] {
			t.Errorf("%s did not reach the simulator", name)
		}
	}
	t.Logf("%d kinds reached the simulator with their own totals, %d were refused with a reason", len(sent), refused)
}

// TestMedicines: a data matrix becomes the pieces that the guide asks for; half of one is refused.
func TestMedicines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scheme, value string
		want          map[string]any
	}{
		"medicine":            {"ILAC", "(01)08699999999991(21)SERI1(17)281231(10)PARTI1", map[string]any{"bn": "PARTI1", "gtin": "08699999999991", "sn": "SERI1", "xd": "2028-12-31"}},
		"device":              {"TIBBICIHAZ", "(01)08699999999991(10)LOT1(21)SERI1(11)250101", map[string]any{"uno": "08699999999991", "lno": "LOT1", "sno": "SERI1", "urt": "2025-01-01"}},
		"no serial":           {"ILAC", "(01)08699999999991(17)281231(10)PARTI1", nil},
		"device without date": {"TIBBICIHAZ", "08699999999991", nil},
		"another scheme":      {"DIGER", "1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, url := running(t, kolaybisim.Options{})
			p := newProvider(t, kolaybi.Config{BaseURL: url}, nil)
			d := providertest.Sample(invoice.EFatura, 1)
			d.Invoice.Scenario, d.Invoice.Buyer.TaxNo, d.Invoice.Buyer.TaxOffice = "ILAC_TIBBICIHAZ", buyer, "Üsküdar"
			d.Invoice.Lines[0].IDs = []invoice.ItemID{{Scheme: c.scheme, Value: c.value}}
			payload, err := p.Prepare(d)
			if c.want == nil {
				if !errors.Is(err, fault.Permanent) {
					t.Errorf("taken: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload, Grounds: map[providers.Ground][]byte{}}
			for _, kind := range p.Grounds() {
				if o.Grounds[kind], err = p.Ground(t.Context(), kind, o); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := p.Send(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			piece := sim.Drafts()[0].Body
			for _, step := range []string{"items", "0", "identifications", "0"} {
				next, ok := piece[step].(map[string]any)
				if !ok {
					t.Fatalf("no %q in %v", step, piece)
				}
				piece = next
			}
			for field, value := range c.want {
				if piece[field] != value {
					t.Errorf("%s is %v, want %v", field, piece[field], value)
				}
			}
		})
	}
}

// TestTotalsThatDiffer: a few kuruş are corrected, more is refused before anything is sent.
func TestTotalsThatDiffer(t *testing.T) {
	t.Parallel()
	p := newProvider(t, kolaybi.Config{BaseURL: "http://127.0.0.1:1"}, nil)
	for difference, fits := range map[string]bool{"0.00": true, "0.05": true, "-0.03": true, "0.06": false, "10": false} {
		d := sample(1)
		d.Invoice.Totals.Payable = d.Invoice.Totals.Payable.Add(decimal.RequireFromString(difference))
		if _, err := p.Prepare(d); (err == nil) != fits {
			t.Errorf("difference %s: %v", difference, err)
		}
	}
}

// TestReadings: whatever of the readings that nobody could settle is the right one, a document is found with its number, and a
// list that cannot be trusted is no absence.
func TestReadings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules kolaybisim.Rules
		lost  bool // the list says nothing that can be believed
	}{
		"as documented": {}, "other names": {rules: kolaybisim.Rules{REXNames: true}}, "old rows": {rules: kolaybisim.Rules{OldRows: true}},
		"no pagination": {rules: kolaybisim.Rules{NoPagination: true}}, "short pages": {rules: kolaybisim.Rules{NoPagination: true, ShortPages: 2}},
		"filters ignored": {rules: kolaybisim.Rules{IgnoreFilters: true}}, "a draft with an ETTN": {rules: kolaybisim.Rules{DraftETTN: true}},
		"empty search is a 404": {rules: kolaybisim.Rules{Missing404: true}}, "a page that comes again": {rules: kolaybisim.Rules{RepeatPages: true, ShortPages: 2}, lost: true},
		"an answer without number": {rules: kolaybisim.Rules{NoNumber: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, url := running(t, kolaybisim.Options{Rules: c.rules})
			p := newProvider(t, kolaybi.Config{BaseURL: url}, nil)
			var first providers.Identity
			for n := range 5 {
				d := sample(n)
				payload, err := p.Prepare(d)
				if err != nil {
					t.Fatal(err)
				}
				o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload, Grounds: map[providers.Ground][]byte{}}
				for _, kind := range p.Grounds() {
					if o.Grounds[kind], err = p.Ground(t.Context(), kind, o); err != nil {
						t.Fatal(err)
					}
				}
				made, err := p.Send(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					first = o.Identity
					first.ID = made.ID
				}
			}
			if found, err := p.Lookup(t.Context(), first); !c.lost && (err != nil || found.Status.State != providers.StateDraft || found.Status.Number != "") {
				t.Fatalf("the draft: %v, %+v", err, found.Status)
			} else if c.lost && (err == nil || errors.Is(err, fault.NotFound)) {
				t.Fatalf("a list that repeats itself was believed: %v", err)
			}
			stranger := sample(99).Identity
			if _, err := p.Lookup(t.Context(), stranger); errors.Is(err, fault.NotFound) == c.lost {
				t.Errorf("what is not there: %v", err)
			}
			if c.lost {
				return
			}
			if _, err := p.Release(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			want := sim.Documents()[0]
			if found, err := p.Lookup(t.Context(), first); err != nil || found.Status.Number != want.Number || found.Status.ETTN != want.ETTN {
				t.Errorf("%v, %+v, want %s", err, found.Status, want.Number)
			}
		})
	}
}
