package torture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// TestFiveDaemonsShareTheWork compares one process that has 16 requests in flight with five that have 16 in all, on one
// database and a provider that takes 50 ms. None may fail, no sale may be asked for twice; the rates are printed.
func TestFiveDaemonsShareTheWork(t *testing.T) {
	if !long() {
		t.Parallel() // in the long form alone, for its times
	}
	const latency = 50 * time.Millisecond
	n, rounds := 160, 1
	if long() {
		n, rounds = 3000, 3
	}
	w := newWorld(t, setup{sim: turkcellsim.Options{Latency: latency}})
	inFlight := func(n int) string {
		text, err := os.ReadFile(w.config)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(w.dir, fmt.Sprintf("%d.toml", n))
		if err := os.WriteFile(name, []byte(strings.Replace(string(text), "in_flight = 4", fmt.Sprintf("in_flight = %d", n), 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	crowds := [][]string{{inFlight(16)}, {inFlight(4), inFlight(3), inFlight(3), inFlight(3), inFlight(3)}}
	for range rounds {
		var rates [2]float64
		for i, crowd := range crowds {
			w.begin(n, 0, 1)
			var running []*process
			for _, config := range crowd {
				running = append(running, w.launchWith(config, "sync", "outbound"))
			}
			for _, p := range running {
				if p.end() || p.cmd.ProcessState.ExitCode() != 0 {
					t.Errorf("one of %d ended with %s\n%s", len(crowd), p.cmd.ProcessState, &p.text)
				}
			}
			log := w.sim.Log()
			first, last := log[0].At, log[0].At
			for _, e := range log {
				if e.Family == turkcellsim.FamilyCreate {
					last = e.At
				}
			}
			rates[i] = float64(n) / (last.Sub(first) + latency).Seconds()
			w.settle()
			if creates := w.sound(fmt.Sprintf("%d daemons", len(crowd)), n).creates; creates != n {
				t.Errorf("%d creating requests for %d sales", creates, n)
			}
		}
		t.Logf("%d sales: one daemon %.0f/s, five %.0f/s: %.0f %%; the limit is 320/s", n, rates[0], rates[1], 100*rates[1]/rates[0])
	}
}
