package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// Account is one provider account of the company.
type Account struct {
	Name     string
	Provider providers.Provider
	InFlight int
	Inbox    bool // its inbox belongs to the company
}

// Accounts is the Evidence of real providers. Where an account lists what it issued, the list is taken and only the rest is
// asked for; where it does not, every document is asked for by look-up, several at a time.
type Accounts []Account

// Gather implements Evidence.
func (as Accounts) Gather(ctx context.Context, b *Books, since, until time.Time) error {
	b.Complete, b.TwoStep = len(as) > 0, map[string]bool{}
	for _, a := range as {
		b.TwoStep[a.Name] = a.Provider.Capabilities().TwoStep
		if err := as.list(ctx, a, b, since, until); err != nil {
			b.Complete = false
			if !errors.Is(err, errNoListing) {
				b.Unasked = append(b.Unasked, Unasked{"the listing of account " + a.Name, err})
			}
		}
	}
	as.askRest(ctx, b)
	b.Inboxed = true
	for _, a := range as {
		if err := a.inbox(ctx, b, since, until); err != nil {
			b.Inboxed = false
			b.Unasked = append(b.Unasked, Unasked{"the inbox of account " + a.Name, err})
		}
	}
	return ctx.Err()
}

var errNoListing = errors.New("the provider has no complete listing")

func (as Accounts) list(ctx context.Context, a Account, b *Books, since, until time.Time) error {
	lister, ok := providers.As[providers.Lister](a.Provider)
	if !ok {
		return errNoListing
	}
	return lister.ListIssued(ctx, sinceCancelled(b.Documents, since), until, func(s providers.Status) error {
		b.Issued = append(b.Issued, Issued{Account: a.Name, ETTN: s.ETTN, Number: s.Number, Kind: s.Kind, State: s.State, Payable: s.Amount, Currency: s.Currency,
			IssueDate: s.IssueDate, Key: s.Key, LocalReference: s.LocalReference})
		b.step()
		return nil
	})
}

// sinceCancelled is since, or earlier the date of a document that was cancelled: a provider may tell that in its listing only.
func sinceCancelled(docs []ledger.Document, since time.Time) time.Time {
	for _, d := range docs {
		if dated := d.IssueDate.In(clock.Istanbul); d.State == ledger.Cancelled && !d.SentAt.IsZero() && !d.IssueDate.IsZero() && dated.Before(since) {
			since = dated
		}
	}
	return since
}

// askRest asks for every document that no listing had.
func (as Accounts) askRest(ctx context.Context, b *Books) {
	listed, named := map[uuid.UUID]bool{}, map[string]bool{}
	for _, i := range b.Issued {
		listed[i.ETTN], listed[i.Key], named[i.LocalReference] = true, true, true
	}
	work := make(chan ledger.Document)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range as.inFlight() {
		workers.Go(func() {
			for d := range work {
				issued, err := as.ask(ctx, d)
				mu.Lock()
				b.step()
				switch {
				case err == nil:
					b.Issued = append(b.Issued, issued)
				case errors.Is(err, fault.NotFound):
					b.Absent[d.ETTN] = true
				case several(err) != "":
					b.Several[d.ETTN] = several(err)
				default:
					b.Silent[d.ETTN] = true
					b.Unasked = append(b.Unasked, Unasked{d.LocalReference, err})
				}
				mu.Unlock()
			}
		})
	}
	for _, d := range b.Documents {
		undated := b.Complete && d.IssueDate.IsZero() && slices.Contains(notThere, d.State) // the listing says more than a look-up could
		if !listed[d.LegalETTN()] && !listed[d.ETTN] && !named[d.LocalReference] && !undated {
			work <- d
		}
	}
	close(work)
	workers.Wait()
	slices.SortFunc(b.Unasked, func(x, y Unasked) int { return cmp.Compare(x.What, y.What) })
}

// several gives the provider's words when it has more than one document under our key; else they are empty.
func several(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == providers.CodeSeveral {
		return f.Message
	}
	return ""
}

func (as Accounts) inFlight() int {
	n := 1
	for _, a := range as {
		n = max(n, a.InFlight)
	}
	return n
}

func (as Accounts) ask(ctx context.Context, d ledger.Document) (Issued, error) {
	if err := ctx.Err(); err != nil {
		return Issued{}, err
	}
	for i, a := range as {
		if a.Name != d.Account && (d.Account != "" || i > 0) {
			continue
		}
		found, err := a.Provider.Lookup(ctx, d.Identity())
		if errors.Is(err, fault.NotFound) && d.State == ledger.Draft { // a look-up may find only what has legal effect
			if reader, ok := providers.As[providers.StatusReader](a.Provider); ok {
				if s, serr := reader.Status(ctx, d.Identity()); serr == nil && s.State == providers.StateDraft {
					return Issued{Account: a.Name, ETTN: d.ETTN, LocalReference: d.LocalReference, Kind: s.Kind, State: s.State}, nil
				}
			}
		}
		if err != nil {
			return Issued{}, err
		}
		s := found.Status
		issued := Issued{Account: a.Name, ETTN: s.ETTN, Number: s.Number, Kind: s.Kind, State: s.State, Payable: s.Amount, Currency: s.Currency}
		if content := found.Content; content != nil {
			issued.BuyerTaxNo, issued.Currency, issued.IssueDate = content.BuyerTaxNo, content.Currency, content.IssueDate
			issued.LocalReference, issued.Payable = content.LocalReference, decimal.NewNullDecimal(content.Payable)
		}
		if !a.Provider.Capabilities().TakesETTN {
			issued.LocalReference = d.LocalReference // it was found by our key, whatever ETTN it has there
			if s.ETTN == uuid.Nil {
				issued.ETTN = d.ETTN
			}
		}
		return issued, nil
	}
	return Issued{}, fmt.Errorf("its account %q is gone from the config", d.Account)
}

// inboxPage is how many received invoices are listed at once.
const inboxPage = 100

// inbox lists what the provider received for the company, whether new or not.
func (a Account) inbox(ctx context.Context, b *Books, since, until time.Time) error {
	inbox, ok := providers.As[providers.Inbox](a.Provider)
	if !ok || !a.Inbox {
		return nil
	}
	seen := map[uuid.UUID]bool{}
	for at := 1; ; at++ {
		listed, err := inbox.List(ctx, providers.InboxQuery{From: since, To: until, Page: at, Size: inboxPage})
		if err != nil {
			return err
		}
		for _, i := range listed.Items {
			if !seen[i.ETTN] { // pages shift while they are read
				seen[i.ETTN] = true
				b.Incoming = append(b.Incoming, Incoming{ETTN: i.ETTN, Number: i.Number, IsNew: i.IsNew})
			}
		}
		if !listed.More || len(listed.Items) == 0 {
			return nil
		}
	}
}
