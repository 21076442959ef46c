package providers

// Decorator is a Provider around another one (providers/guard). It has the methods of every optional interface; whether
// they lead anywhere is up to the provider inside, so ask with As instead of a bare type assertion.
type Decorator interface {
	Provider
	// Unwrap gives the provider inside.
	Unwrap() Provider
}

// As finds an optional interface of p, through all decorators: As[Inbox](p) is ok only when the innermost provider has an
// inbox, and the result still passes every decorator.
func As[T any](p Provider) (T, bool) {
	found, ok := p.(T)
	for inner := p; ok; {
		d, decorated := inner.(Decorator)
		if !decorated {
			return found, true
		}
		inner = d.Unwrap()
		_, ok = inner.(T)
	}
	var none T
	return none, false
}
