package guard

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"faturad/internal/clock"
	"faturad/internal/fault"
)

// Waits after a 429 that names no time: doubled each time in a row.
const (
	firstPause = 2 * time.Second
	maxPause   = 60 * time.Second
)

// Limit spaces calls to perSecond (0 = no spacing), and stops them all while the provider asks for patience: one worker's
// 429 is every worker's.
func Limit(perSecond float64, clk clock.Clock, log *slog.Logger) Middleware {
	limiter := rate.NewLimiter(rate.Inf, 0)
	if perSecond > 0 {
		// A burst of a tenth of a second: a provider that counts per second must not see twice its number.
		limiter = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/10)))
	}
	var pause pause
	return func(ctx context.Context, call Call, next func(context.Context) error) error {
		doing := string(call.Op) + " at " + call.Provider
		if left := pause.left(clk.Now()); left > 0 {
			return &fault.Error{Class: fault.Throttled, Doing: doing, Code: "guard.paused", RetryAfter: left,
				Message: "Entegratör ara verilmesini istedi.", Advice: "faturad bekleyip sürdürür"}
		}
		if err := limiter.Wait(ctx); err != nil {
			return fault.Newf(fault.Retryable, doing, "waiting for a turn: %w", err)
		}
		err := next(ctx)
		if fault.ClassOf(err) != fault.Throttled {
			pause.over()
			return err
		}
		wait := pause.begin(clk.Now(), fault.RetryAfter(err))
		log.WarnContext(ctx, "the provider asks for patience", "provider", call.Provider, "op", call.Op, "wait", wait)
		return err
	}
}

// pause is the time until which nobody calls.
type pause struct {
	mu    sync.Mutex
	until time.Time
	last  time.Duration // the last own wait; 0 = none in a row
}

func (p *pause) left(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until.Sub(now)
}

func (p *pause) begin(now time.Time, asked time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := asked
	if wait <= 0 && now.Before(p.until) {
		return p.until.Sub(now) // others in flight were told the same
	}
	if wait <= 0 {
		p.last = min(max(firstPause, 2*p.last), maxPause)
		wait = p.last
	}
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
	return wait
}

func (p *pause) over() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = 0
}
