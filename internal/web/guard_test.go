package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// private are the addresses behind the token.
var privatePaths = []string{"/", "/documents", "/document?ref=acme:sale:1", "/inbox", "/metrics"}

func TestTokenIsNeeded(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range privatePaths {
		if a := s.send(http.MethodGet, path, nil); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s without a token: %d", path, a.status)
		}
		if a := s.send(http.MethodGet, path, nil, html); a.status != http.StatusSeeOther || a.header.Get("Location") != "/login" {
			t.Errorf("%s by a browser without a log-in: %d to %q", path, a.status, a.header.Get("Location"))
		}
		if a := s.send(http.MethodGet, path, nil, bearer(token)); a.status != http.StatusOK {
			t.Errorf("%s with the token: %d %s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/run", "/logout"} {
		if a := s.send(http.MethodPost, path, url.Values{"job": {"outbound"}, "company": {"acme"}}); a.status != http.StatusUnauthorized {
			t.Errorf("POST %s without a token: %d", path, a.status)
		}
	}
	if ran := s.jobs.ran(); len(ran) > 0 {
		t.Errorf("a stranger started %v", ran)
	}
	for _, path := range []string{"/healthz", "/readyz", "/login", "/style.css"} {
		if a := s.send(http.MethodGet, path, nil); a.status != http.StatusOK {
			t.Errorf("%s needs a token: %d", path, a.status)
		}
	}
}

func TestLogIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := s.login()
	if !session.HttpOnly || session.SameSite != http.SameSiteStrictMode || session.Path != "/" || strings.Contains(session.Value, token) {
		t.Errorf("the cookie is %+v", session)
	}
	for _, path := range privatePaths {
		if a := s.send(http.MethodGet, path, nil, html, cookie(session.Value)); a.status != http.StatusOK {
			t.Errorf("%s logged in: %d %s", path, a.status, a.body)
		}
	}
	end, mac, _ := strings.Cut(session.Value, ".")
	for name, value := range map[string]string{
		"empty": "", "token": token, "no end": mac, "no hash": end + ".", "longer": "9" + end + "." + mac,
		"other": end + "." + strings.Repeat("0", len(mac)),
	} {
		if a := s.send(http.MethodGet, "/", nil, cookie(value)); a.status != http.StatusUnauthorized {
			t.Errorf("a forged session (%s) was let in: %d", name, a.status)
		}
	}
	a := s.send(http.MethodPost, "/logout", url.Values{}, cookie(session.Value))
	if a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Set-Cookie"), cookieName+"=;") || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("log-out: %d %q", a.status, a.header.Get("Set-Cookie"))
	}
	s.clock.Advance(sessionTime)
	if a := s.send(http.MethodGet, "/", nil, cookie(session.Value)); a.status != http.StatusUnauthorized {
		t.Errorf("a session holds for ever: %d", a.status)
	}
	other := open(t, func(o *Options) { o.Token = "another-token-of-the-tests" })
	if a := other.send(http.MethodGet, "/", nil, cookie(session.Value)); a.status != http.StatusUnauthorized {
		t.Errorf("a session of another token was let in: %d", a.status)
	}
}

func TestGuessingIsSlow(t *testing.T) {
	t.Parallel()
	tries := map[string]func(s *site, token string) int{
		"log-in": func(s *site, token string) int {
			return s.send(http.MethodPost, "/login", url.Values{"token": {token}}).status
		},
		"bearer": func(s *site, token string) int { return s.send(http.MethodGet, "/metrics", nil, bearer(token)).status },
	}
	for name, try := range tries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			session := s.login()
			for i := range triesAtOnce {
				if got := try(s, fmt.Sprint("wrong", i)); got != http.StatusUnauthorized {
					t.Errorf("guess %d: %d", i, got)
				}
			}
			for _, guess := range []string{"wrong", token} {
				if got := try(s, guess); got != http.StatusTooManyRequests {
					t.Errorf("after %d wrong guesses %q is judged: %d", triesAtOnce, guess, got)
				}
			}
			if a := s.send(http.MethodGet, "/", nil, cookie(session.Value)); a.status != http.StatusOK {
				t.Errorf("who is logged in suffers from others' guesses: %d", a.status)
			}
			s.clock.Advance(tryEvery)
			if got := try(s, token); got >= http.StatusBadRequest {
				t.Errorf("the right token after a pause: %d", got)
			}
		})
	}
}

