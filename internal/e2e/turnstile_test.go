package e2e

import (
	"net/http"
	"sync"
)

// turnstile stands before a provider. While it is shut, requests go in and nobody gets an answer, nor a refusal.
type turnstile struct {
	provider http.Handler

	mu     sync.Mutex
	opened chan struct{} // closed when what hangs may go on; nil = open
	posts  int           // writing requests that hang
	left   int           // writing requests whose client did not wait for the end
}

// ServeHTTP implements http.Handler.
func (s *turnstile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	opened := s.opened
	writes := opened != nil && r.Method == http.MethodPost
	if writes {
		s.posts++
	}
	s.mu.Unlock()
	if opened == nil {
		s.provider.ServeHTTP(w, r)
		return
	}
	select {
	case <-opened:
	case <-r.Context().Done():
	}
	s.mu.Lock()
	if writes {
		s.posts--
	}
	gone := r.Context().Err() != nil
	if gone && writes {
		s.left++
	}
	s.mu.Unlock()
	if !gone {
		s.provider.ServeHTTP(w, r)
	}
}

// shut lets nobody have an answer any more.
func (s *turnstile) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = make(chan struct{})
}

// open lets go on whatever hangs, and all that comes.
func (s *turnstile) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		close(s.opened)
		s.opened = nil
	}
}

// hanging counts the writing requests that hang, and those that hung and were given up.
func (s *turnstile) hanging() (now, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts, s.left
}
