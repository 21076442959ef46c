package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestClassIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	for _, class := range []Class{Retryable, Permanent, Ambiguous, Throttled, Auth, Duplicate, NotFound} {
		err := fmt.Errorf("outer: %w", errors.Join(errors.New("beside"), New(class, "sending", io.ErrUnexpectedEOF)))
		if !errors.Is(err, class) {
			t.Errorf("%v is not %s", err, class)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v lost its cause", err)
		}
		if got := ClassOf(err); got != class {
			t.Errorf("ClassOf = %q, want %q", got, class)
		}
		for _, other := range []Class{Retryable, Permanent, Ambiguous} {
			if other != class && errors.Is(err, other) {
				t.Errorf("%v is %s too", err, other)
			}
		}
	}
}

func TestTheOutermostClassCounts(t *testing.T) {
	t.Parallel()
	err := New(Ambiguous, "sending", New(Retryable, "dialling", io.EOF))
	if got := ClassOf(err); got != Ambiguous {
		t.Errorf("ClassOf = %q, want the outermost: a layer that knows more overrules", got)
	}
}

func TestUnclassified(t *testing.T) {
	t.Parallel()
	if ClassOf(nil) != "" || ClassOf(io.EOF) != "" {
		t.Error("an error without a class has one")
	}
	if got := ClassOf(fmt.Errorf("bare: %w", Permanent)); got != Permanent {
		t.Errorf("a bare class in a chain is %q", got)
	}
}

func TestErrorIsOneSentenceWithAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{&Error{Class: Permanent, Doing: "creating e-Fatura", Message: "VKN hatalı", Advice: "Correct the VKN"}, "creating e-Fatura: VKN hatalı. Correct the VKN"},
		{&Error{Class: Permanent, Doing: "asking", Message: "Olmaz.", Advice: "Ask again"}, "asking: Olmaz. Ask again"},
		{&Error{Class: Retryable, Doing: "asking", Err: io.EOF}, "asking: EOF"},
		{&Error{Class: Auth, Doing: "asking", Err: io.EOF, Message: "no"}, "asking: no (EOF)"},
		{&Error{Class: NotFound, Doing: "asking"}, "asking: notfound"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("sending: %w", &Error{Class: Throttled, RetryAfter: time.Minute})
	if got := RetryAfter(err); got != time.Minute {
		t.Errorf("RetryAfter = %s", got)
	}
	if RetryAfter(io.EOF) != 0 {
		t.Error("an error without a wait has one")
	}
}
