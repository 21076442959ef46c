package ledger

import (
	"errors"
	"testing"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

// TestFiles takes an issued and a received invoice through the archive's rows.
func TestFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 3)
	b.db.Exec(t, "UPDATE documents SET state = 'accepted', number = CONCAT('FTR', id), account = 'main', route_kind = 'e-arsiv', issue_date = '2026-10-05' WHERE id IN (?, ?)", docs[0].ID, docs[1].ID)
	if _, err := b.StoreReceived(t.Context(), []NewReceived{incoming(7)}); err != nil {
		t.Fatal(err)
	}
	found, err := b.ToArchive(t.Context(), company, Outgoing, "pdf", nil, 1)
	if err != nil || len(found) != 1 || found[0].ETTN != docs[0].ETTN || found[0].Kind != invoice.EArsiv || found[0].IssuedOn.String() != "2026-10-05" {
		t.Fatalf("%+v, %v", found, err)
	}
	in, err := b.ToArchive(t.Context(), company, Incoming, "pdf", nil, 10)
	if err != nil || len(in) != 1 || in[0].ETTN != ettnOf(7) {
		t.Fatalf("%+v, %v", in, err)
	}
	if r, err := b.ReceivedByID(t.Context(), in[0].ID); err != nil || r.ETTN != ettnOf(7) {
		t.Errorf("%+v, %v", r, err)
	}
	if d, err := b.DocumentByID(t.Context(), docs[1].ID); err != nil || d.ETTN != docs[1].ETTN {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := b.DocumentByID(t.Context(), 99999); !errors.Is(err, fault.NotFound) {
		t.Errorf("a document that is not there: %v", err)
	}
	wanted := []File{
		{Company: company, Account: "main", Direction: Outgoing, Document: docs[0].ID, ETTN: docs[0].ETTN, Kind: invoice.EArsiv, Format: "pdf", Path: "a.pdf", IssuedOn: found[0].IssuedOn},
		{Company: company, Account: "main", Direction: Incoming, Received: in[0].ID, ETTN: in[0].ETTN, Format: "pdf", Path: "b.pdf", IssuedOn: in[0].IssuedOn},
	}
	for range 2 { // a crash may come before it is known
		if err := b.WantFiles(t.Context(), wanted); err != nil {
			t.Fatal(err)
		}
	}
	leased, err := b.LeaseFiles(t.Context(), company, "one", ttl, 10)
	if err != nil || len(leased) != 2 {
		t.Fatalf("%+v, %v", leased, err)
	}
	if again, err := b.LeaseFiles(t.Context(), company, "two", ttl, 10); err != nil || len(again) != 0 {
		t.Errorf("leased twice: %+v, %v", again, err)
	}
	stale := leased[1]
	stale.LeaseEpoch--
	err = b.MoveFiles(t.Context(), []FileMove{{File: leased[0], Stored: true, Size: 12, SHA256: "ab"}, {File: stale, Stored: true, Size: 1, SHA256: "cd"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.MoveFiles(t.Context(), []FileMove{{File: leased[1], Message: "no", NextIn: time.Hour, Failed: true}}); err != nil {
		t.Fatal(err)
	}
	all, err := b.Files(t.Context(), FileFilter{Company: company, Limit: 10})
	if err != nil || len(all) != 2 || all[0].State != FileStored || all[0].Size != 12 || all[0].StoredAt.IsZero() || all[1].State != FileWanted || all[1].Failures != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if n, err := b.CountFiles(t.Context(), company); err != nil || n != (FileCounts{Stored: 1, Wanted: 1, Bytes: 12}) {
		t.Errorf("%+v, %v", n, err)
	}
	if october, err := b.Files(t.Context(), FileFilter{Company: company, From: invoice.Date{Year: 2026, Month: 10, Day: 1}, Till: invoice.Date{Year: 2026, Month: 11, Day: 1}, Limit: 10}); err != nil || len(october) != 1 {
		t.Errorf("%+v, %v", october, err)
	}
	hidden, err := b.Unshown(t.Context(), company, 10)
	if err != nil || len(hidden) != 1 {
		t.Fatalf("%+v, %v", hidden, err)
	}
	if err := b.MarkShown(t.Context(), []int64{hidden[0].ID}, []int64{all[1].ID}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if hidden, err = b.Unshown(t.Context(), company, 10); err != nil || len(hidden) != 0 {
		t.Errorf("%+v, %v", hidden, err)
	}
	if err := b.MarkChecked(t.Context(), []Checked{{ID: all[0].ID, Problem: FileMissing, Refetch: true}}); err != nil {
		t.Fatal(err)
	}
	if leased, err = b.LeaseFiles(t.Context(), company, "one", ttl, 10); err != nil || len(leased) != 1 || leased[0].Problem != FileMissing || leased[0].SHA256 != "ab" {
		t.Errorf("to be fetched again: %+v, %v", leased, err)
	}
}

// TestEarlyFiles: an invoice on its way is archivable, and its files are wanted again when it is final, once.
func TestEarlyFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	doc := b.sales(t, 1)[0]
	b.db.Exec(t, "UPDATE documents SET state = 'sent', number = 'FTR1', account = 'main' WHERE id = ?", doc.ID)
	found, err := b.ToArchive(t.Context(), company, Outgoing, "ubl", nil, 10)
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	file := File{Company: company, Account: "main", Direction: Outgoing, Document: doc.ID, ETTN: doc.ETTN, Format: "ubl", Path: "a", IssuedOn: found[0].IssuedOn}
	if err := b.WantFiles(t.Context(), []File{file}); err != nil {
		t.Fatal(err)
	}
	store := func(early bool) {
		t.Helper()
		leased, err := b.LeaseFiles(t.Context(), company, "one", ttl, 10)
		if err != nil || len(leased) != 1 {
			t.Fatalf("%+v, %v", leased, err)
		}
		if err := b.MoveFiles(t.Context(), []FileMove{{File: leased[0], Stored: true, Size: 1, SHA256: "ab", Early: early}}); err != nil {
			t.Fatal(err)
		}
	}
	due := func(want int) {
		t.Helper()
		if n, err := b.FilesDue(t.Context(), company); err != nil || n != want {
			t.Errorf("%d files are due (%v), want %d", n, err, want)
		}
	}
	renewed := func(want int) {
		t.Helper()
		if n, err := b.RefreshFiles(t.Context(), company); err != nil || n != want {
			t.Errorf("%d files are to be fetched again (%v), want %d", n, err, want)
		}
	}
	due(1)
	store(true)
	renewed(0)
	b.db.Exec(t, "UPDATE documents SET state = 'rejected' WHERE id = ?", doc.ID)
	renewed(1)
	renewed(0)
	due(1)
	store(false)
	renewed(0)
	hidden, err := b.Unshown(t.Context(), company, 10)
	if err != nil || len(hidden) != 1 || hidden[0].Early {
		t.Fatalf("%+v, %v", hidden, err)
	}
	due(1) // the ERP does not show it
	if err := b.MarkShown(t.Context(), []int64{hidden[0].ID}, nil, 0); err != nil {
		t.Fatal(err)
	}
	due(0)
}

// TestArchiveCursor: what is entered is not searched for again, and a document that becomes final late is found all the same.
func TestArchiveCursor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 1200)
	enter := func() (n int) {
		t.Helper()
		for {
			found, err := b.ToArchive(t.Context(), company, Outgoing, "ubl", nil, 500)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 {
				return n
			}
			files := make([]File, len(found))
			for i, a := range found {
				files[i] = File{Company: company, Direction: Outgoing, Document: a.ID, ETTN: a.ETTN, Format: "ubl", Path: "x", IssuedOn: a.IssuedOn}
			}
			if err := b.WantFiles(t.Context(), files); err != nil {
				t.Fatal(err)
			}
			n += len(found)
		}
	}
	final := "UPDATE documents SET state = 'accepted', number = CONCAT('FTR', id), account = 'main' WHERE "
	b.db.Exec(t, final+"id > 600")
	if n := enter(); n != 600 {
		t.Errorf("%d entered, want 600", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM file_cursors"); n != 0 {
		t.Error("the cursor passed documents that move still")
	}
	b.db.Exec(t, final+"id <= 600 AND id <> 150")
	if n := enter(); n != 599 {
		t.Errorf("%d entered, want 599", n)
	}
	b.db.Exec(t, final+"id = 150")
	if n := enter(); n != 1 {
		t.Errorf("%d entered, want the late one", n)
	}
	if n := b.count(t, "SELECT below FROM file_cursors"); n != 201 {
		t.Errorf("the cursor stands at %d, want 201", n)
	}
	if n := enter(); n != 0 {
		t.Errorf("%d entered again", n)
	}
}
