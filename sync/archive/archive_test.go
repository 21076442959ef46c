package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
	"faturad/internal/fault"
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

func TestEverythingIsArchivedOnce(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(60), t.TempDir()
	j := s.job(t, dir, "one")
	r, err := j.Run(t.Context())
	if err != nil || r.Entered != 360 || r.Stored != 360 || r.Shown != 360 || r.Failed != 0 || r.Paused != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	s.whole(t, dir)
	downloads := s.downloads
	if r, err := j.Run(t.Context()); err != nil || r != (Result{}) || s.downloads != downloads {
		t.Errorf("a second pass: %+v, %v, %d downloads more", r, err, s.downloads-downloads)
	}
	for _, name := range lying(t, dir) {
		if !strings.HasPrefix(name, "acme/2026/10/giden/") && !strings.HasPrefix(name, "acme/2026/10/gelen/") {
			t.Errorf("%s", name)
		}
	}
	info, err := os.Stat(filepath.Join(dir, s.files[0].Path))
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("everybody may read it: %v, %v", info.Mode(), err)
	}
}

// TestArchiveSurvivesDeathAtEveryCall kills the process before and after each call: in the end every file is there, whole.
func TestArchiveSurvivesDeathAtEveryCall(t *testing.T) {
	t.Parallel()
	deaths := 0
	for _, late := range []bool{false, true} {
		for dieAt := 1; ; dieAt++ {
			s, dir := newShelf(1), t.TempDir()
			j := s.job(t, dir, "first")
			j.InFlight = 1
			s.dieAt, s.late = dieAt, late
			if !s.dies(t, j) {
				break
			}
			deaths++
			s.clock.Advance(time.Hour)
			if _, err := s.job(t, dir, "second").Run(t.Context()); err != nil {
				t.Errorf("killed at call %d: %v", dieAt, err)
			}
			s.whole(t, dir)
			for id, n := range s.shown {
				if n == 0 {
					t.Errorf("killed at call %d: the ERP does not show file %d", dieAt, id)
				}
			}
		}
	}
	if deaths < 30 {
		t.Errorf("only %d deaths", deaths)
	}
}

// dies runs one pass; a download runs in a goroutine of its own, whose death is the process's.
func (s *shelf) dies(t *testing.T, j *Job) (died bool) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			died = true
		}
	}()
	files := j.Accounts[0].Provider
	j.Accounts[0].Provider = mortal{s, files, &died}
	j.Ledger = mortalLedger{j.Ledger, &died}
	_, err := j.Run(t.Context())
	if err != nil && !died {
		t.Error(err)
	}
	return died
}

// mortal turns a death in a worker into an error that ends the pass without a trace: nothing is recorded after it.
type mortal struct {
	*shelf
	providers.Provider
	died *bool
}

func (m mortal) Capabilities() providers.Capabilities { return m.shelf.Capabilities() }
func (m mortal) Prepare(d providers.Draft) (providers.Payload, error) {
	return m.shelf.Prepare(d)
}
func (m mortal) Send(ctx context.Context, o providers.Outgoing) (providers.Receipt, error) {
	return m.shelf.Send(ctx, o)
}
func (m mortal) Lookup(ctx context.Context, id providers.Identity) (providers.Found, error) {
	return m.shelf.Lookup(ctx, id)
}

func (m mortal) guard(do func() ([]byte, error)) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			*m.died, err = true, fault.New(fault.Permanent, "dying", errors.New("killed"))
		}
	}()
	return do()
}

func (m mortal) Download(ctx context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	return m.guard(func() ([]byte, error) { return m.shelf.Download(ctx, id, format) })
}

func (m mortal) FetchFile(ctx context.Context, id uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return m.guard(func() ([]byte, error) { return m.shelf.FetchFile(ctx, id, format) })
}

// mortalLedger records nothing for a process that died in one of its workers.
type mortalLedger struct {
	Ledger
	died *bool
}

func (m mortalLedger) MoveFiles(ctx context.Context, moves []ledger.FileMove) error {
	if *m.died {
		panic(crash{})
	}
	return m.Ledger.MoveFiles(ctx, moves)
}

func (m mortalLedger) RawReceived(ctx context.Context, id int64) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			*m.died, err = true, errors.New("killed")
		}
	}()
	return m.Ledger.RawReceived(ctx, id)
}

