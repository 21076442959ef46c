package ledger

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/sync/errgroup"

	"faturad/internal/dbtest"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// Groups that lock the same rows from both ends, and a foreign transaction that locks them in the wrong order: everything
// is recorded, and no 1213 gets out.
func TestDeadlockReplay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 40)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var foreign errgroup.Group
	deadlocks := 0
	foreign.Go(func() error {
		for ctx.Err() == nil {
			err := mysqlx.WithTx(ctx, b.db.DB(), func(tx *sqlx.Tx) error {
				for i := len(docs) - 1; i >= 0; i-- { // the other way round
					if _, err := tx.ExecContext(ctx, "UPDATE documents SET write_message = 'x' WHERE id = ?", docs[i].ID); err != nil {
						return err
					}
				}
				return nil
			})
			if mysqlx.IsDeadlock(err) {
				deadlocks++
			} else if err != nil && ctx.Err() == nil {
				return err
			}
		}
		return nil
	})
	var g errgroup.Group
	const rounds = 15
	for range 4 {
		g.Go(func() error {
			for range rounds {
				var changes []Change
				for _, d := range docs {
					changes = append(changes, Change{Document: d.ID, To: Pending, Stay: true, Patch: Patch{CountAttempt: true},
						Event: &Event{Attempt: 1, Operation: OpStatus, Class: "ok"}})
				}
				out, err := b.Commit(ctx, changes)
				if err != nil {
					return err
				}
				for _, o := range out {
					if !o.Applied {
						return fmt.Errorf("%+v", o)
					}
				}
			}
			return nil
		})
	}
	err := g.Wait()
	cancel()
	if ferr := foreign.Wait(); err != nil || ferr != nil {
		t.Fatal(err, ferr)
	}
	for _, d := range b.every(t) {
		if d.Attempts != 4*rounds {
			t.Errorf("document %d counted %d of %d", d.ID, d.Attempts, 4*rounds)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM attempts"); n != 4*rounds*len(docs) {
		t.Errorf("%d events", n)
	}
	t.Logf("the foreign transaction lost %d deadlocks", deadlocks)
}

// A row that stays locked is given up after a bounded time, as fault.Retryable.
func TestLockWaitIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 1)
	s := New(b.db.Open(t, b.daily, mysqlx.Options{Role: mysqlx.Ledger, LockWait: time.Second}))
	defer s.Close()
	blocker, err := b.db.DB().Beginx()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := blocker.Rollback(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := blocker.Exec("UPDATE documents SET write_message = 'x' WHERE id = ?", docs[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), []Change{{Document: docs[0].ID, To: Held}}); !errors.Is(err, fault.Retryable) || !mysqlx.IsLockWait(err) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Commit(ctx, []Change{{Document: docs[0].ID, To: Held}}); !errors.Is(err, fault.Retryable) {
		t.Errorf("with a context that ended: %v", err)
	}
}

// The connection is cut at many places of a commit, in both directions. Whatever Commit says is what the database holds:
// applied means there, once; an error other than ambiguous means not there.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.db.Proxy(t)
	s := b.another(t, p.DSN(b.daily), WithSettle(2*time.Minute))
	b.sales(t, 3)
	docs := b.lease(t, 3, Pending)
	commit := func() ([]Outcome, error) {
		changes := make([]Change, len(docs))
		for i, d := range docs {
			changes[i] = Change{Document: d.ID, Lease: d.Lease(), To: Pending, Stay: true, Patch: Patch{CountAttempt: true},
				Event: &Event{Attempt: 1, Operation: OpCreate, Class: "ok", Owner: "tester"}}
		}
		return s.Commit(t.Context(), changes)
	}
	if _, err := commit(); err != nil { // prepares everything
		t.Fatal(err)
	}
	want, lost, settled := 1, 0, 0
	for _, direction := range []string{"requests", "answers"} {
		for after := int64(0); after < 1100; after += 23 {
			tokens := b.count(t, "SELECT COUNT(*) FROM commits")
			if direction == "requests" {
				p.LoseRequests(after)
			} else {
				p.LoseAnswers(after)
			}
			heal := make(chan struct{})
			go func() { // the network comes back while Commit is at it
				defer close(heal)
				timer := time.NewTimer(15 * time.Millisecond)
				defer timer.Stop()
				<-timer.C
				p.Heal()
			}()
			out, err := commit()
			<-heal
			switch {
			case err == nil && out[0].Applied && out[1].Applied && out[2].Applied:
				want++
			case errors.Is(err, fault.Ambiguous):
				t.Errorf("%s cut after %d bytes: %v", direction, after, err)
			case err != nil:
				lost++
			default:
				t.Fatalf("%s cut after %d bytes: %+v", direction, after, out)
			}
			if err == nil && b.count(t, "SELECT COUNT(*) FROM commits") > tokens+1 {
				settled++ // an unanswered COMMIT was settled as not stored, and replayed
			}
			for _, d := range docs {
				if got := b.one(t, d.ID); got.Attempts != want {
					t.Fatalf("%s cut after %d bytes: said %v, but document %d counted %d instead of %d", direction, after, err, d.ID, got.Attempts, want)
				}
			}
			if n := b.count(t, "SELECT COUNT(*) FROM attempts"); n != want*len(docs) {
				t.Fatalf("%s cut after %d bytes: %d events instead of %d", direction, after, n, want*len(docs))
			}
		}
	}
	t.Logf("%d commits, %d given up as not stored, %d settled as not stored and replayed", want, lost, settled)
}

