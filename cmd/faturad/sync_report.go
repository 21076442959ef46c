package main

import (
	"slices"

	"faturad/sync/archive"
	"faturad/sync/followup"
	"faturad/sync/inbound"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

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

// needsPerson reports whether something of the company waits for somebody.
func (r syncReport) needsPerson() bool {
	return r.Inbox.Counts[ledger.ReceivedQuarantined] > 0 ||
		slices.ContainsFunc(needsPerson, func(s ledger.State) bool { return r.States[s] > 0 })
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
