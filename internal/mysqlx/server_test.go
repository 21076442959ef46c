package mysqlx_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"go.uber.org/goleak"

	"faturad/internal/dbtest"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, dbtest.Leaks()...) }

func TestOpenSetsTheSession(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ledger := d.Open(t, d.DSN(), mysqlx.Options{Role: mysqlx.Ledger})
	erp := d.Open(t, d.DSN(), mysqlx.Options{TimeZone: "+03:00", Charset: "latin1", LockWait: 2 * time.Second})
	for query, want := range map[string][2]string{
		"SELECT @@session.time_zone":                         {"+00:00", "+03:00"},
		"SELECT @@character_set_client":                      {"utf8mb4", "latin1"},
		"SELECT @@sql_mode LIKE '%STRICT_ALL%'":              {"1", "0"},
		"SELECT @@innodb_lock_wait_timeout = 2":              {"0", "1"},
		"SELECT @@session.wait_timeout":                      {"120", "120"},
		"SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), NOW())": {"0", "3"},
	} {
		for i, db := range []*sqlx.DB{ledger, erp} {
			var got string
			if err := db.GetContext(t.Context(), &got, query); err != nil || got != want[i] {
				t.Errorf("%s: got %q, want %q, error %v", query, got, want[i], err)
			}
		}
	}
	info := d.Info(t)
	if info.Major < 8 || info.ReadOnly || !strings.Contains(info.String(), "M") {
		t.Errorf("server is %+v", info)
	}
}

func TestFoundRowsCount(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY, v INT)")
	d.Exec(t, "INSERT INTO a VALUES (1, 7)")
	result, err := d.DB().ExecContext(t.Context(), "UPDATE a SET v = 7 WHERE id = 1")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		t.Errorf("an UPDATE that changes nothing found %d rows, error %v; want 1", n, err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	user := d.User(t, "nobody")
	down := d.Proxy(t)
	down.Down()
	for name, c := range map[string]struct {
		dsn   string
		class fault.Class
		says  string
	}{
		"unreachable":      {down.DSN(d.DSN()), fault.Retryable, "cannot be reached"},
		"wrong password":   {strings.Replace(d.DSN(), ":", ":not", 1), fault.Auth, "refuses this user"},
		"unknown database": {strings.Replace(d.DSN(), d.Name, "not_there", 1), fault.Permanent, "does not exist"},
		"not granted":      {user, fault.Auth, "refuses this user"},
	} {
		_, err := mysqlx.Open(t.Context(), mysqlx.Options{DSN: c.dsn, Name: "ERP database of acme"})
		if fault.ClassOf(err) != c.class {
			t.Errorf("%s: class %q, want %q: %v", name, fault.ClassOf(err), c.class, err)
			continue
		}
		password, _, _ := strings.Cut(c.dsn[strings.Index(c.dsn, ":")+1:], "@")
		if text := err.Error(); !strings.Contains(text, c.says) || !strings.Contains(text, "ERP database of acme") || strings.Contains(text, password) {
			t.Errorf("%s: says %q", name, text)
		}
	}
}

func TestErrorQuestions(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(3) NOT NULL, n TINYINT, day DATE, CHECK (n < 100))")
	d.Exec(t, "INSERT INTO a VALUES (1, 'a', 1, '2026-01-01')")
	db := d.Open(t, d.DSN(), mysqlx.Options{Role: mysqlx.Ledger})
	for query, is := range map[string]func(error) bool{
		"INSERT INTO a VALUES (1, 'b', 1, NULL)":                mysqlx.IsDuplicate,
		"SELECT nope FROM a":                                    mysqlx.IsUnknownColumn,
		"SELECT 1 FROM nope":                                    mysqlx.IsUnknownTable,
		"INSERT INTO a VALUES (2, 'long', 1, NULL)":             mysqlx.IsDataError,
		"INSERT INTO a VALUES (2, NULL, 1, NULL)":               mysqlx.IsDataError,
		"INSERT INTO a VALUES (2, 'b', 300, NULL)":              mysqlx.IsDataError,
		"INSERT INTO a VALUES (2, 'b', 'x', NULL)":              mysqlx.IsDataError,
		"INSERT INTO a VALUES (2, 'b', 1, '2026-02-31')":        mysqlx.IsDataError,
		"INSERT INTO a VALUES (2, 'b', 120, NULL)":              mysqlx.IsDataError,
		"INSERT INTO a (id) VALUES (2)":                         mysqlx.IsDataError,
		"INSERT INTO a SELECT 2, 'b', 1, NULL FROM a, no_table": mysqlx.IsUnknownTable,
	} {
		_, err := db.ExecContext(t.Context(), query)
		if !is(err) || mysqlx.Number(err) == 0 || mysqlx.Describe(err) == "" {
			t.Errorf("%s: %v is not recognised", query, err)
		}
		if c := mysqlx.Class(err); c != fault.Permanent {
			t.Errorf("%s: class %q", query, c)
		}
	}
}

func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, dbtest.OwnServer())
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY)")
	db := d.Open(t, d.User(t, "faturad", "SELECT, INSERT ON {db}.*"), mysqlx.Options{Role: mysqlx.Ledger})
	d.Exec(t, "SET GLOBAL read_only = ON")
	defer d.Exec(t, "SET GLOBAL read_only = OFF")
	if _, err := db.ExecContext(t.Context(), "INSERT INTO a VALUES (1)"); !mysqlx.IsReadOnly(err) {
		t.Errorf("got %v, want read-only", err)
	}
	if !d.Info(t).ReadOnly {
		t.Error("Server does not see read_only")
	}
}

