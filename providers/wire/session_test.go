package wire_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"faturad/providers/wire"
)

var noon = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// TestSessionLogsInOnce: all who come while nobody has a token get that of one log-in.
func TestSessionLogsInOnce(t *testing.T) {
	t.Parallel()
	s := wire.NewSession()
	var logins atomic.Int64
	login := func(context.Context) (string, time.Time, error) {
		logins.Add(1)
		return "a-token", noon.Add(time.Hour), nil
	}
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if token, err := s.Token(t.Context(), noon, "", login); err != nil || token != "a-token" {
				t.Errorf("%q, %v", token, err)
			}
		})
	}
	all.Wait()
	if logins.Load() != 1 {
		t.Errorf("%d log-ins", logins.Load())
	}
}

// TestSessionRenews: a token that is stale, dropped or over is not used again.
func TestSessionRenews(t *testing.T) {
	t.Parallel()
	s := wire.NewSession()
	n := 0
	login := func(context.Context) (string, time.Time, error) {
		n++
		return string(rune('a' + n)), noon.Add(time.Duration(n) * time.Hour), nil
	}
	ask := func(now time.Time, stale string) string {
		token, err := s.Token(t.Context(), now, stale, login)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first := ask(noon, "")
	if again := ask(noon, ""); again != first {
		t.Errorf("%q after %q", again, first)
	}
	second := ask(noon, first)
	if second == first {
		t.Error("a stale token was given out")
	}
	if token := ask(noon, first); token != second {
		t.Errorf("another one's stale token cost a log-in: %q", token)
	}
	if third := ask(noon.Add(3*time.Hour), ""); third == second {
		t.Error("a token was given out after its end")
	}
	before := n
	s.Refused("another")
	ask(noon, "")
	s.Refused(ask(noon, ""))
	ask(noon, "")
	if n != before+1 {
		t.Errorf("%d log-ins for one dropped token", n-before)
	}
}

// TestSessionRefused: writes that were under way with one token that is over say nothing about the account; a write that is
// refused with a token that was got since does, unless one went through in between.
func TestSessionRefused(t *testing.T) {
	t.Parallel()
	s := wire.NewSession()
	n := 0
	fresh := func() string {
		token, err := s.Token(t.Context(), noon, "", func(context.Context) (string, time.Time, error) {
			n++
			return string(rune('a' + n)), noon.Add(time.Hour), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first := fresh()
	for range 4 { // all at once
		if s.Refused(first) {
			t.Error("a session that is over was taken for a bad account")
		}
	}
	second := fresh()
	if s.Refused(first) {
		t.Error("a late answer about an old token was taken for one about the new")
	}
	s.Accepted()
	if s.Refused(second) {
		t.Error("a write had gone through")
	}
	third := fresh()
	for range 2 {
		if !s.Refused(third) {
			t.Error("two tokens in a row were refused")
		}
	}
}

// TestSessionFailure: those who waited for a log-in that failed do not try it again at once; later ones do. A caller that gave up
// says nothing about the account.
func TestSessionFailure(t *testing.T) {
	t.Parallel()
	s := wire.NewSession()
	wrong := errors.New("wrong password")
	var logins atomic.Int64
	started, finish := make(chan struct{}), make(chan struct{})
	failing := func(context.Context) (string, time.Time, error) {
		if logins.Add(1) == 1 {
			close(started)
		}
		<-finish
		return "", time.Time{}, wrong
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := s.Token(t.Context(), noon, "", failing); !errors.Is(err, wrong) {
			t.Errorf("the first: %v", err)
		}
	})
	<-started
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Token(gone, noon, "", failing); !errors.Is(err, context.Canceled) {
		t.Errorf("one that gave up: %v", err)
	}
	close(finish)
	all.Wait()
	if _, err := s.Token(t.Context(), noon, "", func(context.Context) (string, time.Time, error) { return "x", noon.Add(time.Hour), nil }); err != nil {
		t.Errorf("a later one: %v", err)
	}
	if logins.Load() != 1 {
		t.Errorf("%d log-ins", logins.Load())
	}
}
