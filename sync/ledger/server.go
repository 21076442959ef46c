package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// CheckServer says whether the ledger may rest on this server (facts/reliability.md R8). An error means that it cannot be
// used now: read-only (fault.Retryable), or tables of an engine without transactions (fault.Permanent). Warnings are
// sentences for the operator: the server may lose what it has acknowledged.
func (s *Store) CheckServer(ctx context.Context) (warnings []string, err error) {
	const doing = "checking the ledger's server"
	info, err := mysqlx.Server(ctx, s.db)
	if err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	if info.ReadOnly {
		return nil, &fault.Error{Class: fault.Retryable, Doing: doing, Err: errors.New("the ledger's server is read-only"),
			Advice: "Point ledger.dsn at the writable server, or switch read_only off there"}
	}
	if old := info.Aged(); old != "" {
		warnings = append(warnings, old+": upgrade it, or put the ledger on another server.")
	}
	var plain []string
	err = s.db.SelectContext(ctx, &plain, "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB' ORDER BY table_name")
	if err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	if len(plain) > 0 {
		return nil, &fault.Error{Class: fault.Permanent, Doing: doing, Err: fmt.Errorf("not InnoDB: %s", strings.Join(plain, ", ")),
			Advice: "Convert them with ALTER TABLE ... ENGINE=InnoDB: other engines have no transactions"}
	}
	vars, err := mysqlx.Variables(ctx, s.db, "innodb_flush_log_at_trx_commit", "log_bin", "sync_binlog", "innodb_doublewrite")
	if err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	if v := vars["innodb_flush_log_at_trx_commit"]; v != "" && v != "1" {
		warnings = append(warnings, "innodb_flush_log_at_trx_commit is "+v+": a power cut loses what was recorded in the last second; set it to 1.")
	}
	if v := vars["sync_binlog"]; on(vars["log_bin"]) && v != "1" {
		warnings = append(warnings, "sync_binlog is "+v+" with a binary log: a replica that takes over may lack the last documents; set it to 1.")
	}
	if v := vars["innodb_doublewrite"]; v != "" && !on(v) && !strings.HasPrefix(v, "DETECT") {
		warnings = append(warnings, "innodb_doublewrite is "+v+": a power cut may damage pages; switch it on unless the file system writes them atomically.")
	}
	if info.Cluster {
		warnings = append(warnings, "This is a Galera cluster: it may lose a recorded update when several nodes take writes; send all writes to one fixed node.")
	}
	return warnings, nil
}

func on(v string) bool { return v != "" && v != "OFF" && v != "0" }
