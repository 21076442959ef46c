// Package mysqlx is the one place that opens a MySQL or MariaDB database. It fixes the connection settings that
// correctness rests on (UTC, found rows, one statement a call, strict mode for the ledger), gives small pools, and turns
// the servers' error numbers into questions with names and sentences for operators. It never retries, never logs a
// password, and knows no table. sync/erp, sync/ledger, sync/registry, internal/app, cmd and test code may import it.
package mysqlx
