package torture

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"faturad/internal/config"
	"faturad/providers/turkcell/turkcellsim"
)

// TestStoppedLongerThanItsLease stops the process (SIGSTOP) at a failpoint for longer than its lease, lets another one finish
// the work, and wakes it (SIGCONT). The woken one must not commit over the other, and must not send: the deadline of a request
// counts from the look at the lease, and is over. What no client can close is the gap between the transport's own last look
// at that deadline and the write to the socket (http.connected is the failpoint nearest to it): a request that was stopped
// there leaves late, and only the provider's own check of the ETTN keeps it from making a second document. How many did is
// printed.
func TestStoppedLongerThanItsLease(t *testing.T) {
	if !long() {
		// A process that stands still in the middle of a transaction keeps its row locks for as long as the server keeps the
		// connection, and the others wait for minutes: too long for the short form.
		t.Skip("NOT RUN in the short form: set FATURAD_TORTURE_KILLS")
	}
	gap := map[string]bool{"http.connected": true}
	for _, point := range []string{
		"discover.before", "lease.after", "prepare.before", "prepare.after", "record.before", "record.after", "send.before", "http.connected",
		"http.written", "http.answered", "send.after", "send.queued", "ledger.commit.before", "ledger.commit.after", "erp.commit.before", "writeback.before", "writeback.after", "inbound.stored", "inbound.projecting",
		"inbound.projected", "inbound.clearing", "inbound.cleared",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{sim: turkcellsim.Options{Latency: 2 * time.Millisecond}, lease: "2s", inFlight: 1,
				account: "  timeout = \"1s\"\n  quarantine = \"1s\"", tune: func(c *config.Config) {
					c.Ledger.Lease.Duration = 2 * time.Second
					c.Companies[0].Accounts[0].Quarantine = &config.Duration{Duration: time.Second}
				}})
			random := dice(t)
			late := 0
			for range 1 + number(t, "FATURAD_TORTURE_KILLS", 0)/300 {
				w.begin(sales, incoming, random.Uint64())
				n := 1
				switch point {
				case "send.before", "http.connected", "http.written", "http.answered", "send.after", "send.queued", "ledger.commit.before", "ledger.commit.after":
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
				if code, text := w.run("sync", "all", "--wait"); code != 0 && code != 1 {
					t.Errorf("the other process: exit code %d\n%s", code, text)
				}
				zombie.signal(syscall.SIGCONT)
				if zombie.end() {
					t.Error("the woken process was killed")
				}
				w.rest()
				v := w.judge(sales)
				if len(v.wrong) > 0 {
					t.Errorf("stopped at %s:%d: %q\nthe woken process said:\n%s", point, n, v.wrong, &zombie.text)
				}
				if late += len(v.unfenced); !gap[point] && len(v.unfenced)+v.resent > 0 {
					t.Errorf("stopped at %s:%d: %d requests were made again, unfenced: %q", point, n, v.resent, v.unfenced)
				}
			}
			t.Logf("stopped at %s: %d requests left after their lease", point, late)
		})
	}
}

// stopped reports whether the process stands still.
func (p *process) stopped() bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, after, ok := strings.Cut(string(text), ") ")
	return err == nil && ok && strings.HasPrefix(after, "T")
}
