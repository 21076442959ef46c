package ledger

import (
	"context"
	"time"

	"faturad/internal/mysqlx"
)

// landmark is the last commit of this process.
type landmark struct {
	token []byte
	at    time.Time // monotonic
}

// quiet is how long nothing must have been committed before the next commit looks back: no failover takes less, and in
// between commits follow each other without another question.
const quiet = time.Second

const findToken = "SELECT COUNT(*) FROM commits WHERE token = ?"

// remember notes a commit.
func (s *Store) remember(token []byte) {
	s.last.Store(&landmark{token, time.Now()}) //nolint:forbidigo // monotonic: the age of a commit
}

// lookBack looks, before a transaction adds to the ledger, whether what this process committed last is still there.
func (s *Store) lookBack(ctx context.Context, t *tx) error {
	last := s.last.Load()
	if last == nil || time.Since(last.at) < quiet { //nolint:forbidigo // as above
		return nil
	}
	var found int
	if err := t.GetContext(ctx, &found, findToken, last.token); err != nil {
		return err
	}
	if found == 0 {
		s.lost.Store(true)
	}
	return nil
}

// Continuous reports whether every commit of this process is still there. False means that the ledger went back in time
// under our feet: a backup was restored, or a failover lost what its replica had not received. It stays false until Resume.
// It costs one look-up by key; the first call commits a landmark, so that what is lost from then on is noticed even by a
// process that has nothing to write.
func (s *Store) Continuous(ctx context.Context) (bool, error) {
	if s.lost.Load() {
		return false, nil
	}
	last := s.last.Load()
	if last == nil {
		return true, s.atomically(ctx, "setting a landmark in the ledger", nil, func(context.Context, *tx) error { return nil })
	}
	var found int
	if err := s.get(ctx, &found, findToken, last.token); err != nil {
		return true, mysqlx.Wrap("looking for the last commit", err)
	}
	return found > 0, nil
}

// Resume says that lost commits have been dealt with: only later ones are looked for from now on.
func (s *Store) Resume() {
	s.lost.Store(false)
	s.last.Store(nil)
}
