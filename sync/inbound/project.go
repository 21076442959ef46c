package inbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping/ubl"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

const (
	// projectBatch is how many stored invoices are worked on under one lease.
	projectBatch = 200
	// projectGroup and projectBytes bound what is in memory at once and shares one ERP transaction.
	projectGroup = 100
	projectBytes = 4 << 20
)

// answerDays is the time that commercial law gives a buyer to answer (TTK 21/2).
const answerDays = 8

// project writes stored invoices into the ERP, in groups, each invoice whole or not at all. What cannot be read or written
// goes into quarantine with its reason and stops no other; quarantined ones are tried again when they are due.
func (j *Job) project(ctx context.Context, result *Result) error {
	if err := j.ERP.Ready(ctx); err != nil {
		return fmt.Errorf("writing incoming invoices to the ERP: %w", err)
	}
	states := []ledger.ReceivedState{ledger.ReceivedStored, ledger.ReceivedQuarantined}
	for ctx.Err() == nil {
		rows, err := j.Ledger.LeaseReceived(ctx, j.Company, j.Account.Name, states, j.Owner, j.leaseFor(), projectBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		sizes, err := j.Ledger.RawSizes(ctx, ids)
		if err != nil {
			return err
		}
		for len(rows) > 0 {
			n := fitting(rows, sizes)
			if err := j.projectGroup(ctx, rows[:n], result); err != nil {
				return errors.Join(fmt.Errorf("writing incoming invoices to the ERP: %w", err), j.giveBack(ctx, rows[n:]))
			}
			rows = rows[n:]
		}
	}
	return nil
}

// fitting is how many of rows, at least one, are projected together.
func fitting(rows []ledger.Received, sizes map[int64]int) int {
	bytes := 0
	for i, row := range rows[:min(projectGroup, len(rows))] {
		if bytes += sizes[row.ID]; bytes > projectBytes && i > 0 {
			return i
		}
	}
	return min(projectGroup, len(rows))
}

// giveBack ends leases under which nothing was done.
func (j *Job) giveBack(ctx context.Context, rows []ledger.Received) error {
	moves := make([]ledger.ReceivedMove, len(rows))
	for i, row := range rows {
		moves[i] = stay(row, time.Minute)
	}
	return j.Ledger.MoveReceived(context.WithoutCancel(ctx), moves)
}

// piece is one invoice on its way into the ERP.
type piece struct {
	row    ledger.Received
	write  erp.Received
	patch  ledger.ReceivedPatch
	reason error // why it is quarantined; nil = it was read
	silent bool  // the ERP shows this reason already
}

// projectGroup reads and writes a group. The error is set only when the ERP or the ledger is away.
func (j *Job) projectGroup(ctx context.Context, rows []ledger.Received, result *Result) error {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	raws, err := j.Ledger.RawsReceived(ctx, ids)
	if err != nil {
		return errors.Join(err, j.giveBack(ctx, rows))
	}
	pieces := make([]piece, len(rows))
	for i, row := range rows {
		pieces[i] = j.read(ctx, row, raws[row.ID])
		delete(raws, row.ID)
	}
	failpoint.Hit("inbound.projecting")
	later, err := j.write(ctx, pieces)
	if err != nil {
		return errors.Join(err, j.giveBack(ctx, rows))
	}
	failpoint.Hit("inbound.projected")
	moves := make([]ledger.ReceivedMove, len(pieces))
	for i, p := range pieces {
		switch {
		case later[i]:
			result.Failed++
			moves[i] = stay(p.row, time.Minute)
		case p.reason != nil:
			result.Quarantined++
			j.Log.Error("an incoming invoice is quarantined", "ettn", p.row.ETTN, "reason", p.reason)
			moves[i] = quarantine(p.row, p.reason)
		default:
			result.Projected++
			moves[i] = ledger.ReceivedMove{ID: p.row.ID, From: p.row.State, To: ledger.ReceivedProjected, Lease: p.row.Lease(), Patch: p.patch}
			if wasTaken(p.row) {
				moves[i].Reason = p.row.Reason
			}
		}
	}
	if j.Progress != nil {
		j.Progress(len(rows), 0)
	}
	return j.record(ctx, rows, moves, result)
}

// write writes what was read, then what is quarantined, so that people see it. What is refused is quarantined; what waits for
// a lock comes later.
func (j *Job) write(ctx context.Context, pieces []piece) (later map[int]bool, err error) {
	later = map[int]bool{}
	var good []int
	for i, p := range pieces {
		if p.reason == nil {
			good = append(good, i)
		}
	}
	errs, err := j.writeSome(ctx, pieces, good)
	if err != nil {
		return nil, err
	}
	for n, i := range good {
		switch err := errs[n]; {
		case err == nil:
		case errors.Is(err, fault.Retryable), errors.Is(err, fault.Auth):
			later[i] = true
		default:
			err = j.because(reasonERP, err)
			pieces[i].reason = err
			pieces[i].write = j.unread(pieces[i].row, pieces[i].write.Files, err)
			pieces[i].silent = pieces[i].row.Reason == err.Error()
		}
	}
	var bad []int
	for i, p := range pieces {
		if p.reason != nil && !p.silent {
			bad = append(bad, i)
		}
	}
	errs, err = j.writeSome(ctx, pieces, bad)
	if err != nil {
		return nil, err
	}
	for n, i := range bad {
		if errs[n] != nil {
			j.Log.Warn("the ERP does not take the note that an incoming invoice is quarantined", "ettn", pieces[i].row.ETTN, "err", errs[n])
		}
	}
	return later, nil
}

func (j *Job) writeSome(ctx context.Context, pieces []piece, which []int) ([]error, error) {
	if len(which) == 0 {
		return nil, nil
	}
	writes := make([]erp.Received, len(which))
	for n, i := range which {
		writes[n] = pieces[i].write
	}
	return j.ERP.WriteReceived(ctx, writes)
}

// record records what became of a group. An invoice whose header does not fit the ledger's columns is quarantined.
func (j *Job) record(ctx context.Context, rows []ledger.Received, moves []ledger.ReceivedMove, result *Result) error {
	ctx = context.WithoutCancel(ctx)
	err := j.Ledger.MoveReceived(ctx, moves)
	failpoint.Hit("inbound.recorded")
	if unfit, ok := errors.AsType[*ledger.NotMoved](err); ok {
		var again []ledger.ReceivedMove
		for _, row := range rows {
			if reason, found := unfit.Errs[row.ID]; found {
				reason = j.because(reasonStore, reason)
				again = append(again, quarantine(row, reason))
				result.Quarantined++
				j.Log.Error("an incoming invoice is quarantined", "ettn", row.ETTN, "reason", reason)
			}
		}
		err = j.Ledger.MoveReceived(ctx, again)
	}
	if err != nil {
		return fmt.Errorf("recording %d incoming invoices: %w", len(moves), err)
	}
	return nil
}

// read parses one invoice. One whose bytes are missing or incomplete is fetched again first.
func (j *Job) read(ctx context.Context, row ledger.Received, raw ledger.Raw) piece {
	unread := reasonUnreadable
	if raw.Err == nil && row.State == ledger.ReceivedQuarantined && (len(raw.Bytes) == 0 || cutOff(raw.Bytes)) {
		if raw = j.refetch(ctx, &row); raw.Err != nil {
			unread = reasonFetch
		}
	}
	if wasTaken(row) && raw.Err == nil {
		return piece{row: row, write: j.taken(row, raw)}
	}
	doc, text, err := parse(raw)
	switch {
	case err != nil:
		err = j.because(unread, err)
	case doc.ETTN != row.ETTN:
		err = j.because(reasonOther, fmt.Errorf("the UBL says ETTN %s, the provider listed it as %s", doc.ETTN, row.ETTN))
	}
	if err != nil {
		return piece{row: row, reason: err, silent: row.State == ledger.ReceivedQuarantined && row.Reason == err.Error(),
			write: j.unread(row, files(row, raw.Bytes), err)}
	}
	return piece{row: row, write: j.forERP(row, doc, files(row, text)), patch: patchOf(row, doc)}
}

// parse reads raw bytes: UBL, or a zip with one UBL in it. text is the UBL itself.
func parse(raw ledger.Raw) (doc ubl.Document, text []byte, err error) {
	if raw.Err != nil {
		return doc, nil, raw.Err
	}
	if text, err = ubl.Unzip(raw.Bytes); err != nil {
		return doc, nil, err
	}
	if doc, err = ubl.Parse(text); err == nil && doc.Kind.Receipt() {
		err = fault.Newf(fault.Permanent, "reading an incoming invoice", "the document is an %s receipt, and those are nobody's incoming invoices", doc.Kind)
	}
	return doc, text, err
}

// refetch downloads an invoice again and keeps what came.
func (j *Job) refetch(ctx context.Context, row *ledger.Received) ledger.Raw {
	raw, err := j.Account.Inbox.Fetch(ctx, row.ETTN)
	if err != nil {
		return ledger.Raw{Err: err}
	}
	if len(raw) == 0 || cutOff(raw) {
		return ledger.Raw{Err: fault.Newf(fault.Retryable, "fetching an incoming invoice again", "the provider sent %d bytes that end in the middle of the file", len(raw))}
	}
	if row.Hash, err = j.Ledger.ReplaceReceived(ctx, *row, raw); err != nil {
		return ledger.Raw{Err: err}
	}
	return ledger.Raw{Bytes: raw}
}

// patchOf names what the UBL says and the listing did not.
func patchOf(row ledger.Received, doc ubl.Document) ledger.ReceivedPatch {
	inv := doc.Invoice
	title := partyName(inv.Seller)
	differs := func(was, is string) *string {
		if was == is {
			return nil
		}
		return &is
	}
	patch := ledger.ReceivedPatch{
		Number: differs(row.Number, doc.Number), SenderTaxNo: differs(row.SenderTaxNo, inv.Seller.TaxNo), SenderTitle: differs(row.SenderTitle, title),
		Scenario: differs(row.Scenario, inv.Scenario), Type: differs(row.Type, inv.Type), Currency: differs(row.Currency, inv.Currency),
	}
	if row.IssueDate != inv.IssueDate {
		patch.IssueDate = &inv.IssueDate
	}
	if !row.Payable.Valid || !row.Payable.Decimal.Equal(inv.Totals.Payable) {
		patch.Payable = &inv.Totals.Payable
	}
	return patch
}

// forERP is the invoice as the on.received statements see it.
func (j *Job) forERP(row ledger.Received, doc ubl.Document, files []erp.File) erp.Received {
	r := erp.Received{
		Company: j.Company, ETTN: row.ETTN, Number: doc.Number, Account: j.Account.Name, Provider: j.Account.Kind,
		State: "received", StateText: textReceived.In(j.Language), ArrivedAt: row.ArrivedAt, Invoice: doc.Invoice, Hash: row.Hash,
		UpdatedAt: row.StoredAt, Files: files,
	}
	if doc.Invoice.Scenario == "TICARIFATURA" && !row.ArrivedAt.IsZero() {
		r.AnswerTill = invoice.DateOf(row.ArrivedAt.In(istanbul)).AddDays(answerDays)
		r.Advice = adviceAnswer.In(j.Language)
	}
	return r
}

// unread is an invoice that is quarantined, as far as the provider's listing tells it.
func (j *Job) unread(row ledger.Received, files []erp.File, reason error) erp.Received {
	return erp.Received{
		Company: j.Company, ETTN: row.ETTN, Number: row.Number, Account: j.Account.Name, Provider: j.Account.Kind,
		State: "quarantined", StateText: textQuarantined.In(j.Language), ArrivedAt: row.ArrivedAt, Invoice: listed(row), Unread: true,
		Message: reason.Error(), Advice: adviceQuarantined.In(j.Language), Hash: row.Hash, UpdatedAt: row.StoredAt, Files: files,
	}
}

// listed is what the ledger knows of an invoice without reading it.
func listed(row ledger.Received) invoice.Invoice {
	return invoice.Invoice{
		Scenario: row.Scenario, Type: row.Type, IssueDate: row.IssueDate, Currency: row.Currency,
		Seller: invoice.Party{TaxNo: row.SenderTaxNo, Name: row.SenderTitle}, Totals: invoice.Totals{Payable: amountOf(row.Payable)},
	}
}

func amountOf(d decimal.NullDecimal) decimal.Decimal {
	if d.Valid {
		return d.Decimal
	}
	return decimal.Decimal{}
}

// files is the UBL as a file for the ERP; none when there are no bytes.
func files(row ledger.Received, raw []byte) []erp.File {
	if len(raw) == 0 {
		return nil
	}
	return []erp.File{{Format: ledger.FileUBL, Name: row.ETTN.String() + ".xml", Bytes: raw, Size: len(raw), Hash: row.Hash}}
}

func quarantine(row ledger.Received, reason error) ledger.ReceivedMove {
	return ledger.ReceivedMove{
		ID: row.ID, From: row.State, To: ledger.ReceivedQuarantined, Lease: row.Lease(),
		Reason: reason.Error(), Failed: true, NextIn: again(row.Failures),
	}
}

// stay gives the lease back.
func stay(row ledger.Received, wait time.Duration) ledger.ReceivedMove {
	return ledger.ReceivedMove{ID: row.ID, From: row.State, To: row.State, Lease: row.Lease(), Reason: row.Reason, NextIn: wait}
}

func partyName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	if p.FirstName == "" {
		return p.LastName
	}
	return p.FirstName + " " + p.LastName
}
