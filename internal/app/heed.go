package app

import (
	"context"
	"slices"

	"faturad/providers"
	"faturad/providers/guard"
	"faturad/sync/ledger"
)

// heed learns before a pass what other processes found out since: where one was refused with an account's key after this
// process was last answered, the provider is asked one question that costs nothing. A refusal closes this process's own guards
// before they let a paid call out; an answer shows that this process's key is another one, or good again. Without it every
// process would have as many calls refused as it makes at once. It costs one small query.
func (c *Company) heed(ctx context.Context) error {
	standing, err := c.app.Ledger.Alarms(ctx, c.Name)
	if err != nil {
		return err
	}
	for _, a := range c.Accounts {
		name := c.troubleAlarm(a.Name, guard.Trouble{Kind: guard.TroubleKey}).Name
		i := slices.IndexFunc(standing, func(s ledger.Alarm) bool { return s.Company == c.Name && s.Name == name })
		if i < 0 || a.Health.Answered().After(standing[i].Since) || len(a.Health.Troubles()) > 0 {
			continue
		}
		checker, ok := providers.As[providers.Checker](a.Provider)
		if !ok {
			continue
		}
		if err := checker.Check(ctx); err != nil {
			c.log.Warn("another process was refused by the provider, and asking it once more failed too", "account", a.Name, "err", err)
		}
	}
	return nil
}
