package providertest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/providers"
)

// Subject is what the suite needs to know about a provider's wire. All fields but Simulate and Draft are required.
type Subject struct {
	// New makes the provider, decorated or not, for the stub at baseURL, with Secret as its credential, a create deadline
	// of at most a second and no repeated reads. Each call gives a fresh one: guards remember.
	New func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider
	// Secret is the canary: it must not appear anywhere, in any form.
	Secret string
	// Creates tells requests that create a document.
	Creates func(*http.Request) bool
	// Created is the body that answers a successful create.
	Created func(ettn uuid.UUID, number string) string
	// Exists are refusals that say that the ETTN is used already: status and body. At least one where the provider refuses a
	// used ETTN.
	Exists func(ettn uuid.UUID) []Reply
	// Refused is a refusal of the content: status and body.
	Refused Reply
	// Absent is the recognised "surely no such document".
	Absent Reply
	// Present answers the status question about a document that exists.
	Present func(ettn uuid.UUID) string
	// PresentTells: Present is the document itself, so that a look-up learns its content from it.
	PresentTells bool
	// Prelude answers what a create needs before it (a log-in, records that it refers to); nil = nothing. It says whether the
	// request was one of those.
	Prelude func(http.ResponseWriter, *http.Request) bool
	// LogsIn: the provider answers a 401 by dropping its token, and only the second in a row is an Auth error.
	LogsIn bool
	// RefusedIn200: a refusal may come with a status that means success.
	RefusedIn200 bool
	// Legal tells requests that make a draft official, and Released is the body that answers one. Only with Capabilities.TwoStep,
	// where Created answers for the draft and names no ETTN.
	Legal    func(*http.Request) bool
	Released func(ettn uuid.UUID, number string) string
	// Draft is a document that Prepare accepts, different for each n; nil = Sample of the first of Kinds.
	Draft func(n int) providers.Draft
	// Kinds are what the promises are tested with; nil = e-Arşiv and e-Fatura. Where they are receipts, so is what every other
	// test asks about.
	Kinds []invoice.Kind
	// Simulate starts the provider's simulator; nil = there is none yet, and what needs memory is not tested.
	Simulate func(t testing.TB) Simulation
}

// Simulation is a running simulator with memory.
type Simulation struct {
	URL string
	// Documents counts the documents it holds.
	Documents func() int
	// LoseAnswer makes it save the next create and answer 500 all the same.
	LoseAnswer func()
	// For providers with two steps: Drafts counts what has no legal effect, LoseRelease makes the next legal step happen and
	// its answer get lost.
	Drafts      func() int
	LoseRelease func()
	// For providers that log in: ExpireTokens ends every session, Logins counts them.
	ExpireTokens func()
	Logins       func() int
	// Settle lets statuses reach their end.
	Settle func()
	// Buyer is an e-invoice taxpayer and its mailbox.
	BuyerTaxNo, BuyerAlias string
}

// Reply is one HTTP answer.
type Reply struct {
	Status int
	Type   string // Content-Type; empty = application/json
	Body   string
}

// Run runs the whole contract.
func Run(t *testing.T, s Subject) {
	if s.Kinds == nil {
		s.Kinds = []invoice.Kind{invoice.EArsiv, invoice.EFatura}
	}
	if s.Draft == nil {
		s.Draft = func(n int) providers.Draft { return Sample(s.Kinds[0], n) }
	}
	t.Run("prepare", func(t *testing.T) { prepare(t, s) })
	t.Run("statuses of create", func(t *testing.T) { createStatuses(t, s) })
	t.Run("bodies of create", func(t *testing.T) { createBodies(t, s) })
	t.Run("redirects", func(t *testing.T) { redirects(t, s) })
	t.Run("patience", func(t *testing.T) { patience(t, s) })
	t.Run("broken wire", func(t *testing.T) { brokenWire(t, s) })
	t.Run("nobody there", func(t *testing.T) { unreachable(t, s) })
	t.Run("look-up", func(t *testing.T) { lookup(t, s) })
	t.Run("statuses of everything else", func(t *testing.T) { otherStatuses(t, s) })
	t.Run("secrets", func(t *testing.T) { secrets(t, s) })
	t.Run("legal step", func(t *testing.T) { legalStep(t, s) })
	t.Run("sessions", func(t *testing.T) { sessions(t, s) })
	t.Run("promises", func(t *testing.T) { promises(t, s) })
}

// outgoing prepares the n-th draft.
func outgoing(t testing.TB, p providers.Provider, d providers.Draft) providers.Outgoing {
	t.Helper()
	payload, err := p.Prepare(d)
	if err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	id := d.Identity
	id.Kind = d.Route.Kind
	return ground(t, p, providers.Outgoing{Identity: id, Route: d.Route, Payload: payload})
}

// ground makes the records that a document stands on.
func ground(t testing.TB, p providers.Provider, o providers.Outgoing) providers.Outgoing {
	t.Helper()
	grounder, ok := providers.As[providers.Grounder](p)
	if !ok {
		return o
	}
	o.Grounds = map[providers.Ground][]byte{}
	for _, kind := range grounder.Grounds() {
		// Where nobody is there, Send must say so by itself.
		if made, err := grounder.Ground(context.Background(), kind, o); err == nil {
			o.Grounds[kind] = made
		}
	}
	return o
}

// twoSteps says that Send makes drafts only.
func twoSteps(p providers.Provider) bool { return p.Capabilities().TwoStep }
