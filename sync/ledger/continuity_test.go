package ledger

import "testing"

// What was decided on a stale reading must not move a document that went on meanwhile: a refused document that was mapped
// again, sent, and left behind by its holder looks free, and is being asked for.
func TestFromNarrowsTheGuard(t *testing.T) {
	b := newBench(t)
	d := b.sales(t, 1)[0]
	b.put(t, d.ID, Sending)
	outcomes, err := b.Commit(t.Context(), []Change{{Document: d.ID, From: Refused, To: Pending}})
	if err != nil || outcomes[0].Applied {
		t.Fatalf("a stale change was applied: %+v, %v", outcomes, err)
	}
	b.apply(t, Change{Document: d.ID, From: Sending, To: Pending})
}

func TestLostCommitsAreNoticed(t *testing.T) {
	b := newBench(t)
	if ok, err := b.Continuous(t.Context()); err != nil || !ok {
		t.Fatalf("a new store: %t, %v", ok, err)
	}
	d := b.sales(t, 1)[0]
	if ok, err := b.Continuous(t.Context()); err != nil || !ok {
		t.Fatalf("after a commit: %t, %v", ok, err)
	}
	b.db.Exec(t, "DELETE FROM commits ORDER BY at DESC LIMIT 1") // as a failover to a replica that lagged behind
	if ok, err := b.Continuous(t.Context()); err != nil || ok {
		t.Fatalf("after the commit was lost: %t, %v", ok, err)
	}
	b.last.Load().at = b.last.Load().at.Add(-2 * quiet) // some time passed, as in every failover
	b.apply(t, Change{Document: d.ID, To: Held})
	if ok, err := b.Continuous(t.Context()); err != nil || ok {
		t.Fatalf("another commit hid the loss: %t, %v", ok, err)
	}
	b.Resume()
	b.apply(t, Change{Document: d.ID, To: Pending})
	if ok, err := b.Continuous(t.Context()); err != nil || !ok {
		t.Fatalf("after it was dealt with: %t, %v", ok, err)
	}
}
