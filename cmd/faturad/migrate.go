package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"faturad/internal/mysqlx"
	"faturad/sync/ledger"
)

func (c *cli) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the ledger's schema up to date",
		Long: `Create or update the ledger's tables, as the user of [ledger] migrate_dsn (faturad_migrate); without it as the daily
user, who must then own the schema. Running it twice is harmless.`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.migrate(cmd.Context()) },
	}
}

func (c *cli) migrate(ctx context.Context) (err error) {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	dsn := cfg.Ledger.DSN
	if cfg.Ledger.MigrateDSN.IsSet() { // Load leaves it alone: the daily user need not be able to read it
		if dsn, err = cfg.MigrateDSN(); err != nil {
			return err
		}
	}
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: dsn.Reveal(), Role: mysqlx.Ledger, Logger: c.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := ledger.Migrate(ctx, db.DB); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(map[string]any{"migrated": true})
	}
	c.printf("The ledger's schema is up to date.\n")
	return nil
}
