package torture

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"faturad/providers/simulator"
)

// TestKilledAtRandomMoments kills one, two and five daemons at moments that nobody chose, several times a round, while sales
// and incoming invoices keep coming; now and then the provider loses answers, too.
func TestKilledAtRandomMoments(t *testing.T) {
	atEach(t, 6*time.Millisecond, func(t *testing.T, w *world) {
		want := number(t, "FATURAD_TORTURE_RANDOM", map[bool]int{true: 24, false: 9}[w.first()])
		c := newCampaign(t, "killed at random moments"+w.suffix())
		for !t.Failed() && c.Kills < want {
			random := c.dice()
			daemons := []int{1, 2, 5}[c.Rounds%3]
			weather := random.IntN(2) == 0
			w.begin(sales, incoming, random.Uint64())
			if weather {
				for i, kind := range []string{simulator.FaultAnswerLost, simulator.FaultSavedError, simulator.FaultCut} {
					w.fault(create, simulator.Fault{Kind: kind, Probability: 0.08, Seed: random.Uint64(), Skip: i, Body: "beklenmeyen hata: " + w.office.key()})
				}
			}
			n := sales
			for round := range 3 {
				for _, p := range w.crowd(daemons, random) {
					if p.end() {
						c.Kills++
					} else {
						c.Missed++
					}
				}
				if round < 2 {
					w.sales(n+1, 5)
					n += 5
				}
				w.later(time.Duration(random.IntN(400)) * time.Second)
			}
			w.office.ClearFaults()
			w.rest()
			c.count(w.sound(fmt.Sprintf("%d daemons, bad weather %t", daemons, weather), n), n)
			c.done()
		}
		t.Log(c)
	})
}

// crowd starts processes at once and has each killed at a moment of its own: in a third of cases some time after its start, else
// a little after the provider has heard so many more requests. How fast the machine is decides nothing but which moments come.
func (w *world) crowd(n int, random *rand.Rand) (out []*process) {
	w.t.Helper()
	begun := w.gate.came.Load()
	for range n {
		p := w.start("", "sync", "all")
		out = append(out, p)
		after := time.Duration(20+random.IntN(120+80*n)) * time.Millisecond
		if random.IntN(3) == 0 {
			time.AfterFunc(after, func() { _ = p.cmd.Process.Kill() }) // it may have ended
			continue
		}
		heard := begun + 1 + random.Int64N(int64(2*sales*w.office.traits().steps))
		after = time.Duration(random.IntN(8000)) * time.Microsecond
		go func() {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for w.gate.came.Load() < heard {
				select {
				case <-p.done:
					return
				case <-tick.C:
				}
			}
			time.AfterFunc(after, func() { _ = p.cmd.Process.Kill() }) // it may have ended
		}()
	}
	return out
}
