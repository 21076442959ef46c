package ledger

import (
	"fmt"
	"strings"
	"testing"

	"faturad/internal/dbtest"
)

// What outbound does per invoice: prepare with 10 kB of payload, intent, result; in groups.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("group=%d", size), func(b *testing.B) {
			l := newBench(b, dbtest.Durable())
			l.sales(b, size)
			docs := l.lease(b, size, Pending)
			content := payloadOf(strings.Repeat("<cbc:Name>Kalem, kırmızı</cbc:Name>", 300))
			group := make([]Change, size)
			for i, d := range docs {
				group[i] = Change{Document: d.ID, Lease: d.Lease(), To: Pending, Stay: true, Patch: Patch{CountAttempt: true, Message: ptr("")},
					Event: &Event{Attempt: 1, Operation: OpCreate, Class: "ok", Owner: "tester", Answer: []byte(`{"id":1}`)}}
			}
			for _, kind := range []string{"result", "prepare"} {
				b.Run(kind, func(b *testing.B) {
					if kind == "prepare" {
						for i := range group {
							group[i].Payload = content
						}
					}
					for b.Loop() {
						if out, err := l.Commit(b.Context(), group); err != nil || !out[size-1].Applied {
							b.Fatal(out, err)
						}
					}
					b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "changes/s")
				})
			}
		})
	}
}

func BenchmarkLease(b *testing.B) {
	l := newBench(b, dbtest.Durable())
	const n = 200
	l.sales(b, 5000)
	for b.Loop() {
		docs := l.lease(b, n, Pending, Prepared)
		b.StopTimer()
		l.db.Exec(b, "UPDATE documents SET lease_until = NULL WHERE lease_until IS NOT NULL")
		b.StartTimer()
		if len(docs) != n {
			b.Fatal(len(docs))
		}
	}
}

func BenchmarkDiscover(b *testing.B) {
	l := newBench(b, dbtest.Durable())
	at := 0
	for b.Loop() {
		docs := make([]NewDocument, 500)
		for i := range docs {
			docs[i] = sale(at)
			at++
		}
		if n, err := l.Discover(b.Context(), company, docs); err != nil || n != 500 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(at)/b.Elapsed().Seconds(), "sales/s")
}
