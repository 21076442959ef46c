package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/providers"
	"faturad/sync/followup"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

const (
	company = "acme"
	account = "main"
	lease   = 2 * time.Minute
)

// variant breaks the protocol on purpose, to prove that the simulation notices.
type variant int

const (
	sound            variant = iota
	noQuarantine             // "surely has not" is believed at once
	noOwnerCheck             // results and intents are recorded whoever holds the lease
	sendBeforeCommit         // requests leave while their intents are still being recorded
)

// world is one run.
type world struct {
	stage   *stage
	books   *books
	shop    *shop
	office  *office
	daemons []*daemon
	broken  variant
	resting atomic.Bool // the faults have ended
	closely atomic.Bool // and every pass reads all sales and all marks again, as a process does every few hours
	lossy   bool        // the ledger may lose its last commits
	lost    bool        // and did
	faults  int
	delayed []string // sales that were to be asked for first, though the ledger never lost a commit
	born    int      // daemons ever started
	running sync.WaitGroup
}

// daemon is one process: it makes passes until it is stopped or dies.
type daemon struct {
	id      int
	name    string
	w       *world
	stop    context.CancelFunc
	dead    atomic.Bool
	ended   atomic.Bool   // it ended by itself, as asked
	sleeps  atomic.Bool   // between two passes
	bell    chan struct{} // ends its sleep
	frozen  bool          // stopped as by SIGSTOP
	records bool          // waits to record in the ledger; see stage.waiting
	until   time.Time     // frozen or away until then
	skew    time.Duration
}

// newWorld draws what a seed decides before the run begins.
func newWorld(seed uint64, broken variant, keep bool) *world {
	w := &world{stage: &stage{dice: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), keep: keep, print: 14695981039346656037}, broken: broken}
	w.office = &office{w: w, class: class(w.stage.dice.IntN(4))}
	w.shop = &shop{w: w}
	w.books = &books{w: w, payloads: map[int64]providers.Payload{}}
	w.books.skew.Store(int64(w.stage.upTo(20*time.Minute) - 10*time.Minute))
	w.lossy = w.office.class == classA && w.stage.chance(300)
	for range 2 + w.stage.dice.IntN(5) {
		w.sell()
	}
	w.stage.note("class %s, %d sales", w.office.class, len(w.shop.sales))
	return w
}

// sell books a new sale.
func (w *world) sell() {
	w.shop.sales = append(w.shop.sales, sale{key: strconv.Itoa(len(w.shop.sales) + 1), bad: w.stage.chance(50), made: time.Now()})
}

// start starts a daemon in the place of one that is gone.
func (w *world) start(id int) {
	ctx, cancel := context.WithCancel(context.Background())
	w.born++
	d := &daemon{id: id, name: fmt.Sprintf("d%d.%d", id, w.born), w: w, stop: cancel, bell: make(chan struct{}, 1), skew: w.stage.upTo(20*time.Minute) - 10*time.Minute}
	inFlight := 1 + w.stage.dice.IntN(3)
	w.stage.note("%s starts with %d in flight", d.name, inFlight)
	if id < len(w.daemons) {
		w.daemons[id] = d
	} else {
		w.daemons = append(w.daemons, d)
	}
	w.running.Go(func() {
		defer cancel()
		d.run(ctx, inFlight)
		d.ended.Store(true)
	})
	synctest.Wait()
}

// run makes passes, as internal/app does.
func (d *daemon) run(ctx context.Context, inFlight int) {
	ledger := &seat{books: d.w.books, d: d, seen: map[int64]int64{}}
	shop := &till{d.w.shop, d}
	provider := &line{d.w.office, d}
	log := slog.New(slog.DiscardHandler)
	clk := skewed(d.skew)
	out := outbound.Job{
		Company: company, VKN: sellerVKN, ERP: "erp1", Owner: d.name, Sales: shop, Ledger: ledger, Router: router{}, Rules: mapping.Rules{Seller: seller},
		Accounts: []outbound.Account{{Name: account, Kind: "sim", Provider: provider, InFlight: inFlight}}, Clock: clk, Log: log, LeaseFor: lease, Rebuild: true,
		Random: func(d time.Duration) time.Duration { return d / 2 },
	}
	follow := followup.Job{
		Company: company, Owner: d.name, Ledger: ledger, ERP: shop, Accounts: []followup.Account{{Name: account, Provider: provider, InFlight: 1}},
		Clock: clk, Log: log, LeaseFor: lease,
	}
	follow.Baselines = baselines(&out)
	for pass := 0; ctx.Err() == nil && !d.dead.Load(); pass++ {
		if closely := d.w.closely.Load(); closely || pass%3 == 1 && !d.w.resting.Load() {
			out.Rebuild = out.Rebuild || closely
			_, _ = out.Recheck(ctx, invoice.Date{}) // errors are the weather; the audit judges
		}
		if whole, err := ledger.Continuous(ctx); err == nil && !whole {
			out.Lost = true
		}
		if _, err := out.Run(ctx); err == nil {
			out.Rebuild, out.Lost = false, false
		}
		_, _ = follow.Run(ctx)
		d.sleep(ctx)
	}
}

// baselines is outbound's comparison for followup, as internal/app hands it over.
func baselines(j *outbound.Job) func(context.Context, []ledger.Document) ([]followup.Baseline, error) {
	return func(ctx context.Context, docs []ledger.Document) ([]followup.Baseline, error) {
		found, err := j.Baselines(ctx, docs)
		out := make([]followup.Baseline, len(found))
		for i, b := range found {
			out[i] = followup.Baseline(b)
		}
		return out, err
	}
}

// sleep waits for the next pass. At rest the director says when that is.
func (d *daemon) sleep(ctx context.Context) {
	d.sleeps.Store(true)
	defer d.sleeps.Store(false)
	nap := time.Duration(20+7*d.id) * time.Second
	if d.w.resting.Load() {
		nap = 100 * time.Hour
	}
	rest := time.NewTimer(nap)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-d.bell:
	case <-ctx.Done():
	}
}

// ring ends the daemon's sleep, or the next one.
func (d *daemon) ring() {
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// busy reports whether the daemon is in the middle of a pass.
func (d *daemon) busy() bool { return !d.sleeps.Load() && !d.ended.Load() && !d.dead.Load() }

// skewed is a clock that goes wrong by a fixed amount.
type skewed time.Duration

func (s skewed) Now() time.Time { return clock.Real{}.Now().Add(time.Duration(s)) }

// router sends everything as e-Arşiv.
type router struct{}

func (router) Route(_ context.Context, questions []outbound.Question) ([]outbound.Decision, error) {
	out := make([]outbound.Decision, len(questions))
	for i := range out {
		out[i].Route = providers.Route{Kind: invoice.EArsiv}
	}
	return out, nil
}

// promise answers for intents that are recorded only later: the broken variant that sends before it commits.
func (s *seat) promise(changes []ledger.Change) []ledger.Outcome {
	outcomes := make([]ledger.Outcome, len(changes))
	s.w.stage.mu.Lock()
	for i := range changes {
		at := int(changes[i].Document) - 1
		outcomes[i].Applied = at >= 0 && at < len(s.docs) && s.allows(&changes[i], &s.docs[at])
	}
	s.w.stage.mu.Unlock()
	s.w.running.Go(func() {
		if lost, err := s.write(context.Background(), "late commit", ""); err == nil && !lost {
			s.apply(changes)
		}
	})
	return outcomes
}
