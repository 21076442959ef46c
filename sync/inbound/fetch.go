package inbound

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

const (
	// storeBatch and storeBytes bound a group of downloads that is stored with one commit.
	storeBatch = 100
	storeBytes = 4 << 20
	// mostFailures is how many downloads may fail one after the other before the provider's downloads count as down.
	mostFailures = 20
	// triesEach is how often a pass tries to download an invoice; then the invoice waits for a later pass.
	triesEach = 6
	// missesEach and missedFor are after how many failed passes, and how long after the first of them, an invoice that cannot be
	// downloaded is put aside where people see it. A provider that fails for a night loses nobody's time but its own.
	missesEach = 8
	missedFor  = 24 * time.Hour
)

// fetched is one download.
type fetched struct {
	item providers.InboxItem
	raw  []byte
	err  error
	held *providers.Share // what it holds of the memory for large downloads
}

// fetchAll downloads the UBL of each item, some at once, and stores them in groups while further ones come. What cannot be
// downloaded is tried again in the next reading of the listing, and then in later passes: it stops no other.
func (p *pull) fetchAll(ctx context.Context, items []providers.InboxItem) error {
	if len(items) == 0 {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group []ledger.NewReceived
	size, failing := 0, 0
	for f := range p.download(ctx, items) {
		switch {
		case f.err == nil:
			group = append(group, p.received(f.item, f.raw))
			size += len(f.raw)
			failing = 0
		case ctx.Err() != nil:
			return fmt.Errorf("fetching incoming invoices of %s: %w", p.Company, context.Cause(ctx))
		default:
			err := p.failing(f)
			if failing++; err == nil && failing >= mostFailures {
				err = f.err
			}
			if err != nil {
				return errors.Join(fmt.Errorf("fetching incoming invoices of %s: %w", p.Company, err), p.store(ctx, group), p.miss(ctx))
			}
		}
		if len(group) >= storeBatch || size >= storeBytes || f.held.Large() { // other large ones wait until this one is stored
			if err := p.store(ctx, group); err != nil {
				return err
			}
			group, size = nil, 0
		}
		f.raw = nil
		f.held.Done()
	}
	failpoint.Hit("inbound.fetched")
	return errors.Join(p.store(ctx, group), p.miss(ctx))
}

// failing notes a failed download. Refused credentials and a provider that wants fewer requests end the pull.
func (p *pull) failing(f fetched) error {
	p.result.Failed++
	if errors.Is(f.err, fault.Auth) || errors.Is(f.err, fault.Throttled) {
		return f.err
	}
	if p.tries[f.item.ETTN]++; p.tries[f.item.ETTN] == triesEach {
		if len(f.raw) > storeBytes {
			f.raw = nil // too much to hold for the end of the pass
		}
		p.missed = append(p.missed, f)
	}
	p.Log.Warn("an incoming invoice could not be fetched; it is tried again", "ettn", f.item.ETTN, "err", f.err)
	return nil
}

// miss records what this pass could not download: it is asked for again at growing distances, and only what failed in many
// passes over a long time is put aside, with whatever came. A fault of the provider ends sooner than that; a file that its
// sender broke does not.
func (p *pull) miss(ctx context.Context) error {
	if len(p.missed) == 0 {
		return nil
	}
	ettns := make([]uuid.UUID, len(p.missed))
	for i, f := range p.missed {
		ettns[i] = f.item.ETTN
	}
	before, err := p.Ledger.Misses(ctx, p.Company, ettns)
	if err != nil {
		return err
	}
	var later []ledger.Missed
	var aside []ledger.NewReceived
	for _, f := range p.missed {
		m := before[f.item.ETTN]
		if m.Failures+1 >= missesEach && m.Age >= missedFor {
			p.result.Quarantined++
			aside = append(aside, p.bare(p.received(f.item, f.raw), p.because(reasonFetch, f.err)))
			continue
		}
		later = append(later, ledger.Missed{Company: p.Company, Account: p.Account.Name, ETTN: f.item.ETTN, Reason: f.err.Error(), NextIn: again(m.Failures)})
	}
	p.missed = nil
	return errors.Join(p.Ledger.AddMisses(ctx, later), p.store(ctx, aside))
}

// due leaves out what this pass has tried often enough, and what failed in earlier passes and is not due yet.
func (p *pull) due(ctx context.Context, items []providers.InboxItem) ([]providers.InboxItem, error) {
	items = slices.DeleteFunc(items, func(i providers.InboxItem) bool { return p.tries[i.ETTN] >= triesEach })
	if len(items) == 0 {
		return nil, nil
	}
	ettns := make([]uuid.UUID, len(items))
	for i, item := range items {
		ettns[i] = item.ETTN
	}
	missed, err := p.Ledger.Misses(ctx, p.Company, ettns)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(i providers.InboxItem) bool {
		m, before := missed[i.ETTN]
		return before && !m.Due
	}), nil
}

