package simulation

import (
	"slices"
	"testing/synctest"
	"time"

	"faturad/providers"
	"faturad/sync/ledger"
)

// direct plays one run: a stormy part, then the way to rest.
func (w *world) direct() {
	for id := range 1 + w.stage.dice.IntN(3) {
		w.boot(id)
	}
	faults := 5 + w.stage.dice.IntN(25)
	for steps := 0; faults > 0 && steps < 400; steps++ {
		w.office.work()
		w.thaw()
		if w.stage.chance(60) {
			w.disaster()
			w.faults++
			faults--
			continue
		}
		calls := w.stage.waiting()
		if len(calls) == 0 || w.stage.chance(150) {
			w.pass(w.stage.upTo(pauses[w.stage.dice.IntN(len(pauses))]))
			continue
		}
		t := fine
		if w.stage.chance(60) {
			t = before + trouble(w.stage.dice.IntN(2))
			w.faults++
			faults--
		}
		w.let(calls[w.stage.dice.IntN(len(calls))], t)
	}
	w.calm()
}

// pauses are how long nothing may happen, at most.
var pauses = []time.Duration{10 * time.Millisecond, 200 * time.Millisecond, 5 * time.Second, time.Minute, 5 * time.Minute}

// let lets a call go on.
func (w *world) let(c *call, t trouble) {
	if w.stage.keep || t != fine {
		w.stage.note("%s: %s %s %d", c.daemon.name, c.op, c.key, t)
	} else {
		w.stage.print = (w.stage.print ^ uint64(c.op[0]) ^ uint64(c.daemon.id)<<8) * 1099511628211
	}
	w.stage.release(c, t)
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d + time.Microsecond) //nolint:forbidigo // virtual time
	synctest.Wait()
}

// begins is when every run begins.
var begins = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)

// now is the run's time: that of its bubble, in which other runs came before.
func (w *world) now() time.Time { return begins.Add(time.Since(w.begun)) }

// disaster breaks something.
func (w *world) disaster() {
	s := w.stage
	d := w.daemons[s.dice.IntN(len(w.daemons))]
	switch what := s.dice.IntN(18); what {
	case 0, 1, 2:
		if !d.dead.Load() {
			s.note("%s crashes", d.name)
			s.kill(d)
			d.until = w.now().Add(s.upTo(3 * time.Minute))
		}
	case 3, 4:
		if !d.dead.Load() && !d.frozen {
			d.frozen, d.until = true, w.now().Add(s.upTo(12*time.Minute))
			s.note("%s is stopped", d.name)
			w.ghosts(d)
		}
	case 5:
		s.note("%s is asked to end", d.name)
		d.stop()
		synctest.Wait()
	case 6:
		w.books.away = w.books.now().Add(s.upTo(4 * time.Minute))
		s.note("the ledger is away")
	case 7:
		w.shop.away = w.now().Add(s.upTo(4 * time.Minute))
		s.note("the ERP is away")
	case 8:
		w.office.away = w.now().Add(s.upTo(4 * time.Minute))
		s.note("the provider is away")
	case 9:
		w.sell()
	case 10, 11, 12, 13, 16:
		if w.people && (what == 16 || s.chance(600)) {
			w.command(w.shop.sales[s.dice.IntN(len(w.shop.sales))].key)
		} else if what != 16 {
			w.meddle()
		}
	case 14:
		w.books.skew.Add(int64(s.upTo(2 * time.Second))) // a step of the database's clock, as NTP makes them
	case 15:
		w.office.locked = w.now().Add(s.upTo(4 * time.Minute))
		w.office.lock++
		s.note("the provider refuses the key")
	case 17:
		if w.lossy {
			n := 1 + s.dice.IntN(5)
			if s.chance(100) {
				n = len(w.books.undo)
			}
			s.note("the ledger loses its last %d commits", n)
			w.books.failOver(n)
			w.lost = true
		}
	}
}

// ghosts lets requests of a stopped process reach the provider much later, when their lease and quarantine are long over.
// Only a provider that refuses a used ETTN for ever protects from that.
func (w *world) ghosts(d *daemon) {
	if w.office.class != classA && w.office.class != twoSteps || d.until.Sub(w.now()) <= requestTimeout {
		return // its sender goes on itself; only what it gives up arrives late
	}
	for _, c := range w.stage.all() {
		if c.daemon != d || c.op != "arrive" && c.op != "release" || !w.stage.chance(500) {
			continue
		}
		for _, doc := range w.books.docs {
			if c.op == "release" && w.office.class == twoSteps && doc.LocalReference == c.key && doc.Legal == ledger.LegalOpen {
				w.office.arriving = append(w.office.arriving, arrival{at: d.until.Add(w.stage.upTo(time.Minute)),
					out: providers.Outgoing{Identity: doc.Identity()}, release: doc.ProviderID})
			}
			if c.op != "arrive" || w.office.class != classA {
				continue
			}
			if p, ok := w.books.payloads[doc.ID]; ok && doc.LocalReference == c.key && doc.State == ledger.Sending {
				w.office.arriving = append(w.office.arriving, arrival{at: d.until.Add(w.stage.upTo(time.Minute)),
					out: providers.Outgoing{Identity: doc.Identity(), Route: doc.Route, Payload: p}})
			}
		}
	}
}

