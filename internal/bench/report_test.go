package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// The goals.
const (
	goalOfLimit = 0.90 // of in flight / answer time, at the slow provider
	goalCommits = 0.10 // durable commits per invoice, in the ledger and in the ERP each
)

// report gathers runs and prints medians.
type report struct {
	waits []time.Duration
	runs  map[time.Duration][]result
	micro []microResult
}

func (r *report) add(latency time.Duration, run result) {
	if r.runs == nil {
		r.runs = map[time.Duration][]result{}
	}
	if !slices.Contains(r.waits, latency) {
		r.waits = append(r.waits, latency)
	}
	r.runs[latency] = append(r.runs[latency], run)
}

// kinds are the rows of a table, in their order.
var kinds = []struct {
	name string
	of   func(result) step
}{
	{"bare net/http", func(r result) step { return r.http }},
	{"worker pool, no ledger", func(r result) step { return r.pool }},
	{"sync outbound", func(r result) step { return r.outbound }},
	{"  of it: sending", func(r result) step { return r.sending }},
	{"sync followup", func(r result) step { return r.followup }},
	{"sync all again", func(r result) step { return r.second }},
	{"sync all, third time", func(r result) step { return r.idle }},
}

// print writes the tables and returns the goals that were not reached.
func (r *report) print(out io.Writer) (failed []string) {
	fmt.Fprintf(out, "\n%d sales of 3 lines, %d requests in flight, medians of %d runs; MariaDB or MySQL with real flushes, ledger and ERP on a\nserver each, all on the same %d processors.\n",
		*saleCount, inFlight, *runs, processors())
	for _, latency := range r.waits {
		r.printLatency(out, latency)
	}
	r.printMicro(out)
	fmt.Fprintln(out, "\nGoals")
	for _, latency := range r.waits {
		failed = append(failed, r.judge(out, latency)...)
	}
	return failed
}

func (r *report) printLatency(out io.Writer, latency time.Duration) {
	fmt.Fprintf(out, "\nProvider answers after %s", latency)
	limit := limitOf(latency)
	if limit > 0 {
		fmt.Fprintf(out, ": at most %d / %s = %.0f invoices/s", inFlight, latency, limit)
	}
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tinvoices/s\tmin-max\tof limit\tof http\twall s\tCPU s/1000\tDB\tprovider\tpeak RSS MiB\tledger commits/inv\tERP commits/inv\tqueries ledger\tERP\tforeign CPU\t")
	bare := r.median(latency, kinds[0].of, step.rate)
	for _, k := range kinds {
		m := func(f func(step) float64) float64 { return r.median(latency, k.of, f) }
		low, high := r.extremes(latency, k.of)
		rate := m(step.rate)
		ofLimit := "-"
		if limit > 0 {
			ofLimit = fmt.Sprintf("%.1f %%", 100*rate/limit)
		}
		perInvoice := func(n func(step) int64) string {
			return fmt.Sprintf("%.4f", m(func(s step) float64 { return float64(n(s)) / float64(s.sales) }))
		}
		fmt.Fprintf(t, "%s\t%.0f\t%.0f-%.0f\t%s\t%.1f %%\t%.2f\t%.3f\t%.3f\t%.3f\t%s\t%s\t%s\t%.0f\t%.0f\t%s\t\n", k.name, rate, low, high, ofLimit, 100*rate/bare,
			m(func(s step) float64 { return s.wall.Seconds() }),
			m(func(s step) float64 { return s.each(s.cpu) }), m(func(s step) float64 { return s.each(s.dbCPU) }), m(func(s step) float64 { return s.each(s.simCPU) }),
			orDash(m(func(s step) float64 { return float64(s.rss) / (1 << 20) })),
			perInvoice(func(s step) int64 { return s.ledger.commits }), perInvoice(func(s step) int64 { return s.erp.commits }),
			m(func(s step) float64 { return float64(s.ledger.queries) }), m(func(s step) float64 { return float64(s.erp.queries) }),
			percent(m(func(s step) float64 { return s.foreign })))
	}
	_ = t.Flush() // a table that cannot be written has no reader
	idle := func(n func(step) int64) float64 {
		return r.median(latency, kinds[len(kinds)-1].of, func(s step) float64 { return float64(n(s)) })
	}
	var first []float64
	for _, run := range r.runs[latency] {
		first = append(first, run.first.Seconds())
	}
	fmt.Fprintf(out, "From the start of faturad to its first request: %.2f s\n", middle(first))
	fmt.Fprintf(out, "An idle pass of everything: %.0f + %.0f queries and %.0f + %.0f commits (ledger + ERP)\n",
		idle(func(s step) int64 { return s.ledger.queries }), idle(func(s step) int64 { return s.erp.queries }),
		idle(func(s step) int64 { return s.ledger.commits }), idle(func(s step) int64 { return s.erp.commits }))
	last := r.runs[latency][len(r.runs[latency])-1]
	fmt.Fprintf(out, "All of it left %d rows in the table commits; one more sale in passes of its own adds %d\n", last.tokens, last.alone)
}

// judge compares with the goals.
func (r *report) judge(out io.Writer, latency time.Duration) (failed []string) {
	outbound := kinds[2].of
	verdict := func(what string, got, goal float64, reached bool) {
		word := "PASS"
		if !reached {
			word = "FAIL"
			failed = append(failed, what)
		}
		fmt.Fprintf(out, "  %s  %-60s %8.4f  (goal %.2f)\n", word, what, got, goal)
	}
	if limit := limitOf(latency); limit > 0 {
		got := r.median(latency, outbound, step.rate) / limit
		verdict(fmt.Sprintf("%s: share of %.0f/s, whole process", latency, limit), got, goalOfLimit, got >= goalOfLimit)
	}
	for _, c := range []struct {
		name string
		idle float64 // a new process sets one landmark, by which it notices a ledger that went back in time
		of   func(step) int64
	}{{"ledger", 1, func(s step) int64 { return s.ledger.commits }}, {"ERP", 0, func(s step) int64 { return s.erp.commits }}} {
		for _, k := range []int{2, 4} {
			got := r.median(latency, kinds[k].of, func(s step) float64 { return float64(c.of(s)) / float64(s.sales) })
			verdict(fmt.Sprintf("%s: %s: %s commits per invoice", latency, kinds[k].name, c.name), got, goalCommits, got <= goalCommits)
		}
		got := r.median(latency, kinds[len(kinds)-1].of, func(s step) float64 { return float64(c.of(s)) })
		verdict(fmt.Sprintf("%s: idle: %s commits", latency, c.name), got, c.idle, got <= c.idle)
	}
	return failed
}

// limitOf is the most that inFlight requests of this length allow in a second; 0 = no limit.
func limitOf(latency time.Duration) float64 {
	if latency <= 0 {
		return 0
	}
	return inFlight / latency.Seconds()
}

func (r *report) median(latency time.Duration, of func(result) step, f func(step) float64) float64 {
	var values []float64
	for _, run := range r.runs[latency] {
		values = append(values, f(of(run)))
	}
	return middle(values)
}

// middle is the median; 0 of nothing.
func middle(values []float64) float64 {
	slices.Sort(values)
	if len(values) == 0 {
		return 0
	}
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

func (r *report) extremes(latency time.Duration, of func(result) step) (low, high float64) {
	byRate := func(a, b result) int { return cmp.Compare(of(a).rate(), of(b).rate()) }
	runs := r.runs[latency]
	return of(slices.MinFunc(runs, byRate)).rate(), of(slices.MaxFunc(runs, byRate)).rate()
}

func orDash(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", v)
}

func percent(share float64) string {
	if share < 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
