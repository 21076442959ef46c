// Package fault gives every error that crosses a package boundary its class: what the caller may conclude about the
// outcome, and therefore what it may do next. It never logs, retries or decides; anyone may import it.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class says what is known about the outcome of an operation. It is itself an error, so that
// errors.Is(err, fault.Ambiguous) works anywhere up a chain. The zero value means "unclassified", which is a bug
// in whoever made the error; after a request may have left, treat it as Ambiguous.
type Class string

// The classes of design.md section 5.
const (
	Retryable Class = "retryable" // surely not done; trying again later may work
	Permanent Class = "permanent" // surely not done; the same content will be refused again
	Ambiguous Class = "ambiguous" // may have been done; ask before anything else
	Throttled Class = "throttled" // surely not done; not before RetryAfter
	Auth      Class = "auth"      // surely not done; the credentials or the product permission are wrong
	Duplicate Class = "duplicate" // the provider already has one under our key
	NotFound  Class = "notfound"  // the provider surely has none
)

// Error makes Class usable as the target of errors.Is.
func (c Class) Error() string { return string(c) }

// Error is an error with its class and with words for people.
type Error struct {
	Class      Class         // what the caller may conclude; never empty
	Doing      string        // what was being done, e.g. "creating e-Fatura at turkcell"; lower case, no full stop
	Err        error         // the cause; may be nil when Message says it all
	Status     int           // HTTP status of the answer; 0 when there was none
	Code       string        // the provider's or authority's own code; empty when it gave none
	Message    string        // for the accountant: the provider's own words, or without a Status faturad's; may be empty
	Advice     string        // one sentence that tells a person what to do; may be empty
	Existing   string        // for Duplicate: the ETTN that the answer names as the earlier document; empty = it names none
	RetryAfter time.Duration // for Throttled: how long to wait; 0 means "the caller's own back-off"
	Answer     []byte        // what came back, secrets masked, cut to a sensible size; nil when nothing came
}

// New classifies err. doing says what was being done.
func New(class Class, doing string, err error) *Error {
	return &Error{Class: class, Doing: doing, Err: err}
}

// Newf is New with a formatted cause.
func Newf(class Class, doing, format string, args ...any) *Error {
	return &Error{Class: class, Doing: doing, Err: fmt.Errorf(format, args...)}
}

// Error prints "doing: message or cause. Advice".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Doing)
	switch {
	case e.Message != "" && e.Err != nil:
		fmt.Fprintf(&b, ": %s (%v)", e.Message, e.Err)
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Err != nil:
		b.WriteString(": " + e.Err.Error())
	default:
		b.WriteString(": " + string(e.Class))
	}
	if e.Advice != "" {
		return strings.TrimSuffix(b.String(), ".") + ". " + e.Advice // a provider's sentence brings its full stop
	}
	return b.String()
}

// Unwrap gives both the cause and the class, so errors.Is finds either.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Class}
	}
	return []error{e.Class, e.Err}
}

// ClassOf returns the outermost class in err's chain, or "" when nobody classified it (a bug) or err is nil.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if c, ok := errors.AsType[Class](err); ok {
		return c
	}
	return ""
}

// MaxRetryAfter caps what an answer may ask for (facts/reliability.md section 3.10): a provider whose clock or arithmetic is
// wrong must not silence a company for a day.
const MaxRetryAfter = 15 * time.Minute

// RetryAfter returns the wait that an error asks for, at most MaxRetryAfter; 0 when it asks for none.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return max(0, min(e.RetryAfter, MaxRetryAfter))
	}
	return 0
}
