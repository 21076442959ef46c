package turkcell

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// tokenLife caps how long a token is used: the provider names a day, its own client half of one (facts section 1).
const tokenLife = 12 * time.Hour

// authorise gives the token for a request, and not the stale one; empty where the account has an API key.
func (c *client) authorise(ctx context.Context, stale string) (string, error) {
	if c.cfg.Username == "" {
		return "", nil
	}
	token, err := c.session.Token(ctx, c.clock.Now(), stale, c.login)
	if err != nil && fault.ClassOf(err) == "" { // this caller's context
		err = fault.New(fault.Retryable, loggingIn, err)
	}
	return token, err
}

const loggingIn = "logging in at turkcell"

// login asks for a token (facts section 1). Whatever happens, no document was touched: it is Auth, Throttled or Retryable.
func (c *client) login(ctx context.Context) (token string, until time.Time, err error) {
	r := request{doing: loggingIn, use: useLookup, method: http.MethodPost, accept: "application/json", contentType: "application/x-www-form-urlencoded"}
	r.body = []byte(url.Values{"username": {c.cfg.Username}, "password": {c.cfg.Password}, "client_id": {"serviceApi"}}.Encode())
	wr := c.wired(r, "")
	wr.Address = c.cfg.TokenURL
	got, err := c.wire.Once(ctx, wr)
	if f, failed := errors.AsType[*wire.Failure](err); failed {
		return "", time.Time{}, c.unasked(r, f.Status, f.Err)
	}
	a := c.answer(got)
	if a.status != http.StatusOK {
		return "", time.Time{}, c.notLoggedIn(r, a)
	}
	var said struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   number `json:"expires_in"` // seconds, as text
	}
	if err := decode(a, &said); err != nil {
		return "", time.Time{}, c.unread(r, a, "the answer holds no token: %w", err)
	}
	if said.AccessToken == "" || strings.ContainsFunc(said.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", time.Time{}, c.unread(r, a, "the answer holds no token")
	}
	c.redact.learn(said.AccessToken)
	life := tokenLife
	if half := time.Duration(said.ExpiresIn.value) * time.Second / 2; half > 0 {
		life = min(life, half)
	}
	return said.AccessToken, c.clock.Now().Add(life), nil
}

// notLoggedIn: wrong credentials are answered 422 with the body of a refusal (facts section 1); what the table of classes
// would call a refusal of the content is one of the account here.
func (c *client) notLoggedIn(r request, a answer) error {
	err := c.refused(r, a, "")
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	switch a.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity:
		e.Class, e.Code = fault.Auth, providers.CodeKey
		e.Advice = "Kullanıcı adı ya da parola kabul edilmedi: username ve password ayarlarını kontrol edin, ya da portaldan API anahtarı alıp api_key ayarına koyun"
	case http.StatusNotFound:
		e.Class, e.Code = fault.Retryable, "turkcell.http_404"
		e.Advice = "Oturum açma adresi yanlış: token_url ayarını kontrol edin"
	}
	return e
}

// expired is the answer to a write whose token was refused: surely nothing was done, and the next try logs in again.
func (c *client) expired(r request, a answer) error {
	return &fault.Error{Class: fault.Retryable, Doing: r.doing, Status: a.status, Code: "turkcell.session", Answer: c.redact.Answer(a.body),
		Err: a.cause(parseProblem(a.header.Get("Content-Type"), a.body)), Advice: "Oturumun süresi doldu; faturad yeniden oturum açıp kendiliğinden dener"}
}

// mask knows the account's secrets: the key or password, and the tokens that they were given for. Old tokens stay known,
// since a late answer may repeat one.
type mask struct {
	mu      sync.RWMutex
	secrets []string
	current *redact.Redactor
}

func newMask(secrets ...string) *mask {
	return &mask{secrets: secrets, current: redact.New(secrets...)}
}

// keptTokens is how many tokens are masked: two, the current one and the one before it.
const keptTokens = 2

func (m *mask) learn(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fixed := 2 // API key and password
	if len(m.secrets) >= fixed+keptTokens {
		m.secrets = append(m.secrets[:fixed:fixed], m.secrets[fixed+1:]...)
	}
	m.secrets = append(m.secrets, token)
	m.current = redact.New(m.secrets...)
}

func (m *mask) redactor() *redact.Redactor {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.current
}

// Text masks the secrets in s.
func (m *mask) Text(s string) string { return m.redactor().Text(s) }

// Answer masks the secrets in an answer and cuts it.
func (m *mask) Answer(body []byte) []byte { return m.redactor().Answer(body) }

// Error masks the secrets in an error's text.
func (m *mask) Error(err error) error { return m.redactor().Error(err) }
