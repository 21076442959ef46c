package providertest

import (
	"context"
	"fmt"
	"net/http"
	"testing"
)

// secrets: a provider, or something on the way, that repeats the key in its answers does not bring it into an error, a
// receipt or the log.
func secrets(t *testing.T, s Subject) {
	for name, form := range forms(s.Secret) {
		for _, shape := range []string{`{"id":%q,"invoiceNumber":%q}`, `{"uyarı":[%q,%q]}`, "%s anahtarı geçersiz: %s", `{"Error":{"title":%q,"detail":%q}}`, "<html>%s %s</html>"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				status := 0
				st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Correlation-Id", form)
					w.Header().Set("Location", "https://"+form)
					w.Header().Set("Retry-After", form)
					Reply{Status: status, Body: fmt.Sprintf(shape, form, form)}.write(w)
				})
				for _, status = range []int{200, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503} {
					log, written := newLogs()
					p := s.New(t, st.URL, log)
					receipt, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
					noSecretIn(t, s.Secret, err)
					noSecret(t, "the receipt", s.Secret, string(receipt.Answer)+receipt.Number)
					_, err = p.Lookup(context.Background(), s.Draft(1).Identity)
					noSecretIn(t, s.Secret, err)
					noSecret(t, "the log", s.Secret, written.String())
				}
			})
		}
	}
	t.Run("a URL in a transport error", func(t *testing.T) {
		t.Parallel()
		if class := sendTo(t, s, "https://faturad-contract.invalid/base"); class == "" {
			t.Error("no class")
		}
	})
}
