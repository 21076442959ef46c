package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/web"
)

func (c *cli) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the daemon",
		Long: `Run every company's passes on the schedule of the config until SIGTERM or SIGINT; then finish what is in flight and
write it back to the ERP. Under systemd it reports ready, alive and stopping.`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
}

func (c *cli) run(ctx context.Context) (err error) {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	c.log = daemonLogger(c.err, cfg.Log)
	metrics := app.NewMetrics()
	a, err := app.Open(ctx, cfg, app.Options{Log: c.log, Company: c.company, Clock: newClock(), Metrics: metrics, Version: version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	warnings, err := a.Ledger.CheckServer(ctx)
	for _, w := range warnings {
		c.log.Warn("the ledger's server: " + w)
	}
	if err != nil {
		return err
	}
	daemon, err := app.NewDaemon(a, metrics)
	if err != nil {
		return err
	}
	if cfg.Admin.Listen == "" {
		return daemon.Run(ctx)
	}
	server, err := web.Listen(ctx, web.Options{
		Listen: cfg.Admin.Listen, Token: cfg.Admin.Token.Reveal(), Hosts: cfg.Admin.Hosts, Language: cfg.Language,
		Log: c.log, Metrics: metrics.Handler(), Ledger: a.Ledger, Jobs: daemon, Version: version, Companies: names(a), Clock: newClock(),
	})
	if err != nil {
		return fmt.Errorf("opening the admin page: %w", err)
	}
	c.log.Info("faturad is running", slog.String("admin", server.URL()))
	return errors.Join(daemon.Run(ctx), server.Close())
}

func names(a *app.App) []string {
	out := make([]string, len(a.Companies))
	for i, company := range a.Companies {
		out[i] = company.Name
	}
	return out
}
