package turkcell

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/providers"
	"faturad/providers/redact"
)

// client carries requests to the provider. Creating ones go through once, reads through read; the two share nothing but
// the account.
type client struct {
	cfg    Config
	base   *url.URL
	clock  clock.Clock
	log    *slog.Logger
	redact *mask
	single *http.Client
	repeat *retryablehttp.Client

	session session // of an account that logs in; unused with an API key
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
	limit       int64 // bytes of the answer at most; 0 = maxAnswer
}

// answer is what came back, its body whole and within the limit.
type answer struct {
	status      int
	header      http.Header
	body        []byte
	correlation string // X-Correlation-Id, for the provider's support
}

// Limits of one answer in bytes (facts/reliability.md section 3.4), and of its header.
const (
	maxAnswer = 1 << 20
	maxList   = 16 << 20
	maxHeader = 64 << 10
)

func newClient(cfg Config, base *url.URL, clk clock.Clock, log *slog.Logger) *client {
	c := &client{cfg: cfg, base: base, clock: clk, log: log, redact: newMask(cfg.APIKey, cfg.Password)}
	c.session.renewing = make(chan struct{}, 1)
	c.single = &http.Client{Transport: c.transport(), CheckRedirect: stayHere}
	c.repeat = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: c.transport(), CheckRedirect: stayHere},
		RetryMax:     cfg.ReadRetries,
		RetryWaitMin: 200 * time.Millisecond,
		RetryWaitMax: 2 * time.Second,
		CheckRetry:   (&retryBudget{tenths: 10 * budgetSize}).check,
		Backoff:      fullJitter,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// stayHere keeps redirects from being followed: a redirected create may be sent twice, and a redirected key leaves the
// house. The 3xx answer itself is classified.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// transport speaks HTTP/1.1 only: an HTTP/2 transport repeats a request by itself after GOAWAY and REFUSED_STREAM. It asks
// for no compression, so that a limit on the body is a limit on what is unpacked; an answer that is compressed all the
// same is not unpacked and counts as unreadable. Deadlines are the context's: the taxpayer list may take minutes to begin.
func (c *client) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: c.cfg.ConnectTimeout, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.cfg.ConnectTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        30 * time.Second, // shorter than usual servers keep theirs: fewer requests meet a closing one
	}
}

// once sends one request that may change something at the provider, at most one time. net/http repeats a request by itself
// when its connection turns out dead before a byte was written, and that is all it may do here: GetBody is nil, the
// method is not idempotent, there is no Idempotency-Key header, redirects and HTTP/2 are off.
func (c *client) once(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CreateTimeout)
	defer cancel()
	token, err := c.authorise(ctx)
	if err != nil {
		return answer{}, err // nothing left
	}
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Called after dialling, proxy and TLS handshake, and before the first byte of the request is written. It is the
		// last moment of which "nothing left" can be said for certain: later hooks run after a write has begun.
		GotConn: func(httptrace.GotConnInfo) { left.Store(true) },
	})
	ctx = failpoint.Trace(ctx)
	req, err := http.NewRequestWithContext(ctx, r.method, c.url(r), bytes.NewReader(r.body))
	if err != nil {
		return answer{}, c.unsent(r, err)
	}
	req.GetBody = nil // invariant 2: nothing below us can send the body a second time
	c.headers(req.Header, r, token)
	start := c.clock.Now()
	res, err := c.single.Do(req)
	if err != nil {
		if left.Load() {
			return answer{}, c.cut(r, 0, err)
		}
		return answer{}, c.unsent(r, err)
	}
	a, err := c.receive(ctx, r, res, start)
	failpoint.Hit("http.read")
	if err != nil {
		return answer{}, c.cut(r, res.StatusCode, err)
	}
	if token.turn != 0 {
		hopeless := c.session.judgeWrite(token, a.status)
		if a.status == http.StatusUnauthorized {
			c.session.drop(token)
			if !hopeless {
				return answer{}, c.expired(r, a) // a write is never repeated here: the caller's next try logs in
			}
		}
	}
	return a, nil
}

// read sends a request that changes nothing; it may be repeated within a small budget.
func (c *client) read(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ReadTimeout)
	defer cancel()
	res, start, err := c.open(ctx, r)
	if err != nil {
		return answer{}, err
	}
	a, err := c.receive(ctx, r, res, start)
	if err != nil {
		return answer{}, c.unasked(r, res.StatusCode, err)
	}
	return a, nil
}

