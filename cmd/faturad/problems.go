package main

import (
	"errors"
	"fmt"
	"slices"

	"faturad/internal/fault"
)

// passErrors gathers what went wrong in the passes of one company. One cause (a provider or a database that is away) fails
// several passes; it is said once.
type passErrors struct{ errs []passError }

type passError struct {
	pass string
	err  error
}

func (p *passErrors) add(pass string, err error) { p.errs = append(p.errs, passError{pass, err}) }

// forget drops what earlier passes said.
func (p *passErrors) forget(passes ...string) {
	p.errs = slices.DeleteFunc(p.errs, func(e passError) bool { return slices.Contains(passes, e.pass) })
}

// is reports whether one of the passes failed with an error of that class.
func (p *passErrors) is(class fault.Class) bool {
	return slices.ContainsFunc(p.errs, func(e passError) bool { return errors.Is(e.err, class) })
}

// said reports whether err only repeats that something is away, which a pass found out before.
func (p *passErrors) said(err error) bool {
	away := func(err error) bool {
		return errors.Is(err, fault.Retryable) || errors.Is(err, fault.Throttled) || errors.Is(err, fault.Ambiguous)
	}
	return away(err) && slices.ContainsFunc(p.errs, func(e passError) bool { return away(e.err) })
}

// join gives one error with a line for each cause; nil when nothing went wrong.
func (p *passErrors) join() error {
	var errs []error
	said := map[string]bool{}
	for _, e := range p.errs {
		if cause := causeOf(e.err); !said[cause] {
			said[cause] = true
			errs = append(errs, fmt.Errorf("%s: %w", e.pass, e.err))
		}
	}
	return errors.Join(errs...)
}

// causeOf is what two errors with the same cause share, whatever was being done.
func causeOf(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return err.Error()
	case e.Status > 0:
		return fmt.Sprint(e.Class, e.Status)
	case e.Err != nil:
		return fmt.Sprint(e.Class, e.Err)
	}
	return fmt.Sprint(e.Class, e.Message)
}
