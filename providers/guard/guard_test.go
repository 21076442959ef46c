package guard_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/guard"
	"faturad/providers/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a provider whose answers a test decides. It offers look-ups, statuses, a check and a taxpayer list only.
type fake struct {
	mu     sync.Mutex
	calls  map[guard.Op]int
	answer func(guard.Op, providers.Identity) error
}

func newFake() *fake { return &fake{calls: map[guard.Op]int{}} }

func (f *fake) call(op guard.Op, id providers.Identity) error {
	f.mu.Lock()
	f.calls[op]++
	answer := f.answer
	f.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(op, id)
}

func (f *fake) count(op guard.Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[op]
}

func (f *fake) set(answer func(guard.Op, providers.Identity) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (*fake) Capabilities() providers.Capabilities { return providers.Capabilities{Name: "fake"} }
func (*fake) Prepare(providers.Draft) (providers.Payload, error) {
	return providers.Payload{Hash: "h"}, nil
}

func (f *fake) Send(_ context.Context, o providers.Outgoing) (providers.Receipt, error) {
	return providers.Receipt{ETTN: o.ETTN, Number: "1"}, f.call(guard.OpSend, o.Identity)
}

func (f *fake) Lookup(_ context.Context, id providers.Identity) (providers.Found, error) {
	return providers.Found{}, f.call(guard.OpLookup, id)
}

func (f *fake) Status(_ context.Context, id providers.Identity) (providers.Status, error) {
	return providers.Status{}, f.call(guard.OpStatus, id)
}
func (f *fake) Check(context.Context) error { return f.call(guard.OpCheck, providers.Identity{}) }
func (f *fake) Taxpayers(_ context.Context, each func(providers.Taxpayer) error) error {
	if err := each(providers.Taxpayer{TaxNo: "1"}); err != nil {
		return err
	}
	return f.call(guard.OpTaxpayers, providers.Identity{})
}

func outgoing(kind invoice.Kind) providers.Outgoing {
	return providers.Outgoing{Identity: providers.Identity{ETTN: uuid.New(), Kind: kind, LocalReference: "acme:invoice:1"}, Route: providers.Route{Kind: kind}}
}

func always(class fault.Class) func(guard.Op, providers.Identity) error {
	return func(guard.Op, providers.Identity) error { return fault.Newf(class, "testing", "as told") }
}

var quiet = slog.New(slog.DiscardHandler)

func send(p providers.Provider, kind invoice.Kind) error {
	_, err := p.Send(context.Background(), outgoing(kind))
	return err
}

func TestAsSeesThroughDecorators(t *testing.T) {
	t.Parallel()
	p := guard.Wrap(guard.Wrap(newFake()))
	if _, ok := providers.As[providers.StatusReader](p); !ok {
		t.Error("the status reader is gone")
	}
	if _, ok := providers.As[providers.Inbox](p); ok {
		t.Error("an inbox appeared")
	}
	inbox, ok := p.(providers.Inbox)
	if !ok {
		t.Fatal("the decorator has no inbox methods")
	}
	if err := inbox.Acknowledge(context.Background(), nil); !errors.Is(err, fault.Permanent) {
		t.Errorf("got %v", err)
	}
	receipt, err := p.Send(context.Background(), outgoing(invoice.EFatura))
	if err != nil || receipt.Number != "1" {
		t.Errorf("%v %+v", err, receipt)
	}
}

// later lets the time of a synctest bubble pass; it takes none of ours.
func later(d time.Duration) { <-time.NewTimer(d).C }

// TestBreakerLetsOneProbeThrough: an hour's outage at a hundred calls a second costs about one request a second.
func TestBreakerLetsOneProbeThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.set(always(fault.Ambiguous))
		p := guard.Wrap(f, guard.Breaker(f, quiet, time.Second, nil))
		const outage = 60 * time.Second
		refused := 0
		for begin := time.Now(); time.Since(begin) < outage; later(10 * time.Millisecond) {
			if err := send(p, invoice.EFatura); errors.Is(err, fault.Throttled) {
				refused++
				if fault.RetryAfter(err) <= 0 {
					t.Fatal("no time to come back")
				}
			}
		}
		if n := f.count(guard.OpSend); n != 10 {
			t.Errorf("%d creating requests to a provider that is down", n)
		}
		if n := f.count(guard.OpCheck); n < 45 || n > 61 {
			t.Errorf("%d probes in %s", n, outage)
		}
		if refused < 5000 {
			t.Errorf("%d refused", refused)
		}
		f.set(nil)
		later(1500 * time.Millisecond)
		for range 20 {
			if err := send(p, invoice.EFatura); err != nil {
				t.Fatalf("after the outage: %v", err)
			}
		}
	})
}