// open is read for callers who consume the body themselves. A question whose token was refused is asked once more with
// a new one.
func (c *client) open(ctx context.Context, r request) (*http.Response, time.Time, error) {
	for fresh := false; ; fresh = true {
		token, err := c.authorise(ctx)
		if err != nil {
			return nil, c.clock.Now(), err
		}
		res, start, err := c.ask(ctx, r, token)
		if err != nil || token.turn == 0 || res.StatusCode != http.StatusUnauthorized {
			return res, start, err
		}
		c.session.drop(token)
		if fresh {
			return res, start, nil // it is the account, not the token
		}
		_ = res.Body.Close() // its words do not matter
	}
}

// ask sends a question once, repeated only by the budget of reads.
func (c *client) ask(ctx context.Context, r request, token grant) (*http.Response, time.Time, error) {
	start := c.clock.Now()
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, c.url(r), r.body)
	if err != nil {
		return nil, start, c.unasked(r, 0, err)
	}
	c.headers(req.Header, r, token)
	res, err := c.repeat.Do(req)
	if err != nil {
		return nil, start, c.unasked(r, 0, err)
	}
	return res, start, nil
}

// receive reads the whole answer and logs the exchange: no body, no key.
func (c *client) receive(ctx context.Context, r request, res *http.Response, start time.Time) (answer, error) {
	defer res.Body.Close() // what matters has been read; a failing close changes nothing
	limit := r.limit
	if limit == 0 {
		limit = maxAnswer
	}
	body, err := providers.ReadBody(ctx, res.Body, limit)
	switch coding := strings.ToLower(res.Header.Get("Content-Encoding")); {
	case err != nil:
		err = fmt.Errorf("the answer broke off: %w", err)
	case int64(len(body)) > limit:
		err = fmt.Errorf("the answer is longer than %d bytes", limit)
	case coding != "" && coding != "identity":
		err = fmt.Errorf("the answer is compressed (%q), which was not asked for", redact.Line(coding, 40))
	}
	a := answer{
		status: res.StatusCode, header: res.Header, body: body,
		correlation: redact.Line(c.redact.Text(res.Header.Get("X-Correlation-Id")), 100),
	}
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	c.log.Log(ctx, level, "turkcell answered", "method", r.method, "path", r.path, "status", a.status, "bytes", len(body),
		"ms", c.clock.Now().Sub(start).Milliseconds(), "correlation", a.correlation, "err", err)
	return a, err
}

func (c *client) url(r request) string {
	u := *c.base
	u.Path = strings.TrimRight(u.Path, "/") + r.path
	u.RawQuery = r.query.Encode()
	return u.String()
}

func (c *client) headers(h http.Header, r request, token grant) {
	switch {
	case token.token != "":
		h.Set("Authorization", "Bearer "+token.token)
	case c.cfg.APIKey != "":
		h.Set("X-Api-Key", c.cfg.APIKey)
	}
	h.Set("User-Agent", "faturad")
	if r.accept != "" {
		h.Set("Accept", r.accept)
	}
	if r.contentType != "" {
		h.Set("Content-Type", r.contentType)
	}
}

// fullJitter is the wait before a repeated read. Retry-After is not obeyed here but handed to the caller: a worker must
// not sleep through it.
func fullJitter(low, high time.Duration, attempt int, _ *http.Response) time.Duration {
	return low/2 + rand.N(min(high, low<<min(attempt, 10))) // jitter needs no secrecy
}

// budgetSize repeats may happen at once; each ten good answers earn one more (facts/reliability.md section 3.10, ratio
// 0.1): while the provider is down, reads must not double its load.
const budgetSize = 10

type retryBudget struct {
	mu     sync.Mutex
	tenths int // of a repeat
}

func (b *retryBudget) check(ctx context.Context, res *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil // the error of the exchange itself says more
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if again := err != nil && !unfixable(err) || err == nil && res.StatusCode >= 500; !again {
		if err == nil {
			b.tenths = min(b.tenths+1, 10*budgetSize)
		}
		return false, nil
	}
	if b.tenths < 10 {
		return false, nil
	}
	b.tenths -= 10
	return true, nil
}

// unfixable errors are the same a moment later.
func unfixable(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate || errors.Is(err, context.DeadlineExceeded)
}
