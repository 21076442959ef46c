package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/sync/inbound"
	"faturad/sync/ledger"
)

// Inbound pulls, stores and acknowledges the incoming invoices of every account that has an inbox.
func (c *Company) Inbound(ctx context.Context, progress Progress) (inbound.Result, error) {
	return c.eachInbox(progress, func(j *inbound.Job) (inbound.Result, error) { return j.Run(ctx) })
}

// Sweep looks for incoming invoices whose new flag somebody else cleared: the gap detector. It also does what Inbound does
// with what it finds.
func (c *Company) Sweep(ctx context.Context, progress Progress) (inbound.Result, error) {
	return c.eachInbox(progress, func(j *inbound.Job) (inbound.Result, error) { return j.Sweep(ctx) })
}

func (c *Company) eachInbox(progress Progress, run func(*inbound.Job) (inbound.Result, error)) (inbound.Result, error) {
	var sum inbound.Result
	var errs []error
	for _, j := range c.inboxes() {
		j.Progress = progress
		result, err := run(j)
		sum = sum.Plus(result)
		if err != nil {
			errs = append(errs, fmt.Errorf("account %q: %w", j.Account.Name, err))
		}
	}
	return sum, errors.Join(errs...)
}

// inboxes are the jobs of the accounts that have an inbox.
func (c *Company) inboxes() (jobs []*inbound.Job) {
	for _, a := range c.Accounts {
		inbox, ok := providers.As[providers.Inbox](a.Provider)
		if !ok || a.Inbox != nil && !*a.Inbox {
			continue
		}
		jobs = append(jobs, &inbound.Job{
			Company: c.Name, Owner: c.app.owner, Ledger: c.app.Ledger, ERP: target{c},
			Account: inbound.Account{
				Name: a.Name, Kind: a.Kind, Inbox: inbox, InFlight: a.InFlight, Flagless: !a.Provider.Capabilities().InboxFlag,
			},
			Clock: c.app.clock, Log: c.log, Language: c.app.Config.Language, LeaseFor: c.app.Config.Ledger.Lease.Std(),
			Overlap: a.InboxOverlap.Std(), Since: c.Config.ERP.Start.In(clock.Istanbul),
			PDF: (a.InboxPDF == nil || *a.InboxPDF) && a.Provider.Capabilities().OffersIncoming(providers.FormatPDF),
		})
	}
	return jobs
}

// Received gives the received invoices of this company that a person means by ref: an ETTN or an invoice number.
func (c *Company) Received(ctx context.Context, ref string) ([]ledger.Received, error) {
	return c.app.Ledger.FindReceived(ctx, c.Name, ref)
}

// ReleaseReceived ends the quarantine of a received invoice: it is tried again at once, or with asItIs written to the ERP
// without having been read. The audit trail says who wanted it.
func (c *Company) ReleaseReceived(ctx context.Context, row ledger.Received, asItIs bool, person, reason string) error {
	j, err := c.inboxOf(row.Account)
	if err != nil {
		return err
	}
	action := "inbox-release"
	if asItIs {
		action = "inbox-release-as-it-is"
	}
	released, err := c.app.Ledger.ReleaseReceived(ctx, row, ledger.Audit{User: person, Action: action, Ref: row.ETTN.String(), Reason: reason})
	if err != nil {
		return err
	}
	if !released {
		return fmt.Errorf("%s is %s, not quarantined: there is nothing to release", row.ETTN, row.State)
	}
	if asItIs {
		if err := j.TakeAsItIs(ctx, row); err != nil {
			return err
		}
	}
	_, err = j.Finish(ctx)
	return err
}

// RefetchReceived downloads a received invoice again; row is nil when the ledger does not have it.
func (c *Company) RefetchReceived(ctx context.Context, ettn uuid.UUID, row *ledger.Received, person, reason string) (inbound.Refetched, error) {
	jobs := c.inboxes()
	if row != nil {
		j, err := c.inboxOf(row.Account)
		if err != nil {
			return inbound.Refetched{}, err
		}
		jobs = []*inbound.Job{j}
	}
	var errs []error
	for _, j := range jobs {
		done, err := j.Refetch(ctx, ettn, row)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		audit := ledger.Audit{User: person, Action: "inbox-refetch", Ref: ettn.String(), Reason: reason}
		if row != nil && row.State == ledger.ReceivedQuarantined {
			_, err = c.app.Ledger.ReleaseReceived(ctx, *row, audit)
		} else {
			err = c.app.Ledger.WriteAudit(ctx, audit)
		}
		if err == nil {
			_, err = j.Finish(ctx)
		}
		return done, err
	}
	if len(jobs) == 0 {
		return inbound.Refetched{}, fmt.Errorf("%s has no account with an inbox", c.Name)
	}
	return inbound.Refetched{}, errors.Join(errs...)
}

func (c *Company) inboxOf(account string) (*inbound.Job, error) {
	jobs := c.inboxes()
	i := slices.IndexFunc(jobs, func(j *inbound.Job) bool { return j.Account.Name == account })
	if i < 0 {
		return nil, fmt.Errorf("the account %q, through which it came, is not in the config or has no inbox", account)
	}
	return jobs[i], nil
}
