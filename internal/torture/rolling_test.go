package torture

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestRollingRestart has two daemons of different versions run beside each other, and replaces one by the other, again and
// again, as an upgrade does: asked to stop, and started anew as the other version. Sales keep coming. No daemon may end with
// an error, no request may be made twice, and no sale may have to wait for a person.
func TestRollingRestart(t *testing.T) {
	dir := t.TempDir()
	other := sync.OnceValues(func() (string, error) {
		path := filepath.Join(dir, "faturad-other")
		build := exec.Command("go", "build", "-tags", "failpoint", "-ldflags", "-X main.version=v0.0.1-other", "-o", path, "faturad/cmd/faturad")
		build.Env = untouched
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building the other version: %w\n%s", err, out)
		}
		return path, nil
	})
	at(t, someOffices(t), 6*time.Millisecond, setup{}, func(t *testing.T, w *world) {
		path, err := other()
		if err != nil {
			t.Fatal(err)
		}
		rollingRestart(t, w, []string{faturad(t), path})
	})
}

func rollingRestart(t *testing.T, w *world, binaries []string) {
	c := newCampaign(t, "rolling restart"+w.suffix())
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
		w.until(func() bool { return len(w.office.issued()) == n })
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
		v := w.sound("rolling restart", n)
		if want := n * w.office.traits().makes; v.creates != want || len(v.asked) > 0 {
			t.Errorf("%d creating requests instead of %d for %d sales, %d wait for a person: a restart that is asked for leaves nothing unknown", v.creates, want, n, len(v.asked))
		}
		c.count(v, n)
		c.done()
	}
	t.Log(c)
}
