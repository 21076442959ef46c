package app

import (
	"context"
	"slices"

	"faturad/providers"
	"faturad/providers/guard"
)

// rests says why nothing can be sent to the account now; nil = it can. Its guards know: they were refused with its key, and no
// probe succeeded since, or the provider failed again and again. What they let out now is one question that costs nothing.
func (a Account) rests(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.Provider.Capabilities().RequestTimeout)
	defer cancel()
	if err := a.Health.Refused(ctx); err != nil {
		return err
	}
	checker, ok := providers.As[providers.Checker](a.Provider)
	if !a.silent() || !ok { // without a question that costs nothing the first document is the probe
		return nil
	}
	if err := checker.Check(ctx); err != nil && a.silent() {
		return err
	}
	return nil
}

// silent reports whether the provider failed again and again, and has not answered since.
func (a Account) silent() bool {
	return slices.ContainsFunc(a.Health.Troubles(), func(t guard.Trouble) bool { return t.Kind == guard.TroubleSilent })
}
