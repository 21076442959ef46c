package bench

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var (
	runs      = flag.Int("runs", 3, "runs of each case; the table shows medians")
	saleCount = flag.Int("sales", 5000, "sales of each run, with 3 lines each")
	latencies = flag.String("latencies", "0s,50ms", "answer times of the simulated provider")
	profiles  = flag.String("profiles", "", "write CPU and allocation profiles of one run inside this process into this `FOLDER`, and measure nothing else")
	micro     = flag.Bool("micro", true, "run the benchmarks of single packages too")
)

func TestMain(m *testing.M) {
	if os.Getenv(simulatorEnv) != "" {
		os.Exit(simulate(context.Background(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// BenchmarkPipeline measures everything and prints the table. It wants -benchtime 1x.
func BenchmarkPipeline(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "faturad")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "faturad/cmd/faturad")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		b.Fatal("building faturad: ", err)
	}
	waits, err := parseLatencies(*latencies)
	if err != nil {
		b.Fatal(err)
	}
	if *profiles != "" {
		for _, latency := range waits {
			b.Run("profile/"+latency.String(), func(b *testing.B) { profile(b, newWorld(b, binary, latency)) })
		}
		return
	}
	var r report
	for n := range *runs { // the latencies take turns, so that a noisy minute does not hit one of them only
		for _, latency := range waits {
			b.Run(fmt.Sprintf("%s/run%d", latency, n+1), func(b *testing.B) { r.add(latency, measure(b, newWorld(b, binary, latency))) })
		}
	}
	if b.Failed() {
		return
	}
	if *micro {
		r.micro = microBenchmarks(b)
	}
	if failed := r.print(os.Stdout); len(failed) > 0 { // a busy machine is no wrong result
		b.Logf("not reached: %v", failed)
	}
}

// parseLatencies reads "0s,50ms".
func parseLatencies(list string) ([]time.Duration, error) {
	var out []time.Duration
	for text := range splitList(list) {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("-latencies: %q is no answer time such as 50ms", text)
		}
		out = append(out, d)
	}
	slices.Sort(out)
	return out, nil
}
