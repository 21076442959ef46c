package wire

import (
	"net/http"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                  "",
		"{\"a\":\"ığüşöç\"}":                "{\"a\":\"ığüşöç\"}",
		"\xEF\xBB\xBFçok":                   "çok",
		"\xFD\xF0\xFC\xFE\xF6\xE7 \xDD\xD0": "ığüşöç İĞ",
	} {
		if got := string(Answer{Body: []byte(body)}.Text()); got != want {
			t.Errorf("%q is read as %q, want %q", body, got, want)
		}
	}
}

// TestUntaken: what may have been done, what was refused for its content, and what is about the key is never "nobody took it".
func TestUntaken(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		if status >= 300 && status < 500 {
			continue
		}
		if Untaken(status) {
			t.Errorf("%d was taken", status)
		}
	}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusRequestTimeout, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests, 499,
	} {
		if Untaken(status) {
			t.Errorf("%d says nothing of the kind", status)
		}
	}
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone} {
		if !Untaken(status) {
			t.Errorf("%d was not taken", status)
		}
	}
}
