package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"text/tabwriter"
)

// microResult is one line of a Go benchmark.
type microResult struct{ name, ns, bytes, allocs, more string }

// microPackages are benchmarked beside the pipeline, and which of their benchmarks.
var microPackages = []struct{ path, which string }{
	{"faturad/mapping", "."},
	{"faturad/mapping/ubl", "."},
	{"faturad/sync/ledger", "^BenchmarkCommit$"},
}

var resultLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(.*)$`)

// microBenchmarks runs them with a short -benchtime: the table shows sizes, not the third digit.
func microBenchmarks(b *testing.B) []microResult {
	b.Helper()
	var out []microResult
	for _, p := range microPackages {
		cmd := exec.CommandContext(b.Context(), "go", "test", "-run", "^$", "-bench", p.which, "-benchtime", "200ms", "-benchmem", p.path)
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			b.Fatalf("benchmarks of %s: %v\n%s", p.path, err, text)
		}
		for line := range strings.Lines(string(text)) {
			m := resultLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if m == nil {
				continue
			}
			r := microResult{name: strings.TrimPrefix(p.path, "faturad/") + " " + m[1], ns: m[2]}
			for part := range strings.SplitSeq(strings.TrimSpace(m[3]), "\t") {
				part = strings.TrimSpace(part)
				switch value, unit, _ := strings.Cut(part, " "); unit {
				case "B/op":
					r.bytes = value
				case "allocs/op":
					r.allocs = value
				default:
					r.more = strings.TrimSpace(r.more + " " + part)
				}
			}
			out = append(out, r)
		}
	}
	return out
}

func (r *report) printMicro(out io.Writer) {
	if len(r.micro) == 0 {
		return
	}
	fmt.Fprintln(out, "\nSingle packages, in this process's company on the same machine")
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tns/op\tB/op\tallocs/op\t\t")
	for _, m := range r.micro {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t\n", m.name, m.ns, m.bytes, m.allocs, m.more)
	}
	_ = t.Flush() // a table that cannot be written has no reader
}
