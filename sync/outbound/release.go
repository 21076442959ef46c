package outbound

import (
	"context"
	"fmt"
	"strings"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// releaseHeld has held sales looked at again whose reason went away by itself, so that no recheck would find them: the
// original of a return got its number, the day of a future sale has come. Sales whose seven days run out are looked at
// once a day too, so that what people read of them counts the days.
func (j *Job) releaseHeld(ctx context.Context) error {
	for after := int64(0); ; {
		docs, err := j.Ledger.Documents(ctx, ledger.Filter{Company: j.Company, States: []ledger.State{ledger.Held}, AfterID: after, Limit: parkedPage})
		if err != nil {
			return fmt.Errorf("reading held documents: %w", err)
		}
		var returns, dated []ledger.Document
		for _, d := range docs {
			after = d.ID
			switch {
			case d.Code == originalUnsent:
				returns = append(returns, d)
			case j.dayCame(d):
				dated = append(dated, d)
			}
		}
		if len(returns) > 0 {
			if dated, err = j.numbered(ctx, returns, dated); err != nil {
				return err
			}
		}
		if err := j.backToPending(ctx, dated); err != nil {
			return err
		}
		if len(docs) < parkedPage {
			return nil
		}
	}
}

// dayCame reports a held sale about which today says something else than yesterday did.
func (j *Job) dayCame(d ledger.Document) bool {
	if d.IssueDate.IsZero() || strings.HasPrefix(d.Code, "route.") { // the route is looked at with every new list
		return false
	}
	today := j.today()
	if d.Code == "issue_date.future" {
		return !today.Before(d.IssueDate)
	}
	age := d.IssueDate.DaysUntil(today)
	looked := invoice.DateOf(d.UpdatedAt.In(clock.Istanbul))
	return age >= ledger.AgeingDays && age <= ledger.DeadlineDays+1 && looked.Before(today)
}

func (j *Job) backToPending(ctx context.Context, docs []ledger.Document) error {
	if len(docs) == 0 {
		return nil
	}
	changes := make([]ledger.Change, len(docs))
	for i, d := range docs {
		changes[i] = ledger.Change{Document: d.ID, To: ledger.Pending, From: ledger.Held, Quiet: true,
			Patch: ledger.Patch{NextIn: ptr(noWait), Failures: ptr(0)}}
	}
	if _, err := j.Ledger.Commit(ctx, changes); err != nil {
		return fmt.Errorf("releasing %d held sales whose reason went away: %w", len(changes), err)
	}
	return nil
}
