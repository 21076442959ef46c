package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// TestRollingRestartHandsOver: a daemon that is asked to stop in the middle finishes what is in flight and keeps nothing: its
// successor goes on at once, and need not wait for leases.
func TestRollingRestartHandsOver(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 200 * time.Millisecond})
	w.everySecond()
	w.account("  in_flight = 4")
	w.sales(1, 120)
	for round := range 4 {
		begun, _ := w.creates()
		p := w.start("run")
		w.until(func() bool { asked, _ := w.creates(); return asked >= begun+15 || p.ended() })
		if r := p.stop(); r.code != 0 {
			t.Fatalf("round %d: the daemon ended with %d\n%s", round, r.code, r.errOut)
		}
		if n := w.count("SELECT COUNT(*) FROM documents WHERE lease_until > UTC_TIMESTAMP(6)"); n != 0 {
			t.Errorf("round %d: %d leases were kept: %v", round, n, w.states())
		}
		if got := w.states(); got["sending"] != 0 || got["unknown"] != 0 {
			t.Errorf("round %d: it left %v", round, got)
		}
	}
	w.settle()
	w.exactlyOnce(120)
	w.wantCreates(120)
}

// TestStopWhileTheERPIsAwayKeepsNoLease: what was leased to be read from an ERP that does not answer is free again at once.
func TestStopWhileTheERPIsAwayKeepsNoLease(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	proxy := w.erp.Proxy(t)
	w.secret("erp.dsn", proxy.DSN(strings.TrimSpace(w.read("erp.dsn"))))
	w.sales(1, 5)
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate})
	w.run("sync", "outbound")
	w.later(time.Minute)
	proxy.Down()
	w.run("sync", "outbound")
	proxy.Up()
	if n := w.count("SELECT COUNT(*) FROM documents WHERE lease_until > UTC_TIMESTAMP(6)"); n != 0 {
		t.Errorf("%d leases were kept", n)
	}
	w.sim.ClearFaults()
	w.settle()
	w.exactlyOnce(5)
}

// TestLedgerRestoredUnderARunningDaemon: rows are gone, others are in older states with lower epochs. The daemon notices, says
// so in its log and in status, and asks before it sends.
func TestLedgerRestoredUnderARunningDaemon(t *testing.T) {
	w := ready(t, turkcellsim.Options{})
	w.everySecond()
	w.account("  quarantine = \"2s\"")
	accepted := func(n int) func() bool {
		return func() bool {
			return w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND NOT unwritten") == n
		}
	}
	p := w.start("run")
	w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 429, RetryAfter: "1", Family: turkcellsim.FamilyCreate, Reference: "sale:4"})
	w.sales(1, 3)
	w.sales(4, 1) // stays prepared in the backup
	w.until(func() bool {
		return accepted(3)() && w.count("SELECT COUNT(*) FROM documents WHERE state = 'prepared' AND lease_owner = ''") == 1
	})
	signal := func(s syscall.Signal) {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	b := w.backUp()
	signal(syscall.SIGCONT)
	w.sim.ClearFaults()
	w.sales(5, 4)
	w.until(accepted(8))
	signal(syscall.SIGSTOP)
	w.restore(b)
	w.sales(9, 2)
	signal(syscall.SIGCONT)
	w.until(accepted(10))
	var status struct{ Alarms []struct{ Name string } }
	w.json(&status, "status")
	if len(status.Alarms) == 0 || status.Alarms[0].Name != "ledger.lost" && status.Alarms[len(status.Alarms)-1].Name != "ledger.lost" {
		t.Errorf("status does not say that the ledger lost commits: %+v", status)
	}
	if r := p.stop(); !strings.Contains(r.errOut, "ALARM: the ledger lost commits") {
		t.Errorf("the log does not say it\n%s", r.errOut)
	}
	w.exactlyOnce(10)
	if _, saved := w.creates(); saved != 10 {
		t.Errorf("%d documents were made, want 10", saved)
	}
	w.settle()
	w.exactlyOnce(10)
}
