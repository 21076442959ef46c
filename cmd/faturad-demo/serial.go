package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
)

// serial stands before the engine and gives it what its memory tables lack: one transaction at a time. They keep a copy of
// each table that a transaction touched, be it by reading, and put it back at the end, so that two at once would undo each
// other. A connection has the turn from BEGIN to COMMIT or ROLLBACK, and for each statement outside of a transaction.
//
// Savepoints are lacking too. To set or release one is answered as done; to go back to one is refused by the engine, and
// whoever wanted it rolls everything back.
type serial struct {
	mysql.Handler
	turn chan struct{} // full while somebody has the turn

	mu   sync.Mutex
	open map[uint32]bool // connections inside a transaction
}

// turnWait is how long a statement waits for its turn: much longer than any transaction of the demo lasts.
const turnWait = 20 * time.Second

func newSerial(h mysql.Handler) *serial {
	return &serial{Handler: h, turn: make(chan struct{}, 1), open: map[uint32]bool{}}
}

// ComQuery runs a statement sent as text.
func (s *serial) ComQuery(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn) error {
	if marksSavepoint(query) {
		return callback(&sqltypes.Result{}, false)
	}
	return s.inTurn(ctx, c, query, func() error { return s.Handler.ComQuery(ctx, c, query, callback) })
}

// ComStmtExecute runs a prepared statement.
func (s *serial) ComStmtExecute(ctx context.Context, c *mysql.Conn, prepare *mysql.PrepareData, callback func(*sqltypes.Result) error) error {
	if marksSavepoint(prepare.PrepareStmt) {
		return callback(&sqltypes.Result{})
	}
	return s.inTurn(ctx, c, prepare.PrepareStmt, func() error { return s.Handler.ComStmtExecute(ctx, c, prepare, callback) })
}

// ComPrepare prepares a statement that gives rows: it tells their columns. It reads schemas only, but of tables that others
// may be putting back. A write has none to tell, and its parameters are counted before it comes here: it is analysed when
// it runs, which spares the engine the ledger's large INSERTs, prepared in every size and mostly never run.
func (s *serial) ComPrepare(ctx context.Context, c *mysql.Conn, query string, prepare *mysql.PrepareData) (fields []*querypb.Field, err error) {
	if starts(query, "INSERT") || starts(query, "UPDATE") {
		return nil, nil
	}
	err = s.inTurn(ctx, c, "", func() error {
		fields, err = s.Handler.ComPrepare(ctx, c, query, prepare)
		return err
	})
	return fields, err
}

// ConnectionClosed gives the turn back when the client left in the middle of a transaction, which the engine forgets.
func (s *serial) ConnectionClosed(c *mysql.Conn) {
	s.Handler.ConnectionClosed(c)
	if s.inside(c) {
		s.end(c)
	}
}

// inTurn runs a statement when it is this connection's turn.
func (s *serial) inTurn(ctx context.Context, c *mysql.Conn, query string, run func() error) error {
	inside := s.inside(c)
	if !inside {
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
	err := run()
	switch {
	case begins(query) && err == nil && !inside:
		s.mu.Lock()
		s.open[c.ConnectionID] = true
		s.mu.Unlock()
	case inside && ends(query):
		s.end(c)
	case !inside:
		<-s.turn
	}
	return err
}

func (s *serial) wait(ctx context.Context) error {
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-timer.C:
		return mysql.NewSQLError(mysql.ERLockWaitTimeout, mysql.SSUnknownSQLState, "Lock wait timeout exceeded; try restarting transaction")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *serial) inside(c *mysql.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[c.ConnectionID]
}

func (s *serial) end(c *mysql.Conn) {
	s.mu.Lock()
	delete(s.open, c.ConnectionID)
	s.mu.Unlock()
	<-s.turn
}

func begins(query string) bool { return starts(query, "START TRANSACTION") || starts(query, "BEGIN") }

func ends(query string) bool {
	return starts(query, "COMMIT") || starts(query, "ROLLBACK") && !starts(query, "ROLLBACK TO")
}

func marksSavepoint(query string) bool {
	return starts(query, "SAVEPOINT") || starts(query, "RELEASE SAVEPOINT")
}

func starts(query, word string) bool {
	return len(query) >= len(word) && strings.EqualFold(query[:len(word)], word)
}
