package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"faturad/internal/mysqlx"
)

// Mark gives when something ran last; the zero time means never.
func (s *Store) Mark(ctx context.Context, name string) (time.Time, error) {
	var at time.Time
	err := s.get(ctx, &at, "SELECT at FROM marks WHERE name = ?", name)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, mysqlx.Wrap("reading the mark "+name, err)
}

// SetMark notes when something ran last; the last note wins.
func (s *Store) SetMark(ctx context.Context, name string, t time.Time) error {
	const (
		change = "UPDATE marks SET at = ? WHERE name = ?"
		add    = "INSERT INTO marks (at, name) VALUES (?, ?)"
	)
	return s.atomically(ctx, "setting the mark "+name, []string{change, add}, func(ctx context.Context, tx *tx) error {
		return tx.upsert(ctx, change, add, t.UTC(), name)
	})
}

// upsert changes a row, or adds it. INSERT ... ON DUPLICATE KEY UPDATE would need the right to UPDATE the key itself. Both
// statements take the same arguments.
func (t *tx) upsert(ctx context.Context, change, add string, args ...any) error {
	found, err := t.exec(ctx, change, args...)
	if err != nil || found > 0 {
		return err
	}
	if _, err = t.exec(ctx, add, args...); mysqlx.IsDuplicate(err) { // somebody else added it meanwhile
		_, err = t.exec(ctx, change, args...)
	}
	return err
}
