package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

// errToken marks an answer that says that the token is no good.
var errToken = errors.New("the token is not accepted")

// token gives a token that is not the stale one.
func (c *client) token(ctx context.Context, stale string) (string, error) {
	token, err := c.session.Token(ctx, c.clock.Now(), stale, c.login)
	if err != nil && fault.ClassOf(err) == "" { // this caller's context
		err = fault.New(fault.Retryable, "waiting for a token of kolaybi", err)
	}
	return token, err
}

// login asks for a new token. Whatever happens, no document was touched.
func (c *client) login(ctx context.Context) (string, time.Time, error) {
	r := request{doing: "logging in at kolaybi", use: useToken, method: http.MethodPost, path: "/access_token", body: map[string]any{"api_key": c.cfg.APIKey}}
	wr, err := c.wireRequest(r, "")
	if err != nil {
		return "", time.Time{}, fault.New(fault.Permanent, r.doing, err)
	}
	a, err := c.wire.Once(ctx, wr)
	if err != nil {
		return "", time.Time{}, c.failed(r, err)
	}
	e, err := c.open(r, a)
	if err != nil {
		return "", time.Time{}, err
	}
	token := tokenOf(e.Data)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", time.Time{}, c.unread(r, a.Status, a.Body, "the answer holds no token")
	}
	c.mask.Store(redact.New(c.cfg.APIKey, c.cfg.Channel, token))
	return token, c.clock.Now().Add(c.cfg.TokenLife), nil
}

// tokenOf reads the documented string, and the objects that careful clients look for.
func tokenOf(data json.RawMessage) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text
	}
	var object struct {
		AccessToken string `json:"access_token"`
		Token       string `json:"token"`
	}
	if json.Unmarshal(data, &object) != nil {
		return ""
	}
	if object.AccessToken != "" {
		return object.AccessToken
	}
	return object.Token
}

// authError is a refused key, channel or permission.
func (c *client) authError(r request, status int, message string, answer []byte, cause error) *fault.Error {
	e := &fault.Error{Class: fault.Auth, Doing: r.doing, Status: status, Code: providers.CodeKey, Message: message, Answer: answer, Err: cause,
		Advice: "KolayBi panelinden yeni API anahtarı alıp api_key ayarına koyun; channel ayarını da kontrol edin"}
	if status == http.StatusForbidden || status == http.StatusPaymentRequired {
		e.Code, e.Advice = providers.CodePermission, "Hesabın bu işleme yetkisi yok: KolayBi ile görüşün"
	}
	return e
}
