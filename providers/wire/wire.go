// Package wire carries a provider's HTTP requests: what may change something at most one time, what only reads within a
// small budget of repeats. It says what is known when a request fails, and leaves classes and words to the provider. It
// knows no API.
package wire

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

// Settings of a Client. All are required but ReadRetries and Notes.
type Settings struct {
	Name           string // the provider's, for the log
	Base           *url.URL
	WriteTimeout   time.Duration // deadline of one writing request
	ConnectTimeout time.Duration // connecting and TLS handshake
	ReadTimeout    time.Duration // deadline of one read with its retries
	ReadRetries    int           // further tries of a read that failed on the way
	Clock          clock.Clock
	Log            *slog.Logger
	// Notes are further words for the log about an answer, by its header; nil = none.
	Notes func(http.Header) []any
}

// Request is one call. Path begins with a slash; Body may be nil.
type Request struct {
	Method, Path string
	Address      string // instead of the base and Path; "" = these
	Query        url.Values
	Header       http.Header
	Body         []byte
	Limit        int64 // bytes of the answer at most; 0 = 1 MiB
}

// Answer is what came back, its body whole and within the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Failure is a request without a usable answer.
type Failure struct {
	Left   bool // the request may have arrived
	Status int  // of an answer that broke off; 0 = none began
	Err    error
}

// Error is the cause's.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

const (
	maxAnswer = 1 << 20
	maxHeader = 64 << 10
)

// Client carries the requests of one account. Writing requests and reads share nothing but the account.
type Client struct {
	settings Settings
	single   *http.Client
	repeat   *retryablehttp.Client
}

// New returns a client; it asks nothing of the network.
func New(s Settings) *Client {
	c := &Client{settings: s}
	c.single = &http.Client{Transport: c.transport(), CheckRedirect: stayHere}
	c.repeat = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: c.transport(), CheckRedirect: stayHere},
		RetryMax:     s.ReadRetries,
		RetryWaitMin: 200 * time.Millisecond,
		RetryWaitMax: 2 * time.Second,
		CheckRetry:   (&budget{tenths: 10 * budgetSize}).check,
		Backoff:      jitter,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// stayHere keeps redirects from being followed: a redirected create may be sent twice, and a redirected key leaves the
// house. The 3xx answer itself is handed out.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// transport speaks HTTP/1.1 only: an HTTP/2 transport repeats a request by itself after GOAWAY and REFUSED_STREAM. It asks
// for no compression, so that a limit on the body is a limit on what is unpacked.
func (c *Client) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: c.settings.ConnectTimeout, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.settings.ConnectTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        30 * time.Second, // shorter than usual servers keep theirs: fewer requests meet a closing one
	}
}

// Once sends one request that may change something, at most one time: GetBody is nil, there is no Idempotency-Key, and
// redirects and HTTP/2 are off, so that nothing below can send the body again. The error is a *Failure.
func (c *Client) Once(ctx context.Context, r Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.settings.WriteTimeout)
	defer cancel()
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Called after dialling, proxy and TLS handshake, and before the first byte of the request is written: the last
		// moment of which "nothing left" can be said for certain.
		GotConn: func(httptrace.GotConnInfo) { left.Store(true) },
	})
	ctx = failpoint.Trace(ctx)
	req, err := http.NewRequestWithContext(ctx, r.Method, c.url(r), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, &Failure{Err: err}
	}
	req.GetBody = nil
	headers(req.Header, r)
	start := c.settings.Clock.Now()
	res, err := c.single.Do(req)
	if err != nil {
		return Answer{}, &Failure{Left: left.Load(), Err: plain(err)}
	}
	a, err := c.receive(ctx, r, res, start)
	failpoint.Hit("http.read")
	if err != nil {
		return Answer{}, &Failure{Left: true, Status: res.StatusCode, Err: err}
	}
	return a, nil
}

// Read sends a request that changes nothing; it may be repeated within a small budget. The error is a *Failure.
func (c *Client) Read(ctx context.Context, r Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.settings.ReadTimeout)
	defer cancel()
	o, err := c.Open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return c.Whole(ctx, o)
}

// Opened is an answer whose body was not read yet.
type Opened struct {
	*http.Response
	Began   time.Time
	request Request
}

// Open is Read for callers who consume the body themselves, and bring their own deadline. The error is a *Failure.
func (c *Client) Open(ctx context.Context, r Request) (Opened, error) {
	o := Opened{Began: c.settings.Clock.Now(), request: r}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.Method, c.url(r), r.Body)
	if err != nil {
		return o, &Failure{Err: err}
	}
	headers(req.Header, r)
	if o.Response, err = c.repeat.Do(req); err != nil { //nolint:bodyclose // the caller closes it, or Whole does
		return o, &Failure{Left: true, Err: plain(err)}
	}
	return o, nil
}

// Whole reads the body of an opened answer after all, and closes it. The error is a *Failure.
func (c *Client) Whole(ctx context.Context, o Opened) (Answer, error) {
	a, err := c.receive(ctx, o.request, o.Response, o.Began)
	if err != nil {
		return Answer{}, &Failure{Left: true, Status: o.StatusCode, Err: err}
	}
	return a, nil
}

// receive reads the whole answer and logs the exchange: no body, no query, no header.
func (c *Client) receive(ctx context.Context, r Request, res *http.Response, start time.Time) (Answer, error) {
	defer res.Body.Close() // what matters has been read; a failing close changes nothing
	limit := r.Limit
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
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	words := []any{"method", r.Method, "path", r.Path, "status", res.StatusCode, "bytes", len(body), "ms", c.settings.Clock.Now().Sub(start).Milliseconds()}
	if c.settings.Notes != nil {
		words = append(words, c.settings.Notes(res.Header)...)
	}
	c.settings.Log.Log(ctx, level, c.settings.Name+" answered", append(words, "err", err)...)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: body}, err
}

func (c *Client) url(r Request) string {
	if r.Address != "" {
		return r.Address
	}
	u := *c.settings.Base
	u.Path = strings.TrimRight(u.Path, "/") + r.Path
	u.RawQuery = r.Query.Encode()
	return u.String()
}

func headers(h http.Header, r Request) {
	h.Set("User-Agent", "faturad")
	for name, values := range r.Header {
		h[name] = values
	}
}

// plain takes the address out of a transport error: it is the account's, and its query may name buyers.
func plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// jitter is the wait before a repeated read. Retry-After is not obeyed here but handed to the caller: a worker must not
// sleep through it.
func jitter(low, high time.Duration, attempt int, _ *http.Response) time.Duration {
	return low/2 + rand.N(min(high, low<<min(attempt, 10))) // jitter needs no secrecy
}

// budgetSize repeats may happen at once; each ten good answers earn one more (facts/reliability.md section 3.10): while the
// provider is down, reads must not double its load.
const budgetSize = 10

type budget struct {
	mu     sync.Mutex
	tenths int // of a repeat
}

func (b *budget) check(ctx context.Context, res *http.Response, err error) (bool, error) {
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
