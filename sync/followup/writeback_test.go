package followup

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// desk is a ledger and an ERP as the write-back meets them.
type desk struct {
	Ledger
	mu      sync.Mutex
	open    []ledger.Document
	writing int            // in the ERP now
	times   map[string]int // each document was written
	leave   chan struct{}  // closed when writers may go on
}

func (d *desk) Unwritten(_ context.Context, _ string, limit int, _ ...ledger.State) ([]ledger.Document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ledger.Document(nil), d.open[:min(limit, len(d.open))]...), nil
}

func (d *desk) MarkWritten(_ context.Context, written []ledger.Written) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	done := map[int64]bool{}
	for _, w := range written {
		done[w.ID] = true
	}
	var left []ledger.Document
	for _, doc := range d.open {
		if !done[doc.ID] {
			left = append(left, doc)
		}
	}
	d.open = left
	return nil
}

// WriteBack implements Target.
func (d *desk) WriteBack(_ context.Context, docs []erp.Projection) ([]error, error) {
	d.mu.Lock()
	d.writing++
	for _, doc := range docs {
		d.times[doc.Key]++
	}
	d.mu.Unlock()
	<-d.leave
	d.mu.Lock()
	d.writing--
	d.mu.Unlock()
	return make([]error, len(docs)), nil
}

// turn is a lock on which a goroutine that waits counts as blocked in a bubble of synctest.
type turn chan struct{}

func (l turn) Lock()   { l <- struct{}{} }
func (l turn) Unlock() { <-l }

// TestOnePassWritesAtATime: passes that share Writing are never in the ERP together, and none writes what another one wrote.
func TestOnePassWritesAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{times: map[string]int{}, leave: make(chan struct{})}
		for id := range int64(5) {
			d.open = append(d.open, ledger.Document{ID: id + 1, SaleKey: string(rune('a' + id)), State: ledger.Sent, Version: 1})
		}
		one := make(turn, 1)
		var passes sync.WaitGroup
		results := make([]Result, 3)
		for i := range results {
			j := &Job{Company: "acme", Ledger: d, ERP: d, Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler), Writing: one}
			passes.Go(func() {
				if err := j.WriteBack(t.Context(), &results[i]); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all are in the ERP, or wait for their turn
		if d.writing != 1 {
			t.Errorf("%d passes write at once", d.writing)
		}
		close(d.leave)
		passes.Wait()
		written := 0
		for _, r := range results {
			written += r.Written
		}
		if written != 5 || len(d.open) != 0 {
			t.Errorf("%d of 5 documents written, %d left", written, len(d.open))
		}
		for key, n := range d.times {
			if n != 1 {
				t.Errorf("%s was written %d times", key, n)
			}
		}
	})
}

// TestLockedRowIsSoonWrittenAgain: a lock is over in seconds; nobody shall look at an old state for a minute because of it.
func TestLockedRowIsSoonWrittenAgain(t *testing.T) {
	t.Parallel()
	locked := fault.New(fault.Retryable, "writing", errors.New("lock wait"))
	absent := fault.New(fault.NotFound, "writing", errors.New("no row"))
	wrong := fault.New(fault.Permanent, "writing", errors.New("too long"))
	for _, c := range []struct {
		failures    int
		err         error
		least, most time.Duration
	}{
		{0, locked, 4 * time.Second, 6 * time.Second},
		{3, locked, 36 * time.Second, 44 * time.Second},
		{40, locked, 5 * time.Hour, 7 * time.Hour},
		{0, absent, 54 * time.Second, 66 * time.Second},
		{40, absent, 5 * time.Hour, 7 * time.Hour},
		{0, wrong, 54 * time.Minute, 66 * time.Minute},
	} {
		if got := writeAgain(c.failures, c.err); got < c.least || got > c.most {
			t.Errorf("after %d failures with %v: %v, want %v to %v", c.failures, c.err, got, c.least, c.most)
		}
	}
}
