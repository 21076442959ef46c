package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

// crash is what a killed process leaves.
type crash struct{}

// shelf is a ledger, a provider and an ERP with memory, and a call at which the process dies.
type shelf struct {
	mu    sync.Mutex
	clock *clock.Manual
	files []*ledger.File
	next  map[int64]time.Time
	lease map[int64]time.Time
	shown map[int64]int

	issued    []ledger.Document
	received  []ledger.Received
	raw       map[int64][]byte
	away      error // the provider's
	bad       map[string]error
	downloads int
	other     bool // the provider gives other bytes than before
	promises  providers.Capabilities

	calls, dieAt int
	late         bool
}

func (s *shelf) step(effect func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.calls == s.dieAt && !s.late {
		panic(crash{})
	}
	effect()
	if s.calls == s.dieAt {
		panic(crash{})
	}
}

func (s *shelf) has(way ledger.Direction, id uuid.UUID, format string) bool {
	return slices.ContainsFunc(s.files, func(f *ledger.File) bool { return f.Direction == way && f.ETTN == id && f.Format == format })
}

func (s *shelf) ToArchive(_ context.Context, _ string, way ledger.Direction, format string, without []string, limit int) (out []ledger.Archivable, err error) {
	s.step(func() {
		if way == ledger.Outgoing {
			for _, d := range s.issued {
				if !s.has(way, d.ETTN, format) && !slices.Contains(without, d.Account) && len(out) < limit {
					out = append(out, ledger.Archivable{ID: d.ID, Account: d.Account, ETTN: d.ETTN, Kind: d.Route.Kind, IssuedOn: d.IssueDate})
				}
			}
			return
		}
		for _, r := range s.received {
			if !s.has(way, r.ETTN, format) && !slices.Contains(without, r.Account) && len(out) < limit {
				out = append(out, ledger.Archivable{ID: r.ID, Account: r.Account, ETTN: r.ETTN, IssuedOn: r.IssueDate})
			}
		}
	})
	return out, nil
}

func (s *shelf) RefreshFiles(context.Context, string) (n int, err error) {
	s.step(func() {
		for _, f := range s.files {
			if f.Early && f.State == ledger.FileStored && s.issued[f.Document-1].State.Archivable() {
				f.State = ledger.FileWanted
				n++
			}
		}
	})
	return n, nil
}

func (s *shelf) WantFiles(_ context.Context, files []ledger.File) error {
	s.step(func() {
		for _, f := range files {
			if !s.has(f.Direction, f.ETTN, f.Format) {
				f.ID, f.State = int64(len(s.files)+1), ledger.FileWanted
				s.files = append(s.files, &f)
			}
		}
	})
	return nil
}

func (s *shelf) LeaseFiles(_ context.Context, _, owner string, ttl time.Duration, limit int) (out []ledger.File, err error) {
	s.step(func() {
		now := s.clock.Now()
		for _, f := range s.files {
			if f.State == ledger.FileWanted && !s.next[f.ID].After(now) && !s.lease[f.ID].After(now) && len(out) < limit {
				s.lease[f.ID], f.LeaseOwner = now.Add(ttl), owner
				f.LeaseEpoch++
				out = append(out, *f)
			}
		}
	})
	return out, nil
}

func (s *shelf) MoveFiles(_ context.Context, moves []ledger.FileMove) error {
	s.step(func() {
		for _, m := range moves {
			f := s.files[m.File.ID-1]
			if f.LeaseEpoch != m.File.LeaseEpoch || f.State != ledger.FileWanted {
				continue
			}
			delete(s.lease, f.ID)
			if m.Stored {
				f.State, f.Size, f.SHA256, f.Problem, f.Message, f.StoredAt = ledger.FileStored, m.Size, m.SHA256, "", "", s.clock.Now()
				s.shown[f.ID], f.Early = 0, m.Early
				continue
			}
			f.Problem, f.Message, s.next[f.ID] = m.Problem, m.Message, s.clock.Now().Add(m.NextIn)
			if m.Failed {
				f.Failures++
			}
		}
	})
	return nil
}

func (s *shelf) Files(_ context.Context, q ledger.FileFilter) (out []ledger.File, err error) {
	s.step(func() {
		for _, f := range s.files {
			inside := (q.From.IsZero() || !f.IssuedOn.Before(q.From)) && (q.Till.IsZero() || f.IssuedOn.Before(q.Till))
			if f.ID > q.AfterID && inside && (!q.Stored || f.State == ledger.FileStored) && len(out) < q.Limit {
				out = append(out, *f)
			}
		}
	})
	return out, nil
}

func (s *shelf) MarkChecked(_ context.Context, checked []ledger.Checked) error {
	s.step(func() {
		for _, c := range checked {
			f := s.files[c.ID-1]
			if f.Problem = c.Problem; c.Refetch {
				f.State = ledger.FileWanted
			}
		}
	})
	return nil
}

func (s *shelf) Unshown(_ context.Context, _ string, limit int) (out []ledger.File, err error) {
	s.step(func() {
		for _, f := range s.files {
			if f.State == ledger.FileStored && s.shown[f.ID] == 0 && len(out) < limit {
				out = append(out, *f)
			}
		}
	})
	return out, nil
}

func (s *shelf) MarkShown(_ context.Context, shown, _ []int64, _ time.Duration) error {
	s.step(func() {
		for _, id := range shown {
			s.shown[id]++
		}
	})
	return nil
}

