package torture

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
	"faturad/providers"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

// exchange is one conversation with the ledger on which the promise rests.
type exchange int

const (
	noExchange exchange = iota
	claim               // leasing: who may work on the sale
	intent              // recorded before the first byte leaves
	outcome             // what the provider answered, recorded
)

func (e exchange) String() string { return [...]string{"none", "claim", "intent", "result"}[e] }

// cutter is the ledger of one outbound job, over a connection that breaks off after so many bytes of one exchange.
type cutter struct {
	*ledger.Store
	line *wire

	mu     sync.Mutex
	at     exchange // the next one breaks
	way    direction
	after  int64
	struck bool
	bytes  int64 // of the last exchange at which it aimed, in that direction
}

// aim has the next such exchange break after so many bytes.
func (c *cutter) aim(at exchange, way direction, after int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.way, c.after, c.struck, c.bytes = at, way, after, false, 0
}

// hit says whether it broke.
func (c *cutter) hit() (struck bool, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.struck, c.bytes
}

// around arms the wire for one exchange; the function that it gives takes the wire back.
func (c *cutter) around(e exchange) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e == noExchange || c.at != e {
		return func() {}
	}
	c.at = noExchange
	before := c.line.bytes(c.way)
	c.line.arm(c.way, c.after, nil)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.struck, c.bytes = c.line.disarm(), c.line.bytes(c.way)-before
	}
}

// Lease implements outbound.Ledger.
func (c *cutter) Lease(ctx context.Context, company string, states []ledger.State, owner string, ttl time.Duration, limit int) ([]ledger.Document, error) {
	defer c.around(claim)()
	return c.Store.Lease(ctx, company, states, owner, ttl, limit)
}

// Commit implements outbound.Ledger.
func (c *cutter) Commit(ctx context.Context, changes []ledger.Change) ([]ledger.Outcome, error) {
	defer c.around(exchangeOf(changes))()
	return c.Store.Commit(ctx, changes)
}

func exchangeOf(changes []ledger.Change) exchange {
	for _, change := range changes {
		switch e := change.Event; {
		case e == nil || e.Operation != ledger.OpCreate:
		case e.Opened:
			return intent
		default:
			return outcome
		}
	}
	return noExchange
}

// archives sends everything as e-Arşiv.
type archives struct{}

// Route implements outbound.Router.
func (archives) Route(_ context.Context, questions []outbound.Question) ([]outbound.Decision, error) {
	return slices.Repeat([]outbound.Decision{{Route: providers.Route{Kind: invoice.EArsiv}}}, len(questions)), nil
}

// lane is an outbound job of a world, with nothing but a single connection to the ledger.
type lane struct {
	*world
	job    *outbound.Job
	cutter *cutter
	next   int // number of the next sale
}

