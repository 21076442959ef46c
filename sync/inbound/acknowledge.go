package inbound

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"faturad/internal/failpoint"
	"faturad/providers"
	"faturad/sync/ledger"
)

// How many flags are cleared with one call, and how many before the listing is read back once.
const (
	ackBatch = 500
	ackRound = 5000
)

// acknowledge clears the flag of every invoice that both databases hold, in groups, and reads the listing back: the body
// of the clearing call proves nothing (facts/turkcell.md, row 18). What the provider still shows as new is counted and
// tried again.
func (j *Job) acknowledge(ctx context.Context, result *Result) error {
	for ctx.Err() == nil {
		rows, err := j.Ledger.LeaseReceived(ctx, j.Company, j.Account.Name, []ledger.ReceivedState{ledger.ReceivedProjected},
			j.Owner, j.leaseFor(), ackRound)
		if err != nil || len(rows) == 0 {
			return err
		}
		failpoint.Hit("inbound.clearing")
		still, ackErr := j.clear(ctx, rows)
		failpoint.Hit("inbound.cleared")
		moves := make([]ledger.ReceivedMove, len(rows))
		for i, row := range rows {
			switch {
			case ackErr != nil:
				result.Failed++
				moves[i] = stay(row, again(row.Failures))
				moves[i].Failed = true
			case still[row.ETTN]:
				result.StillNew++
				moves[i] = stay(row, again(row.Failures))
				moves[i].Failed = true
				j.Log.Warn("the provider was told to clear a new flag and still shows it; it is told again", "ettn", row.ETTN, "times", row.Failures+1)
			default:
				result.Acknowledged++
				moves[i] = ledger.ReceivedMove{ID: row.ID, From: row.State, To: ledger.ReceivedAcknowledged, Lease: row.Lease(), Reason: row.Reason}
			}
		}
		if err := j.Ledger.MoveReceived(context.WithoutCancel(ctx), moves); err != nil {
			return fmt.Errorf("recording %d acknowledgements: %w", len(moves), err)
		}
		failpoint.Hit("inbound.acknowledged")
		if ackErr != nil {
			return fmt.Errorf("clearing the new flag of %d invoices: %w", len(rows), ackErr)
		}
	}
	return nil
}

// clear clears the flags of rows and returns those that the provider still shows as new. Without a new flag there is
// nothing to clear.
func (j *Job) clear(ctx context.Context, rows []ledger.Received) (map[uuid.UUID]bool, error) {
	if j.Account.Flagless {
		return nil, nil
	}
	ours := make(map[uuid.UUID]bool, len(rows))
	ettns := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ettns[i], ours[row.ETTN] = row.ETTN, true
	}
	for at := 0; at < len(ettns); at += ackBatch {
		if err := j.Account.Inbox.Acknowledge(ctx, ettns[at:min(at+ackBatch, len(ettns))]); err != nil {
			return nil, err
		}
	}
	still := map[uuid.UUID]bool{}
	err := j.walk(ctx, providers.InboxQuery{OnlyNew: true}, func(_ context.Context, items []providers.InboxItem) (int, error) {
		for _, item := range items {
			if ours[item.ETTN] {
				still[item.ETTN] = true
			}
		}
		return 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the flags back: %w", err)
	}
	return still, nil
}
