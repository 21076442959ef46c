package app

import (
	"context"
	"os"
	"time"

	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Heartbeat tells the ERP that faturad lives, how much waits, and what is wrong (on.heartbeat). A source without such
// statements writes nothing.
func (c *Company) Heartbeat(ctx context.Context, version string, lastSuccess time.Time, problem string) error {
	source, err := c.Source(ctx)
	if err != nil {
		return err
	}
	counts, err := c.app.Ledger.Counts(ctx, c.Name)
	if err != nil {
		return err
	}
	waiting := []ledger.State{ledger.Pending, ledger.Prepared, ledger.Sending, ledger.Unknown}
	beat := erp.Heartbeat{Company: c.Name, Version: version, At: c.app.clock.Now(), LastSuccessAt: lastSuccess, Message: problem}
	if beat.Host, err = os.Hostname(); err != nil {
		beat.Host = "?"
	}
	for _, state := range waiting {
		beat.Waiting += counts[state]
	}
	for _, state := range []ledger.State{ledger.Held, ledger.Refused, ledger.Disputed, ledger.Failed} {
		beat.Review += counts[state]
	}
	received, err := c.app.Ledger.ReceivedSums(ctx, c.Name)
	if err != nil {
		return err
	}
	beat.Review += received.Counts[ledger.ReceivedQuarantined]
	if beat.OldestAt, err = c.app.Ledger.Oldest(ctx, c.Name, waiting); err != nil {
		return err
	}
	return source.Heartbeat(ctx, beat)
}
