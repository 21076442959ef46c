package outbound

import (
	"errors"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// TestWordsOfWhatWaits: the accountant reads why a document waits in one language; the provider's words and the technical
// ones stand in the attempt.
func TestWordsOfWhatWaits(t *testing.T) {
	t.Parallel()
	raw := errors.New("HTTP 401, correlation 4711")
	for name, c := range map[string]struct {
		err    *fault.Error
		tr, en string
	}{
		"wrong key":   {&fault.Error{Class: fault.Auth, Status: 401, Code: providers.CodeKey, Message: "Unauthorized", Err: raw}, "anahtarını", "key"},
		"bare 401":    {&fault.Error{Class: fault.Auth, Status: 401, Err: raw}, "anahtarını", "key"},
		"permission":  {&fault.Error{Class: fault.Auth, Status: 403, Code: providers.CodePermission, Err: raw}, "yetkisi", "permission"},
		"too often":   {&fault.Error{Class: fault.Throttled, Status: 429, Message: "Too many requests"}, "çok sık", "too often"},
		"unavailable": {&fault.Error{Class: fault.Retryable, Status: 503, Message: "Service Unavailable"}, "şu anda", "at the moment"},
		"no network":  {&fault.Error{Class: fault.Retryable, Err: errors.New("connection refused")}, "ulaşılamadı", "could not be reached"},
		"no reason":   {&fault.Error{Class: fault.Permanent, Status: 413, Err: raw}, "nedenini bildirmedi", "gave no reason"},
	} {
		for language, part := range map[string]string{"tr": c.tr, "en": c.en} {
			j, n := sentJob(func(*ledger.Document) {})
			j.Language = language
			change := j.failed(n, c.err).changes[0]
			message := *change.Patch.Message
			if !strings.Contains(message, part) || strings.ContainsAny(message, "()") {
				t.Errorf("%s, %s: %q", name, language, message)
			}
			for _, foreign := range []string{"Unauthorized", "HTTP", "Service", "connection"} {
				if strings.Contains(message, foreign) {
					t.Errorf("%s, %s: %q has words of the provider's", name, language, message)
				}
			}
			if change.Event == nil || change.Event.Message != c.err.Error() {
				t.Errorf("%s: the attempt does not keep the technical words: %+v", name, change.Event)
			}
		}
	}
}
