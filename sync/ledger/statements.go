package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/jmoiron/sqlx"
)

// mostStatements bounds the cache; shapes beyond it run unprepared, which is slower and just as right.
const mostStatements = 400

// statements prepares each SQL text once (the driver would prepare and close it on every call).
type statements struct {
	db *sqlx.DB
	mu sync.Mutex
	of map[string]*kept
}

// kept lives until Store.Close.
type kept struct{ *sqlx.Stmt }

func newStatements(db *sqlx.DB) *statements {
	return &statements{db: db, of: map[string]*kept{}}
}

// find gives the prepared statement, or nil.
func (c *statements) find(query string) *kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[query]
}

// prepare makes the statement ready. It needs a connection of its own, so it is never called inside a transaction: with
// a small pool that would wait for itself.
func (c *statements) prepare(ctx context.Context, query string) error {
	c.mu.Lock()
	enough := c.of[query] != nil || len(c.of) >= mostStatements
	c.mu.Unlock()
	if enough {
		return nil
	}
	made, err := c.db.PreparexContext(ctx, query)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[query] != nil { // somebody else was faster
		return made.Close() //nolint:sqlclosecheck // not deferred: the other one stays open
	}
	c.of[query] = &kept{made}
	return nil
}

func (c *statements) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for query, stmt := range c.of {
		errs = append(errs, stmt.Close())
		delete(c.of, query)
	}
	return errors.Join(errs...)
}

// get reads one row outside a transaction.
func (s *Store) get(ctx context.Context, dest any, query string, args ...any) error {
	if err := s.statements.prepare(ctx, query); err != nil {
		return err
	}
	if stmt := s.statements.find(query); stmt != nil {
		return stmt.GetContext(ctx, dest, args...)
	}
	return s.db.GetContext(ctx, dest, query, args...)
}

// all reads every row outside a transaction.
func (s *Store) all(ctx context.Context, dest any, query string, args ...any) error {
	if err := s.statements.prepare(ctx, query); err != nil {
		return err
	}
	if stmt := s.statements.find(query); stmt != nil {
		return stmt.SelectContext(ctx, dest, args...)
	}
	return s.db.SelectContext(ctx, dest, query, args...)
}

// exec runs one statement as a transaction of its own.
func (s *Store) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := s.statements.prepare(ctx, query); err != nil {
		return nil, err
	}
	if stmt := s.statements.find(query); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return s.db.ExecContext(ctx, query, args...)
}

// tx is a transaction that uses the prepared statements.
type tx struct {
	*sqlx.Tx
	statements *statements
	open       map[string]*sqlx.Stmt
}

// exec runs one statement and tells how many rows it found.
func (t *tx) exec(ctx context.Context, query string, args ...any) (found int64, err error) {
	stmt := t.open[query]
	if stmt == nil {
		if known := t.statements.find(query); known != nil {
			stmt = t.StmtxContext(ctx, known.Stmt) //nolint:sqlclosecheck // closed with the transaction
			t.open[query] = stmt
		}
	}
	var result sql.Result
	if stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = t.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
