package turkcell_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

func byLogIn(url string) turkcell.Config {
	return turkcell.Config{BaseURL: url, Username: turkcellsim.DefaultUsername, Password: turkcellsim.DefaultPassword, ReadRetries: -1}
}

// TestOneLogInForAll starts many writes at once: they share one token, and after it was taken back in the middle of the run
// they share one more. A write that met the old token was surely not done, and its next try goes through.
func TestOneLogInForAll(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, byLogIn(url), nil)
	const many = 20
	var drafts []providers.Outgoing
	for n := range 2 * many {
		drafts = append(drafts, prepared(t, p, providertest.Sample(invoice.EArsiv, n+1)))
	}
	send := func(batch []providers.Outgoing) (failed []providers.Outgoing) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, o := range batch {
			all.Go(func() {
				_, err := p.Send(context.Background(), o)
				if err == nil {
					return
				}
				if fault.ClassOf(err) != fault.Retryable {
					t.Errorf("class %q: %v", fault.ClassOf(err), err)
				}
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, o)
			})
		}
		all.Wait()
		return failed
	}
	if failed := send(drafts[:many]); len(failed) != 0 || sim.Logins() != 1 {
		t.Fatalf("%d failed, %d log-ins", len(failed), sim.Logins())
	}
	sim.RevokeTokens()
	failed := send(drafts[many:])
	if len(failed) == 0 {
		t.Error("nobody met the old token")
	}
	if again := send(failed); len(again) != 0 || sim.Logins() != 2 {
		t.Errorf("%d failed again, %d log-ins", len(again), sim.Logins())
	}
	if n := len(sim.Documents()); n != 2*many {
		t.Errorf("%d documents of %d", n, 2*many)
	}
}

// TestQuestionsOutliveTheToken: a question is asked once more with a new token.
func TestQuestionsOutliveTheToken(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	p := newProvider(t, byLogIn(url), nil)
	for range 3 {
		if err := p.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
		sim.RevokeTokens()
	}
	if sim.Logins() != 3 {
		t.Errorf("%d log-ins", sim.Logins())
	}
}

// TestTokensAreRenewedInTime: half of what expires_in says is used, twelve hours at most.
func TestTokensAreRenewedInTime(t *testing.T) {
	t.Parallel()
	for life, renewed := range map[time.Duration]time.Duration{time.Hour: 31 * time.Minute, 24 * time.Hour: 12*time.Hour + time.Minute} {
		sim, url := simulator(t, turkcellsim.Options{TokenLife: life})
		clk := clock.NewManual(today)
		p, err := turkcell.New(byLogIn(url), clk, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {renewed - 2*time.Minute, 1}, {2 * time.Minute, 2}} {
			clk.Advance(step.wait)
			if err := p.Check(context.Background()); err != nil {
				t.Fatal(err)
			}
			if sim.Logins() != step.want {
				t.Errorf("a token for %s, after %s more: %d log-ins, want %d", life, step.wait, sim.Logins(), step.want)
			}
		}
	}
}

// TestAccountThatIsRefused: wrong credentials, and tokens that nothing accepts, are the account's trouble, not the
// document's.
func TestAccountThatIsRefused(t *testing.T) {
	t.Parallel()
	sim, url := simulator(t, turkcellsim.Options{})
	cfg := byLogIn(url)
	cfg.Password = "yanlis-parola-degil-mi"
	p := newProvider(t, cfg, nil)
	o := prepared(t, p, providertest.Sample(invoice.EArsiv, 1))
	_, err := p.Send(context.Background(), o)
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Class != fault.Auth || e.Code != providers.CodeKey || !strings.Contains(e.Advice, "password") || strings.Contains(err.Error(), cfg.Password) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := p.Check(context.Background()); fault.ClassOf(err) != fault.Auth {
		t.Errorf("a question with a wrong password: %v", err)
	}

	p = newProvider(t, byLogIn(url), nil)
	if err := sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: turkcellsim.FamilyCreate, Status: http.StatusUnauthorized}); err != nil {
		t.Fatal(err)
	}
	var classes []fault.Class
	for range 3 {
		_, err := p.Send(context.Background(), o)
		classes = append(classes, fault.ClassOf(err))
	}
	if classes[0] != fault.Retryable || classes[1] != fault.Auth || classes[2] != fault.Auth {
		t.Errorf("writes that are always refused: %v", classes)
	}
	sim.ClearFaults()
	if _, err := p.Send(context.Background(), o); err != nil {
		t.Errorf("after the permission came back: %v", err)
	}
	for _, fails := range []turkcellsim.Fault{
		{Kind: turkcellsim.FaultStatus, Status: 503}, {Kind: turkcellsim.FaultStatus, Status: 404}, {Kind: turkcellsim.FaultGarbage},
		{Kind: turkcellsim.FaultHTMLPage}, {Kind: turkcellsim.FaultEmpty}, {Kind: turkcellsim.FaultAnswerLost},
	} {
		sim.ClearFaults()
		fails.Family = turkcellsim.FamilyToken
		if err := sim.SetFault(fails); err != nil {
			t.Fatal(err)
		}
		p := newProvider(t, byLogIn(url), nil)
		if _, err := p.Send(context.Background(), prepared(t, p, providertest.Sample(invoice.EArsiv, 2))); fault.ClassOf(err) != fault.Retryable {
			t.Errorf("log-in with %s %d: %v", fails.Kind, fails.Status, err)
		}
	}
	if n := len(sim.Documents()); n != 1 {
		t.Errorf("%d documents", n)
	}
}

// TestCredentialsOfAnAccount: one way in, and nothing secret on an open line.
func TestCredentialsOfAnAccount(t *testing.T) {
	t.Parallel()
	const test, live = "https://efaturaservicetest.isim360.com", "https://efaturaservice.turkcellesirket.com"
	for name, c := range map[string]struct {
		cfg  turkcell.Config
		want string // in the error; empty = none
	}{
		"test":                {turkcell.Config{BaseURL: test, Username: "u", Password: "parola"}, ""},
		"live":                {turkcell.Config{BaseURL: live, Username: "u", Password: "parola"}, ""},
		"own address":         {turkcell.Config{BaseURL: "https://x.example.test", Username: "u", Password: "parola", TokenURL: "https://y.example.test/v1/token"}, ""},
		"unknown environment": {turkcell.Config{BaseURL: "https://x.example.test", Username: "u", Password: "parola"}, "token_url"},
		"open line":           {turkcell.Config{BaseURL: test, Username: "u", Password: "parola", TokenURL: "http://y.example.test/v1/token"}, "https"},
		"half":                {turkcell.Config{BaseURL: test, Username: "u"}, "belong together"},
		"both":                {turkcell.Config{BaseURL: test, Username: "u", Password: "parola", APIKey: "c2VjcmV0LWtleQ=="}, "not both"},
	} {
		_, err := turkcell.New(c.cfg, clock.NewManual(today), slog.New(slog.DiscardHandler))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
