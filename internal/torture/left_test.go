package torture

import (
	"slices"
	"time"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

// What is left behind (I11): who ends leaves no session at a database, and who runs for long keeps no more descriptors and
// goroutines than its settings allow. The auditor cannot see that in the books.

// account is one at a database's server that only some processes use, so that its sessions are theirs.
type account struct {
	at        *dbtest.Database
	user, dsn string
}

// accounts makes one at the ledger's server and one at the ERP's.
func (w *world) accounts(name string) (out [2]account) {
	w.t.Helper()
	for i, d := range []*dbtest.Database{w.ledger, w.erp} {
		dsn := d.User(w.t, name, "ALL ON {db}.*")
		_, user, _, _, err := mysqlx.SplitDSN(dsn)
		if err != nil {
			w.t.Fatal(err)
		}
		out[i] = account{d, user, dsn}
	}
	return out
}

// ask asks the account's server about it, also when the test is over already.
func (w *world) ask(a account, query string) (n int) {
	w.t.Helper()
	if err := a.at.DB().Get(&n, query, a.user); err != nil {
		w.t.Errorf("%s: %v", query, err)
	}
	return n
}

const sessions = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = ?"

// judgeLeft wants nothing to be left behind by processes that ended.
func (w *world) judgeLeft(complain func(string, ...any)) {
	w.t.Helper()
	if !slices.ContainsFunc(w.processes, func(p *process) bool { return !p.ended() }) {
		w.judgeSessions(w.theirs, complain)
	}
}

// judgeSessions wants the last session of some accounts to end. Of a process that was killed the server may notice it late: at
// the latest when it ends idle sessions.
func (w *world) judgeSessions(of [2]account, complain func(string, ...any)) {
	w.t.Helper()
	for _, a := range of {
		if n, ok := w.falls(0, func() int { return w.ask(a, sessions) }); !ok {
			complain("I11 %d sessions of %s are left", n, a.user)
		}
	}
}

// falls waits until a number is no larger than limit.
func (w *world) falls(limit int, count func() int) (last int, ok bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(w.patience)
	defer end.Stop()
	for {
		if last = count(); last <= limit {
			return last, true
		}
		select {
		case <-tick.C:
		case <-end.C:
			return last, false
		}
	}
}

// killAll ends what still runs when the test is over.
func (w *world) killAll() {
	for _, p := range w.processes {
		p.kill()
	}
}
