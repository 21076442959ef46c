package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// mostRounds bounds how often Lease looks for other rows after others were faster.
const mostRounds = 32

// Lease takes up to limit documents of the company that are in one of the states, due, and free, the longest due first.
// The lease bumps the epoch and lasts ttl by the database's clock. It is one guarded UPDATE, and what it returns was read
// back afterwards: on a cluster that loses an update, the loser sees that it lost. No rows cost no write.
func (s *Store) Lease(ctx context.Context, company string, states []State, owner string, ttl time.Duration, limit int) ([]Document, error) {
	if len(states) == 0 || limit <= 0 {
		return nil, nil
	}
	for _, state := range states {
		if _, known := RuleOf(state); !known {
			return nil, fault.Newf(fault.Permanent, "leasing documents", "%q is no state", state)
		}
	}
	return s.lease(ctx, company, states, false, owner, ttl, limit)
}

// LeaseLegal is Lease for drafts whose legal step is due; Lease leaves them alone.
func (s *Store) LeaseLegal(ctx context.Context, company, owner string, ttl time.Duration, limit int) ([]Document, error) {
	return s.lease(ctx, company, []State{Draft}, true, owner, ttl, limit)
}

func (s *Store) lease(ctx context.Context, company string, states []State, legal bool, owner string, ttl time.Duration, limit int) ([]Document, error) {
	which := " AND legal_step <> 'due'"
	if legal {
		which = " AND legal_step = 'due'"
	}
	due := func() ([]int64, error) { return s.due(ctx, company, states, which, limit) }
	guard := inStates(states) + " AND next_at <= " + now + which
	ids, token, err := s.takeDue(ctx, documentLeases, due, guard, owner, ttl)
	if err != nil || len(ids) == 0 {
		return nil, mysqlx.Wrap("leasing documents", err)
	}
	return s.leased(context.WithoutCancel(ctx), ids, owner, token) // who stops now must still know what to give back
}

// LeaseByID takes those of the documents that are free, due or not, for a person's command.
func (s *Store) LeaseByID(ctx context.Context, ids []int64, owner string, ttl time.Duration) ([]Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	token, _, err := s.take(ctx, documentLeases, ids, "TRUE", owner, ttl)
	if err != nil {
		return nil, mysqlx.Wrap("leasing documents", err)
	}
	return s.leased(ctx, ids, owner, token)
}

