package turkcell

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"faturad/internal/clock"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// client carries requests to the provider, with the account's key, or with the token that all share.
type client struct {
	cfg     Config
	clock   clock.Clock
	redact  *mask
	wire    *wire.Client
	session *wire.Session // of an account that logs in; unused with an API key
}

// request is one call. Path begins with a slash; body may be nil.
type request struct {
	doing       string // for errors, e.g. "creating an e-Fatura at turkcell"
	use         use    // decides the class of each status
	product     string // for a 403: what the call belongs to
	method      string
	path        string
	query       url.Values
	contentType string
	accept      string
	body        []byte
	limit       int64 // bytes of the answer at most; 0 = 1 MiB
}

// answer is what came back, its body whole and within the limit.
type answer struct {
	status      int
	header      http.Header
	body        []byte
	correlation string // X-Correlation-Id, for the provider's support
}

// maxList limits lists, in bytes.
const maxList = 16 << 20

func newClient(cfg Config, base *url.URL, clk clock.Clock, log *slog.Logger) *client {
	c := &client{cfg: cfg, clock: clk, redact: newMask(cfg.APIKey, cfg.Password), session: wire.NewSession()}
	c.wire = wire.New(wire.Settings{
		Name: Name, Base: base, WriteTimeout: cfg.CreateTimeout, ConnectTimeout: cfg.ConnectTimeout, ReadTimeout: cfg.ReadTimeout,
		ReadRetries: cfg.ReadRetries, Clock: clk, Log: log,
		Notes: func(h http.Header) []any { return []any{"correlation", c.correlation(h)} },
	})
	return c
}

// correlation is the number that the provider's support asks for.
func (c *client) correlation(h http.Header) string {
	return redact.Line(c.redact.Text(h.Get("X-Correlation-Id")), 100)
}

// once sends one request that may change something at the provider, at most one time.
func (c *client) once(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CreateTimeout)
	defer cancel()
	token, err := c.authorise(ctx, "")
	if err != nil {
		return answer{}, err // nothing left
	}
	got, err := c.wire.Once(ctx, c.wired(r, token))
	if f, failed := errors.AsType[*wire.Failure](err); failed {
		if f.Left {
			return answer{}, c.cut(r, f.Status, f.Err)
		}
		return answer{}, c.unsent(r, f.Err)
	}
	a := c.answer(got)
	switch {
	case token == "":
	case a.status != http.StatusUnauthorized:
		c.session.Accepted()
	case !c.session.Refused(token):
		return answer{}, c.expired(r, a) // a write is never repeated here: the caller's next try logs in
	}
	return a, nil
}

// read sends a request that changes nothing; it may be repeated within a small budget.
func (c *client) read(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ReadTimeout)
	defer cancel()
	o, err := c.open(ctx, r)
	if err != nil {
		return answer{}, err
	}
	return c.whole(ctx, r, o)
}

// open is read for callers who consume the body themselves. A question whose token was refused is asked once more with
// a new one.
func (c *client) open(ctx context.Context, r request) (wire.Opened, error) {
	for stale := ""; ; {
		token, err := c.authorise(ctx, stale)
		if err != nil {
			return wire.Opened{}, err
		}
		o, err := c.wire.Open(ctx, c.wired(r, token))
		if f, failed := errors.AsType[*wire.Failure](err); failed {
			return wire.Opened{}, c.unasked(r, f.Status, f.Err)
		}
		if token == "" || o.StatusCode != http.StatusUnauthorized {
			return o, nil
		}
		c.session.Drop(token)
		if stale != "" {
			return o, nil // it is the account, not the token
		}
		stale = token
		_ = o.Body.Close() // its words do not matter
	}
}

// whole reads an opened answer to its end.
func (c *client) whole(ctx context.Context, r request, o wire.Opened) (answer, error) {
	got, err := c.wire.Whole(ctx, o)
	if f, failed := errors.AsType[*wire.Failure](err); failed {
		return answer{}, c.unasked(r, f.Status, f.Err)
	}
	return c.answer(got), nil
}

func (c *client) answer(a wire.Answer) answer {
	return answer{status: a.Status, header: a.Header, body: a.Body, correlation: c.correlation(a.Header)}
}

func (c *client) wired(r request, token string) wire.Request {
	h := http.Header{}
	c.headers(h, r, token)
	return wire.Request{Method: r.method, Path: r.path, Query: r.query, Header: h, Body: r.body, Limit: r.limit}
}

func (c *client) headers(h http.Header, r request, token string) {
	switch {
	case token != "":
		h.Set("Authorization", "Bearer "+token)
	case c.cfg.APIKey != "":
		h.Set("X-Api-Key", c.cfg.APIKey)
	}
	if r.accept != "" {
		h.Set("Accept", r.accept)
	}
	if r.contentType != "" {
		h.Set("Content-Type", r.contentType)
	}
}
