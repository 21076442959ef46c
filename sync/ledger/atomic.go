package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// Replays of one group. This is the one layer that replays; callers must not.
const (
	mostReplays = 12                     // deadlocks: each means that somebody else got on
	mostLosses  = 3                      // lock waits and lost connections: each may have cost a minute
	firstPause  = 4 * time.Millisecond   // doubled each time, a random part of it is slept
	longPause   = 500 * time.Millisecond // and never more than this
	gonePause   = 200 * time.Millisecond // after a lost connection: the network gets time to come back
)

const insertToken = "INSERT INTO commits (token, at) VALUES (?, UTC_TIMESTAMP(6))"

// errNothing ends a transaction that found nothing to do: it is rolled back and costs no flush.
var errNothing = errors.New("nothing to do")

// atomically runs fn in a transaction and tells the truth about it: nil means stored, fault.Ambiguous means that it could
// not be found out, every other error means not stored. Deadlocks, lock waits and connections lost before COMMIT replay fn
// from its beginning, so fn must set, not add, what it keeps outside. queries are prepared beforehand. fn may return
// errNothing to have everything rolled back without error.
func (s *Store) atomically(ctx context.Context, doing string, queries []string, fn func(context.Context, *tx) error) error {
	for _, q := range append([]string{insertToken}, queries...) {
		if err := s.statements.prepare(ctx, q); err != nil && !replayable(err) {
			return mysqlx.Wrap(doing, err)
		}
	}
	pause, losses := firstPause, 0
	for replay := 0; ; replay++ {
		err := s.once(ctx, fn)
		if err == nil || errors.Is(err, errNothing) {
			return nil
		}
		if mysqlx.IsLockWait(err) || mysqlx.IsGone(err) || errors.Is(err, errNotStored) {
			losses++
		}
		if !replayable(err) || replay == mostReplays || losses == mostLosses {
			return mysqlx.Wrap(doing, err)
		}
		if mysqlx.IsGone(err) {
			pause = max(pause, gonePause)
		}
		if werr := s.wait(ctx, pause); werr != nil {
			return mysqlx.Wrap(doing, errors.Join(err, werr))
		}
		pause = min(2*pause, longPause)
	}
}

// once runs fn in one transaction under a fresh token, and settles a COMMIT that was not answered.
func (s *Store) once(ctx context.Context, fn func(context.Context, *tx) error) error {
	token, err := s.token()
	if err != nil {
		return fault.New(fault.Retryable, "making a token", err)
	}
	err = mysqlx.WithTx(ctx, s.db, func(t *sqlx.Tx) error {
		own := &tx{Tx: t, statements: s.statements, open: map[string]*sqlx.Stmt{}}
		if err := s.lookBack(ctx, own); err != nil {
			return err
		}
		if _, err := own.exec(ctx, insertToken, token); err != nil {
			return err
		}
		err := fn(ctx, own)
		failpoint.Hit("ledger.commit.before")
		return err
	})
	failpoint.Hit("ledger.commit.after")
	if err == nil {
		s.remember(token)
	}
	if !mysqlx.IsCommitUnknown(err) {
		return err
	}
	stored, serr := s.stored(ctx, token)
	switch {
	case serr != nil:
		return errors.Join(err, serr)
	case stored:
		s.remember(token)
		return nil
	}
	return fmt.Errorf("%w (%w)", errNotStored, err)
}

// errNotStored says that an unanswered COMMIT turned out not to have happened; the group may be replayed.
var errNotStored = fault.New(fault.Retryable, "settling an unanswered COMMIT", errors.New("the transaction was not stored"))

// stored finds out whether the transaction with this token was committed, by inserting the token again: as long as the
// lost transaction is alive, the insert waits for it; a duplicate proves that it was committed; and once the insert itself
// is committed, the lost one can never be. It goes on for a while after ctx ends, since the truth is needed all the same.
func (s *Store) stored(ctx context.Context, token []byte) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.settle)
	defer cancel()
	pause := firstPause
	for {
		err := mysqlx.WithTx(ctx, s.db, func(t *sqlx.Tx) error {
			_, err := t.ExecContext(ctx, insertToken, token)
			return err
		})
		switch {
		case err == nil:
			return false, nil
		case mysqlx.IsDuplicate(err):
			// Either the lost transaction, or an insert of this loop whose own COMMIT was not answered. The loop gives up
			// instead of guessing in the second case (see below), so it is the lost one.
			return true, nil
		case mysqlx.IsCommitUnknown(err), !replayable(err):
			return false, fmt.Errorf("settling an unanswered COMMIT: %w", err)
		}
		if werr := s.wait(ctx, pause); werr != nil {
			return false, fmt.Errorf("settling an unanswered COMMIT: %w", errors.Join(err, werr))
		}
		pause = min(2*pause, longPause)
	}
}

// replayable says that nothing was stored and that the same group may succeed at once.
func replayable(err error) bool {
	if mysqlx.IsCommitUnknown(err) {
		return errors.Is(err, errNotStored)
	}
	return mysqlx.IsDeadlock(err) || mysqlx.IsLockWait(err) || mysqlx.IsGone(err)
}
