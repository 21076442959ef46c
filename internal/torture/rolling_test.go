package torture

import (
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// TestRollingRestart has two daemons of different versions run beside each other, and replaces one by the other, again and
// again, as an upgrade does: asked to stop, and started anew as the other version. Sales keep coming. No daemon may end with
// an error, and no request may be made twice.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{sim: turkcellsim.Options{Latency: 6 * time.Millisecond}})
	other := filepath.Join(w.dir, "faturad-other")
	build := exec.Command("go", "build", "-tags", "failpoint", "-ldflags", "-X main.version=v0.0.1-other", "-o", other, "faturad/cmd/faturad")
	build.Env = untouched
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the other version: %v\n%s", err, out)
	}
	binaries := []string{faturad(t), other}
	c := newCampaign(t, "rolling restart")
	for c.Rounds < 1+number(t, "FATURAD_TORTURE_KILLS", 0)/300 {
		random := c.dice()
		w.begin(sales, incoming, random.Uint64())
		n := sales
		running := []*process{w.launch(binaries[0], nil, "run"), w.launch(binaries[1], nil, "run")}
		before := 0
		for turn := range 4 {
			w.until(func() bool { return w.creates() > before || running[0].ended() || running[1].ended() })
			old := running[turn%2]
			old.signal(syscall.SIGTERM)
			if old.end() || old.cmd.ProcessState.ExitCode() != 0 {
				t.Errorf("the daemon that was asked to stop ended with %s\n%s", old.cmd.ProcessState, &old.text)
			}
			running[turn%2] = w.launch(binaries[(turn+turn/2+1)%2], nil, "run")
			c.Kills++
			before = w.creates()
			w.sales(n+1, 5)
			n += 5
		}
		w.until(func() bool { return len(w.sim.Documents()) == n })
		var stopping sync.WaitGroup
		for _, p := range running {
			stopping.Go(func() {
				p.signal(syscall.SIGTERM)
				if p.end() || p.cmd.ProcessState.ExitCode() != 0 {
					t.Errorf("the daemon ended with %s\n%s", p.cmd.ProcessState, &p.text)
				}
			})
		}
		stopping.Wait()
		w.rest()
		creates := w.sound("rolling restart", n).creates
		if creates != n {
			t.Errorf("%d creating requests for %d sales: a restart that is asked for leaves nothing unknown", creates, n)
		}
		c.Creates += creates
		c.Sales += n
		c.done()
	}
	t.Log(c)
}
