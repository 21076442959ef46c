package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"

	"faturad/internal/mysqlx"
)

// Database is one test's own, empty database. It is dropped, with its users, when the test ends.
type Database struct {
	Name string // without quotes
	srv  *server
	db   *sqlx.DB
}

// Option changes what New makes.
type Option func(*options)

type options struct {
	charset, collation string
	own, durable       bool
	data               string // a folder; empty = the server's own
}

// Charset sets the database's default character set and collation (empty: the character set's default).
func Charset(charset, collation string) Option {
	return func(o *options) { o.charset, o.collation = charset, collation }
}

// OwnServer gives the test a server that nobody else uses: for counters, global variables and killing the server. It costs
// seconds. It is never the one of FATURAD_TEST_DSN.
func OwnServer() Option { return func(o *options) { o.own = true } }

// Durable is OwnServer with real flushes to the disk, for benchmarks; other servers of this package never wait for the disk.
func Durable() Option { return func(o *options) { o.own, o.durable = true, true } }

// DataIn is OwnServer with its data in a folder of the caller's, e.g. a file system that is about to be full; its temporary files
// lie elsewhere. The server is a program of this machine, never a container: where there is none, the test is not run, and
// says so.
func DataIn(dir string) Option {
	return func(o *options) { o.own, o.durable, o.data = true, true, dir }
}

// New makes a database for t. It fails t when no server can be had.
func New(t testing.TB, opts ...Option) *Database {
	t.Helper()
	o := options{charset: "utf8mb4"}
	for _, opt := range opts {
		opt(&o)
	}
	d := &Database{Name: "ft_" + shorten(t.Name(), 28) + "_" + token(5), srv: obtain(t, o)}
	admin, err := mysqlx.Open(t.Context(), mysqlx.Options{DSN: d.srv.dsn(""), AnyDatabase: true, MaxOpen: 1, Name: "test server"})
	if err != nil {
		t.Fatalf("dbtest: the test server does not answer: %v", err)
	}
	create := "CREATE DATABASE " + d.Name + " CHARACTER SET " + o.charset
	if o.collation != "" {
		create += " COLLATE " + o.collation
	}
	_, err = admin.ExecContext(t.Context(), create)
	if cerr := admin.Close(); cerr != nil {
		t.Errorf("dbtest: closing the test server: %v", cerr)
	}
	if err != nil {
		t.Fatalf("dbtest: %s: %v", create, err)
	}
	d.db = d.Open(t, d.DSN(), mysqlx.Options{MaxOpen: 8, Charset: "utf8mb4"})
	t.Cleanup(func() { d.atEnd(t, "DROP DATABASE IF EXISTS "+d.Name) })
	return d
}

// DSN is the address of this database as an all-powerful user.
func (d *Database) DSN() string { return d.srv.dsn(d.Name) }

// DB is a pool on this database as an all-powerful user, without strict mode; closed when the test ends.
func (d *Database) DB() *sqlx.DB { return d.db }

// Info says which server this is.
func (d *Database) Info(t testing.TB) mysqlx.Info {
	t.Helper()
	info, err := mysqlx.Server(t.Context(), d.db)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return info
}

// Open opens dsn through mysqlx with the given options (their DSN is ignored) and closes it when the test ends.
func (d *Database) Open(t testing.TB, dsn string, o mysqlx.Options) *sqlx.DB {
	t.Helper()
	o.DSN = dsn
	db, err := mysqlx.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("dbtest: closing: %v", err)
		}
	})
	return db
}

// Exec runs one statement as the all-powerful user and fails the test on error.
func (d *Database) Exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := d.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("dbtest: %s: %v", clip(query), err)
	}
}

// User creates a user that may log in and nothing else, gives it the grants, and returns its DSN for this database. A grant is
// what stands between GRANT and TO, e.g. "SELECT, INSERT ON {db}.*", or a whole statement that names {user}; {db} and {user}
// become this database and the new account, quoted.
func (d *Database) User(t testing.TB, name string, grants ...string) string {
	t.Helper()
	user, password := shorten(name, 20)+"_"+token(5), token(12)
	account := "'" + user + "'@'%'"
	d.Exec(t, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'")
	t.Cleanup(func() { d.atEnd(t, "DROP USER IF EXISTS "+account) })
	fill := strings.NewReplacer("{db}", "`"+d.Name+"`", "{user}", account)
	for _, grant := range grants {
		statement := fill.Replace(strings.TrimSuffix(strings.TrimSpace(grant), ";"))
		if !strings.Contains(grant, "{user}") {
			statement = "GRANT " + statement + " TO " + account
		}
		d.Exec(t, statement)
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.User, cfg.Passwd = "tcp", d.srv.Addr, d.Name, user, password
	return cfg.FormatDSN()
}

// atEnd runs a statement after the test, when its own context and pools are gone.
func (d *Database) atEnd(t testing.TB, query string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: d.srv.dsn(""), AnyDatabase: true, MaxOpen: 1})
	if err != nil {
		t.Logf("dbtest: not cleaned up (%s): %v", query, err) // a test may well kill its server
		return
	}
	if _, err := db.ExecContext(ctx, query); err != nil {
		t.Errorf("dbtest: %s: %v", query, err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("dbtest: closing: %v", err)
	}
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

// shorten makes a name that needs no quotes in SQL.
func shorten(name string, most int) string {
	name = strings.Trim(notPlain.ReplaceAllString(strings.ToLower(name), "_"), "_")
	return strings.Trim(name[:min(len(name), most)], "_")
}

func token(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never returns an error since Go 1.24
	return hex.EncodeToString(b)
}

func clip(s string) string {
	if len(s) > 200 {
		return fmt.Sprintf("%s… (%d bytes)", s[:200], len(s))
	}
	return s
}
