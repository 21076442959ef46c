package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/sync/archive"
	"faturad/sync/ledger"
)

// archiveJSON is what the archive of one company holds.
type archiveJSON struct {
	Company string `json:"company"`
	Dir     string `json:"dir"`
	Stored  int    `json:"stored"`
	Wanted  int    `json:"wanted"`
	Damaged int    `json:"damaged"`
	Bytes   int64  `json:"bytes"`
}

// findingJSON is one file that is not as it was stored.
type findingJSON struct {
	Path    string `json:"path"`
	ETTN    string `json:"ettn"`
	Format  string `json:"format"`
	Problem string `json:"problem"` // missing, changed
}

// verifiedJSON is what a verification saw.
type verifiedJSON struct {
	Company  string        `json:"company"`
	Checked  int           `json:"checked"`
	Bytes    int64         `json:"bytes"`
	Damaged  int           `json:"damaged"`
	Repaired int           `json:"repaired"`
	Expired  int           `json:"expired"`
	Waiting  int           `json:"waiting"`
	Findings []findingJSON `json:"findings"`
}

func (c *cli) archiveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "archive", Short: "Count the files of the archive, verify them, pack a month", Args: takesNone,
		Long: `Without a subcommand: how many files are stored, still to be fetched, and known to be damaged. What is still to be
fetched is fetched by the daemon, or by "faturad sync archive".`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.archiveStatus(cmd.Context()) },
	}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Compare every stored file with size and SHA-256 in the ledger",
		Long: `Read every stored file and compare it with the ledger. What is missing or changed is named; with --repair it is fetched
again from the provider (the UBL of received invoices from the ledger). A UBL that then has other bytes than the one that was
stored is not taken: a signed invoice never changes. Files older than archive.keep_years may be gone.

Ends with exit code 3 while files are damaged.`,
		Args: takesNone,
	}
	repair := verify.Flags().Bool("repair", false, "fetch what is missing or changed again")
	verify.RunE = func(cmd *cobra.Command, _ []string) error { return c.archiveVerify(cmd.Context(), *repair) }
	export := &cobra.Command{
		Use:   "export --month YYYY-MM",
		Short: "Pack a month's invoices for the accountant: UBL, PDF and a list with totals",
		Long: `Write a zip with the UBL and PDF of every invoice dated in the month (giden/ issued, gelen/ received) and a list of each that
Excel opens, with totals by currency. Files that the archive does not have yet are named in the list; then the exit code
is 3. For a month without invoices nothing is written; the exit code is 0.`,
		Args: takesNone,
	}
	month := export.Flags().String("month", "", "the `MONTH` of the invoices' dates, such as 2026-10 (required)")
	out := export.Flags().StringP("out", "o", "", "the zip `FILE`; \"-\" is stdout; default faturad-COMPANY-MONTH.zip here")
	completeWith(export, "month")
	export.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := archive.ParseMonth(*month)
		if err != nil {
			return usageError{fmt.Errorf("--month: %w", err)}
		}
		if *out == "-" && c.json {
			return usageError{errors.New("--out - prints the zip: leave --json out")}
		}
		return c.archiveExport(cmd.Context(), m, *out)
	}
	cmd.AddCommand(verify, export)
	return cmd
}

// explainArchive makes a wrong config of an archive that is off.
func explainArchive(err error) error {
	if errors.Is(err, app.ErrNoArchive) {
		return usageError{app.ErrNoArchive}
	}
	return err
}

func (c *cli) archiveStatus(ctx context.Context) error {
	return c.withApp(ctx, func(a *app.App) error {
		if !a.Config.Archive.Enabled {
			return usageError{app.ErrNoArchive}
		}
		var out []archiveJSON
		var rows [][]string
		for _, company := range a.Companies {
			n, err := a.Ledger.CountFiles(ctx, company.Name)
			if err != nil {
				return err
			}
			out = append(out, archiveJSON{company.Name, a.Config.Archive.Dir, n.Stored, n.Wanted, n.Damaged, n.Bytes})
			rows = append(rows, []string{company.Name, itoa(n.Stored), itoa(n.Wanted), itoa(n.Damaged), fmt.Sprintf("%.1f", float64(n.Bytes)/(1<<20))})
		}
		if c.json {
			return c.printJSON(map[string]any{"archive": out})
		}
		return c.table([]string{"COMPANY", "STORED", "TO FETCH", "DAMAGED", "MIB"}, rows)
	})
}

