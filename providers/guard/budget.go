package guard

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
)

// DefaultRetryShare is what an account gets that names none: each ten good answers earn one repetition (facts/reliability.md section 3.10).
const DefaultRetryShare = 0.1

// budgetBurst repetitions may fail in a row before they must be earned; trickle allows one more after that pause, so that an
// account with nothing else to do goes on trying.
const (
	budgetBurst = 20
	trickle     = time.Second
)

// Budget bounds repetitions (providers.Again): one that comes to nothing costs a token, every good answer earns share of one.
// However many documents wait to be tried again, a provider in trouble gets little more than what it can answer. A
// repetition that is answered gives its token back, so that nothing holds up the catching-up after an outage.
func Budget(share float64, clk clock.Clock) Middleware {
	b := &budget{tokens: budgetBurst, share: share, last: clk.Now()}
	return func(ctx context.Context, call Call, next func(context.Context) error) error {
		again := providers.IsAgain(ctx)
		if again {
			if wait := b.take(clk.Now()); wait > 0 {
				return &fault.Error{Class: fault.Retryable, Doing: string(call.Op) + " at " + call.Provider, Code: "guard.budget", RetryAfter: wait,
					Message: "Entegratör sık sık yanıt veremiyor; yinelemeler seyrekleştirildi.", Err: errors.New("the retry budget is used up"),
					Advice: "faturad kendiliğinden yeniden dener"}
			}
		}
		err := next(ctx)
		switch {
		case alive(err) && !stopped(err):
			b.earn(again)
		case again && stopped(err): // nothing was asked
			b.giveBack()
		}
		return err
	}
}

// stopped reports whether a guard further in kept the call from going out.
func stopped(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && strings.HasPrefix(e.Code, "guard.")
}

type budget struct {
	mu     sync.Mutex
	tokens float64
	share  float64
	last   time.Time // when the trickle was last counted
}

// take takes a token; wait > 0 says when there will be one again.
func (b *budget) take(now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		b.tokens = min(1, b.tokens+float64(max(0, now.Sub(b.last)))/float64(trickle))
	}
	b.last = now
	if b.tokens < 1 {
		return max(time.Millisecond, time.Duration((1-b.tokens)*float64(trickle)))
	}
	b.tokens--
	return 0
}

func (b *budget) earn(again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if again {
		b.tokens++
	}
	b.tokens = min(budgetBurst, b.tokens+b.share)
}

func (b *budget) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(budgetBurst, b.tokens+1)
}