func TestDeadlockAndLockWait(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY, v INT) ENGINE=InnoDB")
	d.Exec(t, "INSERT INTO a VALUES (1, 0), (2, 0)")
	db := d.Open(t, d.DSN(), mysqlx.Options{Role: mysqlx.Ledger, LockWait: time.Second})
	lock := func(tx *sqlx.Tx, id int) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE a SET v = v + 1 WHERE id = ?", id)
		return err
	}
	err := mysqlx.WithTx(t.Context(), db, func(one *sqlx.Tx) error {
		if err := lock(one, 1); err != nil {
			return err
		}
		return mysqlx.WithTx(t.Context(), db, func(two *sqlx.Tx) error { return lock(two, 1) })
	})
	if !mysqlx.IsLockWait(err) {
		t.Errorf("got %v, want a lock wait", err)
	}
	db = d.Open(t, d.DSN(), mysqlx.Options{Role: mysqlx.Ledger, LockWait: time.Minute}) // no lock wait comes before the deadlock
	both := make(chan error, 2)
	locked := make(chan struct{}, 2)
	gate := make(chan struct{})
	for _, ids := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			both <- mysqlx.WithTx(t.Context(), db, func(tx *sqlx.Tx) error {
				err := lock(tx, ids[0])
				locked <- struct{}{}
				<-gate
				return errors.Join(err, lock(tx, ids[1]))
			})
		}()
	}
	<-locked
	<-locked
	close(gate)
	if a, b := <-both, <-both; !mysqlx.IsDeadlock(a) && !mysqlx.IsDeadlock(b) {
		t.Errorf("got %v and %v, want one deadlock", a, b)
	}
}

func TestWithTxStoresOrNot(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB")
	stored := func(id int) bool {
		t.Helper()
		var n int
		if err := d.DB().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM a WHERE id = ?", id); err != nil {
			t.Fatal(err)
		}
		return n == 1
	}
	insert := func(tx *sqlx.Tx, id int) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO a VALUES (?)", id)
		return err
	}
	if err := mysqlx.WithTxAt(t.Context(), d.DB(), sql.LevelReadCommitted, func(tx *sqlx.Tx) error { return insert(tx, 1) }); err != nil || !stored(1) {
		t.Errorf("not stored: %v", err)
	}
	sentinel := errors.New("no")
	if err := mysqlx.WithTx(t.Context(), d.DB(), func(tx *sqlx.Tx) error { return errors.Join(insert(tx, 2), sentinel) }); !errors.Is(err, sentinel) || stored(2) {
		t.Errorf("stored %v, error %v", stored(2), err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = mysqlx.WithTx(t.Context(), d.DB(), func(tx *sqlx.Tx) error { // it panics
			if err := insert(tx, 3); err != nil {
				t.Error(err)
			}
			panic("as planned")
		})
	}()
	if stored(3) {
		t.Error("stored in spite of the panic")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := mysqlx.WithTx(ctx, d.DB(), func(tx *sqlx.Tx) error {
		defer cancel()
		return insert(tx, 4)
	})
	if !errors.Is(err, context.Canceled) || mysqlx.IsCommitUnknown(err) || stored(4) {
		t.Errorf("cancelled before COMMIT: stored %v, error %v", stored(4), err)
	}
}

// A COMMIT whose answer is lost looks the same to the client whether it arrived or not: both must be "not known".
func TestCommitUnknown(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB")
	for id, c := range []struct {
		name   string
		fault  func(*dbtest.Proxy)
		stored int
	}{
		{"the answer is lost", func(p *dbtest.Proxy) { p.LoseAnswers(0) }, 1},
		{"the request is lost", func(p *dbtest.Proxy) { p.LoseRequests(0) }, 0},
		{"no answer in time", func(p *dbtest.Proxy) { p.Hang() }, 1},
	} {
		p := d.Proxy(t)
		db := d.Open(t, p.DSN(d.DSN()), mysqlx.Options{Role: mysqlx.Ledger, ReadTimeout: 300 * time.Millisecond})
		err := mysqlx.WithTx(t.Context(), db, func(tx *sqlx.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO a VALUES (?)", id)
			c.fault(p)
			return err
		})
		if !mysqlx.IsCommitUnknown(err) || mysqlx.Class(err) != fault.Ambiguous {
			t.Errorf("%s: got %v, want an unknown outcome", c.name, err)
		}
		var n int
		if err := d.DB().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM a WHERE id = ?", id); err != nil || n != c.stored {
			t.Errorf("%s: %d rows stored, want %d, error %v", c.name, n, c.stored, err)
		}
	}
}

func TestRollbackFailureKeepsBothErrors(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	p := d.Proxy(t)
	db := d.Open(t, p.DSN(d.DSN()), mysqlx.Options{})
	sentinel := errors.New("the first error")
	err := mysqlx.WithTx(t.Context(), db, func(*sqlx.Tx) error {
		p.Down()
		return sentinel
	})
	if !errors.Is(err, sentinel) || !mysqlx.IsGone(err) {
		t.Errorf("got %v, want both errors", err)
	}
}

func TestSameDatabase(t *testing.T) {
	t.Parallel()
	d, other := dbtest.New(t), dbtest.New(t)
	direct := d.Open(t, d.DSN(), mysqlx.Options{})
	for name, c := range map[string]struct {
		dsn  string
		same bool
	}{
		"the same":                 {d.DSN(), true},
		"another address":          {d.Proxy(t).DSN(d.DSN()), true},
		"another database":         {other.DSN(), false},
		"another database, onward": {other.Proxy(t).DSN(other.DSN()), false},
	} {
		same, err := mysqlx.SameDatabase(t.Context(), direct, d.Open(t, c.dsn, mysqlx.Options{MaxOpen: 1}))
		if err != nil || same != c.same {
			t.Errorf("%s: %v, %v", name, same, err)
		}
	}
}
