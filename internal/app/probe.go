package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"faturad/internal/fault"
	"faturad/providers"
)

// probe asks every provider one cheap authenticated question when the daemon starts: without it a wrong key would show only
// when the first invoice is due. A key that is surely refused is an alarm, in the log and in the service manager's status; a
// provider that is away is a warning. Neither ends the daemon: other companies and the inbox of the ERP go on, the key can be
// corrected meanwhile, and a provider comes back. It gives the status line.
func (a *App) probe(ctx context.Context) string {
	type answer struct {
		name string
		err  error
	}
	var answers []*answer
	var asking sync.WaitGroup // all at once: a provider that hangs must not keep a wrong key of another company from showing
	for _, c := range a.Companies {
		for _, account := range c.Accounts {
			checker, ok := providers.As[providers.Checker](account.Provider)
			if !ok {
				continue
			}
			said := &answer{name: c.Name + "/" + account.Name}
			answers = append(answers, said)
			asking.Go(func() {
				said.err = checker.Check(ctx)
				log := c.log.With("account", account.Name)
				switch {
				case said.err == nil:
					log.Info("the provider accepts the credentials")
				case ctx.Err() != nil:
				case errors.Is(said.err, fault.Auth):
					log.Error("the provider refuses the credentials of this account: nothing of it can be sent or received until they are corrected and faturad is restarted", "err", said.err)
				default:
					log.Warn("the provider could not be asked whether the credentials are right; it is asked again with the first pass", "err", said.err)
				}
			})
		}
	}
	asking.Wait()
	var refused, away []string
	for _, said := range answers {
		switch {
		case said.err == nil:
		case errors.Is(said.err, fault.Auth):
			refused = append(refused, said.name)
		default:
			away = append(away, said.name)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ""
	case len(refused) > 0:
		return "credentials REFUSED by the provider: " + strings.Join(refused, ", ")
	case len(away) > 0:
		return "running; at the start the provider could not be reached: " + strings.Join(away, ", ")
	}
	return fmt.Sprintf("running, %s", count(len(answers), "provider account"))
}

// count is "1 document" or "3 documents".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
