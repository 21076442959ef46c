package torture

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// gate stands before the provider. Of every creating request it asks the ledger at the moment of its arrival whether its
// intent is recorded and its lease still runs (invariant 1, R4): what arrives otherwise is noted as unfenced.
type gate struct {
	office office
	ledger *sqlx.DB
	inside atomic.Int64 // requests being worked on
	came   atomic.Int64 // requests so far

	mu       sync.Mutex
	unfenced []string
	unasked  int // requests about which the ledger could not be asked: its server was away
}

func (g *gate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.unfenced, g.unasked = nil, 0
}

func (g *gate) noted() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.unfenced...)
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.inside.Add(1)
	g.came.Add(1)
	defer g.inside.Add(-1)
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if column, value := g.office.names(r, body); column != "" {
			g.ask(column, value)
		}
		r.Body = io.NopCloser(&broken{bytes.NewReader(body), err})
	}
	g.office.ServeHTTP(w, r)
}

// broken is a body that ends as the real one did.
type broken struct {
	*bytes.Reader
	err error
}

// Read implements io.Reader.
func (b *broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) && b.err != nil {
		err = b.err
	}
	return n, err
}

func (g *gate) ask(column, value string) {
	var row struct {
		State string
		Held  bool
	}
	err := g.ledger.Get(&row, "SELECT state, COALESCE(lease_until > UTC_TIMESTAMP(6), FALSE) AS held FROM documents WHERE "+column+" = ?", value)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case errors.Is(err, sql.ErrNoRows):
		g.unfenced = append(g.unfenced, column+" "+value+" is not in the ledger")
	case err != nil:
		g.unasked++
	case row.State != "sending" || !row.Held:
		g.unfenced = append(g.unfenced, fmt.Sprintf("%s %s is %s, its lease runs: %t", column, value, row.State, row.Held))
	}
}

// quiet waits until the provider works on nothing any more: requests of a killed process end there, also those that lie in a
// socket which a busy machine reads late.
func (g *gate) quiet() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for calm := 0; calm < 40; {
		<-tick.C
		if g.inside.Load() == 0 {
			calm++
		} else {
			calm = 0
		}
	}
}
