package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/mysqlx"
)

// table opens a server with one table of one row.
func table(t *testing.T) (*embedded, *sqlx.DB) {
	t.Helper()
	e, err := startDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.close(); err != nil {
			t.Error(err)
		}
	})
	db, err := mysqlx.Open(t.Context(), mysqlx.Options{DSN: e.dsn(erpName), Role: mysqlx.Ledger, MaxOpen: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range []string{"CREATE TABLE counter (id INT NOT NULL, n INT NOT NULL, PRIMARY KEY (id))", "INSERT INTO counter VALUES (1, 0)"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return e, db
}

func count(t *testing.T, db *sqlx.DB) (n int) {
	t.Helper()
	if err := db.GetContext(t.Context(), &n, "SELECT n FROM counter WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNothingIsLost: transactions and single statements of several connections, writing and reading, do not undo each
// other. Without the turn they do.
func TestNothingIsLost(t *testing.T) {
	_, db := table(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := range 10 {
				if _, err := db.ExecContext(t.Context(), "UPDATE counter SET n = n + 1 WHERE id = ?", 1); err != nil {
					t.Error(err)
				}
				err := mysqlx.WithTx(t.Context(), db, func(tx *sqlx.Tx) error {
					if _, err := tx.ExecContext(t.Context(), "SAVEPOINT one"); err != nil {
						return err
					}
					if _, err := tx.ExecContext(t.Context(), "UPDATE counter SET n = n + 1 WHERE id = ?", 1); err != nil {
						return err
					}
					if i%2 == 1 {
						return errRollback
					}
					_, err := tx.ExecContext(t.Context(), "RELEASE SAVEPOINT one")
					return err
				})
				if err != nil && !errors.Is(err, errRollback) {
					t.Error(err)
				}
				count(t, db)
			}
		})
	}
	wait.Wait()
	if got := count(t, db); got != 60 {
		t.Errorf("counted %d, want 60", got)
	}
}

var errRollback = errors.New("rolled back")

// TestGoneInTheMiddle: a connection that is cut inside its transaction gives the turn back, and leaves nothing behind.
func TestGoneInTheMiddle(t *testing.T) {
	_, db := table(t)
	ctx, leave := context.WithCancel(t.Context())
	conn, err := db.Connx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"START TRANSACTION", "UPDATE counter SET n = 99 WHERE id = 1"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	err = conn.Raw(func(any) error { return errors.New("drop it") }) // the pool closes what is said to be bad
	if err == nil {
		t.Fatal("the connection is still good")
	}
	if err := conn.Close(); err != nil {
		t.Log(err)
	}
	db.SetMaxIdleConns(-1) // closes the idle one
	if got := count(t, db); got != 0 {
		t.Errorf("the cut transaction left %d", got)
	}
}

// TestAdvance: the server's clock moves when told to.
func TestAdvance(t *testing.T) {
	e, db := table(t)
	now := func() (at time.Time) {
		if err := db.GetContext(t.Context(), &at, "SELECT UTC_TIMESTAMP(6)"); err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := now()
	e.advance(time.Hour)
	if got := now().Sub(before); got < time.Hour || got > time.Hour+time.Minute {
		t.Errorf("an hour later is %s later", got)
	}
}
