package ledger

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"faturad/internal/fault"
)

// Five processes discover the same sales in different orders: each is added once, nobody sees an error.
func TestDiscoverTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const n = 700 // more than one chunk
	var added atomic.Int64
	var g errgroup.Group
	for i := range 5 {
		s := b.another(t, b.daily)
		g.Go(func() error {
			var docs []NewDocument
			for k := range n {
				docs = append(docs, sale((k*(2*i+1)+i*97)%n))
			}
			if i%2 == 1 {
				slices.Reverse(docs)
			}
			got, err := s.Discover(t.Context(), company, docs)
			added.Add(int64(got))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if docs := b.every(t); len(docs) != n || added.Load() != n {
		t.Errorf("%d documents, %d said to be added; want %d", len(docs), added.Load(), n)
	}
	d := b.every(t)[0]
	if d.State != Pending || d.Revision != 1 || d.Version != 1 || d.WrittenVersion != 0 || d.NextAt.IsZero() || d.CreatedAt.IsZero() || d.ETTN == ettnOf(0) {
		t.Errorf("a discovered document: %+v", d)
	}
	if again, err := b.Discover(t.Context(), company, []NewDocument{sale(1), sale(1), sale(n)}); err != nil || again != 1 {
		t.Errorf("discovered again: %d, %v", again, err)
	}
}

// One sale that cannot be added stops no other.
func TestDiscoverBadOnes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 2)
	stolen := sale(10)
	stolen.ETTN = sale(0).ETTN
	alias := sale(11)
	alias.LocalReference = sale(1).LocalReference
	long := sale(12)
	long.SaleKey = strings.Repeat("x", 300)
	long.LocalReference = "long"
	added, err := b.Discover(t.Context(), company, []NewDocument{sale(20), stolen, alias, long, sale(21)})
	var not *NotAdded
	if added != 2 || !errors.Is(err, fault.Permanent) || !errors.As(err, &not) || len(not.Items) != 3 {
		t.Fatalf("added %d: %v", added, err)
	}
	for _, item := range not.Items {
		var c *Clash
		if wantClash := item.Key != long.Key; wantClash != errors.As(item.Err, &c) {
			t.Errorf("%v: %v", item.Key, item.Err)
		}
	}
	wants(t, err, "3 could not be added", "ettn", "reference", "all others were added")
	// Keys are bytes: blanks at the end and upper case count.
	odd := []NewDocument{sale(30), sale(31), sale(32)}
	for i, key := range []string{"a", "a ", "A"} {
		odd[i].SaleKey, odd[i].LocalReference = key, "ref:"+key
	}
	if added, err := b.Discover(t.Context(), company, odd); added != 3 || err != nil {
		t.Errorf("byte-exact keys: added %d, %v", added, err)
	}
	latest, err := b.LatestByKey(t.Context(), company, []Key{odd[1].Key})
	if err != nil || len(latest) != 1 || latest[odd[1].Key].SaleKey != "a " {
		t.Errorf("found %v, %v", latest, err)
	}
}

// Sales become due in the order in which the ERP gives them, which is that of their dates: the provider numbers them so.
func TestDiscoverKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var docs []NewDocument
	for n := 1100; n > 0; n-- { // more than two chunks
		docs = append(docs, sale(n))
	}
	docs = append(docs, docs[7])
	if added, err := b.Discover(t.Context(), company, docs); err != nil || added != 1100 {
		t.Fatalf("added %d: %v", added, err)
	}
	leased, err := b.Lease(t.Context(), company, []State{Pending}, "me", time.Minute, 2000)
	if err != nil || len(leased) != 1100 {
		t.Fatalf("leased %d: %v", len(leased), err)
	}
	for i, d := range leased {
		if (Key{d.KeySpace, d.SaleKey}) != docs[i].Key {
			t.Fatalf("place %d has sale %s, want %s", i, d.SaleKey, docs[i].SaleKey)
		}
	}
}

