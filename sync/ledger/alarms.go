package ledger

import (
	"context"
	"database/sql"
	"time"

	"faturad/internal/mysqlx"
)

// Alarm is something that is wrong beyond one document, and that people must see wherever they look: in `faturad status`, in
// the metrics, on the admin page. It lives in the ledger because the one who meets it and the one who looks are two
// processes.
type Alarm struct {
	Company string // empty = concerns all
	Name    string // stable, e.g. "number.clash" or "provider.main.key"
	Since   time.Time
	Message string // one sentence
	Advice  string // what to do; may be empty
}

// Raise notes that something is wrong. Since stays while it is wrong already. lasts is for what happened and is over at once:
// it is shown for that long; 0 = until Lower.
func (s *Store) Raise(ctx context.Context, a Alarm, lasts time.Duration) error {
	const (
		change = "UPDATE alarms SET since = IF(over_at IS NULL OR over_at > " + now + ", since, " + now + "), over_at = IF(?, " + fromNow +
			", NULL), message = ?, advice = ? WHERE company = ? AND name = ?"
		add = "INSERT INTO alarms (since, over_at, message, advice, company, name) VALUES (" + now + ", IF(?, " + fromNow + ", NULL), ?, ?, ?, ?)"
	)
	return s.atomically(ctx, "raising the alarm "+a.Name, []string{change, add}, func(ctx context.Context, t *tx) error {
		return t.upsert(ctx, change, add, lasts > 0, micros(lasts), clip(a.Message, longText), clip(a.Advice, longText), a.Company, a.Name)
	})
}

// Lower notes that it is no longer wrong.
func (s *Store) Lower(ctx context.Context, company, name string) error {
	const over = "UPDATE alarms SET over_at = " + now + " WHERE company = ? AND name = ? AND over_at IS NULL"
	return s.atomically(ctx, "lowering the alarm "+name, []string{over}, func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, over, company, name)
		return err
	})
}

// Alarms gives what is wrong now with a company or with all, the oldest first.
func (s *Store) Alarms(ctx context.Context, company string) ([]Alarm, error) {
	var found []Alarm
	err := s.all(ctx, &found, "SELECT company, name, since, message, advice FROM alarms WHERE company IN (?, '') AND (over_at IS NULL OR over_at > "+
		now+") ORDER BY since, company, name", company)
	return found, mysqlx.Wrap("reading the alarms", err)
}

// Troubled is what of a company's documents calls for an alarm.
type Troubled struct {
	Clashes int       // documents parked because two sales have one number
	Unknown time.Time // since when the longest unknown outcome has been unknown; zero = none is
	Unsent  time.Time // since when the longest waiting sale has been waiting to be sent; zero = none is
	Refused string    // why the ERP's table takes no document; empty = none waits for that
}

// Troubled looks for what calls for an alarm.
func (s *Store) Troubled(ctx context.Context, company string) (Troubled, error) {
	const doing = "looking for what calls for an alarm"
	var t Troubled
	err := s.get(ctx, &t.Clashes, "SELECT COUNT(*) FROM documents WHERE company = ? AND state = 'disputed' AND code = ?", company, CodeNumberClash)
	if err != nil {
		return t, mysqlx.Wrap(doing, err)
	}
	var unknown, unsent sql.NullTime
	const oldest = " FROM documents WHERE company = ? AND NOT superseded AND "
	if err := s.get(ctx, &unknown, "SELECT MIN(unknown_since)"+oldest+inStates([]State{Unknown}), company); err != nil {
		return t, mysqlx.Wrap(doing, err)
	}
	if err := s.get(ctx, &unsent, "SELECT MIN(created_at)"+oldest+inStates([]State{Pending, Prepared}), company); err != nil {
		return t, mysqlx.Wrap(doing, err)
	}
	if err := s.get(ctx, &t.Refused, "SELECT COALESCE(MIN(write_message), '') FROM documents WHERE company = ? AND "+refusedWrite, company); err != nil {
		return t, mysqlx.Wrap(doing, err)
	}
	t.Unknown, t.Unsent = unknown.Time, unsent.Time
	return t, nil
}
