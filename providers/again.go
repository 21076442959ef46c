package providers

import "context"

type againKey struct{}

// Again marks a call that repeats one which came to nothing, so that the guards can keep repetitions from multiplying the
// load of a provider in trouble.
func Again(ctx context.Context) context.Context { return context.WithValue(ctx, againKey{}, true) }

// IsAgain reports whether the call repeats an earlier one.
func IsAgain(ctx context.Context) bool { return ctx.Value(againKey{}) != nil }
