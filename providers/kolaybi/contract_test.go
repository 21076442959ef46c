package kolaybi_test

import (
	"encoding/json"
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
	"faturad/providers/kolaybi"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/providertest"
	"faturad/providers/simulator"
)

// travel knows which fields came to the simulator, and compares them with the table of coverage.
var travel = providertest.Travel{Kind: "kolaybi"}

func TestMain(m *testing.M) {
	// Connections that a client keeps for later are not leaks; they end with their server, a moment after the tests.
	goleak.VerifyTestMain(travel.Main(m),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// today is a day on which the sample invoice is not too old.
var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// buyer is an e-Fatura user with made-up but valid check digits.
const buyer = "6400177128"

func newProvider(t testing.TB, cfg kolaybi.Config, log *slog.Logger) *kolaybi.Provider {
	t.Helper()
	if cfg.APIKey == "" {
		cfg.APIKey = kolaybisim.DefaultAPIKey
	}
	if cfg.Channel == "" {
		cfg.Channel = kolaybisim.DefaultChannel
	}
	if cfg.CreateTimeout == 0 {
		cfg.CreateTimeout = 30 * time.Second
	}
	cfg.PagePause = -1
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p, err := kolaybi.New(cfg, clock.NewManual(today), log)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func running(t testing.TB, o kolaybisim.Options) (*kolaybisim.Simulator, string) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(today)
	}
	o.Taxpayers = append(o.Taxpayers, buyer)
	sim := kolaybisim.New(o)
	server := httptest.NewServer(travel.Watch(t, sim))
	t.Cleanup(server.Close)
	return sim, server.URL + kolaybisim.Base
}

// prelude answers what comes before a draft: the log-in, and records that are there already.
func prelude(w http.ResponseWriter, r *http.Request) bool {
	var data any
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/access_token"):
		data = "token-of-the-stub"
	case strings.HasSuffix(path, "/associates"), strings.HasSuffix(path, "/address/create"), strings.HasSuffix(path, "/products"):
		if data = map[string]any{"id": 7}; r.Method == http.MethodGet {
			data = []any{}
		}
	case strings.HasSuffix(path, "/e_document/invoices") && r.URL.Query().Get("document_id") == providertest.DraftID:
		data = []any{} // the draft that is to be released has no number yet
	default:
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "data": data}) // a client that gave up is the test's subject
	return true
}

// subject describes KolayBi's wire to the contract suite.
func subject(format kolaybi.Format, decorate func(providers.Provider, *slog.Logger) providers.Provider) providertest.Subject {
	return providertest.Subject{
		New: func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider {
			return decorate(newProvider(t, kolaybi.Config{
				BaseURL: baseURL, Format: format, CompanyID: 7001, ReadRetries: -1, CreateTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
			}, log), log)
		},
		Secret:  kolaybisim.DefaultAPIKey,
		LogsIn:  true,
		Prelude: prelude,
		Creates: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invoices")
		},
		Created: func(uuid.UUID, string) string {
			return `{"success":true,"data":{"document_id":40211,"grand_total":242.4,"grand_currency":"try"}}`
		},
		Legal: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/e-document/create") },
		Released: func(ettn uuid.UUID, number string) string {
			return `{"success":true,"data":{"document_id":` + providertest.DraftID + `,"uuid":"` + ettn.String() + `","no":"` + number + `","status":"waiting"}}`
		},
		Exists:       func(uuid.UUID) []providertest.Reply { return nil },
		Refused:      providertest.Reply{Status: 400, Body: `{"data":[],"code":10400,"message":"Vergi dairesi alanı zorunlu: ığüşöç.","description":"","success":false}`},
		RefusedIn200: true,
		Absent:       providertest.Reply{Status: 200, Body: `{"success":true,"data":[],"pagination":{"current_page":1,"per_page":50,"total":0}}`},
		Present: func(ettn uuid.UUID) string {
			return `{"success":true,"pagination":{"current_page":1,"per_page":50,"total":1},"data":[{"commercial_doc_id":40211,"document_uuid":"7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11","document_no":"KLA2026000000001",
				"document_status":"sent","document_scenario":"EARSIVFATURA","currency":"try","header":{"issue_date":"2026-03-02","description":"not [faturad:` + ettn.String() + `]",
				"associate":{"identity_no":"10000000146"}},"total":{"grand_total":242.4}}]}`
		},
		Draft: func(n int) providers.Draft { return sample(n) },
		Simulate: func(t testing.TB) providertest.Simulation {
			sim, url := running(t, kolaybisim.Options{})
			fail := func(f kolaybisim.Fault) {
				if err := sim.SetFault(f); err != nil {
					t.Fatal(err)
				}
			}
			return providertest.Simulation{
				URL:       url,
				Documents: func() int { return len(sim.Documents()) },
				Drafts:    func() int { return len(sim.Drafts()) },
				LoseAnswer: func() {
					fail(kolaybisim.Fault{Kind: simulator.FaultSavedError, Family: kolaybisim.FamilyDraft, Times: 1})
				},
				LoseRelease: func() {
					fail(kolaybisim.Fault{Kind: simulator.FaultAnswerLost, Family: kolaybisim.FamilyLegal, Times: 1})
				},
				ExpireTokens: sim.ExpireTokens,
				Logins:       sim.Logins,
				Settle:       func() { sim.Advance(time.Hour) },
				BuyerTaxNo:   buyer,
			}
		},
	}
}

func bare(p providers.Provider, _ *slog.Logger) providers.Provider { return p }

func guarded(p providers.Provider, log *slog.Logger) providers.Provider {
	return guard.Standard(p, guard.Settings{Clock: clock.NewManual(today), Log: log})
}

// The contracts run one after the other: one of their tests measures what the whole process allocates.

func TestContractForm(t *testing.T) { providertest.Run(t, subject(kolaybi.FormatForm, bare)) }

func TestContractJSON(t *testing.T) { providertest.Run(t, subject(kolaybi.FormatJSON, bare)) }

func TestContractGuarded(t *testing.T) { providertest.Run(t, subject(kolaybi.FormatForm, guarded)) }
