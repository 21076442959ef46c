package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

// errToken marks an answer that says that the token is no good.
var errToken = errors.New("the token is not accepted")

// session is the token that all goroutines share. One of them renews it; the others wait for that one, and take its result,
// be it a token or an error.
type session struct {
	turn chan struct{} // held by the one that renews

	mu      sync.Mutex
	token   string
	since   time.Time
	renewed int   // how often somebody tried
	failure error // of the last try
}

// current gives the token, unless it is stale: the one that was just refused, or too old.
func (s *session) current(stale string, now time.Time, life time.Duration) (token string, tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == stale || now.Sub(s.since) >= life {
		return "", s.renewed
	}
	return s.token, s.renewed
}

func (s *session) drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

// token gives a token that is not the stale one, and logs in for it where needed.
func (c *client) token(ctx context.Context, stale string) (string, error) {
	s := &c.session
	token, tries := s.current(stale, c.clock.Now(), c.cfg.TokenLife)
	if token != "" {
		return token, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", fault.New(fault.Retryable, "waiting for a token of kolaybi", ctx.Err())
	}
	s.mu.Lock()
	renewed, failure := s.renewed != tries, s.failure
	s.mu.Unlock()
	if renewed { // by another one, while this one waited
		if failure != nil {
			return "", failure
		}
		if token, _ := s.current(stale, c.clock.Now(), c.cfg.TokenLife); token != "" {
			return token, nil
		}
	}
	token, err := c.login(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil { // a caller that gave up says nothing about the account
		s.renewed++
		s.failure = err
	}
	if err != nil {
		return "", err
	}
	s.token, s.since = token, c.clock.Now()
	return token, nil
}

// login asks for a new token. Whatever happens, no document was touched.
func (c *client) login(ctx context.Context) (string, error) {
	r := request{doing: "logging in at kolaybi", use: useToken, method: http.MethodPost, path: "/access_token", body: map[string]any{"api_key": c.cfg.APIKey}}
	wr, err := c.wireRequest(r, "")
	if err != nil {
		return "", fault.New(fault.Permanent, r.doing, err)
	}
	a, err := c.wire.Once(ctx, wr)
	if err != nil {
		return "", c.failed(r, err)
	}
	e, err := c.open(r, a)
	if err != nil {
		return "", err
	}
	token := tokenOf(e.Data)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", c.unread(r, a.Status, a.Body, "the answer holds no token")
	}
	c.mask.Store(redact.New(c.cfg.APIKey, c.cfg.Channel, token))
	return token, nil
}

// tokenOf reads the documented string, and the objects that careful clients look for.
func tokenOf(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text
	}
	var object struct {
		AccessToken string `json:"access_token"`
		Token       string `json:"token"`
	}
	if json.Unmarshal(data, &object) != nil {
		return ""
	}
	if object.AccessToken != "" {
		return object.AccessToken
	}
	return object.Token
}

// authError is a refused key, channel or permission.
func (c *client) authError(r request, status int, message string, answer []byte, cause error) *fault.Error {
	e := &fault.Error{Class: fault.Auth, Doing: r.doing, Status: status, Code: providers.CodeKey, Message: message, Answer: answer, Err: cause,
		Advice: "KolayBi panelinden yeni API anahtarı alıp api_key ayarına koyun; channel ayarını da denetleyin"}
	if status == http.StatusForbidden || status == http.StatusPaymentRequired {
		e.Code, e.Advice = providers.CodePermission, "Hesabın bu işleme yetkisi yok: KolayBi ile görüşün"
	}
	return e
}
