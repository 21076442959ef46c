package wire //nolint:testpackage // the transport is not exported

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"faturad/internal/clock"
)

func open(base *url.URL) *Client {
	return New(Settings{Name: "provider", Base: base, WriteTimeout: time.Minute, ConnectTimeout: 5 * time.Second, ReadTimeout: time.Minute, ReadRetries: 2,
		Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler)})
}

// TestNoHTTP2 offers HTTP/2 by ALPN: it must not be taken, because its transport repeats requests by itself.
func TestNoHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "" || r.Header.Get("Expect") != "" {
			t.Errorf("%s, headers %v", r.Proto, r.Header)
		}
		w.WriteHeader(http.StatusOK)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := open(base)
	pool := transportOf(t, server.Client()).TLSClientConfig.RootCAs
	for _, hc := range []*http.Client{c.single, c.repeat.HTTPClient} {
		transport := transportOf(t, hc)
		transport.TLSClientConfig.RootCAs = pool
		t.Cleanup(transport.CloseIdleConnections)
	}
	if _, err := c.Once(t.Context(), Request{Method: http.MethodPost, Path: "/", Body: []byte("x")}); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(t.Context(), Request{Method: http.MethodGet, Path: "/"}); err != nil {
		t.Error(err)
	}
}

func transportOf(t *testing.T, hc *http.Client) *http.Transport {
	t.Helper()
	transport, ok := hc.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the transport is a %T", hc.Transport)
	}
	return transport
}

// TestReadsAreRepeated: a look-up survives a moment's failure, within its deadline.
func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := open(base)
	a, err := c.Read(t.Context(), Request{Method: http.MethodGet, Path: "/"})
	if err != nil || a.Status != http.StatusOK || asked.Load() != 3 {
		t.Errorf("%v, status %d after %d requests", err, a.Status, asked.Load())
	}
}

func TestRetriesHaveABudget(t *testing.T) {
	t.Parallel()
	b := &budget{tenths: 10 * budgetSize}
	again := 0
	for range 100 {
		if ok, err := b.check(t.Context(), &http.Response{StatusCode: 503}, nil); err != nil {
			t.Fatal(err)
		} else if ok {
			again++
		}
	}
	if again != budgetSize {
		t.Errorf("%d of 100 failing reads were repeated", again)
	}
	for range 10 {
		if ok, err := b.check(t.Context(), &http.Response{StatusCode: 200}, nil); err != nil || ok {
			t.Fatal("a good answer was repeated")
		}
	}
	if ok, err := b.check(t.Context(), nil, errors.New("cut")); err != nil || !ok {
		t.Error("ten good answers earned nothing")
	}
}

func TestRetryAfterIsCapped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "1e30": maxWait, "NaN": 0, "Inf": maxWait, "x": 0,
		"Mon, 02 Mar 2026 09:00:30 GMT": 30 * time.Second, "Mon, 02 Mar 2026 08:00:00 GMT": 0, "Mon, 02 Mar 2036 08:00:00 GMT": maxWait,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
