package ledger

import (
	"errors"
	"strings"
	"testing"
)

// One number for two sales parks both, the first also when it is final or somebody works on it: that one's result is dropped.
func TestNumberOfTwoSalesParksBoth(t *testing.T) {
	t.Parallel()
	const number = "EPA2026000000007"
	for _, first := range []State{Sent, Draft, Failed, Accepted, Rejected, Unknown} {
		t.Run(string(first), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.sales(t, 2)
			docs := b.lease(t, 2, Pending)
			one, two := docs[0], docs[1]
			b.db.Exec(t, "UPDATE documents SET state = ?, number = ?, route_kind = 'e-fatura' WHERE id = ?", string(first), number, one.ID)
			b.db.Exec(t, "UPDATE documents SET state = 'sending', route_kind = 'e-fatura' WHERE id = ?", two.ID)
			n := number
			outcomes, err := b.Commit(t.Context(), []Change{{Document: two.ID, Lease: two.Lease(), To: Sent, Unlease: true, Patch: Patch{Number: &n}}})
			if err != nil {
				t.Fatal(err)
			}
			clash, ok := errors.AsType[*Clash](outcomes[0].Err)
			if !ok || outcomes[0].Applied || clash.Other != one.ID {
				t.Fatalf("%+v", outcomes[0])
			}
			other, ok := clash.ParkOther(two.LocalReference, "tr", "tester")
			if !ok {
				t.Fatal("the other party is unknown")
			}
			b.apply(t, Change{Document: two.ID, Lease: two.Lease(), To: Disputed, Unlease: true, Patch: clash.Parking(clash.Reference, "tr")}, other)
			for _, d := range []struct {
				doc   Document
				names string
			}{{b.one(t, one.ID), two.LocalReference}, {b.one(t, two.ID), one.LocalReference}} {
				if d.doc.State != Disputed || d.doc.Code != CodeNumberClash || !strings.Contains(d.doc.Message, number) ||
					!strings.Contains(d.doc.Message, d.names) || d.doc.Advice == "" {
					t.Errorf("%s stands at %s: %q %q", d.doc.LocalReference, d.doc.State, d.doc.Code, d.doc.Message)
				}
			}
			if d := b.one(t, one.ID); d.Number != number {
				t.Errorf("the first lost its number: %q", d.Number)
			}
			late, err := b.Commit(t.Context(), []Change{{Document: one.ID, Lease: one.Lease(), To: first, Stay: true}})
			if err != nil || late[0].Applied {
				t.Errorf("who held the first still wrote: %+v, %v", late, err)
			}
		})
	}
}

func TestSeizingIsNotForHolders(t *testing.T) {
	t.Parallel()
	c := Change{Document: 1, To: Disputed, Seize: true, Lease: &Lease{Owner: "me", Epoch: 1}}
	if err := c.check(); err == nil {
		t.Error("a document was seized under a lease")
	}
}
