package mysqlx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// CommitUnknown is the error of a transaction whose COMMIT was sent and never answered: it may be stored or not. Read what
// it would have written before doing anything else.
type CommitUnknown struct {
	Err error // what the driver said; never nil
}

// Error says that the outcome is open, and why.
func (e *CommitUnknown) Error() string { return "outcome of COMMIT not known: " + e.Err.Error() }

// Unwrap gives the driver's error.
func (e *CommitUnknown) Unwrap() error { return e.Err }

// WithTx runs fn in a transaction at the server's default isolation. It commits when fn returns nil, and rolls back when
// fn returns an error or panics. When the rollback fails too, both errors come back. A *CommitUnknown means that the outcome
// is not known; every other error means that nothing was stored.
func WithTx(ctx context.Context, db *sqlx.DB, fn func(*sqlx.Tx) error) error {
	return WithTxAt(ctx, db, sql.LevelDefault, fn)
}

// WithTxAt is WithTx at a given isolation level, e.g. sql.LevelReadCommitted where gap locks would only cause deadlocks.
func WithTxAt(ctx context.Context, db *sqlx.DB, level sql.IsolationLevel, fn func(*sqlx.Tx) error) (err error) {
	tx, err := db.BeginTxx(ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	finished := false
	defer func() {
		if !finished { // fn panicked, or ended its goroutine: leave no transaction open
			err = errors.Join(err, rollback(tx))
		}
	}()
	if err := fn(tx); err != nil {
		finished = true
		return errors.Join(err, rollback(tx))
	}
	finished = true
	return commit(ctx, tx)
}

// rollback gives the error of a rollback, if it says more than "already rolled back" (the context ended).
func rollback(tx *sqlx.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("rolling back: %w", err)
	}
	return nil
}

// commit sorts the failures of COMMIT into surely not stored and not known.
func commit(ctx context.Context, tx *sqlx.Tx) error {
	err := tx.Commit()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrTxDone), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		// database/sql looks at the context before it sends COMMIT and has rolled back by then; the driver no longer
		// watches the context while COMMIT is on its way. A read time-out of the connection is none of these.
		return fmt.Errorf("committing: %w", errors.Join(err, context.Cause(ctx)))
	case refusedCommit(err):
		return fmt.Errorf("committing: %w", err)
	default:
		return &CommitUnknown{Err: err}
	}
}

// refusedCommit says that the server answered COMMIT with an error that means "rolled back": a cluster's certification
// conflict (1213), a read-only server, or group replication (3100, 3101). Any other answer leaves the outcome open.
func refusedCommit(err error) bool {
	var server *mysql.MySQLError
	if !errors.As(err, &server) {
		return false
	}
	k := serverKind(server)
	return k == deadlock || k == readOnly || server.Number == 3100 || server.Number == 3101
}
