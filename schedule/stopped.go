package schedule

import (
	"context"
	"errors"
	"slices"

	"faturad/internal/fault"
)

// onlyStopped reports whether err says nothing but that its context was cancelled. Any other cause beside that, in a joined
// error, is a failure.
func onlyStopped(err error) bool {
	if err == nil {
		return false
	}
	if e, ok := err.(*fault.Error); ok && e.Err != nil { //nolint:errorlint // this very link of the chain: its class is no cause
		return onlyStopped(e.Err)
	}
	switch e := err.(type) { //nolint:errorlint // walks the chain itself: errors.Is is content with one of several causes
	case interface{ Unwrap() []error }:
		causes := slices.DeleteFunc(slices.Clone(e.Unwrap()), func(c error) bool { return c == nil })
		return len(causes) > 0 && !slices.ContainsFunc(causes, func(c error) bool { return !onlyStopped(c) })
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			return onlyStopped(cause)
		}
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, ErrStopping)
}