func (c *cli) archiveVerify(ctx context.Context, repair bool) error {
	return c.withApp(ctx, func(a *app.App) error {
		whole := true
		var out []verifiedJSON
		for _, company := range a.Companies {
			board := c.board()
			v, err := company.VerifyArchive(ctx, repair, board.begin(company.Name+" archive").add)
			board.end()
			if err != nil {
				return explainArchive(err)
			}
			whole = whole && v.Whole()
			j := verifiedJSON{Company: company.Name, Checked: v.Checked, Bytes: v.Bytes, Damaged: v.Damaged, Repaired: v.Repaired,
				Expired: v.Expired, Waiting: v.Waiting, Findings: []findingJSON{}}
			for _, f := range v.Findings {
				j.Findings = append(j.Findings, findingJSON{f.File.Path, f.File.ETTN.String(), f.File.Format, f.Problem})
			}
			out = append(out, j)
		}
		if err := c.printVerified(out, repair); err != nil {
			return err
		}
		if !whole {
			return silent{errPerson}
		}
		return nil
	})
}

func (c *cli) printVerified(all []verifiedJSON, repair bool) error {
	if c.json {
		return c.printJSON(map[string]any{"archive": all})
	}
	for _, v := range all {
		for _, f := range v.Findings {
			c.printf("%s: %s\n", f.Path, f.Problem)
		}
		c.printf("%s: %d files checked (%.1f MiB), %d damaged", v.Company, v.Checked, float64(v.Bytes)/(1<<20), v.Damaged)
		if repair {
			c.printf(", %d fetched again", v.Repaired)
		}
		if v.Waiting > 0 {
			c.printf(", %d not fetched yet", v.Waiting)
		}
		if v.Expired > 0 {
			c.printf(", %d older than the retention are gone", v.Expired)
		}
		c.printf("\n")
		if !repair && v.Damaged > 0 {
			c.printf("`faturad archive verify --repair` fetches them again.\n")
		}
	}
	return nil
}

func (c *cli) archiveExport(ctx context.Context, month archive.Month, out string) error {
	return c.withApp(ctx, func(a *app.App) (err error) {
		company, err := c.only(a)
		if err != nil {
			return err
		}
		board := c.board()
		defer board.end()
		bar := board.begin(company.Name + " export")
		if out == "-" {
			exported, err := company.ExportArchive(ctx, month, c.out, bar.add)
			if err == nil && exported.Empty() {
				c.printErr("%s", noneInMonth(company.Name, month))
			}
			return explainArchive(err)
		}
		if out == "" {
			out = fmt.Sprintf("faturad-%s-%s.zip", company.Name, month)
		}
		var exported archive.Exported
		err = wholeFile(out, func(w io.Writer) (err error) {
			exported, err = company.ExportArchive(ctx, month, w, bar.add)
			if err == nil && exported.Empty() {
				err = errEmptyMonth
			}
			return err
		})
		if errors.Is(err, errEmptyMonth) {
			if c.json {
				return c.printExported(company.Name, "", exported)
			}
			c.printf("%s", noneInMonth(company.Name, month))
			return nil
		}
		if err != nil {
			return explainArchive(err)
		}
		if err := c.printExported(company.Name, out, exported); err != nil {
			return err
		}
		if exported.Missing > 0 {
			return silent{errPerson}
		}
		return nil
	})
}

// errEmptyMonth keeps a pack without invoices from being written.
var errEmptyMonth = errors.New("no invoices")

// noneInMonth says that there is nothing to pack.
func noneInMonth(company string, month archive.Month) string {
	return fmt.Sprintf("The archive of %s has no invoices dated in %s: nothing was written. `faturad archive` tells whether files are still to be fetched.\n", company, month)
}

func (c *cli) printExported(company, file string, e archive.Exported) error {
	type totalJSON struct {
		Direction string `json:"direction"`
		Receipt   string `json:"receipt,omitempty"`
		Currency  string `json:"currency"`
		Count     int    `json:"count"`
		Net       string `json:"net"`
		VAT       string `json:"vat"`
		Payable   string `json:"payable"`
	}
	totals := []totalJSON{}
	for _, t := range e.Totals {
		totals = append(totals, totalJSON{string(t.Direction), string(t.Receipt), t.Currency, t.Count, t.Net.StringFixed(2), t.VAT.StringFixed(2), t.Payable.StringFixed(2)})
	}
	if c.json {
		return c.printJSON(map[string]any{"company": company, "file": file, "issued": e.Issued, "received": e.Received, "files": e.Files,
			"missing": e.Missing, "totals": totals})
	}
	c.printf("%s: %d issued and %d received invoices, %d files\n", file, e.Issued, e.Received, e.Files)
	for _, t := range totals {
		way := "issued"
		if t.Direction == string(ledger.Incoming) {
			way = "received"
		}
		if t.Receipt != "" {
			way = t.Receipt
		}
		c.printf("  %-8s %6d  net %14s  VAT %12s  payable %14s %s\n", way, t.Count, t.Net, t.VAT, t.Payable, t.Currency)
	}
	if e.Missing > 0 {
		c.printf("%d files are not in the archive: `faturad sync archive` fetches what is new, `faturad archive verify --repair` what was lost.\n", e.Missing)
	}
	return nil
}

// wholeFile writes a file that is there whole or not at all; what was there before stays until then.
func wholeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
}
