package bench

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// manner is how a provider is down.
type manner string

// The manners.
const (
	up      manner = "up"
	refused manner = "connection refused"
	failing manner = "500 on everything"
	hanging manner = "accepts, never answers"
	slow    manner = "answers after 4 s"
)

const slowAnswer = 4 * time.Second

// front stands before a provider's simulator: it answers after frontLatency, notes when writing requests came and went, and can
// be down.
type front struct {
	provider http.Handler
	addr     string

	mu          sync.Mutex
	manner      manner
	healed      chan struct{} // closed when it is up again
	server      *http.Server
	first, last time.Time
}

const frontLatency = 50 * time.Millisecond

func newFront(b *testing.B, provider http.Handler) *front {
	b.Helper()
	f := &front{provider: provider, addr: "127.0.0.1:0", manner: up}
	f.listen(b)
	b.Cleanup(func() {
		f.be(b, up) // what hangs must end
		_ = f.server.Close()
	})
	return f
}

func (f *front) listen(b *testing.B) {
	b.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(context.WithoutCancel(b.Context()), "tcp", f.addr)
	if err != nil {
		b.Fatal(err)
	}
	f.addr = listener.Addr().String()
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	go func(s *http.Server) {
		if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.Error("serving a provider: ", err)
		}
	}(f.server)
}

// be changes how it is.
func (f *front) be(b *testing.B, m manner) {
	b.Helper()
	f.mu.Lock()
	before := f.manner
	if m == before {
		f.mu.Unlock()
		return
	}
	if before == up {
		f.healed = make(chan struct{})
	}
	f.manner = m
	if m == up {
		close(f.healed)
	}
	f.mu.Unlock()
	if m == refused {
		if err := f.server.Close(); err != nil {
			b.Fatal(err)
		}
	}
	if before == refused {
		f.listen(b)
	}
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	how, healed := f.manner, f.healed
	writes := r.Method == http.MethodPost && !strings.Contains(r.URL.Path, "token")
	if writes && f.first.IsZero() {
		f.first = time.Now()
	}
	f.mu.Unlock()
	wait := frontLatency
	switch how {
	case failing:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case hanging:
		select {
		case <-healed:
		case <-r.Context().Done():
		}
	case slow:
		wait = slowAnswer
	case up, refused:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return
	}
	f.provider.ServeHTTP(w, r)
	if writes {
		f.mu.Lock()
		f.last = time.Now()
		f.mu.Unlock()
	}
}

// restart forgets what came so far.
func (f *front) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first, f.last = time.Time{}, time.Time{}
}

// span is the time from the first writing request to the last answer.
func (f *front) span() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last.Sub(f.first)
}
