// Package followup finds out what became of documents: it looks unknown outcomes up (never guessing, never creating),
// polls the status of what was sent, and projects every change into the ERP. It knows the provider's port, the ERP
// source and the ledger; internal/app wires it. It never makes a creating request: what must be sent again goes back to
// prepared, for outbound.
package followup
