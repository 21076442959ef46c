package app

import (
	"context"
	"fmt"

	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

// router decides routes from the ERP's pins, the config's pins and the registry, in this order.
type router struct {
	registry    *registry.Registry
	environment string // whose taxpayer list is asked
	routing     config.Routing
	draft       bool // the account leaves documents as drafts
	nowhere     bool // the provider has no list, and the config names no other account's
}

// Route implements outbound.Router: one look-up for the whole batch.
func (r router) Route(ctx context.Context, questions []outbound.Question) ([]outbound.Decision, error) {
	list, err := r.registry.List(ctx, r.environment)
	if err != nil {
		return nil, fmt.Errorf("finding the taxpayer list: %w", err)
	}
	var entries map[string]registry.Entry // nil: no list was ever imported
	if list.Imported() {
		taxNos := make([]string, 0, len(questions))
		for _, q := range questions {
			if !q.Kind.Receipt() {
				taxNos = append(taxNos, q.TaxNo)
			}
		}
		if entries, err = r.registry.Lookup(ctx, r.environment, taxNos); err != nil {
			return nil, fmt.Errorf("looking %d buyers up in the taxpayer list: %w", len(taxNos), err)
		}
	}
	out := make([]outbound.Decision, len(questions))
	for i, q := range questions {
		out[i] = r.decide(q, entries)
	}
	return out, nil
}

func (r router) decide(q outbound.Question, entries map[string]registry.Entry) outbound.Decision {
	decided, faults := registry.Decide(registry.Question{
		TaxNo: q.TaxNo, Scenario: q.Scenario,
		ERP:    registry.Pin{Kind: q.Kind, Alias: q.Alias},
		Config: r.pin(q.TaxNo), Nowhere: r.nowhere,
	}, entries)
	route := providers.Route{Kind: decided.Kind, Alias: decided.Alias, Prefix: q.Prefix, Draft: r.draft}
	if route.Prefix == "" {
		route.Prefix = r.prefix(q, decided.Kind)
	}
	if q.Draft != nil {
		route.Draft = *q.Draft
	}
	if decided.Kind == invoice.EArsiv || decided.Kind.Receipt() {
		switch r.routing.EArsivEmail {
		case "", "buyer":
			route.Email = q.Email
		case "off":
		default:
			route.Email = r.routing.EArsivEmail
		}
	}
	out := outbound.Decision{Route: route, Faults: faults}
	if decided.Chosen() {
		out.Note = decided.String()
	}
	return out
}

// prefix is that of the first series of the config that fits the sale, else the kind's; empty leaves it to the provider.
// Receipts have sequences of their own there, so that a series which names no kind is none of theirs.
func (r router) prefix(q outbound.Question, kind invoice.Kind) string {
	scenario := q.Scenario
	if kind == invoice.EArsiv {
		scenario = registry.Archive
	}
	for _, s := range r.routing.Series {
		if s.Kind == "" && kind.Receipt() {
			continue
		}
		if fits(string(s.Kind), string(kind)) && fits(s.Branch, q.Branch) && fits(s.Scenario, scenario) && fits(s.Customer, q.TaxNo) {
			return s.Prefix
		}
	}
	return r.routing.Prefix[kind]
}

// fits compares a condition of the config with what a sale has.
func fits(condition, value string) bool { return condition == "" || condition == value }

// pin is what the config says about one buyer, else about all.
func (r router) pin(taxNo string) registry.Pin {
	for _, p := range r.routing.Pins {
		if p.TaxNo == taxNo {
			return registry.Pin{Kind: p.Kind, Alias: p.Alias}
		}
	}
	return registry.Pin{Kind: r.routing.Kind}
}
