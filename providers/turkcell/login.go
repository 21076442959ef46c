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
)

// tokenLife caps how long a token is used: the provider names a day, its own client half of one (facts section 1).
const tokenLife = 12 * time.Hour

// grant is one token. Its turn counts log-ins, so that a late answer about an old token is not taken for one about the new.
type grant struct {
	token string
	until time.Time
	turn  int
}

// session is the log-in that all goroutines of an account share: one of them renews it while the others wait, and take
// its result, be it a token or an error.
type session struct {
	renewing chan struct{} // held by the one that logs in

	mu      sync.Mutex
	grant   grant
	logins  int   // how often somebody logged in, or tried to
	failure error // of the last try
	refused int   // turn of the token with which a write was refused last; 0 = a write went through since
}

// usable gives the grant that may be used now. The second result counts log-ins, to tell whether one happened meanwhile.
func (s *session) usable(now time.Time) (grant, int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant, s.logins, s.grant.token != "" && now.Before(s.grant.until)
}

// drop forgets a token that was refused, unless a newer one took its place.
func (s *session) drop(g grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grant.turn == g.turn {
		s.grant.token = ""
	}
}

// judgeWrite remembers how a write with g was received. It reports whether the 401 of this one is about the account
// itself: a write with an older token was refused too, and none went through between.
func (s *session) judgeWrite(g grant, status int) (hopeless bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case status != http.StatusUnauthorized:
		s.refused = 0
	case g.turn < s.grant.turn: // a newer token is there already
	case s.refused != 0 && s.refused < g.turn:
		return true
	default:
		s.refused = g.turn
	}
	return false
}

// authorise gives the token for a request; zero where the account has an API key.
func (c *client) authorise(ctx context.Context) (grant, error) {
	if c.cfg.Username == "" {
		return grant{}, nil
	}
	s := &c.session
	g, logins, ok := s.usable(c.clock.Now())
	if ok {
		return g, nil
	}
	select {
	case s.renewing <- struct{}{}:
		defer func() { <-s.renewing }()
	case <-ctx.Done():
		return grant{}, fault.New(fault.Retryable, loggingIn, ctx.Err())
	}
	s.mu.Lock()
	meanwhile, failure := s.logins != logins, s.failure
	s.mu.Unlock()
	if meanwhile && failure != nil {
		return grant{}, failure
	}
	if g, _, ok := s.usable(c.clock.Now()); ok {
		return g, nil
	}
	token, life, err := c.login(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil { // a caller that gave up says nothing about the account
		s.logins++
		s.failure = err
	}
	if err != nil {
		return grant{}, err
	}
	s.grant = grant{token: token, until: c.clock.Now().Add(life), turn: s.grant.turn + 1}
	return s.grant, nil
}

const loggingIn = "logging in at turkcell"

// login asks for a token (facts section 1). Whatever happens, no document was touched: it is Auth, Throttled or Retryable.
func (c *client) login(ctx context.Context) (token string, life time.Duration, err error) {
	r := request{doing: loggingIn, use: useLookup, method: http.MethodPost, accept: "application/json", contentType: "application/x-www-form-urlencoded"}
	form := url.Values{"username": {c.cfg.Username}, "password": {c.cfg.Password}, "client_id": {"serviceApi"}}
	req, err := http.NewRequestWithContext(ctx, r.method, c.cfg.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, c.unasked(r, 0, err)
	}
	c.headers(req.Header, r, grant{})
	start := c.clock.Now()
	res, err := c.single.Do(req)
	if err != nil {
		return "", 0, c.unasked(r, 0, err)
	}
	a, err := c.receive(ctx, r, res, start)
	if err != nil {
		return "", 0, c.unasked(r, res.StatusCode, err)
	}
	if a.status != http.StatusOK {
		return "", 0, c.notLoggedIn(r, a)
	}
	var said struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   number `json:"expires_in"` // seconds, as text
	}
	if err := decode(a, &said); err != nil {
		return "", 0, c.unread(r, a, "the answer holds no token: %w", err)
	}
	if said.AccessToken == "" || strings.ContainsFunc(said.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", 0, c.unread(r, a, "the answer holds no token")
	}
	c.redact.learn(said.AccessToken)
	life = tokenLife
	if half := time.Duration(said.ExpiresIn.value) * time.Second / 2; half > 0 {
		life = min(life, half)
	}
	return said.AccessToken, life, nil
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
		e.Advice = "Kullanıcı adı ya da parola kabul edilmedi: username ve password ayarlarını denetleyin, ya da portaldan API anahtarı alıp api_key ayarına koyun"
	case http.StatusNotFound:
		e.Class, e.Code = fault.Retryable, "turkcell.http_404"
		e.Advice = "Oturum açma adresi yanlış: token_url ayarını denetleyin"
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
