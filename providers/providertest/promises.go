package providertest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// promises tests what Capabilities say, against the simulator.
func promises(t *testing.T, s Subject) {
	log, _ := newLogs()
	caps := s.New(t, "http://127.0.0.1:1", log).Capabilities()
	if caps.Name == "" || caps.Quarantine <= 0 || caps.RequestTimeout <= 0 {
		t.Errorf("capabilities %+v", caps)
	}
	if s.Simulate == nil {
		t.Log("no simulator: what needs memory was not tested")
		return
	}
	ctx := context.Background()
	start := func(t *testing.T) (Simulation, providers.Provider) {
		sim := s.Simulate(t)
		log, _ := newLogs()
		return sim, s.New(t, sim.URL, log)
	}
	eFatura := func(sim Simulation, n int) providers.Draft {
		d := Sample(invoice.EFatura, n)
		d.Invoice.Buyer = invoice.Party{TaxNo: sim.BuyerTaxNo, Name: "Alıcı Ticaret Ltd. Şti.", TaxOffice: "Üsküdar", Address: d.Invoice.Buyer.Address}
		d.Route.Alias = sim.BuyerAlias
		return d
	}
	if caps.TwoStep {
		twoStepPromises(t, s)
		return
	}
	for _, kind := range s.Kinds {
		draft := func(sim Simulation, n int) providers.Draft {
			if kind == invoice.EFatura {
				return eFatura(sim, n)
			}
			return Sample(kind, n)
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Run("created, found, compared", func(t *testing.T) {
				t.Parallel()
				sim, p := start(t)
				d := draft(sim, 1)
				o := outgoing(t, p, d)
				if _, err := p.Lookup(ctx, o.Identity); !errors.Is(err, fault.NotFound) {
					t.Fatalf("before: %v", err)
				}
				receipt, err := p.Send(ctx, o)
				if err != nil {
					t.Fatal(err)
				}
				if caps.TakesETTN && receipt.ETTN != d.ETTN || caps.Numbers && receipt.Number == "" || receipt.Draft {
					t.Errorf("receipt %+v", receipt)
				}
				found, err := p.Lookup(ctx, o.Identity)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, d, found, receipt)
				nameless := o.Identity
				nameless.Kind = ""
				if again, err := p.Lookup(ctx, nameless); err != nil || again.Status.Kind != kind {
					t.Errorf("by ETTN alone: %v, kind %q", err, again.Status.Kind)
				}
			})
			t.Run("never two under one ETTN", func(t *testing.T) {
				t.Parallel()
				sim, p := start(t)
				o := outgoing(t, p, draft(sim, 1))
				if _, err := p.Send(ctx, o); err != nil {
					t.Fatal(err)
				}
				_, err := p.Send(ctx, o)
				if caps.RefusesUsedETTN && (!errors.Is(err, fault.Duplicate) || sim.Documents() != 1) {
					t.Errorf("class %q, %d documents: %v", fault.ClassOf(err), sim.Documents(), err)
				}
			})
			t.Run("never two under one local reference", func(t *testing.T) {
				t.Parallel()
				sim, p := start(t)
				d := draft(sim, 1)
				if _, err := p.Send(ctx, outgoing(t, p, d)); err != nil {
					t.Fatal(err)
				}
				first := d.ETTN
				d.ETTN = uuid.MustParse("0d8f7a52-7d1e-4c0b-8a25-2b7e3f1a9c20")
				_, err := p.Send(ctx, outgoing(t, p, d))
				if !caps.RefusesUsedReference {
					t.Logf("not promised (class %q)", fault.ClassOf(err))
					return
				}
				e, ok := errors.AsType[*fault.Error](err)
				if !ok || e.Class != fault.Duplicate || e.Existing != first.String() || sim.Documents() != 1 {
					t.Errorf("%d documents, %v", sim.Documents(), err)
				}
			})
			t.Run("saved, and its answer lost", func(t *testing.T) {
				t.Parallel()
				sim, p := start(t)
				d := draft(sim, 1)
				o := outgoing(t, p, d)
				sim.LoseAnswer()
				if _, err := p.Send(ctx, o); !errors.Is(err, fault.Ambiguous) {
					t.Fatalf("class %q: %v", fault.ClassOf(err), err)
				}
				found, err := p.Lookup(ctx, o.Identity)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, d, found, providers.Receipt{Number: found.Status.Number})
			})
			t.Run("draft, released, accepted", func(t *testing.T) {
				t.Parallel()
				if !caps.Drafts {
					t.Log("not promised")
					return
				}
				sim, p := start(t)
				d := draft(sim, 1)
				d.Route.Draft = true
				o := outgoing(t, p, d)
				receipt, err := p.Send(ctx, o)
				if err != nil || !receipt.Draft {
					t.Fatalf("%v, %+v", err, receipt)
				}
				reader, reads := providers.As[providers.StatusReader](p)
				releaser, releases := providers.As[providers.Releaser](p)
				if !reads || !releases {
					t.Fatal("drafts are promised, but nothing can release them")
				}
				if status, err := reader.Status(ctx, o.Identity); err != nil || status.State != providers.StateDraft {
					t.Fatalf("%v, %+v", err, status)
				}
				if _, err := releaser.Release(ctx, o.Identity); err != nil {
					t.Fatal(err)
				}
				sim.Settle()
				if status, err := reader.Status(ctx, o.Identity); err != nil || status.State != providers.StateAccepted {
					t.Errorf("%v, %+v", err, status)
				}
			})
			t.Run("draft, cancelled", func(t *testing.T) {
				t.Parallel()
				if !caps.Drafts || !caps.CancelsDrafts {
					t.Log("not promised")
					return
				}
				sim, p := start(t)
				d := draft(sim, 1)
				d.Route.Draft = true
				o := outgoing(t, p, d)
				if receipt, err := p.Send(ctx, o); err != nil || !receipt.Draft {
					t.Fatalf("%v, %+v", err, receipt)
				}
				canceller, cancels := providers.As[providers.Canceller](p)
				reader, reads := providers.As[providers.StatusReader](p)
				if !cancels || !reads {
					t.Fatal("cancelled drafts are promised, but nothing can cancel them or tell")
				}
				if err := canceller.Cancel(ctx, o.Identity, "vazgeçildi"); err != nil {
					t.Fatal(err)
				}
				if status, err := reader.Status(ctx, o.Identity); !errors.Is(err, fault.NotFound) && status.State != providers.StateCancelled {
					t.Errorf("%v, %+v", err, status)
				}
			})
		})
	}
}

func compare(t *testing.T, d providers.Draft, found providers.Found, receipt providers.Receipt) {
	t.Helper()
	if found.Status.ETTN != d.ETTN || found.Status.Kind != d.Route.Kind || found.Status.Number == "" || found.Status.Number != receipt.Number {
		t.Errorf("status %+v, receipt %+v", found.Status, receipt)
	}
	c := found.Content
	if c == nil {
		t.Fatal("nothing to compare with")
	}
	if c.BuyerTaxNo != d.Invoice.Buyer.TaxNo || !c.Payable.Equal(d.Invoice.Totals.Payable) || c.Currency != d.Invoice.Currency || c.IssueDate != d.Invoice.IssueDate {
		t.Errorf("content %+v", *c)
	}
}
