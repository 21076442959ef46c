package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/fault"
	"faturad/sync/followup"
	"faturad/sync/outbound"
)

// settlePause is the time between two rounds of Settle.
const settlePause = time.Second

// Settle gives up when a provider or database was found away this often, and for so many rounds nothing moved.
const (
	settleFailures = 3
	settleRounds   = 20
)

// Rounds is what Settle did, all rounds together.
type Rounds struct {
	Outbound outbound.Result
	Followup followup.Result
}

// Settle repeats outbound and followup until nothing of the company is in motion: every document is final, waits for a
// person, or its ERP row cannot be written (an error that says so). It is what `sync --wait` and the demo do. Refused
// credentials end it at once, and a provider or database that stays away after a while: waiting would not bring them
// back. between is called before each wait and may advance a simulated clock; nil just waits. What all rounds did is given
// back also beside an error.
func (c *Company) Settle(ctx context.Context, between func(context.Context) error) (did Rounds, err error) {
	var lastErr, trouble error
	failures, rounds, before := 0, 0, ""
	for ctx.Err() == nil {
		left, err := c.InMotion(ctx)
		if err != nil {
			return did, err
		}
		unwritable, reason, err := c.app.Ledger.Unwritable(ctx, c.Name)
		if err != nil {
			return did, err
		}
		switch {
		case left == 0:
			return did, lastErr
		case left <= unwritable:
			return did, fault.Newf(fault.Permanent, "writing back to the ERP", "%s could not be written, to be tried again later: %s", count(unwritable, "document"), reason)
		}
		now, err := c.progress(ctx)
		if err != nil {
			return did, err
		}
		if now != before {
			before, failures, rounds, trouble = now, 0, 0, nil
		}
		if lastErr != nil {
			failures, trouble = failures+1, lastErr
		}
		if rounds++; errors.Is(lastErr, fault.Auth) || failures >= settleFailures && rounds >= settleRounds {
			return did, fmt.Errorf("gave up waiting for %s: %w", count(left, "document"), trouble)
		}
		if between != nil {
			if err := between(ctx); err != nil {
				return did, err
			}
		}
		wait := time.NewTimer(settlePause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return did, errors.Join(ctx.Err(), lastErr)
		}
		sent, outErr := c.Outbound(ctx, nil)
		followed, followErr := c.Followup(ctx, nil)
		did.Outbound, did.Followup = did.Outbound.Plus(sent), did.Followup.Plus(followed)
		lastErr = errors.Join(outErr, followErr, sent.Paused, sent.Unreachable, followed.Unreachable)
		if lastErr != nil {
			c.log.Warn("still waiting for documents in motion", "documents", left, "err", lastErr)
		}
	}
	return did, errors.Join(ctx.Err(), lastErr)
}

// progress is a picture of where the company's documents stand, to see whether anything moved.
func (c *Company) progress(ctx context.Context) (string, error) {
	counts, err := c.app.Ledger.Counts(ctx, c.Name)
	return fmt.Sprint(counts), err
}
