package ledger

import (
	"fmt"
	"testing"
)

// What looks alike is found among documents that are on their way or issued, whatever their number; a change that was not
// applied leaves nothing.
func TestAlike(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 300)
	docs := b.lease(t, 300, Pending)
	alike := func(n int) Likeness { return Likeness{1, byte(n), byte(n >> 8)} }
	var changes []Change
	for i, d := range docs {
		changes = append(changes, Change{Document: d.ID, Lease: d.Lease(), To: Prepared, Unlease: true, Likeness: alike(i / 2)})
	}
	b.apply(t, changes...)
	var asked []Likeness
	for i := range 150 {
		asked = append(asked, alike(i))
	}
	found := func() map[Likeness][]Document {
		t.Helper()
		found, err := b.Alike(t.Context(), company, asked)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	all := found()
	for i := range 150 {
		if got := all[alike(i)]; len(got) != 2 || got[0].ID != docs[2*i].ID || got[1].ID != docs[2*i+1].ID {
			t.Fatalf("alike %d: %d documents", i, len(got))
		}
	}
	late, err := b.Commit(t.Context(), []Change{{Document: docs[0].ID, Lease: docs[0].Lease(), To: Sending, Likeness: alike(149)}})
	if err != nil || late[0].Applied {
		t.Fatalf("%+v %v", late, err)
	}
	if got := found()[alike(149)]; len(got) != 2 {
		t.Errorf("a change that was not applied left a likeness: %d documents", len(got))
	}
	if got, err := b.Alike(t.Context(), "another", asked); err != nil || len(got) != 0 {
		t.Errorf("another company's: %v, %v", got, err)
	}
	if got, err := b.Alike(t.Context(), company, nil); err != nil || len(got) != 0 {
		t.Errorf("nothing asked: %v, %v", got, err)
	}
	for _, r := range Table {
		b.put(t, docs[0].ID, r.State)
		want := 1
		for _, s := range []State{Prepared, Sending, Unknown, Disputed, Draft, Sent, Failed, Accepted} {
			if r.State == s {
				want = 2
			}
		}
		if got := found()[alike(0)]; len(got) != want {
			t.Errorf("%s: %d documents look alike, want %d", r.State, len(got), want)
		}
	}
	var plan []struct {
		Key  *string `db:"key"`
		Rows string  `db:"rows"`
	}
	q := fmt.Sprintf("EXPLAIN FORMAT=TRADITIONAL SELECT DISTINCT likeness, document_id FROM likenesses WHERE company = '%s' AND likeness IN (UNHEX('%064x'), UNHEX('%064x'))", company, 1, 2)
	if err := b.db.DB().Unsafe().Select(&plan, q); err != nil || len(plan) != 1 || plan[0].Key == nil || *plan[0].Key != "alike" {
		t.Errorf("the look-up does not use its index: %+v, %v", plan, err)
	}
}
