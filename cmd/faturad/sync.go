package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/sync/archive"
	"faturad/sync/followup"
	"faturad/sync/inbound"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

// passes are what sync can do, in the order of `all`.
var passes = []string{"registry", "outbound", "followup", "inbound", "writeback", "archive"}

// syncOptions are the flags of sync.
type syncOptions struct {
	wait        bool
	rewriteAll  bool
	allowShrink bool
}

// syncReport is what one company's sync did; passes that did not run are nil.
type syncReport struct {
	Company   string
	Registry  *registry.Result
	Codes     *registry.CodesResult
	Outbound  *outbound.Result
	Followup  *followup.Result
	Answers   *followup.AnswersResult
	Inbound   *inbound.Result
	Writeback *followup.Result
	Archive   *archive.Result
	States    map[ledger.State]int
	Inbox     ledger.ReceivedSum
	Errors    []string
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
			wanted := passes
			if len(args) == 1 && args[0] != "all" {
				wanted = args
			}
			if o.rewriteAll && !slices.Contains(wanted, "writeback") {
				return usageError{errors.New("--all belongs to `sync writeback`: it writes every document back again")}
			}
			return c.sync(cmd.Context(), wanted, len(args) == 1 && args[0] == "registry", o)
		},
	}
	cmd.Flags().BoolVar(&o.wait, "wait", false, "stay until nothing is in motion")
	cmd.Flags().BoolVar(&o.rewriteAll, "all", false, "writeback: write every document back, not only what changed")
	cmd.Flags().BoolVar(&o.allowShrink, "allow-shrink", false, "registry: take a taxpayer list or code list that shrank by more than 5 %")
	return cmd
}

