package turkcell //nolint:testpackage // the transport is not exported

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"faturad/internal/clock"
)

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
	cfg, _, err := Config{BaseURL: server.URL, APIKey: "c2VjcmV0LWtleQ=="}.complete()
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(cfg, base, clock.Real{}, slog.New(slog.DiscardHandler))
	pool := transportOf(t, server.Client()).TLSClientConfig.RootCAs
	for _, hc := range []*http.Client{c.single, c.repeat.HTTPClient} {
		transport := transportOf(t, hc)
		transport.TLSClientConfig.RootCAs = pool
		t.Cleanup(transport.CloseIdleConnections)
	}
	if _, err := c.once(context.Background(), request{method: http.MethodPost, path: "/", body: []byte("x")}); err != nil {
		t.Error(err)
	}
	if _, err := c.read(context.Background(), request{method: http.MethodGet, path: "/"}); err != nil {
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
	cfg, base, err := Config{BaseURL: server.URL, APIKey: "c2VjcmV0LWtleQ==", ReadTimeout: 20 * time.Second}.complete()
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(cfg, base, clock.Real{}, slog.New(slog.DiscardHandler))
	a, err := c.read(context.Background(), request{method: http.MethodGet, path: "/"})
	if err != nil || a.status != http.StatusOK || asked.Load() != 3 {
		t.Errorf("%v, status %d after %d requests", err, a.status, asked.Load())
	}
}
