// Package audit compares the three books: what the provider holds, what the ledger says and what the ERP shows. It checks
// the invariants I1 to I9 of the reference material (facts/reliability.md section 3.1) and reports every difference in
// either direction with what to do about it. It changes nothing anywhere. Compare is pure: what it is given decides what
// it finds, so that planted violations can prove that it is able to fail; Auditor gathers its input from the real books.
// It knows the provider's port, the ERP source and the ledger; internal/app wires it, tests use it to judge their runs.
package audit
