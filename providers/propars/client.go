package propars

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// client carries requests to Propars, each with the token that all share.
type client struct {
	cfg     Config
	clock   clock.Clock
	wire    *wire.Client
	session *wire.Session
	mask    atomic.Pointer[redact.Redactor] // knows the password, and the token of the moment
}

// request is one call.
type request struct {
	doing  string // for errors, e.g. "sending an invoice at propars"
	use    use    // decides the class of each answer
	method string
	path   string // with the slash at its end that belongs to every path
	query  url.Values
	body   any    // sent as JSON; nil = none
	accept string // "" = JSON
	limit  int64  // bytes of the answer at most; 0 = 1 MiB
}

const (
	typeJSON = "application/json"

	maxList     = 16 << 20
	maxDownload = 32 << 20
)

func newClient(cfg Config, base *url.URL, clk clock.Clock, log *slog.Logger) *client {
	c := &client{cfg: cfg, clock: clk, session: wire.NewSession(), wire: wire.New(wire.Settings{
		Name: Name, Base: base, WriteTimeout: cfg.CreateTimeout, ConnectTimeout: cfg.ConnectTimeout, ReadTimeout: cfg.ReadTimeout,
		ReadRetries: cfg.ReadRetries, Clock: clk, Log: log,
	})}
	c.mask.Store(redact.New(cfg.Password))
	return c
}

// redact masks the secrets.
func (c *client) redact() *redact.Redactor { return c.mask.Load() }

// read asks a question. A token that is over is renewed once, and the question asked again.
func (c *client) read(ctx context.Context, r request) (wire.Answer, error) {
	token, err := c.token(ctx, r, "")
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := c.readWith(ctx, r, token)
	if !errors.Is(err, errToken) {
		return a, err
	}
	if token, err = c.token(ctx, r, token); err != nil {
		return wire.Answer{}, err
	}
	return c.readWith(ctx, r, token)
}

func (c *client) readWith(ctx context.Context, r request, token string) (wire.Answer, error) {
	wr, err := c.wireRequest(r, token)
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := c.wire.Read(ctx, wr)
	if err != nil {
		return a, c.failed(r, err)
	}
	return a, c.judge(r, a)
}

// write sends a request that changes something, once. When its token turns out to be over, nothing was done: the token is
// dropped, and the error says "try again", unless that happened before with a new token.
func (c *client) write(ctx context.Context, r request) (wire.Answer, error) {
	token, err := c.token(ctx, r, "")
	if err != nil {
		return wire.Answer{}, err
	}
	wr, err := c.wireRequest(r, token)
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := c.wire.Once(ctx, wr)
	if err != nil {
		return a, c.failed(r, err)
	}
	err = c.judge(r, a)
	if !errors.Is(err, errToken) {
		c.session.Accepted()
		return a, err
	}
	if c.session.Refused(token) {
		return a, err
	}
	return a, &fault.Error{Class: fault.Retryable, Doing: r.doing, Status: a.Status, Code: "propars.session", Err: err,
		Advice: "Propars oturumu sona ermiş; faturad yeni oturum açıp sürdürür, işlem gerekmez"}
}

func (c *client) wireRequest(r request, token string) (wire.Request, error) {
	header := http.Header{"Accept": {typeJSON}}
	if r.accept != "" {
		header.Set("Accept", r.accept)
	}
	if token != "" {
		header.Set("Authorization", "Token "+token)
	}
	var body []byte
	if r.body != nil {
		header.Set("Content-Type", typeJSON)
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(r.body); err != nil {
			return wire.Request{}, fault.New(fault.Permanent, r.doing, err)
		}
		body = bytes.TrimRight(b.Bytes(), "\n")
	}
	return wire.Request{Method: r.method, Path: r.path, Query: r.query, Header: header, Body: body, Limit: r.limit}, nil
}

// token gives a token that is not the stale one.
func (c *client) token(ctx context.Context, r request, stale string) (string, error) {
	token, err := c.session.Token(ctx, c.clock.Now(), stale, c.login)
	if err != nil && fault.ClassOf(err) == "" { // this caller's context
		err = fault.New(fault.Retryable, r.doing, err)
	}
	return token, err
}

// login asks for a new token. Whatever happens, no document was touched.
func (c *client) login(ctx context.Context) (string, time.Time, error) {
	r := request{doing: "logging in at propars", use: useToken, method: http.MethodPost, path: "/api-token-auth/",
		body: map[string]string{"username": c.cfg.Username, "password": c.cfg.Password}}
	wr, err := c.wireRequest(r, "")
	if err != nil {
		return "", time.Time{}, err
	}
	a, err := c.wire.Once(ctx, wr)
	if err != nil {
		return "", time.Time{}, c.failed(r, err)
	}
	if err := c.judge(r, a); err != nil {
		return "", time.Time{}, err
	}
	var said struct {
		Token   string          `json:"token"`
		Expires json.RawMessage `json:"expire_date"`
	}
	if err := json.Unmarshal(a.Body, &said); err != nil || said.Token == "" || strings.ContainsFunc(said.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", time.Time{}, c.unread(r, a.Status, nil, "the answer holds no token")
	}
	c.mask.Store(redact.New(c.cfg.Password, said.Token))
	until := c.clock.Now().Add(c.cfg.TokenLife)
	if at := instantOf(said.Expires); !at.IsZero() {
		until = at.Add(-time.Minute)
	}
	return said.Token, until, nil
}

// instantOf reads a time in the forms that Django writes; zero = it is none.
func instantOf(raw json.RawMessage) time.Time {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, clock.Istanbul); err == nil {
			return at
		}
	}
	return time.Time{}
}