// TestKeptBackCallsAreNoNews: the log has the calls that failed; of those that the breaker kept back the pass says once how many.
func TestKeptBackCallsAreNoNews(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.set(always(fault.Retryable))
	text := new(lines)
	log := slog.New(slog.NewTextHandler(text, nil))
	p := guard.Wrap(f, guard.Traffic(log, clock.Real{}, nil), guard.Breaker(f, quiet, time.Hour, nil))
	var err error
	for range 60 {
		err = send(p, invoice.EFatura)
	}
	if n := strings.Count(text.String(), "provider call"); n != 10 {
		t.Errorf("%d lines about 10 calls:\n%s", n, text.String())
	}
	if !errors.Is(err, fault.Throttled) || strings.Contains(err.Error(), "circuit breaker") {
		t.Errorf("a call that was kept back says %v", err)
	}
}

func TestBreakerProbesOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.set(always(fault.Retryable))
		p := guard.Wrap(f, guard.Breaker(f, quiet, time.Second, nil))
		for range 10 {
			if err := send(p, invoice.EFatura); !errors.Is(err, fault.Retryable) {
				t.Fatal(err)
			}
		}
		later(1500 * time.Millisecond)
		f.set(func(op guard.Op, _ providers.Identity) error {
			later(100 * time.Millisecond)
			return fault.Newf(fault.Retryable, "testing", "still down")
		})
		var workers sync.WaitGroup
		for range 16 {
			workers.Go(func() {
				if err := send(p, invoice.EFatura); !errors.Is(err, fault.Throttled) {
					t.Errorf("got %v", err)
				}
			})
		}
		workers.Wait()
		if sent, probed := f.count(guard.OpSend), f.count(guard.OpCheck); sent != 10 || probed != 1 {
			t.Errorf("%d creating requests, %d probes", sent, probed)
		}
	})
}

