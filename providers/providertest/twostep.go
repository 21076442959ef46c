package providertest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// DraftID is the provider's id of the draft that the legal step is tested with.
const DraftID = "40211"

// release makes the legal step of a draft at a stub.
func release(t testing.TB, p providers.Provider, d providers.Draft) (providers.Receipt, error) {
	t.Helper()
	releaser, ok := providers.As[providers.Releaser](p)
	if !ok {
		t.Fatal("drafts are all that Send makes, and nothing can release them")
	}
	id := d.Identity
	id.Kind, id.ID = d.Route.Kind, DraftID
	return releaser.Release(context.Background(), id) //nolint:wrapcheck // the class is what is tested
}

// legalStep: what each answer to the legal step may be taken for. Nothing but a clear "no" is a no, and it is asked once.
func legalStep(t *testing.T, s Subject) {
	log, _ := newLogs()
	if !twoSteps(s.New(t, "http://127.0.0.1:1", log)) {
		return
	}
	legal := s
	legal.Creates = s.Legal
	// After a refusal the provider asks whether the draft still has no number: the prelude says so.
	t.Run("statuses", func(t *testing.T) {
		for name, body := range map[string]Reply{
			"nothing": {}, "text": {Type: "text/plain", Body: "Bir hata oluştu."}, "page": {Type: "text/html", Body: "<html>Giriş yapın</html>"},
			"refusal": s.Refused, "garbage": {Type: "application/json", Body: "\x00\xff{[\"'"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				status := 0
				st := serve(t, legal, func(w http.ResponseWriter, _ *http.Request) {
					Reply{Status: status, Type: body.Type, Body: body.Body}.write(w)
				})
				for _, status = range statuses(name == "text") {
					log, written := newLogs()
					p := s.New(t, st.URL, log)
					before := st.creates.Load()
					_, err := release(t, p, s.Draft(1))
					if made := st.creates.Load() - before; made != 1 {
						t.Fatalf("status %d: %d requests", status, made)
					}
					class := fault.ClassOf(err)
					switch {
					case err == nil, !known(class), class == fault.NotFound,
						status < 300 && class != fault.Ambiguous && !(s.RefusedIn200 && body == s.Refused && class == fault.Permanent),
						status >= 500 && class != fault.Ambiguous,
						(status == 401 || status == 403) && class != fault.Auth && !(s.LogsIn && status == 401 && class == fault.Retryable),
						status == 404 && class != fault.Retryable && class != fault.Ambiguous, status == 429 && class != fault.Throttled,
						class == fault.Permanent && status >= 300 && status != 400 && status != 413 && status != 422:
						t.Fatalf("status %d, body %.40q: class %q: %v", status, body.Body, class, err)
					}
					noSecretIn(t, s.Secret, err)
					noSecret(t, "the log", s.Secret, written.String())
				}
			})
		}
	})
	t.Run("bodies", func(t *testing.T) {
		good := s.Released(stranger, "ABC2026000000001")
		for name, c := range map[string]struct {
			reply Reply
			want  fault.Class
		}{
			"receipt":                   {Reply{Status: 200, Body: good}, ""},
			"receipt cut in the middle": {Reply{Status: 200, Body: good[:len(good)/2]}, fault.Ambiguous},
			"receipt twice":             {Reply{Status: 200, Body: good + good}, fault.Ambiguous},
			"null":                      {Reply{Status: 200, Body: "null"}, fault.Ambiguous},
			"captive portal":            {Reply{Status: 200, Type: "text/html", Body: "<html>" + good + "</html>"}, fault.Ambiguous},
			"refusal":                   {s.Refused, fault.Permanent},
			"refusal by a firewall":     {Reply{Status: s.Refused.Status, Type: "text/html", Body: "<html>blocked</html>"}, fault.Ambiguous},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				st := serve(t, legal, func(w http.ResponseWriter, _ *http.Request) { c.reply.write(w) })
				log, _ := newLogs()
				receipt, err := release(t, s.New(t, st.URL, log), s.Draft(1))
				if fault.ClassOf(err) != c.want || err == nil && (receipt.ETTN != stranger || receipt.Number != "ABC2026000000001") {
					t.Errorf("class %q, want %q: %+v, %v", fault.ClassOf(err), c.want, receipt, err)
				}
			})
		}
	})
	t.Run("broken wire", func(t *testing.T) {
		readAll := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
		for name, play := range map[string]script{
			"cut before the body": func(c net.Conn, _ *http.Request) { _ = c.Close() },
			"cut after the body":  func(c net.Conn, r *http.Request) { readAll(r); _ = c.Close() },
			"reset":               func(c net.Conn, r *http.Request) { readAll(r); reset(c) },
			"no answer":           func(_ net.Conn, r *http.Request) { readAll(r) },
			"headers, then the end": func(c net.Conn, r *http.Request) {
				readAll(r)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{")
				_ = c.Close()
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := listen(t, legal, false, play)
				log, _ := newLogs()
				_, err := release(t, s.New(t, w.URL, log), s.Draft(1))
				if fault.ClassOf(err) != fault.Ambiguous || w.creates.Load() != 1 {
					t.Errorf("class %q after %d requests: %v", fault.ClassOf(err), w.creates.Load(), err)
				}
			})
		}
	})
}

