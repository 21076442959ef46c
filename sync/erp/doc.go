// Package erp is the ERP's side of faturad (design.md section 4): it reads pending sales with the SELECTs that a source
// names, turns rows into invoice.Sale values, and writes states, numbers, messages and received documents back with the
// statements that the source names. Teaching it an ERP is SQL and TOML, not code: a source is a preset file, or the same
// tables inside the config.
//
// It never writes to a table that the source does not name, never changes an amount, never judges a sale (mapping does),
// never sends anything, and never imports the ledger or a provider. The flow packages (sync/outbound, sync/inbound,
// sync/followup), internal/config, internal/app and cmd may import it.
//
// The contract (every column alias and every statement parameter) is one table in contract.go and params.go, from which
// docs/erp-contract.md is generated.
package erp
