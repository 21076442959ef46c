package guard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/guard"
)

func sendAgain(p providers.Provider) error {
	_, err := p.Send(providers.Again(context.Background()), outgoing(invoice.EFatura))
	return err
}

// TestRetryBudgetBoundsRepetitions: however many documents are tried again, those that come to nothing are bounded by what the
// provider answers, and first tries never are.
func TestRetryBudgetBoundsRepetitions(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Budget(0.2, clk))
	down := func() { f.set(always(fault.Retryable)) }
	up := func() { f.set(nil) }
	repeat := func(n int) (sent int) {
		before := f.count(guard.OpSend)
		for range n {
			err := sendAgain(p)
			if !errors.Is(err, fault.Retryable) {
				t.Fatalf("got %v", err)
			}
		}
		return f.count(guard.OpSend) - before
	}
	down()
	if sent := repeat(1000); sent != 20 {
		t.Errorf("%d of 1000 repetitions went out to a provider that is down, want the 20 of the burst", sent)
	}
	for range 50 {
		if err := send(p, invoice.EFatura); !errors.Is(err, fault.Retryable) || f.count(guard.OpSend) == 20 {
			t.Fatalf("a first try was stopped: %v", err)
		}
	}
	var refused *fault.Error
	if err := sendAgain(p); !errors.As(err, &refused) || refused.Code != "guard.budget" || refused.RetryAfter <= 0 || refused.RetryAfter > time.Second {
		t.Errorf("got %v", err)
	}
	up()
	for range 75 {
		if err := send(p, invoice.EFatura); err != nil {
			t.Fatal(err)
		}
	}
	down()
	if sent := repeat(1000); sent < 14 || sent > 15 { // 75 x 0.2
		t.Errorf("%d repetitions after 75 good answers, want a fifth", sent)
	}
	sent := 0
	for range 600 { // a minute, asked ten times a second
		clk.Advance(100 * time.Millisecond)
		sent += repeat(1)
	}
	if sent < 55 || sent > 61 {
		t.Errorf("%d repetitions trickled in a minute, want about one a second", sent)
	}
}

// TestRetryBudgetLetsTheProviderCatchUp: after an outage everything is a repetition, and all of it is wanted.
func TestRetryBudgetLetsTheProviderCatchUp(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Budget(guard.DefaultRetryShare, clk))
	f.set(always(fault.Ambiguous))
	for range 100 {
		if err := sendAgain(p); err == nil {
			t.Fatal("no error")
		}
	}
	for _, answer := range []func(guard.Op, providers.Identity) error{nil, always(fault.Permanent), always(fault.NotFound), always(fault.Duplicate)} {
		f.set(answer)
		clk.Advance(time.Second)
		before := f.count(guard.OpSend)
		for range 500 {
			if err := sendAgain(p); errors.Is(err, fault.Retryable) {
				t.Fatalf("a repetition that would be answered was stopped: %v", err)
			}
		}
		if n := f.count(guard.OpSend) - before; n != 500 {
			t.Errorf("%d of 500 went out", n)
		}
	}
}

// TestRetryBudgetIsNotSpentOnStoppedCalls: what the breaker stops costs nothing.
func TestRetryBudgetIsNotSpentOnStoppedCalls(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Budget(guard.DefaultRetryShare, clk), guard.Breaker(f, quiet, time.Hour, nil))
	f.set(always(fault.Ambiguous))
	for range 500 {
		if err := sendAgain(p); errors.Is(err, fault.Retryable) {
			t.Fatalf("the budget was spent while the breaker was open: %v", err)
		}
	}
	if n := f.count(guard.OpSend); n != 10 {
		t.Errorf("%d requests, want the 10 that open the breaker", n)
	}
}

func TestHealthTellsWhatStopsCalls(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	var health guard.Health
	p := guard.Standard(f, guard.Settings{Clock: clk, Log: quiet, Health: &health})
	kinds := func() (out []guard.TroubleKind) {
		for _, trouble := range health.Troubles() {
			out = append(out, trouble.Kind)
		}
		return out
	}
	if len(kinds()) != 0 || !health.Answered().IsZero() {
		t.Fatalf("at first: %v, answered %s", kinds(), health.Answered())
	}
	refuse := func(code, message string) {
		f.set(func(guard.Op, providers.Identity) error {
			return &fault.Error{Class: fault.Auth, Code: code, Doing: "testing", Message: message, Advice: "Anahtarı yenileyin"}
		})
	}
	try := func() { _ = send(p, invoice.EArsiv) } // what health says of it is the point
	refuse(providers.CodePermission, "yetki yok")
	try()
	if got := health.Troubles(); len(got) != 1 || got[0] != (guard.Trouble{Kind: guard.TroublePermission, Product: invoice.EArsiv, Message: "yetki yok", Advice: "Anahtarı yenileyin"}) {
		t.Errorf("%+v", got)
	}
	refuse(providers.CodeKey, "Yetkisiz")
	if err := send(p, invoice.EFatura); !errors.Is(err, fault.Auth) {
		t.Fatal(err)
	}
	if got := kinds(); len(got) != 2 || got[0] != guard.TroubleKey {
		t.Errorf("%v", got)
	}
	f.set(nil)
	clk.Advance(time.Hour)
	try()
	if got := kinds(); len(got) != 0 || !health.Answered().Equal(clk.Now()) {
		t.Errorf("after the probes: %v, answered %s", got, health.Answered())
	}
	f.set(always(fault.Ambiguous))
	for range 12 {
		try()
	}
	if got := kinds(); len(got) != 1 || got[0] != guard.TroubleSilent {
		t.Errorf("a provider that is down: %v", got)
	}
}
