package dbtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"faturad/internal/mysqlx"
)

// Names of the environment variables that choose the server.
const (
	envDSN   = "FATURAD_TEST_DSN"
	envImage = "FATURAD_TEST_IMAGE"
)

// server is a running database server and an account that may do anything on it. It is kept as JSON for other processes.
type server struct {
	Source   string // "FATURAD_TEST_DSN", "docker IMAGE", "private mariadbd"
	Addr     string // host:port
	User     string
	Password string
	Params   string   `json:",omitempty"` // DSN parameters of FATURAD_TEST_DSN, e.g. "tls=true"
	Lonely   bool     `json:",omitempty"` // ends with this process: nobody else may join
	run      string   // its folder
	refs     *os.File // the shared lock, kept open for the life of this process
}

func (s *server) dsn(database string) string {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.User, cfg.Passwd = "tcp", s.Addr, database, s.User, s.Password
	dsn := cfg.FormatDSN()
	if s.Params != "" {
		dsn += "?" + s.Params
	}
	return dsn
}

// ping says whether the server answers to its account at Addr.
func (s *server) ping(ctx context.Context) error {
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: s.dsn(""), AnyDatabase: true, MaxOpen: 1, Name: "test server", DialTimeout: 2 * time.Second})
	if err != nil {
		return err
	}
	return db.Close()
}

// await pings the addresses until the server answers at one, which becomes Addr, it is seen to have given up, or the time is
// over.
func (s *server) await(ctx context.Context, limit time.Duration, gaveUp func() bool, addresses ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		var err error
		for _, s.Addr = range addresses {
			if err = s.ping(ctx); err == nil {
				return nil
			}
		}
		if gaveUp() {
			return fmt.Errorf("the server ended at once: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer within %v: %w", limit, err)
		case <-tick.C:
		}
	}
}

// ofProcess is the server that all tests of this process share: sought once, also when there is none.
var ofProcess = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Minute)
	defer cancel()
	return share(ctx)
})

// obtain gives the server for one test, or fails it.
func obtain(t testing.TB, o options) *server {
	t.Helper()
	given, err := fromEnvironment()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	if o.own {
		return obtainOwn(t, o, given != nil)
	}
	if given != nil {
		return given
	}
	srv, err := ofProcess()
	if err != nil {
		t.Fatalf("dbtest: no database server for this test: %v", err)
	}
	return srv
}

// obtainOwn starts a server for one test, also where FATURAD_TEST_DSN names one: what such a test does to its server must not
// happen to somebody else's.
func obtainOwn(t testing.TB, o options, given bool) *server {
	t.Helper()
	begin := func() (*server, func() error, error) { return startOwn(t.Context(), o.durable) }
	if o.data != "" {
		b, err := findServer()
		if err != nil || b == nil {
			t.Skipf("NOT RUN: it needs mariadbd or mysqld on PATH, to choose its data folder (%v)", err)
		}
		begin = func() (*server, func() error, error) {
			return startProgram(t.Context(), b, "", o.data, []string{"own"}, o.durable)
		}
	}
	srv, stop, err := begin()
	switch {
	case err != nil && given:
		t.Skipf("not run: it needs a server of its own beside the one of %s, and none can be started: %v", envDSN, err)
	case err != nil:
		t.Fatalf("dbtest: no server of its own for this test: %v", err)
	case given:
		t.Logf("dbtest: a server of its own for this test (%s), not the one of %s", srv.Source, envDSN)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("dbtest: stopping the server: %v", err)
		}
	})
	return srv
}

// fromEnvironment reads FATURAD_TEST_DSN; nil when it is not set.
func fromEnvironment() (*server, error) {
	dsn := os.Getenv(envDSN)
	if dsn == "" {
		return nil, nil
	}
	addr, user, password, params, err := mysqlx.SplitDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envDSN, err)
	}
	return &server{Source: envDSN, Addr: addr, User: user, Password: password, Params: params}, nil
}