// meddle is what ERP users do.
func (w *world) meddle() {
	s := &w.shop.sales[w.stage.dice.IntN(len(w.shop.sales))]
	switch w.stage.dice.IntN(8) {
	case 0, 1, 2:
		s.version++
		s.edited = true
	case 3:
		s.bad = false
		s.edited = true
	case 4:
		// Between lost commits and the pass that notices them a deletion may go wrong: the page on reliability says so.
		s.deleted = !w.lossy
	case 5:
		s.deleted = false
	case 6:
		s.marked = false // a clumsy UPDATE takes our columns away
	case 7:
		s.version = max(0, s.version-1)
		s.edited = true
	}
	w.stage.note("sale %s is now %s, deleted %t, marked %t", s.key, s.hash(), s.deleted, s.marked)
}

// thaw wakes daemons whose time has come.
func (w *world) thaw() {
	for id, d := range w.daemons {
		if d.until.After(w.now()) {
			continue
		}
		switch {
		case d.frozen:
			d.frozen = false
			w.stage.note("%s goes on", d.name)
		case d.dead.Load() || d.ended.Load():
			w.boot(id)
		}
	}
}

// mostRest is how many passes a run may take to come to rest. They come at growing intervals: after a quarter of an
// hour, which is longer than every quarantine, an hour, and then a day, which is longer than the grace time.
const mostRest = 100

var rests = []time.Duration{15 * time.Minute, time.Hour, 25 * time.Hour}

// calm ends all faults and drives everything to rest.
func (w *world) calm() {
	w.resting.Store(true)
	w.stage.note("calm")
	w.books.away, w.shop.away, w.office.away, w.office.locked = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	w.office.careless = false
	if w.stage.chance(750) { // the others never come back
		for _, d := range w.daemons[1:] {
			w.stage.kill(d)
		}
		w.daemons = w.daemons[:1]
	}
	for id, d := range w.daemons {
		d.frozen, d.until = false, time.Time{}
		if d.dead.Load() {
			w.boot(id)
		}
	}
	for round, still := 0, false; round < mostRest && !still; round++ {
		still = w.atRest() // and then everybody has to look at everything once more
		w.closely.Store(still)
		w.pass(rests[min(round, len(rests)-1)])
		w.thaw() // those that were asked to end are started again
		w.everybody()
		ended := slices.ContainsFunc(w.daemons, func(d *daemon) bool { return d.ended.Load() }) // as asked: it did not look
		still = still && !ended && w.atRest() && !w.settle()
	}
	for _, d := range w.daemons {
		d.stop()
	}
	w.drain()
	for _, d := range w.daemons {
		w.stage.kill(d)
	}
	w.running.Wait()
}

// settle has people look at what waits for them, and do something about half of it. It reports whether there was anything
// that they had not looked at.
func (w *world) settle() (settled bool) {
	if !w.people {
		return false
	}
	for i := range w.books.docs {
		d := &w.books.docs[i]
		if d.Superseded || w.looked[d.ID] || d.State != ledger.Disputed && d.State != ledger.Draft && d.State != ledger.Failed {
			continue
		}
		w.looked[d.ID], settled = true, true
		if key := d.SaleKey; w.stage.chance(500) {
			w.command(key)
			w.drain()
		}
	}
	return settled
}

// everybody has every daemon make one more pass, and waits until it has.
func (w *world) everybody() {
	for _, d := range w.daemons {
		d.ring()
	}
	synctest.Wait()
	for _, lingers := range []time.Duration{0, time.Second, time.Second, time.Minute, 5 * time.Minute} { // results wait for company
		w.pass(lingers)
		w.drain()
		if !slices.ContainsFunc(w.daemons, (*daemon).busy) {
			return
		}
	}
}

// drain lets every call go on until none is left.
func (w *world) drain() {
	w.office.work()
	for range 5000 {
		calls := w.stage.waiting()
		if len(calls) == 0 {
			return
		}
		w.let(calls[0], fine)
	}
}

// atRest reports whether nothing moves any more.
func (w *world) atRest() bool {
	if len(w.office.arriving) > 0 {
		return false
	}
	for i := range w.shop.sales {
		s := &w.shop.sales[i]
		if !s.marked && !s.deleted && !s.gone && w.books.find(ledger.Key{KeySpace: space, SaleKey: s.key}) < 0 {
			return false
		}
	}
	for i := range w.books.docs {
		d := &w.books.docs[i]
		switch d.State {
		case ledger.Pending, ledger.Prepared, ledger.Sending, ledger.Unknown, ledger.Sent:
			return false
		default:
		}
		if !d.Superseded && (d.Version != d.WrittenVersion || d.Legal == ledger.LegalDue || d.Loose && d.State != ledger.Disputed) {
			return false
		}
	}
	return true
}
