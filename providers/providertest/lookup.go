package providertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
)

// lookup: only a recognised "no" on every side is a no.
func lookup(t *testing.T, s Subject) {
	id := s.Draft(1).Identity
	ask := func(t *testing.T, handler http.HandlerFunc) (providers.Found, error) {
		t.Helper()
		st := serve(t, s, handler)
		log, written := newLogs()
		found, err := s.New(t, st.URL, log).Lookup(context.Background(), id)
		noSecretIn(t, s.Secret, err)
		noSecret(t, "the log", s.Secret, written.String())
		return found, err
	}
	t.Run("absent everywhere", func(t *testing.T) {
		t.Parallel()
		if _, err := ask(t, func(w http.ResponseWriter, _ *http.Request) { s.Absent.write(w) }); !errors.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("absent on one side, silent on the other", func(t *testing.T) {
		t.Parallel()
		sides := map[string]bool{}
		_, err := ask(t, func(w http.ResponseWriter, r *http.Request) {
			if sides[r.URL.Path] = true; len(sides) == 1 {
				s.Absent.write(w)
				return
			}
			w.WriteHeader(http.StatusBadGateway)
		})
		if err == nil || len(sides) > 1 && errors.Is(err, fault.NotFound) {
			t.Errorf("got %v after asking %d sides", err, len(sides))
		}
	})
	t.Run("present", func(t *testing.T) {
		t.Parallel()
		found, err := ask(t, func(w http.ResponseWriter, _ *http.Request) { Reply{Status: 200, Body: s.Present(id.ETTN)}.write(w) })
		if err != nil {
			t.Fatal(err)
		}
		if takes := s.New(t, "http://127.0.0.1:1", slog.New(slog.DiscardHandler)).Capabilities().TakesETTN; !takes {
			if found.Status.ETTN == id.ETTN || found.Status.State == "" || found.Content == nil {
				t.Errorf("found %+v", found)
			}
			return
		}
		if found.Status.ETTN != id.ETTN || found.Status.State == "" {
			t.Errorf("found %+v", found.Status)
		}
		if (found.Content != nil) != s.PresentTells {
			t.Errorf("content %+v was made from something that is no document, or not from one that is", found.Content)
		}
	})
	t.Run("about another document", func(t *testing.T) {
		t.Parallel()
		_, err := ask(t, func(w http.ResponseWriter, _ *http.Request) { Reply{Status: 200, Body: s.Present(stranger)}.write(w) })
		if !s.New(t, "http://127.0.0.1:1", slog.New(slog.DiscardHandler)).Capabilities().TakesETTN && errors.Is(err, fault.NotFound) {
			return // a list that holds only others holds none of ours
		}
		if err == nil || errors.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
	for name, body := range map[string]Reply{
		"nothing": {}, "page": {Type: "text/html", Body: "<html>" + s.Absent.Body + "</html>"}, "route": {Body: `{"title":"Not Found","status":404}`},
		"text": {Type: "text/plain", Body: "404 page not found"}, "json": {Body: `{}`}, "null": {Body: `null`},
	} {
		t.Run("any status with "+name, func(t *testing.T) {
			t.Parallel()
			status := 0
			st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
				Reply{Status: status, Type: body.Type, Body: body.Body}.write(w)
			})
			for _, status = range statuses(name == "text") {
				log, _ := newLogs()
				_, err := s.New(t, st.URL, log).Lookup(context.Background(), id)
				if class := fault.ClassOf(err); err == nil || !known(class) || class == fault.NotFound || class == fault.Permanent {
					t.Fatalf("status %d: class %q: %v", status, class, err)
				}
			}
		})
	}
	t.Run("absent with any other status", func(t *testing.T) {
		t.Parallel()
		status := 0
		st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
			Reply{Status: status, Type: s.Absent.Type, Body: s.Absent.Body}.write(w)
		})
		for status = 200; status <= 599; status++ {
			if status == s.Absent.Status {
				continue
			}
			log, _ := newLogs()
			if _, err := s.New(t, st.URL, log).Lookup(context.Background(), id); err == nil || errors.Is(err, fault.NotFound) {
				t.Fatalf("status %d: %v", status, err)
			}
		}
	})
}

// otherStatuses: every call that the provider offers classifies every status, and takes no page for an answer.
func otherStatuses(t *testing.T, s Subject) {
	id := s.Draft(1).Identity
	id.Kind = s.Kinds[0]
	page := "<!doctype html><html><body>Oturum açın</body></html>"
	ctx := context.Background()
	calls := map[string]func(p providers.Provider) (offered bool, err error){
		"status":   with(func(p providers.StatusReader) error { _, err := p.Status(ctx, id); return err }),
		"release":  with(func(p providers.Releaser) error { _, err := p.Release(ctx, id); return err }),
		"cancel":   with(func(p providers.Canceller) error { return p.Cancel(ctx, id, "deneme") }),
		"mails":    with(func(p providers.Mailer) error { _, err := p.Mails(ctx, id); return err }),
		"remail":   with(func(p providers.Mailer) error { return p.Remail(ctx, id, nil) }),
		"mail to":  with(func(p providers.Mailer) error { return p.Remail(ctx, id, []string{"a@example.com"}) }),
		"download": with(func(p providers.Downloader) error { _, err := p.Download(ctx, id, providers.FormatUBL); return err }),
		"pdf":      with(func(p providers.Downloader) error { _, err := p.Download(ctx, id, providers.FormatPDF); return err }),
		"list": with(func(p providers.Inbox) error {
			_, err := p.List(ctx, providers.InboxQuery{OnlyNew: true, Page: 1, Size: 50})
			return err
		}),
		"fetch":       with(func(p providers.Inbox) error { _, err := p.Fetch(ctx, id.ETTN); return err }),
		"acknowledge": with(func(p providers.Inbox) error { return p.Acknowledge(ctx, []uuid.UUID{id.ETTN}) }),
		"check":       with(func(p providers.Checker) error { return p.Check(ctx) }),
		"codes":       with(func(p providers.CodeSource) error { _, err := p.Codes(ctx, providers.CodesUnit); return err }),
		"taxpayers": with(func(p providers.TaxpayerSource) error {
			return p.Taxpayers(ctx, func(providers.Taxpayer) error { return errors.New("a taxpayer was read from a web page") })
		}),
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := 0
			st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
				Reply{Status: status, Type: "text/html", Body: page}.write(w)
			})
			for _, status = range statuses(name == "status") {
				log, written := newLogs()
				before := st.all.Load()
				offered, err := call(s.New(t, st.URL, log))
				if offered && err == nil && st.all.Load() == before {
					t.Log("asks for nothing")
					return
				}
				if !offered {
					t.Log("not offered")
					return
				}
				if err == nil && status == http.StatusNoContent {
					continue // a change whose answer is empty by its status
				}
				class := fault.ClassOf(err)
				if err == nil || !known(class) || class == fault.NotFound {
					t.Fatalf("status %d: class %q: %v", status, class, err)
				}
				noSecretIn(t, s.Secret, err)
				noSecret(t, "the log", s.Secret, written.String())
			}
		})
	}
}

// with calls an optional interface.
func with[I any](call func(I) error) func(providers.Provider) (bool, error) {
	return func(p providers.Provider) (bool, error) {
		inner, ok := providers.As[I](p)
		if !ok {
			return false, nil
		}
		if err := call(inner); err != nil {
			return true, fmt.Errorf("calling: %w", err)
		}
		return true, nil
	}
}
