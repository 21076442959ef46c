package proparssim

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
)

// Simulator is Propars. Make it with New; safe for concurrent use.
type Simulator struct {
	o      Options
	offset atomic.Int64 // nanoseconds on top of the base clock
	faults switchboard

	mu        sync.Mutex
	tokens    map[string]time.Time // token -> when it was given
	taxpayers map[string]bool
	sales     []*sale
	byCode    map[string]*sale
	incoming  []*received
	numbers   map[string]int // by prefix and year
	nextID    int64
	logins    int
	log       []LogEntry
	late      []func() // what a late accept will do, by the clock
	lateAt    []time.Time
}

// The kinds of documents.
const (
	KindEFatura = "e-fatura"
	KindEArsiv  = "e-arsiv"
)

// New returns a Propars with an empty memory.
func New(o Options) *Simulator {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	orDefault(&o.Username, DefaultUsername)
	orDefault(&o.Password, DefaultPassword)
	orDefault(&o.TokenLife, 24*time.Hour)
	orDefault(&o.Report, 24*time.Hour)
	orDefault(&o.SellerTaxNo, "4812057337")
	orDefault(&o.LogLimit, 1_000_000)
	if o.Prefix == nil {
		o.Prefix = map[string]string{KindEFatura: "PRE", KindEArsiv: "PRA"}
	}
	s := &Simulator{o: o}
	s.Reset()
	return s
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Reset forgets everything but the options.
func (s *Simulator) Reset() {
	s.offset.Store(0)
	s.faults.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.numbers, s.taxpayers, s.byCode = map[string]time.Time{}, map[string]int{}, map[string]bool{}, map[string]*sale{}
	for _, taxNo := range s.o.Taxpayers {
		s.taxpayers[taxNo] = true
	}
	s.sales, s.incoming, s.log, s.late, s.lateAt = nil, nil, nil, nil, nil
	s.nextID, s.logins = 90_000, 0
}

// Now is the simulator's clock.
func (s *Simulator) Now() time.Time { return s.o.Clock.Now().Add(time.Duration(s.offset.Load())) }

// Advance moves the simulator's clock; what was to happen meanwhile happens.
func (s *Simulator) Advance(d time.Duration) {
	s.offset.Add(int64(d))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(s.Now())
}

// arrive does what late requests do when their time has come.
func (s *Simulator) arrive(now time.Time) {
	for i := 0; i < len(s.late); {
		if s.lateAt[i].After(now) {
			i++
			continue
		}
		do := s.late[i]
		s.late, s.lateAt = slices.Delete(s.late, i, i+1), slices.Delete(s.lateAt, i, i+1)
		do()
	}
}

func (s *Simulator) id() int64 { s.nextID++; return s.nextID }

// Document is what the doors show of an invoice.
type Document struct {
	ETTN      uuid.UUID       `json:"ettn"`
	SaleCode  string          `json:"local_reference_id"`
	Number    string          `json:"number"`
	Kind      string          `json:"kind"`
	Status    string          `json:"status"` // created, sent or cancelled
	Payable   decimal.Decimal `json:"payable"`
	VAT       decimal.Decimal `json:"vat"`
	Currency  string          `json:"currency"`
	Buyer     string          `json:"buyer"`
	BuyerName string          `json:"buyer_name"`
	IssueDate string          `json:"issue_date"`
	Body      map[string]any  `json:"body"` // the sale as it was written
}

// Documents lists what is or was sent, oldest first.
func (s *Simulator) Documents() []Document {
	return s.list(func(i *invoice) bool { return i.sent })
}

// Unsent lists what was made by a preview, and neither sent nor cancelled.
func (s *Simulator) Unsent() []Document {
	return s.list(func(i *invoice) bool { return !i.sent && !i.cancelled })
}

func (s *Simulator) list(which func(*invoice) bool) []Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(s.Now())
	out := []Document{}
	for _, sale := range s.sales {
		for _, i := range sale.invoices {
			if which(i) {
				out = append(out, Document{ETTN: i.ettn, SaleCode: sale.code, Number: i.number, Kind: sale.kind(), Status: i.status(), Payable: sale.payable, VAT: sale.vat,
					Currency: sale.currency, Buyer: sale.buyer.taxNo, BuyerName: sale.buyer.name, IssueDate: i.day(), Body: sale.body})
			}
		}
	}
	return out
}

// Sales counts the sales that were written.
func (s *Simulator) Sales() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.sales) }

// Logins counts the tokens that were given.
func (s *Simulator) Logins() int { s.mu.Lock(); defer s.mu.Unlock(); return s.logins }

// ExpireTokens makes every token that was given useless.
func (s *Simulator) ExpireTokens() { s.mu.Lock(); defer s.mu.Unlock(); clear(s.tokens) }

// AddTaxpayers makes tax numbers e-Fatura users.
func (s *Simulator) AddTaxpayers(taxNos ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, taxNo := range taxNos {
		s.taxpayers[taxNo] = true
	}
}

// SetRules changes the readings.
func (s *Simulator) SetRules(r Rules) { s.mu.Lock(); defer s.mu.Unlock(); s.o.Rules = r }

// SetFault adds a fault; the first added that matches a request strikes.
func (s *Simulator) SetFault(f Fault) error { return s.faults.add(f) }

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() { s.faults.clear() }

// Faults lists the faults that are set and can still strike.
func (s *Simulator) Faults() []Fault { return s.faults.list() }

// LogEntry is one provider request.
type LogEntry struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Family Family    `json:"family"`
	Status int       `json:"status"` // 0 = the connection was cut
	Fault  string    `json:"fault,omitempty"`
	Saved  bool      `json:"saved"` // it sent an invoice
	Sale   string    `json:"sale,omitempty"`
}

// Log lists every provider request since the start or Reset.
func (s *Simulator) Log() []LogEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}
