package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"faturad/internal/mysqlx"
)

// Miss is how it stands with an incoming invoice that the provider lists and did not give.
type Miss struct {
	Failures int           // passes that failed to download it
	Age      time.Duration // since the first of them
	Due      bool          // it may be asked for again
}

// Missed is one more pass that failed to download an invoice.
type Missed struct {
	Company string
	Account string
	ETTN    uuid.UUID
	Reason  string
	NextIn  time.Duration // when to ask again
}

// Misses tells which of the incoming invoices could not be downloaded before. Those that were are forgotten by nobody asking.
func (s *Store) Misses(ctx context.Context, company string, ettns []uuid.UUID) (map[uuid.UUID]Miss, error) {
	missed := map[uuid.UUID]Miss{}
	texts := make([]string, len(ettns))
	for i, e := range ettns {
		texts[i] = e.String()
	}
	for _, list := range padded(texts) {
		var found []struct {
			ETTN     uuid.UUID
			Failures int
			Age      int64
			Due      bool
		}
		query := "SELECT ettn, failures, TIMESTAMPDIFF(SECOND, first_at, " + now + ") AS age, next_at <= " + now +
			" AS due FROM received_misses WHERE company = ? AND ettn IN (" + placeholders(len(list)) + ")"
		if err := s.all(ctx, &found, query, arguments(company, list)...); err != nil {
			return nil, mysqlx.Wrap("looking for incoming invoices that could not be downloaded", err)
		}
		for _, f := range found {
			missed[f.ETTN] = Miss{f.Failures, time.Duration(f.Age) * time.Second, f.Due}
		}
	}
	return missed, nil
}

// AddMisses counts one more failed pass for each invoice, in one transaction.
func (s *Store) AddMisses(ctx context.Context, missed []Missed) error {
	if len(missed) == 0 {
		return nil
	}
	const (
		change = "UPDATE received_misses SET failures = failures + 1, account = ?, reason = ?, next_at = " + fromNow + " WHERE company = ? AND ettn = ?"
		add    = "INSERT INTO received_misses (failures, first_at, account, reason, next_at, company, ettn) VALUES (1, " + now + ", ?, ?, " + fromNow + ", ?, ?)"
	)
	return s.atomically(ctx, "recording incoming invoices that could not be downloaded", []string{change, add}, func(ctx context.Context, t *tx) error {
		for _, m := range missed {
			if err := t.upsert(ctx, change, add, m.Account, clip(m.Reason, longText), micros(m.NextIn), m.Company, m.ETTN.String()); err != nil {
				return err
			}
		}
		return nil
	})
}