// sessions: one log-in serves all goroutines, and a session that ends in mid-run stops nothing.
func sessions(t *testing.T, s Subject) {
	if !s.LogsIn || s.Prelude == nil { // a log-in at another address is the provider's own test
		return
	}
	if s.Prelude == nil {
		t.Log("the log-in goes to another server: the provider's own tests count it")
		return
	}
	t.Run("one log-in for all", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		logins := 0
		inner := s
		inner.Prelude = func(w http.ResponseWriter, r *http.Request) bool {
			recorder := httptest.NewRecorder()
			if !s.Prelude(recorder, r) {
				return false
			}
			if r.Header.Get("Authorization") == "" { // the log-in itself
				mu.Lock()
				logins++
				mu.Unlock()
			}
			return s.Prelude(w, r)
		}
		st := serve(t, inner, func(w http.ResponseWriter, _ *http.Request) { s.Absent.write(w) })
		log, _ := newLogs()
		p := s.New(t, st.URL, log)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if _, err := p.Lookup(context.Background(), s.Draft(1).Identity); !errors.Is(err, fault.NotFound) {
					t.Errorf("look-up: %v", err)
				}
			})
		}
		all.Wait()
		if logins != 1 {
			t.Errorf("%d log-ins for 16 goroutines", logins)
		}
	})
	t.Run("a session that ends in mid-run", func(t *testing.T) {
		t.Parallel()
		if s.Simulate == nil {
			t.Skip("there is no simulator")
		}
		sim := s.Simulate(t)
		log, _ := newLogs()
		p := s.New(t, sim.URL, log)
		o := outgoing(t, p, s.Draft(1))
		sim.ExpireTokens()
		_, err := p.Send(context.Background(), o)
		if err == nil || !errors.Is(err, fault.Retryable) || sim.Drafts() != 0 {
			t.Fatalf("the first request of an ended session: %v", err)
		}
		if _, err := p.Send(context.Background(), o); err != nil || sim.Drafts() != 1 {
			t.Fatalf("the next one: %v, %d drafts", err, sim.Drafts())
		}
		sim.ExpireTokens()
		if _, err := p.Lookup(context.Background(), o.Identity); err != nil {
			t.Errorf("a question in an ended session: %v", err)
		}
		if n := sim.Logins(); n != 3 {
			t.Errorf("%d log-ins, want one for each session", n)
		}
	})
}