func TestOneBadFileStopsNoOther(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(4), t.TempDir()
	s.bad[s.issued[1].ETTN.String()+"pdf"] = fault.New(fault.NotFound, "downloading", errors.New("gone"))
	j := s.job(t, dir, "one")
	r, err := j.Run(t.Context())
	if err != nil || r.Stored != 23 || r.Failed != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err = j.Run(t.Context()); err != nil || r.Failed != 0 || r.Stored != 0 {
		t.Errorf("asked for again at once: %+v, %v", r, err)
	}
	clear(s.bad)
	s.clock.Advance(2 * time.Minute)
	if r, err = j.Run(t.Context()); err != nil || r.Stored != 1 {
		t.Errorf("when it is there: %+v, %v", r, err)
	}
	s.whole(t, dir)
}

func TestProviderAwayEndsThePass(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(40), t.TempDir()
	s.away = fault.New(fault.Retryable, "downloading", errors.New("connection refused"))
	j := s.job(t, dir, "one")
	j.Formats = []string{"pdf"}
	if r, err := j.Run(t.Context()); !errors.Is(err, fault.Retryable) || r.Failed != batch {
		t.Errorf("%+v, %v: want one batch tried, and the reason", r, err)
	}
	s.away = nil
	s.clock.Advance(time.Hour)
	if r, err := j.Run(t.Context()); err != nil || r.Stored != 80 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestFormsThatNobodyGives are neither waited for nor missed.
func TestFormsThatNobodyGives(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(3), t.TempDir()
	s.promises = providers.Capabilities{Files: []providers.FileFormat{providers.FormatUBL, providers.FormatHTML}, InboxFiles: []providers.FileFormat{providers.FormatUBL}}
	j := s.job(t, dir, "one")
	if r, err := j.Run(t.Context()); err != nil || r.Entered != 9 || r.Stored != 9 || r.Failed != 0 {
		t.Errorf("%+v, %v: want UBL and HTML of three issued, and UBL of three received invoices", r, err)
	}
	e, err := j.Export(t.Context(), Month{october.Year, october.Month}, io.Discard)
	if err != nil || e.Missing != 0 || e.Files != 6 {
		t.Errorf("the pack: %+v, %v", e, err)
	}
	s.promises.Files = []providers.FileFormat{providers.FormatUBL, providers.FormatPDF, providers.FormatHTML}
	if r, err := j.Run(t.Context()); err != nil || r.Stored != 3 {
		t.Errorf("once it gives PDF: %+v, %v", r, err)
	}
}

// TestFullDiskPausesBeforeItIsFull: the floor stays free, nothing is fetched for nothing, and the pass is no failure.
func TestFullDiskPausesBeforeItIsFull(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(3), t.TempDir()
	j := s.job(t, dir, "one")
	free := uint64(1000)
	j.Folder.minFree, j.Folder.free = 1000, func() (uint64, error) { return free, nil }
	free--
	r, err := j.Run(t.Context())
	if err != nil || r.Paused == nil || r.Stored != 0 || s.downloads != 0 || len(lying(t, dir)) != 0 {
		t.Errorf("below the floor: %+v, %v, %d downloads", r, err, s.downloads)
	}
	free = 1010 // room for no file
	if r, err = j.Run(t.Context()); err != nil || !isFull(r.Paused) || r.Stored != 0 {
		t.Errorf("no room for a file: %+v, %v", r, err)
	}
	free = 1 << 20
	s.clock.Advance(2 * time.Minute)
	if r, err = j.Run(t.Context()); err != nil || r.Paused != nil || r.Stored != 18 {
		t.Errorf("when there is room: %+v, %v", r, err)
	}
	s.whole(t, dir)
	for _, f := range s.files {
		if f.Failures != 0 {
			t.Errorf("the full disk counts as a failure of %s", f.Path)
		}
	}
}

func TestVerifyAndRepair(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(5), t.TempDir()
	j := s.job(t, dir, "one")
	if _, err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v, err := j.Verify(t.Context(), false); err != nil || v.Checked != 30 || v.Damaged != 0 || !v.Whole() {
		t.Fatalf("%+v, %v", v, err)
	}
	if err := os.Remove(filepath.Join(dir, s.files[0].Path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, s.files[7].Path), []byte("tampered with"), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := j.Verify(t.Context(), false)
	if err != nil || v.Damaged != 2 || v.Whole() || v.Findings[0].Problem != ledger.FileMissing || v.Findings[1].Problem != ledger.FileChanged {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err = j.Verify(t.Context(), true); err != nil || v.Repaired != 2 || !v.Whole() {
		t.Fatalf("repaired: %+v, %v", v, err)
	}
	s.whole(t, dir)
}

// TestAnotherDocumentIsNotTakenForTheLostOne: a signed UBL never changes; a picture of it may be drawn anew.
func TestAnotherDocumentIsNotTakenForTheLostOne(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(1), t.TempDir()
	j := s.job(t, dir, "one")
	if _, err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range s.files {
		if f.Direction == ledger.Outgoing {
			if err := os.Remove(filepath.Join(dir, f.Path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.other = true
	v, err := j.Verify(t.Context(), true)
	if err != nil || v.Damaged != 3 || v.Repaired != 2 || v.Whole() {
		t.Errorf("%+v, %v", v, err)
	}
	for _, f := range s.files {
		if f.Direction == ledger.Outgoing && f.Format == "ubl" && (f.Problem != ledger.FileDiffers || f.State == ledger.FileStored) {
			t.Errorf("%+v", f)
		}
	}
}

// TestEarlyFilesAreRenewed: what waits for its buyer is filed at once and fetched again when it is final; other bytes are then
// no reason for an alarm, and later they are.
func TestEarlyFilesAreRenewed(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(1), t.TempDir()
	j := s.job(t, dir, "one")
	s.issued[0].State = ledger.Sent
	if r, err := j.Run(t.Context()); err != nil || r.Stored != 6 || r.Renewed != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := j.Run(t.Context()); err != nil || r != (Result{}) {
		t.Errorf("while it waits: %+v, %v", r, err)
	}
	s.issued[0].State, s.other = ledger.Accepted, true
	if r, err := j.Run(t.Context()); err != nil || r.Renewed != 3 || r.Stored != 3 || r.Shown != 3 {
		t.Errorf("when it is final: %+v, %v", r, err)
	}
	for _, f := range s.files {
		if f.Early || f.Direction == ledger.Outgoing && f.SHA256 != sumOf(s.content(f.ETTN, providers.FileFormat(f.Format))) {
			t.Errorf("%+v", f)
		}
	}
	if r, err := j.Run(t.Context()); err != nil || r != (Result{}) {
		t.Errorf("afterwards: %+v, %v", r, err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(2), t.TempDir()
	s.issued[0].IssueDate = invoice.Date{Year: 2015, Month: 12, Day: 31}
	s.issued[1].IssueDate = invoice.Date{Year: 2016, Month: 1, Day: 1}
	j := s.job(t, dir, "one")
	if _, err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, year := range []string{"2015", "2016"} {
		if err := os.RemoveAll(filepath.Join(dir, "acme", year)); err != nil {
			t.Fatal(err)
		}
	}
	v, err := j.Verify(t.Context(), false)
	if err != nil || v.Expired != 3 || v.Damaged != 3 {
		t.Errorf("%+v, %v: want what is older than ten years after its year to be free to go, the rest missed", v, err)
	}
}

func TestWorkshopIsTidied(t *testing.T) {
	t.Parallel()
	s, dir := newShelf(1), t.TempDir()
	j := s.job(t, dir, "one")
	old, fresh := filepath.Join(dir, workshop, "old"), filepath.Join(dir, workshop, "fresh")
	for name, at := range map[string]time.Time{old: s.clock.Now().Add(-25 * time.Hour), fresh: s.clock.Now()} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a dead process left is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("what somebody is writing is gone: %v", err)
	}
}

// TestFolderCannotBeLeft: no name leads out of the folder, also not through a link that somebody put there.
func TestFolderCannotBeLeft(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	f, err := OpenFolder(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Symlink(outside, filepath.Join(dir, "acme")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../out.xml", "acme/2026/x.xml", "/tmp/x.xml"} {
		if _, err := f.Write(name, []byte("x")); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if left := lying(t, outside); len(left) != 0 {
		t.Errorf("written outside: %v", left)
	}
}
