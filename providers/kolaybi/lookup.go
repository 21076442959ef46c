package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// Lookup reads the list of the document's day and looks for our key in the descriptions; then the list of official documents
// for what it found. One of several records with a number wins; two numbers under one key are nothing that can be adopted.
func (p *Provider) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	index, err := p.index(ctx, id)
	if err != nil {
		return providers.Found{}, err
	}
	var there []uuid.UUID
	for _, key := range append([]uuid.UUID{id.ETTN}, id.Later...) {
		if len(index[key]) > 0 {
			there = append(there, key)
		}
	}
	switch {
	case len(there) == 0:
		return p.lookupGone(ctx, id)
	case len(id.Later) == 0:
		return p.lookupRecords(ctx, id, slices.Clone(index[id.ETTN]))
	}
	return p.lookupRevisions(ctx, id, there, index)
}

// lookupRevisions tells which revision of a sale it is whose number is known; without a number, the last one that there is.
// Under each key only dead documents stand before a living one, so a number that no key has is not to be settled here.
func (p *Provider) lookupRevisions(ctx context.Context, id providers.Identity, keys []uuid.UUID, index map[uuid.UUID][]record) (providers.Found, error) {
	var others []string
	for _, key := range slices.Backward(keys) {
		found, err := p.lookupRecords(ctx, id, slices.Clone(index[key]))
		if err != nil {
			return providers.Found{}, err
		}
		if id.Number == "" || found.Status.Number == id.Number {
			if key != id.ETTN {
				found.Key = key
			}
			return found, nil
		}
		others = append(others, found.Status.Number)
	}
	return providers.Found{}, &fault.Error{Class: fault.Ambiguous, Doing: "looking for a document at kolaybi", Code: "kolaybi.other_number",
		Err:     fmt.Errorf("the ERP shows number %s; this sale's keys are on %q", id.Number, others),
		Message: fmt.Sprintf("ERP'de görünen %s numaralı fatura KolayBi'de bu satışın anahtarıyla bulunamadı.", id.Number),
		Advice:  "KolayBi panelinde satışın faturalarını karşılaştırın, sonra `faturad mark` ile sonuçlandırın"}
}

// lookupRecords chooses among the records of one key.
func (p *Provider) lookupRecords(ctx context.Context, id providers.Identity, records []record) (providers.Found, error) {
	const doing = "looking for a document at kolaybi"
	slices.SortFunc(records, func(a, b record) int { return int(a.ID - b.ID) })
	var best *record
	var status official
	numbered := 0
	for i := range records {
		r := &records[i]
		o, there, err := p.official(ctx, strconv.FormatInt(r.ID, 10))
		if err != nil {
			return providers.Found{}, err
		}
		if there && !o.done() && p.state(o) != providers.StateDraft && p.state(o) != providers.StateFailed {
			return providers.Found{}, fault.Newf(fault.Ambiguous, doing, "record %d is being made official, and has no number yet", r.ID)
		}
		if there && o.done() {
			numbered++
			best, status = r, o
		}
		if best == nil || numbered == 0 && strconv.FormatInt(r.ID, 10) == id.ID {
			best, status = r, official{}
		}
	}
	if numbered > 1 {
		return providers.Found{}, &fault.Error{Class: fault.Ambiguous, Doing: doing, Code: providers.CodeSeveral,
			Message: "KolayBi'de aynı satış için birden fazla resmî fatura var.", Advice: "KolayBi panelinde faturaları karşılaştırın; fazlasını iptal edin"}
	}
	out := providers.Found{Status: p.statusOf(id, status), Content: contentOf(*best)}
	out.Status.ID = strconv.FormatInt(best.ID, 10)
	return out, nil
}

