package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/ledger"
)

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
