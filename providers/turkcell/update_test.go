package turkcell_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

// rare are sales with what no golden sale has and the JSON model carries.
func rare(t *testing.T, goldens []goldenInvoice) (out []goldenInvoice) {
	t.Helper()
	i := slices.IndexFunc(goldens, func(g goldenInvoice) bool { return g.name == "kind_temelfatura_satis" })
	if i < 0 {
		t.Fatal("there is no kind_temelfatura_satis")
	}
	for name, change := range map[string]func(*invoice.Invoice){
		"rare_terms": func(i *invoice.Invoice) { i.Payment = &invoice.Payment{MeansCode: "30", Note: "30 gün vadeli"} },
		"rare_sgk": func(i *invoice.Invoice) {
			i.Type, i.SGK = "SGK", &invoice.SGK{Cost: "SAGLIK_ECZ", PayerCode: "1", PayerName: "Deniz", FileNo: "9"}
		},
		"rare_intermediary": func(i *invoice.Invoice) {
			i.Representative = &invoice.Party{IDs: []invoice.PartyID{{Scheme: "ARACIKURUMVKN", Value: "4812057337"}, {Scheme: "ARACIKURUMETIKET", Value: "urn:mail:a@b.example"}}}
		},
	} {
		g := goldenInvoice{name, goldens[i].inv}
		change(&g.inv)
		out = append(out, g)
	}
	return out
}

// TestUpdatesCarryEverything: whatever a sale can hold goes out a second time when its document failed, in both formats and
// with the settings that only some accounts have, and replaces the first.
func TestUpdatesCarryEverything(t *testing.T) {
	t.Parallel()
	goldens := goldenInvoices(t)
	goldens = append(goldens, rare(t, goldens)...)
	var taxpayers []turkcellsim.Taxpayer
	for _, g := range goldens {
		no := g.inv.Buyer.TaxNo
		if !slices.ContainsFunc(taxpayers, func(x turkcellsim.Taxpayer) bool { return x.TaxNo == no }) {
			taxpayers = append(taxpayers, turkcellsim.Taxpayer{TaxNo: no, Title: "x", Alias: "urn:mail:pk@" + no + ".example"})
		}
	}
	for _, format := range []turkcell.Format{turkcell.FormatUBL, turkcell.FormatJSON} {
		for kind, known := range map[invoice.Kind][]turkcellsim.Taxpayer{invoice.EFatura: taxpayers, invoice.EArsiv: {}} {
			t.Run(string(format)+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				sim, url := simulator(t, turkcellsim.Options{Clock: clock.NewManual(judged), Taxpayers: known, Rules: turkcellsim.Rules{LenientIDs: true}})
				p := newProvider(t, turkcell.Config{BaseURL: url, Format: format, XSLTCode: "master", UseFirstAlias: true, AllowOldEArsiv: true}, nil)
				sent := 0
				for i, g := range goldens {
					if !slices.Contains(sides(g.inv), kind) {
						continue
					}
					d := providers.Draft{Identity: providers.Identity{ETTN: uuid.NewSHA1(uuid.NameSpaceOID, []byte(g.name)), LocalReference: g.name, Kind: kind, IssueDate: g.inv.IssueDate},
						Route: providers.Route{Kind: kind, Prefix: "ABC", Email: "fatura@example.test"}, Invoice: g.inv}
					if kind == invoice.EFatura && i%2 == 0 {
						d.Route.Alias = "urn:mail:pk@" + g.inv.Buyer.TaxNo + ".example"
					}
					payload, err := p.Prepare(d)
					if err != nil {
						continue // refused with a reason: TestFormatsAgreeDocument
					}
					o := providers.Outgoing{Identity: d.Identity, Route: d.Route, Payload: payload}
					first, err := p.Send(t.Context(), o)
					if err != nil {
						t.Errorf("%s: %v", g.name, err)
						continue
					}
					if err := sim.SetStatus(o.ETTN, 40, "Şema hatalı", nil); err != nil {
						t.Fatal(err)
					}
					if second, err := p.Update(t.Context(), o); err != nil || second.ETTN != o.ETTN || second.Number != first.Number {
						t.Errorf("%s: %v %+v", g.name, err, second)
					}
					sent++
				}
				docs := sim.Documents()
				if sent < 40 || len(docs) != sent || slices.ContainsFunc(docs, func(d turkcellsim.Document) bool { return d.Updates != 1 }) {
					t.Errorf("%d sent, %d documents, each updated once?", sent, len(docs))
				}
			})
		}
	}
}

// TestRelease: a draft invoice of either kind is sent by its release, once.
func TestRelease(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	for _, d := range []providers.Draft{sampleEFatura(1, 0), providertest.Sample(invoice.EArsiv, 2)} {
		d.Route.Draft = true
		o := prepared(t, p, d)
		if made, err := p.Send(t.Context(), o); err != nil || !made.Draft {
			t.Fatalf("%v %+v", err, made)
		}
		if s, err := p.Status(t.Context(), o.Identity); err != nil || s.State != providers.StateDraft {
			t.Errorf("before: %v %+v", err, s)
		}
		if _, err := p.Release(t.Context(), o.Identity); err != nil {
			t.Fatal(err)
		}
		sim.Advance(time.Hour)
		if s, err := p.Status(t.Context(), o.Identity); err != nil || s.State != providers.StateAccepted {
			t.Errorf("after: %v %+v", err, s)
		}
	}
	if docs := sim.Documents(); len(docs) != 2 {
		t.Errorf("%d documents", len(docs))
	}
}
