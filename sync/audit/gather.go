package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Ledger is the durable memory as the auditor reads it.
type Ledger interface {
	Now(ctx context.Context) (time.Time, error)
	Documents(ctx context.Context, f ledger.Filter) ([]ledger.Document, error)
	LatestByKey(ctx context.Context, company string, keys []ledger.Key) (map[ledger.Key]ledger.Document, error)
	Find(ctx context.Context, company, ref string) ([]ledger.Document, error)
	History(ctx context.Context, document int64) ([]ledger.Event, error)
	AuditTrail(ctx context.Context, document int64) ([]ledger.Audit, error)
	ListReceived(ctx context.Context, f ledger.ReceivedFilter) ([]ledger.Received, error)
}

// ERP is the ERP as the auditor reads it.
type ERP interface {
	Spaces() []string
	Pending(ctx context.Context, space string, limit int, each func(keys []string) error) error
	Known(ctx context.Context, space string, each func([]erp.KnownSale) error) error
	Load(ctx context.Context, space string, keys []string) ([]erp.Loaded, error)
}

// Evidence is the provider's side: it fills Issued, Complete, Absent, Requests, Logged, Incoming, Inboxed and Unasked.
// Accounts asks real providers; tests that own a simulator take its memory.
type Evidence interface {
	Gather(ctx context.Context, b *Books, since, until time.Time) error
}

// Auditor reads the books of one company. The zero values of Since and Until leave the period open.
type Auditor struct {
	Company  string
	Ledger   Ledger
	ERP      func(context.Context) (ERP, error) // connects; an ERP that is away is reported, not an error
	Evidence Evidence
	Lease    time.Duration
	Waits    map[string]time.Duration // quarantine by account
	Since    time.Time                // documents changed in the ledger since
	Until    time.Time
	Progress func(done, total int) // hears of every document that was listed or asked for; total is 0, for nobody knows. May be nil
	OfDay    invoice.Date          // only documents sent, or else discovered, on this day; zero = all of the period

	// ETTN derives the key of a sale, for the names of those that the provider knows and the ledger does not. May be nil.
	ETTN func(sale ledger.Key, revision int) uuid.UUID
}

// page is how much is read from the ledger and the ERP at once.
const page = 500

// Run reads the books and compares them. It fails only when the ledger cannot be read; what else could not be asked is in
// the report.
func (a *Auditor) Run(ctx context.Context) (Report, error) {
	b := Books{Company: a.Company, progress: a.Progress, Lease: a.Lease, Waits: a.Waits, History: map[int64][]ledger.Event{}, Trail: map[int64][]ledger.Audit{},
		Absent: map[uuid.UUID]bool{}, Silent: map[uuid.UUID]bool{}, Several: map[uuid.UUID]string{}}
	var err error
	if b.Now, err = a.Ledger.Now(ctx); err != nil {
		return Report{}, err
	}
	if b.Documents, err = a.documents(ctx); err != nil {
		return Report{}, err
	}
	if err := a.marks(ctx, &b); err != nil {
		b.Unasked = append(b.Unasked, Unasked{"the ERP", err})
		b.Marks, b.Offered, b.Marked = nil, nil, false
	}
	if err := a.Evidence.Gather(ctx, &b, a.Since, a.Until); err != nil {
		return Report{}, err
	}
	if b.Received, err = a.received(ctx); err != nil {
		return Report{}, err
	}
	if err := a.settle(ctx, &b); err != nil {
		return Report{}, err
	}
	a.name(&b)
	for _, d := range b.Documents {
		if b.History[d.ID], err = a.Ledger.History(ctx, d.ID); err != nil {
			return Report{}, err
		}
		if b.Trail[d.ID], err = a.Ledger.AuditTrail(ctx, d.ID); err != nil {
			return Report{}, err
		}
	}
	return Compare(b), nil
}

// documents reads the documents of the period, every revision of their sales.
func (a *Auditor) documents(ctx context.Context) ([]ledger.Document, error) {
	var out []ledger.Document
	for after := int64(0); ; {
		docs, err := a.Ledger.Documents(ctx, ledger.Filter{Company: a.Company, Since: a.Since, Limit: page, AfterID: after})
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			after = d.ID
			if a.covers(d) {
				out = append(out, d)
			}
		}
		if len(docs) < page {
			return out, nil
		}
	}
}

func (a *Auditor) covers(d ledger.Document) bool {
	if a.OfDay.IsZero() {
		return true
	}
	at := d.SentAt
	if at.IsZero() {
		at = d.CreatedAt
	}
	return invoice.DateOf(at.In(clock.Istanbul)) == a.OfDay
}

