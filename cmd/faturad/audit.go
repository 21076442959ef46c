package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/invoice"
	"faturad/sync/audit"
)

// The parts of an audit in JSON.
type (
	figureJSON struct {
		Count  int    `json:"count"`
		Amount string `json:"amount"`
	}
	sumJSON struct {
		State     string     `json:"state"`
		StateText string     `json:"state_text"`
		Currency  string     `json:"currency"`
		Ledger    figureJSON `json:"ledger"`
		Provider  figureJSON `json:"provider"`
		ERP       figureJSON `json:"erp"`
	}
	invariantJSON struct {
		Invariant  string `json:"invariant"`
		Says       string `json:"says"`
		Checked    bool   `json:"checked"`
		Limitation string `json:"limitation"`
		Found      int    `json:"found"`
	}
	differenceJSON struct {
		Invariant string `json:"invariant"`
		Ref       string `json:"ref"`
		Message   string `json:"message"`
		Advice    string `json:"advice"`
	}
	unaskedJSON struct {
		What  string `json:"what"`
		Error string `json:"error"`
	}
	auditJSONReport struct {
		Company     string           `json:"company"`
		Sums        []sumJSON        `json:"sums"`
		Invariants  []invariantJSON  `json:"invariants"`
		Differences []differenceJSON `json:"differences"`
		Unasked     []unaskedJSON    `json:"unasked"`
		InMotion    int              `json:"in_motion"`
		Asking      int              `json:"being_asked_for"`
		Elsewhere   int              `json:"made_elsewhere"`
	}
)

// errDifference ends an audit that found a difference; the output has said which.
var errDifference = errors.Join(errPerson, errors.New("the audit found differences"))

func (c *cli) auditCommand() *cobra.Command {
	var dayText, sinceText string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Compare provider, ledger and ERP, and print every difference",
		Long: `Reconciles what the provider holds, what the ledger says and what the ERP shows, and checks the invariants of
docs/reliability.md. It changes nothing. Without --day or --since it takes every document of the ledger, and asks the
provider about each: name a day for the end-of-day check.

Exit codes: 0 no difference · 3 a difference · 4 no difference found, but something could not be asked.`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var day, since invoice.Date
			var err error
			if dayText == "today" {
				dayText = today()
			}
			if dayText != "" {
				if day, err = invoice.ParseDate(dayText); err != nil {
					return usageError{err}
				}
			}
			if sinceText != "" {
				if since, err = invoice.ParseDate(sinceText); err != nil {
					return usageError{err}
				}
			}
			return c.audit(cmd.Context(), day, since)
		},
	}
	cmd.Flags().StringVar(&dayText, "day", "", "documents sent on this `DAY` (YYYY-MM-DD or today)")
	cmd.Flags().StringVar(&sinceText, "since", "", "documents that changed since this `DAY` (YYYY-MM-DD)")
	cmd.MarkFlagsMutuallyExclusive("day", "since")
	return cmd
}

func (c *cli) audit(ctx context.Context, day, since invoice.Date) error {
	return c.withApp(ctx, func(a *app.App) error {
		var reports []audit.Report
		for _, company := range a.Companies {
			board := c.board()
			report, err := company.Audit(ctx, day, since, board.begin(company.Name+" audit").add)
			board.end()
			if err != nil {
				return err
			}
			reports = append(reports, report)
		}
		if err := c.printAudit(reports, a.Config.Language); err != nil {
			return err
		}
		return verdict(reports)
	})
}

// verdict turns the reports into the command's error. A difference is certain, and counts more than a silence.
func verdict(reports []audit.Report) error {
	var silence error
	for _, r := range reports {
		if len(r.Findings) > 0 {
			return silent{errDifference}
		}
		if len(r.Unasked) > 0 {
			silence = silent{errUnreachable}
		}
	}
	return silence
}

func (c *cli) printAudit(reports []audit.Report, language string) error {
	if c.json {
		out := make([]auditJSONReport, len(reports))
		for i, r := range reports {
			out[i] = auditAsJSON(r, language)
		}
		return c.printJSON(map[string]any{"companies": out})
	}
	for _, r := range reports {
		if err := c.auditTables(r, language); err != nil {
			return err
		}
	}
	return nil
}

func figure(f audit.Figure) figureJSON { return figureJSON{f.Count, f.Amount.StringFixed(2)} }

func auditAsJSON(r audit.Report, language string) auditJSONReport {
	out := auditJSONReport{Company: r.Company, Sums: []sumJSON{}, Invariants: []invariantJSON{}, Differences: []differenceJSON{},
		Unasked: []unaskedJSON{}, InMotion: r.Moving, Asking: r.Asking, Elsewhere: r.Foreign}
	for _, s := range r.Sums {
		out.Sums = append(out.Sums, sumJSON{string(s.State), s.State.Text(language), s.Currency, figure(s.Ledger), figure(s.Provider), figure(s.ERP)})
	}
	for _, k := range r.Checks {
		out.Invariants = append(out.Invariants, invariantJSON{string(k.Invariant), k.Says, !k.Skipped, k.Part, k.Found})
	}
	for _, f := range r.Findings {
		out.Differences = append(out.Differences, differenceJSON{string(f.Invariant), f.Ref, f.Says, f.Do})
	}
	for _, u := range r.Unasked {
		out.Unasked = append(out.Unasked, unaskedJSON{u.What, u.Err.Error()})
	}
	return out
}

func (c *cli) auditTables(r audit.Report, language string) error {
	var rows [][]string
	line := func(name string, s audit.Sum) []string {
		cell := func(f audit.Figure) string { return itoa(f.Count) + " · " + f.Amount.StringFixed(2) }
		return []string{name, s.Currency, cell(s.Ledger), cell(s.Provider), cell(s.ERP)}
	}
	for _, s := range r.Sums {
		rows = append(rows, line(s.State.Text(language), s))
	}
	for _, s := range r.Totals() {
		rows = append(rows, line("=", s))
	}
	c.printf("%s\n", r.Company)
	if err := c.table([]string{"STATE", "CURRENCY", "LEDGER", "PROVIDER", "ERP"}, rows); err != nil {
		return err
	}
	rows = nil
	for _, k := range r.Checks {
		checked := "ok"
		switch {
		case k.Skipped:
			checked = "not checked"
		case k.Found > 0:
			checked = itoa(k.Found) + " found"
		case k.Part != "":
			checked = "ok in part"
		}
		rows = append(rows, []string{string(k.Invariant), checked, k.Says, k.Part})
	}
	c.printf("\n")
	if err := c.table([]string{"RULE", "RESULT", "SAYS", "LIMITATION"}, rows); err != nil {
		return err
	}
	c.printf("\n")
	for _, f := range r.Findings {
		c.printf("%s %s: %s. %s.\n", f.Invariant, f.Ref, f.Says, f.Do)
	}
	for _, u := range r.Unasked {
		c.printf("not asked: %s: %v\n", u.What, u.Err)
	}
	if r.Moving > 0 {
		c.printf("%s changed while they were compared: the next audit sees them\n", counted(r.Moving, "document"))
	}
	if r.Asking > 0 {
		c.printf("the ERP shows more of %s than the ledger knows yet: the provider is being asked for them, and the next audit sees the answers\n", counted(r.Asking, "document"))
	}
	if r.Foreign > 0 {
		c.printf("at the provider, not made by faturad: %s\n", counted(r.Foreign, "invoice"))
	}
	c.printf("%s\n\n", counted(len(r.Findings), "difference"))
	return nil
}
