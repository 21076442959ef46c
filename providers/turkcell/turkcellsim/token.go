package turkcellsim

import (
	"crypto/rand"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// tokens remembers who logged in, until when.
type tokens struct {
	mu    sync.Mutex
	until map[string]time.Time
	given int
}

func (t *tokens) give(until time.Time) string {
	token := rand.Text() + rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until[token] = until
	t.given++
	return token
}

func (t *tokens) valid(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, known := t.until[token]
	return known && now.Before(until)
}

func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = map[string]time.Time{}
}

// RevokeTokens ends every log-in: calls with the tokens of before are answered 401.
func (s *Simulator) RevokeTokens() { s.tokens.revoke() }

// Logins counts the tokens that were given.
func (s *Simulator) Logins() int {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	return s.tokens.given
}

// logIn is the older log-in (facts section 1): a form, and expires_in as text. Wrong credentials are 422.
func (s *Simulator) logIn(c *call) reply {
	body, err := c.body()
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil || form.Get("client_id") != "serviceApi" {
		return bad("client_id", "invalid_client")
	}
	if !same(form.Get("username"), s.o.Username) || !same(form.Get("password"), s.o.Password) {
		return refusal(warning, "Kullanıcı adı veya şifre hatalı.")
	}
	return asJSON(map[string]any{
		"access_token": s.tokens.give(c.now.Add(s.o.TokenLife)), "refresh_token": "", "token_type": "Bearer",
		"expires_in": strconv.Itoa(int(s.o.TokenLife / time.Second)),
	})
}
