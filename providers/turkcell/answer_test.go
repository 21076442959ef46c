package turkcell_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

// commercialInbox generates incoming invoices until n commercial ones are there, and gives those.
func commercialInbox(t *testing.T, sim *turkcellsim.Simulator, n int) (commercial []uuid.UUID, temel uuid.UUID) {
	t.Helper()
	for seed := range uint64(50) {
		sim.GenerateIncoming(4, seed+1)
		commercial = nil
		for _, in := range sim.Incoming() {
			if in.Scenario == "TICARIFATURA" {
				commercial = append(commercial, in.ETTN)
			} else {
				temel = in.ETTN
			}
		}
		if len(commercial) >= n && temel != uuid.Nil {
			return commercial, temel
		}
	}
	t.Fatalf("only %d commercial invoices", len(commercial))
	return nil, uuid.Nil
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{Pace: turkcellsim.Pace{Step: time.Minute}})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	ids, temel := commercialInbox(t, sim, 4)
	state := func(id uuid.UUID) providers.AnswerStatus {
		t.Helper()
		s, err := p.AnswerStatus(ctx, id)
		if err != nil || s.ETTN != id {
			t.Fatal(s, err)
		}
		return s
	}
	if s := state(ids[0]); s.State != providers.AnswerOpen || s.Code != 70 || s.Reason != "" {
		t.Errorf("before: %+v", s)
	}
	for i, accept := range []bool{true, false} {
		if err := p.Answer(ctx, providers.Answer{ETTN: ids[i], Accept: accept, Reason: "Şu nedenle: ğ"}); err != nil {
			t.Fatal(err)
		}
		if s := state(ids[i]); s.State != providers.AnswerWorking || s.Reason != "Şu nedenle: ğ" {
			t.Errorf("on its way: %+v", s)
		}
		if err := p.Answer(ctx, providers.Answer{ETTN: ids[i], Accept: !accept}); !errors.Is(err, fault.Permanent) {
			t.Errorf("a second answer: %v", err)
		}
	}
	sim.Advance(2 * time.Minute)
	if a, r := state(ids[0]).State, state(ids[1]).State; a != providers.AnswerAccepted || r != providers.AnswerRejected {
		t.Errorf("in the end: %s, %s", a, r)
	}
	if err := p.Answer(ctx, providers.Answer{ETTN: ids[2], Accept: true}); err != nil {
		t.Fatal(err)
	}
	if err := sim.SetStatus(ids[2], 62, "", nil); err != nil {
		t.Fatal(err)
	}
	if s := state(ids[2]); s.State != providers.AnswerFailed {
		t.Errorf("failed: %+v", s)
	}
	if err := p.RetryAnswer(ctx, ids[2]); err != nil {
		t.Fatal(err)
	}
	if s := state(ids[2]); s.State != providers.AnswerWorking {
		t.Errorf("sent again: %+v", s)
	}
	if err := p.RetryAnswer(ctx, ids[0]); !errors.Is(err, fault.Permanent) {
		t.Errorf("a retry of what did not fail: %v", err)
	}
	if err := p.Answer(ctx, providers.Answer{ETTN: temel, Accept: true}); !errors.Is(err, fault.Permanent) {
		t.Errorf("an answer to a Temel invoice: %v", err)
	}
	if err := p.Answer(ctx, providers.Answer{ETTN: uuid.New(), Accept: true}); !errors.Is(err, fault.NotFound) {
		t.Errorf("an answer to no invoice: %v", err)
	}
	if _, err := p.AnswerStatus(ctx, uuid.New()); !errors.Is(err, fault.NotFound) {
		t.Errorf("the answer to no invoice: %v", err)
	}
	sim.Advance(9 * 24 * time.Hour)
	if s := state(ids[3]); s.State != providers.AnswerLapsed {
		t.Errorf("after eight days: %+v", s)
	}
}

// A request whose answer was lost may have been done: its class says so.
func TestLostAnswerIsAmbiguous(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ids, _ := commercialInbox(t, sim, 1)
	for _, kind := range []string{turkcellsim.FaultAnswerLost, turkcellsim.FaultCutAfterBody} {
		if err := sim.SetFault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyUpdate}); err != nil {
			t.Fatal(err)
		}
		if err := p.Answer(context.Background(), providers.Answer{ETTN: ids[0], Accept: true}); !errors.Is(err, fault.Ambiguous) {
			t.Errorf("%s: %v", kind, err)
		}
		sim.ClearFaults()
	}
}

func TestBuyerAnswerAndPortalInvoices(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{Pace: turkcellsim.Pace{Step: time.Second, Answer: time.Second}})
	p := newProvider(t, turkcell.Config{BaseURL: url}, nil)
	ctx := context.Background()
	d := sampleEFatura(1, turkcellsim.ExampleRejects)
	d.Invoice.Scenario = "TICARIFATURA"
	rejected := prepared(t, p, d)
	byHand := sampleEFatura(2, 0)
	byHand.LocalReference = ""
	portal := prepared(t, p, byHand)
	ours := prepared(t, p, providertest.Sample(invoice.EArsiv, 3))
	for _, o := range []providers.Outgoing{rejected, portal, ours} {
		if _, err := p.Send(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 {
		sim.Advance(2 * time.Second)
		if _, err := p.Status(ctx, rejected.Identity); err != nil {
			t.Fatal(err)
		}
	}
	if words, err := p.BuyerAnswer(ctx, rejected.Identity); err != nil || words == "" {
		t.Errorf("the buyer's words: %q, %v", words, err)
	}
	if words, err := p.BuyerAnswer(ctx, ours.Identity); err != nil || words != "" {
		t.Errorf("of an e-Arşiv: %q, %v", words, err)
	}
	var found []providers.Status
	now := sim.Now()
	err := p.ListForeign(ctx, now.Add(-time.Hour), now.Add(time.Hour), func(s providers.Status) error {
		found = append(found, s)
		return nil
	})
	if err != nil || len(found) != 1 || found[0].ETTN != portal.ETTN || found[0].Kind != invoice.EFatura {
		t.Errorf("made in the portal: %+v, %v", found, err)
	}
	stop := errors.New("enough")
	if err := p.ListForeign(ctx, now.Add(-time.Hour), now.Add(time.Hour), func(providers.Status) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the caller's own error: %v", err)
	}
}
