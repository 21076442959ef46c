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

	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/providers"
	"faturad/providers/guard"
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
	oneStep                  // an interrupted legal step is repeated like any other unknown outcome
	sharedNumbers            // the ledger lets two sales have one number
	blindHands               // people settle disputes without looking at the provider
	staleHands               // what people command is done whatever happened since they looked
	unguarded                // nothing keeps calls back while the key is refused
)

// world is one run.
type world struct {
	stage   *stage
	books   *books
	shop    *shop
	office  *office
	daemons []*daemon
	broken  variant
	resting atomic.Bool    // the faults have ended
	closely atomic.Bool    // and every pass reads all sales and all marks again, as a process does every few hours
	lossy   bool           // the ledger may lose its last commits
	people  bool           // commands are given by hand
	looked  map[int64]bool // documents that a person looked at in the end
	lost    bool           // and did
	faults  int
	delayed []string  // sales that were to be asked for first, though the ledger never lost a commit
	blamed  []string  // what was seen to go wrong on the way
	born    int       // daemons ever started
	begun   time.Time // by the bubble's clock
	crew    *crew
	running sync.WaitGroup
}

// crew are goroutines that go from run to run: their stacks have grown.
type crew struct {
	work  chan func()
	idle  atomic.Int32
	hired sync.WaitGroup
}

// do has somebody do it.
func (c *crew) do(f func()) {
	if c.idle.Add(-1) >= 0 {
		c.work <- f
		return
	}
	c.idle.Add(1)
	c.hired.Go(func() {
		for ok := true; ok; f, ok = <-c.work {
			f()
			c.idle.Add(1)
		}
	})
}

// dismiss ends them; nobody may work any more.
func (c *crew) dismiss() {
	close(c.work)
	c.hired.Wait()
}

// start has a goroutine of the run do something.
func (w *world) start(f func()) {
	w.running.Add(1)
	w.crew.do(func() {
		defer w.running.Done()
		f()
	})
}

// daemon is one process: it makes passes until it is stopped or dies.
type daemon struct {
	id       int
	name     string
	w        *world
	stop     context.CancelFunc
	dead     atomic.Bool
	ended    atomic.Bool   // it ended by itself, as asked
	sleeps   atomic.Bool   // between two passes
	bell     chan struct{} // ends its sleep
	inFlight int           // of its requests; 0 = it is a person
	frozen   bool          // stopped as by SIGSTOP
	records  bool          // waits to record in the ledger; see stage.waiting
	misled   bool          // it read a mark that somebody who was stopped wrote over a newer one: it may take that for lost commits
	until    time.Time     // frozen or away until then
	skew     time.Duration
}

// newWorld draws what a seed decides before the run begins.
func newWorld(c *crew, seed uint64, broken variant, keep bool) *world {
	w := &world{crew: c, begun: time.Now(), stage: &stage{dice: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), keep: keep, print: 14695981039346656037}, broken: broken}
	w.stage.now = w.now
	w.office = &office{w: w, class: class(w.stage.dice.IntN(5)), says: map[string]draft{}, clashed: map[string]bool{}}
	w.shop = &shop{w: w}
	w.books = &books{w: w, payloads: map[int64]providers.Payload{}}
	w.books.skew.Store(int64(w.stage.upTo(20*time.Minute) - 10*time.Minute))
	w.lossy = w.office.class == classA && w.stage.chance(300)
	w.people = !w.lossy && w.stage.chance(300)
	w.looked = map[int64]bool{}
	w.office.careless = !w.lossy && w.stage.chance(150)
	for range 2 + w.stage.dice.IntN(5) {
		w.sell()
	}
	w.stage.note("class %s, %d sales", w.office.class, len(w.shop.sales))
	return w
}

// blame notes what was seen to go wrong.
func (w *world) blame(format string, args ...any) {
	w.blamed = append(w.blamed, fmt.Sprintf(format, args...))
}

// sell books a new sale.
func (w *world) sell() {
	w.shop.sales = append(w.shop.sales, sale{key: strconv.Itoa(len(w.shop.sales) + 1), bad: w.stage.chance(50), made: w.now()})
}

// boot starts a daemon in the place of one that is gone.
func (w *world) boot(id int) {
	ctx, cancel := context.WithCancel(context.Background())
	w.born++
	d := &daemon{id: id, name: fmt.Sprintf("d%d.%d", id, w.born), w: w, stop: cancel, bell: make(chan struct{}, 1), skew: w.stage.upTo(20*time.Minute) - 10*time.Minute}
	d.inFlight = 1 + w.stage.dice.IntN(3)
	w.stage.note("%s starts with %d in flight", d.name, d.inFlight)
	if id < len(w.daemons) {
		w.daemons[id] = d
	} else {
		w.daemons = append(w.daemons, d)
	}
	w.start(func() {
		defer cancel()
		d.run(ctx)
		d.ended.Store(true)
	})
	synctest.Wait()
}

// run makes passes, as internal/app does.
func (d *daemon) run(ctx context.Context) {
	ledger := &seat{books: d.w.books, d: d, seen: map[int64]int64{}}
	shop := &till{d.w.shop, d}
	log := slog.New(slog.DiscardHandler)
	clk := skewed{d.w, d.skew}
	provider := d.w.office.line(d)
	if d.w.broken != unguarded {
		provider = guard.Wrap(provider, guard.Credentials(provider, clk, log, nil))
	}
	out := outbound.Job{
		Company: company, VKN: sellerVKN, ERP: "erp1", Owner: d.name, Sales: shop, Ledger: ledger, Router: router{d.w}, Rules: mapping.Rules{Seller: seller}, Map: mapSale,
		Accounts: []outbound.Account{{Name: account, Kind: "sim", Provider: provider, InFlight: d.inFlight}}, Clock: clk, Log: log, LeaseFor: lease, Rebuild: true,
		Random: func(d time.Duration) time.Duration { return d / 2 },
	}
	follow := followup.Job{
		Company: company, VKN: sellerVKN, Owner: d.name, Ledger: ledger, ERP: shop, Accounts: []followup.Account{{Name: account, Provider: provider, InFlight: 1}},
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
		nap = 1000 * time.Hour
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
type skewed struct {
	w  *world
	by time.Duration
}

func (s skewed) Now() time.Time { return s.w.now().Add(s.by) }

// router sends everything as e-Arşiv; where there are people, some of it as a draft.
type router struct{ w *world }

func (r router) Route(_ context.Context, questions []outbound.Question) ([]outbound.Decision, error) {
	out := make([]outbound.Decision, len(questions))
	for i := range out {
		number := questions[i].SaleNumber
		out[i].Route = providers.Route{Kind: invoice.EArsiv, Draft: r.w.people && number[len(number)-1]%3 == 0}
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
	s.w.start(func() {
		if lost, err := s.write(context.Background(), "late commit", ""); err == nil && !lost {
			s.apply(changes)
		}
	})
	return outcomes
}
