package inbound

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/sync/ledger"
)

// slip makes the invoice at a place leave the listing before the n-th page is served.
func slip(box *inbox, n int, what func()) {
	page := 0
	box.between = func() {
		if page++; page == n {
			what()
		}
	}
}

// TestPagesThatShift: an invoice before the reading place leaves, and the next one slips onto the page that was read.
func TestPagesThatShift(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		job, box, m, _ := incoming(t, 9)
		gone := box.order[0]
		slip(box, n+1, func() { box.isNew[gone] = false })
		if _, err := job.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range box.order[1:] {
			if m.of(id) == nil {
				t.Errorf("cleared before page %d: %s was not received", n+1, id)
			}
		}
	}
}

// TestPagesOfAnotherSize: the provider serves fewer rows than asked for, from the second page on.
func TestPagesOfAnotherSize(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 9)
	job.PageSize = 4
	slip(box, 2, func() { box.largest = 3 })
	if _, err := job.Run(t.Context()); err != nil || len(m.rows) != 9 {
		t.Errorf("%d of 9 received, %v", len(m.rows), err)
	}
}

// TestRestlessListing: a listing that never stands still does not keep the pass for ever.
func TestRestlessListing(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 3)
	box.between = func() { box.total++ }
	if _, err := job.Run(t.Context()); err != nil || len(m.rows) != 3 {
		t.Errorf("%d of 3 received, %v", len(m.rows), err)
	}
}

// TestSweepFindsWhatOthersCleared, reports it, and does not call history a find.
func TestSweepFindsWhatOthersCleared(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 6)
	history, read, old := box.order[0], box.order[1], box.order[2]
	box.isNew[history] = false
	box.arrived[old], box.isNew[old] = noon.Add(-40*24*time.Hour), false
	first, err := job.Sweep(t.Context())
	if err != nil || first.Found != 0 || m.of(history) == nil || m.of(old) != nil {
		t.Errorf("the first sweep: %+v, %v", first, err)
	}
	box.isNew[read] = false
	late := uuid.New()
	box.files[late], box.arrived[late], box.order = box.files[read], noon.Add(-9*24*time.Hour), append(box.order, late)
	result, err := job.Sweep(t.Context())
	if err != nil || result.Found != 1 || !slices.Equal(m.finds, []uuid.UUID{late}) || m.of(late) == nil {
		t.Errorf("%+v, finds %v, %v", result, m.finds, err)
	}
	if again, err := job.Sweep(t.Context()); err != nil || again.Found != 0 || again.Stored != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if len(s.rows) != 6 { // five of the first six, and the late one: quarantined, because its bytes name another ETTN
		t.Errorf("%d in the ERP", len(s.rows))
	}
}

// TestSweepGoesOn: after a long stop the sweep begins where the last one ended, less the overlap, and never before Since.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 3)
	job.Overlap, job.Since = 24*time.Hour, noon.Add(-30*24*time.Hour)
	for i, id := range box.order {
		box.isNew[id] = false
		box.arrived[id] = noon.Add(-time.Duration(1+i*20) * 24 * time.Hour) // 1, 21 and 41 days ago
	}
	m.marks["swept/acme/main"] = noon.Add(-50 * 24 * time.Hour)
	result, err := job.Sweep(t.Context())
	if err != nil || result.Stored != 2 || m.of(box.order[2]) != nil {
		t.Errorf("%+v, %v", result, err)
	}
	if mark := m.marks["swept/acme/main"]; !mark.Equal(noon) {
		t.Errorf("the next one begins at %s", mark)
	}
}

// TestWithoutNewFlag: providers without the flag are read by arrival alone, and nothing is cleared there.
func TestWithoutNewFlag(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 5)
	job.Account.Flagless = true
	box.ackErr = errors.New("there is no such call")
	for range 2 {
		if result, err := job.Run(t.Context()); err != nil || result.Found != 0 || result.Reopened != 0 {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	if len(m.rows) != 5 || len(s.rows) != 5 || m.rows[0].State != ledger.ReceivedAcknowledged {
		t.Errorf("%d stored, %d in the ERP, %s", len(m.rows), len(s.rows), m.rows[0].State)
	}
}

// TestDownloadThatFails stops nobody, is put aside by no single pass, is not asked for before it is due, and comes in when it works.
func TestDownloadThatFails(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 5)
	bad := box.order[0]
	box.lost[bad] = fault.New(fault.Retryable, "downloading", errors.New("HTTP 500"))
	result, err := job.Run(t.Context())
	if err != nil || result.Acknowledged != 4 || result.Quarantined != 0 || m.of(bad) != nil || !box.isNew[bad] {
		t.Fatalf("%+v, %v", result, err)
	}
	tries := box.fetches[bad]
	if _, err := job.Run(t.Context()); err != nil || box.fetches[bad] != tries {
		t.Errorf("it is fetched before it is due (%v)", err)
	}
	delete(box.lost, bad)
	m.age(2 * time.Minute)
	if _, err := job.Run(t.Context()); err != nil || m.of(bad).State != ledger.ReceivedAcknowledged || !bytes.Equal(m.raw[m.of(bad).ID], box.files[bad]) {
		t.Errorf("when it works: %+v, %v", m.of(bad), err)
	}
}

