package ledger

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/mysqlx"
)

// Store is the ledger in one MySQL or MariaDB schema. It is safe for concurrent use, in one process or in many. Errors
// that it returns are *fault.Error: Retryable when the database is away, busy or read-only, Auth when the user lacks a
// right, Ambiguous when it is not known whether a change was stored, Permanent otherwise.
type Store struct {
	db         *sqlx.DB
	statements *statements
	random     io.Reader                                  // tokens; crypto/rand
	wait       func(context.Context, time.Duration) error // sleeps between replays
	settle     time.Duration                              // how long an unanswered COMMIT is asked about
	packet     atomic.Int64                               // largest value that the server takes; 0 = not asked yet
	last       atomic.Pointer[landmark]                   // the last commit; nil = none yet
	lost       atomic.Bool                                // a commit of this process turned out to be gone
}

// Option adjusts a Store, for tests.
type Option func(*Store)

// WithRandom replaces the source of tokens, crypto/rand.
func WithRandom(r io.Reader) Option { return func(s *Store) { s.random = r } }

// WithSettle sets how long an unanswered COMMIT is asked about before the outcome is reported as fault.Ambiguous; the
// default is 30 s.
func WithSettle(d time.Duration) Option { return func(s *Store) { s.settle = d } }

// New makes a Store on db, which must come from internal/mysqlx with role Ledger and be logged in as the least-privilege
// user (Grants). Close the Store before db.
func New(db *sqlx.DB, opts ...Option) *Store {
	s := &Store{db: db, statements: newStatements(db), random: rand.Reader, wait: sleep, settle: 30 * time.Second}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Close gives the prepared statements back. The database stays open.
func (s *Store) Close() error { return s.statements.close() }

// Now is the database's clock, in UTC: the only one by which leases, quarantines and next attempts are judged.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := s.get(ctx, &now, "SELECT UTC_TIMESTAMP(6)")
	return now, mysqlx.Wrap("reading the ledger's clock", err)
}

// Birth is when this ledger was created. A sale that is older may have been issued by a ledger that was lost.
func (s *Store) Birth(ctx context.Context) (time.Time, error) {
	var born time.Time
	err := s.get(ctx, &born, "SELECT created_at FROM birth WHERE id = 1")
	return born, mysqlx.Wrap("reading when the ledger was created", err)
}

// token is a random name for one group of changes.
func (s *Store) token() ([]byte, error) {
	b := make([]byte, 16)
	_, err := io.ReadFull(s.random, b)
	return b, err
}

// leaseToken is a random number, never 0, for one call that takes leases.
func (s *Store) leaseToken() (int64, error) {
	b, err := s.token()
	if err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(b)>>1 | 1), nil
}

// sleep waits a random part of at most d ("full jitter"), or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(mathrand.N(d + 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
