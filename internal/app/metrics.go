package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"faturad/providers/guard"
	"faturad/sync/ledger"
)

// Metrics are the daemon's figures, in a registry of their own.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	documents *prometheus.GaugeVec
	passes    *prometheus.CounterVec
	answers   *prometheus.GaugeVec
	received  *prometheus.GaugeVec
	oldest    *prometheus.GaugeVec
	uncleared *prometheus.GaugeVec
	found     *prometheus.CounterVec
	archive   *prometheus.GaugeVec
	standing  *prometheus.GaugeVec
}

// NewMetrics makes the figures, all at zero.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "faturad_provider_request_seconds", Help: "Requests to providers by operation and class of outcome.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"account", "operation", "class"}),
		documents: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_documents", Help: "Documents in the ledger by state, as of the last pass.",
		}, []string{"company", "state"}),
		passes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "faturad_passes_total", Help: "Passes by job and outcome (ok or error).",
		}, []string{"company", "job", "outcome"}),
		answers: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_answers_due", Help: "Incoming commercial invoices without a final answer whose last day is two days away or less.",
		}, []string{"company"}),
		received: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_received", Help: "Received invoices in the ledger by state, as of the last pass.",
		}, []string{"company", "state"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_received_quarantined_since_seconds", Help: "When the oldest quarantined invoice was received (Unix time); 0 = none is.",
		}, []string{"company"}),
		uncleared: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_received_uncleared", Help: "Received invoices whose new flag was cleared in vain at least once.",
		}, []string{"company"}),
		found: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "faturad_received_found_total", Help: "Received invoices that only the sweep found: somebody else had cleared their new flag.",
		}, []string{"company"}),
		archive: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "faturad_archive_paused", Help: "1 while the archive writes nothing because its disk is full.",
		}, []string{"company"}),
	}
	m.standing = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "faturad_alarms", Help: "Alarms that stand (1), as `faturad status` says them in words; watch for any.",
	}, []string{"company", "alarm"})
	m.registry.MustRegister(m.requests, m.documents, m.passes, m.answers, m.archive, m.received, m.oldest, m.uncleared, m.found, m.standing,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler serves the figures in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Provider is the observer of one account's calls.
func (m *Metrics) Provider(account string) guard.Observer { return accountMetrics{m, account} }

type accountMetrics struct {
	metrics *Metrics
	account string
}

// Observe implements guard.Observer.
func (a accountMetrics) Observe(o guard.Observation) {
	a.metrics.requests.WithLabelValues(a.account, string(o.Op), o.Class).Observe(o.Elapsed.Seconds())
}

// pass counts one ended pass.
func (m *Metrics) pass(company, job string, err error) {
	if m == nil {
		return
	}
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	m.passes.WithLabelValues(company, job, outcome).Inc()
}

// counts shows how many documents stand in each state; states without documents show 0.
func (m *Metrics) counts(company string, counts map[ledger.State]int) {
	if m == nil {
		return
	}
	for _, rule := range ledger.Table {
		m.documents.WithLabelValues(company, string(rule.State)).Set(float64(counts[rule.State]))
	}
}

// answersDue shows how many incoming commercial invoices are about to count as accepted because nobody answers.
func (m *Metrics) answersDue(company string, due int) {
	if m != nil {
		m.answers.WithLabelValues(company).Set(float64(due))
	}
}

// inbox shows where received invoices stand.
func (m *Metrics) inbox(company string, sum ledger.ReceivedSum) {
	if m == nil {
		return
	}
	for _, state := range []ledger.ReceivedState{ledger.ReceivedStored, ledger.ReceivedProjected, ledger.ReceivedAcknowledged, ledger.ReceivedQuarantined} {
		m.received.WithLabelValues(company, string(state)).Set(float64(sum.Counts[state]))
	}
	since := 0.0
	if !sum.Quarantined.IsZero() {
		since = float64(sum.Quarantined.Unix())
	}
	m.oldest.WithLabelValues(company).Set(since)
	m.uncleared.WithLabelValues(company).Set(float64(sum.Uncleared))
}

// finds counts what a sweep found.
func (m *Metrics) finds(company string, n int) {
	if m != nil {
		m.found.WithLabelValues(company).Add(float64(n))
	}
}

// archivePaused shows whether the archive waits for room on its disk.
func (m *Metrics) archivePaused(company string, paused bool) {
	if m == nil {
		return
	}
	value := 0.0
	if paused {
		value = 1
	}
	m.archive.WithLabelValues(company).Set(value)
}

// alarms shows the alarms that stand; one that is over is gone from the figures.
func (m *Metrics) alarms(company string, standing []ledger.Alarm) {
	if m == nil {
		return
	}
	m.standing.DeletePartialMatch(prometheus.Labels{"company": company})
	for _, a := range standing {
		m.standing.WithLabelValues(company, a.Name).Set(1)
	}
}
