package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// cookieName carries the proof of a log-in: until when it holds, and a hash of that with the token; never the token.
const cookieName = "faturad_session"

// sessionTime is how long a log-in holds.
const sessionTime = 12 * time.Hour

// session is the cookie of a visitor who logged in until the given time.
func (s *Server) session(until time.Time) string {
	end := strconv.FormatInt(until.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.options.Token))
	mac.Write([]byte("faturad admin session until " + end))
	return end + "." + hex.EncodeToString(mac.Sum(nil))
}

// loggedIn reports whether the request carries a session that we made and that still holds.
func (s *Server) loggedIn(r *http.Request) bool {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	end, _, _ := strings.Cut(cookie.Value, ".")
	seconds, err := strconv.ParseInt(end, 10, 64)
	if err != nil {
		return false
	}
	until := time.Unix(seconds, 0)
	return same(cookie.Value, s.session(until)) && s.options.Clock.Now().Before(until)
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// private lets only those in who know the token, by log-in or by bearer header for scripts; a browser is sent to the
// log-in page.
func (s *Server) private(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.loggedIn(r) {
			next(w, r)
			return
		}
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			switch s.guesses.try(s.options.Clock.Now(), func() bool { return same(bearer, s.options.Token) }) {
			case right:
				next(w, r)
				return
			case tooMany:
				tooManyTries(w)
				return
			case wrong:
			}
		} else if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="faturad"`)
		http.Error(w, "the token of [admin] is needed: Authorization: Bearer TOKEN", http.StatusUnauthorized)
	})
}

func tooManyTries(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(int(tryEvery.Seconds())))
	http.Error(w, "too many tries: wait a moment", http.StatusTooManyRequests)
}

func (s *Server) loginPage(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusOK, "login.html", "")
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	now := s.options.Clock.Now()
	switch s.guesses.try(now, func() bool { return same(r.PostForm.Get("token"), s.options.Token) }) {
	case tooMany:
		w.Header().Set("Retry-After", strconv.Itoa(int(tryEvery.Seconds())))
		s.render(w, http.StatusTooManyRequests, "login.html", "many")
	case wrong:
		s.options.Log.Warn("somebody tried to log in to the admin page with a wrong token")
		s.render(w, http.StatusUnauthorized, "login.html", "wrong")
	case right:
		s.setCookie(w, s.session(now.Add(sessionTime)), int(sessionTime.Seconds()))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, "", -1)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *Server) setCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: maxAge}) //nolint:gosec // Secure would break plain loopback, the only place it is served
}

// readForm reads a small form; when it cannot, it has answered.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		return false
	}
	if err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return false
	}
	return true
}

// throttle slows guessing down: a few wrong tries at once, then one every tryEvery, for everybody together. Who is logged
// in does not notice.
type throttle struct {
	mu      sync.Mutex
	limiter *rate.Limiter
}

const (
	triesAtOnce = 5
	tryEvery    = 2 * time.Second
)

func newThrottle() *throttle {
	return &throttle{limiter: rate.NewLimiter(rate.Every(tryEvery), triesAtOnce)}
}

// guess is what a try came to.
type guess int

const (
	wrong guess = iota
	right
	tooMany // not even looked at
)

// try judges one guess; only wrong ones are counted.
func (t *throttle) try(now time.Time, isRight func() bool) guess {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limiter.TokensAt(now) < 1 {
		return tooMany
	}
	if isRight() {
		return right
	}
	t.limiter.AllowN(now, 1)
	return wrong
}
