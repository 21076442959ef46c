package main

import "testing"

// TestWhoComesSecondIsNotCutOff: while somebody else works on a document nothing is away; scripts that try again when something is
// would wait for nothing.
func TestWhoComesSecondIsNotCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sale(1, "Işıltı Aydınlatma Ltd. Şti.", "1234567891") // a wrong check digit
	w.exits(exitPerson, "sync", "outbound")
	w.ledger.Exec(t, "UPDATE documents SET lease_owner = 'somebody', lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR")
	r := w.exits(exitFailed, "cancel", "1", "--yes", "--reason", "elle kesildi")
	has(t, "the second", r.errOut+r.out, "the daemon is working on it")
}
