package registry

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// Registry reads and replaces the taxpayer lists in the ledger's database.
type Registry struct {
	db  *sqlx.DB
	log *slog.Logger
}

// New makes a Registry on the ledger's database, opened by internal/mysqlx as the daily user.
func New(db *sqlx.DB, log *slog.Logger) *Registry { return &Registry{db: db, log: log} }

// List tells what is known of an environment's list. Times are UTC; zero means "never".
type List struct {
	Environment string
	Generation  int64 // rises with each import that was taken over; 0 = none yet
	Mailboxes   int
	Taxpayers   int
	ImportedAt  time.Time
	TriedAt     time.Time // begin of the last import, also of one that failed
}

// Imported reports whether there is a list at all.
func (l List) Imported() bool { return l.Generation > 0 }

// List returns what is known of an environment's list; the zero List with its name when nothing was ever imported.
func (r *Registry) List(ctx context.Context, environment string) (List, error) {
	var row struct {
		Generation int64        `db:"generation"`
		Mailboxes  int          `db:"mailboxes"`
		Taxpayers  int          `db:"taxpayers"`
		ImportedAt sql.NullTime `db:"imported_at"`
		TriedAt    sql.NullTime `db:"tried_at"`
	}
	err := r.db.GetContext(ctx, &row, `
		SELECT generation, mailboxes, taxpayers, imported_at, tried_at FROM registry_lists WHERE environment = ?`, environment)
	if errors.Is(err, sql.ErrNoRows) {
		return List{Environment: environment}, nil
	}
	if err != nil {
		return List{}, wrap("reading the state of the taxpayer list", err)
	}
	return List{
		Environment: environment, Generation: row.Generation, Mailboxes: row.Mailboxes, Taxpayers: row.Taxpayers,
		ImportedAt: row.ImportedAt.Time, TriedAt: row.TriedAt.Time,
	}, nil
}

// wrap classifies a database error and names the remedy for the commonest one.
func wrap(doing string, err error) error {
	if mysqlx.IsUnknownTable(err) {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Err: err, Advice: "The ledger's tables are older than this program: run `faturad migrate`"}
	}
	return mysqlx.Wrap(doing, err)
}
