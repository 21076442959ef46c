package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"faturad/internal/app"
)

// passes are what sync can do, in the order of `all`.
var passes = []string{"registry", "outbound", "followup", "inbound", "writeback", "archive"}

// syncOptions are what sync is asked to do.
type syncOptions struct {
	passes        []string // in their order
	forceRegistry bool     // fetch the lists even when they are fresh
	wait          bool
	rewriteAll    bool
	allowShrink   bool
}

func (c *cli) syncCommand() *cobra.Command {
	var o syncOptions
	cmd := &cobra.Command{
		Use:   "sync [outbound|followup|inbound|writeback|archive|registry|all]",
		Short: "Make one pass in the foreground",
		Long: `Make one pass and end. Without an argument, or with "all": fetch the taxpayer list and the provider's code lists if
they are missing or older than a day, send pending sales, look unknown outcomes and statuses up, pull incoming invoices,
write everything back, and store the files of issued and received invoices in the archive if there is one. All companies
are served at once. It may run beside the daemon. --wait stays until documents, answers that people gave, and files that are
due have come to rest.`,
		Args:      takesOneOf("pass", append(slices.Clone(passes), "all")),
		ValidArgs: append(slices.Clone(passes), "all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.passes = passes
			if len(args) == 1 && args[0] != "all" {
				o.passes = args
				o.forceRegistry = args[0] == "registry"
			}
			if o.rewriteAll && !slices.Contains(o.passes, "writeback") {
				return usageError{errors.New("--all belongs to `sync writeback`: it writes every document back again")}
			}
			return c.sync(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.wait, "wait", false, "stay until nothing is in motion")
	cmd.Flags().BoolVar(&o.rewriteAll, "all", false, "writeback: write every document back, not only what changed")
	cmd.Flags().BoolVar(&o.allowShrink, "allow-shrink", false, "registry: take a taxpayer list or code list that shrank by more than 5 %")
	return cmd
}

// sync serves the companies at once, as the daemon does: one whose provider or ERP hangs keeps no other waiting. What they did
// is printed when all have ended, in the order of the config.
func (c *cli) sync(ctx context.Context, o syncOptions) error {
	return c.withApp(ctx, func(a *app.App) error {
		reports, errs := make([]syncReport, len(a.Companies)), make([]error, len(a.Companies))
		board := c.board()
		var serving sync.WaitGroup
		for i, turn := range turns(ctx, a.Companies) {
			serving.Go(func() {
				s := &syncing{syncOptions: o, cli: c, app: a, company: a.Companies[i], turn: turn, board: board}
				if err := s.run(ctx); err != nil {
					errs[i] = fmt.Errorf("%s: %w", s.company.Name, err)
				}
				reports[i] = s.report
			})
		}
		serving.Wait()
		board.end()
		if err := c.printReports(reports); err != nil {
			return err
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		if slices.ContainsFunc(reports, syncReport.needsPerson) {
			return errPerson
		}
		return nil
	})
}
