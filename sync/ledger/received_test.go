package ledger

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

func incoming(n int) NewReceived {
	return NewReceived{Raw: []byte(strings.Repeat("<Invoice/>", n+1)), Received: Received{Company: company, Account: "main", ETTN: ettnOf(n),
		Number: "XYZ2026000000001", SenderTaxNo: "1234567890", SenderTitle: "Örnek A.Ş.", Scenario: "TEMELFATURA", Type: "SATIS",
		IssueDate: invoice.Date{Year: 2026, Month: 9, Day: 2}, Currency: "TRY", Payable: decimal.NewNullDecimal(decimal.RequireFromString("12.34")),
		ArrivedAt: time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)}}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	huge := incoming(3)
	huge.Payable = decimal.NewNullDecimal(decimal.New(1, 308))
	lie := incoming(4)
	lie.Hash = "beef"
	broken := incoming(5)
	broken.State, broken.Reason, broken.Raw = ReceivedQuarantined, "no XML", nil
	broken.SenderTitle = strings.Repeat("x", 5000)
	added, err := b.StoreReceived(t.Context(), []NewReceived{incoming(0), incoming(1), incoming(1), huge, lie, broken})
	var not *NotAdded
	if added != 3 || !errors.As(err, &not) || len(not.Items) != 2 || !errors.Is(err, fault.Permanent) {
		t.Fatalf("stored %d: %v", added, err)
	}
	if again, err := b.StoreReceived(t.Context(), []NewReceived{incoming(0), incoming(2)}); err != nil || again != 1 {
		t.Errorf("stored again %d: %v", again, err)
	}
	known, err := b.KnownReceived(t.Context(), company, []uuid.UUID{ettnOf(0), ettnOf(5), ettnOf(99)})
	if err != nil || len(known) != 2 || known[ettnOf(0)] != ReceivedStored || known[ettnOf(5)] != ReceivedQuarantined {
		t.Errorf("known: %v, %v", known, err)
	}

	todo, err := b.LeaseReceived(t.Context(), company, "main", []ReceivedState{ReceivedStored}, "tester", ttl, 10)
	if err != nil || len(todo) != 3 || todo[0].ETTN != ettnOf(0) || !todo[0].ArrivedAt.Equal(incoming(0).ArrivedAt) || todo[0].IssueDate.String() != "2026-09-02" {
		t.Fatalf("leased: %+v, %v", todo, err)
	}
	if none, err := b.LeaseReceived(t.Context(), company, "", []ReceivedState{ReceivedStored}, "other", ttl, 10); err != nil || len(none) != 0 {
		t.Errorf("leased twice: %v, %v", none, err)
	}
	if raw, err := b.RawReceived(t.Context(), todo[1].ID); err != nil || !bytes.Equal(raw, incoming(1).Raw) {
		t.Errorf("raw: %q, %v", raw, err)
	}
	if _, err := b.RawReceived(t.Context(), 999); !errors.Is(err, fault.NotFound) {
		t.Errorf("raw of none: %v", err)
	}
	stale := todo[2].Lease()
	stale.Epoch--
	err = b.MoveReceived(t.Context(), []ReceivedMove{
		{ID: todo[0].ID, From: ReceivedStored, To: ReceivedProjected, Lease: todo[0].Lease(), Patch: ReceivedPatch{Number: ptr("N2"), Payable: ptr(decimal.New(5, 0)),
			IssueDate: &invoice.Date{Year: 2026, Month: 9, Day: 3}, SenderTitle: ptr(strings.Repeat("ş", 600)), SenderTaxNo: ptr("1"), Type: ptr("IADE"), Scenario: ptr("X"), Currency: ptr("USD")}},
		{ID: todo[1].ID, From: ReceivedStored, To: ReceivedQuarantined, Lease: todo[1].Lease(), Reason: "ERP refuses it", Failed: true, NextIn: time.Hour},
		{ID: todo[2].ID, From: ReceivedStored, To: ReceivedProjected, Lease: stale},
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.ListReceived(t.Context(), ReceivedFilter{Company: company})
	if err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
	byID := map[int64]Received{}
	for _, r := range all {
		byID[r.ID] = r
	}
	if r := byID[todo[0].ID]; r.State != ReceivedProjected || r.ProjectedAt.IsZero() || r.Number != "N2" || r.Currency != "USD" || r.Payable.Decimal.String() != "5" || !r.LeaseUntil.IsZero() || r.IssueDate.Day != 3 {
		t.Errorf("projected: %+v", r)
	}
	if r := byID[todo[1].ID]; r.State != ReceivedQuarantined || r.Failures != 1 || r.Reason != "ERP refuses it" || !r.NextAt.After(r.StoredAt.Add(50*time.Minute)) {
		t.Errorf("quarantined: %+v", r)
	}
	if r := byID[todo[2].ID]; r.State != ReceivedStored || r.LeaseUntil.IsZero() {
		t.Errorf("moved under a lost lease: %+v", r)
	}

	// Quarantined ones come again when due; giving a lease back keeps the failures.
	b.db.Exec(t, "UPDATE received SET next_at = UTC_TIMESTAMP(6)")
	again, err := b.LeaseReceived(t.Context(), company, "main", []ReceivedState{ReceivedQuarantined}, "tester", ttl, 10)
	if err != nil || len(again) != 2 {
		t.Fatalf("%v, %v", again, err)
	}
	bad := ReceivedMove{ID: again[0].ID, From: ReceivedQuarantined, To: ReceivedStored, Lease: again[0].Lease(), Patch: ReceivedPatch{Payable: ptr(decimal.New(1, 400))}}
	back := ReceivedMove{ID: again[1].ID, From: again[1].State, To: again[1].State, Lease: again[1].Lease(), Reason: again[1].Reason}
	var notMoved *NotMoved
	if err := b.MoveReceived(t.Context(), []ReceivedMove{bad, back}); !errors.As(err, &notMoved) || notMoved.Errs[bad.ID] == nil || len(notMoved.Errs) != 1 {
		t.Errorf("an amount that cannot be stored: %v", err)
	}
	found, err := b.FindReceived(t.Context(), company, "N2")
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	if err := b.MoveReceived(t.Context(), []ReceivedMove{{ID: found[0].ID, From: ReceivedProjected, To: ReceivedAcknowledged, Reason: "taken unread"}}); err != nil {
		t.Fatal(err)
	}
	if found, err = b.FindReceived(t.Context(), "", ettnOf(0).String()); err != nil || len(found) != 1 || found[0].AckedAt.IsZero() {
		t.Errorf("acknowledged: %v, %v", found, err)
	}
	if n, err := b.RewriteAll(t.Context(), ""); err != nil || n != 1 {
		t.Errorf("projected again: %d, %v", n, err)
	}
	if found, err = b.FindReceived(t.Context(), company, "N2"); err != nil || found[0].State != ReceivedStored || found[0].Reason != "taken unread" {
		t.Errorf("that a person took it unread is forgotten: %+v, %v", found, err)
	}
	for name, c := range map[string]struct {
		f    ReceivedFilter
		want int
	}{"state": {ReceivedFilter{States: []ReceivedState{ReceivedQuarantined}}, 2}, "sender": {ReceivedFilter{Search: "örnek"}, 2},
		"account": {ReceivedFilter{Account: "none"}, 0}, "page": {ReceivedFilter{AfterID: all[0].ID, Limit: 2}, 2},
		"since": {ReceivedFilter{Since: time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC)}, 0}} {
		if got, err := b.ListReceived(t.Context(), c.f); err != nil || len(got) != c.want {
			t.Errorf("%s: %d, want %d, %v", name, len(got), c.want, err)
		}
	}
	if _, err := b.ListReceived(t.Context(), ReceivedFilter{States: []ReceivedState{"nonsense"}}); err == nil {
		t.Error("a word that is no state was listed")
	}
}

// Four pulls of the same inbox at once.
func TestReceivedTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var g errgroup.Group
	added := make([]int, 4)
	for i := range added {
		g.Go(func() (err error) {
			var items []NewReceived
			for n := range 50 {
				items = append(items, incoming((n*7+i)%50))
			}
			added[i], err = b.StoreReceived(t.Context(), items)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if sum := added[0] + added[1] + added[2] + added[3]; sum != 50 || b.count(t, "SELECT COUNT(*) FROM received") != 50 {
		t.Errorf("added %v", added)
	}
}
