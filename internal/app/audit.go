package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/audit"
	"faturad/sync/ledger"
)

// Audit compares what the company's providers hold, what the ledger says and what the ERP shows; it changes nothing. day
// takes the documents of that day; else since takes those that changed in the ledger since then. Both zero take all. progress
// hears of every document that the providers were asked for.
func (c *Company) Audit(ctx context.Context, day, since invoice.Date, progress Progress) (audit.Report, error) {
	auditor := audit.Auditor{
		Company: c.Name, Progress: progress, Ledger: c.app.Ledger, Lease: c.app.Config.Ledger.Lease.Std(), Waits: map[string]time.Duration{},
		ETTN: func(sale ledger.Key, revision int) uuid.UUID {
			return invoice.ETTN(c.Config.VKN, c.Config.ERP.ID, sale.KeySpace, sale.SaleKey, revision)
		},
		ERP: func(ctx context.Context) (audit.ERP, error) { return c.Source(ctx) },
	}
	if !since.IsZero() {
		auditor.Since = since.In(clock.Istanbul)
	}
	if !day.IsZero() {
		auditor.Since, auditor.Until = day.In(clock.Istanbul), day.AddDays(1).In(clock.Istanbul)
		auditor.OfDay = day
	}
	accounts := make(audit.Accounts, len(c.Accounts))
	for i, a := range c.Accounts {
		accounts[i] = audit.Account{Name: a.Name, Provider: a.Provider, InFlight: a.InFlight, Inbox: a.Inbox == nil || *a.Inbox}
		auditor.Waits[a.Name] = a.Provider.Capabilities().Quarantine
	}
	auditor.Evidence = accounts
	return auditor.Run(ctx)
}
