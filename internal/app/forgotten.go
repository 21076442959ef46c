package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
)

// How the provider's listing is compared with the ledger (docs/decisions/0012-forgotten-documents.md).
const (
	// recallOverlap is how many days before the newest one that the ledger knows: the law allows seven between a sale and its
	// invoice.
	recallOverlap = ledger.DeadlineDays + 3
	// recallWindow is how many days are listed at once; overlap, today and tomorrow fit in one.
	recallWindow = 15
	// recallFirst is how many days are listed for a ledger that knows nothing and an ERP without a start.
	recallFirst = 90
	// recallPatience is how long sales wait for a listing that fails. Where nothing but the listing fails, they are asked for one
	// by one from then on.
	recallPatience = 10 * time.Minute
)

// recall is outbound's Recall: nil where the provider refuses a used key for ever, or cannot list what carries our keys. The
// provider is asked in the process's first pass, after lost commits, and every compareEvery.
func (c *Company) recall(lost bool) func(context.Context) (outbound.Recalled, error) {
	account := c.Accounts[0]
	lister, lists := providers.As[providers.KeyLister](account.Provider)
	if !lists || account.Provider.Capabilities().RefusesUsedETTN {
		return nil
	}
	return func(ctx context.Context) (recalled outbound.Recalled, err error) {
		if lost {
			c.recalled.Store(nil)
		}
		now := c.app.clock.Now()
		if last := c.recalled.Load(); last == nil || now.Sub(*last) >= compareEvery {
			unasked, err := c.listForgotten(ctx, account, lister)
			switch {
			case err != nil:
				return recalled, err
			case unasked == nil:
				c.recalled.Store(&now)
				c.unlisted.Store(nil)
			case last != nil: // it was had once, and this process remembers what it sent since
				c.log.Warn("the provider's listing could not be compared with the ledger; it is tried again", "account", account.Name, "err", unasked)
			default:
				recalled.Unsure, recalled.Wait = c.unsure(ctx, now, unasked)
			}
		}
		recalled.Forgotten, err = c.app.Ledger.Forgotten(ctx, c.Name)
		return recalled, err
	}
}

// unsure decides what a listing that cannot be had means. While the provider cannot be asked, it could not take a sale either;
// where only the listing fails, nobody waits for it for long.
func (c *Company) unsure(ctx context.Context, now time.Time, unasked error) (unsure bool, wait error) {
	since := c.unlisted.Load()
	if since == nil {
		since = &now
		c.unlisted.Store(since)
	}
	class := fault.ClassOf(unasked)
	away := class == fault.Retryable || class == fault.Throttled || class == fault.Auth
	if ctx.Err() != nil || away && now.Sub(*since) < recallPatience {
		return false, fmt.Errorf("comparing the ledger with what the provider has, before anything is sent: %w", unasked)
	}
	c.log.Warn("the provider's listing cannot be had: every sale is asked for before it is sent", "since", *since, "err", unasked)
	return true, nil
}

// listForgotten lists what the provider has under our keys since shortly before the newest thing that the ledger knows, and
// enters what the ledger does not know as sent. unasked says why the provider could not tell.
func (c *Company) listForgotten(ctx context.Context, a Account, lister providers.KeyLister) (unasked, err error) {
	from, err := c.app.Ledger.NewestIssued(ctx, c.Name, a.Name)
	if err != nil {
		return nil, err
	}
	last := invoice.DateOf(c.app.clock.Now().In(clock.Istanbul)).AddDays(1)
	if !from.IsZero() {
		from = from.AddDays(-recallOverlap)
	}
	if start := c.Config.ERP.Start; from.Before(start) {
		from = start
	}
	if from.IsZero() {
		from = last.AddDays(-recallFirst)
	}
	total := 0
	for ; !last.Before(from) && unasked == nil && err == nil; from = from.AddDays(recallWindow) {
		until := from.AddDays(recallWindow - 1)
		if last.Before(until) {
			until = last
		}
		var added int
		added, unasked, err = c.listWindow(ctx, a, lister, from, until)
		total += added
	}
	if total == 0 {
		return unasked, err
	}
	c.log.Error("ALARM: the provider has documents of ours that the ledger does not know as sent: it is older than the provider", "account", a.Name, "documents", total)
	if aerr := c.app.Ledger.WriteAudit(ctx, ledger.Audit{User: "faturad", Action: "rebuild", Reason: fmt.Sprintf("the provider has %d documents that the ledger does not know as sent", total)}); aerr != nil {
		return unasked, aerr
	}
	if aerr := c.app.Ledger.Raise(ctx, c.alarm(alarmForgot, forgotText, total), happened); aerr != nil {
		return unasked, aerr
	}
	return unasked, err
}

// listWindow compares a few days. Drafts have no legal effect, and what was cancelled has none any more.
func (c *Company) listWindow(ctx context.Context, a Account, lister providers.KeyLister, from, until invoice.Date) (added int, unasked, err error) {
	var listed []providers.Keyed
	var keys []uuid.UUID
	unasked = lister.ListKeys(ctx, from, until, func(k providers.Keyed) error {
		if k.State != providers.StateDraft && k.State != providers.StateCancelled {
			listed, keys = append(listed, k), append(keys, k.Key)
		}
		return nil
	})
	if unasked != nil {
		return 0, unasked, nil
	}
	notSent, err := c.app.Ledger.NotSent(ctx, c.Name, keys)
	if err != nil {
		return 0, nil, err
	}
	var found []ledger.Forgotten
	for _, k := range listed {
		if !notSent[k.Key] {
			continue
		}
		if k.State == "" {
			if draft, unasked := isDraft(ctx, a, k); draft || unasked != nil {
				if unasked != nil {
					return 0, unasked, nil
				}
				continue
			}
		}
		found = append(found, ledger.Forgotten{Account: a.Name, ETTN: k.Key, ProviderID: k.ID, Number: k.Number, IssueDate: k.IssueDate})
	}
	return len(found), nil, c.app.Ledger.AddForgotten(ctx, c.Name, found)
}

// isDraft asks about one document of a list that tells no states.
func isDraft(ctx context.Context, a Account, k providers.Keyed) (bool, error) {
	reader, reads := providers.As[providers.StatusReader](a.Provider)
	if !reads {
		return false, nil
	}
	s, err := reader.Status(ctx, providers.Identity{ETTN: k.Key, ID: k.ID, IssueDate: k.IssueDate})
	if errors.Is(err, fault.NotFound) { // deleted meanwhile
		return true, nil
	}
	return s.State == providers.StateDraft, err
}
