package outbound

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Sales is the ERP as outbound needs it.
type Sales interface {
	Spaces() []string
	Pending(ctx context.Context, space string, limit int, each func(keys []string) error) error
	Known(ctx context.Context, space string, each func([]erp.KnownSale) error) error
	Recheck(ctx context.Context, space string, since invoice.Date, each func(keys []string) error) error
	Load(ctx context.Context, space string, keys []string) ([]erp.Loaded, error)
}

// Ledger is the durable memory as outbound needs it.
type Ledger interface {
	Discover(ctx context.Context, company string, docs []ledger.NewDocument) (int, error)
	Rebuild(ctx context.Context, company string, known []ledger.KnownDocument) (int, error)
	Documents(ctx context.Context, f ledger.Filter) ([]ledger.Document, error)
	LastIssued(ctx context.Context, company string, series []ledger.Series) (map[ledger.Series]invoice.Date, error)
	ByKeys(ctx context.Context, company string, keys []ledger.Key) (map[ledger.Key][]ledger.Document, error)
	LatestByKey(ctx context.Context, company string, keys []ledger.Key) (map[ledger.Key]ledger.Document, error)
	Lease(ctx context.Context, company string, states []ledger.State, owner string, ttl time.Duration, limit int) ([]ledger.Document, error)
	LeaseByID(ctx context.Context, ids []int64, owner string, ttl time.Duration) ([]ledger.Document, error)
	LeaseLegal(ctx context.Context, company, owner string, ttl time.Duration, limit int) ([]ledger.Document, error)
	Payloads(ctx context.Context, ids []int64) (map[int64]providers.Payload, error)
	Commit(ctx context.Context, changes []ledger.Change) ([]ledger.Outcome, error)
	Birth(ctx context.Context) (time.Time, error)
	Alike(ctx context.Context, company string, likenesses []ledger.Likeness) (map[ledger.Likeness][]ledger.Document, error)
}

// Router decides how sales go out. It is asked for a whole batch at once.
type Router interface {
	Route(ctx context.Context, questions []Question) ([]Decision, error)
}

// Question asks the Router for one sale. Pins come from the ERP's columns; empty pins leave it to config and registry.
type Question struct {
	LocalReference string // empty = a preview: nothing may be remembered
	SaleNumber     string // the ERP's printed number
	Currency       string
	Payable        decimal.Decimal
	IssueDate      invoice.Date

	TaxNo    string
	Kind     invoice.Kind
	Alias    string
	Prefix   string
	Branch   string // of the company, as the ERP names it; empty = none
	Draft    *bool
	Email    string
	Scenario string // of the mapped invoice: EARSIVFATURA where no other side has its type
}

// Decision is the Router's answer: a route, or the faults that keep the sale from having one.
type Decision struct {
	Route  providers.Route
	Faults invoice.Faults
	Note   string // why this route, when there was a choice; goes into the document's history
}

// Account is one company's access to one provider.
type Account struct {
	Name     string
	Kind     string // turkcell, kolaybi, propars
	Provider providers.Provider
	InFlight int // requests at once; at least 1
	// Rests says why nothing can be sent there now (nobody answers, or the key is refused); nil = it can. It makes at most one
	// request, which costs nothing. A nil Rests never says so.
	Rests func(context.Context) error
}

// Job is everything that one company's outbound pass needs. The fields up to Log are required.
type Job struct {
	Company  string
	VKN      string // of the seller: part of every ETTN
	ERP      string // erp.id: part of every ETTN
	Owner    string // names this process in leases and events
	Sales    Sales
	Ledger   Ledger
	Router   Router
	Accounts []Account // the first is the active one; others still own prepared documents
	Rules    mapping.Rules
	Dates    Dates
	Branches map[string]invoice.Party // the seller as its branches; empty = a sale's branch changes nothing
	// Fingerprint names the config and the binary by which sales are mapped and routed: held sales are looked at again when it
	// is another one.
	Fingerprint string
	Clock       clock.Clock
	Log         *slog.Logger

	Rebuild bool // compare the ERP's marks with the ledger first: the first pass of a process must
	Lost    bool // the ledger lost commits (ledger.Store.Continuous): rebuild, and ask before anything is sent
	// Recall asks the provider's listing what the ledger forgot; nil = the provider refuses a used key, or has no such listing.
	Recall func(context.Context) (Recalled, error)
	// Outdated tells of documents that were prepared earlier which must be decided anew, because something was learned since
	// that speaks against their route; nil = nothing ever is. It is asked before every intent of such documents.
	Outdated func(context.Context, []ledger.Document) (map[int64]bool, error)
	// HoldTwins holds sales with buyer, amount, currency and day of another one: they may have been entered twice.
	HoldTwins bool
	Language  string        // "tr" (also when empty) or "en": of messages written to the ERP
	LeaseFor  time.Duration // 0 = two minutes
	Linger    time.Duration // how long results wait for company before they are committed; 0 = 100 ms
	// Random gives a duration below its argument, for jitter; nil = the machine's dice.
	Random   func(time.Duration) time.Duration
	Progress func(done, total int)
	// Map makes an invoice of a sale, without changing the sale; nil = mapping.FromSale.
	Map func(invoice.Sale, mapping.Rules) (invoice.Invoice, invoice.Faults)

	due      []ledger.State                 // in this pass, what is leased in
	notAdded error                          // sales that the ledger could not take, in this pass
	issued   map[ledger.Series]invoice.Date // what each series held when this pass first met it; zero = nothing yet
}

