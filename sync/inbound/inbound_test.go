package inbound

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/mapping/ubl"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// noon is now.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// incoming builds a world with some of the UBL package's golden invoices as incoming ones.
func incoming(t *testing.T, n int) (*Job, *inbox, *memory, *shop) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "mapping", "ubl", "testdata", "*.xml"))
	if err != nil || len(files) < n {
		t.Fatalf("%d golden invoices, want %d (%v)", len(files), n, err)
	}
	box := &inbox{files: map[uuid.UUID][]byte{}, isNew: map[uuid.UUID]bool{}, arrived: map[uuid.UUID]time.Time{}, number: map[uuid.UUID]string{},
		lost: map[uuid.UUID]error{}, pdf: map[uuid.UUID][]byte{}, fetches: map[uuid.UUID]int{}}
	for _, file := range files {
		if len(box.order) == n {
			break
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := ubl.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if _, twice := box.files[doc.ETTN]; twice {
			continue
		}
		box.files[doc.ETTN], box.isNew[doc.ETTN], box.arrived[doc.ETTN], box.number[doc.ETTN] = data, true, noon.Add(-time.Hour), doc.Number
		box.order = append(box.order, doc.ETTN)
	}
	m := &memory{raw: map[int64][]byte{}, leased: map[int64]bool{}, marks: map[string]time.Time{}, wants: map[uuid.UUID]string{}, files: map[uuid.UUID][]byte{},
		tooBig: map[uuid.UUID]bool{}, misses: map[uuid.UUID]ledger.Miss{}}
	s := &shop{bad: map[uuid.UUID]error{}, rows: map[uuid.UUID]erp.Received{}, pdfs: map[uuid.UUID][]byte{}}
	job := &Job{
		Company: "acme", Owner: "me", Ledger: m, ERP: s, Account: Account{Name: "main", Inbox: box, InFlight: 3},
		Clock: clock.NewManual(noon), Log: slog.New(slog.DiscardHandler), PageSize: 2,
	}
	return job, box, m, s
}

// news counts the flags that are still set at the provider.
func (b *inbox) news() int {
	n := 0
	for _, isNew := range b.isNew {
		if isNew {
			n++
		}
	}
	return n
}

func TestEverythingArrivesOnce(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 7)
	for pass := range 3 {
		if _, err := job.Run(t.Context()); err != nil {
			t.Fatalf("pass %d: %v", pass, err)
		}
	}
	if len(m.rows) != len(box.order) || len(s.rows) != len(box.order) || box.news() != 0 {
		t.Errorf("%d stored, %d in the ERP, %d still new; the provider has %d", len(m.rows), len(s.rows), box.news(), len(box.order))
	}
	for _, row := range m.rows {
		if !bytes.Equal(m.raw[row.ID], box.files[row.ETTN]) || !bytes.Equal(s.rows[row.ETTN].Files[0].Bytes, box.files[row.ETTN]) {
			t.Errorf("%s is not byte for byte what the provider has", row.ETTN)
		}
		if row.State != ledger.ReceivedAcknowledged {
			t.Errorf("%s is %s", row.ETTN, row.State)
		}
	}
}

// TestNothingIsAcknowledgedThatTheERPLacks (invariant 6).
func TestNothingIsAcknowledgedThatTheERPLacks(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 5)
	s.away = fault.New(fault.Retryable, "opening the ERP", errors.New("connection refused"))
	if _, err := job.Run(t.Context()); !errors.Is(err, fault.Retryable) {
		t.Errorf("an ERP that is away: %v", err)
	}
	if len(m.rows) != 5 || box.news() != 5 {
		t.Errorf("%d stored, %d still new; want all stored and none acknowledged", len(m.rows), box.news())
	}
	s.away = nil
	if _, err := job.Run(t.Context()); err != nil || box.news() != 0 || len(s.rows) != 5 {
		t.Errorf("when it is back: %v, %d still new, %d in the ERP", err, box.news(), len(s.rows))
	}
}

func TestPoisonStopsNoOther(t *testing.T) {
	t.Parallel()
	job, box, m, s := incoming(t, 6)
	unreadable, unwritable, foreign, receipt := box.order[0], box.order[2], box.order[4], box.order[5]
	var err error
	if box.files[receipt], err = os.ReadFile(filepath.Join("..", "..", "mapping", "ubl", "testdata", "makbuz", "esmm.xml")); err != nil {
		t.Fatal(err)
	}
	box.files[unreadable] = []byte("<Invoice><!DOCTYPE x></Invoice>")
	box.files[foreign] = box.files[box.order[1]]
	s.bad[unwritable] = fault.New(fault.Permanent, "writing", errors.New("data too long"))
	if _, err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, row := range m.rows {
		poisoned := row.ETTN == unreadable || row.ETTN == unwritable || row.ETTN == foreign || row.ETTN == receipt
		if poisoned != (row.State == ledger.ReceivedQuarantined) || poisoned != (row.Reason != "") || poisoned != box.isNew[row.ETTN] {
			t.Errorf("%s: %s, reason %q, still new %v", row.ETTN, row.State, row.Reason, box.isNew[row.ETTN])
		}
		if row.ETTN == receipt && !strings.Contains(row.Reason, "e-smm receipt") {
			t.Errorf("a receipt in the inbox: %q", row.Reason)
		}
	}
}

func TestClearingIsReadBack(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 3)
	box.deaf = true
	result, err := job.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Acknowledged != 0 || result.StillNew != 3 {
		t.Errorf("a clearing that was answered and not done counts as done: %+v", result)
	}
	box.deaf = false
	clear(m.leased) // the wait is over
	if result, err = job.Run(t.Context()); err != nil || result.Acknowledged != 3 {
		t.Errorf("repeated: %+v, %v", result, err)
	}
	box.isNew[box.order[0]] = true // somebody sets the flag again
	if _, err = job.Run(t.Context()); err != nil || box.news() != 0 || len(m.rows) != 3 {
		t.Errorf("set again: %v, %d new, %d rows", err, box.news(), len(m.rows))
	}
}

func TestFailedClearingIsRepeated(t *testing.T) {
	t.Parallel()
	job, box, m, _ := incoming(t, 3)
	box.ackErr = fault.New(fault.Ambiguous, "clearing", errors.New("timeout"))
	if result, err := job.Run(t.Context()); err == nil || result.Failed != 3 {
		t.Errorf("a failed clearing: %+v, %v", result, err)
	}
	box.ackErr = nil
	clear(m.leased)
	if result, err := job.Run(t.Context()); err != nil || result.Acknowledged != 3 {
		t.Errorf("repeated: %+v, %v", result, err)
	}
}