// Renew prolongs the leases that are still held as the documents say; ttl counts from now. It tells which those are.
func (s *Store) Renew(ctx context.Context, owner string, docs []Document, ttl time.Duration) (map[int64]bool, error) {
	renewed := make(map[int64]bool, len(docs))
	if len(docs) == 0 {
		return renewed, nil
	}
	const doing = "renewing leases"
	docs = slices.Clone(docs)
	slices.SortFunc(docs, func(a, b Document) int { return int(a.ID - b.ID) })
	prolong := "UPDATE documents SET lease_until = " + fromNow + " WHERE id = ? AND lease_owner = ? AND lease_epoch = ?"
	err := s.atomically(ctx, doing, []string{prolong}, func(ctx context.Context, t *tx) error {
		for _, d := range docs {
			if _, err := t.exec(ctx, prolong, micros(ttl), d.ID, owner, d.LeaseEpoch); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	epochs := make(map[int64]int64, len(docs))
	ids := make([]int64, len(docs))
	for i, d := range docs {
		epochs[d.ID], ids[i] = d.LeaseEpoch, d.ID
	}
	for _, list := range padded(ids) {
		var held []struct {
			ID    int64
			Epoch int64 `db:"lease_epoch"`
		}
		query := "SELECT id, lease_epoch FROM documents WHERE id IN (" + placeholders(len(list)) + ") AND lease_owner = ? AND lease_until > " + now
		if err := s.all(ctx, &held, query, arguments(list, owner)...); err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		for _, h := range held {
			if epochs[h.ID] == h.Epoch {
				renewed[h.ID] = true
			}
		}
	}
	return renewed, nil
}

// due lists documents that may be leased, without locking anything.
func (s *Store) due(ctx context.Context, company string, states []State, which string, limit int) ([]int64, error) {
	one := "SELECT id, next_at FROM documents WHERE company = ? AND state = ? AND next_at <= " + now + which + " AND " + leaseFree +
		" ORDER BY next_at, id LIMIT ?"
	var args []any
	for _, state := range states {
		args = append(args, company, string(state), limit)
	}
	if len(states) > 1 {
		one = "(" + one + ")"
	}
	query := "SELECT id FROM (" + strings.Repeat(one+" UNION ALL ", len(states)-1) + one + ") AS due ORDER BY next_at, id LIMIT ?"
	var ids []int64
	err := s.all(ctx, &ids, query, append(args, limit)...)
	return ids, err
}

// leased reads what this very call holds.
func (s *Store) leased(ctx context.Context, ids []int64, owner string, token int64) ([]Document, error) {
	var docs []Document
	for _, list := range padded(ids) {
		query := "SELECT " + documentColumns + " FROM documents WHERE id IN (" + placeholders(len(list)) + ")" + heldBy
		some, err := s.documents(ctx, query, arguments(list, token, owner)...)
		if err != nil {
			return nil, mysqlx.Wrap("reading leased documents", err)
		}
		docs = append(docs, some...)
	}
	slices.SortFunc(docs, func(a, b Document) int {
		if c := a.NextAt.Compare(b.NextAt); c != 0 {
			return c
		}
		return int(a.ID - b.ID)
	})
	return docs, nil
}

// leaseTable is a table with the lease columns.
type leaseTable string

const (
	documentLeases leaseTable = "documents"
	receivedLeases leaseTable = "received"
	answerLeases   leaseTable = "answers"
	fileLeases     leaseTable = "files"
)

const heldBy = " AND lease_token = ? AND lease_owner = ? AND lease_until > " + now

// takeDue takes rows that due lists, and looks again while others are faster.
func (s *Store) takeDue(ctx context.Context, table leaseTable, due func() ([]int64, error), guard, owner string, ttl time.Duration) (ids []int64, token int64, err error) {
	pause := firstPause
	for range mostRounds {
		if ids, err = due(); err != nil || len(ids) == 0 {
			return nil, 0, err
		}
		token, taken, err := s.take(context.WithoutCancel(ctx), table, ids, guard, owner, ttl)
		if err != nil || taken > 0 {
			return ids, token, err
		}
		if err := s.wait(ctx, pause); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, nil
}

// take leases the free ones of ids. The token is new for each call, so that two goroutines of one owner do not take each
// other's rows for their own. taken may be too small when an answer was lost; the caller reads back by token.
func (s *Store) take(ctx context.Context, table leaseTable, ids []int64, guard, owner string, ttl time.Duration) (token, taken int64, err error) {
	if owner == "" || ttl <= 0 {
		return 0, 0, fault.New(fault.Permanent, "leasing", errors.New("owner and duration must be given"))
	}
	token, err = s.leaseToken()
	if err != nil {
		return 0, 0, err
	}
	ids = slices.Sorted(slices.Values(ids)) // everybody locks in the same order
	for _, list := range padded(ids) {
		query := "UPDATE " + string(table) + " FORCE INDEX (`PRIMARY`) SET lease_owner = ?, lease_token = ?, lease_epoch = lease_epoch + 1, lease_until = " +
			fromNow + " WHERE id IN (" + placeholders(len(list)) + ") AND " + guard + " AND " + leaseFree
		n, err := s.takeSome(ctx, query, arguments(owner, token, micros(ttl), list))
		if err != nil {
			return 0, 0, err
		}
		taken += n
	}
	return token, taken, nil
}

// takeSome runs the UPDATE, again after a deadlock or a lost connection: rows that an unanswered try took carry the token
// already, are no longer free, and are found when the caller reads back.
func (s *Store) takeSome(ctx context.Context, query string, args []any) (int64, error) {
	pause, lost := firstPause, int64(0)
	for replay := 0; ; replay++ {
		result, err := s.exec(ctx, query, args...)
		if err == nil {
			n, err := result.RowsAffected()
			return n + lost, err
		}
		if !replayable(err) || replay == mostReplays || lost == mostLosses {
			return 0, err
		}
		if mysqlx.IsGone(err) || mysqlx.IsLockWait(err) {
			lost++ // also makes the caller read back
		}
		if werr := s.wait(ctx, pause); werr != nil {
			return 0, errors.Join(err, werr)
		}
		pause = min(2*pause, longPause)
	}
}
