package ledger

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
)

// one stores an incoming invoice and gives its row.
func (b *bench) incoming(t *testing.T, n int, change func(*NewReceived)) Received {
	t.Helper()
	item := incoming(n)
	if change != nil {
		change(&item)
	}
	if added, err := b.StoreReceived(t.Context(), []NewReceived{item}); err != nil || added != 1 {
		t.Fatalf("stored %d: %v", added, err)
	}
	return b.received(t, n)
}

func (b *bench) received(t *testing.T, n int) Received {
	t.Helper()
	found, err := b.FindReceived(t.Context(), company, ettnOf(n).String())
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	return found[0]
}

// TestReplacedBytes: bytes that were fetched again count from then on, and the first ones stay.
func TestReplacedBytes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	whole := []byte(strings.Repeat("<whole/>", 100))
	r := b.incoming(t, 0, func(n *NewReceived) { n.Raw, n.State, n.Reason = nil, ReceivedQuarantined, "no download" })
	if raw, err := b.RawReceived(t.Context(), r.ID); err != nil || len(raw) != 0 {
		t.Errorf("an invoice without bytes has %q, %v", raw, err)
	}
	hash, err := b.ReplaceReceived(t.Context(), r, whole)
	if err != nil || hash == r.Hash {
		t.Fatal(hash, err)
	}
	after := b.received(t, 0)
	raw, err := b.RawReceived(t.Context(), r.ID)
	if err != nil || !bytes.Equal(raw, whole) || after.Hash != hash {
		t.Errorf("the bytes that count are %q (%v), hash %s, want %s", raw, err, after.Hash, hash)
	}
	if same, err := b.ReplaceReceived(t.Context(), after, whole); err != nil || same != hash || b.count(t, "SELECT COUNT(*) FROM received_files") != 1 {
		t.Errorf("the same bytes again: %s, %v", same, err)
	}
	if b.count(t, "SELECT COUNT(*) FROM received WHERE hash = ?", r.Hash) != 1 {
		t.Error("the hash of the first bytes is gone")
	}
	sizes, err := b.RawSizes(t.Context(), []int64{r.ID, b.incoming(t, 1, nil).ID})
	if err != nil || len(sizes) != 2 || sizes[r.ID] != len(whole) {
		t.Errorf("sizes %v, %v", sizes, err)
	}
	b.db.Exec(t, "UPDATE received_files SET content = 'x'")
	if _, err := b.RawReceived(t.Context(), r.ID); !errors.Is(err, fault.Permanent) || !strings.Contains(err.Error(), "refetch") {
		t.Errorf("damaged bytes: %v", err)
	}
}

