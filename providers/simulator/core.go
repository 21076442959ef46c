package simulator

import (
	"crypto/rand"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"faturad/internal/clock"
)

// Core is the part of a simulator that is the same for each provider. E is an entry of its log. Make it usable with Start.
type Core[E any] struct {
	// Mu guards the provider's own memory as well.
	Mu sync.Mutex

	base     clock.Clock
	latency  time.Duration
	logLimit int
	offset   atomic.Int64 // nanoseconds on top of the base clock
	faults   switchboard

	tokens    map[string]time.Time // when each was given
	given     []string             // every token, also those that are useless by now
	taxpayers map[string]bool
	log       []E
	late      []late
}

// late is what a request does when the clock has come that far.
type late struct {
	at time.Time
	do func()
}

// Start sets the base of the clock (nil = the machine's), the time that each call takes and how many requests are remembered.
func (c *Core[E]) Start(base clock.Clock, latency time.Duration, logLimit int) {
	if base == nil {
		base = clock.Real{}
	}
	c.base, c.latency, c.logLimit = base, latency, logLimit
	c.Forget(nil)
}

// Forget takes everything back but what Start set; then these tax numbers are e-Fatura users. The provider's own memory is its
// own business.
func (c *Core[E]) Forget(taxpayers []string) {
	c.offset.Store(0)
	c.faults.clear()
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.tokens, c.taxpayers, c.given, c.log, c.late = map[string]time.Time{}, map[string]bool{}, nil, nil, nil
	for _, taxNo := range taxpayers {
		c.taxpayers[taxNo] = true
	}
}

// Now is the simulator's clock.
func (c *Core[E]) Now() time.Time { return c.base.Now().Add(time.Duration(c.offset.Load())) }

// Advance moves the simulator's clock; what was to happen meanwhile happens.
func (c *Core[E]) Advance(d time.Duration) {
	c.offset.Add(int64(d))
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Arrive(c.Now())
}

// Arrive does what late requests do when their time has come. Mu is held.
func (c *Core[E]) Arrive(now time.Time) {
	for i := 0; i < len(c.late); {
		if c.late[i].at.After(now) {
			i++
			continue
		}
		do := c.late[i].do
		c.late = slices.Delete(c.late, i, i+1)
		do()
	}
}

// Login gives a new token. Mu is held.
func (c *Core[E]) Login(now time.Time) string {
	token := rand.Text()
	c.tokens[token] = now
	c.given = append(c.given, token)
	return token
}

// Knows says that a token was given no longer ago than life. Mu is held.
func (c *Core[E]) Knows(token string, now time.Time, life time.Duration) bool {
	since, known := c.tokens[token]
	return known && now.Sub(since) < life
}

// ExpireTokens makes every token that was given useless.
func (c *Core[E]) ExpireTokens() { c.Mu.Lock(); defer c.Mu.Unlock(); clear(c.tokens) }

// Tokens are those that were given, also what is useless by now.
func (c *Core[E]) Tokens() []string { c.Mu.Lock(); defer c.Mu.Unlock(); return slices.Clone(c.given) }

// Logins counts the tokens that were given.
func (c *Core[E]) Logins() int { return len(c.Tokens()) }

// AddTaxpayers makes tax numbers e-Fatura users.
func (c *Core[E]) AddTaxpayers(taxNos ...string) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	for _, taxNo := range taxNos {
		c.taxpayers[taxNo] = true
	}
}

// Taxpayer says that a tax number is that of an e-Fatura user. Mu is held.
func (c *Core[E]) Taxpayer(taxNo string) bool { return c.taxpayers[taxNo] }

// SetFault adds a fault; the first added that matches a request strikes.
func (c *Core[E]) SetFault(f Fault) error { return c.faults.add(f) }

// ClearFaults removes all faults.
func (c *Core[E]) ClearFaults() { c.faults.clear() }

// Faults lists the faults that are set.
func (c *Core[E]) Faults() []Fault { return c.faults.list() }

// Note adds an entry to the log.
func (c *Core[E]) Note(entry E) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	if len(c.log) < c.logLimit {
		c.log = append(c.log, entry)
	}
}

// Log lists every provider request since the start.
func (c *Core[E]) Log() []E {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	return slices.Clone(c.log)
}

// OrDefault fills what an option leaves open.
func OrDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
