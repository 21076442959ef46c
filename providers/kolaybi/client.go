package kolaybi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers/redact"
	"faturad/providers/wire"
)

// client carries requests to KolayBi, each with the account's channel and the token that all share.
type client struct {
	cfg     Config
	clock   clock.Clock
	wire    *wire.Client
	session *wire.Session
	mask    atomic.Pointer[redact.Redactor] // knows the secrets, and the token of the moment

	company struct { // what GET companies gave
		mu  sync.Mutex
		row *companyRow
	}
}

// request is one call.
type request struct {
	doing  string // for errors, e.g. "making a draft at kolaybi"
	use    use    // decides the class of each answer
	method string
	path   string
	query  url.Values
	body   any   // of writes: encoded as Config.Format says; nil = none
	empty  bool  // a success may say nothing
	limit  int64 // bytes of the answer at most; 0 = 1 MiB
}

const (
	typeForm = "application/x-www-form-urlencoded"
	typeJSON = "application/json"

	maxList     = 16 << 20
	maxDownload = 32 << 20
)

func newClient(cfg Config, base *url.URL, clk clock.Clock, log *slog.Logger) *client {
	c := &client{cfg: cfg, clock: clk, session: wire.NewSession(), wire: wire.New(wire.Settings{
		Name: Name, Base: base, WriteTimeout: cfg.CreateTimeout, ConnectTimeout: cfg.ConnectTimeout, ReadTimeout: cfg.ReadTimeout,
		ReadRetries: cfg.ReadRetries, Clock: clk, Log: log,
	})}
	c.mask.Store(redact.New(cfg.APIKey, cfg.Channel))
	return c
}

// redact masks the secrets.
func (c *client) redact() *redact.Redactor { return c.mask.Load() }

// read asks a question. A token that is over is renewed once, and the question asked again.
func (c *client) read(ctx context.Context, r request) (envelope, error) {
	token, err := c.token(ctx, "")
	if err != nil {
		return envelope{}, err
	}
	e, err := c.readWith(ctx, r, token)
	if !errors.Is(err, errToken) {
		return e, err
	}
	if token, err = c.token(ctx, token); err != nil {
		return envelope{}, err
	}
	return c.readWith(ctx, r, token)
}

func (c *client) readWith(ctx context.Context, r request, token string) (envelope, error) {
	wr, err := c.wireRequest(r, token)
	if err != nil {
		return envelope{}, fault.New(fault.Permanent, r.doing, err)
	}
	a, err := c.wire.Read(ctx, wr)
	if err != nil {
		return envelope{}, c.failed(r, err)
	}
	return c.open(r, a)
}

// write sends a request that changes something, once. When its token turns out to be over, nothing was done: the token is
// dropped, and the error says "try again", unless that happened before with a new token.
func (c *client) write(ctx context.Context, r request) (envelope, error) {
	token, err := c.token(ctx, "")
	if err != nil {
		return envelope{}, err
	}
	wr, err := c.wireRequest(r, token)
	if err != nil {
		return envelope{}, fault.New(fault.Permanent, r.doing, err)
	}
	a, err := c.wire.Once(ctx, wr)
	if err != nil {
		return envelope{}, c.failed(r, err)
	}
	e, err := c.open(r, a)
	if !errors.Is(err, errToken) {
		c.session.Accepted()
		return e, err
	}
	if c.session.Refused(token) {
		return e, err
	}
	return e, &fault.Error{Class: fault.Retryable, Doing: r.doing, Status: a.Status, Code: "kolaybi.session", Err: err,
		Advice: "KolayBi oturumu sona ermiş; faturad yeni oturum açıp sürdürür, işlem gerekmez"}
}

func (c *client) wireRequest(r request, token string) (wire.Request, error) {
	header := http.Header{"Channel": {c.cfg.Channel}, "Accept": {typeJSON}}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	var body []byte
	if r.body != nil {
		var err error
		contentType := typeForm
		if c.cfg.Format == FormatJSON || r.use == useToken {
			contentType = typeJSON
		}
		header.Set("Content-Type", contentType)
		if body, err = encode(r.body, contentType); err != nil {
			return wire.Request{}, err
		}
	}
	return wire.Request{Method: r.method, Path: r.path, Query: r.query, Header: header, Body: body, Limit: r.limit}, nil
}