// lookupGone is for a document that the list of records does not have: a cancelled one leaves it.
func (p *Provider) lookupGone(ctx context.Context, id providers.Identity) (providers.Found, error) {
	const doing = "looking for a document at kolaybi"
	if id.ID != "" {
		o, there, err := p.official(ctx, id.ID)
		switch {
		case err != nil:
			return providers.Found{}, err
		case there:
			return providers.Found{Status: p.statusOf(id, o)}, nil
		}
	}
	if id.IssueDate.IsZero() {
		return providers.Found{}, fault.Newf(fault.Ambiguous, doing, "its date is not known, and nothing of the last %d days carries its key", p.cfg.LookbackDays)
	}
	return providers.Found{}, &fault.Error{Class: fault.NotFound, Doing: doing, Code: "kolaybi.not_found", Err: errors.New("no record of its day carries its key")}
}

// Status asks for one record.
func (p *Provider) Status(ctx context.Context, id providers.Identity) (providers.Status, error) {
	if id.ID == "" {
		found, err := p.Lookup(ctx, id)
		return found.Status, err
	}
	o, there, err := p.official(ctx, id.ID)
	if err != nil {
		return providers.Status{}, err
	}
	if there {
		return p.statusOf(id, o), nil
	}
	r := request{doing: "asking for a draft at kolaybi", use: useLookup, method: http.MethodGet, path: "/invoices/" + url.PathEscape(id.ID), query: url.Values{"include_draft": {"true"}}}
	e, err := p.client.read(ctx, r)
	if err != nil {
		return providers.Status{}, err
	}
	var detail map[string]json.RawMessage
	if err := one(e.Data, &detail); err != nil {
		return providers.Status{}, p.client.unread(r, http.StatusOK, e.raw, "%w", err)
	}
	return providers.Status{ID: id.ID, Kind: id.Kind, State: providers.StateDraft}, nil
}

func (p *Provider) statusOf(id providers.Identity, o official) providers.Status {
	s := providers.Status{ID: id.ID, Kind: o.kind(), State: providers.StateDraft, Answer: p.client.redact().Answer(o.row), Amount: o.Total, Currency: o.Currency}
	if s.Kind == "" {
		s.Kind = id.Kind
	}
	if o.ID == 0 {
		return s
	}
	s.ID, s.State = strconv.FormatInt(o.ID, 10), p.state(o)
	s.Message = messages[s.State]
	if o.done() {
		s.ETTN, s.Number = o.ETTN, o.Number
	}
	s.Code = codeOf(s.State)
	return s
}

// codeOf stands for the code that KolayBi does not have: a change of it is news.
func codeOf(s providers.State) int {
	return slices.Index([]providers.State{providers.StateDraft, providers.StateWorking, providers.StateAccepted, providers.StateRejected,
		providers.StateFailed, providers.StateCancelled}, s) + 1
}

// contentOf is what a record says about itself. An export's contact is the foreign buyer; the invoice is addressed to the ministry.
func contentOf(r record) *providers.Content {
	c := &providers.Content{BuyerTaxNo: r.BuyerTaxNo, Payable: r.Total.Decimal, Currency: r.Currency, IssueDate: r.IssueDate}
	if c.BuyerTaxNo == invoice.ForeignBuyer && strings.Contains(r.Description, " ihracat]") {
		c.BuyerTaxNo = invoice.Customs
	}
	return c
}

// official asks the list of official documents for one record.
func (p *Provider) official(ctx context.Context, id string) (o official, there bool, err error) {
	query := url.Values{"direction": {"outbound"}, "document_id": {id}, "per_page": {strconv.Itoa(p.cfg.PerPage)}}
	err = p.eachOfficial(ctx, "asking for an official document at kolaybi", query, func(row official) error {
		if strconv.FormatInt(row.ID, 10) == id { // the filter may be ignored: compare
			o, there = row, true
		}
		return nil
	})
	return o, there, err
}

// errRepeats is a list whose pages are the same again and again.
var errRepeats = errors.New("the list repeats a page")