// twoStepPromises tests what Capabilities say of a provider whose creates are drafts, against the simulator.
func twoStepPromises(t *testing.T, s Subject) {
	ctx := context.Background()
	for _, kind := range s.Kinds {
		begin := func(t *testing.T) (Simulation, providers.Provider, providers.Draft, providers.Outgoing) {
			t.Helper()
			sim := s.Simulate(t)
			log, _ := newLogs()
			p := s.New(t, sim.URL, log)
			d := s.Draft(1)
			d.Kind, d.Route.Kind = kind, kind
			if kind == invoice.EFatura {
				d.Invoice.Buyer = invoice.Party{TaxNo: sim.BuyerTaxNo, Name: "Alıcı Ticaret Ltd. Şti.", TaxOffice: "Üsküdar", Address: d.Invoice.Buyer.Address}
				d.Route.Alias = sim.BuyerAlias
			}
			return sim, p, d, outgoing(t, p, d)
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Run("draft, found, released, found, accepted", func(t *testing.T) {
				t.Parallel()
				sim, p, d, o := begin(t)
				if _, err := p.Lookup(ctx, o.Identity); !errors.Is(err, fault.NotFound) {
					t.Fatalf("before: %v", err)
				}
				receipt, err := p.Send(ctx, o)
				if err != nil || !receipt.Draft || receipt.ID == "" || receipt.Number != "" || sim.Documents() != 0 || sim.Drafts() != 1 {
					t.Fatalf("%v, %+v, %d documents, %d drafts", err, receipt, sim.Documents(), sim.Drafts())
				}
				found, err := p.Lookup(ctx, o.Identity)
				if err != nil || found.Status.State != providers.StateDraft || found.Status.ID != receipt.ID {
					t.Fatalf("the draft: %v, %+v", err, found.Status)
				}
				sameContent(t, d, found)
				id := o.Identity
				id.ID = receipt.ID
				releaser, _ := providers.As[providers.Releaser](p)
				made, err := releaser.Release(ctx, id)
				if err != nil || made.Number == "" || made.ETTN == o.ETTN || made.ETTN == [16]byte{} || sim.Documents() != 1 {
					t.Fatalf("%v, %+v", err, made)
				}
				for name, key := range map[string]providers.Identity{"by its id": id, "by our key alone": o.Identity} {
					found, err := p.Lookup(ctx, key)
					if err != nil || found.Status.Number != made.Number || found.Status.ETTN != made.ETTN || found.Status.Kind != kind {
						t.Errorf("%s: %v, %+v", name, err, found.Status)
					}
					sameContent(t, d, found)
				}
				sim.Settle()
				reader, _ := providers.As[providers.StatusReader](p)
				if status, err := reader.Status(ctx, id); err != nil || status.State != providers.StateAccepted || status.Number != made.Number {
					t.Errorf("%v, %+v", err, status)
				}
			})
			t.Run("a draft whose answer was lost", func(t *testing.T) {
				t.Parallel()
				sim, p, d, o := begin(t)
				sim.LoseAnswer()
				if _, err := p.Send(ctx, o); !errors.Is(err, fault.Ambiguous) {
					t.Fatalf("class %q: %v", fault.ClassOf(err), err)
				}
				found, err := p.Lookup(ctx, o.Identity)
				if err != nil || found.Status.State != providers.StateDraft || found.Status.ID == "" {
					t.Fatalf("%v, %+v", err, found.Status)
				}
				sameContent(t, d, found)
			})
			t.Run("a legal step whose answer was lost, and made again", func(t *testing.T) {
				t.Parallel()
				sim, p, _, o := begin(t)
				receipt, err := p.Send(ctx, o)
				if err != nil {
					t.Fatal(err)
				}
				id := o.Identity
				id.ID = receipt.ID
				releaser, _ := providers.As[providers.Releaser](p)
				sim.LoseRelease()
				if _, err := releaser.Release(ctx, id); !errors.Is(err, fault.Ambiguous) {
					t.Fatalf("class %q: %v", fault.ClassOf(err), err)
				}
				if _, err := releaser.Release(ctx, id); !errors.Is(err, fault.Duplicate) || sim.Documents() != 1 {
					t.Errorf("class %q, %d documents: %v", fault.ClassOf(err), sim.Documents(), err)
				}
				if found, err := p.Lookup(ctx, o.Identity); err != nil || found.Status.Number == "" {
					t.Errorf("%v, %+v", err, found.Status)
				}
			})
			t.Run("drafts that nobody needs are deleted, documents never", func(t *testing.T) {
				t.Parallel()
				sim, p, _, o := begin(t)
				var ids []string
				for range 3 {
					receipt, err := p.Send(ctx, o)
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, receipt.ID)
				}
				id := o.Identity
				id.ID = ids[1]
				releaser, _ := providers.As[providers.Releaser](p)
				if _, err := releaser.Release(ctx, id); err != nil {
					t.Fatal(err)
				}
				keeper, ok := providers.As[providers.DraftKeeper](p)
				if !ok {
					t.Fatal("nothing can delete drafts")
				}
				if n, err := keeper.DeleteDrafts(ctx, o.Identity, ids[0]); err != nil || n != 1 || sim.Drafts() != 1 || sim.Documents() != 1 {
					t.Errorf("%d deleted, %v; %d drafts, %d documents", n, err, sim.Drafts(), sim.Documents())
				}
				if n, err := keeper.DeleteDrafts(ctx, o.Identity, ""); err != nil || n != 1 || sim.Drafts() != 0 || sim.Documents() != 1 {
					t.Errorf("%d deleted, %v; %d drafts, %d documents", n, err, sim.Drafts(), sim.Documents())
				}
			})
		})
	}
}

func sameContent(t *testing.T, d providers.Draft, found providers.Found) {
	t.Helper()
	c := found.Content
	if c == nil {
		t.Fatal("nothing to compare with")
	}
	if c.BuyerTaxNo != d.Invoice.Buyer.TaxNo || !c.Payable.Equal(d.Invoice.Totals.Payable) || c.Currency != d.Invoice.Currency || c.IssueDate != d.Invoice.IssueDate {
		t.Errorf("content %+v", *c)
	}
}
