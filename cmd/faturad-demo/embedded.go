package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync/atomic"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/sirupsen/logrus"
)

// The two databases of the demo.
const (
	ledgerName = "faturad"
	erpName    = "erp"
)

// embedded is the demo's database server: go-mysql-server, all in memory, on a free port of the loopback interface. What
// it cannot do, and how the demo lives with it, is told in docs/decisions/0060-demo-database.md.
type embedded struct {
	server *server.Server
	addr   string
	done   chan struct{}
	ahead  atomic.Int64 // nanoseconds that its clock is ahead of the machine's
}

// startDatabase starts a server that holds an empty ledger and an empty ERP. It accepts connections when this returns.
func startDatabase(ctx context.Context) (*embedded, error) {
	logrus.SetOutput(io.Discard) // the engine writes a line for every statement; what matters comes back as errors
	log.SetOutput(io.Discard)
	sql.SystemVariables.AddSystemVariables(sessionVariables())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free port for the embedded database: %w", err)
	}
	var databases []sql.Database
	for _, name := range []string{ledgerName, erpName} {
		db := memory.NewDatabase(name)
		db.EnablePrimaryKeyIndexes()
		databases = append(databases, db)
	}
	provider := memory.NewDBProvider(databases...)
	config := server.Config{Protocol: "tcp", Listener: listener, Version: "8.0.33-demo"}
	e := &embedded{addr: listener.Addr().String(), done: make(chan struct{})}
	e.server, err = server.NewServerWithHandler(config, sqle.NewDefault(provider), e.newContext, memory.NewSessionBuilder(provider), nil,
		func(h mysql.Handler) (mysql.Handler, error) { return newSerial(h), nil })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded database: %w", err), listener.Close())
	}
	go func() {
		defer close(e.done)
		e.server.Listener.Accept() // returns when the listener is closed
	}()
	return e, nil
}

// sessionVariables are those that a session may set on every real server, and on this engine only globally or not at all.
func sessionVariables() []sql.SystemVariable {
	const lockWait, longest, usual = "innodb_lock_wait_timeout", 1 << 30, 50
	return []sql.SystemVariable{&sql.MysqlSystemVariable{
		Name: lockWait, Scope: sql.GetMysqlScope(sql.SystemVariableScope_Both), Dynamic: true,
		Type: types.NewSystemIntType(lockWait, 1, longest, false), Default: int64(usual),
	}}
}

// newContext gives a statement its time.
func (e *embedded) newContext(ctx context.Context, options ...sql.ContextOption) *sql.Context {
	c := sql.NewContext(ctx, options...)
	c.SetQueryTime(c.QueryTime().Add(time.Duration(e.ahead.Load())))
	return c
}

// advance moves the server's clock, by which the ledger decides what is due.
func (e *embedded) advance(d time.Duration) { e.ahead.Add(int64(d)) }

// dsn is where a database of the server is.
func (e *embedded) dsn(name string) string { return "demo@tcp(" + e.addr + ")/" + name }

// close ends the server and waits for it.
func (e *embedded) close() error {
	e.server.Listener.Close()
	<-e.done
	if err := e.server.Engine.Close(); !errors.Is(err, context.Canceled) { // its background threads say that they were stopped
		return err
	}
	return nil
}
