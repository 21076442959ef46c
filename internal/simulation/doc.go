// Package simulation proves the protocol: it runs the real sync/outbound and sync/followup against a ledger, an ERP and
// providers in memory, in virtual time, and breaks everything that can break. A seed decides a whole run: which call
// happens next, which fails and how, who crashes, stops, edits, loses commits. When the faults have ended the run is driven
// to rest, and the auditor's core (sync/audit) decides: no sale issued twice, none lost, all numbers equal. The package has
// no shipped code; everything is in its tests. FATURAD_SEEDS=from:count runs other seeds than the default.
package simulation
