package app

import (
	"context"
	"fmt"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/erp"
)

// checkStart warns of a first day that lies ahead although sales were issued: until then nothing new is offered.
func (c *Company) checkStart(ctx context.Context) []Finding {
	start := c.Config.ERP.Start
	if today := invoice.DateOf(c.app.clock.Now().In(clock.Istanbul)); !today.Before(start) {
		return nil
	}
	counts, err := c.app.Ledger.Counts(ctx, c.Name)
	if err != nil {
		return []Finding{failed(c.Name, "config", err)}
	}
	documents := 0
	for _, n := range counts {
		documents += n
	}
	if documents == 0 {
		return nil // installed ahead of time
	}
	return []Finding{{Severity: erp.SeverityWarning, Company: c.Name, Subject: "config", Place: "erp.start",
		Message: fmt.Sprintf("start = %s lies in the future although %d documents exist: sales before that day are not sent", start, documents),
		Advice:  "Put the old day back."}}
}

// leastQuarantine is how long a provider that refuses no used key may need for a create: it is its quarantine by default.
const leastQuarantine = 6 * time.Minute

// checkQuarantine warns of providers where an absence is believed before a late create may have shown (docs/reliability.md,
// class C): the sale would be issued twice.
func (c *Company) checkQuarantine() []Finding {
	var findings []Finding
	for _, account := range c.Accounts {
		caps := account.Provider.Capabilities()
		if caps.RefusesUsedETTN || caps.RefusesUsedReference || caps.Quarantine >= leastQuarantine {
			continue
		}
		shown := caps.Quarantine
		if account.Quarantine != nil {
			shown = account.Quarantine.Std() // 0 is kept as the least there is
		}
		findings = append(findings, Finding{Severity: erp.SeverityWarning, Company: c.Name, Subject: "provider " + account.Name, Place: "account.quarantine",
			Message: fmt.Sprintf("quarantine = %q is shorter than a create at %s may take, and it refuses no second one: after a lost answer a sale could be invoiced twice", shown, account.Kind),
			Advice:  `Remove the line, or set at least "6m".`})
	}
	return findings
}
