package torture

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"faturad/providers/simulator"
)

// hits runs faturad once in a stage with nothing to die of, and counts how often it passes each failpoint.
func (w *world) hits(s stage) map[string]int {
	w.t.Helper()
	name := filepath.Join(w.dir, "hits")
	_ = os.Remove(name) // of an earlier count
	p := w.startWith([]string{"FATURAD_FAILPOINT_COUNTS=" + name}, s.args...)
	if s.during != nil {
		s.during(w, p)
	}
	p.end()
	file, err := os.Open(name)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	out := map[string]int{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		out[lines.Text()]++
	}
	if err := lines.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// stage is how a world gets to where a failpoint is passed.
type stage struct {
	name  string
	args  []string
	point string         // the only failpoint that the stage is for; empty = all
	sales int            // 0 = as many as usual
	make  func(w *world) // nil = nothing
	// during runs beside the process; nil = nothing happens
	during func(w *world, p *process)
}

// How much is offered in each round.
const incoming = 3

var sales = map[bool]int{false: 12, true: 25}[long()]

var stages = []stage{
	{name: "new sales", args: []string{"sync", "all"}},
	{name: "sent, to be followed", args: []string{"sync", "all"}, make: func(w *world) {
		if _, err := w.company.Outbound(w.t.Context(), nil); err != nil {
			w.t.Error(err)
		}
		w.later(time.Hour)
	}},
	{name: "unknown outcomes", args: []string{"sync", "all"}, make: func(w *world) {
		for i, kind := range []string{simulator.FaultAnswerLost, simulator.FaultCut} {
			w.fault(create, simulator.Fault{Kind: kind, Every: 3, Skip: i})
		}
		w.start(fmt.Sprintf("send.after:%d", 9*w.office.traits().steps), "sync", "outbound").end()
		w.office.ClearFaults()
		w.later(time.Hour)
	}},
	{name: "asked to stop", args: []string{"sync", "outbound"}, during: askedToStop(4)},
	// More than one batch of leases: the second is prepared while the first is sent, and given back.
	{name: "asked to stop with much to do", args: []string{"sync", "outbound"}, point: "release.before", sales: 150, during: askedToStop(60)},
}

// askedToStop sends SIGTERM when so many requests have been made.
func askedToStop(after int) func(*world, *process) {
	return func(w *world, p *process) {
		w.until(func() bool { return p.ended() || w.creates() > after })
		p.signal(syscall.SIGTERM)
	}
}

// place is one pass of one failpoint.
type place struct {
	stage stage
	point string
	n     int
}

func (p place) String() string { return fmt.Sprintf("%s:%d (%s)", p.point, p.n, p.stage.name) }

// passes counts every pass of every failpoint, by stage, and lists them by failpoint.
func (w *world) passes(random *rand.Rand) map[string][]place {
	w.t.Helper()
	out := map[string][]place{}
	for _, s := range stages {
		w.offer(s, random)
		for point, hits := range w.hits(s) {
			for n := 1; n <= hits && (s.point == "" || s.point == point); n++ {
				out[point] = append(out[point], place{s, point, n})
			}
		}
	}
	return out
}

// offer begins a round and brings it to its stage. It gives the number of sales.
func (w *world) offer(s stage, random *rand.Rand) int {
	w.t.Helper()
	n := sales
	if s.sales > 0 {
		n = s.sales
	}
	w.begin(n, incoming, random.Uint64())
	if s.make != nil {
		s.make(w)
	}
	return n
}

// failpoints are the places that must be passed by the stages together: a hook that is lost would go unnoticed otherwise.
// An office's traits say what is different there.
var failpoints = []string{
	"discover.before", "discover.after", "lease.before", "lease.after", "prepare.before", "prepare.after", "record.before", "record.after",
	"send.before", "http.connected", "http.written", "http.answered", "http.read", "send.after", "send.queued", "drain.begun", "release.before",
	"takeover.before", "takeover.after", "lookup.before", "lookup.after", "status.before", "status.after", "answers.before", "answers.after",
	"writeback.before", "erp.commit.before", "erp.commit.after", "writeback.after", "writeback.marked", "ledger.commit.before", "ledger.commit.after",
	"inbound.listed", "inbound.fetched", "inbound.stored", "inbound.projecting", "inbound.projected", "inbound.recorded", "inbound.clearing",
	"inbound.cleared", "inbound.acknowledged", "inbound.swept", "inbound.kept", "inbound.filed",
}

// die runs faturad in the place's stage until it dies there. It says whether it did.
func (w *world) die(p place) bool {
	w.t.Helper()
	running := w.start(fmt.Sprintf("%s:%d", p.point, p.n), p.stage.args...)
	if p.stage.during != nil {
		p.stage.during(w, running)
	}
	return running.end()
}

// failpoints are those that this world's documents pass.
func (w *world) failpoints() []string {
	t := w.office.traits()
	return append(slices.DeleteFunc(slices.Clone(failpoints), func(p string) bool { return slices.Contains(t.less, p) }), t.more...)
}

// TestKilledAtEveryFailpoint kills the process at each failpoint in turn, at a pass and in a stage drawn by the seed: once in
// the short form (at the two-step providers at a part of them), again and again in the long one. After each death it starts
// again, and everything must come to rest, once.
func TestKilledAtEveryFailpoint(t *testing.T) {
	atEach(t, 3*time.Millisecond, func(t *testing.T, w *world) {
		c := newCampaign(t, "1 daemon killed at failpoints"+w.suffix())
		passes := w.passes(c.dice())
		points := w.failpoints()
		for _, name := range points {
			if len(passes[name]) == 0 {
				t.Errorf("failpoint %s is never passed", name)
			}
		}
		rounds := len(points)
		if !w.first() && !long() {
			c.dice().Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
			rounds = 8
		}
		want := number(t, "FATURAD_TORTURE_KILLS", 0) / 3
		for !t.Failed() && (c.Rounds < rounds || c.Kills < want) {
			random := c.dice()
			point := points[c.Rounds%len(points)]
			p := passes[point][random.IntN(len(passes[point]))]
			n := w.offer(p.stage, random)
			if w.die(p) {
				c.Kills++
			} else {
				c.Missed++ // a pass that depends on timing did not come this time
			}
			if random.IntN(2) == 0 { // somebody starts it again at once, while leases still run
				w.gate.quiet()
				w.run("sync", "all")
			}
			w.rest()
			c.count(w.sound(p.String(), n), n)
			c.done()
		}
		t.Log(c)
		if c.Missed > c.Rounds/4 {
			t.Errorf("%d of %d kills came too late: the harness hits too little", c.Missed, c.Rounds)
		}
	})
}

// TestSeveralDaemonsKilledAtFailpoints starts two and five processes at once; each dies at a place of its own, if it gets
// there.
func TestSeveralDaemonsKilledAtFailpoints(t *testing.T) {
	atEach(t, 3*time.Millisecond, func(t *testing.T, w *world) {
		want := number(t, "FATURAD_TORTURE_KILLS", map[bool]int{true: 18, false: 6}[w.first()])
		for _, daemons := range []int{2, 5} {
			c := newCampaign(t, fmt.Sprintf("%d daemons killed at failpoints%s", daemons, w.suffix()))
			passes := w.passes(c.dice())
			points := slices.DeleteFunc(w.failpoints(), func(p string) bool { return len(passes[p]) == 0 })
			for !t.Failed() && c.Kills < want/3 {
				random := c.dice()
				stage := stages[random.IntN(len(stages))]
				n := w.offer(stage, random)
				var running []*process
				var where []string
				for range daemons {
					point := points[random.IntN(len(points))]
					p := passes[point][random.IntN(len(passes[point]))]
					at := fmt.Sprintf("%s:%d", point, 1+(p.n-1)/daemons)
					where = append(where, at)
					running = append(running, w.start(at, stage.args...))
				}
				if stage.during != nil {
					stage.during(w, running[0])
				}
				for _, p := range running {
					if p.end() {
						c.Kills++
					} else {
						c.Missed++
					}
				}
				w.rest()
				c.count(w.sound(fmt.Sprintf("%d daemons, %s, killed at %v", daemons, stage.name, where), n), n)
				c.done()
			}
			t.Log(c)
		}
	})
}
