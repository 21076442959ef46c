package wire

import (
	"context"
	"sync"
	"time"
)

// Session is a token that all goroutines of an account share. One of them logs in; the others wait for it and take its
// result, be it a token or an error.
type Session struct {
	turn chan struct{} // held by the one that logs in

	mu      sync.Mutex
	token   string
	until   time.Time
	last    string // the token of the last log-in, dropped or not
	given   int    // tokens so far
	refused int    // which of them a write was refused with last; 0 = a write went through since
	tries   int    // how often somebody logged in
	failure error  // of the last try
}

// NewSession returns a session without a token.
func NewSession() *Session { return &Session{turn: make(chan struct{}, 1)} }

// Token gives a token that is neither over nor the stale one ("" = none is known to be), and logs in for it where needed.
// login gives the new token and when it will be over. The error is login's, or the context's.
func (s *Session) Token(ctx context.Context, now time.Time, stale string, login func(context.Context) (string, time.Time, error)) (string, error) {
	token, tries, _ := s.current(now, stale)
	if token != "" {
		return token, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	token, since, failure := s.current(now, stale)
	switch {
	case token != "":
		return token, nil
	case since != tries && failure != nil: // the one that was waited for failed, and nothing says that this one would not
		return "", failure
	}
	token, until, err := login(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil || ctx.Err() == nil { // a caller that gave up says nothing about the account
		s.tries++
		s.failure = err
	}
	if err != nil {
		return "", err
	}
	s.token, s.until, s.last = token, until, token
	s.given++
	return token, nil
}

// Drop forgets a token with which a question was answered 401.
func (s *Session) Drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

// Refused forgets the token with which a write was answered 401. It reports whether that is about the account itself: a write
// with an older token was refused too, and none went through since. Writes that were under way together with one token that
// had come to its end say it once.
func (s *Session) Refused(token string) (hopeless bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
	switch {
	case token != s.last: // a newer one was given meanwhile
		return false
	case s.refused != 0 && s.refused < s.given:
		return true
	}
	s.refused = s.given
	return false
}

// Accepted notes that a write was not refused for its token.
func (s *Session) Accepted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = 0
}

func (s *Session) current(now time.Time, stale string) (token string, tries int, failure error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == stale || !now.Before(s.until) {
		return "", s.tries, s.failure
	}
	return s.token, s.tries, s.failure
}
