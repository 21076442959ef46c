package kolaybisim

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
)

// Simulator is KolayBi. Make it with New; safe for concurrent use.
type Simulator struct {
	o      Options
	offset atomic.Int64 // nanoseconds on top of the base clock
	faults switchboard

	mu        sync.Mutex
	tokens    map[string]time.Time // token -> when it was given
	taxpayers map[string]bool
	contacts  []*contact
	products  []*product
	records   []*record
	incoming  []*received
	numbers   map[string]int // by prefix and year
	nextID    int64
	logins    int
	log       []LogEntry
	late      []func() // what a late accept will do, by the clock
	lateAt    []time.Time
}

// New returns a KolayBi with an empty memory.
func New(o Options) *Simulator {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	orDefault(&o.APIKey, DefaultAPIKey)
	orDefault(&o.Channel, DefaultChannel)
	orDefault(&o.Step, 2*time.Second)
	orDefault(&o.Answer, 10*time.Second)
	orDefault(&o.TokenLife, 24*time.Hour)
	orDefault(&o.CompanyID, 7001)
	orDefault(&o.SellerTaxNo, "4812057337")
	orDefault(&o.LogLimit, 1_000_000)
	if o.Prefix == nil {
		o.Prefix = map[string]string{KindEFatura: "KLE", KindEArsiv: "KLA"}
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

// The kinds of documents.
const (
	KindEFatura = "e-fatura"
	KindEArsiv  = "e-arsiv"
)

// Reset forgets everything but the options.
func (s *Simulator) Reset() {
	s.offset.Store(0)
	s.faults.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.numbers, s.taxpayers = map[string]time.Time{}, map[string]int{}, map[string]bool{}
	for _, taxNo := range s.o.Taxpayers {
		s.taxpayers[taxNo] = true
	}
	s.contacts, s.products, s.records, s.incoming, s.log, s.late, s.lateAt = nil, nil, nil, nil, nil, nil, nil
	s.nextID, s.logins = 500, 0
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

// Document is what the doors show of an invoice.
type Document struct {
	ID          int64           `json:"document_id"`
	Key         uuid.UUID       `json:"key"`  // the derived ETTN in its description; zero = none
	ETTN        uuid.UUID       `json:"ettn"` // zero = a draft
	Number      string          `json:"number"`
	Kind        string          `json:"kind"`
	Scenario    string          `json:"scenario"`
	Type        string          `json:"type"`
	Status      string          `json:"status"`
	Payable     decimal.Decimal `json:"payable"`
	Currency    string          `json:"currency"`
	Buyer       string          `json:"buyer"`
	BuyerName   string          `json:"buyer_name"`
	IssueDate   string          `json:"issue_date"`
	Description string          `json:"description"`
	Body        map[string]any  `json:"body"` // the draft as it was sent
}

// Documents lists what is or was official, oldest first.
func (s *Simulator) Documents() []Document {
	return s.list(func(r *record) bool { return r.number != "" })
}

// Drafts lists what has no legal effect.
func (s *Simulator) Drafts() []Document {
	return s.list(func(r *record) bool { return r.number == "" })
}

func (s *Simulator) list(which func(*record) bool) []Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(s.Now())
	out := []Document{}
	for _, r := range s.records {
		if which(r) {
			out = append(out, s.row(r))
		}
	}
	return out
}

// Contacts and Products count the records of the address book and the catalogue; Logins the tokens that were given.
func (s *Simulator) Contacts() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.contacts) }

// Products counts the catalogue.
func (s *Simulator) Products() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.products) }

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

// SetBuyer says what happens to documents for a tax number from now on.
func (s *Simulator) SetBuyer(taxNo string, b Buyer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	buyers := maps.Clone(s.o.Buyers)
	if buyers == nil {
		buyers = map[string]Buyer{}
	}
	buyers[taxNo] = b
	s.o.Buyers = buyers
}

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
	Saved  bool      `json:"saved"` // it changed something
	ID     int64     `json:"document_id,omitempty"`
	Key    uuid.UUID `json:"key"`
}

// Log lists every provider request since the start or Reset.
func (s *Simulator) Log() []LogEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}
