package dbtest

import (
	"strconv"
	"testing"

	"faturad/internal/mysqlx"
)

// Counters are the server's own counters since it started; subtract two readings. They count everybody on the server: use
// OwnServer where the numbers matter.
type Counters struct {
	Commits     int64 // Com_commit: COMMIT statements
	Rollbacks   int64 // Com_rollback: ROLLBACK statements
	Durable     int64 // Handler_commit: commits that reached a storage engine, automatic ones included (reads too, on some servers)
	Inserts     int64 // Com_insert
	Updates     int64 // Com_update
	Deletes     int64 // Com_delete
	Selects     int64 // Com_select
	LogSyncs    int64 // Innodb_os_log_fsyncs (Innodb_log_writes where a server has no such counter): the durable commits as the disk sees them
	Connections int64 // Connections: attempts to connect
}

// Counters reads the counters.
func (d *Database) Counters(t testing.TB) Counters {
	t.Helper()
	var c Counters
	targets := map[string]*int64{
		"Com_commit": &c.Commits, "Com_rollback": &c.Rollbacks, "Handler_commit": &c.Durable, "Com_insert": &c.Inserts, "Com_update": &c.Updates,
		"Com_delete": &c.Deletes, "Com_select": &c.Selects, "Innodb_os_log_fsyncs": &c.LogSyncs, "Connections": &c.Connections,
	}
	names := []string{"Innodb_log_writes"}
	for name := range targets {
		names = append(names, name)
	}
	values, err := mysqlx.Status(t.Context(), d.db, names...)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	if _, ok := values["Innodb_os_log_fsyncs"]; !ok {
		targets["Innodb_log_writes"] = &c.LogSyncs
	}
	for name, target := range targets {
		text, ok := values[name]
		if !ok {
			continue
		}
		if *target, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatalf("dbtest: counter %s: %v", name, err)
		}
	}
	return c
}

// Sub gives what happened between an earlier reading and this one.
func (c Counters) Sub(earlier Counters) Counters {
	return Counters{
		Commits: c.Commits - earlier.Commits, Rollbacks: c.Rollbacks - earlier.Rollbacks, Durable: c.Durable - earlier.Durable,
		Inserts: c.Inserts - earlier.Inserts, Updates: c.Updates - earlier.Updates, Deletes: c.Deletes - earlier.Deletes,
		Selects: c.Selects - earlier.Selects, LogSyncs: c.LogSyncs - earlier.LogSyncs, Connections: c.Connections - earlier.Connections,
	}
}
