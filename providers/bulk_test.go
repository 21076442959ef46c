package providers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
)

// TestBulkHoldsOneLargeBody: of sixteen large bodies only one is held at a time; all come whole; small ones wait for nobody.
func TestBulkHoldsOneLargeBody(t *testing.T) {
	t.Parallel()
	bulk := NewBulk()
	want := bytes.Repeat([]byte("0123456789abcdef"), 3*smallBody/16)
	var held, most atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			ctx, share := bulk.Share(t.Context())
			got, err := ReadBody(ctx, bytes.NewReader(want), 32<<20)
			if err != nil || !bytes.Equal(got, want) || !share.Large() {
				t.Errorf("%d bytes, large %t, %v", len(got), share.Large(), err)
			}
			if now := held.Add(1); now > most.Load() {
				most.Store(now)
			}
			held.Add(-1)
			share.Done()
			share.Done() // once is enough, twice does no harm
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d large bodies were held at once", most.Load())
	}
}

// TestBulkBounds: what is small is no matter of the others; what waits for a turn ends with its context; limit+1 bytes say too long.
func TestBulkBounds(t *testing.T) {
	t.Parallel()
	bulk := NewBulk()
	ctx, first := bulk.Share(t.Context())
	if got, err := ReadBody(ctx, bytes.NewReader(make([]byte, 3*smallBody)), 2*smallBody); err != nil || len(got) != 2*smallBody+1 {
		t.Errorf("too long: %d bytes, %v", len(got), err)
	}
	ctx, small := bulk.Share(t.Context())
	if got, err := ReadBody(ctx, bytes.NewReader(make([]byte, 100)), 2*smallBody); err != nil || len(got) != 100 || small.Large() {
		t.Errorf("small, beside a large one: %d bytes, %v", len(got), err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	ctx, second := bulk.Share(ended)
	if _, err := ReadBody(ctx, bytes.NewReader(make([]byte, 2*smallBody)), 32<<20); !errors.Is(err, context.Canceled) || second.Large() {
		t.Errorf("waiting when the context ends: %v", err)
	}
	first.Done()
	ctx, third := bulk.Share(t.Context())
	broken := io.MultiReader(bytes.NewReader(make([]byte, 2*smallBody)), brokenReader{})
	if got, err := ReadBody(ctx, broken, 32<<20); !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != 2*smallBody {
		t.Errorf("a body that breaks off: %d bytes, %v", len(got), err)
	}
	third.Done()
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
