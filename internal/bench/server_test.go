package bench

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"time"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

// server is one database on a server of its own, so that its counters count nobody else.
type server struct {
	*dbtest.Database
	pid int
}

func startServer(b *testing.B) server {
	b.Helper()
	s := server{Database: dbtest.New(b, dbtest.Durable())}
	s.Exec(b, "SET GLOBAL innodb_monitor_enable = 'trx_rw_commits'")
	var file string
	if err := s.DB().GetContext(b.Context(), &file, "SELECT @@pid_file"); err != nil {
		b.Fatal(err)
	}
	if text, err := os.ReadFile(file); err == nil { // not there when the server runs in a container
		s.pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	return s
}

func (s server) cpu() time.Duration { return processCPU(s.pid) }

// counters are the server's own.
type counters struct {
	// commits are the read-write transactions that InnoDB committed (information_schema.INNODB_METRICS, trx_rw_commits): one
	// each for COMMIT and for a writing statement outside a transaction, none for reads. Each must be flushed.
	commits  int64
	flushes  int64 // Innodb_os_log_fsyncs: what the disk was asked for, background flushes included
	queries  int64 // Questions: statements that the clients ran, without preparing and closing
	prepares int64 // Com_stmt_prepare
	selects  int64 // Com_select
	connects int64 // Connections
}

func (s server) counters(b *testing.B) counters {
	b.Helper()
	names := []string{"Questions", "Com_stmt_prepare", "Com_select", "Innodb_os_log_fsyncs", "Innodb_log_writes", "Connections"}
	values, err := mysqlx.Status(b.Context(), s.DB(), names...)
	if err != nil {
		b.Fatal(err)
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(values[name], 10, 64)
		if err != nil && values[name] != "" {
			b.Fatalf("counter %s: %v", name, err)
		}
		return n
	}
	c := counters{
		queries: number("Questions"), prepares: number("Com_stmt_prepare"), selects: number("Com_select"),
		flushes: number("Innodb_os_log_fsyncs"), connects: number("Connections"),
	}
	if values["Innodb_os_log_fsyncs"] == "" {
		c.flushes = number("Innodb_log_writes")
	}
	err = s.DB().GetContext(b.Context(), &c.commits, "SELECT `COUNT` FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rw_commits'")
	if err != nil {
		b.Fatal("reading trx_rw_commits: ", err)
	}
	return c
}

// ownCost is what one reading of the counters adds to the next one: two questions, of which one is a SELECT, and one prepare.
var ownCost = counters{queries: 2, selects: 1, prepares: 1}

func (c counters) since(earlier counters) counters {
	return counters{
		commits: c.commits - earlier.commits, flushes: c.flushes - earlier.flushes,
		queries:  c.queries - earlier.queries - ownCost.queries,
		prepares: c.prepares - earlier.prepares - ownCost.prepares,
		selects:  c.selects - earlier.selects - ownCost.selects,
		connects: c.connects - earlier.connects,
	}
}