func TestBreakerCountsNoRefusalsAndNoGivingUp(t *testing.T) {
	t.Parallel()
	f := newFake()
	p := guard.Wrap(f, guard.Breaker(f, quiet, time.Second, nil))
	for _, class := range []fault.Class{fault.Permanent, fault.Duplicate, fault.NotFound, fault.Auth} {
		f.set(always(class))
		for range 30 {
			if err := send(p, invoice.EFatura); !errors.Is(err, class) {
				t.Fatalf("%s became %v", class, err)
			}
		}
	}
	f.set(always(fault.Ambiguous))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 30 {
		if _, err := p.Send(ctx, outgoing(invoice.EFatura)); !errors.Is(err, fault.Ambiguous) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestWrongKeyStopsEverythingUntilAProbeSucceeds(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	var health guard.Health
	p := guard.Wrap(f, guard.Credentials(f, clk, quiet, &health))
	if err := health.Refused(t.Context()); err != nil {
		t.Errorf("refused before anything was asked: %v", err)
	}
	wrongKey := func(guard.Op, providers.Identity) error {
		return &fault.Error{Class: fault.Auth, Code: providers.CodeKey, Message: "Yetkisiz", Doing: "testing"}
	}
	f.set(wrongKey)
	for range 50 {
		err := send(p, invoice.EFatura)
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Class != fault.Auth || e.Message != "Yetkisiz" {
			t.Fatalf("got %v", err)
		}
		if _, err := p.Lookup(context.Background(), providers.Identity{}); !errors.Is(err, fault.Auth) {
			t.Fatalf("got %v", err)
		}
	}
	if err := health.Refused(t.Context()); !errors.Is(err, fault.Auth) {
		t.Errorf("the key is refused, but: %v", err)
	}
	if f.count(guard.OpSend) != 1 || f.count(guard.OpLookup) != 0 || f.count(guard.OpCheck) != 0 {
		t.Errorf("calls %v", f.calls)
	}
	clk.Advance(31 * time.Second)
	for range 10 {
		if err := send(p, invoice.EArsiv); !errors.Is(err, fault.Auth) || fault.RetryAfter(err) < 30*time.Second {
			t.Fatalf("got %v", err)
		}
	}
	if f.count(guard.OpSend) != 1 || f.count(guard.OpCheck) != 1 {
		t.Errorf("calls %v", f.calls)
	}
	f.set(func(op guard.Op, id providers.Identity) error {
		if op == guard.OpCheck { // the key is right again, the probe's own product is not licensed
			return &fault.Error{Class: fault.Auth, Code: providers.CodePermission, Doing: "testing"}
		}
		return nil
	})
	clk.Advance(61 * time.Second)
	if err := health.Refused(t.Context()); err != nil { // it probes, too
		t.Errorf("the key is right again: %v", err)
	}
	if err := send(p, invoice.EFatura); err != nil {
		t.Errorf("after the probe: %v", err)
	}
	if err := send(p, invoice.EArsiv); err != nil || f.count(guard.OpCheck) != 2 {
		t.Errorf("%v, calls %v", err, f.calls)
	}
}

// A good answer to a request that went out before the key was refused opens nothing.
func TestAnAnswerFromBeforeOpensNothing(t *testing.T) {
	t.Parallel()
	f := newFake()
	p := guard.Wrap(f, guard.Credentials(f, clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), quiet, nil))
	began, refused := make(chan struct{}), make(chan struct{})
	f.set(func(_ guard.Op, id providers.Identity) error {
		if id.LocalReference == "slow" {
			close(began)
			<-refused
			return nil
		}
		return &fault.Error{Class: fault.Auth, Code: providers.CodeKey, Doing: "testing"}
	})
	slow := make(chan error)
	go func() {
		_, err := p.Send(context.Background(), providers.Outgoing{Identity: providers.Identity{LocalReference: "slow", Kind: invoice.EFatura}})
		slow <- err
	}()
	<-began
	if err := send(p, invoice.EFatura); !errors.Is(err, fault.Auth) {
		t.Fatalf("got %v", err)
	}
	close(refused)
	if err := <-slow; err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := send(p, invoice.EFatura); !errors.Is(err, fault.Auth) {
			t.Fatalf("got %v", err)
		}
	}
	if f.count(guard.OpSend) != 2 {
		t.Errorf("calls %v", f.calls)
	}
}

func TestMissingPermissionStopsItsProductOnly(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Credentials(f, clk, quiet, nil))
	f.set(func(_ guard.Op, id providers.Identity) error {
		if id.Kind == invoice.EArsiv {
			return &fault.Error{Class: fault.Auth, Code: providers.CodePermission, Doing: "testing"}
		}
		return nil
	})
	for range 20 {
		if err := send(p, invoice.EArsiv); !errors.Is(err, fault.Auth) {
			t.Fatalf("got %v", err)
		}
		if err := send(p, invoice.EFatura); err != nil {
			t.Fatalf("got %v", err)
		}
		if _, err := p.Lookup(context.Background(), providers.Identity{Kind: invoice.EFatura}); err != nil {
			t.Fatalf("got %v", err)
		}
	}
	if n := f.count(guard.OpSend); n != 21 {
		t.Errorf("%d creating requests", n)
	}
	f.set(func(op guard.Op, _ providers.Identity) error {
		if op == guard.OpStatus {
			return fault.Newf(fault.NotFound, "testing", "nobody has it")
		}
		return nil
	})
	clk.Advance(31 * time.Second)
	if err := send(p, invoice.EArsiv); err != nil || f.count(guard.OpStatus) != 1 {
		t.Errorf("%v, calls %v", err, f.calls)
	}
}

func TestProbesGrowRarer(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Credentials(f, clk, quiet, nil))
	f.set(always(fault.Auth))
	for range 24 * 360 { // a day, asked every ten seconds
		if err := send(p, invoice.EFatura); !errors.Is(err, fault.Auth) {
			t.Fatalf("got %v", err)
		}
		clk.Advance(10 * time.Second)
	}
	if n := f.count(guard.OpCheck); f.count(guard.OpSend) != 1 || n < 90 || n > 105 {
		t.Errorf("%d probes in a day, %d creating requests", n, f.count(guard.OpSend))
	}
}

func TestLimitSpacesCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		p := guard.Wrap(f, guard.Limit(20, clock.Real{}, quiet))
		begin := time.Now()
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for range 25 {
					if err := send(p, invoice.EFatura); err != nil {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		if took := time.Since(begin); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("200 calls at 20 a second took %s", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := p.Send(ctx, outgoing(invoice.EFatura)); err != nil && !errors.Is(err, fault.Retryable) {
			t.Errorf("giving up while waiting: %v", err)
		}
	})
}

func TestPatienceIsShared(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	p := guard.Wrap(f, guard.Limit(0, clk, quiet))
	f.set(func(guard.Op, providers.Identity) error {
		return &fault.Error{Class: fault.Throttled, RetryAfter: 40 * time.Second, Doing: "testing"}
	})
	for range 100 {
		if err := send(p, invoice.EFatura); !errors.Is(err, fault.Throttled) || fault.RetryAfter(err) > 40*time.Second {
			t.Fatalf("got %v", err)
		}
	}
	if n := f.count(guard.OpSend); n != 1 {
		t.Errorf("%d requests while the provider asked for patience", n)
	}
	f.set(nil)
	clk.Advance(39 * time.Second)
	if err := send(p, invoice.EFatura); fault.RetryAfter(err) != time.Second {
		t.Errorf("got %v", err)
	}
	clk.Advance(time.Second)
	if err := send(p, invoice.EFatura); err != nil {
		t.Errorf("got %v", err)
	}
	f.set(always(fault.Throttled)) // names no time: the wait grows, and is bounded
	var waits []time.Duration
	for range 8 {
		if err := send(p, invoice.EFatura); !errors.Is(err, fault.Throttled) {
			t.Fatalf("got %v", err)
		}
		err := send(p, invoice.EFatura)
		waits = append(waits, fault.RetryAfter(err))
		clk.Advance(fault.RetryAfter(err))
	}
	if waits[0] != 2*time.Second || waits[1] != 4*time.Second || waits[7] != time.Minute {
		t.Errorf("waits %v", waits)
	}
}

type observed []guard.Observation

func (o *observed) Observe(x guard.Observation) { *o = append(*o, x) }

func TestObserverAndLog(t *testing.T) {
	t.Parallel()
	f := newFake()
	clk := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	var seen observed
	var text lines
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := guard.Wrap(f, guard.Observe(&seen, clk), guard.Traffic(log, clk, redact.New("c2VjcmV0LWtleQ==")))
	f.set(func(guard.Op, providers.Identity) error {
		clk.Advance(70 * time.Millisecond)
		return &fault.Error{Class: fault.Permanent, Status: 422, Doing: "testing", Message: "VKN 4812057003\r\nkey c2VjcmV0LWtleQ=="}
	})
	if err := send(p, invoice.EFatura); !errors.Is(err, fault.Permanent) {
		t.Fatal(err)
	}
	f.set(func(guard.Op, providers.Identity) error { return errors.New("nobody classified this") })
	if err := send(p, invoice.EFatura); err == nil {
		t.Fatal("no error")
	}
	own := errors.New("my database is full")
	source, _ := providers.As[providers.TaxpayerSource](p)
	if err := source.Taxpayers(context.Background(), func(providers.Taxpayer) error { return own }); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	want := observed{
		{Provider: "fake", Op: guard.OpSend, Class: "permanent", Status: 422, Elapsed: 70 * time.Millisecond},
		{Provider: "fake", Op: guard.OpSend, Class: "unclassified"},
		{Provider: "fake", Op: guard.OpTaxpayers, Class: "ok"},
	}
	if len(seen) != len(want) {
		t.Fatalf("seen %+v", seen)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("seen %+v, want %+v", seen[i], want[i])
		}
	}
	if text.has("4812057003") || text.has("c2VjcmV0") || !text.has("48******03") || !text.has("acme:invoice:1") || !text.has("level=ERROR") {
		t.Errorf("log:\n%s", text.String())
	}
}