// eachOfficial reads GET e_document/invoices to its end.
func (p *Provider) eachOfficial(ctx context.Context, doing string, query url.Values, each func(official) error) error {
	c, err := p.company(ctx)
	if err != nil {
		return err
	}
	query.Set("company_id", strconv.FormatInt(int64(c.ID), 10))
	r := request{doing: doing, use: useLookup, method: http.MethodGet, path: "/e_document/invoices", query: query, limit: maxList}
	seen := map[int64]bool{}
	err = p.pages(ctx, r, true, func(rows json.RawMessage, _ *pagination) (int, error) {
		var list []official
		if err := json.Unmarshal(rows, &list); err != nil {
			return 0, err
		}
		before := len(seen)
		for _, o := range list {
			if seen[o.ID] {
				continue
			}
			seen[o.ID] = true
			if err := each(o); err != nil {
				return 0, err
			}
		}
		if len(list) > 0 && len(seen) == before {
			return 0, errRepeats
		}
		return len(list), nil
	})
	if errors.Is(err, fault.NotFound) {
		return nil // an empty list, by another of its shapes
	}
	return err
}

// recordsOf are the records that carry the document's key.
func (p *Provider) recordsOf(ctx context.Context, id providers.Identity) ([]record, error) {
	index, err := p.index(ctx, id)
	return slices.Clone(index[id.ETTN]), err
}

// index is what the list of the document's day has, by our keys.
func (p *Provider) index(ctx context.Context, id providers.Identity) (map[uuid.UUID][]record, error) {
	window := days{id.IssueDate.String(), id.IssueDate.String()}
	if id.IssueDate.IsZero() {
		today := invoice.DateOf(p.clock.Now().In(clock.Istanbul))
		window = days{today.AddDays(-p.cfg.LookbackDays).String(), today.AddDays(1).String()}
	}
	return p.scans.of(ctx, window, p.scan)
}