func newLane(t *testing.T) *lane {
	t.Helper()
	w := newWorld(t, setup{})
	dsn := w.loaded.Ledger.DSN.Reveal()
	line := newWire(t, addrOf(t, dsn))
	// One connection: what passes the wire during an exchange is that exchange.
	store := ledger.New(w.ledger.Open(t, through(t, dsn, line.addr), mysqlx.Options{Role: mysqlx.Ledger, MaxOpen: 1}))
	t.Cleanup(func() { _ = store.Close() }) // its connection may be cut
	source, err := w.company.Source(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := &lane{world: w, cutter: &cutter{Store: store, line: line}, next: 1}
	l.job = &outbound.Job{
		Company: w.company.Name, VKN: sellerVKN, ERP: "erp1", Owner: "lane", Sales: source, Ledger: l.cutter, Router: archives{}, Rules: w.company.Rules,
		Accounts: []outbound.Account{{Name: "main", Kind: "turkcell", Provider: w.company.Accounts[0].Provider, InFlight: 1}},
		Clock:    clock.Real{}, Log: w.log(), LeaseFor: w.loaded.Ledger.Lease.Std(), Linger: time.Millisecond,
	}
	return l
}

// sell offers one sale and makes one pass.
func (l *lane) sell() (id int, err error) {
	l.t.Helper()
	id = l.next
	l.next++
	l.sales(id, 1)
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	_, err = l.job.Run(ctx)
	return id, err
}

// peace has a sale go out undisturbed: the same process goes on, and its statements are prepared anew after a cut.
func (l *lane) peace() {
	l.t.Helper()
	if id, err := l.sell(); err != nil || l.state(id) != ledger.Sent {
		l.t.Errorf("sale %d meets no fault and is %q: %v", id, l.state(id), err)
	}
}

// state is where the ledger has a sale; empty = it has none.
func (l *lane) state(id int) (state ledger.State) {
	l.t.Helper()
	var states []ledger.State
	if err := l.ledger.DB().SelectContext(l.t.Context(), &states, "SELECT state FROM documents WHERE sale_key = ?", strconv.Itoa(id)); err != nil {
		l.t.Fatal(err)
	}
	if len(states) > 0 {
		state = states[0]
	}
	return state
}

// cut breaks an exchange and looks at once where the sale stands: without a recorded intent nothing was sent (the gate saw
// every request arrive), and what was sent is recorded as sent, or as to be asked for.
func (l *lane) cut(at exchange, way direction, after int64) (struck bool, err error) {
	l.t.Helper()
	l.cutter.aim(at, way, after)
	asked := l.creates()
	id, err := l.sell()
	struck, _ = l.cutter.hit()
	state, requests := l.state(id), l.creates()-asked
	if state == ledger.Sent && requests != 1 || state != ledger.Sent && state != ledger.Sending && state != ledger.Unknown && requests != 0 {
		l.t.Errorf("PROMISE BROKEN: %s cut after %d bytes %s: sale %d is %q after %d creating requests (%v)", at, after, way, id, state, requests, err)
	}
	l.peace()
	return struck, err
}

// TestExchangeCutAtEveryByte cuts the connection to the ledger at every byte, both directions, of the exchanges on which the
// promise rests: claim, intent and result. No process is started for a cut, so that all bytes can be played in minutes. The
// short form takes a few bytes of each.
func TestExchangeCutAtEveryByte(t *testing.T) {
	for _, at := range []exchange{claim, intent, outcome} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			l := newLane(t)
			l.everyByte(t, at, asked)
			l.everyByte(t, at, answered)
		})
	}
}

// everyByte cuts one exchange at byte after byte of one direction.
func (l *lane) everyByte(t *testing.T, at exchange, way direction) {
	t.Helper()
	const group = 50 // cuts between two audits
	l.clear()
	l.peace() // prepares the statements
	var total int64
	for range 3 {
		l.cutter.aim(at, way, 1<<40)
		if _, err := l.sell(); err != nil {
			t.Fatal(err)
		}
		_, bytes := l.cutter.hit()
		total = max(total, bytes)
	}
	c := newCampaign(t, fmt.Sprintf("%s cut in what is %s", at, way))
	places := offsets(t, total)
	late := 0 // cuts in a row that came too late: the exchange ends before them
	for from := c.Rounds * group; from < len(places) && late < mostLate; from += group {
		l.clear()
		l.peace()
		for _, after := range places[from:min(from+group, len(places))] {
			struck, err := l.cut(at, way, after)
			if err != nil {
				c.Failed++
			}
			if late++; struck {
				c.Kills++
				late = 0
			} else if c.Missed++; late == mostLate {
				break
			}
		}
		sold := l.next - 1
		l.settle()
		v := l.sound(c.Name, sold)
		if v.creates != sold {
			t.Errorf("%s: %d creating requests for %d sales, and the provider always answered", c.Name, v.creates, sold)
		}
		c.count(v, sold)
		c.done()
	}
	t.Logf("%s; of %d bytes seen", c, total)
	if c.Kills == 0 {
		t.Errorf("%s: nothing was cut", c.Name)
	}
}

// mostLate is how many cuts in a row must come too late until an exchange is over.
const mostLate = 12

// offsets are the bytes at which an exchange is cut: all of them, or a few and those around COMMIT, which comes last. An exchange
// is not always of one length, since the ledger's last commit is looked for only now and then: all of them is more than were seen.
func offsets(t *testing.T, total int64) (places []int64) {
	t.Helper()
	step, near := max(1, total/4), total-24
	if long() {
		step, total = int64(number(t, "FATURAD_TORTURE_STRIDE", 1)), total+100
		near = total
	}
	for after := int64(number(t, "FATURAD_TORTURE_FROM", 0)); after < total; after += step {
		if after >= near {
			step = 3
		}
		places = append(places, after)
		if after < near && after+step > near {
			after = near - step
		}
	}
	return places
}

// clear begins anew without a sale.
func (l *lane) clear() {
	l.t.Helper()
	l.begin(0, 0, 1)
	l.next = 1
}
