package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"faturad/internal/fault"
)

// stage lets one thing happen at a time. Every call that leaves a daemon waits here until the director lets it go on; the
// director chooses only when everybody else is waiting, so that the seed alone decides the order.
type stage struct {
	dice  *rand.Rand
	mu    sync.Mutex
	calls []*call
	used  []*call // to be used again
	ready []*call // what waiting gives
	trace []string
	keep  bool // record the trace
	now   func() time.Time
	print uint64
}

// call is one call that waits for its cue.
type call struct {
	daemon *daemon
	op     string
	key    string
	cue    chan trouble
}

// trouble is what happens to a call.
type trouble int

const (
	fine   trouble = iota
	before         // fails before it has any effect
	after          // has its effect, but its answer is lost
	dead           // its daemon has died
)

var errDied = fault.New(fault.Permanent, "calling", errors.New("the process is dead"))

// wait parks the caller. It returns what is to happen, or the context's error when that ends first.
func (s *stage) wait(ctx context.Context, d *daemon, op, key string) (trouble, error) {
	if d.dead.Load() {
		return dead, errDied
	}
	c := s.enter(d, op, key)
	select {
	case t := <-c.cue:
		s.recycle(c)
		if t == dead || d.dead.Load() {
			return dead, errDied
		}
		return t, nil
	case <-ctx.Done():
		s.leave(c)
		if d.dead.Load() {
			return dead, errDied
		}
		return before, ctx.Err()
	}
}

// enter adds a call to those that wait. Calls are used again, for their channels: a run makes hundreds.
func (s *stage) enter(d *daemon, op, key string) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var c *call
	if n := len(s.used); n > 0 {
		c, s.used = s.used[n-1], s.used[:n-1]
	} else {
		c = &call{cue: make(chan trouble, 1)}
	}
	c.daemon, c.op, c.key = d, op, key
	s.calls = append(s.calls, c)
	return c
}

// recycle takes back a call that had its cue.
func (s *stage) recycle(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = append(s.used, c)
}

func (s *stage) leave(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := slices.Index(s.calls, c); at >= 0 {
		s.calls = slices.Delete(s.calls, at, at+1)
	}
}

// awaits reports whether a request about a sale waits to reach the provider, or its answer to come back.
func (s *stage) awaits(ref string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.calls, func(c *call) bool {
		return c.key == ref && (c.op == "arrive" || c.op == "answer" || c.op == "release")
	})
}

// all lists the calls that wait, in the order in which they came.
func (s *stage) all() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func inOrder(a, b *call) int {
	return cmp.Or(cmp.Compare(a.daemon.id, b.daemon.id), strings.Compare(a.op, b.op), strings.Compare(a.key, b.key))
}

// waiting lists the calls that may go on, until the next time, in an order that does not depend on the scheduler. While a daemon records in
// its ledger, nothing else of it goes on: its loop would have two things to choose from, and Go would choose.
func (s *stage) waiting() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		c.daemon.records = false
	}
	for _, c := range s.calls {
		c.daemon.records = c.daemon.records || c.op == "commit"
	}
	s.ready = s.ready[:0]
	for _, c := range s.calls {
		if !c.daemon.frozen && (!c.daemon.records || c.op == "commit" || c.op == "arrive") {
			s.ready = append(s.ready, c)
		}
	}
	if len(s.ready) > 1 {
		slices.SortStableFunc(s.ready, inOrder)
	}
	return s.ready
}

// release lets one call go on, and waits until everybody waits again.
func (s *stage) release(c *call, t trouble) {
	s.leave(c)
	c.cue <- t
	synctest.Wait()
}

// kill ends every call of a daemon; nothing it does has an effect from now on.
func (s *stage) kill(d *daemon) {
	d.dead.Store(true)
	d.stop()
	s.mu.Lock()
	calls := slices.Clone(s.calls)
	s.mu.Unlock()
	for _, c := range calls {
		if c.daemon == d {
			s.leave(c)
			c.cue <- dead
		}
	}
	synctest.Wait()
}

// note adds to the trace and to its fingerprint.
func (s *stage) note(format string, args ...any) {
	s.mix(uint64(len(format)))
	for _, a := range args {
		switch a := a.(type) {
		case string:
			for i := range len(a) {
				s.mix(uint64(a[i]))
			}
		case int:
			s.mix(uint64(a))
		case trouble:
			s.mix(uint64(a))
		}
	}
	if s.keep {
		s.trace = append(s.trace, s.now().Format("02 15:04:05.000 ")+fmt.Sprintf(format, args...))
	}
}

// mix adds a number to the fingerprint of the run.
func (s *stage) mix(n uint64) { s.print = (s.print ^ n) * 1099511628211 }

// chance is true in n of 1000 cases.
func (s *stage) chance(n int) bool { return s.dice.IntN(1000) < n }

// upTo is a random duration below d.
func (s *stage) upTo(d time.Duration) time.Duration { return time.Duration(s.dice.Int64N(int64(d))) }
