package config

import (
	"fmt"
	"slices"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// series are rules of which the first that fits counts: one that can never be reached is a mistake.
func (k *checker) series(at string, c *Company) {
	rules := c.Routing.Series
	for i, s := range rules {
		where := fmt.Sprintf("%s[%d]", at, i)
		k.required(where+".prefix", s.Prefix)
		if s.Prefix != "" && !series.MatchString(s.Prefix) {
			k.add(where+".prefix", "%s.prefix must be three capitals or digits without Turkish letters, not %q", where, s.Prefix)
		}
		k.documentKind(where+".kind", s.Kind)
		if s.Scenario != "" {
			k.oneOf(where+".scenario", s.Scenario, codes.Scenarios()...)
		}
		switch archive := s.Scenario == "EARSIVFATURA"; {
		case s.Kind == invoice.EFatura && archive, s.Kind == invoice.EArsiv && s.Scenario != "" && !archive, s.Kind.Receipt() && s.Scenario != "":
			k.add(where+".scenario", "%s can fit no sale: scenario %s is never %s", where, s.Scenario, s.Kind)
		}
		if s.Customer != "" {
			k.taxNumber(where+".customer", s.Customer, c.AllowTestIDs)
		}
		known := func(b Branch) bool { return b.Code == s.Branch }
		if s.Branch != "" && len(c.Branches) > 0 && !slices.ContainsFunc(c.Branches, known) {
			k.add(where+".branch", "%s.branch %q is none of the company's [[company.branch]]", where, s.Branch)
		}
		for j, earlier := range rules[:i] {
			if earlier.covers(s) {
				k.add(where, "%s is never reached: %s[%d] fits every sale that it fits", where, at, j)
				break
			}
		}
	}
}

// covers reports whether s fits every sale that o fits. Without a kind it fits invoices only.
func (s Series) covers(o Series) bool {
	return (s.Kind == "" && !o.Kind.Receipt() || s.Kind == o.Kind) && (s.Branch == "" || s.Branch == o.Branch) &&
		(s.Scenario == "" || s.Scenario == o.Scenario) && (s.Customer == "" || s.Customer == o.Customer)
}

// branches have codes of their own and a usable address.
func (k *checker) branches(at string, c *Company) {
	seen := map[string]bool{}
	for i, b := range c.Branches {
		where := fmt.Sprintf("%s[%d]", at, i)
		k.required(where+".code", b.Code)
		if b.Code != "" && seen[b.Code] {
			k.add(where+".code", "%s.code %q is given twice", where, b.Code)
		}
		seen[b.Code] = true
		k.mail(where+".email", b.Email)
	}
}
