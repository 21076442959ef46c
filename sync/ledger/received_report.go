package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"faturad/internal/mysqlx"
)

// ReceivedSum tells where the received documents of a company stand.
type ReceivedSum struct {
	Counts      map[ReceivedState]int
	Quarantined time.Time // since when the oldest quarantined one is here; zero = there is none
	Uncleared   int       // projected ones whose new flag was cleared in vain at least once
	Finds       int       // found by the sweep in the last days
	LastFind    time.Time // zero = never
}

// findsFor is how long a find is news.
const findsFor = 30

// ReceivedSums counts a company's received documents.
func (s *Store) ReceivedSums(ctx context.Context, company string) (ReceivedSum, error) {
	const doing = "counting received documents"
	sum := ReceivedSum{Counts: map[ReceivedState]int{}}
	var counts []struct {
		State  ReceivedState
		N      int
		Oldest time.Time
		Failed int
	}
	err := s.all(ctx, &counts, "SELECT state, COUNT(*) AS n, MIN(stored_at) AS oldest, COALESCE(SUM(failures > 0), 0) AS failed FROM received WHERE company = ? GROUP BY state", company)
	if err != nil {
		return sum, mysqlx.Wrap(doing, err)
	}
	for _, c := range counts {
		sum.Counts[c.State] = c.N
		switch c.State {
		case ReceivedQuarantined:
			sum.Quarantined = c.Oldest
		case ReceivedProjected:
			sum.Uncleared = c.Failed
		case ReceivedStored, ReceivedAcknowledged:
		}
	}
	var finds struct {
		N    int
		Last sql.NullTime
	}
	err = s.get(ctx, &finds, fmt.Sprintf("SELECT COALESCE(SUM(found_at >= UTC_TIMESTAMP(6) - INTERVAL %d DAY), 0) AS n, MAX(found_at) AS last FROM received_finds WHERE company = ?",
		findsFor), company)
	sum.Finds, sum.LastFind = finds.N, finds.Last.Time
	return sum, mysqlx.Wrap(doing, err)
}

// Find is a received document whose new flag somebody else had cleared.
type Find struct {
	Received
	FoundAt time.Time
}

// FoundReceived lists what the sweep found, the newest find first. An empty company means all.
func (s *Store) FoundReceived(ctx context.Context, company string, limit int) ([]Find, error) {
	const doing = "listing what the sweep found"
	var rows []struct {
		Company string
		ETTN    uuid.UUID
		FoundAt time.Time `db:"found_at"`
	}
	if err := s.all(ctx, &rows, "SELECT company, ettn, found_at FROM received_finds WHERE (? = '' OR company = ?) ORDER BY found_at DESC, ettn LIMIT ?",
		company, company, limit); err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	var out []Find
	for _, row := range rows {
		found, err := s.FindReceived(ctx, row.Company, row.ETTN.String())
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			out = append(out, Find{r, row.FoundAt})
		}
	}
	return out, nil
}

// ReopenReceived takes documents that were acknowledged, and that the provider calls new all the same, one step back: their
// flag is cleared again. It gives how many those were.
func (s *Store) ReopenReceived(ctx context.Context, company string, ettns []uuid.UUID) (int, error) {
	texts := make([]string, len(ettns))
	for i, e := range ettns {
		texts[i] = e.String()
	}
	n := 0
	for _, list := range padded(texts) {
		const reopen = "UPDATE received SET state = 'projected', failures = 1, next_at = " + now + " WHERE company = ? AND state = 'acknowledged' AND "
		query := reopen + leaseFree + " AND ettn IN (" + placeholders(len(list)) + ")"
		moved := int64(0)
		err := s.atomically(ctx, "reopening received documents", []string{query}, func(ctx context.Context, t *tx) (err error) {
			if moved, err = t.exec(ctx, query, arguments(company, list)...); err == nil && moved == 0 {
				return errNothing
			}
			return err
		})
		if err != nil {
			return n, err
		}
		n += int(moved)
	}
	return n, nil
}

// ReleaseReceived makes a quarantined document due at once, and notes who wanted it. It gives whether it was there to be
// released.
func (s *Store) ReleaseReceived(ctx context.Context, r Received, a Audit) (released bool, err error) {
	const due = "UPDATE received SET next_at = " + now + ", failures = 0 WHERE id = ? AND state = 'quarantined'"
	err = s.atomically(ctx, "releasing a received document", []string{due}, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, due, r.ID)
		if released = n > 0; err != nil || !released {
			if err == nil {
				err = errNothing
			}
			return err
		}
		return insertRows(ctx, t, intoAudit, [][]any{auditValues(0, a)})
	})
	return released, err
}
