package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

// watched is an output that calls done once a line holds all of some words.
type watched struct {
	mu    sync.Mutex
	text  bytes.Buffer
	words []string
	done  func()
}

func newWatched(first, second string, done func()) *watched {
	return &watched{words: []string{first, second}, done: done}
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	for line := range strings.Lines(w.text.String()) {
		if strings.Contains(line, w.words[0]) && strings.Contains(line, w.words[1]) {
			w.done()
		}
	}
	return len(b), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// contextOf ends when stop is called, or when the test has taken far too long.
func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx, cancel
}
