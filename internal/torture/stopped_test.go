package torture

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"faturad/internal/config"
)

// stops are the places at which a process is stopped. An office's traits say what is different there.
var stops = []string{
	"discover.before", "lease.after", "prepare.before", "prepare.after", "record.before", "record.after", "send.before", "http.connected",
	"http.written", "http.answered", "send.after", "send.queued", "ledger.commit.before", "ledger.commit.after", "erp.commit.before", "writeback.before",
	"writeback.after", "inbound.stored", "inbound.projecting", "inbound.projected", "inbound.clearing", "inbound.cleared",
}

// TestStoppedLongerThanItsLease stops the process (SIGSTOP) at a failpoint for longer than its lease, lets another one finish
// the work, and wakes it (SIGCONT). The woken one must not commit over the other, and must not send: the deadline of a request
// counts from the look at the lease, and is over. What no client can close is the gap between the transport's own last look
// at that deadline and the write to the socket (http.connected is the failpoint nearest to it): a request that was stopped
// there leaves late, and only the provider can fence it. Turkcell refuses its ETTN, Propars has one invoice a sale; at KolayBi a
// late draft stays, or a legal step is done late, which is why nobody else repeats one that its holder left open. How many
// left late is counted and told apart, at no other place may one. The short form plays one place at one of the last two.
func TestStoppedLongerThanItsLease(t *testing.T) {
	t.Parallel()
	played := someOffices(t)
	if !long() {
		played = played[1:]
	}
	for _, k := range played {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			traits := k.make(0).traits()
			places := append(slices.DeleteFunc(slices.Clone(stops), func(p string) bool { return slices.Contains(traits.less, p) }), traits.more...)
			if !long() {
				places = []string{places[dice(t).IntN(len(places))]}
			}
			for _, point := range places {
				t.Run(point, func(t *testing.T) {
					t.Parallel()
					stoppedAt(t, point, newWorld(t, setup{office: k.make(2 * time.Millisecond), lease: "2s", inFlight: 1,
						account: "  timeout = \"1s\"\n  quarantine = \"1s\"", tune: func(c *config.Config) {
							c.Ledger.Lease.Duration = 2 * time.Second
							account := &c.Companies[0].Accounts[0]
							account.Timeout.Duration, account.Quarantine = time.Second, &config.Duration{Duration: time.Second}
						}}))
				})
			}
		})
	}
}

func stoppedAt(t *testing.T, point string, w *world) {
	w.gap = point == "http.connected"
	random := dice(t)
	rounds := 1 + number(t, "FATURAD_TORTURE_KILLS", 0)/300
	var creates, late, drafts, asked int
	for range rounds {
		w.begin(sales, incoming, random.Uint64())
		n := 1
		switch before, _, _ := strings.Cut(point, "."); before { // passed once a sale at least
		case "ground", "send", "http", "release", "released":
			n += random.IntN(sales)
		case "ledger":
			n += random.IntN(5)
		}
		zombie := w.start(fmt.Sprintf("%s:%d:stop", point, n), "sync", "all")
		w.until(func() bool { return zombie.ended() || zombie.stopped() })
		if zombie.ended() {
			t.Fatalf("it did not stop at %s:%d\n%s", point, n, &zombie.text)
		}
		w.until(func() bool { // its leases are over
			return w.count("SELECT (SELECT COUNT(*) FROM documents WHERE lease_until > UTC_TIMESTAMP(6)) + (SELECT COUNT(*) FROM received WHERE lease_until > UTC_TIMESTAMP(6))") == 0
		})
		if !long() {
			w.endSessions()
		}
		if code, text := w.run("sync", "all", "--wait"); code != 0 && code != 1 && code != 3 {
			t.Errorf("the other process: exit code %d\n%s", code, text)
		}
		zombie.signal(syscall.SIGCONT)
		if zombie.end() {
			t.Error("the woken process was killed")
		}
		w.rest()
		v := w.sound(fmt.Sprintf("stopped at %s:%d", point, n), sales)
		if t.Failed() {
			t.Fatalf("the woken process said:\n%s", &zombie.text)
		}
		creates, late, drafts, asked = creates+v.creates, late+len(v.late), drafts+v.drafts, asked+len(v.asked)
	}
	t.Logf("stopped at %s: %d times, %d sales sent by %d creating requests, %d waited for a person; %d requests left after their lease, %d drafts of them stayed",
		point, rounds, rounds*sales, creates, asked, late, drafts)
}

// endSessions ends those that hold locks, as the server does by itself after two minutes without a statement.
func (w *world) endSessions() {
	w.t.Helper()
	var ids []int64
	const query = "SELECT t.trx_mysql_thread_id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.db IN (?, ?)"
	if err := w.ledger.DB().SelectContext(w.t.Context(), &ids, query, w.ledger.Name, w.erp.Name); err != nil {
		w.t.Fatal(err)
	}
	for _, id := range ids {
		_, _ = w.ledger.DB().ExecContext(w.t.Context(), fmt.Sprintf("KILL %d", id)) // it may be gone
	}
}

// stopped reports whether the process stands still.
func (p *process) stopped() bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, after, ok := strings.Cut(string(text), ") ")
	return err == nil && ok && strings.HasPrefix(after, "T")
}
