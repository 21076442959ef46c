package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// goalShared is what several processes together must reach of the speed of one that has as many requests in flight.
const goalShared = 0.90

// crowds are how the requests in flight are spread over processes.
var crowds = [][]int{{inFlight}, {4, 3, 3, 3, 3}}

// sharedLatency is the provider's answer time.
const sharedLatency = 50 * time.Millisecond

// shared is one run of one crowd: all of it, and from the first creating request to the last.
type shared struct{ whole, sending step }

// BenchmarkSharing compares one process with five that share its sales and its requests in flight, on one database, in turns.
// All are started at the same moment, which is the worst: each discovers everything. It wants -benchtime 1x.
func BenchmarkSharing(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "faturad")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "faturad/cmd/faturad")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		b.Fatal("building faturad: ", err)
	}
	all := make([][]shared, len(crowds))
	for n := range *runs {
		for i := range crowds {
			if n%2 == 1 {
				i = len(crowds) - 1 - i // whoever comes second finds another machine
			}
			b.Run(fmt.Sprintf("run%d/%d", n+1, len(crowds[i])), func(b *testing.B) { all[i] = append(all[i], share(b, binary, crowds[i])) })
		}
	}
	if b.Failed() {
		return
	}
	if failed := printShared(os.Stdout, all); len(failed) > 0 { // a busy machine is no wrong result
		b.Logf("not reached: %v", failed)
	}
}

// share has processes with these requests in flight send all sales.
func share(b *testing.B, binary string, crowd []int) shared {
	b.Helper()
	w := newWorld(b, binary, sharedLatency)
	w.fill(b, *saleCount)
	w.faturad(b, "sync", "registry")
	text, err := os.ReadFile(w.config)
	if err != nil {
		b.Fatal(err)
	}
	var r shared
	r.whole = w.observe(b, *saleCount, func(s *step) {
		running := make([]*exec.Cmd, len(crowd))
		logs := make([]bytes.Buffer, len(crowd))
		for i, n := range crowd {
			one := *w
			one.config = filepath.Join(filepath.Dir(w.config), fmt.Sprintf("%d-%d.toml", i, n))
			changed := strings.Replace(string(text), "[[company.account]]", fmt.Sprintf("[[company.account]]\nin_flight = %d", n), 1)
			if err := os.WriteFile(one.config, []byte(changed), 0o600); err != nil {
				b.Fatal(err)
			}
			running[i] = one.command(b, "sync", "outbound")
			running[i].Stdout, running[i].Stderr = &logs[i], &logs[i]
			if err := running[i].Start(); err != nil {
				b.Fatal(err)
			}
		}
		for i, cmd := range running {
			if err := cmd.Wait(); err != nil {
				b.Errorf("one of %d: %v\n%s", len(crowd), err, &logs[i])
			}
			s.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
	})
	r.sending = r.whole
	first, last := w.sendingTimes(b)
	r.sending.wall = last.Sub(first)
	w.expect(b, "sent")
	return r
}

// printShared writes the table and returns the goals that were not reached.
func printShared(out io.Writer, all [][]shared) (failed []string) {
	fmt.Fprintf(out, "\n%d sales, %d requests in flight in all, answers after %s, medians of %d runs; all processes start at the same moment\n", *saleCount, inFlight, sharedLatency, len(all[0]))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "processes\tsending/s\twhole/s\tCPU s/1000\tDB\tledger commits/inv\tqueries ledger/inv\tERP/inv\tforeign CPU\t")
	median := func(runs []shared, f func(shared) float64) float64 {
		var values []float64
		for _, r := range runs {
			values = append(values, f(r))
		}
		return middle(values)
	}
	for i, runs := range all {
		of := func(n func(step) int64) float64 {
			return median(runs, func(r shared) float64 { return float64(n(r.whole)) / float64(r.whole.sales) })
		}
		fmt.Fprintf(t, "%d\t%.0f\t%.0f\t%.3f\t%.3f\t%.4f\t%.2f\t%.2f\t%s\t\n", len(crowds[i]), median(runs, func(r shared) float64 { return r.sending.rate() }),
			median(runs, func(r shared) float64 { return r.whole.rate() }), median(runs, func(r shared) float64 { return r.whole.each(r.whole.cpu) }),
			median(runs, func(r shared) float64 { return r.whole.each(r.whole.dbCPU) }), of(func(s step) int64 { return s.ledger.commits }),
			of(func(s step) int64 { return s.ledger.queries }), of(func(s step) int64 { return s.erp.queries }),
			percent(median(runs, func(r shared) float64 { return r.whole.foreign })))
	}
	_ = t.Flush() // a table that cannot be written has no reader
	var ratios []float64
	for n := range all[0] {
		ratios = append(ratios, all[1][n].sending.rate()/all[0][n].sending.rate())
	}
	got := middle(ratios)
	word := "PASS"
	if got < goalShared {
		word, failed = "FAIL", append(failed, "speed of five processes")
	}
	fmt.Fprintf(out, "  %s  %-60s %8.4f  (goal %.2f; %.0f-%.0f %%)\n", word, "sending: five processes, of the speed of one", got, goalShared, 100*ratios[0], 100*ratios[len(ratios)-1])
	return failed
}
