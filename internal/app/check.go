package app

import (
	"context"
	"fmt"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/archive"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Finding is one result of Check.
type Finding struct {
	Severity erp.Severity `json:"severity"` // note, warning or error
	Company  string       `json:"company,omitempty"`
	Subject  string       `json:"subject"` // what was looked at: config, ledger, erp, provider, registry, clock, archive
	Place    string       `json:"place,omitempty"`
	Message  string       `json:"message"`
	Advice   string       `json:"advice,omitempty"`
	// Unreachable: the error is that something could not be reached, not that something is wrong with it.
	Unreachable bool `json:"unreachable,omitempty"`
}

// maxClockDifference is how far this machine's clock may be from the ledger's before `check` warns.
const maxClockDifference = 30 * time.Second

// Check looks at everything that can be known before the first invoice: server settings, clocks, the ERP's tables and
// statements, the provider's key, the taxpayer list. It changes nothing and sends no document.
func (a *App) Check(ctx context.Context) []Finding {
	findings := append(a.checkLedger(ctx), a.checkOrphans(ctx)...)
	for _, c := range a.Companies {
		findings = append(findings, c.checkERP(ctx)...)
		findings = append(findings, c.checkStart(ctx)...)
		findings = append(findings, c.checkProviders(ctx)...)
		findings = append(findings, c.checkQuarantine()...)
		findings = append(findings, c.checkRegistry(ctx)...)
		findings = append(findings, c.checkCodes(ctx)...)
		findings = append(findings, c.checkAgeing(ctx)...)
		findings = append(findings, c.checkArchive(ctx)...)
	}
	return findings
}

func (a *App) checkLedger(ctx context.Context) []Finding {
	var findings []Finding
	warnings, err := a.Ledger.CheckServer(ctx)
	for _, w := range warnings {
		findings = append(findings, Finding{Severity: erp.SeverityWarning, Subject: "ledger", Message: w})
	}
	if err != nil {
		return append(findings, failed("", "ledger", err))
	}
	now, err := a.Ledger.Now(ctx)
	if err != nil {
		return append(findings, failed("", "ledger", err))
	}
	if off := a.clock.Now().Sub(now).Abs(); off > maxClockDifference {
		findings = append(findings, Finding{Severity: erp.SeverityWarning, Subject: "clock",
			Message: fmt.Sprintf("this machine's clock and the ledger's differ by %s", off.Round(time.Second)),
			Advice:  "Let both machines take their time from the network (timedatectl set-ntp true)."})
	}
	return append(findings, Finding{Severity: erp.SeverityNote, Subject: "ledger", Message: "reachable, schema up to date"})
}

func (c *Company) checkERP(ctx context.Context) []Finding {
	source, err := c.Source(ctx)
	if err != nil {
		return []Finding{failed(c.Name, "erp", err)}
	}
	var findings []Finding
	fits := true
	for _, f := range source.Check(ctx) {
		fits = fits && f.Severity != erp.SeverityError
		findings = append(findings, Finding{Severity: f.Severity, Company: c.Name, Subject: "erp", Place: f.Place, Message: f.Message, Advice: f.Advice})
	}
	findings = append(findings, c.checkERPClock(ctx, source)...)
	if fits {
		findings = append(findings, Finding{Severity: erp.SeverityNote, Company: c.Name, Subject: "erp", Message: "reachable, every query and statement fits"})
	}
	return findings
}

// checkERPClock compares the ERP's clock with this machine's: changes of sales are looked for by the ERP's own times, and a
// settle delay counts by them. Leases, quarantines and retries go by the ledger's clock alone, whatever the ERP's says.
func (c *Company) checkERPClock(ctx context.Context, source *erp.Source) []Finding {
	now, err := source.Now(ctx)
	if err != nil {
		return []Finding{failed(c.Name, "clock", err)}
	}
	off := c.app.clock.Now().Sub(now).Abs()
	if off <= maxClockDifference {
		return nil
	}
	return []Finding{{Severity: erp.SeverityWarning, Company: c.Name, Subject: "clock",
		Message: fmt.Sprintf("this machine's clock and the ERP's database differ by %s: changed sales may be noticed late, nothing is sent twice for it", off.Round(time.Second)),
		Advice:  "Let both machines take their time from the network (timedatectl set-ntp true)."}}
}

func (c *Company) checkProviders(ctx context.Context) []Finding {
	var findings []Finding
	for _, account := range c.Accounts {
		checker, ok := providers.As[providers.Checker](account.Provider)
		if !ok {
			continue
		}
		subject := "provider " + account.Name
		if err := checker.Check(ctx); err != nil {
			findings = append(findings, failed(c.Name, subject, err))
			continue
		}
		findings = append(findings, Finding{Severity: erp.SeverityNote, Company: c.Name, Subject: subject, Message: "reachable, key accepted"})
	}
	return findings
}

func (c *Company) checkRegistry(ctx context.Context) []Finding {
	list, err := c.app.Registry.List(ctx, c.router.environment)
	switch {
	case err != nil:
		return []Finding{failed(c.Name, "registry", err)}
	case c.router.nowhere && !c.LacksTaxpayers():
		return []Finding{{Severity: erp.SeverityNote, Company: c.Name, Subject: "registry",
			Message: "no taxpayer list, and none is needed: [company.routing] names the kind of every sale"}}
	case c.router.nowhere:
		return []Finding{{Severity: erp.SeverityWarning, Company: c.Name, Subject: "registry",
			Message: fmt.Sprintf("%s has no taxpayer list: sales are held whose buyer is not named in [[company.routing.pin]] and whose kind the ERP does not say", c.Accounts[0].Kind),
			Advice:  "Name another account in [company.routing] taxpayers, or pin the e-Fatura buyers and set kind = \"e-arsiv\" for the others."}}
	case !list.Imported():
		return []Finding{{Severity: erp.SeverityWarning, Company: c.Name, Subject: "registry",
			Message: "no taxpayer list was imported yet: sales are held until it is",
			Advice:  "Run `faturad sync registry`; the daemon does it by itself at night and on its first start."}}
	}
	return []Finding{{Severity: erp.SeverityNote, Company: c.Name, Subject: "registry",
		Message: fmt.Sprintf("%d taxpayers, imported %s", list.Taxpayers, clock.Text(list.ImportedAt, "en"))}}
}

// failed turns an error into a finding.
func failed(company, subject string, err error) Finding {
	class := fault.ClassOf(err)
	return Finding{Severity: erp.SeverityError, Company: company, Subject: subject, Message: err.Error(),
		Unreachable: class == fault.Retryable || class == fault.Throttled || class == fault.Ambiguous}
}

// checkAgeing warns of sales whose seven days run out.
func (c *Company) checkAgeing(ctx context.Context) []Finding {
	old, err := c.Ageing(ctx)
	switch {
	case err != nil:
		return []Finding{failed(c.Name, "dates", err)}
	case old.Count == 0:
		return nil
	}
	return []Finding{{Severity: erp.SeverityWarning, Company: c.Name, Subject: "dates",
		Message: fmt.Sprintf("%d sales have had no valid invoice for %d days or more, the oldest since %s: an invoice is due within seven days",
			old.Count, ledger.AgeingDays, old.Oldest),
		Advice: "`faturad documents --state held,refused,failed` shows what holds them back."}}
}

// Ageing counts the sales without a valid invoice whose seven days are more than half gone.
func (c *Company) Ageing(ctx context.Context) (ledger.Ageing, error) {
	today := invoice.DateOf(c.app.clock.Now().In(clock.Istanbul))
	return c.app.Ledger.AgeingSince(ctx, c.Name, today.AddDays(-ledger.AgeingDays))
}

// checkArchive opens the folder, and asks whether it is the one that holds what was stored and has room for more.
func (c *Company) checkArchive(ctx context.Context) []Finding {
	if !c.Archives() {
		return nil
	}
	err := c.archiving(nil, func(job *archive.Job) error {
		if err := job.Mounted(ctx); err != nil {
			return err
		}
		return job.Folder.Room(0)
	})
	if err != nil {
		finding := failed(c.Name, "archive", err)
		finding.Unreachable = false // a disk is nobody's server
		return []Finding{finding}
	}
	return []Finding{{Severity: erp.SeverityNote, Company: c.Name, Subject: "archive", Message: "the folder is there and has room"}}
}
