package inbound

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// pull is one pull of one account.
type pull struct {
	*Job
	result *Result
	stored func() // tells the projection that there is work

	swept  bool              // by arrival date, whether new or not
	finds  bool              // what the sweep brings was overlooked, not history
	tries  map[uuid.UUID]int // downloads that failed in this pass
	missed []fetched         // given up in this pass, and not recorded yet
}

// pull stores the raw bytes of every invoice that the provider lists as new and the ledger does not have. A provider
// without a new flag is asked by arrival date instead.
func (j *Job) pull(ctx context.Context, result *Result, stored func()) error {
	if j.Account.Flagless {
		return j.sweep(ctx, result, stored)
	}
	p := pull{Job: j, result: result, stored: stored, tries: map[uuid.UUID]int{}}
	if err := j.walk(ctx, providers.InboxQuery{OnlyNew: true}, p.page); err != nil {
		return fmt.Errorf("pulling incoming invoices of %s: %w", j.Company, err)
	}
	return nil
}

// page stores what the ledger lacks of a page, and tells how many those were.
func (p *pull) page(ctx context.Context, items []providers.InboxItem) (news int, err error) {
	ettns := make([]uuid.UUID, len(items))
	for i, item := range items {
		ettns[i] = item.ETTN
	}
	known, err := p.Ledger.KnownReceived(ctx, p.Company, ettns)
	if err != nil {
		return 0, fmt.Errorf("finding known incoming invoices: %w", err)
	}
	failpoint.Hit("inbound.listed")
	p.result.Listed += len(items)
	var missing []providers.InboxItem
	var lost []uuid.UUID
	twice := make(map[uuid.UUID]bool, len(items))
	for _, item := range items {
		state, there := known[item.ETTN]
		switch {
		case twice[item.ETTN]:
		case !there:
			missing = append(missing, item)
		case state == ledger.ReceivedAcknowledged && item.IsNew && !p.Account.Flagless:
			lost = append(lost, item.ETTN)
		}
		twice[item.ETTN] = true
	}
	if err := p.reopen(ctx, lost); err != nil {
		return 0, err
	}
	if missing, err = p.due(ctx, missing); err != nil {
		return 0, err
	}
	return len(missing), p.fetchAll(ctx, missing)
}

// reopen takes invoices that are acknowledged in the ledger and yet new at the provider one step back, to be cleared once
// more: the clearing was lost, or somebody set the flag again.
func (p *pull) reopen(ctx context.Context, lost []uuid.UUID) error {
	if len(lost) == 0 {
		return nil
	}
	n, err := p.Ledger.ReopenReceived(ctx, p.Company, lost)
	if err != nil {
		return fmt.Errorf("clearing the new flag of %d known invoices again: %w", len(lost), err)
	}
	if p.result.Reopened += n; n > 0 {
		p.stored()
	}
	return nil
}

// store keeps a group of downloads.
func (p *pull) store(ctx context.Context, group []ledger.NewReceived) error {
	if len(group) == 0 {
		return nil
	}
	added, err := p.Ledger.StoreReceived(ctx, group)
	failpoint.Hit("inbound.stored")
	p.result.Stored += added
	if unfit, ok := errors.AsType[*ledger.NotAdded](err); ok {
		err = p.storeUnfit(ctx, group, unfit)
	}
	if err != nil {
		return fmt.Errorf("storing %d incoming invoices: %w", len(group), err)
	}
	for _, item := range group {
		if item.Found {
			p.result.Found++
			p.Log.Warn("the sweep found an incoming invoice that nobody here had stored: its new flag was cleared by another program or person",
				"account", p.Account.Name, "ettn", item.ETTN, "number", item.Number, "sender", item.SenderTitle, "arrived", item.ArrivedAt)
		}
	}
	p.stored()
	return nil
}

// storeUnfit keeps what the ledger did not take as it is without its bytes, quarantined with the reason. It is fetched
// again when it is due: by then somebody may have raised the limit that it names.
func (p *pull) storeUnfit(ctx context.Context, group []ledger.NewReceived, unfit *ledger.NotAdded) error {
	reasons := map[string]error{}
	for _, item := range unfit.Items {
		reasons[item.Key.SaleKey] = item.Err
	}
	var bare []ledger.NewReceived
	for _, item := range group {
		if reason, ok := reasons[item.ETTN.String()]; ok {
			item.Raw = nil // too large, most likely
			bare = append(bare, p.bare(item, p.because(reasonStore, reason)))
		}
	}
	added, err := p.Ledger.StoreReceived(ctx, bare)
	p.result.Stored += added
	p.result.Quarantined += len(bare)
	return err
}

// bare is a row that is quarantined from the first, because its bytes are missing or damaged.
func (p *pull) bare(item ledger.NewReceived, reason error) ledger.NewReceived {
	p.Log.Error("an incoming invoice could not be stored; it is quarantined and fetched again later", "ettn", item.ETTN, "err", reason)
	item.State, item.Reason, item.Failures, item.NextIn = ledger.ReceivedQuarantined, reason.Error(), 1, again(0)
	if fault.ClassOf(reason) == "" {
		item.Payable.Valid = false // the reason may be the listing's own amount
	}
	return item
}
