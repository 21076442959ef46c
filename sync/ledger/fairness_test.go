package ledger

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A row that fails each time can never sit at the front of a queue: whatever comes in waits at most for what was due before
// it. Seeds are printed; time is moved by moving what the rows remember.
func TestBadRowsNeverHoldTheFront(t *testing.T) {
	t.Parallel()
	const (
		bad, rounds, each, batch = 30, 25, 4, 10
		second                   = "INTERVAL 1 SECOND"
	)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)

	for name, q := range map[string]queue{"to be sent": sending{}, "to be written to the ERP": writing{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(len(name))))
			b := newBench(t)
			spoilt, failures := map[int64]bool{}, map[int64]int{}
			for _, d := range b.sales(t, bad) {
				spoilt[d.ID] = true
			}
			due := map[int64]int{} // how many rounds a good row may still wait
			for round := range rounds {
				waiting := b.count(t, "SELECT COUNT(*) FROM documents WHERE "+q.isDue())
				var fresh []NewDocument
				for i := range each {
					fresh = append(fresh, sale(1000+round*each+i))
				}
				if _, err := b.Discover(t.Context(), company, fresh); err != nil {
					t.Fatal(err)
				}
				known := b.every(t)
				for _, d := range known[len(known)-each:] {
					due[d.ID] = (waiting+each)/batch + 1
				}
				for _, d := range q.take(t, b, batch) {
					if spoilt[d.ID] {
						failures[d.ID]++
						q.fail(t, b, d, time.Second+time.Duration(random.Int64N(int64(time.Second<<min(failures[d.ID], 5)))))
						continue
					}
					q.succeed(t, b, d)
					delete(due, d.ID)
				}
				for id := range due {
					if due[id]--; due[id] < 0 {
						t.Fatalf("round %d: document %d waits behind rows that fail", round, id)
					}
				}
				b.db.Exec(t, "UPDATE documents SET next_at = next_at - "+second+", write_next_at = write_next_at - "+second)
			}
			for id := range spoilt {
				if failures[id] == 0 {
					t.Errorf("document %d was never tried", id)
				}
			}
		})
	}
}

// queue is one of the ledger's queues of documents.
type queue interface {
	isDue() string
	take(t *testing.T, b *bench, n int) []Document
	fail(t *testing.T, b *bench, d Document, wait time.Duration)
	succeed(t *testing.T, b *bench, d Document)
}

type sending struct{}

func (sending) isDue() string {
	return "state = 'pending' AND next_at <= UTC_TIMESTAMP(6)"
}

func (sending) take(t *testing.T, b *bench, n int) []Document {
	t.Helper()
	docs, err := b.Lease(t.Context(), company, []State{Pending}, "tester", ttl, n)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func (sending) fail(t *testing.T, b *bench, d Document, wait time.Duration) {
	t.Helper()
	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Pending, Stay: true, Unlease: true, Patch: Patch{NextIn: &wait}})
}

func (sending) succeed(t *testing.T, b *bench, d Document) {
	t.Helper()
	b.apply(t, Change{Document: d.ID, Lease: d.Lease(), To: Cancelled, Unlease: true})
}

type writing struct{}

func (writing) isDue() string { return "unwritten = TRUE AND write_next_at <= UTC_TIMESTAMP(6)" }

func (writing) take(t *testing.T, b *bench, n int) []Document {
	t.Helper()
	docs, err := b.Unwritten(t.Context(), company, n)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func (writing) fail(t *testing.T, b *bench, d Document, wait time.Duration) {
	t.Helper()
	if err := b.MarkWriteFailed(t.Context(), []WriteFailure{{ID: d.ID, Message: "value too long", NextIn: wait}}); err != nil {
		t.Fatal(err)
	}
}

func (writing) succeed(t *testing.T, b *bench, d Document) {
	t.Helper()
	if err := b.MarkWritten(t.Context(), []Written{d.Written()}); err != nil {
		t.Fatal(err)
	}
}