func TestFetches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pdf := func(n *NewReceived) { n.Wants = []string{FilePDF} }
	first, second := b.incoming(t, 0, pdf), b.incoming(t, 1, pdf)
	due := func() []Fetch {
		t.Helper()
		list, err := b.DueFetches(t.Context(), company, "main", 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := due(); len(list) != 0 {
		t.Errorf("a file is due before its invoice was looked at: %v", list)
	}
	b.db.Exec(t, "UPDATE received SET state = 'projected'")
	if list := due(); len(list) != 2 || list[0].Format != FilePDF || list[0].Hash != first.Hash {
		t.Fatalf("due: %+v", list)
	}
	if _, _, err := b.ReceivedFile(t.Context(), company, first.ETTN, FilePDF); !errors.Is(err, fault.NotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	content := []byte("%PDF " + strings.Repeat("x", 1000))
	file := NewFile{Company: company, ETTN: first.ETTN, Format: FilePDF, Content: content}
	var hashes []string
	for range 2 { // the same bytes twice are kept once
		kept, errs, err := b.KeepReceivedFiles(t.Context(), []NewFile{file})
		if err := errors.Join(append(errs, err)...); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, kept...)
	}
	if got, hash, err := b.ReceivedFile(t.Context(), company, first.ETTN, FilePDF); err != nil || !bytes.Equal(got, content) || hash != hashes[0] || hash != hashes[1] {
		t.Errorf("read back: %q %s %v, kept as %v", got, hash, err, hashes)
	}
	err := b.EndFetches(t.Context(), []Fetched{{Company: company, ETTN: first.ETTN, Format: FilePDF, Done: true},
		{Company: company, ETTN: second.ETTN, Format: FilePDF, Reason: "not yet", Again: time.Hour}})
	if err != nil || len(due()) != 0 {
		t.Errorf("ended: %v, still due %v", err, due())
	}
	b.db.Exec(t, "UPDATE received_fetches SET next_at = UTC_TIMESTAMP(6)")
	if list := due(); len(list) != 1 || list[0].ETTN != second.ETTN || list[0].Failures != 1 {
		t.Errorf("due again: %+v", list)
	}
	if err := b.EndFetches(t.Context(), []Fetched{{Company: company, ETTN: second.ETTN, Format: FilePDF, Reason: "never"}}); err != nil || len(due()) != 0 {
		t.Errorf("given up: %v", err)
	}
	if _, err := b.RewriteAll(t.Context(), company); err != nil {
		t.Fatal(err)
	}
	b.db.Exec(t, "UPDATE received SET state = 'projected'")
	if list := due(); len(list) != 1 || list[0].ETTN != first.ETTN { // the other was given up
		t.Errorf("what was fetched is to be written again: %+v", list)
	}
}

func TestReceivedReport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.incoming(t, 0, func(n *NewReceived) { n.Found = true })
	bad := b.incoming(t, 1, func(n *NewReceived) { n.State, n.Reason, n.NextIn = ReceivedQuarantined, "no XML", time.Hour })
	b.incoming(t, 2, func(n *NewReceived) { n.State, n.Failures = ReceivedProjected, 2 })
	b.incoming(t, 3, func(n *NewReceived) { n.State = ReceivedAcknowledged })
	sum, err := b.ReceivedSums(t.Context(), company)
	if err != nil || sum.Counts[ReceivedStored] != 1 || sum.Counts[ReceivedQuarantined] != 1 || !sum.Quarantined.Equal(bad.StoredAt) || sum.Uncleared != 1 ||
		sum.Finds != 1 || sum.LastFind.IsZero() {
		t.Errorf("%+v, %v", sum, err)
	}
	if none, err := b.ReceivedSums(t.Context(), "nobody"); err != nil || len(none.Counts) != 0 || !none.LastFind.IsZero() {
		t.Errorf("of a company without any: %+v, %v", none, err)
	}
	finds, err := b.FoundReceived(t.Context(), "", 10)
	if err != nil || len(finds) != 1 || finds[0].ETTN != ettnOf(0) || finds[0].FoundAt.IsZero() {
		t.Errorf("finds %+v, %v", finds, err)
	}
	if n, err := b.ReopenReceived(t.Context(), company, []uuid.UUID{ettnOf(0), ettnOf(3), ettnOf(99)}); err != nil || n != 1 || b.received(t, 3).State != ReceivedProjected {
		t.Errorf("reopened %d, %v", n, err)
	}
	quarantined := func() int {
		list, err := b.LeaseReceived(t.Context(), company, "main", []ReceivedState{ReceivedQuarantined}, "tester", ttl, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if quarantined() != 0 {
		t.Error("it is due before its time")
	}
	audit := Audit{User: "ayşe", Action: "inbox-release", Ref: bad.ETTN.String(), Reason: "sütun genişletildi"}
	if released, err := b.ReleaseReceived(t.Context(), bad, audit); err != nil || !released || quarantined() != 1 {
		t.Errorf("released %v, %v", released, err)
	}
	if released, err := b.ReleaseReceived(t.Context(), b.received(t, 0), audit); err != nil || released {
		t.Errorf("what is not quarantined was released: %v, %v", released, err)
	}
	trail, err := b.AuditTrail(t.Context(), 0)
	if err != nil || len(trail) != 1 || trail[0].User != "ayşe" || trail[0].Ref != bad.ETTN.String() {
		t.Errorf("the trail says %+v, %v", trail, err)
	}
}

// TestMisses counts the passes that failed to download an invoice, and says when it is due again.
func TestMisses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := ettnOf(1)
	asked := []uuid.UUID{id, ettnOf(2)}
	for pass, wait := range []time.Duration{time.Hour, 0} {
		if err := b.AddMisses(t.Context(), []Missed{{Company: company, Account: "main", ETTN: id, Reason: "HTTP 500", NextIn: wait}}); err != nil {
			t.Fatal(err)
		}
		found, err := b.Misses(t.Context(), company, asked)
		if m := found[id]; err != nil || len(found) != 1 || m.Failures != pass+1 || m.Due != (wait == 0) || m.Age < 0 || m.Age > time.Hour {
			t.Errorf("after %d failed passes: %+v, %v", pass+1, found, err)
		}
	}
	b.db.Exec(t, "UPDATE received_misses SET first_at = first_at - INTERVAL 30 HOUR")
	if found, err := b.Misses(t.Context(), company, asked); err != nil || found[id].Age < 29*time.Hour {
		t.Errorf("its age is %s, %v", found[id].Age, err)
	}
	if found, err := b.Misses(t.Context(), "another", asked); err != nil || len(found) != 0 {
		t.Errorf("another company's: %+v, %v", found, err)
	}
}
