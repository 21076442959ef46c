package propars_test

import (
	"encoding/json"
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
	"faturad/providers/propars"
	"faturad/providers/propars/proparssim"
	"faturad/providers/providertest"
	"faturad/providers/simulator"
)

// travel knows which fields came to the simulator, and compares them with the table of coverage.
var travel = providertest.Travel{Kind: "propars"}

func TestMain(m *testing.M) {
	// Connections that a client keeps for later are not leaks; they end with their server, a moment after the tests.
	goleak.VerifyTestMain(travel.Main(m),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// today is a day on which the sample invoice may be sent.
var today = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// buyer is an e-Fatura user with made-up but valid check digits.
const buyer = "6400177128"

func newProvider(t testing.TB, cfg propars.Config, log *slog.Logger) *propars.Provider {
	t.Helper()
	if cfg.Username == "" {
		cfg.Username = proparssim.DefaultUsername
	}
	if cfg.Password == "" {
		cfg.Password = proparssim.DefaultPassword
	}
	if cfg.CreateTimeout == 0 {
		cfg.CreateTimeout = 30 * time.Second
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p, err := propars.New(cfg, clock.NewManual(today), log)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func running(t testing.TB, o proparssim.Options) (*proparssim.Simulator, string) {
	t.Helper()
	o.Taxpayers = append(o.Taxpayers, buyer)
	return bareSimulator(t, o)
}

// bareSimulator knows no taxpayers but those of its options.
func bareSimulator(t testing.TB, o proparssim.Options) (*proparssim.Simulator, string) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(today)
	}
	sim := proparssim.New(o)
	server := httptest.NewServer(travel.Watch(t, sim))
	t.Cleanup(server.Close)
	return sim, server.URL + proparssim.Base
}

// prelude answers what comes before the legal request and beside the look-up: the log-in, the sale, the list of sent sales.
func prelude(w http.ResponseWriter, r *http.Request) bool {
	var answer any
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/api-token-auth/"):
		answer = map[string]any{"token": "token-of-the-stub"}
	case strings.HasSuffix(path, "/core/sale/create_nested/"):
		answer = map[string]any{"id": 90017}
	case strings.HasSuffix(path, "/core/sale/"):
		answer = map[string]any{"count": 0, "results": []any{}}
	default:
		return false
	}
	_, _ = io.Copy(io.Discard, r.Body) // a client that gave up is the test's subject
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // so is this
	return true
}

// signedXML is a signed invoice as the look-up needs it.
func signedXML(ettn uuid.UUID) string {
	return `<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
		xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ProfileID>EARSIVFATURA</cbc:ProfileID><cbc:ID>PRA2026000000001</cbc:ID><cbc:UUID>` + ettn.String() + `</cbc:UUID>
		<cbc:IssueDate>2026-03-02</cbc:IssueDate><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="TRY">242.40</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>`
}

// subject describes Propars' wire to the contract suite.
func subject(decorate func(providers.Provider, *slog.Logger) providers.Provider) providertest.Subject {
	return providertest.Subject{
		New: func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider {
			return decorate(newProvider(t, propars.Config{BaseURL: baseURL, ReadRetries: -1, CreateTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second}, log), log)
		},
		Secret:  proparssim.DefaultPassword,
		LogsIn:  true,
		Prelude: prelude,
		Creates: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/send_invoice_for_sale/")
		},
		Created: func(ettn uuid.UUID, number string) string {
			return `{"id":5511,"sale":90017,"uuid":"` + ettn.String() + `","invoice_number":"` + number + `"}`
		},
		Exists:       func(uuid.UUID) []providertest.Reply { return nil },
		Refused:      providertest.Reply{Status: 400, Body: `{"tax_office":["Vergi dairesi alanı zorunlu: ığüşöç."]}`},
		Absent:       providertest.Reply{Status: 404, Body: `{"detail":"Bulunamadı."}`},
		Present:      signedXML,
		PresentTells: true,
		Simulate: func(t testing.TB) providertest.Simulation {
			sim, url := running(t, proparssim.Options{})
			return providertest.Simulation{
				URL:       url,
				Documents: func() int { return len(sim.Documents()) },
				Drafts:    func() int { return len(sim.Documents()) + len(sim.Unsent()) },
				LoseAnswer: func() {
					if err := sim.SetFault(proparssim.Fault{Kind: simulator.FaultSavedError, Family: proparssim.FamilySend, Times: 1}); err != nil {
						t.Fatal(err)
					}
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

func TestContract(t *testing.T) { providertest.Run(t, subject(bare)) }

func TestContractGuarded(t *testing.T) { providertest.Run(t, subject(guarded)) }
