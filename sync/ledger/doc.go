// Package ledger is faturad's durable memory: documents with their state, leases, attempts, payloads, the audit trail and
// received invoices, in a MySQL or MariaDB schema of its own. states.go is the table that every move obeys; the guarded
// updates, the picture in docs/states.md and the tests are made from it.
//
// What it promises: a move happens only along an arrow of the table, under a lease that is still held, and together with
// its attempt, payload and audit row, or not at all; one bad change never stops its group; a COMMIT whose answer was lost
// is settled before anybody is told what became of it. What it never does: delete, change an attempt or a payload, trust
// the machine's clock, hold a transaction open between two calls, or rest on GET_LOCK, SKIP LOCKED or being alone.
//
// sync/outbound, inbound, followup, audit, internal/app and cmd may import it. It knows no provider, no HTTP and no ERP.
package ledger
