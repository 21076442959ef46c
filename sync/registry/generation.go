package registry

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/fault"
)

// importLease is how long an importer may be silent before another one may begin.
const importLease = 10 * time.Minute

// generation is a new list in the making. Its number fences: once somebody began a later one, every write of this one
// finds no row to guard and stops.
type generation struct {
	db     *sqlx.DB
	list   int64 // registry_lists.id
	slot   int   // where it is written; not the slot in use
	number int64
}

// begin reserves the next generation of an environment.
func (r *Registry) begin(ctx context.Context, environment string) (*generation, error) {
	const doing = "beginning to import the taxpayer list"
	row, err := r.reservation(ctx, environment)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := r.db.ExecContext(ctx, `
			INSERT INTO registry_lists (environment) VALUES (?) ON DUPLICATE KEY UPDATE environment = VALUES(environment)`, environment); err != nil {
			return nil, wrap(doing, err)
		}
		row, err = r.reservation(ctx, environment)
	}
	if err != nil {
		return nil, wrap(doing, err)
	}
	if row.Busy { // asked first, because the importer at work holds the row's lock
		return nil, fault.New(fault.Retryable, doing, ErrBusy)
	}
	done, err := r.db.ExecContext(ctx, `
		UPDATE registry_lists
		SET last_generation = last_generation + 1, tried_at = UTC_TIMESTAMP(6),
		    importing_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND
		WHERE id = ? AND slot = ? AND last_generation = ? AND (importing_until IS NULL OR importing_until < UTC_TIMESTAMP(6))`,
		int(importLease.Seconds()), row.ID, row.Slot, row.Last)
	if err != nil {
		return nil, wrap(doing, err)
	}
	if ok, err := one(done); err != nil || !ok {
		return nil, errors.Join(err, fault.New(fault.Retryable, doing, ErrBusy))
	}
	return &generation{db: r.db, list: row.ID, slot: 1 - row.Slot, number: row.Last + 1}, nil
}

// reservation is who may write the next generation of a list.
type reservation struct {
	ID   int64 `db:"id"`
	Slot int   `db:"slot"`
	Last int64 `db:"last_generation"`
	Busy bool  `db:"busy"`
}

func (r *Registry) reservation(ctx context.Context, environment string) (reservation, error) {
	var row reservation
	err := r.db.GetContext(ctx, &row, `
		SELECT id, slot, last_generation, importing_until IS NOT NULL AND importing_until >= UTC_TIMESTAMP(6) AS busy
		FROM registry_lists WHERE environment = ?`, environment)
	return row, err
}

// renew keeps the reservation, inside the transaction that writes a group: whoever lost it writes nothing.
func (g *generation) renew(ctx context.Context, tx *sql.Tx) error {
	done, err := tx.ExecContext(ctx, `
		UPDATE registry_lists SET importing_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id = ? AND last_generation = ?`,
		int(importLease.Seconds()), g.list, g.number)
	if err != nil {
		return err
	}
	if ok, err := one(done); err != nil || !ok {
		return errors.Join(err, g.overtaken())
	}
	return nil
}

// count tells how many mailboxes and taxpayers the generation holds.
func (g *generation) count(ctx context.Context) (mailboxes, taxpayers int, err error) {
	err = g.db.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(DISTINCT tax_no) FROM registry_mailboxes WHERE list_id = ? AND slot = ? AND generation = ?`,
		g.list, g.slot, g.number).Scan(&mailboxes, &taxpayers)
	if err != nil {
		return 0, 0, wrap("counting the new taxpayer list", err)
	}
	return mailboxes, taxpayers, nil
}

// switchOver puts the generation to use, in one statement.
func (g *generation) switchOver(ctx context.Context, r Result) error {
	const doing = "switching over to the new taxpayer list"
	done, err := g.db.ExecContext(ctx, `
		UPDATE registry_lists
		SET slot = ?, generation = ?, mailboxes = ?, taxpayers = ?, imported_at = UTC_TIMESTAMP(6), importing_until = NULL
		WHERE id = ? AND last_generation = ?`,
		g.slot, g.number, r.Mailboxes, r.Taxpayers, g.list, g.number)
	if err != nil {
		return wrap(doing, err)
	}
	if ok, err := one(done); err != nil || !ok {
		return errors.Join(err, g.overtaken())
	}
	return nil
}

// abandon gives the reservation back after a failure, also when ctx ended; the rows written so far are never seen.
func (g *generation) abandon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := g.db.ExecContext(ctx, `UPDATE registry_lists SET importing_until = NULL WHERE id = ? AND last_generation = ?`, g.list, g.number)
	if err != nil {
		return wrap("giving the taxpayer import up", err)
	}
	return nil
}

// overtaken tells that a later import has begun meanwhile.
func (g *generation) overtaken() error {
	return fault.Newf(fault.Retryable, "writing taxpayers", "generation %d was silent for more than %s: %w", g.number, importLease, ErrBusy)
}

func one(r sql.Result) (bool, error) {
	n, err := r.RowsAffected()
	return n == 1, err
}
