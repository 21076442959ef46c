package ledger

import (
	"testing"

	"github.com/google/uuid"

	"faturad/internal/invoice"
)

// A listing that says nothing new writes nothing: it is read every few minutes.
func TestElsewhereWritesOnlyNews(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	add := func(found ...Elsewhere) (added, commits int) {
		t.Helper()
		count := func() (n int) {
			t.Helper()
			if err := b.db.DB().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM commits"); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		added, err := b.AddElsewhere(t.Context(), found)
		if err != nil {
			t.Fatal(err)
		}
		return added, count() - before
	}
	one := Elsewhere{Company: company, Account: "main", ETTN: uuid.New(), Kind: invoice.EArsiv, Code: 20, Counts: true}
	two := Elsewhere{Company: company, Account: "main", ETTN: uuid.New(), Kind: invoice.EFatura, Code: 60, Counts: true}
	failed := one
	failed.Code, failed.Counts = 40, false
	for _, c := range []struct {
		what           string
		found          []Elsewhere
		added, commits int
	}{
		{"nothing", nil, 0, 0},
		{"one", []Elsewhere{one}, 1, 1},
		{"the same again", []Elsewhere{one}, 0, 0},
		{"another beside it", []Elsewhere{one, two}, 1, 1},
		{"another status", []Elsewhere{failed, two}, 0, 1},
		{"the same again", []Elsewhere{failed, two}, 0, 0},
	} {
		if added, commits := add(c.found...); added != c.added || commits != c.commits {
			t.Errorf("%s: %d added by %d commits, want %d by %d", c.what, added, commits, c.added, c.commits)
		}
	}
	var codes []int
	if err := b.db.DB().SelectContext(t.Context(), &codes, "SELECT code FROM elsewhere ORDER BY code"); err != nil {
		t.Fatal(err)
	}
	if len(codes) != 2 || codes[0] != 40 || codes[1] != 60 {
		t.Errorf("the ledger has the codes %v", codes)
	}
}