func (s *shelf) RawReceived(_ context.Context, id int64) (out []byte, err error) {
	s.step(func() { out = s.raw[id] })
	return out, nil
}

func (s *shelf) DocumentByID(_ context.Context, id int64) (ledger.Document, error) {
	return s.issued[id-1], nil
}
func (s *shelf) ReceivedByID(_ context.Context, id int64) (ledger.Received, error) {
	return s.received[id-1], nil
}

func (s *shelf) ShowFile(_ context.Context, _ ledger.File, where string, data []byte) (err error) {
	s.step(func() {
		if disk, rerr := os.ReadFile(where); rerr != nil || !bytes.Equal(disk, data) {
			err = fmt.Errorf("%s is not there: %w", where, rerr)
		}
	})
	return err
}

func (s *shelf) content(id uuid.UUID, format providers.FileFormat) []byte {
	if s.other {
		return []byte("other " + string(format) + id.String())
	}
	return []byte(string(format) + " of " + id.String())
}

func (s *shelf) file(id uuid.UUID, format providers.FileFormat) (out []byte, err error) {
	s.step(func() {
		if err = s.away; err != nil {
			return
		}
		if err = s.bad[id.String()+string(format)]; err == nil {
			s.downloads++
			out = s.content(id, format)
		}
	})
	return out, err
}

func (s *shelf) Download(_ context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	return s.file(id.ETTN, format)
}
func (s *shelf) FetchFile(_ context.Context, id uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return s.file(id, format)
}
func (s *shelf) List(context.Context, providers.InboxQuery) (providers.InboxPage, error) {
	return providers.InboxPage{}, errors.ErrUnsupported
}
func (s *shelf) Fetch(_ context.Context, id uuid.UUID) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
func (s *shelf) Acknowledge(context.Context, []uuid.UUID) error { return errors.ErrUnsupported }
func (s *shelf) Capabilities() providers.Capabilities           { return s.promises }
func (s *shelf) Prepare(providers.Draft) (providers.Payload, error) {
	return providers.Payload{}, errors.ErrUnsupported
}
func (s *shelf) Send(context.Context, providers.Outgoing) (providers.Receipt, error) {
	return providers.Receipt{}, errors.ErrUnsupported
}
func (s *shelf) Lookup(context.Context, providers.Identity) (providers.Found, error) {
	return providers.Found{}, errors.ErrUnsupported
}

var october = invoice.Date{Year: 2026, Month: 10, Day: 5}

// newShelf holds n issued and n received invoices of October 2026; today is a month later.
func newShelf(n int) *shelf {
	s := &shelf{clock: clock.NewManual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)), next: map[int64]time.Time{}, lease: map[int64]time.Time{},
		shown: map[int64]int{}, raw: map[int64][]byte{}, bad: map[string]error{}}
	for i := range n {
		id := int64(i + 1)
		d := ledger.Document{ID: id, Company: "acme", Account: "main", ETTN: uuid.New(), State: ledger.Accepted, Number: fmt.Sprintf("FTR202600000%04d", i+1),
			BuyerTaxNo: "1234567890", BuyerName: "=Örnek; \"A.Ş.\"", Currency: "TRY", IssueDate: october}
		d.Payable = decimal.NewNullDecimal(decimal.New(12050, -2))
		s.issued = append(s.issued, d)
		r := ledger.Received{ID: id, Company: "acme", Account: "main", ETTN: uuid.New(), Number: "../../etc/passwd", SenderTaxNo: "1234567890", SenderTitle: "Satıcı Ltd. Şti.",
			Currency: "USD", IssueDate: october, State: ledger.ReceivedAcknowledged}
		r.Payable = decimal.NewNullDecimal(decimal.New(10, 0))
		s.received = append(s.received, r)
		s.raw[id] = []byte("raw ubl of " + r.ETTN.String())
	}
	return s
}

func (s *shelf) job(t *testing.T, dir, owner string) *Job {
	t.Helper()
	folder, err := OpenFolder(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := folder.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Job{Company: "acme", Owner: owner, Ledger: s, ERP: s, Accounts: []Account{{"main", s}}, Folder: folder, Clock: s.clock,
		Log: slog.New(slog.DiscardHandler), Formats: Formats(), InFlight: 3}
}

// whole fails unless every file lies where its row says, with the bytes that it says, and nothing else lies there.
func (s *shelf) whole(t *testing.T, dir string) {
	t.Helper()
	want := map[string]bool{}
	for _, f := range s.files {
		want[f.Path] = true
		data, err := os.ReadFile(filepath.Join(dir, f.Path))
		if err != nil || f.State != ledger.FileStored || f.SHA256 != sumOf(data) || f.Size != int64(len(data)) {
			t.Errorf("%s: %s, %v", f.Path, f.State, err)
			continue
		}
		expected := s.content(f.ETTN, providers.FileFormat(f.Format))
		if f.Direction == ledger.Incoming && f.Format == "ubl" {
			expected = s.raw[f.Received]
		}
		if !bytes.Equal(data, expected) {
			t.Errorf("%s holds %q, want %q", f.Path, data, expected)
		}
	}
	if n := 6 * len(s.issued); len(s.files) != n {
		t.Errorf("%d files, want %d", len(s.files), n)
	}
	for _, name := range lying(t, dir) {
		if !want[name] {
			t.Errorf("%s lies there, and no row names it", name)
		}
	}
}

// lying lists the files of the archive, those of the workshop left out.
func lying(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(name, workshop) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
