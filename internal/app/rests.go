package app

import (
	"context"
	"slices"

	"faturad/providers"
	"faturad/providers/guard"
)

// rests says why nothing can be sent to the account now; nil = it can. While its guards keep calls from a provider that failed
// again and again, it asks one question that costs nothing: they stop that, too, unless a probe is due, and learn from the
// answer.
func (a Account) rests(ctx context.Context) error {
	if !a.silent() {
		return nil
	}
	checker, ok := providers.As[providers.Checker](a.Provider)
	if !ok {
		return nil // the first document is the probe
	}
	ctx, cancel := context.WithTimeout(ctx, a.Provider.Capabilities().RequestTimeout)
	defer cancel()
	if err := checker.Check(ctx); err != nil && a.silent() {
		return err
	}
	return nil
}

// silent reports whether the provider failed again and again, and has not answered since.
func (a Account) silent() bool {
	return slices.ContainsFunc(a.Health.Troubles(), func(t guard.Trouble) bool { return t.Kind == guard.TroubleSilent })
}