// received reads the received invoices of the period.
func (a *Auditor) received(ctx context.Context) ([]ledger.Received, error) {
	var out []ledger.Received
	for after := int64(0); ; {
		some, err := a.Ledger.ListReceived(ctx, ledger.ReceivedFilter{Company: a.Company, Since: a.Since, Limit: page, AfterID: after})
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			after = r.ID
			if a.Until.IsZero() || r.ArrivedAt.Before(a.Until) {
				out = append(out, r)
			}
		}
		if len(some) < page {
			return out, nil
		}
	}
}

// settle reads the documents again and leaves out those that moved or came meanwhile, with all that the other books have of
// their sales: the three books were not read at one moment, and a daemon may be at work. What the provider listed beyond the
// period is left out too.
func (a *Auditor) settle(ctx context.Context, b *Books) error {
	again, err := a.documents(ctx)
	if err != nil {
		return err
	}
	now := make(map[int64]ledger.Document, len(again))
	for _, d := range again {
		now[d.ID] = d
	}
	still := map[int64]bool{}
	for _, d := range b.Documents {
		n := now[d.ID]
		still[d.ID] = n.State == d.State && n.Number == d.Number && n.Version == d.Version && n.WrittenVersion == d.WrittenVersion
	}
	sales := map[ledger.Key]bool{}
	for _, d := range again {
		if !still[d.ID] {
			sales[key(d)] = true
			b.Moving++
		}
	}
	moved := func(d ledger.Document) bool { return sales[key(d)] || !still[d.ID] }
	before := b.Documents
	b.Documents = slices.DeleteFunc(slices.Clone(before), moved)
	if err := a.settleIssued(ctx, b, owners(b.Documents), owners(again, before)); err != nil {
		return err
	}
	left := map[string]bool{}
	for _, d := range before {
		left[d.LocalReference] = moved(d)
	}
	b.Unasked = slices.DeleteFunc(b.Unasked, func(u Unasked) bool { return left[u.What] })
	b.Marks = slices.DeleteFunc(b.Marks, func(m Mark) bool { return sales[m.Key] })
	maps.DeleteFunc(b.Deleted, func(k ledger.Key, _ bool) bool { return sales[k] })
	return nil
}

// settleIssued keeps what the provider has of the documents that are compared, and what nobody knows of the period. known are
// the documents of the period that are compared, or were left out.
func (a *Auditor) settleIssued(ctx context.Context, b *Books, compared, known map[string]bool) error {
	var kept []Issued
	for _, i := range b.Issued {
		if owned(i, compared) {
			kept = append(kept, i)
			continue
		}
		if owned(i, known) || !a.OfDay.IsZero() && !i.IssueDate.IsZero() && i.IssueDate != a.OfDay {
			continue
		}
		if !a.Since.IsZero() { // the ledger may know it from another day
			elsewhere, err := a.elsewhere(ctx, i)
			if err != nil {
				return err
			}
			if elsewhere {
				continue
			}
		}
		kept = append(kept, i)
	}
	b.Issued = kept
	return nil
}

// owners are all the keys under which a provider may have the documents.
func owners(lists ...[]ledger.Document) map[string]bool {
	keys := map[string]bool{}
	for _, docs := range lists {
		for _, d := range docs {
			keys[d.ETTN.String()], keys[d.LegalETTN().String()], keys[d.LocalReference] = true, true, true
		}
	}
	return keys
}

// keysOf are the keys under which the ledger may know what the provider has.
func keysOf(i Issued) (keys []string) {
	for _, id := range []uuid.UUID{i.ETTN, i.Key} {
		if id != uuid.Nil {
			keys = append(keys, id.String())
		}
	}
	if i.LocalReference != "" {
		keys = append(keys, i.LocalReference)
	}
	return keys
}

func owned(i Issued, by map[string]bool) bool {
	return slices.ContainsFunc(keysOf(i), func(k string) bool { return by[k] })
}

// elsewhere reports whether the ledger knows a document that is not of the period.
func (a *Auditor) elsewhere(ctx context.Context, i Issued) (bool, error) {
	for _, k := range keysOf(i) {
		docs, err := a.Ledger.Find(ctx, a.Company, k)
		if err != nil {
			return false, err
		}
		if owned(i, owners(docs)) { // it may be another sale's own key
			return true, nil
		}
	}
	return false, nil
}

