// Package guard decorates a provider: rate limit, circuit breaker, credential breaker, metrics hooks and a redacted
// traffic log. Each is a Middleware in a file of its own; Wrap puts them around a provider, Standard in the order that
// the daemon uses. It never repeats a call and never changes a class that it is given. internal/app imports it.
package guard
