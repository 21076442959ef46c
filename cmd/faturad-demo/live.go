package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/app"
	"faturad/internal/clock"
	"faturad/internal/web"
)

// How often a new sale drops in, and how often the ERP is looked at for what changed.
const (
	dripEvery  = 5 * time.Second
	watchEvery = 500 * time.Millisecond
)

// live goes on as the daemon does: its schedule, its admin page, and a shop that keeps selling, until ctx ends.
func (w *world) live(ctx context.Context, p *printer) error {
	daemon, err := app.NewDaemon(w.app, w.metrics)
	if err != nil {
		return err
	}
	page, err := web.Listen(ctx, web.Options{
		Listen: w.config.Admin.Listen, Token: w.config.Admin.Token.Reveal(), Language: w.config.Language, Version: "demo",
		Companies: []string{companyName}, Log: w.log, Metrics: w.metrics.Handler(), Ledger: w.app.Ledger, Jobs: daemon,
	})
	if err != nil {
		return fmt.Errorf("opening the admin page: %w", err)
	}
	p.doors(w, page.URL())

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	selling := make(chan error, 1)
	go func() {
		err := w.keepSelling(ctx, p)
		stop() // without sales there is nothing to watch
		selling <- err
	}()
	err = daemon.Run(ctx)
	return errors.Join(err, <-selling, page.Close())
}

// keepSelling books a sale now and then, and prints what became of the earlier ones, as the ERP's rows change.
func (w *world) keepSelling(ctx context.Context, p *printer) error {
	seen, err := w.watch(ctx, p, nil)
	if err != nil {
		return quietly(ctx, err)
	}
	drip, look := time.NewTicker(dripEvery), time.NewTicker(watchEvery)
	defer drip.Stop()
	defer look.Stop()
	for n := 0; ; n++ {
		numbers, err := w.fill(ctx, []sale{dripped(n)})
		if err != nil {
			return quietly(ctx, err)
		}
		p.notes[numbers[0]] = dripped(n).note
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-drip.C:
				waiting = false
			case <-look.C:
				if seen, err = w.watch(ctx, p, seen); err != nil {
					return quietly(ctx, err)
				}
			}
		}
	}
}

// dripped is the n-th sale of today: ordinary ones, and now and then one to learn from.
func dripped(n int) sale {
	s := ordinary(maxSales + n)
	if told := stories(); n%3 == 2 {
		s = told[(n/3)%len(told)]
	}
	s.daysAgo = 0
	return s
}

// quietly drops an error that only says that the demo was ended.
func quietly(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// watch prints the sales whose row changed since the last look; the first look prints nothing.
func (w *world) watch(ctx context.Context, p *printer, seen map[string]string) (map[string]string, error) {
	b, err := w.shop.read(ctx)
	if err != nil {
		return nil, err
	}
	now := make(map[string]string, len(b.sales))
	for _, s := range b.sales {
		now[s.No] = string(s.State) + s.Number
		if seen != nil && seen[s.No] != now[s.No] {
			p.printf("%s", p.paint(dim, w.shop.clock.Now().In(clock.Istanbul).Format(time.TimeOnly)))
			p.row(s)
		}
	}
	return now, nil
}

// doors says where everything can be looked at while the demo runs.
func (p *printer) doors(w *world, page string) {
	p.printf("\n  %s\n", p.paint(bold, "It goes on: a new sale every few seconds, until Ctrl-C. Meanwhile look at"))
	for _, l := range [][2]string{
		{"admin page", page + "   token: " + w.config.Admin.Token.Reveal()},
		{"provider", w.simURL + "/_sim/documents   and other doors: " + w.simURL + "/_sim/"},
		{"databases", "any MySQL client at " + w.db.addr + ", user demo without password, databases " + ledgerName + " and " + erpName},
		{"command line", "go run ./cmd/faturad --config " + w.configPath() + " documents"},
		{"log", w.logPath()},
	} {
		p.printf("  %s  %s\n", p.paint(cyan, pad(l[0], 12)), l[1])
	}
	p.printf("\n")
}