// scan sorts what a window of days has under our keys by key.
func (p *Provider) scan(ctx context.Context, window days) (map[uuid.UUID][]record, error) {
	index := map[uuid.UUID][]record{}
	err := p.eachKeyed(ctx, "looking for a document at kolaybi", window, func(key uuid.UUID, rec record) error {
		index[key] = append(index[key], rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return index, nil
}

// eachKeyed reads GET invoices for a window of days, every type that we make, and gives each record that carries a key of ours
// once.
func (p *Provider) eachKeyed(ctx context.Context, doing string, window days, each func(uuid.UUID, record) error) error {
	known := map[int64]bool{}
	for _, kind := range slices.Compact([]string{"sale_invoice", p.cfg.ReturnType}) {
		query := window.query("start_date", "end_date")
		query.Set("type", kind)
		query.Set("per_page", strconv.Itoa(p.cfg.PerPage))
		r := request{doing: doing, use: useLookup, method: http.MethodGet, path: "/invoices", query: query, limit: maxList}
		var read rereading
		var stopped error
		err := p.pages(ctx, r, true, func(raw json.RawMessage, about *pagination) (int, error) {
			var list []record
			if err := json.Unmarshal(raw, &list); err != nil {
				return 0, err
			}
			ids := make([]int64, len(list))
			for i, rec := range list {
				ids[i] = rec.ID
				key := keyIn(rec.Description)
				if key == uuid.Nil || rec.ID == 0 || known[rec.ID] { // the filter by type may be ignored
					continue
				}
				known[rec.ID] = true
				if stopped = each(key, rec); stopped != nil {
					return 0, stopped
				}
			}
			return len(list), read.page(ids, about)
		})
		if stopped != nil {
			return stopped
		}
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		if err := read.whole(); err != nil {
			return fault.New(fault.Retryable, r.doing, err)
		}
	}
	return nil
}

// ListKeys lists the records of these days that carry a key of ours, for a ledger that was restored. The number is the one that
// the list of records shows; it is for people.
func (p *Provider) ListKeys(ctx context.Context, from, to invoice.Date, each func(providers.Keyed) error) error {
	return p.eachKeyed(ctx, "listing our documents at kolaybi", days{from.String(), to.String()}, func(key uuid.UUID, rec record) error {
		k := providers.Keyed{Key: key, ID: strconv.FormatInt(rec.ID, 10), Number: rec.SerialNo, IssueDate: rec.IssueDate}
		if rec.Status != "" {
			k.State = p.state(official{Status: rec.Status})
		}
		return each(k)
	})
}

// keyIn finds our key in a description.
func keyIn(description string) uuid.UUID {
	_, rest, ok := strings.Cut(description, "[faturad:")
	if !ok || len(rest) < 36 {
		return uuid.Nil
	}
	id, err := uuid.Parse(rest[:36])
	if err != nil {
		return uuid.Nil
	}
	return id
}

// scans lets look-ups that come together share one reading of a list. A look-up takes only a reading that began after it was asked.
type scans struct {
	mu   sync.Mutex
	last map[days]*reading
}

type reading struct {
	turn  chan struct{}
	count int // readings that began
	index map[uuid.UUID][]record
	since int // which of them index is
}

func (s *scans) of(ctx context.Context, window days, read func(context.Context, days) (map[uuid.UUID][]record, error)) (map[uuid.UUID][]record, error) {
	s.mu.Lock()
	if s.last == nil {
		s.last = map[days]*reading{}
	}
	r := s.last[window]
	if r == nil {
		r = &reading{turn: make(chan struct{}, 1)}
		s.last[window] = r
	}
	asked := r.count // readings that had begun when this one asked
	s.mu.Unlock()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, fault.New(fault.Retryable, "waiting for a list of kolaybi", ctx.Err())
	}
	s.mu.Lock()
	if r.index != nil && r.since > asked {
		defer s.mu.Unlock()
		return r.index, nil
	}
	r.count++
	this := r.count
	s.mu.Unlock()
	index, err := read(ctx, window)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	r.index, r.since = index, this
	time.AfterFunc(time.Minute, func() { s.forget(window, this) }) // nobody waits for it any more
	return index, nil
}

func (s *scans) forget(window days, since int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.last[window]; r != nil && r.since == since {
		delete(s.last, window)
	}
}

// DeleteDrafts deletes every draft with the document's key but keep. It asks again about each before it deletes it.
func (p *Provider) DeleteDrafts(ctx context.Context, id providers.Identity, keep string) (int, error) {
	records, err := p.recordsOf(ctx, id)
	if err != nil {
		return 0, err
	}
	deleted := 0
	for _, r := range records {
		record := strconv.FormatInt(r.ID, 10)
		if record == keep {
			continue
		}
		o, there, err := p.official(ctx, record)
		if err != nil {
			return deleted, err
		}
		if there && (o.done() || p.state(o) != providers.StateDraft) {
			continue
		}
		if err := p.deleteDraft(ctx, record); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}

// ListIssued lists what is official, for the auditor. That list does not carry our keys: they stand in the descriptions of the
// list of records, which is read after it, so that it has all of them but those that were cancelled.
func (p *Provider) ListIssued(ctx context.Context, from, to time.Time, each func(providers.Status) error) error {
	var window days
	query := url.Values{"direction": {"outbound"}, "per_page": {strconv.Itoa(p.cfg.PerPage)}}
	if !from.IsZero() {
		window.from = from.In(clock.Istanbul).Format(time.DateOnly)
		query.Set("min_issue_date", window.from)
	}
	if !to.IsZero() {
		window.to = to.In(clock.Istanbul).Format(time.DateOnly)
		query.Set("max_issue_date", window.to)
	}
	var listed []official
	err := p.eachOfficial(ctx, "listing official documents at kolaybi", query, func(o official) error {
		if o.done() {
			listed = append(listed, o)
		}
		return nil
	})
	if err != nil || len(listed) == 0 {
		return err
	}
	index, err := p.scan(ctx, window)
	if err != nil {
		return err
	}
	keys := map[int64]uuid.UUID{}
	for key, records := range index {
		for _, r := range records {
			keys[r.ID] = key
		}
	}
	for _, o := range listed {
		s := p.statusOf(providers.Identity{}, o)
		s.IssueDate, s.Key = o.IssueDate, keys[o.ID]
		if err := each(s); err != nil {
			return err
		}
	}
	return nil
}
