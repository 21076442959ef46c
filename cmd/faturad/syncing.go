package main

import (
	"context"
	"errors"
	"slices"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/sync/registry"
)

// syncing is one company's part of a sync: the passes that were asked for, one after the other, and what came of them.
type syncing struct {
	syncOptions
	cli     *cli
	app     *app.App
	company *app.Company
	turn    turn
	board   *board

	report   syncReport
	problems passErrors
}

func (s *syncing) run(ctx context.Context) error {
	s.report = syncReport{Company: s.company.Name, Errors: []string{}}
	for _, pass := range s.passes {
		bar := s.board.begin(s.company.Name + " " + pass)
		s.pass(ctx, pass, bar)
		bar.end()
	}
	if s.wait && !s.problems.is(fault.Auth) { // refused credentials do not mend themselves
		bar := s.board.begin(s.company.Name + " waiting for final statuses")
		s.settle(ctx)
		bar.end()
	}
	var err error
	s.report.States, err = s.app.Ledger.Counts(ctx, s.company.Name)
	s.failed("ledger", err)
	s.report.Inbox, err = s.app.Ledger.ReceivedSums(ctx, s.company.Name)
	s.failed("ledger", err)
	return s.problems.join()
}

// failed notes what went wrong in a pass; nil is nothing.
func (s *syncing) failed(pass string, err error) {
	if err != nil {
		s.problems.add(pass, err)
		s.report.Errors = append(s.report.Errors, pass+": "+err.Error())
	}
}

func (s *syncing) pass(ctx context.Context, pass string, bar *bar) {
	switch pass {
	case "registry":
		s.turn.wait(ctx)
		s.taxpayers(ctx)
		s.codes(ctx)
		s.turn.end()
	case "outbound":
		result, err := s.company.Outbound(ctx, bar.add)
		s.report.Outbound = &result
		err = errors.Join(err, result.Paused)
		if err == nil && result.Sent == 0 {
			err = result.Unreachable
		}
		s.failed(pass, err)
	case "followup":
		result, err := s.company.Followup(ctx, bar.add)
		s.report.Followup = &result
		s.failed(pass, errors.Join(err, result.Unreachable))
		if !slices.Contains(s.passes, "inbound") {
			s.answers(ctx, pass)
		}
	case "inbound":
		result, err := s.company.Inbound(ctx, bar.add)
		if err == nil { // who asks by hand wants to be sure: the daemon sweeps by its own schedule
			swept, sweepErr := s.company.Sweep(ctx, bar.add)
			result, err = result.Plus(swept), sweepErr
		}
		s.report.Inbound = &result
		s.failed(pass, err)
		s.answers(ctx, pass)
	case "writeback":
		if s.rewriteAll {
			_, err := s.company.RewriteAll(ctx)
			s.failed(pass, err)
		}
		result, err := s.company.WriteBack(ctx)
		s.report.Writeback = &result
		s.failed(pass, err)
	case "archive":
		s.archive(ctx, bar)
	}
}

// taxpayers fetches the taxpayer list where it is missing, old or asked for.
func (s *syncing) taxpayers(ctx context.Context) {
	if s.forceRegistry && s.company.LacksTaxpayers() { // as `faturad check` says, with what to do about it
		s.cli.log.Warn("the provider has no taxpayer list: nothing to import", "company", s.company.Name)
	}
	needs, err := s.company.NeedsTaxpayers(ctx)
	if err == nil && (needs || s.forceRegistry && s.company.OffersTaxpayers()) {
		var result registry.Result
		result, err = s.company.ImportTaxpayers(ctx, s.importOptions()...)
		s.report.Registry = &result
	}
	s.failed("registry", err)
}

// codes fetches the provider's code lists where they are missing, old or asked for. No sale waits for one: the old one serves.
func (s *syncing) codes(ctx context.Context) {
	needs, err := s.company.NeedsCodes(ctx)
	if err == nil && (needs || s.forceRegistry) {
		var result registry.CodesResult
		result, err = s.company.ImportCodes(ctx, s.importOptions()...)
		s.report.Codes = &result
	}
	if err != nil && !s.forceRegistry {
		s.cli.log.Warn("the provider's code lists could not be fetched; the old ones stay", "company", s.company.Name, "err", err)
		return
	}
	s.failed("codes", err)
}

func (s *syncing) importOptions() []registry.ImportOption {
	if s.allowShrink {
		return []registry.ImportOption{registry.AllowShrink()}
	}
	return nil
}

// answers looks after answers to incoming invoices: what the pass brought may wait for one.
func (s *syncing) answers(ctx context.Context, pass string) {
	result, err := s.company.Answers(ctx)
	s.report.Answers = &result
	s.failed(pass, err)
}

// archive stores files; a company without an archive is a mistake only of who asked for this pass alone.
func (s *syncing) archive(ctx context.Context, bar *bar) {
	if !s.company.Archives() {
		if len(s.passes) == 1 {
			s.failed("archive", usageError{app.ErrNoArchive})
		}
		return
	}
	result, err := s.company.Archive(ctx, bar.add)
	s.report.Archive = &result
	s.failed("archive", errors.Join(err, result.Paused))
}

// settle stays until nothing of the company is in motion.
func (s *syncing) settle(ctx context.Context) {
	did, err := s.company.Settle(ctx, nil)
	if s.report.Outbound != nil {
		*s.report.Outbound = s.report.Outbound.Plus(did.Outbound)
	}
	if s.report.Followup != nil {
		*s.report.Followup = s.report.Followup.Plus(did.Followup)
	}
	if err == nil { // what failed at first was made up for while waiting
		s.problems.forget("outbound", "followup", "writeback")
	}
	if s.problems.said(err) {
		s.report.Errors = append(s.report.Errors, "wait: "+err.Error())
		err = nil
	}
	s.failed("wait", err)
	if err == nil && (s.report.Answers != nil || s.report.Archive != nil) {
		s.failed("wait", s.finish(ctx))
	}
}

// finish waits for the answers and files that are due.
func (s *syncing) finish(ctx context.Context) error {
	did, err := s.company.Finish(ctx)
	if s.report.Answers != nil {
		did.Answers = s.report.Answers.Plus(did.Answers)
	}
	s.report.Answers = &did.Answers
	if s.report.Archive != nil {
		*s.report.Archive = s.report.Archive.Plus(did.Archive)
	}
	return err
}
