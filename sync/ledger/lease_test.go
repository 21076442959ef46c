package ledger

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// Eight goroutines in two processes, half of them under one owner's name, take 200 rows: each row once.
func TestLeaseRace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 200)
	stores := []*Store{b.Store, b.another(t, b.daily)}
	var mu sync.Mutex
	taken := map[int64]string{}
	var g errgroup.Group
	for i := range 8 {
		g.Go(func() error {
			owner := fmt.Sprintf("owner%d", i/2)
			for {
				docs, err := stores[i%2].Lease(t.Context(), company, []State{Pending, Prepared}, owner, ttl, 7)
				if err != nil || len(docs) == 0 {
					return err
				}
				mu.Lock()
				for _, d := range docs {
					if other, double := taken[d.ID]; double {
						t.Errorf("document %d was leased by %s and by %s", d.ID, other, owner)
					}
					if d.LeaseOwner != owner || d.LeaseEpoch != 1 || d.LeaseUntil.IsZero() {
						t.Errorf("document %d: %q, epoch %d, until %s", d.ID, d.LeaseOwner, d.LeaseEpoch, d.LeaseUntil)
					}
					taken[d.ID] = owner
				}
				mu.Unlock()
			}
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(taken) != 200 {
		t.Errorf("%d of 200 documents were leased", len(taken))
	}
}

func TestLeaseIsFairAndDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 5)
	b.db.Exec(t, "UPDATE documents SET next_at = UTC_TIMESTAMP(6) - INTERVAL 1 HOUR WHERE id = ?", docs[3].ID)
	b.db.Exec(t, "UPDATE documents SET next_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE id = ?", docs[0].ID)
	b.put(t, docs[2].ID, Held)
	got := b.lease(t, 2, Pending, Held)
	if got[0].ID != docs[3].ID || got[1].ID != docs[1].ID {
		t.Errorf("leased %d, %d; the longest due first would be %d, %d", got[0].ID, got[1].ID, docs[3].ID, docs[1].ID)
	}
	rest, err := b.Lease(t.Context(), company, []State{Pending, Held}, "other", ttl, 10)
	if err != nil || len(rest) != 2 || rest[0].ID != docs[2].ID || rest[1].ID != docs[4].ID {
		t.Errorf("the rest: %v, %v", rest, err)
	}
	if none, err := b.Lease(t.Context(), "another company", []State{Pending}, "other", ttl, 10); err != nil || len(none) != 0 {
		t.Errorf("another company's lease: %v, %v", none, err)
	}
	byID, err := b.LeaseByID(t.Context(), []int64{docs[0].ID, docs[1].ID}, "person", ttl)
	if err != nil || len(byID) != 1 || byID[0].ID != docs[0].ID {
		t.Errorf("by ID, due or not, but only free ones: %v, %v", byID, err)
	}
	if _, err := b.Lease(t.Context(), company, []State{"nonsense"}, "other", ttl, 1); err == nil {
		t.Error("a word that is no state was leased")
	}
	if _, err := b.LeaseByID(t.Context(), []int64{1}, "", ttl); err == nil {
		t.Error("a lease without an owner was given")
	}
}

// expire lets every lease run out.
func (b *bench) expire(t *testing.T) {
	t.Helper()
	b.db.Exec(t, "UPDATE documents SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE lease_until IS NOT NULL")
}

// A holder whose lease ran out and was taken, or whose document a person moved, can record nothing any more.
func TestFencing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 3)
	old := b.lease(t, 3, Pending)
	b.expire(t)

	// Nobody took it: the result may still be recorded, but no request may leave.
	intent := Change{Document: old[2].ID, Lease: old[2].Lease(), To: Pending, Stay: true, Event: &Event{Attempt: 1, Operation: OpLookup, Opened: true}}
	held := Change{Document: old[2].ID, Lease: old[2].Lease(), To: Held, Unlease: true}
	if out, err := b.Commit(t.Context(), []Change{intent}); err != nil || out[0].Applied {
		t.Errorf("an intent under an expired lease: %+v, %v", out, err)
	}
	b.apply(t, held)

	fresh, err := b.LeaseByID(t.Context(), []int64{docs[0].ID}, "tester", ttl) // the same owner's name: the epoch decides
	if err != nil || len(fresh) != 1 {
		t.Fatal(fresh, err)
	}
	b.apply(t, Change{Document: docs[1].ID, To: Held, Audit: &Audit{User: "u", Action: "hold"}}) // a person, after the lease ran out
	late := func(d Document) Change {
		return Change{Document: d.ID, Lease: d.Lease(), To: Cancelled, Event: &Event{Attempt: 1, Operation: OpCreate, Class: "ok"}}
	}
	out, err := b.Commit(t.Context(), []Change{late(old[0]), late(old[1])})
	if err != nil || out[0].Applied || out[1].Applied {
		t.Errorf("the old epochs could commit: %+v, %v", out, err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM attempts"); n != 0 {
		t.Errorf("%d events of refused changes were stored", n)
	}
	b.apply(t, late(fresh[0]))

	// A person may not touch what is being worked on.
	again := b.lease(t, 2, Held)
	if out, err := b.Commit(t.Context(), []Change{{Document: again[0].ID, To: Cancelled}}); err != nil || out[0].Applied {
		t.Errorf("a person's change went past a lease: %+v, %v", out, err)
	}
}

// A failover lost the commit that froze other bytes, but not the lease: a request that would send them has no intent. It lost the
// lease too, and the next one has the same owner and epoch, but other bytes: the answer to the first ones is not theirs.
func TestRequestsNameWhatIsFrozen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 3)
	var intents []Change
	for i, d := range b.lease(t, 3, Pending) {
		b.apply(t, preparing(d, fmt.Sprint("new ", i)))
		intents = append(intents, Change{Document: d.ID, Lease: d.Lease(), To: Sending, Quiet: true,
			Event: &Event{Attempt: 1, Operation: OpCreate, Opened: true, PayloadSHA: payloadOf(fmt.Sprint("new ", i)).Hash}})
	}
	b.db.Exec(t, "UPDATE documents SET payload_hash = ? WHERE id = ?", payloadOf("old").Hash, intents[1].Document)
	out, err := b.Commit(t.Context(), intents)
	if err != nil || !out[0].Applied || out[1].Applied || !out[2].Applied {
		t.Errorf("intents of which the second would send what is not frozen: %+v, %v", out, err)
	}
	if d := b.one(t, intents[1].Document); d.State != Prepared || b.count(t, "SELECT COUNT(*) FROM attempts WHERE document_id = ?", d.ID) != 0 {
		t.Errorf("the document whose frozen bytes were lost is %s", d.State)
	}

	b.db.Exec(t, "UPDATE documents SET payload_hash = ? WHERE id = ?", payloadOf("newer").Hash, intents[2].Document)
	var results []Change
	for _, i := range []Change{intents[0], intents[2]} {
		i.To, i.Event = Sent, &Event{Attempt: 1, Operation: OpCreate, Class: "ok", PayloadSHA: i.Event.PayloadSHA}
		results = append(results, i)
	}
	out, err = b.Commit(t.Context(), results)
	if err != nil || !out[0].Applied || out[1].Applied {
		t.Errorf("results of which the second is of other bytes: %+v, %v", out, err)
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 3)
	docs := b.lease(t, 3, Pending)
	b.expire(t)
	if taken, err := b.LeaseByID(t.Context(), []int64{docs[1].ID}, "tester", ttl); err != nil || len(taken) != 1 {
		t.Fatal(taken, err)
	}
	renewed, err := b.Renew(t.Context(), "tester", docs, 10*time.Minute)
	if err != nil || !renewed[docs[0].ID] || renewed[docs[1].ID] || !renewed[docs[2].ID] {
		t.Errorf("renewed %v, %v", renewed, err)
	}
	if other, err := b.Renew(t.Context(), "somebody else", docs, ttl); err != nil || len(other) != 0 {
		t.Errorf("somebody else renewed %v, %v", other, err)
	}
	now, err := b.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := b.one(t, docs[0].ID).LeaseUntil.Sub(now); d < 9*time.Minute || d > 10*time.Minute {
		t.Errorf("the renewed lease lasts %s", d)
	}
	if now.Location() != time.UTC {
		t.Errorf("the clock is in %s", now.Location())
	}
}