// COMMIT arrives, its answer never comes: the group is found to be stored.
func TestCommitAnswerLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 1)
	for name, c := range map[string]struct {
		lose   func(*dbtest.Proxy)
		stored bool
	}{
		"answer":  {func(p *dbtest.Proxy) { p.LoseAnswers(0) }, true},
		"request": {func(p *dbtest.Proxy) { p.LoseRequests(0) }, false},
	} {
		p := b.db.Proxy(t)
		s := b.another(t, p.DSN(b.daily))
		calls, healed := 0, make(chan struct{})
		err := s.once(t.Context(), func(ctx context.Context, tx *tx) error {
			calls++
			_, err := tx.ExecContext(ctx, "INSERT INTO marks (name, at) VALUES (?, UTC_TIMESTAMP(6))", name)
			c.lose(p) // from here on, that is: around COMMIT
			go func() {
				defer close(healed)
				timer := time.NewTimer(50 * time.Millisecond)
				defer timer.Stop()
				<-timer.C
				p.Heal()
			}()
			return err
		})
		<-healed
		at, merr := b.Mark(t.Context(), name)
		if merr != nil || at.IsZero() == c.stored || calls != 1 {
			t.Errorf("%s lost: mark %s, %v", name, at, merr)
		}
		if c.stored && err != nil || !c.stored && !errors.Is(err, errNotStored) && !mysqlx.IsGone(err) {
			t.Errorf("%s lost: %v", name, err)
		}
	}
	// The server never comes back: the truth is that nobody knows.
	p := b.db.Proxy(t)
	s := b.another(t, p.DSN(b.daily), WithSettle(300*time.Millisecond))
	err := s.atomically(t.Context(), "testing", nil, func(ctx context.Context, tx *tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO marks (name, at) VALUES ('never', UTC_TIMESTAMP(6))")
		p.LoseAnswers(0)
		return err
	})
	if !errors.Is(err, fault.Ambiguous) {
		t.Errorf("with the server gone: %v", err)
	}
}

// The server is off: a clear error of the right class, and everything goes on when it is back.
func TestServerGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 1)
	p := b.db.Proxy(t)
	s := b.another(t, p.DSN(b.daily))
	p.Down()
	calls := map[string]func() error{
		"commit":   func() error { _, err := s.Commit(t.Context(), []Change{{Document: docs[0].ID, To: Held}}); return err },
		"lease":    func() error { _, err := s.Lease(t.Context(), company, []State{Pending}, "o", ttl, 1); return err },
		"discover": func() error { _, err := s.Discover(t.Context(), company, []NewDocument{sale(7)}); return err },
		"now":      func() error { _, err := s.Now(t.Context()); return err },
		"schema":   func() error { return s.CheckSchema(t.Context()) },
		"server":   func() error { _, err := s.CheckServer(t.Context()); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, fault.Retryable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.Up()
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s, after the server came back: %v", name, err)
		}
	}
}
