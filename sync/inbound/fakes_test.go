package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// inbox is a provider's inbox with memory.
type inbox struct {
	files  map[uuid.UUID][]byte
	isNew  map[uuid.UUID]bool
	order  []uuid.UUID
	deaf   bool // clearing is answered and not done
	ackErr error

	arrived map[uuid.UUID]time.Time
	number  map[uuid.UUID]string
	lost    map[uuid.UUID]error // downloads that fail
	pdf     map[uuid.UUID][]byte
	fetches map[uuid.UUID]int
	mu      sync.Mutex
	between func() // happens before each page
	largest int    // rows of a page at most; 0 = as many as asked for
	total   int    // what the total says too much
}

func (b *inbox) List(_ context.Context, q providers.InboxQuery) (providers.InboxPage, error) {
	if b.between != nil {
		b.between()
	}
	var fresh []providers.InboxItem
	for _, id := range b.order {
		if (b.isNew[id] || !q.OnlyNew) && !b.arrived[id].Before(q.From) && (q.To.IsZero() || !b.arrived[id].After(q.To)) {
			fresh = append(fresh, providers.InboxItem{ETTN: id, IsNew: b.isNew[id], ArrivedAt: b.arrived[id], Number: b.number[id]})
		}
	}
	if b.largest > 0 {
		q.Size = min(q.Size, b.largest)
	}
	from := min((q.Page-1)*q.Size, len(fresh))
	to := min(from+q.Size, len(fresh))
	return providers.InboxPage{Items: fresh[from:to], More: to < len(fresh), Total: len(fresh) + b.total}, nil
}

func (b *inbox) Fetch(_ context.Context, id uuid.UUID) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fetches[id]++
	return b.files[id], b.lost[id]
}

func (b *inbox) FetchFile(_ context.Context, id uuid.UUID, _ providers.FileFormat) ([]byte, error) {
	if content, ok := b.pdf[id]; ok {
		return content, nil
	}
	return nil, fault.New(fault.NotFound, "fetching a PDF", errors.New("there is none"))
}

func (b *inbox) Acknowledge(_ context.Context, ids []uuid.UUID) error {
	if b.ackErr != nil {
		return b.ackErr
	}
	for _, id := range ids {
		b.isNew[id] = b.deaf
	}
	return nil
}

// memory is a ledger that remembers rows, and hands each due row out once until it is moved.
type memory struct {
	mu     sync.Mutex
	rows   []*ledger.Received
	raw    map[int64][]byte
	leased map[int64]bool
	marks  map[string]time.Time
	finds  []uuid.UUID
	wants  map[uuid.UUID]string // format: due, done or gone
	files  map[uuid.UUID][]byte
	tooBig map[uuid.UUID]bool
	misses map[uuid.UUID]ledger.Miss
}

func (m *memory) of(id uuid.UUID) *ledger.Received {
	for _, r := range m.rows {
		if r.ETTN == id {
			return r
		}
	}
	return nil
}

func (m *memory) KnownReceived(_ context.Context, _ string, ids []uuid.UUID) (map[uuid.UUID]ledger.ReceivedState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[uuid.UUID]ledger.ReceivedState{}
	for _, r := range m.rows {
		for _, id := range ids {
			if r.ETTN == id {
				out[id] = r.State
			}
		}
	}
	return out, nil
}

func (m *memory) Misses(_ context.Context, _ string, ids []uuid.UUID) (map[uuid.UUID]ledger.Miss, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[uuid.UUID]ledger.Miss{}
	for _, id := range ids {
		if miss, ok := m.misses[id]; ok {
			out[id] = miss
		}
	}
	return out, nil
}

func (m *memory) AddMisses(_ context.Context, missed []ledger.Missed) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range missed {
		miss := m.misses[one.ETTN]
		miss.Failures, miss.Due = miss.Failures+1, one.NextIn <= 0
		m.misses[one.ETTN] = miss
	}
	return nil
}

// age lets time pass for what could not be downloaded.
func (m *memory) age(d time.Duration) {
	for id, miss := range m.misses {
		miss.Age, miss.Due = miss.Age+d, true
		m.misses[id] = miss
	}
}

