package kolaybisim

import (
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/providers/simulator"
)

// Simulator is KolayBi. Make it with New; safe for concurrent use.
type Simulator struct {
	simulator.Core[LogEntry]
	o Options

	contacts []*contact
	products []*product
	records  []*record
	incoming []*received
	numbers  map[string]int // by prefix and year
	nextID   int64
}

// New returns a KolayBi with an empty memory.
func New(o Options) *Simulator {
	simulator.OrDefault(&o.APIKey, DefaultAPIKey)
	simulator.OrDefault(&o.Channel, DefaultChannel)
	simulator.OrDefault(&o.Step, 2*time.Second)
	simulator.OrDefault(&o.Answer, 10*time.Second)
	simulator.OrDefault(&o.TokenLife, 24*time.Hour)
	simulator.OrDefault(&o.CompanyID, 7001)
	simulator.OrDefault(&o.SellerTaxNo, "4812057337")
	simulator.OrDefault(&o.LogLimit, 1_000_000)
	if o.Prefix == nil {
		o.Prefix = map[string]string{KindEFatura: "KLE", KindEArsiv: "KLA"}
	}
	s := &Simulator{o: o}
	s.Start(o.Clock, o.Latency, o.LogLimit)
	s.Reset()
	return s
}

// The kinds of documents.
const (
	KindEFatura = "e-fatura"
	KindEArsiv  = "e-arsiv"
)

// Reset forgets everything but the options.
func (s *Simulator) Reset() {
	s.Forget(s.o.Taxpayers)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.contacts, s.products, s.records, s.incoming, s.numbers = nil, nil, nil, nil, map[string]int{}
	s.nextID = 500
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
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Arrive(s.Now())
	out := []Document{}
	for _, r := range s.records {
		if which(r) {
			out = append(out, s.row(r))
		}
	}
	return out
}

// Copy makes an official document of what is in another one, description and all, as a person does in the portal. It tells the
// number, which is empty when there is no document to copy.
func (s *Simulator) Copy(id int64) string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	r := s.record(id)
	if r == nil || r.number == "" {
		return ""
	}
	second := *r
	second.id, second.ettn, second.number = s.newID(), uuid.New(), fmt.Sprintf("PRT%d%09d", s.Now().Year(), len(s.records))
	s.records = append(s.records, &second)
	return second.number
}

// Contacts counts the address book.
func (s *Simulator) Contacts() int { s.Mu.Lock(); defer s.Mu.Unlock(); return len(s.contacts) }

// Products counts the catalogue.
func (s *Simulator) Products() int { s.Mu.Lock(); defer s.Mu.Unlock(); return len(s.products) }

// SetRules changes the readings.
func (s *Simulator) SetRules(r Rules) { s.Mu.Lock(); defer s.Mu.Unlock(); s.o.Rules = r }

// SetBuyer says what happens to documents for a tax number from now on.
func (s *Simulator) SetBuyer(taxNo string, b Buyer) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	buyers := maps.Clone(s.o.Buyers)
	if buyers == nil {
		buyers = map[string]Buyer{}
	}
	buyers[taxNo] = b
	s.o.Buyers = buyers
}

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
