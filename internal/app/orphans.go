package app

import (
	"context"
	"fmt"
	"strings"

	"faturad/sync/erp"
)

// names are those of all companies of the config, opened or not.
func (a *App) names() []string {
	names := make([]string, len(a.Config.Companies))
	for i, c := range a.Config.Companies {
		names[i] = c.Name
	}
	return names
}

// orphans says which unfinished documents nobody follows, because their company or account is no longer in the config;
// empty = none.
func (a *App) orphans(ctx context.Context) (string, error) {
	configured := map[string][]string{}
	for _, c := range a.Config.Companies {
		for _, account := range c.Accounts {
			configured[c.Name] = append(configured[c.Name], account.Name)
		}
	}
	found, err := a.Ledger.Orphans(ctx, configured)
	if err != nil || len(found) == 0 {
		return "", err
	}
	parts := make([]string, len(found))
	for i, o := range found {
		if parts[i] = fmt.Sprintf("%d of company %q", o.Count, o.Company); o.Account != "" {
			parts[i] = fmt.Sprintf("%d of account %q of company %q", o.Count, o.Account, o.Company)
		}
	}
	return "the ledger has unfinished documents that nobody follows, since the config lacks what they belong to: " + strings.Join(parts, ", "), nil
}

// adviceOrphans is what to do about them.
const adviceOrphans = "Put the company back, or the account with active = false, until they are finished."

func (a *App) checkOrphans(ctx context.Context) []Finding {
	told, err := a.orphans(ctx)
	switch {
	case err != nil:
		return []Finding{failed("", "ledger", err)}
	case told == "":
		return nil
	}
	return []Finding{{Severity: erp.SeverityWarning, Subject: "ledger", Message: told, Advice: adviceOrphans}}
}
