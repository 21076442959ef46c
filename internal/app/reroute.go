package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"faturad/sync/ledger"
)

// routeFault begins the codes of sales that are held because their route could not be decided; noListFault is that of those
// that came before there was any list.
const (
	routeFault  = "route."
	noListFault = "route.no_list"
)

// reroute has sales that were held for want of a route looked at again once a newer taxpayer list is there: on a new
// installation whose provider is away, all of them.
func (c *Company) reroute(ctx context.Context) error {
	list, err := c.app.Registry.List(ctx, c.router.environment)
	if err != nil || !list.Imported() {
		return err
	}
	if last := c.routed.Load(); last != nil && last.Equal(list.ImportedAt) {
		return nil
	}
	const page = 500
	for after := int64(0); ; {
		docs, err := c.app.Ledger.Documents(ctx, ledger.Filter{Company: c.Name, States: []ledger.State{ledger.Held}, AfterID: after, Limit: page})
		if err != nil {
			return err
		}
		var changes []ledger.Change
		for _, d := range docs {
			after = d.ID
			older := strings.HasPrefix(d.Code, routeFault) && d.UpdatedAt.Before(list.ImportedAt)
			if d.Code == noListFault || older {
				now, none := time.Duration(0), 0
				changes = append(changes, ledger.Change{Document: d.ID, To: ledger.Pending, Patch: ledger.Patch{NextIn: &now, Failures: &none}})
			}
		}
		if len(changes) > 0 {
			if _, err := c.app.Ledger.Commit(ctx, changes); err != nil {
				return fmt.Errorf("releasing %d sales that waited for the taxpayer list: %w", len(changes), err)
			}
		}
		if len(docs) < page {
			c.routed.Store(&list.ImportedAt)
			return nil
		}
	}
}
