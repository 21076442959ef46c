package providers

import (
	"context"
	"errors"
	"io"
)

// smallBody is how many bytes of an answer each of several downloads may hold at once; of larger ones only one goes on.
const smallBody = 1 << 20

// Bulk bounds the memory of downloads that run at the same time: a body of more than 1 MiB is read to its end only while no
// other such body is held. The others wait where they are; their servers wait with them.
type Bulk struct{ token chan struct{} }

// NewBulk makes a Bulk for downloads that share one bound.
func NewBulk() *Bulk { return &Bulk{token: make(chan struct{}, 1)} }

// Share is one download's part of a Bulk. It is not for use by several goroutines at once.
type Share struct {
	bulk *Bulk
	held bool
}

type shareKey struct{}

// Share gives a context for one download, and what the download holds of b. Whoever no longer needs its bytes calls Done.
func (b *Bulk) Share(ctx context.Context) (context.Context, *Share) {
	s := &Share{bulk: b}
	return context.WithValue(ctx, shareKey{}, s), s
}

// Large reports whether the others wait for this download's Done.
func (s *Share) Large() bool { return s.held }

// Done lets the next large download go on.
func (s *Share) Done() {
	if s.held {
		s.held = false
		<-s.bulk.token
	}
}

func (s *Share) take(ctx context.Context) error {
	if s.held { // the request was repeated
		return nil
	}
	select {
	case s.bulk.token <- struct{}{}:
		s.held = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ReadBody reads body to its end, but at most limit+1 bytes: more than limit says that it is too long. Under a Bulk
// (ctx is of Share) a large one waits for its turn.
func ReadBody(ctx context.Context, body io.Reader, limit int64) ([]byte, error) {
	body = io.LimitReader(body, limit+1)
	share, shared := ctx.Value(shareKey{}).(*Share)
	if !shared {
		return io.ReadAll(body)
	}
	content, err := io.ReadAll(io.LimitReader(body, smallBody))
	if err != nil || len(content) < smallBody {
		return content, err
	}
	if err := share.take(ctx); err != nil {
		return content, err
	}
	for {
		if len(content) == cap(content) {
			content = append(content, 0)[:len(content)] // grows by a quarter
		}
		n, err := body.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		switch {
		case errors.Is(err, io.EOF):
			return content, nil
		case err != nil:
			return content, err
		}
	}
}