// Edited and deleted are told apart, and both count as changed.
func TestChangedOrGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 3)
	yes, no := true, false
	flag := func(d Document, changed *bool, gone bool) {
		b.apply(t, Change{Document: d.ID, To: d.State, Stay: true, Patch: Patch{Changed: changed, Gone: gone}})
	}
	flag(docs[1], &yes, false)
	flag(docs[2], &yes, true)
	got := b.every(t)
	for i, want := range [][2]bool{{false, false}, {true, false}, {true, true}} {
		if got[i].Changed != want[0] || got[i].Gone != want[1] {
			t.Errorf("document %d: changed %t, gone %t, want %v", i, got[i].Changed, got[i].Gone, want)
		}
	}
	if listed, err := b.Documents(t.Context(), Filter{Company: company, Changed: true}); err != nil || len(listed) != 2 {
		t.Errorf("%d are listed as changed: %v", len(listed), err)
	}
	flag(docs[2], &no, true)
	if d := b.every(t)[2]; d.Changed || d.Gone {
		t.Errorf("the sale is back, and still: %+v", d)
	}
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 1)
	known := []KnownDocument{
		{NewDocument: sale(0), Number: "ABC2026000000000", State: "Onaylandı"}, // the ledger has it: left alone
		{NewDocument: sale(1), Number: "ABC2026000000001", State: "Onaylandı", QuarantineIn: time.Hour},
		{NewDocument: sale(2), Number: "ABC2026000000001", State: "Onaylandı"}, // the same number twice in the ERP
		{NewDocument: sale(3), SentAt: time.Date(2026, 10, 5, 6, 30, 15, 0, time.UTC)},
	}
	if added, err := b.Rebuild(t.Context(), company, known); err != nil || added != 3 {
		t.Fatalf("rebuilt %d: %v", added, err)
	}
	docs := b.every(t)
	if docs[0].State != Pending {
		t.Errorf("a known document became %s", docs[0].State)
	}
	numbered := 0
	for _, d := range docs[1:] {
		if d.State != Unknown || !d.WasUnknown || !d.ProbeFirst || d.UnknownSince.IsZero() || d.Version != d.WrittenVersion {
			t.Errorf("a rebuilt document: %+v", d)
		}
		if d.Number != "" {
			numbered++
		} else if d.SaleKey != sale(3).SaleKey && !strings.Contains(d.Message, "ABC2026000000001") {
			t.Errorf("the evidence is lost: %q", d.Message)
		}
	}
	if numbered != 1 {
		t.Errorf("%d documents have the number", numbered)
	}
	if !docs[1].SentAt.IsZero() || !docs[3].SentAt.Equal(known[3].SentAt) {
		t.Errorf("sent at %s and %s, want never and %s", docs[1].SentAt, docs[3].SentAt, known[3].SentAt)
	}
	provider := time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC)
	for _, d := range docs[1:] {
		b.apply(t, Change{Document: d.ID, To: Sent, Patch: Patch{SentAt: &provider, MarkSent: true}})
	}
	if docs = b.every(t); !docs[1].SentAt.Equal(provider) || !docs[3].SentAt.Equal(known[3].SentAt) {
		t.Errorf("sent at %s and %s, want %s and %s", docs[1].SentAt, docs[3].SentAt, provider, known[3].SentAt)
	}
	if q := b.count(t, "SELECT COUNT(*) FROM documents WHERE quarantine_until > UTC_TIMESTAMP(6) + INTERVAL 59 MINUTE"); q != 1 {
		t.Errorf("%d in quarantine", q)
	}
}

func TestNewRevision(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 2)
	first := docs[0]
	audit := Audit{User: "ayse", Action: "reissue", Reason: "rejected by the buyer"}
	if _, err := b.NewRevision(t.Context(), first, NewDocument{ETTN: ettnOf(2), LocalReference: first.LocalReference + "#2"}, audit); err == nil {
		t.Error("a living document got a second revision")
	}
	b.put(t, first.ID, Rejected)
	b.put(t, docs[1].ID, Cancelled)
	second, err := b.NewRevision(t.Context(), first, NewDocument{ETTN: ettnOf(2), LocalReference: first.LocalReference + "#2"}, audit)
	if err != nil || second.Revision != 2 || second.State != Pending || second.ERP != "erp1" || second.ETTN != ettnOf(2) {
		t.Fatalf("%+v, %v", second, err)
	}
	if _, err := b.NewRevision(t.Context(), first, NewDocument{ETTN: ettnOf(3), LocalReference: "x"}, audit); !errors.Is(err, fault.Permanent) {
		t.Errorf("the first revision was followed twice: %v", err)
	}
	if _, err := b.NewRevision(t.Context(), docs[1], NewDocument{ETTN: ettnOf(2), LocalReference: "x"}, audit); !errors.Is(err, fault.Duplicate) {
		t.Errorf("an ETTN was used twice: %v", err)
	}
	if old := b.one(t, docs[1].ID); old.Superseded {
		t.Error("a revision that could not be made superseded the old one")
	}
	latest, err := b.LatestByKey(t.Context(), company, []Key{sale(0).Key, sale(1).Key, {"invoice", "none"}})
	if err != nil || len(latest) != 2 || latest[sale(0).Key].ID != second.ID {
		t.Errorf("latest: %v, %v", latest, err)
	}
	if all, err := b.ByKeys(t.Context(), company, []Key{sale(0).Key, sale(0).Key}); err != nil || len(all[sale(0).Key]) != 2 {
		t.Errorf("all revisions: %v, %v", all, err)
	}
	trail, err := b.AuditTrail(t.Context(), first.ID)
	if err != nil || len(trail) != 1 || trail[0].User != "ayse" || trail[0].At.IsZero() {
		t.Errorf("audit: %v, %v", trail, err)
	}
	unwritten, err := b.Unwritten(t.Context(), company, 10)
	if err != nil || slices.ContainsFunc(unwritten, func(d Document) bool { return d.ID == first.ID }) {
		t.Errorf("the superseded revision would be written to the ERP: %v", err)
	}
}