// mostRevisions bounds the search for the sale of a key.
const mostRevisions = 3

// name finds the sales of the ERP behind the keys that the ledger does not know.
func (a *Auditor) name(b *Books) {
	known := owners(b.Documents)
	unknown := map[uuid.UUID]bool{}
	for _, i := range b.Issued {
		if i.Key != uuid.Nil && i.LocalReference == "" && !owned(i, known) {
			unknown[i.Key] = true
		}
	}
	if len(unknown) == 0 || a.ETTN == nil {
		return
	}
	named := map[uuid.UUID]string{}
	for _, k := range slices.Concat(b.Offered, strays(b.Marks)) {
		for revision := 1; revision <= mostRevisions; revision++ {
			if id := a.ETTN(k, revision); unknown[id] {
				named[id] = invoice.LocalReference(a.Company, k.KeySpace, k.SaleKey, revision)
			}
		}
	}
	for n, i := range b.Issued {
		if ref := named[i.Key]; ref != "" {
			b.Issued[n].LocalReference = ref
		}
	}
}

// strays are the sales of the marks that the ledger does not know.
func strays(marks []Mark) (keys []ledger.Key) {
	for _, m := range marks {
		if m.Stray {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

// marks reads what the ERP shows of the documents, what it offers, and what it shows of sales that the ledger does not know.
func (a *Auditor) marks(ctx context.Context, b *Books) error {
	source, err := a.ERP(ctx)
	if err != nil {
		return err
	}
	wanted, unmarked := map[ledger.Key]ledger.Document{}, map[ledger.Key]bool{}
	for _, d := range b.Documents {
		wanted[key(d)], unmarked[key(d)] = d, exists(d.State)
	}
	b.Deleted, b.Content = map[ledger.Key]bool{}, map[ledger.Key]string{}
	for _, space := range source.Spaces() {
		err := source.Known(ctx, space, func(known []erp.KnownSale) error {
			var strangers []ledger.Key
			var found []Mark
			for _, k := range known {
				m := Mark{Key: ledger.Key{KeySpace: space, SaleKey: k.Key}, ETTN: k.ETTN, Number: k.Number, State: k.State}
				if _, ok := wanted[m.Key]; !ok {
					m.Stray = true
					strangers = append(strangers, m.Key)
				}
				delete(unmarked, m.Key)
				found = append(found, m)
			}
			have, err := a.Ledger.LatestByKey(ctx, a.Company, strangers)
			if err != nil {
				return err
			}
			found = slices.DeleteFunc(found, func(m Mark) bool { _, ok := have[m.Key]; return ok && m.Stray })
			if err := booked(ctx, source, space, found, b); err != nil {
				return err
			}
			b.Marks = append(b.Marks, found...)
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading the marks of %q: %w", space, err)
		}
		err = source.Pending(ctx, space, page*page, func(keys []string) error {
			for _, k := range keys {
				b.Offered = append(b.Offered, ledger.Key{KeySpace: space, SaleKey: k})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading the pending sales of %q: %w", space, err)
		}
		var lost []Mark
		for k, issued := range unmarked {
			if issued && k.KeySpace == space {
				lost = append(lost, Mark{Key: k})
			}
		}
		for some := range slices.Chunk(lost, page) {
			if err := booked(ctx, source, space, some, b); err != nil {
				return fmt.Errorf("looking for %d sales that show no mark: %w", len(some), err)
			}
		}
	}
	b.Marked = true
	return nil
}

// booked adds to the marks what the ERP booked for their sales, and notes what these say now, or that it no longer has them.
func booked(ctx context.Context, source ERP, space string, marks []Mark, b *Books) error {
	if len(marks) == 0 {
		return nil
	}
	keys := make([]string, len(marks))
	for i, m := range marks {
		keys[i] = m.SaleKey
	}
	loaded, err := source.Load(ctx, space, keys)
	if err != nil {
		return err
	}
	for i, l := range loaded {
		if l.Missing || l.Sale.Deleted {
			b.Deleted[marks[i].Key] = true
		}
		if l.Missing {
			continue
		}
		b.Content[marks[i].Key] = l.Sale.Hash
		marks[i].Currency = l.Sale.Currency
		if marks[i].Currency == "" {
			marks[i].Currency = "TRY"
		}
		amount := l.Sale.Payable
		if !amount.Valid {
			amount = l.Sale.Gross
		}
		if amount.Valid {
			marks[i].Payable = decimal.NewNullDecimal(amount.Decimal)
		}
	}
	return nil
}
