package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jmoiron/sqlx"

	"faturad/internal/clock"
	"faturad/internal/config"
	"faturad/internal/mysqlx"
	"faturad/sync/ledger"
	"faturad/sync/registry"
)

// App is a wired faturad: the ledger and every company of the config. Open makes one, Close ends it.
type App struct {
	Config    config.Config
	Ledger    *ledger.Store
	Registry  *registry.Registry
	Companies []*Company

	clock   clock.Clock
	log     *slog.Logger
	owner   string
	version string
	metrics *Metrics // nil = none
	db      *sqlx.DB

	looking sync.Mutex // one pass at a time looks whether the ledger is whole
}

// Options of Open. The zero value is right for the daemon.
type Options struct {
	Clock   clock.Clock // nil = the machine's
	Log     *slog.Logger
	Owner   string   // names this process in leases; empty = host, process id and a random part
	Company string   // open this company only; empty = all
	NoERP   bool     // do not connect to ERP databases: for commands that only read the ledger
	Metrics *Metrics // nil = none
	Version string   // of this binary, for the ERP's sign of life
}

// Open connects to everything that the config names. An ERP that is away is no error: its company's passes report it and
// try again. A ledger that is away is.
func Open(ctx context.Context, cfg config.Config, o Options) (_ *App, err error) {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Owner == "" {
		o.Owner = newOwner()
	}
	a := &App{Config: cfg, clock: o.Clock, log: o.Log, owner: o.Owner, version: o.Version, metrics: o.Metrics}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	a.db, err = mysqlx.Open(ctx, mysqlx.Options{
		DSN: cfg.Ledger.DSN.Reveal(), Role: mysqlx.Ledger, MaxOpen: cfg.Ledger.MaxConns, Logger: o.Log,
	})
	if err != nil {
		return nil, err
	}
	a.Ledger = ledger.New(a.db)
	if err := a.Ledger.CheckSchema(ctx); err != nil {
		return nil, err
	}
	a.Registry = registry.New(a.db, o.Log)
	for _, c := range cfg.Companies {
		if o.Company != "" && o.Company != c.Name {
			continue
		}
		company, err := a.openCompany(ctx, c, o)
		if err != nil {
			return nil, fmt.Errorf("company %q: %w", c.Name, err)
		}
		a.Companies = append(a.Companies, company)
	}
	if o.Company != "" && len(a.Companies) == 0 {
		return nil, fmt.Errorf("the config has no company %q: use one of its [[company]] names", o.Company)
	}
	return a, nil
}

// Close closes the databases.
func (a *App) Close() error {
	var errs []error
	for _, c := range a.Companies {
		if c.erpDB != nil {
			errs = append(errs, mysqlx.Close(c.erpDB))
		}
	}
	if a.db != nil {
		errs = append(errs, mysqlx.Close(a.db))
	}
	return errors.Join(errs...)
}

// Company finds an opened company by name; ok is false when there is none.
func (a *App) Company(name string) (c *Company, ok bool) {
	for _, c := range a.Companies {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}
