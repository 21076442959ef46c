package providertest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"faturad/internal/fault"
)

// stub is an HTTP server that counts what creates.
type stub struct {
	URL     string
	creates atomic.Int64
	all     atomic.Int64
}

func serve(t testing.TB, s Subject, handler http.HandlerFunc) *stub {
	t.Helper()
	st := &stub{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Prelude != nil && s.Prelude(w, r) {
			return
		}
		st.all.Add(1)
		if s.Creates(r) {
			st.creates.Add(1)
		}
		_, _ = io.Copy(io.Discard, r.Body) // a client that gave up is the test's subject, not its failure
		handler(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(server.Close)
	st.URL = server.URL
	return st
}

func (r Reply) write(w http.ResponseWriter) {
	contentType := r.Type
	if contentType == "" {
		contentType = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body)
}

// wire is a TCP server below HTTP: it decides byte by byte what comes back.
type wire struct {
	URL     string
	creates atomic.Int64
}

// script answers one connection. The request's head has been read and counted; its body has not.
type script func(c net.Conn, r *http.Request)

// listen starts a wire. With early set the script runs before anything is read, and its request is nil.
func listen(t testing.TB, s Subject, early bool, play script) *wire {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{URL: "http://" + l.Addr().String()}
	var conns sync.WaitGroup
	done := make(chan struct{})
	t.Cleanup(func() {
		close(done)
		_ = l.Close()
		conns.Wait()
	})
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				stop := make(chan struct{})
				defer close(stop)
				conns.Go(func() { // a silent script ends with its test
					select {
					case <-done:
						_ = c.Close()
					case <-stop:
					}
				})
				defer c.Close() //nolint:errcheck // breaking is what it is for
				if early {
					play(c, nil)
					return
				}
				in := bufio.NewReader(c)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					if s.Prelude != nil {
						recorder := httptest.NewRecorder()
						if s.Prelude(recorder, r) {
							_, _ = io.Copy(io.Discard, r.Body)
							answer := recorder.Result()
							answer.ContentLength = int64(recorder.Body.Len())
							_ = answer.Write(c)
							continue
						}
					}
					if s.Creates(r) {
						w.creates.Add(1)
					}
					play(c, r)
					if _, err := io.Copy(io.Discard, r.Body); err != nil {
						return
					}
				}
			})
		}
	})
	return w
}

// logs collects what the provider logs, at every level.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func newLogs() (*slog.Logger, *logs) {
	l := &logs{}
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})), l
}

// forms are the ways in which a secret could get out.
func forms(secret string) map[string]string {
	return map[string]string{
		"raw": secret, "query": url.QueryEscape(secret), "path": url.PathEscape(secret), "hex": hex.EncodeToString([]byte(secret)),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64url": base64.URLEncoding.EncodeToString([]byte(secret)),
		"basic": base64.StdEncoding.EncodeToString([]byte("key:" + secret)),
	}
}

// noSecret fails when text holds the secret in any form.
func noSecret(t testing.TB, where, secret, text string) {
	t.Helper()
	lower := strings.ToLower(text)
	for name, form := range forms(secret) {
		if strings.Contains(lower, strings.ToLower(form)) {
			t.Errorf("%s shows the secret (%s)", where, name)
		}
	}
}

// noSecretIn looks into every corner of an error.
func noSecretIn(t testing.TB, secret string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v\n%+v\n%#v\n%q", err, err, err, err)
	if e, ok := errors.AsType[*fault.Error](err); ok {
		text += fmt.Sprintf("\n%v\n%s\n%s\n%s\n%s\n%s", e.Err, e.Message, e.Advice, e.Code, e.Existing, e.Answer)
		for inner := errors.Unwrap(e.Err); inner != nil; inner = errors.Unwrap(inner) {
			text += "\n" + inner.Error()
		}
	}
	noSecret(t, "an error", secret, text)
}

// statuses are all that an answer can have, or, where one body has had all of them already, those that somebody uses.
func statuses(all bool) []int {
	var out []int
	for status := 200; status <= 599; status++ {
		if all || status%100 <= 31 && status < 500 || status%100 <= 11 || status == 451 || status == 499 || status == 599 {
			out = append(out, status)
		}
	}
	return out
}

// classes that mean that nothing was created.
func surelyNot(c fault.Class) bool {
	return c == fault.Retryable || c == fault.Throttled || c == fault.Auth || c == fault.Permanent || c == fault.NotFound
}

// known reports whether c is one of the classes.
func known(c fault.Class) bool {
	return surelyNot(c) || c == fault.Ambiguous || c == fault.Duplicate
}
