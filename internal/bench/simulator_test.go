package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// simulatorEnv makes this very binary the simulator: its processor time must not be ours.
const simulatorEnv = "FATURAD_BENCH_SIMULATOR"

// simulate runs the simulator until standard input closes, which it does when the benchmark dies.
func simulate(ctx context.Context, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, in) // its end is all that matters
		stop()
	}()
	latency, err := time.ParseDuration(os.Getenv(simulatorEnv))
	if err == nil {
		err = turkcellsim.ListenAndServe(ctx, "127.0.0.1:0", turkcellsim.Options{
			Latency: latency, Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant},
		}, out)
	}
	if err != nil {
		fmt.Fprintln(errOut, "simulator:", err)
		return 1
	}
	return 0
}

// simulator is the running one.
type simulator struct {
	url string
	pid int
}

func startSimulator(b *testing.B, latency time.Duration) simulator {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self)
	cmd.Env = append(os.Environ(), simulatorEnv+"="+latency.String())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal("starting the simulator: ", err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it was told to end; how it ended says nothing
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "base_url"); ok {
			return simulator{url: strings.TrimSpace(url), pid: cmd.Process.Pid}
		}
	}
	b.Fatal("the simulator did not start")
	return simulator{}
}

// ask reads a door.
func (s simulator) ask(b *testing.B, door string, into any) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.url+"/_sim/"+door, nil)
	if err != nil {
		b.Fatal(err)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		b.Fatal("asking the simulator: ", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		b.Fatalf("reading the simulator's %s: %v", door, err)
	}
}

// reset makes the simulator forget what the limits sent.
func (s simulator) reset(b *testing.B) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.url+"/_sim/reset", nil)
	if err != nil {
		b.Fatal(err)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		b.Fatal("resetting the simulator: ", err)
	}
	if err := res.Body.Close(); err != nil {
		b.Fatal(err)
	}
}
