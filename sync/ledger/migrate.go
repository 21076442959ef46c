package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

//go:embed migrations/*.sql
var embedded embed.FS

const (
	versionTable = "goose_db_version"
	migrateLock  = ".faturad.migrate"
	migrateWait  = 50 * time.Second // below the connection's read time-out
)

// Migrate brings the schema up to what this binary needs. It runs as faturad_migrate, may be repeated, and several may run
// at once: the others wait. Migrations only add, so that an older faturad goes on working beside a newer schema.
func Migrate(ctx context.Context, db *sql.DB) (err error) {
	const doing = "migrating the ledger"
	p, err := provider(db)
	if err != nil {
		return fault.New(fault.Permanent, doing, err)
	}
	if err := capable(ctx, db); err != nil {
		return err
	}
	free, err := alone(ctx, db)
	if err != nil {
		return mysqlx.Wrap(doing, err)
	}
	defer func() { err = errors.Join(err, mysqlx.Wrap(doing, free())) }()
	failpoint.Hit("migrate.before")
	if err := mendBeginning(ctx, db); err != nil {
		return mysqlx.Wrap(doing, err)
	}
	_, err = p.Up(ctx)
	failpoint.Hit("migrate.after")
	return mysqlx.Wrap(doing, err)
}

// capable refuses a server that cannot hold the ledger: it would fail in the middle, with words about syntax. Others that are old
// are warned of by CheckServer.
func capable(ctx context.Context, db *sql.DB) error {
	info, err := mysqlx.Server(ctx, sqlx.NewDb(db, "mysql"))
	if err != nil {
		return err
	}
	if info.Aged() == "" || info.MariaDB && info.AtLeast(10, 2) || !info.MariaDB && info.AtLeast(5, 7) {
		return nil
	}
	return &fault.Error{Class: fault.Permanent, Doing: "migrating the ledger", Err: fmt.Errorf("%s lacks the generated columns that the ledger needs", info),
		Advice: "Put the ledger on MariaDB 10.6 or MySQL 8.0, or later; it need not be the ERP's server"}
}

// alone waits until no other migration runs. It is for politeness only, since every migration may be run twice; goose's
// own locks do not cover its first look at the version table.
func alone(ctx context.Context, db *sql.DB) (free func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const name = "CONCAT(LEFT(DATABASE(), 40), '" + migrateLock + "')"
	var got sql.NullBool
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+name+", ?)", int(migrateWait.Seconds())).Scan(&got); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if !got.Bool {
		return nil, errors.Join(fmt.Errorf("another migration has been running for more than %s: wait for it, or end it", migrateWait), conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK("+name+")")
		return errors.Join(err, conn.Close())
	}, nil
}

// mendBeginning writes the version 0 that goose wants into a version table that is empty: a migration died between making the
// table and writing it, which MySQL cannot do in one transaction, and goose would refuse the table for ever.
func mendBeginning(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "INSERT INTO "+versionTable+" (version_id, is_applied) SELECT 0, TRUE FROM DUAL"+
		" WHERE NOT EXISTS (SELECT 1 FROM "+versionTable+")")
	if mysqlx.IsUnknownTable(err) {
		return nil // nothing has begun
	}
	return err
}

// provider is goose over the embedded files; it never goes down.
func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	// The numbers of parts of the house interleave (1-99 ledger, 100-199 registry), hence out of order.
	return goose.NewProvider(goose.DialectMySQL, db, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true),
		goose.WithGoMigrations(goMigrations()...))
}

// CheckSchema says in one sentence what is missing from the schema, and how to add it. A newer schema is fine.
func (s *Store) CheckSchema(ctx context.Context) error {
	const doing = "checking the ledger's schema"
	var applied []int64
	err := s.db.SelectContext(ctx, &applied, "SELECT version_id FROM "+versionTable+" WHERE is_applied")
	if mysqlx.IsUnknownTable(err) {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Err: errors.New("the ledger has no tables yet"), Advice: "Run faturad migrate"}
	}
	if err != nil {
		return mysqlx.Wrap(doing, err)
	}
	have := make(map[int64]bool, len(applied))
	for _, v := range applied {
		have[v] = true
	}
	p, err := provider(s.db.DB)
	if err != nil {
		return fault.New(fault.Permanent, doing, err)
	}
	needed, missing := p.ListSources(), 0
	for _, source := range needed {
		if !have[source.Version] {
			missing++
		}
	}
	if missing > 0 {
		return &fault.Error{Class: fault.Permanent, Doing: doing,
			Err: fmt.Errorf("%d of %d migrations have not been run", missing, len(needed)), Advice: "Run faturad migrate"}
	}
	return nil
}
