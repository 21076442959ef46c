package ledger

import (
	"testing"

	"github.com/google/uuid"

	"faturad/internal/invoice"
)

// What the ledger forgot is entered once, stays until the ledger knows better, and never undoes what was decided since.
func TestForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 4)
	for i, s := range []State{Pending, Held, Accepted, Unknown} {
		b.put(t, docs[i].ID, s)
	}
	stranger := uuid.New()
	keys := []uuid.UUID{docs[0].ETTN, docs[1].ETTN, docs[2].ETTN, docs[3].ETTN, stranger}
	enter := func() (entered int) {
		t.Helper()
		notSent, err := b.NotSent(t.Context(), company, keys)
		if err != nil {
			t.Fatal(err)
		}
		var found []Forgotten
		for key := range notSent {
			found = append(found, Forgotten{Account: "main", ETTN: key, ProviderID: "7", Number: "KLA2026000000001", IssueDate: invoice.Date{Year: 2026, Month: 3, Day: 1}})
		}
		if err := b.AddForgotten(t.Context(), company, found); err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	wants := func(when string, want map[uuid.UUID]int64) {
		t.Helper()
		got, err := b.Forgotten(t.Context(), company)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %+v, %v; want %v", when, got, err, want)
		}
		for key, document := range want {
			if f, ok := got[key]; !ok || f.Document != document || f.IssueDate.Day != 1 || f.ProviderID != "7" || f.Account != "main" || document != 0 && f.TakenOver(b.one(t, document)) {
				t.Errorf("%s: %+v, want document %d", when, f, document)
			}
		}
	}
	for range 2 {
		enter()
		wants("entered", map[uuid.UUID]int64{docs[0].ETTN: docs[0].ID, docs[1].ETTN: docs[1].ID, stranger: 0})
	}
	if n := b.count(t, "SELECT COUNT(*) FROM forgotten"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	wasUnknown := true
	b.apply(t, Change{Document: docs[0].ID, To: Pending, Stay: true, Patch: Patch{WasUnknown: &wasUnknown}})
	wants("looked up and decided since", map[uuid.UUID]int64{docs[1].ETTN: docs[1].ID, stranger: 0})
	if n := enter(); n != 1 {
		t.Errorf("what is listed again after that is entered %d times, want once", n)
	}
	wants("listed again", map[uuid.UUID]int64{docs[0].ETTN: docs[0].ID, docs[1].ETTN: docs[1].ID, stranger: 0})
	key := Key{KeySpace: docs[0].KeySpace, SaleKey: "made anew"}
	late := NewDocument{Key: key, ERP: docs[0].ERP, LocalReference: "acme:made anew", ETTN: stranger}
	if _, err := b.Discover(t.Context(), company, []NewDocument{late}); err != nil {
		t.Fatal(err)
	}
	anew, err := b.LatestByKey(t.Context(), company, []Key{key})
	if err != nil {
		t.Fatal(err)
	}
	wants("entered by somebody who does not know", map[uuid.UUID]int64{docs[0].ETTN: docs[0].ID, docs[1].ETTN: docs[1].ID, stranger: anew[key].ID})
	for _, d := range []int64{docs[0].ID, docs[1].ID, anew[key].ID} {
		b.put(t, d, Sent)
	}
	wants("known", nil)
	if got, err := b.Forgotten(t.Context(), "another"); err != nil || len(got) != 0 {
		t.Errorf("another company's: %v, %v", got, err)
	}
}

// The newest day that an account issued is that of what was sent, not of what waits.
func TestNewestIssued(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 2)
	if newest, err := b.NewestIssued(t.Context(), company, "main"); err != nil || !newest.IsZero() {
		t.Errorf("of nothing: %v, %v", newest, err)
	}
	account := "main"
	for i, d := range docs {
		day := invoice.Date{Year: 2026, Month: 3, Day: 10 + i}
		b.apply(t, Change{Document: d.ID, To: Pending, Stay: true, Patch: Patch{Account: &account, IssueDate: &day, MarkSent: i == 0}})
	}
	if newest, err := b.NewestIssued(t.Context(), company, "main"); err != nil || newest.Day != 10 {
		t.Errorf("%v, %v; want the 10th", newest, err)
	}
}
