package inbound

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/mapping/ubl"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Refetched is what fetching an invoice again brought.
type Refetched struct {
	Changed bool // other bytes than before
	New     bool // the ledger did not have it at all
}

// Refetch downloads an invoice again, whether the provider calls it new or not. Other bytes than before become those that
// count, the earlier ones stay; an invoice that the ledger lacks is stored. Finish then carries it into the ERP.
func (j *Job) Refetch(ctx context.Context, ettn uuid.UUID, row *ledger.Received) (Refetched, error) {
	doing := fmt.Sprintf("fetching the incoming invoice %s again", ettn)
	raw, err := j.Account.Inbox.Fetch(ctx, ettn)
	if err != nil {
		return Refetched{}, fmt.Errorf("%s: %w", doing, err)
	}
	if len(raw) == 0 || cutOff(raw) {
		return Refetched{}, fault.Newf(fault.Retryable, doing, "the provider sent %d bytes that end in the middle of the file", len(raw))
	}
	if row == nil {
		var result Result
		p := pull{Job: j, result: &result, stored: func() {}}
		return Refetched{New: true, Changed: true}, p.store(ctx, []ledger.NewReceived{p.received(itemOf(ettn, raw), raw)})
	}
	hash, err := j.Ledger.ReplaceReceived(ctx, *row, raw)
	if err != nil || hash == row.Hash {
		return Refetched{}, err
	}
	if row.State == ledger.ReceivedQuarantined {
		return Refetched{Changed: true}, nil
	}
	move := ledger.ReceivedMove{ID: row.ID, From: row.State, To: ledger.ReceivedStored}
	return Refetched{Changed: true}, j.Ledger.MoveReceived(ctx, []ledger.ReceivedMove{move})
}

// itemOf says of an invoice what its bytes say, as far as they can be read.
func itemOf(ettn uuid.UUID, raw []byte) providers.InboxItem {
	item := providers.InboxItem{ETTN: ettn}
	text, err := ubl.Unzip(raw)
	if err != nil {
		return item // quarantined when it is projected
	}
	if s, err := ubl.Peek(text); err == nil {
		item.Number, item.SenderTaxNo, item.SenderTitle, item.Scenario, item.Type = s.Number, s.SenderTaxNo, s.SenderName, s.Profile, s.Type
		item.IssueDate, item.Payable, item.Currency = s.IssueDate, s.Payable, s.Currency
	}
	return item
}

// TakeAsItIs ends the quarantine of an invoice that nobody can read: the ERP shows what the provider's listing says of it,
// with its raw file, and its flag is cleared by Finish. A person enters it by hand.
func (j *Job) TakeAsItIs(ctx context.Context, row ledger.Received) error {
	raws, err := j.Ledger.RawsReceived(ctx, []int64{row.ID})
	if err != nil {
		return err
	}
	raw := raws[row.ID]
	if raw.Err != nil {
		return raw.Err
	}
	if len(raw.Bytes) == 0 {
		return fault.Newf(fault.Permanent, "taking an invoice as it is", "its file was never received (%s): fetch it first with `faturad inbox refetch %s`", row.Reason, row.ETTN)
	}
	errs, err := j.ERP.WriteReceived(ctx, []erp.Received{j.taken(row, raw)})
	if err = errors.Join(append(errs, err)...); err != nil {
		return fmt.Errorf("writing the incoming invoice to the ERP: %w", err)
	}
	move := ledger.ReceivedMove{ID: row.ID, From: ledger.ReceivedQuarantined, To: ledger.ReceivedProjected, Reason: row.Reason}
	if err := j.Ledger.MoveReceived(ctx, []ledger.ReceivedMove{move}); err != nil {
		return fmt.Errorf("recording the incoming invoice: %w", err)
	}
	return nil
}

// wasTaken reports whether a person took a stored invoice as it is. Its reason tells: what is read, or fetched again, has
// none. It is written to the ERP anew like that, and never quarantined for the same reason again.
func wasTaken(row ledger.Received) bool {
	return row.State == ledger.ReceivedStored && row.Reason != ""
}

// taken is how the ERP shows an invoice that was taken as it is.
func (j *Job) taken(row ledger.Received, raw ledger.Raw) erp.Received {
	write := j.unread(row, files(row, raw.Bytes), errors.New(row.Reason))
	write.State, write.StateText, write.Advice = "received", textTaken.In(j.Language), adviceTaken.In(j.Language)
	return write
}
