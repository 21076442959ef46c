package e2e

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// kills is how often the killing tests kill in all; FATURAD_KILLS sets it.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("FATURAD_KILLS")
	if text == "" {
		return 26
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("FATURAD_KILLS=%q is not a number of kills", text)
	}
	return n
}

// dice are random but repeatable: FATURAD_SEED repeats a run as far as time allows.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("FATURAD_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("FATURAD_SEED=%q: %v", text, err)
		}
		seed = given
	}
	t.Logf("FATURAD_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// TestKilledAtAnyMoment kills faturad with SIGKILL again and again while it sends, follows, writes back and receives; sales
// and incoming invoices keep coming. Started again, it must end in the place where it would have ended without.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, mode := range []struct {
		name   string
		args   []string
		least  time.Duration // lives so long at least: the daemon's first passes come after a second
		faults bool
	}{
		{"sync", []string{"sync", "all", "--wait"}, 60 * time.Millisecond, false},
		{"daemon", []string{"run"}, 900 * time.Millisecond, false},
		{"daemon in bad weather", []string{"run"}, 900 * time.Millisecond, true},
	} {
		t.Run(mode.name, func(t *testing.T) {
			w := ready(t, turkcellsim.Options{Latency: 12 * time.Millisecond, SellerTaxNo: sellerVKN})
			w.account("  in_flight = 4\n  timeout = \"5s\"")
			w.everySecond()
			random := dice(t)
			if mode.faults {
				for i, kind := range []string{turkcellsim.FaultAnswerLost, turkcellsim.FaultSavedError, turkcellsim.FaultCutAfterBody} {
					w.fault(turkcellsim.Fault{Kind: kind, Probability: 0.08, Seed: random.Uint64(), Skip: i})
				}
			}
			total, received, killed := 0, 0, 0
			rounds := max(1, kills(t)/3)
			for killed < rounds {
				w.sales(total+1, 8)
				total += 8
				w.sim.GenerateIncoming(2, random.Uint64())
				received += 2
				p := w.start(mode.args...)
				if killed%2 == 0 {
					p.live(mode.least + time.Duration(random.IntN(700))*time.Millisecond)
				} else { // in the middle of the sending
					before, _ := w.creates()
					within(10*time.Second, func() bool { asked, _ := w.creates(); return asked > before || p.ended() })
					p.live(time.Duration(random.IntN(60)) * time.Millisecond)
				}
				p.kill()
				killed++
				within(50*time.Millisecond, func() bool { return false }) // requests of the dead process end at the provider
				w.later(time.Duration(random.IntN(240)) * time.Second)
			}
			w.sim.ClearFaults()
			w.settle()
			w.exactlyOnce(total)
			w.receivedOnce(received)
			asked, saved := w.creates()
			t.Logf("%d kills, %d sales, %d creating requests of which %d made a document, %d attempts without an outcome, %d look-ups", killed,
				total, asked, saved, w.count("SELECT COUNT(*) FROM attempts WHERE operation = 'create' AND class = 'ambiguous'"),
				w.count("SELECT COUNT(*) FROM attempts WHERE operation = 'lookup'"))
			w.settle()
			w.wantCreates(asked)
		})
	}
}

// live lets the process run for a while, or until it ends by itself.
func (p *process) live(d time.Duration) {
	life := time.NewTimer(d)
	defer life.Stop()
	select {
	case <-life.C:
	case <-p.done:
	}
}

// receivedOnce fails the test unless n incoming invoices stand in the ERP, each once and as the provider has it, and none is
// new at the provider any more.
func (w *world) receivedOnce(n int) {
	w.t.Helper()
	incoming := w.sim.Incoming()
	if len(incoming) != n {
		w.t.Fatalf("the provider has %d incoming invoices, want %d", len(incoming), n)
	}
	stored := map[string][]string{}
	for _, row := range w.rows(`SELECT g.ettn, g.fatura_no, g.gonderen_vkn, g.odenecek, g.para_birimi, g.satir_sayisi, d.sha256, SHA2(d.icerik, 256),
		(SELECT COUNT(*) FROM efatura_gelen_satir s WHERE s.ettn = g.ettn), (SELECT COUNT(*) FROM efatura_gelen_vergi v WHERE v.ettn = g.ettn)
		FROM efatura_gelen g JOIN efatura_gelen_dosya d ON d.ettn = g.ettn AND d.bicim = 'ubl'`) {
		stored[row[0]] = row[1:]
	}
	if len(stored) != n {
		w.t.Errorf("the ERP has %d incoming invoices, want %d", len(stored), n)
	}
	for _, in := range incoming {
		lines := strconv.Itoa(in.Lines)
		row := stored[in.ETTN.String()]
		want := []string{in.Number, in.Sender, in.Payable.StringFixed(2), in.Currency, lines, in.SHA256, in.SHA256, lines}
		for i := range want {
			if row == nil || row[i] != want[i] {
				w.t.Errorf("incoming %s stands in the ERP as %q, want %q", in.ETTN, row, want)
				break
			}
		}
		if row != nil && row[8] == "0" {
			w.t.Errorf("incoming %s has no tax in the ERP", in.ETTN)
		}
		if in.IsNew {
			w.t.Errorf("incoming %s is still new at the provider", in.ETTN)
		}
	}
	if got := w.count("SELECT COUNT(*) FROM received WHERE state = 'acknowledged'"); got != n {
		w.t.Errorf("the ledger has %d acknowledged incoming invoices, want %d", got, n)
	}
}
