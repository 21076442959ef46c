package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
)

// largestShrink is the part by which a new list may be smaller than the one in use before it is refused: a cut download
// would turn e-Fatura buyers into e-Arşiv ones (facts: reliability, section 3.9).
const largestShrink = 0.05

// largestBad is the part of unreadable rows from which a list is refused: its format must have changed.
const largestBad = 0.05

// Result tells what an import read and stored.
type Result struct {
	Environment string
	Generation  int64
	Read        int // rows of the source
	Skipped     int // rows of other products (despatch) and rows repeated
	Bad         int // rows without a usable tax number or mailbox
	Mailboxes   int // rows of the new list
	Taxpayers   int
	Before      List // the list that it replaced
}

// ErrBusy is the error of an import while another one of the same environment runs, in this or another daemon.
var ErrBusy = errors.New("another import of this taxpayer list is running")

// ImportOption changes one import.
type ImportOption func(*importOptions)

type importOptions struct {
	allowShrink bool
	progress    func(rows int)
}

// AllowShrink takes a list over however much smaller it is: for a person who knows why.
func AllowShrink() ImportOption { return func(o *importOptions) { o.allowShrink = true } }

// WithProgress calls f with the number of rows read, about once per group of rows.
func WithProgress(f func(rows int)) ImportOption { return func(o *importOptions) { o.progress = f } }

// Import streams the source's list into the slot that is not in use and switches over to it when it is complete and
// plausible. On any error the old list stays in use, whole. environment names the list: the base URL of the provider's
// test or live system, so that test and live taxpayers never mix. Memory does not grow with the list.
func (r *Registry) Import(ctx context.Context, environment string, source providers.TaxpayerSource, options ...ImportOption) (Result, error) {
	var o importOptions
	for _, option := range options {
		option(&o)
	}
	before, err := r.List(ctx, environment)
	if err != nil {
		return Result{}, err
	}
	result := Result{Environment: environment, Before: before}
	g, err := r.begin(ctx, environment)
	if err != nil {
		return result, err
	}
	result.Generation = g.number
	if err := r.fill(ctx, g, source, o, &result); err != nil {
		return result, errors.Join(err, g.abandon(ctx))
	}
	if err := judge(result, o); err != nil {
		return result, errors.Join(err, g.abandon(ctx))
	}
	if err := g.switchOver(ctx, result); err != nil {
		return result, errors.Join(err, g.abandon(ctx))
	}
	r.log.InfoContext(ctx, "taxpayer list imported", "environment", environment, "generation", result.Generation,
		"mailboxes", result.Mailboxes, "taxpayers", result.Taxpayers, "read", result.Read, "skipped", result.Skipped, "bad", result.Bad)
	return result, nil
}

// fill copies the source into the generation and counts what the database then holds.
func (r *Registry) fill(ctx context.Context, g *generation, source providers.TaxpayerSource, o importOptions, result *Result) error {
	w := newWriter(g)
	err := source.Taxpayers(ctx, func(t providers.Taxpayer) error {
		result.Read++
		if o.progress != nil && result.Read%groupRows == 0 {
			o.progress(result.Read)
		}
		box, verdict := readMailbox(t)
		switch verdict {
		case otherProduct:
			result.Skipped++
			return nil
		case unusable:
			result.Bad++
			return nil
		case usable:
		}
		return w.add(ctx, box)
	})
	if err == nil {
		err = w.flush(ctx)
	}
	if err = errors.Join(err, w.close()); err != nil {
		return fmt.Errorf("importing the taxpayer list of %s: %w", result.Environment, err)
	}
	if o.progress != nil {
		o.progress(result.Read)
	}
	stored, taxpayers, err := g.count(ctx)
	if err != nil {
		return err
	}
	result.Skipped += w.rows - stored // rows that the list repeats
	result.Mailboxes, result.Taxpayers = stored, taxpayers
	return nil
}

// judge refuses a list that cannot be the whole one.
func judge(r Result, o importOptions) error {
	const doing = "importing the taxpayer list"
	refuse := func(advice, format string, args ...any) error {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Err: fmt.Errorf(format, args...), Advice: advice}
	}
	const keep = "The list in use stays"
	switch {
	case r.Mailboxes == 0:
		return refuse(keep+"; look at the provider's portal, then run `faturad sync registry` again",
			"the list of %s holds no mailbox (%d rows read)", r.Environment, r.Read)
	case float64(r.Bad) > largestBad*float64(r.Read):
		return refuse(keep+"; the provider may have changed the format: send a sample to whoever maintains faturad",
			"%d of %d rows of %s have no usable tax number or mailbox", r.Bad, r.Read, r.Environment)
	case o.allowShrink || !r.Before.Imported():
		return nil
	}
	for _, c := range []struct {
		what        string
		before, now int
	}{{"taxpayers", r.Before.Taxpayers, r.Taxpayers}, {"mailboxes", r.Before.Mailboxes, r.Mailboxes}} {
		if float64(c.now) < (1-largestShrink)*float64(c.before) {
			return refuse(keep+"; run it again later, or with --allow-shrink if the smaller list is right",
				"the new list of %s has %d %s where the one of %s has %d, which is %.1f %% less (at most %.0f %% are believed)",
				r.Environment, c.now, c.what, r.Before.ImportedAt.In(clock.Istanbul).Format(time.DateOnly), c.before,
				100*(1-float64(c.now)/float64(c.before)), 100*largestShrink)
		}
	}
	return nil
}
