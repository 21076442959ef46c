package guard

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/sony/gobreaker/v2"

	"faturad/internal/fault"
	"faturad/providers"
)

// tripAfter consecutive failures open the breaker (facts/reliability.md section 3.10).
const tripAfter = 10

// errNotCounted marks a call that ended because its caller gave up.
var errNotCounted = errors.New("not counted")

// Breaker stops calls to a provider that fails again and again, and lets one probe through each pace (jittered a little,
// so that daemons do not knock in step). While it is half open a call that would create is not used as the probe when
// the provider has a cheap one: a failing create costs a document its certainty, a failing check nothing.
func Breaker(p providers.Provider, log *slog.Logger, pace time.Duration, health *Health) Middleware {
	name := p.Capabilities().Name
	breaker := gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:         name,
		MaxRequests:  1,
		Timeout:      pace + rand.N(pace/5+1), // jitter needs no secrecy
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		IsSuccessful: alive,
		IsExcluded:   func(err error) bool { return errors.Is(err, errNotCounted) },
		OnStateChange: func(name string, from, to gobreaker.State) {
			if from == gobreaker.StateHalfOpen && to == gobreaker.StateOpen || to == gobreaker.StateHalfOpen {
				return // each probe while it is down: no news
			}
			if to == gobreaker.StateOpen {
				health.begin(Trouble{Kind: TroubleSilent})
			} else {
				health.end(Trouble{Kind: TroubleSilent})
			}
			log.Warn("circuit breaker", "provider", name, "from", from.String(), "to", to.String())
		},
	})
	checker, cheap := providers.As[providers.Checker](p)
	return func(ctx context.Context, call Call, next func(context.Context) error) error {
		if cheap && call.Op.paid() && breaker.State() == gobreaker.StateHalfOpen {
			if err := attempt(ctx, breaker, call, pace, checker.Check); err != nil && !alive(err) {
				return resting(call, pace, err)
			}
		}
		return attempt(ctx, breaker, call, pace, next)
	}
}

// attempt makes one counted call, or none.
func attempt(ctx context.Context, b *gobreaker.TwoStepCircuitBreaker[any], call Call, pace time.Duration, do func(context.Context) error) error {
	done, err := b.Allow()
	if err != nil {
		return resting(call, pace, err)
	}
	err = do(ctx)
	if ctx.Err() != nil && !alive(err) {
		done(errNotCounted)
		return err
	}
	done(err)
	return err
}

// resting is the error of a call that was kept back: because of the breaker itself, or of the probe that went before.
func resting(call Call, pace time.Duration, cause error) error {
	why := errors.New("the provider failed again and again, and is only probed until it answers")
	if !errors.Is(cause, gobreaker.ErrOpenState) && !errors.Is(cause, gobreaker.ErrTooManyRequests) {
		why = errors.New(why.Error() + ": " + cause.Error())
	}
	return &fault.Error{Class: fault.Throttled, Doing: string(call.Op) + " at " + call.Provider, Code: providers.CodeResting, RetryAfter: pace,
		Message: "Entegratör yanıt vermiyor.", Err: why,
		Advice: "faturad entegratörü yoklamayı sürdürür; işlem gerekmez"}
}

// alive: a refusal, an absence, even a 401 shows that somebody is there.
func alive(err error) bool {
	if err == nil {
		return true
	}
	switch fault.ClassOf(err) {
	case fault.Permanent, fault.Duplicate, fault.NotFound, fault.Auth, fault.Throttled:
		return true
	case fault.Retryable, fault.Ambiguous:
	}
	return false
}
