package bench

import (
	"iter"
	"strings"
	"testing"
	"time"
)

func splitList(list string) iter.Seq[string] { return strings.SplitSeq(list, ",") }

// inFlight is the default of the config, and what the goals are stated for.
const inFlight = 16

// step is what one command did and cost.
type step struct {
	start   time.Time
	wall    time.Duration
	cpu     time.Duration // of faturad, or of this process where it does the work itself
	simCPU  time.Duration
	dbCPU   time.Duration
	rss     int64 // peak, bytes; 0 = not known
	ledger  counters
	erp     counters
	foreign float64 // share of all processors that others used; negative = not known
	sales   int
}

func (s step) rate() float64 { return float64(s.sales) / s.wall.Seconds() }

// each is a duration in seconds per 1,000 sales.
func (s step) each(d time.Duration) float64 { return 1000 * d.Seconds() / float64(s.sales) }

// result is one run of one latency.
type result struct {
	http, pool, outbound, sending, followup, second, idle step

	first time.Duration // from the start of the process to its first creating request

	tokens int // rows of the table commits that all this left
	alone  int // and that one more sale, sent and accepted by passes of its own, adds to them
}

// measure runs every case in one world. The limits are measured right before what is compared with them.
func measure(b *testing.B, w *world) result {
	var r result
	b.StopTimer()
	r.http = w.bareHTTP(b)
	r.pool = w.workerPool(b)
	w.fill(b, *saleCount)
	w.faturad(b, "sync", "registry")
	b.StartTimer()
	r.outbound = w.step(b, "sync", "outbound")
	b.StopTimer()
	r.sending = r.outbound
	first, last := w.sendingTimes(b)
	r.first, r.sending.wall = first.Sub(r.outbound.start), last.Sub(first)
	w.expect(b, "sent")
	w.awaitDue(b)
	r.followup = w.step(b, "sync", "followup")
	w.expect(b, "accepted")
	r.second = w.step(b, "sync", "all")
	r.idle = w.step(b, "sync", "all")
	w.expect(b, "accepted")
	r.tokens = w.tokens(b)
	w.enter(b, *saleCount+1, *saleCount+1)
	w.faturad(b, "sync", "outbound")
	w.awaitDue(b)
	w.faturad(b, "sync", "followup")
	r.alone = w.tokens(b) - r.tokens
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.outbound.rate(), "invoices/s")
	b.ReportMetric(r.outbound.each(r.outbound.cpu), "cpu-s/1000")
	b.ReportMetric(float64(r.outbound.rss)/(1<<20), "MiB-rss")
	return r
}

// tokens counts the rows of the table that nobody prunes (docs/decisions/0010).
func (w *world) tokens(b *testing.B) (n int) {
	b.Helper()
	if err := w.ledger.DB().GetContext(b.Context(), &n, "SELECT COUNT(*) FROM commits"); err != nil {
		b.Fatal(err)
	}
	return n
}
