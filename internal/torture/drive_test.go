package torture

import (
	"fmt"
	"time"

	"faturad/providers/simulator"
)

// later lets time pass for faturad: every moment that the ledger remembers moves into the past, so that leases run out,
// quarantines end and polls fall due, as they would by waiting. Nothing may be running.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.gate.quiet()
	s := int(d.Seconds())
	w.ledger.Exec(w.t, `UPDATE documents SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		quarantine_until = quarantine_until - INTERVAL ? SECOND, unknown_since = unknown_since - INTERVAL ? SECOND,
		write_next_at = write_next_at - INTERVAL ? SECOND`, s, s, s, s, s)
	w.ledger.Exec(w.t, `UPDATE received SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND`, s, s)
	w.ledger.Exec(w.t, `UPDATE received_fetches SET next_at = next_at - INTERVAL ? SECOND`, s)
	w.ledger.Exec(w.t, `UPDATE received_misses SET next_at = next_at - INTERVAL ? SECOND, first_at = first_at - INTERVAL ? SECOND`, s, s)
	w.ledger.Exec(w.t, `UPDATE answers SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		quarantine_until = quarantine_until - INTERVAL ? SECOND, write_next_at = write_next_at - INTERVAL ? SECOND`, s, s, s, s)
	w.ledger.Exec(w.t, `UPDATE files SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		show_next_at = show_next_at - INTERVAL ? SECOND`, s, s, s)
	w.ledger.Exec(w.t, `UPDATE attempts SET at = at - INTERVAL ? SECOND`, s)
	w.ledger.Exec(w.t, `UPDATE audit SET at = at - INTERVAL ? SECOND`, s)
}

// count reads one number from the ledger.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.ledger.DB().GetContext(w.t.Context(), &n, query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// moving counts what will still change without anybody's help.
func (w *world) moving() int {
	w.t.Helper()
	return w.count(`SELECT (SELECT COUNT(*) FROM documents WHERE NOT superseded AND (unwritten = TRUE OR state IN ('pending', 'prepared', 'sending', 'unknown', 'sent')
			OR state = 'draft' AND legal_step <> '' OR loose AND state <> 'disputed'))
		+ (SELECT COUNT(*) FROM received WHERE state IN ('stored', 'projected')) + (SELECT COUNT(*) FROM received_fetches WHERE state = 'due')`)
}

// rest starts the real process again, without failpoints, until nothing moves any more; time passes in between. The first
// restart is the real process; what then only waits for time to pass is driven in this process, by the same code.
func (w *world) rest() {
	w.t.Helper()
	w.later(time.Hour)
	if code, text := w.run("sync", "all"); code != 0 && code != 3 {
		w.t.Errorf("after the restart: exit code %d\n%s", code, text)
	}
	w.settle()
}

// settle goes on in this process until nothing moves.
func (w *world) settle() {
	w.t.Helper()
	var last error
	for range 15 { // past the day after which an unsettled outcome is disputed
		w.later(3 * time.Hour)
		last = w.pass()
		if w.moving() == 0 && last == nil {
			return
		}
	}
	w.t.Errorf("it does not come to rest: %d still move; the last error is: %v", w.moving(), last)
}

// pass makes each pass once.
func (w *world) pass() (last error) {
	ctx := w.t.Context()
	defer func() { fmt.Fprintln(&w.heard, last) }()
	if _, err := w.company.Outbound(ctx, nil); err != nil {
		last = err
	}
	if _, err := w.company.Followup(ctx, nil); err != nil {
		last = err
	}
	if _, err := w.company.Inbound(ctx, nil); err != nil {
		last = err
	}
	return last
}

// fault breaks one kind of requests.
func (w *world) fault(at column, f simulator.Fault) {
	w.t.Helper()
	if err := w.office.fault(at, f); err != nil {
		w.t.Fatal(err)
	}
}

// creates counts the creating requests that reached the provider.
func (w *world) creates() int { return len(w.office.requests()) }

// until waits for something that must come true.
func (w *world) until(ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end.C:
			w.t.Errorf("it did not come true within %s", patience)
			return
		}
	}
}
