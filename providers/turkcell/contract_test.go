package turkcell_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/providers/guard"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
	"faturad/providers/turkcell/turkcellsim"
)

func TestMain(m *testing.M) {
	// Connections that a client keeps for later are not leaks; they end with their server, a moment after the tests.
	goleak.VerifyTestMain(travel.Main(m),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// today is a day on which the sample invoice is not too old.
var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newProvider(t testing.TB, cfg turkcell.Config, log *slog.Logger) *turkcell.Provider {
	t.Helper()
	if cfg.APIKey == "" && cfg.Username == "" {
		cfg.APIKey = turkcellsim.DefaultAPIKey
	}
	if cfg.CreateTimeout == 0 {
		cfg.CreateTimeout = time.Minute
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p, err := turkcell.New(cfg, clock.NewManual(today), log)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func simulator(t testing.TB, o turkcellsim.Options) (*turkcellsim.Simulator, string) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(today)
	}
	sim := turkcellsim.New(o)
	server := httptest.NewServer(travel.Watch(t, sim))
	t.Cleanup(server.Close)
	return sim, server.URL
}

// subject describes Turkcell's wire to the contract suite.
func subject(format turkcell.Format, decorate func(providers.Provider, *slog.Logger) providers.Provider) providertest.Subject {
	return providertest.Subject{
		New: func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider {
			return decorate(newProvider(t, turkcell.Config{
				BaseURL: baseURL, Format: format, ReadRetries: -1, CreateTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
			}, log), log)
		},
		Secret:  turkcellsim.DefaultAPIKey,
		Creates: func(r *http.Request) bool { return r.Method == http.MethodPost },
		Created: func(ettn uuid.UUID, number string) string {
			return `{"id":"` + ettn.String() + `","invoiceNumber":"` + number + `"}`
		},
		Exists: func(ettn uuid.UUID) []providertest.Reply {
			return []providertest.Reply{
				{Status: 422, Body: `{"uyarı":["Yeni kayıt için gönderdiğiniz ettn '` + ettn.String() + `' sistemde mevcut."]}`},
				{Status: 422, Body: `{"uyarı":["Daha önce bu Id ile gönderilen bu faturanın durumu, yeniden göndermeye engellidir. Id:` + ettn.String() + `, Önceki fatura UUID:` + ettn.String() + `"]}`},
				{Status: 422, Body: `{"uyarı":["Daha önce bu LocalReferenceId ile gönderilen bir faturanın durumu yeniden göndermeye engeldir. LocalReferenceId:acme:invoice:1, Önceki fatura UUID:` + ettn.String() + `"]}`},
				{Status: 422, Body: `"Dokuman zaten islenmis: ` + strings.ToUpper(ettn.String()) + `"`},
				{Status: 409, Body: ``},
			}
		},
		Refused: providertest.Reply{Status: 422, Body: `{"model.AddressBook.ReceiverDistrict":["Lütfen ilçe adını giriniz."],"uyarı":["Geçersiz birim kodu : ŞİŞE"]}`},
		Absent:  providertest.Reply{Status: 404, Body: `"E-Arşiv Fatura bulunamadı!"`},
		Present: func(ettn uuid.UUID) string {
			return `{"id":"` + ettn.String() + `","invoiceNumber":"ABC2026000000001","status":60,"message":null}`
		},
		Simulate: func(t testing.TB) providertest.Simulation {
			sim, url := simulator(t, turkcellsim.Options{SellerTaxNo: "1234567890"})
			return providertest.Simulation{
				URL:       url,
				Documents: func() int { return len(sim.Documents()) },
				LoseAnswer: func() {
					if err := sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultSavedError, Family: turkcellsim.FamilyCreate, Times: 1}); err != nil {
						t.Fatal(err)
					}
				},
				Settle:     func() { sim.Advance(time.Hour) },
				BuyerTaxNo: turkcellsim.ExampleVKN(0), BuyerAlias: turkcellsim.ExampleAlias(0),
			}
		},
	}
}

func bare(p providers.Provider, _ *slog.Logger) providers.Provider { return p }

func guarded(p providers.Provider, log *slog.Logger) providers.Provider {
	return guard.Standard(p, guard.Settings{Clock: clock.NewManual(today), Log: log})
}

// The contracts run one after the other: one of their tests measures what the whole process allocates.

func TestContractUBL(t *testing.T) {
	providertest.Run(t, subject(turkcell.FormatUBL, bare))
}

func TestContractJSON(t *testing.T) {
	providertest.Run(t, subject(turkcell.FormatJSON, bare))
}

func TestContractGuarded(t *testing.T) {
	providertest.Run(t, subject(turkcell.FormatUBL, guarded))
}

// TestContractLogIn gives the canary both as the password and as the token: neither may show.
func TestContractLogIn(t *testing.T) {
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("password") != turkcellsim.DefaultPassword {
			http.Error(w, `{"uyarı":["Kullanıcı adı veya şifre hatalı."]}`, http.StatusUnprocessableEntity)
			return
		}
		if _, err := io.WriteString(w, `{"access_token":"`+turkcellsim.DefaultPassword+`","expires_in":"86400","token_type":"Bearer"}`); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(tokens.Close)
	s := subject(turkcell.FormatUBL, bare)
	s.LogsIn, s.Secret, s.Simulate = true, turkcellsim.DefaultPassword, nil
	s.New = func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider {
		return newProvider(t, turkcell.Config{
			BaseURL: baseURL, Username: turkcellsim.DefaultUsername, Password: turkcellsim.DefaultPassword, TokenURL: tokens.URL,
			ReadRetries: -1, CreateTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		}, log)
	}
	providertest.Run(t, s)
}