func TestRightTokenIsNeverThrottled(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 4 * triesAtOnce {
		if a := s.send(http.MethodGet, "/metrics", nil, bearer(token)); a.status != http.StatusOK {
			t.Fatalf("a scraper was refused: %d", a.status)
		}
	}
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	s := open(t)
	for host, want := range map[string]int{
		"evil.example":             http.StatusMisdirectedRequest,
		"evil.example:8765":        http.StatusMisdirectedRequest,
		"127.0.0.1.evil.example":   http.StatusMisdirectedRequest,
		"192.0.2.1:8765":           http.StatusMisdirectedRequest,
		"localhost":                http.StatusOK,
		"LOCALHOST:8765":           http.StatusOK,
		"127.0.0.1:1":              http.StatusOK,
		"[::1]:8765":               http.StatusOK,
		"faturad.example.com":      http.StatusOK,
		"Faturad.Example.com:8443": http.StatusOK,
	} {
		for _, path := range []string{"/", "/healthz"} {
			if a := s.send(http.MethodGet, path, nil, bearer(token), func(r *http.Request) { r.Host = host }); a.status != want {
				t.Errorf("%s of host %q: %d, want %d", path, host, a.status, want)
			}
		}
	}
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := s.login()
	form := url.Values{"job": {"outbound"}, "company": {"acme"}, "token": {token}}
	for name, change := range map[string]func(*http.Request){
		"origin":    func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"null":      func(r *http.Request) { r.Header.Set("Origin", "null") },
		"fetch":     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
	} {
		for _, path := range []string{"/run", "/login", "/logout"} {
			if a := s.send(http.MethodPost, path, form, cookie(session.Value), change); a.status != http.StatusForbidden {
				t.Errorf("%s: POST %s from elsewhere: %d", name, path, a.status)
			}
		}
	}
	if ran := s.jobs.ran(); len(ran) > 0 {
		t.Errorf("another site started %v", ran)
	}
	own := func(r *http.Request) { r.Header.Set("Origin", s.URL()); r.Header.Set("Sec-Fetch-Site", "same-origin") }
	if a := s.send(http.MethodPost, "/run", form, cookie(session.Value), own); a.status != http.StatusSeeOther {
		t.Errorf("our own form: %d %s", a.status, a.body)
	}
}

func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		for _, path := range []string{"/run?job=outbound&company=acme", "/logout", "/?job=outbound&company=acme"} {
			a := s.send(method, path, nil, bearer(token))
			if strings.HasPrefix(path, "/run") && a.status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, a.status)
			}
			if a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s %s changed the session", method, path)
			}
		}
	}
	if ran := s.jobs.ran(); len(ran) > 0 {
		t.Errorf("a GET started %v", ran)
	}
	// The job must be in the form, not in the address.
	if a := s.send(http.MethodPost, "/run?job=outbound&company=acme", url.Values{}, bearer(token)); a.status != http.StatusBadRequest || len(s.jobs.ran()) > 0 {
		t.Errorf("an address without a form: %d, ran %v", a.status, s.jobs.ran())
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	large := url.Values{"token": {strings.Repeat("x", largestBody+1)}, "job": {"outbound"}, "company": {"acme"}}
	for _, path := range []string{"/login", "/run"} {
		if a := s.send(http.MethodPost, path, large, bearer(token)); a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with %d bytes: %d", path, len(large.Encode()), a.status)
		}
	}
	if a := s.send(http.MethodPost, "/login", url.Values{"token": {"%zz"}}, func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("token=%zz")), 9 }); a.status != http.StatusBadRequest {
		t.Errorf("a damaged form: %d", a.status)
	}
}

// A client that sends its header a byte at a time must not keep a connection for ever.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	s := open(t)
	if h := s.http; h.ReadHeaderTimeout <= 0 || h.ReadTimeout <= 0 || h.WriteTimeout <= 0 || h.IdleTimeout <= 0 || h.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %+v", h)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow:"); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(s.http.ReadHeaderTimeout + time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("half a header was waited for: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	// A killed run leaves its socket.
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, func(o *Options) { o.Listen = "unix:" + path })
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o660 || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("the socket is %s", info.Mode())
	}
	if s.URL() != "unix:"+path {
		t.Errorf("the page is at %s", s.URL())
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: anything\r\nConnection: close\r\nAuthorization: Bearer "+token+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("through the socket: %v, %v", resp, err)
	}
	defer resp.Body.Close()

	for name, other := range map[string]func() string{
		"a running page": func() string { return path },
		"a file": func() string {
			file := filepath.Join(t.TempDir(), "faturad.toml")
			if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		},
	} {
		p := other()
		if second, err := Listen(context.Background(), Options{Listen: "unix:" + p, Token: token, Log: s.options.Log, Jobs: s.jobs, Ledger: s.books}); err == nil {
			t.Errorf("%s was replaced: %v", name, second.Close())
		}
		if _, err := os.Stat(p); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, o := range map[string]Options{
		"no token": {Listen: "127.0.0.1:0"},
		"taken":    {Listen: s.listener.Addr().String(), Token: token},
		"no path":  {Listen: "unix:" + filepath.Join(t.TempDir(), "none", "admin.sock"), Token: token},
	} {
		o.Log, o.Ledger, o.Jobs = s.options.Log, s.books, s.jobs
		if opened, err := Listen(t.Context(), o); err == nil {
			t.Errorf("%s: it listens at %s", name, opened.URL())
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("%s: the token is in the error", name)
		}
	}
}