func (m *memory) StoreReceived(_ context.Context, items []ledger.NewReceived) (added int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var not ledger.NotAdded
	for _, item := range items {
		if m.of(item.ETTN) != nil {
			continue
		}
		if m.tooBig[item.ETTN] && len(item.Raw) > 0 {
			not.Items = append(not.Items, ledger.NotAddedItem{Key: ledger.Key{KeySpace: item.Company, SaleKey: item.ETTN.String()}, Err: errors.New("too large")})
			continue
		}
		row := item.Received
		row.ID = int64(len(m.rows) + 1)
		row.Hash = sum(item.Raw)
		m.rows = append(m.rows, &row)
		m.raw[row.ID] = item.Raw
		m.leased[row.ID] = item.NextIn > 0 // not due yet
		if item.Found {
			m.finds = append(m.finds, item.ETTN)
		}
		for _, format := range item.Wants {
			if format == ledger.FilePDF {
				m.wants[item.ETTN] = "due"
			}
		}
		added++
	}
	if len(not.Items) > 0 {
		return added, fault.New(fault.Permanent, "storing", &not)
	}
	return added, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func (m *memory) ReopenReceived(_ context.Context, _ string, ids []uuid.UUID) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if r := m.of(id); r != nil && r.State == ledger.ReceivedAcknowledged {
			r.State, m.leased[r.ID] = ledger.ReceivedProjected, false
			n++
		}
	}
	return n, nil
}

func (m *memory) RawSizes(_ context.Context, ids []int64) (map[int64]int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int64]int{}
	for _, id := range ids {
		out[id] = len(m.raw[id])
	}
	return out, nil
}

func (m *memory) RawsReceived(_ context.Context, ids []int64) (map[int64]ledger.Raw, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int64]ledger.Raw{}
	for _, id := range ids {
		out[id] = ledger.Raw{Bytes: m.raw[id]}
	}
	return out, nil
}

func (m *memory) ReplaceReceived(_ context.Context, r ledger.Received, raw []byte) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.raw[r.ID], m.rows[r.ID-1].Hash = raw, sum(raw)
	return sum(raw), nil
}

func (m *memory) Mark(_ context.Context, name string) (time.Time, error) { return m.marks[name], nil }

func (m *memory) SetMark(_ context.Context, name string, at time.Time) error {
	m.marks[name] = at
	return nil
}

func (m *memory) DueFetches(_ context.Context, _, _ string, limit int) (out []ledger.Fetch, err error) {
	for id, state := range m.wants {
		if state == "due" && len(out) < limit {
			out = append(out, ledger.Fetch{Received: *m.of(id), Format: ledger.FilePDF})
		}
	}
	return out, nil
}

func (m *memory) KeepReceivedFiles(_ context.Context, files []ledger.NewFile) ([]string, []error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	hashes := make([]string, len(files))
	for i, f := range files {
		m.files[f.ETTN], hashes[i] = f.Content, sum(f.Content)
	}
	return hashes, make([]error, len(files)), nil
}

func (m *memory) ReceivedFile(_ context.Context, _ string, id uuid.UUID, _ string) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if content, ok := m.files[id]; ok {
		return content, sum(content), nil
	}
	return nil, "", fault.New(fault.NotFound, "reading a file", errors.New("there is none"))
}

func (m *memory) EndFetches(_ context.Context, ended []ledger.Fetched) error {
	for _, e := range ended {
		m.wants[e.ETTN] = "later"
		if e.Done {
			m.wants[e.ETTN] = "done"
		}
	}
	return nil
}

func (m *memory) LeaseReceived(_ context.Context, _, _ string, states []ledger.ReceivedState, _ string, _ time.Duration, limit int) ([]ledger.Received, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []ledger.Received
	for _, r := range m.rows {
		for _, s := range states {
			if r.State == s && !m.leased[r.ID] && len(out) < limit {
				m.leased[r.ID] = true
				out = append(out, *r)
			}
		}
	}
	return out, nil
}

func (m *memory) MoveReceived(_ context.Context, moves []ledger.ReceivedMove) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, move := range moves {
		r := m.rows[move.ID-1]
		if r.State != move.From {
			continue
		}
		r.State, r.Reason = move.To, move.Reason
		// A row that was put off is not due again in the same pass.
		m.leased[r.ID] = move.To == move.From || move.To == ledger.ReceivedQuarantined
	}
	return nil
}

// shop is an ERP with memory.
type shop struct {
	away error
	bad  map[uuid.UUID]error
	rows map[uuid.UUID]erp.Received
	pdfs map[uuid.UUID][]byte
}

func (s *shop) Ready(context.Context) error { return s.away }

func (s *shop) WriteReceived(_ context.Context, all []erp.Received) ([]error, error) {
	errs := make([]error, len(all))
	for i, r := range all {
		if err := s.bad[r.ETTN]; err != nil && !r.Unread {
			errs[i] = err
			continue
		}
		s.rows[r.ETTN] = r
	}
	return errs, nil
}

func (s *shop) WriteReceivedFiles(_ context.Context, all []erp.Received) ([]error, error) {
	for _, r := range all {
		s.pdfs[r.ETTN] = r.Files[0].Bytes
	}
	return make([]error, len(all)), nil
}
