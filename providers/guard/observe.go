package guard

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

// Observer is told of every call that ended: the metrics hook. It must be quick and safe for concurrent use.
type Observer interface {
	Observe(Observation)
}

// Observation is one call that ended, also one that a guard stopped.
type Observation struct {
	Provider string
	Op       Op
	Class    string // of the error; "ok" when there was none, "unclassified" for a bug
	Status   int    // HTTP status where the error knows it; 0 otherwise
	Elapsed  time.Duration
}

// Observe tells o of every call.
func Observe(o Observer, clk clock.Clock) Middleware {
	return func(ctx context.Context, call Call, next func(context.Context) error) error {
		start := clk.Now()
		err := next(ctx)
		class, status := outcome(err)
		o.Observe(Observation{Provider: call.Provider, Op: call.Op, Class: class, Status: status, Elapsed: clk.Now().Sub(start)})
		return err
	}
}

func outcome(err error) (class string, status int) {
	if err == nil {
		return "ok", 0
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		status = e.Status
	}
	if class = string(fault.ClassOf(err)); class == "" {
		class = "unclassified"
	}
	return class, status
}

// Traffic logs every call: at debug what went well, at warn what did not, at error what has no class. Payloads are never
// logged; tax numbers and secrets are masked, and a line stays a line whatever the provider says.
func Traffic(log *slog.Logger, clk clock.Clock, secrets *redact.Redactor) Middleware {
	const maxText = 1000
	return func(ctx context.Context, call Call, next func(context.Context) error) error {
		start := clk.Now()
		err := next(ctx)
		class, status := outcome(err)
		attrs := []slog.Attr{
			slog.String("provider", call.Provider), slog.String("op", string(call.Op)), slog.String("class", class),
			slog.Int64("ms", clk.Now().Sub(start).Milliseconds()),
		}
		if call.Identity.LocalReference != "" {
			attrs = append(attrs, slog.String("document", redact.Line(call.Identity.LocalReference, 200)))
		}
		if call.Identity.ETTN != [16]byte{} {
			attrs = append(attrs, slog.String("ettn", call.Identity.ETTN.String()))
		}
		if status != 0 {
			attrs = append(attrs, slog.Int("status", status))
		}
		level := slog.LevelDebug
		if err != nil {
			attrs = append(attrs, slog.String("err", redact.Line(redact.TaxNumbers(secrets.Text(err.Error())), maxText)))
			level = levelOf(err)
			if e, ok := errors.AsType[*fault.Error](err); ok && e.Code == providers.CodeResting {
				level = slog.LevelDebug // nothing was sent; the pass says once how many had to wait
			}
		}
		log.LogAttrs(ctx, level, "provider call", attrs...)
		return err
	}
}

// levelOf: an absence is an ordinary answer to a question, a refusal is the document's matter and shown in the ERP.
func levelOf(err error) slog.Level {
	switch fault.ClassOf(err) {
	case fault.NotFound, fault.Permanent, fault.Duplicate:
		return slog.LevelInfo
	case fault.Retryable, fault.Ambiguous, fault.Throttled, fault.Auth:
		return slog.LevelWarn
	}
	return slog.LevelError
}