// download fetches items with InFlight workers; the channel closes when all are done or ctx ends.
func (j *Job) download(ctx context.Context, items []providers.InboxItem) <-chan fetched {
	work, out := make(chan providers.InboxItem), make(chan fetched)
	bulk := providers.NewBulk()
	var workers sync.WaitGroup
	for range min(max(1, j.Account.InFlight), len(items)) {
		workers.Go(func() {
			for item := range work {
				one, held := bulk.Share(ctx)
				raw, err := j.fetchOne(one, item)
				select {
				case out <- fetched{item, raw, err, held}:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		defer close(out)
		defer workers.Wait()
		defer close(work)
		for _, item := range items {
			select {
			case work <- item:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// fetchOne downloads one UBL. What is stored stays for ever, so a file that ends in the middle is no download. Whatever else
// is wrong with a file is its sender's doing; it is kept and quarantined.
func (j *Job) fetchOne(ctx context.Context, item providers.InboxItem) ([]byte, error) {
	raw, err := j.Account.Inbox.Fetch(ctx, item.ETTN)
	if err == nil && cutOff(raw) {
		err = fault.Newf(fault.Retryable, "fetching an incoming invoice", "the provider sent %d bytes that end in the middle of the file", len(raw))
	}
	return raw, err
}

// cutOff reports whether raw is the beginning of an XML document and no more.
func cutOff(raw []byte) bool {
	if bytes.HasSuffix(bytes.TrimRight(raw, " \t\r\n"), []byte("Invoice>")) {
		return false // nearly every document: no need to read it all
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // only the tags matter here
	for elements := 0; ; {
		token, err := d.Token()
		syntax, wrong := errors.AsType[*xml.SyntaxError](err)
		switch {
		case wrong:
			return strings.Contains(syntax.Msg, "unexpected EOF")
		case err != nil:
			return elements == 0
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements++
		case xml.CharData:
			if elements == 0 && len(bytes.Trim(token, " \t\r\n\uFEFF")) > 0 {
				return false // no XML at all
			}
		}
	}
}

// received makes the ledger's row from the listing; what the UBL says replaces it when it is parsed.
func (p *pull) received(item providers.InboxItem, raw []byte) ledger.NewReceived {
	row := ledger.Received{
		Company: p.Company, Account: p.Account.Name, ETTN: item.ETTN, Number: item.Number,
		SenderTaxNo: item.SenderTaxNo, SenderTitle: item.SenderTitle, Scenario: item.Scenario, Type: item.Type,
		IssueDate: item.IssueDate, Currency: item.Currency, State: ledger.ReceivedStored, ArrivedAt: item.ArrivedAt,
		Payable: decimal.NewNullDecimal(item.Payable),
	}
	out := ledger.NewReceived{Received: row, Raw: raw, Found: p.swept && p.finds && !item.IsNew}
	if p.PDF {
		out.Wants = []string{ledger.FilePDF}
	}
	return out
}