// TestDownloadThatNeverWorks is put aside where people see it, after many passes and a long time, and comes in when it works.
func TestDownloadThatNeverWorks(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 5)
	bad := box.order[0]
	box.lost[bad] = fault.New(fault.Retryable, "downloading", errors.New("HTTP 500"))
	for pass := range 3 * missesEach {
		result, err := job.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		passed := m.misses[bad].Age
		if aside := result.Quarantined > 0; aside != (pass+1 >= missesEach && passed >= missedFor) {
			t.Fatalf("after %d passes and %s: put aside %t", pass+1, passed, aside)
		}
		if result.Quarantined > 0 {
			break
		}
		m.age(2 * time.Hour)
	}
	if m.of(bad) == nil || m.of(bad).State != ledger.ReceivedQuarantined || !box.isNew[bad] || s.rows[bad].State == "received" {
		t.Fatalf("it is not put aside: %+v, the ERP shows %q", m.of(bad), s.rows[bad].State)
	}
	delete(box.lost, bad)
	clear(m.leased)
	if _, err := job.Run(t.Context()); err != nil || m.of(bad).State != ledger.ReceivedAcknowledged || !bytes.Equal(m.raw[m.of(bad).ID], box.files[bad]) {
		t.Errorf("when it works: %s, %v", m.of(bad).State, err)
	}
}

// TestDownloadsDown: when nothing can be downloaded, the pull ends and says so; nothing is put aside.
func TestDownloadsDown(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 25)
	for _, id := range box.order {
		box.lost[id] = fault.New(fault.Retryable, "downloading", errors.New("HTTP 500"))
	}
	job.PageSize = 100
	if _, err := job.Run(t.Context()); !errors.Is(err, fault.Retryable) || len(m.rows) != 0 {
		t.Errorf("%d put aside, %v", len(m.rows), err)
	}
}

// TestTooLargeForTheLedger is put aside without its bytes.
func TestTooLargeForTheLedger(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 3)
	big := box.order[1]
	m.tooBig[big] = true
	if result, err := job.Run(t.Context()); err != nil || result.Acknowledged != 2 || m.of(big).State != ledger.ReceivedQuarantined || m.of(big).Reason == "" {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestPDFComesLast and its lack holds nothing up.
func TestPDFComesLast(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 3)
	job.PDF = true
	box.pdf[box.order[0]] = []byte("%PDF one")
	result, err := job.Run(t.Context())
	if err != nil || result.Acknowledged != 3 || result.Files != 1 || !bytes.Equal(s.pdfs[box.order[0]], []byte("%PDF one")) || !bytes.Equal(m.files[box.order[0]], []byte("%PDF one")) {
		t.Errorf("%+v, %v", result, err)
	}
	box.pdf[box.order[1]] = []byte("%PDF two")
	m.wants[box.order[0]], m.wants[box.order[1]] = "due", "due" // time passed; the first is to be written again
	delete(box.pdf, box.order[0])
	if result, err := job.Run(t.Context()); err != nil || result.Files != 2 {
		t.Errorf("again: %+v, %v", result, err)
	}
}

// TestRefetchAndRelease are what a person can do.
func TestRefetchAndRelease(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 4)
	row := func(id uuid.UUID) *ledger.Received { // as read from the ledger
		r := *m.of(id)
		return &r
	}
	bad, good, missing := box.order[0], box.order[1], box.order[2]
	whole := box.files[bad]
	box.files[bad] = []byte("<x>no invoice</x>")
	box.isNew[missing] = false
	if _, err := job.Run(t.Context()); err != nil || m.of(bad).State != ledger.ReceivedQuarantined {
		t.Fatal(m.of(bad), err)
	}
	if r := s.rows[bad]; r.State != "quarantined" || r.Message == "" || r.Advice == "" || !r.Unread || len(r.Files) != 1 {
		t.Errorf("the ERP shows %+v", r)
	}
	same, err := job.Refetch(t.Context(), good, row(good))
	if err != nil || same.Changed || same.New {
		t.Errorf("the same bytes: %+v, %v", same, err)
	}
	found, err := job.Refetch(t.Context(), missing, nil)
	if err != nil || !found.New || m.of(missing) == nil || m.of(missing).Number == "" {
		t.Errorf("one that was not here: %+v, %v", found, err)
	}
	if err := job.TakeAsItIs(t.Context(), *m.of(bad)); err != nil {
		t.Fatal(err)
	}
	if r := s.rows[bad]; r.State != "received" || m.of(bad).State != ledger.ReceivedProjected || !bytes.Equal(r.Files[0].Bytes, box.files[bad]) {
		t.Errorf("taken as it is: %+v", r)
	}
	// The ERP is written anew from the start, as RewriteAll has it: the person's decision stays.
	if _, err := job.Finish(t.Context()); err != nil || m.of(bad).State != ledger.ReceivedAcknowledged {
		t.Fatalf("taken as it is, then %s: %v", m.of(bad).State, err)
	}
	delete(s.rows, bad)
	m.of(bad).State, m.leased[m.of(bad).ID] = ledger.ReceivedStored, false
	result, err := job.Finish(t.Context())
	if r := s.rows[bad]; err != nil || result.Quarantined != 0 || m.of(bad).State != ledger.ReceivedAcknowledged || m.of(bad).Reason == "" || r.State != "received" || !r.Unread {
		t.Errorf("written anew: %+v, %+v, %v", m.of(bad), r, err)
	}
	box.files[bad] = whole
	better, err := job.Refetch(t.Context(), bad, row(bad))
	if err != nil || !better.Changed || m.of(bad).State != ledger.ReceivedStored {
		t.Errorf("better bytes: %+v, %v", better, err)
	}
	if _, err := job.Finish(t.Context()); err != nil || m.of(bad).State != ledger.ReceivedAcknowledged || s.rows[bad].Unread {
		t.Errorf("in the end: %s, %v", m.of(bad).State, err)
	}
}
