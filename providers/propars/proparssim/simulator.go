package proparssim

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/providers/simulator"
)

// Simulator is Propars. Make it with New; safe for concurrent use.
type Simulator struct {
	simulator.Core[LogEntry]
	o Options

	sales    []*sale
	byCode   map[string]*sale
	incoming []*received
	numbers  map[string]int // by prefix and year
	nextID   int64
}

// The kinds of documents.
const (
	KindEFatura = "e-fatura"
	KindEArsiv  = "e-arsiv"
)

// New returns a Propars with an empty memory.
func New(o Options) *Simulator {
	simulator.OrDefault(&o.Username, DefaultUsername)
	simulator.OrDefault(&o.Password, DefaultPassword)
	simulator.OrDefault(&o.TokenLife, 24*time.Hour)
	simulator.OrDefault(&o.Report, 24*time.Hour)
	simulator.OrDefault(&o.SellerTaxNo, "4812057337")
	simulator.OrDefault(&o.LogLimit, 1_000_000)
	if o.Prefix == nil {
		o.Prefix = map[string]string{KindEFatura: "PRE", KindEArsiv: "PRA"}
	}
	s := &Simulator{o: o}
	s.Start(o.Clock, o.Latency, o.LogLimit)
	s.Reset()
	return s
}

// Reset forgets everything but the options.
func (s *Simulator) Reset() {
	s.Forget(s.o.Taxpayers)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.sales, s.incoming, s.numbers, s.byCode = nil, nil, map[string]int{}, map[string]*sale{}
	s.nextID = 90_000
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
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Arrive(s.Now())
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
func (s *Simulator) Sales() int { s.Mu.Lock(); defer s.Mu.Unlock(); return len(s.sales) }

// SetRules changes the readings.
func (s *Simulator) SetRules(r Rules) { s.Mu.Lock(); defer s.Mu.Unlock(); s.o.Rules = r }

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
