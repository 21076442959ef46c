package app

import (
	"context"
	"errors"
	"time"

	"faturad/internal/fault"
	"faturad/sync/archive"
	"faturad/sync/followup"
)

// finishPatience is how long Finish waits while nothing moves: the tax authority may take its time over an answer.
const finishPatience = 3 * time.Minute

// Finished is what Finish did, all rounds together.
type Finished struct {
	Answers followup.AnswersResult
	Archive archive.Result
}

// Finish repeats answering and, where there is an archive, filing until every answer that a person gave has reached its end
// and every file that is due lies in the archive and is shown in the ERP. Invoices that wait for a person's answer are not
// waited for, nor files that failed several times: those come later. It is what `sync --wait` does after Settle.
func (c *Company) Finish(ctx context.Context) (did Finished, err error) {
	before, moved := -1, c.app.clock.Now()
	for {
		answered, err := c.Answers(ctx)
		did.Answers = did.Answers.Plus(answered)
		if err != nil {
			return did, err
		}
		if c.Archives() {
			filed, err := c.Archive(ctx, nil)
			did.Archive = did.Archive.Plus(filed)
			if err = errors.Join(err, filed.Paused); err != nil {
				return did, err
			}
		}
		left, err := c.unfinished(ctx)
		if err != nil || left == 0 {
			return did, err
		}
		now := c.app.clock.Now()
		if left != before {
			before, moved = left, now
		}
		if now.Sub(moved) >= finishPatience {
			return did, fault.Newf(fault.Retryable, "waiting for answers and files", "%s still on the way; the next pass goes on with them", count(left, "open item"))
		}
		wait := time.NewTimer(settlePause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return did, ctx.Err()
		}
	}
}

// unfinished counts the answers and files that are due.
func (c *Company) unfinished(ctx context.Context) (int, error) {
	answers, err := c.app.Ledger.AnswersInMotion(ctx, c.Name)
	if err != nil || !c.Archives() {
		return answers, err
	}
	files, err := c.app.Ledger.FilesDue(ctx, c.Name)
	return answers + files, err
}