// sync serves the companies at once, as the daemon does: one whose provider or ERP hangs keeps no other waiting. What they did
// is printed when all have ended, in the order of the config.
func (c *cli) sync(ctx context.Context, wanted []string, forceRegistry bool, o syncOptions) error {
	return c.withApp(ctx, func(a *app.App) error {
		reports, errs := make([]syncReport, len(a.Companies)), make([]error, len(a.Companies))
		board := c.board()
		var serving sync.WaitGroup
		for i, turn := range turns(ctx, a.Companies) {
			serving.Go(func() {
				company := a.Companies[i]
				report, err := c.syncCompany(ctx, a, company, turn, board, wanted, forceRegistry, o)
				if err != nil {
					err = fmt.Errorf("%s: %w", company.Name, err)
				}
				reports[i], errs[i] = report, err
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

// needsPerson reports whether something of the company waits for somebody.
func (r syncReport) needsPerson() bool {
	return r.Inbox.Counts[ledger.ReceivedQuarantined] > 0 ||
		slices.ContainsFunc(needsPerson, func(s ledger.State) bool { return r.States[s] > 0 })
}

func (c *cli) syncCompany(ctx context.Context, a *app.App, company *app.Company, turn turn, board *board, wanted []string,
	forceRegistry bool, o syncOptions,
) (syncReport, error) {
	report := syncReport{Company: company.Name, Errors: []string{}}
	var problems passErrors
	failed := func(pass string, err error) {
		if err != nil {
			problems.add(pass, err)
			report.Errors = append(report.Errors, pass+": "+err.Error())
		}
	}
	all := len(wanted) > 1
	answers := func(pass string) { // what arrived may wait for an answer
		result, err := company.Answers(ctx)
		report.Answers = &result
		failed(pass, err)
	}
	for _, pass := range wanted {
		bar := board.begin(company.Name + " " + pass)
		switch pass {
		case "registry":
			turn.wait(ctx)
			if forceRegistry && !company.OffersTaxpayers() { // as `faturad check` says, with what to do about it
				c.log.Warn("the provider has no taxpayer list: nothing to import", "company", company.Name)
			}
			needs, err := company.NeedsTaxpayers(ctx)
			if err == nil && (needs || forceRegistry && company.OffersTaxpayers()) {
				var options []registry.ImportOption
				if o.allowShrink {
					options = append(options, registry.AllowShrink())
				}
				var result registry.Result
				result, err = company.ImportTaxpayers(ctx, options...)
				report.Registry = &result
			}
			failed(pass, err)
			if needs, err = company.NeedsCodes(ctx); err == nil && (needs || forceRegistry) {
				var options []registry.ImportOption
				if o.allowShrink {
					options = append(options, registry.AllowShrink())
				}
				var result registry.CodesResult
				result, err = company.ImportCodes(ctx, options...)
				report.Codes = &result
			}
			if err != nil && !forceRegistry { // no sale waits for a code list: the old one serves
				c.log.Warn("the provider's code lists could not be fetched; the old ones stay", "company", company.Name, "err", err)
				err = nil
			}
			failed("codes", err)
			turn.end()
		case "outbound":
			result, err := company.Outbound(ctx, bar.add)
			report.Outbound = &result
			err = errors.Join(err, result.Paused)
			if err == nil && result.Sent == 0 {
				err = result.Unreachable
			}
			failed(pass, err)
		case "followup":
			result, err := company.Followup(ctx, bar.add)
			report.Followup = &result
			failed(pass, errors.Join(err, result.Unreachable))
			if !slices.Contains(wanted, "inbound") {
				answers(pass)
			}
		case "inbound":
			result, err := company.Inbound(ctx, bar.add)
			if err == nil { // who asks by hand wants to be sure: the daemon sweeps by its own schedule
				swept, sweepErr := company.Sweep(ctx, bar.add)
				result, err = result.Plus(swept), sweepErr
			}
			report.Inbound = &result
			failed(pass, err)
			answers(pass)
		case "writeback":
			if o.rewriteAll {
				_, err := company.RewriteAll(ctx)
				failed(pass, err)
			}
			result, err := company.WriteBack(ctx)
			report.Writeback = &result
			failed(pass, err)
		case "archive":
			if !company.Archives() {
				if !all {
					failed(pass, usageError{app.ErrNoArchive})
				}
				break
			}
			result, err := company.Archive(ctx, bar.add)
			report.Archive = &result
			failed(pass, errors.Join(err, result.Paused))
		}
		bar.end()
	}
	if o.wait && !problems.is(fault.Auth) { // refused credentials do not mend themselves
		bar := board.begin(company.Name + " waiting for final statuses")
		did, err := company.Settle(ctx, nil)
		if report.Outbound != nil {
			*report.Outbound = report.Outbound.Plus(did.Outbound)
		}
		if report.Followup != nil {
			*report.Followup = report.Followup.Plus(did.Followup)
		}
		if err == nil { // what failed at first was made up for while waiting
			problems.forget("outbound", "followup", "writeback")
		}
		if problems.said(err) {
			report.Errors = append(report.Errors, "wait: "+err.Error())
			err = nil
		}
		failed("wait", err)
		if err == nil && (report.Answers != nil || report.Archive != nil) {
			failed("wait", c.finish(ctx, company, &report))
		}
		bar.end()
	}
	var err error
	report.States, err = a.Ledger.Counts(ctx, company.Name)
	failed("ledger", err)
	report.Inbox, err = a.Ledger.ReceivedSums(ctx, company.Name)
	failed("ledger", err)
	return report, problems.join()
}

// finish waits for the answers and files that are due.
func (c *cli) finish(ctx context.Context, company *app.Company, report *syncReport) error {
	did, err := company.Finish(ctx)
	if report.Answers != nil {
		did.Answers = report.Answers.Plus(did.Answers)
	}
	report.Answers = &did.Answers
	if report.Archive != nil {
		*report.Archive = report.Archive.Plus(did.Archive)
	}
	return err
}

func (c *cli) printReports(reports []syncReport) error {
	if c.json {
		return c.printJSON(map[string]any{"companies": reportsJSON(reports)})
	}
	for _, r := range reports {
		if o := r.Outbound; o != nil {
			c.printf("%s outbound: %d new, %d sent, %d drafts, %d held, %d refused, %d unknown, %d tried again later, %d changed\n",
				r.Company, o.Discovered, o.Sent, o.Drafts, o.Held, o.Refused, o.Unknown, o.Deferred, o.Changed)
		}
		if f := r.Followup; f != nil {
			c.printf("%s followup: %d asked, %d moved, %d adopted, %d to be sent again, %d unsettled, %d disputed\n",
				r.Company, f.Polled, f.Moved, f.Adopted, f.Resent, f.Unsettled, f.Disputed)
		}
		if i := r.Inbound; i != nil {
			c.printf("%s inbound: %d stored, %d written to the ERP, %d acknowledged, %d files kept, %d quarantined\n",
				r.Company, i.Stored, i.Projected, i.Acknowledged, i.Files, i.Quarantined)
			if i.Found > 0 {
				c.printf("  %d of them had been marked as read at the provider before they were stored here (faturad inbox list --found)\n", i.Found)
			}
			if n := i.StillNew + i.Reopened; n > 0 {
				c.printf("  %d new flags could not be cleared yet; that is tried again\n", n)
			}
		}
		if a := r.Answers; a != nil && *a != (followup.AnswersResult{}) {
			c.printf("%s answers: %d wait since now, %d entered in the ERP, %d sent, %d decided, %d refused, %d unknown, %d must be answered within two days\n",
				r.Company, a.Opened, a.Taken, a.Sent, a.Decided, a.Refused, a.Unknown, a.Due)
		}
		if w := r.Writeback; w != nil {
			c.printf("%s writeback: %d written, %d failed\n", r.Company, w.Written, w.Unwritten)
		}
		if a := r.Archive; a != nil {
			c.printf("%s archive: %d files entered, %d to be renewed, %d stored, %d to be tried again, %d shown in the ERP\n", r.Company, a.Entered, a.Renewed, a.Stored, a.Failed, a.Shown)
		}
		if g := r.Registry; g != nil {
			c.printf("%s registry: %d taxpayers\n", r.Company, g.Taxpayers)
		}
		if l := r.Codes; l != nil && len(l.Entries) > 0 {
			c.printf("%s registry: %d code lists\n", r.Company, len(l.Entries))
		}
		for _, rule := range ledger.Table {
			if n := r.States[rule.State]; n > 0 {
				c.printf("  %-28s %6d\n", rule.TR+" ("+string(rule.State)+")", n)
			}
		}
		if n := r.Inbox.Counts[ledger.ReceivedQuarantined]; n > 0 {
			c.printf("  received and quarantined      %6d (faturad inbox list --state quarantined)\n", n)
		}
	}
	return nil
}

func (c *cli) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }
