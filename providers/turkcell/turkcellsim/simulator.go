package turkcellsim

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
)

// Simulator is the provider. Make it with New; safe for concurrent use.
type Simulator struct {
	o      Options
	key    string
	offset atomic.Int64 // nanoseconds on top of the base clock
	routes map[string]route

	registry  registry
	documents store
	inbox     inbox
	faults    switchboard
	journal   journal
	tokens    tokens
}

// New returns a provider with an empty memory.
func New(o Options) *Simulator {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.APIKey == "" {
		o.APIKey = DefaultAPIKey
	}
	if o.Username == "" {
		o.Username = DefaultUsername
	}
	if o.Password == "" {
		o.Password = DefaultPassword
	}
	if o.TokenLife == 0 {
		o.TokenLife = 24 * time.Hour
	}
	if o.Pace.Step == 0 {
		o.Pace.Step = 2 * time.Second
	}
	if o.Taxpayers == nil {
		o.Taxpayers = DefaultTaxpayers()
	}
	if o.Buyers == nil {
		o.Buyers = DefaultBuyers()
	}
	series := map[string]string{KindEFatura: "EPA", KindEArsiv: "EPK", KindEMM: "EPM", KindESMM: "SMM"}
	maps.Copy(series, o.Default)
	o.Default = series
	if o.LogLimit == 0 {
		o.LogLimit = 1_000_000
	}
	s := &Simulator{o: o, key: o.APIKey}
	s.routes = s.table()
	s.documents.pace, s.documents.rules, s.documents.defaults = o.Pace, o.Rules, o.Default
	if o.Prefixes != nil {
		s.documents.prefixes = map[string]bool{}
		for _, p := range o.Prefixes {
			s.documents.prefixes[p] = true
		}
	}
	s.Reset()
	return s
}

// Reset forgets documents, inbox, faults, log, tokens, numbers and the clock's offset, and takes up the options' taxpayers and
// buyers again.
func (s *Simulator) Reset() {
	s.offset.Store(0)
	s.documents.mu.Lock()
	s.documents.reset()
	s.documents.buyers = maps.Clone(s.o.Buyers)
	s.documents.mu.Unlock()
	s.inbox.reset()
	s.faults.clear()
	s.journal.reset()
	s.tokens.revoke()
	s.registry.set(s.o.Taxpayers, s.o.Filler)
}

// Now is the simulator's clock.
func (s *Simulator) Now() time.Time { return s.o.Clock.Now().Add(time.Duration(s.offset.Load())) }

// Advance moves the simulator's clock.
func (s *Simulator) Advance(d time.Duration) { s.offset.Add(int64(d)) }

// Documents lists every accepted outgoing document, oldest first.
func (s *Simulator) Documents() []Document {
	var out []Document
	s.documents.each(s.Now(), func(d *record) { out = append(out, d.row()) })
	return out
}

// UBL returns a document as the provider hands it out, with its number; nil when there is none.
func (s *Simulator) UBL(ettn uuid.UUID) []byte {
	var out []byte
	s.documents.with("", ettn, s.Now(), func(d *record) { out = d.ubl() })
	return out
}

// SetStatus puts a document (outgoing, else incoming) into a status by hand, where it stays until it is queued again.
// A nil envelope leaves the envelope code as it is. The error says that there is no such document.
func (s *Simulator) SetStatus(ettn uuid.UUID, status int, message string, envelope *int) error {
	known := s.documents.with("", ettn, s.Now(), func(d *record) {
		d.status, d.message, d.pinned = status, message, true
		if envelope != nil {
			d.code = *envelope
		}
	})
	if known || s.inbox.setStatus(ettn, status) {
		return nil
	}
	return unknownDocument(ettn)
}

// SetTaxpayers replaces the taxpayer list; filler generated ones are added.
func (s *Simulator) SetTaxpayers(list []Taxpayer, filler int) { s.registry.set(list, filler) }

// AddTaxpayers adds rows to the taxpayer list.
func (s *Simulator) AddTaxpayers(list ...Taxpayer) { s.registry.add(list) }

// SetBuyer says what happens with documents to a tax number from now on.
func (s *Simulator) SetBuyer(taxNo string, b Buyer) {
	s.documents.mu.Lock()
	defer s.documents.mu.Unlock()
	s.documents.buyers[taxNo] = b
}

func (s *Simulator) buyer(taxNo string) Buyer {
	s.documents.mu.Lock()
	defer s.documents.mu.Unlock()
	return s.documents.buyers[taxNo]
}

// Log lists every provider request since the start or Reset, in order of arrival.
func (s *Simulator) Log() []LogEntry { return s.journal.list() }

// SetFault adds a fault; the first added that matches a request strikes.
func (s *Simulator) SetFault(f Fault) error { return s.faults.add(f) }

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() { s.faults.clear() }

// Faults lists the faults that are set.
func (s *Simulator) Faults() []Fault { return s.faults.list() }

// journal remembers requests.
type journal struct {
	mu      sync.Mutex
	entries []LogEntry
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
}

// open reserves the place of a request that has just arrived; -1 when the log is full.
func (j *journal) open(e LogEntry, limit int) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) >= limit {
		return -1
	}
	j.entries = append(j.entries, e)
	return len(j.entries) - 1
}

// close writes what became of it.
func (j *journal) close(at int, e LogEntry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if at >= 0 && at < len(j.entries) { // else Reset came between, or the log is full
		j.entries[at] = e
	}
}

func (j *journal) list() []LogEntry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]LogEntry(nil), j.entries...)
}
