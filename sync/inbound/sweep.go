package inbound

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"faturad/internal/failpoint"
	"faturad/providers"
)

// defaultOverlap is how far before the last sweep each sweep begins. A provider may mean the invoice's own date when it
// filters by date, and an invoice may be issued seven days after delivery and arrive later still.
const defaultOverlap = 10 * 24 * time.Hour

// edge is what windows overlap, because providers round to seconds.
const edge = time.Minute

// markEvery is how far the mark may lag behind: a pass that brings nothing shall not write.
const markEvery = time.Hour

// sweep reads the listing by arrival date, whether new or not, over a window that overlaps the one before, and stores what
// the ledger lacks: what another program or a person cleared before we saw it, and what came late. Where the sweep ended is
// kept in the ledger, window by window, so that one that is interrupted goes on there; it is also the cursor of providers
// without a new flag.
func (j *Job) sweep(ctx context.Context, result *Result, stored func()) error {
	doing := fmt.Sprintf("sweeping the inbox of %s", j.Company)
	mark := "swept/" + j.Company + "/" + j.Account.Name
	last, err := j.Ledger.Mark(ctx, mark)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	now := j.Clock.Now()
	p := pull{Job: j, result: result, stored: stored, tries: map[uuid.UUID]int{}, swept: true, finds: !last.IsZero() && !j.Account.Flagless}
	from := now
	if !last.IsZero() && last.Before(now) {
		from = last
	}
	if from = from.Add(-j.overlap()); from.Before(j.Since) {
		from = j.Since
	}
	for final := false; !final; {
		to := from.Add(max(j.overlap(), 24*time.Hour) + edge)
		query := providers.InboxQuery{From: from.Add(-edge), To: to}
		if final = !to.Before(now); final {
			query.To, to = time.Time{}, now // to the very last one that arrives meanwhile
		}
		if err := j.walk(ctx, query, p.page); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		failpoint.Hit("inbound.swept")
		if to.Sub(last) >= markEvery {
			if err := j.Ledger.SetMark(ctx, mark, to); err != nil {
				return fmt.Errorf("%s: %w", doing, err)
			}
		}
		from = to
	}
	if result.Found > 0 {
		j.Log.Error("invoices had been cleared at the provider before they were stored here; they are stored now. Find out which program or person does that",
			"account", j.Account.Name, "invoices", result.Found)
	}
	return nil
}

func (j *Job) overlap() time.Duration {
	if j.Overlap > 0 {
		return j.Overlap
	}
	return defaultOverlap
}