// Result counts what one pass did.
type Result struct {
	Discovered int // sales seen for the first time
	Rebuilt    int // sales that the ERP knew as issued and the ledger did not
	Recalled   int // sales that only the provider knew as issued
	Changed    int // sales whose content changed since they were mapped
	Held       int
	Cancelled  int // sales gone before they were sent
	Sent       int
	Drafts     int
	Refused    int
	Unknown    int // outcomes that followup must look up
	Disputed   int
	Deferred   int // surely not sent; tried again later
	Waiting    int // returns whose original has no number yet
	// Paused says why sending stopped early (credentials, throttling); nil = it did not.
	Paused error
	// Unreachable is the last reason why a request could not be made at all; nil = none.
	Unreachable error
}

// Plus adds what a later pass did. What stopped a pass is the first one's that was stopped.
func (r Result) Plus(o Result) Result {
	sum := Result{
		Discovered: r.Discovered + o.Discovered, Rebuilt: r.Rebuilt + o.Rebuilt, Recalled: r.Recalled + o.Recalled, Changed: r.Changed + o.Changed, Held: r.Held + o.Held,
		Cancelled: r.Cancelled + o.Cancelled, Sent: r.Sent + o.Sent, Drafts: r.Drafts + o.Drafts, Refused: r.Refused + o.Refused,
		Unknown: r.Unknown + o.Unknown, Disputed: r.Disputed + o.Disputed, Deferred: r.Deferred + o.Deferred,
		Waiting: r.Waiting + o.Waiting, Paused: r.Paused, Unreachable: r.Unreachable,
	}
	if sum.Paused == nil {
		sum.Paused = o.Paused
	}
	if sum.Unreachable == nil {
		sum.Unreachable = o.Unreachable
	}
	return sum
}

// Run makes one pass: discover, then deliver until nothing is due. It returns when everything in flight has ended and
// is recorded, also when ctx is cancelled: then no new request is started.
func (j *Job) Run(ctx context.Context) (Result, error) {
	var result Result
	j.issued = nil
	if len(j.Accounts) == 0 {
		return result, errors.New("outbound: no active account: set active = true on one [[company.account]]")
	}
	if err := j.discover(ctx, &result); err != nil {
		return result, err
	}
	if result.Paused != nil {
		return result, j.notAdded
	}
	if err := j.releaseHeld(ctx); err != nil {
		return result, err
	}
	err := j.deliver(ctx, &result)
	return result, errors.Join(err, j.notAdded)
}

func (j *Job) leaseFor() time.Duration {
	if j.LeaseFor > 0 {
		return j.LeaseFor
	}
	return 2 * time.Minute
}

// inFlight is how many requests are made at once.
func (j *Job) inFlight() int { return max(1, j.Accounts[0].InFlight) }

func (j *Job) linger() time.Duration {
	if j.Linger > 0 {
		return j.Linger
	}
	return 100 * time.Millisecond
}

// account finds the account that a document is pinned to; the active one when it is pinned to none.
func (j *Job) account(name string) (Account, bool) {
	if name == "" {
		return j.Accounts[0], true
	}
	for _, a := range j.Accounts {
		if a.Name == name {
			return a, true
		}
	}
	return Account{}, false
}

// ettn derives the document's UUID.
func (j *Job) ettn(key ledger.Key, revision int) uuid.UUID {
	return invoice.ETTN(j.VKN, j.ERP, key.KeySpace, key.SaleKey, revision)
}

// backOff is the wait after n failures in a row: one second doubled each time, at most 15 minutes, full jitter
// (facts/reliability.md section 3.10).
func (j *Job) backOff(failures int) time.Duration {
	limit := 15 * time.Minute
	if failures < 10 {
		limit = min(limit, time.Second<<failures)
	}
	return time.Second + j.random(limit)
}

func (j *Job) invoiceOf(sale invoice.Sale, rules mapping.Rules) (invoice.Invoice, invoice.Faults) {
	if j.Map != nil {
		return j.Map(sale, rules)
	}
	return mapping.FromSale(sale, rules)
}

// random is a duration below d.
func (j *Job) random(d time.Duration) time.Duration {
	if j.Random != nil {
		return j.Random(d)
	}
	return rand.N(d)
}

func ptr[T any](v T) *T { return &v }
