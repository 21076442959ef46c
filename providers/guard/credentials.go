package guard

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// How long a locked account or product waits for its next probe: doubled while the lock comes back.
const (
	firstProbe = 30 * time.Second
	maxProbe   = 15 * time.Minute
)

// probeETTN names a document that nobody has: asking for it is the cheap probe of a product.
var probeETTN = uuid.MustParse("00000000-0000-4000-8000-00000000fa70")

// Credentials stops calls that can only fail: after a wrong key every call of the account, after a missing permission the
// paid calls of that product. One cheap probe at a time, at growing intervals, finds out when it is over. Calls that
// are stopped get the same class and words as the one that was refused.
func Credentials(p providers.Provider, clk clock.Clock, log *slog.Logger, health *Health) Middleware {
	g := &gate{provider: p, clock: clk, log: log, health: health, locks: map[invoice.Kind]*lock{}}
	health.lockedBy(func(ctx context.Context) error { return g.enter(ctx, account) })
	return g.pass
}

// account is the lock of the whole account; the others are named by the kind of document.
const account invoice.Kind = ""

type gate struct {
	provider providers.Provider
	clock    clock.Clock
	log      *slog.Logger
	health   *Health

	mu     sync.Mutex
	locks  map[invoice.Kind]*lock
	locked int // how often anything was locked
}

// lock is what is known about one refused permission. It outlives its opening, so that one which comes back waits longer.
type lock struct {
	cause   *fault.Error // nil = open
	number  int          // of the locking, by gate.locked
	wait    time.Duration
	probeAt time.Time
	probing bool
}

func (g *gate) pass(ctx context.Context, call Call, next func(context.Context) error) error {
	if call.Op != OpCheck { // a person's own question always goes out
		for _, scope := range scopes(call) {
			if err := g.enter(ctx, scope); err != nil {
				return err
			}
		}
	}
	g.mu.Lock()
	began := g.locked
	g.mu.Unlock()
	err := next(ctx)
	g.learn(ctx, call, began, err)
	return err
}

// scopes are the locks that concern a call.
func scopes(call Call) []invoice.Kind {
	if call.Op.paid() && call.Identity.Kind != account {
		return []invoice.Kind{account, call.Identity.Kind}
	}
	return []invoice.Kind{account}
}

// enter lets a call pass an open lock, or a locked one whose probe succeeds.
func (g *gate) enter(ctx context.Context, scope invoice.Kind) error {
	g.mu.Lock()
	l := g.locks[scope]
	if l == nil || l.cause == nil {
		g.mu.Unlock()
		return nil
	}
	refusal := *l.cause
	now := g.clock.Now()
	if l.probing || now.Before(l.probeAt) {
		refusal.RetryAfter = max(time.Second, l.probeAt.Sub(now))
		g.mu.Unlock()
		return &refusal
	}
	l.probing = true
	g.mu.Unlock()

	open := g.probe(ctx, scope)
	g.mu.Lock()
	defer g.mu.Unlock()
	l.probing = false
	if open {
		l.cause = nil
		g.health.end(trouble(scope, nil))
		g.log.InfoContext(ctx, "the provider accepts the credentials again", "scope", name(scope))
		return nil
	}
	l.probeAt = g.clock.Now().Add(l.grow())
	refusal.RetryAfter = l.wait
	return &refusal
}

// learn locks on a refusal, and forgets the growing wait when a call that counts went well. What began before a locking says
// nothing about it: the key was refused later.
func (g *gate) learn(ctx context.Context, call Call, began int, err error) {
	refusal, refused := errors.AsType[*fault.Error](err)
	refused = refused && refusal.Class == fault.Auth
	scope := account
	if refused && refusal.Code == providers.CodePermission {
		if !call.Op.paid() {
			return // a question about a product that the account does not have stops nothing else
		}
		scope = call.Identity.Kind
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !refused {
		if err == nil {
			g.health.succeeded(g.clock.Now())
			for _, s := range scopes(call) {
				if l := g.locks[s]; l != nil && l.number <= began && (call.Op.paid() || call.Op == OpCheck) {
					*l = lock{probing: l.probing}
					g.health.end(trouble(s, nil))
				}
			}
		}
		return
	}
	l := g.locks[scope]
	if l == nil {
		l = &lock{}
		g.locks[scope] = l
	}
	if l.cause != nil {
		return // others in flight were told the same
	}
	cause := *refusal
	l.cause = &cause
	g.locked++
	l.number = g.locked
	l.probeAt = g.clock.Now().Add(l.grow())
	g.health.begin(trouble(scope, &cause))
	g.log.ErrorContext(ctx, "the provider refuses the credentials: no further calls until a probe succeeds",
		"provider", call.Provider, "scope", name(scope), "status", cause.Status, "next_probe", l.wait, "advice", cause.Advice)
}

// trouble is what a lock means to people; cause is nil when it ends.
func trouble(scope invoice.Kind, cause *fault.Error) Trouble {
	t := Trouble{Kind: TroubleKey}
	if scope != account {
		t = Trouble{Kind: TroublePermission, Product: scope}
	}
	if cause != nil {
		t.Message, t.Advice = cause.Message, cause.Advice
	}
	return t
}

func (l *lock) grow() time.Duration {
	l.wait = min(max(firstProbe, 2*l.wait), maxProbe)
	return l.wait
}

// probe asks something that costs nothing. A product is open when it answers about a document that nobody has; an account
// is open when its key is not what is wrong.
func (g *gate) probe(ctx context.Context, scope invoice.Kind) bool {
	err := g.ask(ctx, scope)
	if err == nil || errors.Is(err, fault.NotFound) {
		return true
	}
	e, ok := errors.AsType[*fault.Error](err)
	return ok && scope == account && e.Class == fault.Auth && e.Code == providers.CodePermission
}

func (g *gate) ask(ctx context.Context, scope invoice.Kind) error {
	if checker, ok := providers.As[providers.Checker](g.provider); ok && scope == account {
		return checker.Check(ctx)
	}
	unknown := providers.Identity{ETTN: probeETTN, Kind: scope}
	if reader, ok := providers.As[providers.StatusReader](g.provider); ok && scope != account {
		_, err := reader.Status(ctx, unknown)
		return err
	}
	_, err := g.provider.Lookup(ctx, unknown)
	return err
}

func name(scope invoice.Kind) string {
	if scope == account {
		return "account"
	}
	return string(scope)
}
