package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"faturad/internal/app"
	"faturad/internal/clock"
	"faturad/internal/config"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
	"faturad/providers/turkcell/turkcellsim"
	"faturad/sync/ledger"
)

// What the demo's company is called.
const (
	companyName = "defne"
	erpID       = "demo"
	keySpace    = "sale" // of the preset `reference`
)

// world is everything that runs: databases, ERP, provider and faturad between them.
type world struct {
	dir     string // config, secrets and log; removed at the end
	db      *embedded
	shop    *shop
	office  office
	sim     *turkcellsim.Simulator // the office, where it is Turkcell
	simURL  string
	config  config.Config
	app     *app.App
	company *app.Company
	metrics *app.Metrics
	log     *slog.Logger

	closers []func() error // run backwards
}

// open builds the world up to, but without, the first pass. What could be opened is closed by close, error or not.
func open(ctx context.Context, o options, c clock.Clock) (w *world, err error) {
	w = &world{log: slog.New(slog.DiscardHandler), metrics: app.NewMetrics()}
	if w.dir, err = os.MkdirTemp("", "faturad-demo-"); err != nil {
		return w, fmt.Errorf("making a folder for the demo: %w", err)
	}
	w.onClose(func() error { return os.RemoveAll(w.dir) })
	if !o.once {
		if err := w.openLog(); err != nil {
			return w, err
		}
	}
	if w.db, err = startDatabase(ctx); err != nil {
		return w, err
	}
	w.onClose(w.db.close)
	if w.shop, err = openShop(ctx, w.db.dsn(erpName), c); w.shop != nil {
		w.onClose(w.shop.db.Close)
	}
	if err != nil {
		return w, err
	}
	if err := w.migrate(ctx); err != nil {
		return w, err
	}
	if err := w.startProvider(ctx, o, c); err != nil {
		return w, err
	}
	if err := w.writeConfig(o, c); err != nil {
		return w, err
	}
	if w.config, err = config.Load(w.configPath()); err != nil {
		return w, fmt.Errorf("loading the demo's own config: %w", err)
	}
	if w.app, err = app.Open(ctx, w.config, app.Options{Log: w.log, Clock: c, Metrics: w.metrics}); err != nil {
		return w, err
	}
	w.onClose(w.app.Close)
	w.company, _ = w.app.Company(companyName)
	return w, nil
}

func (w *world) onClose(f func() error) { w.closers = append(w.closers, f) }

// close ends everything, the last started first.
func (w *world) close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	w.closers = nil
	return errors.Join(errs...)
}

func (w *world) configPath() string { return filepath.Join(w.dir, "faturad.toml") }

func (w *world) logPath() string { return filepath.Join(w.dir, "faturad.log") }

// openLog lets the daemon's log go to a file: the terminal is for the table.
func (w *world) openLog() error {
	f, err := os.OpenFile(w.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the demo's log: %w", err)
	}
	w.onClose(f.Close)
	w.log = slog.New(slog.NewTextHandler(f, nil))
	return nil
}

// migrate is `faturad migrate`.
func (w *world) migrate(ctx context.Context) (err error) {
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: w.db.dsn(ledgerName), Role: mysqlx.Ledger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return ledger.Migrate(ctx, db.DB)
}

// incoming is how many invoices wait in the provider's inbox.
const incoming = 8

// startProvider starts the simulator of the chosen provider with its taxpayers, its buyers and an inbox.
func (w *world) startProvider(ctx context.Context, o options, c clock.Clock) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("finding a free port for the simulated provider: %w", err)
	}
	w.simURL = "http://" + listener.Addr().String()
	switch o.provider {
	case kolaybi:
		w.office = openKolayBi(c)
	case propars:
		w.office = openPropars(c)
	default:
		t := openTurkcell(c)
		w.office, w.sim = t, t.Simulator
	}
	w.simURL += w.office.path()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- w.office.Serve(serving, listener) }()
	w.onClose(func() error { stop(); return <-served })
	return nil
}

// fill sells, and has the provider lose the answers that the sales want lost. It gives the sales' numbers.
func (w *world) fill(ctx context.Context, sales []sale) ([]string, error) {
	for i, s := range sales {
		if s.fault == "" {
			continue
		}
		ettn := invoice.ETTN(sellerVKN(), erpID, keySpace, fmt.Sprint(w.shop.next+i), 1)
		if err := w.office.lose(s.fault, ettn); err != nil {
			return nil, fmt.Errorf("setting a fault at the simulated provider: %w", err)
		}
	}
	return w.shop.sell(ctx, sales...)
}
