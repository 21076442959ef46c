package torture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"faturad/internal/config"
	"faturad/internal/mysqlx"
	"faturad/providers/turkcell/turkcellsim"
)

// through gives dsn by way of another address.
func through(t testing.TB, dsn, addr string) string {
	t.Helper()
	old := addrOf(t, dsn)
	return strings.Replace(dsn, "("+old+")", "("+addr+")", 1)
}

func addrOf(t testing.TB, dsn string) string {
	t.Helper()
	addr, _, _, _, err := mysqlx.SplitDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// every is the distance of the bytes at which something is cut: in the long form every single one.
func every(t *testing.T, total int64, short int64) int64 {
	if long() {
		return int64(number(t, "FATURAD_TORTURE_STRIDE", 1))
	}
	return max(1, total/short)
}

// TestConnectionCutAtEveryByte cuts the connection to the ledger, or to the ERP, at byte after byte of a whole sending pass,
// in both directions: claims, intents, results, write-back, every COMMIT. The pass may fail; then everything comes to rest.
func TestConnectionCutAtEveryByte(t *testing.T) {
	for _, side := range []string{"ledger", "erp"} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			var line *wire
			var dsn string
			w := newWorld(t, setup{sim: turkcellsim.Options{}, tune: func(c *config.Config) {
				at := &c.Ledger.DSN
				if side == "erp" {
					at = &c.Companies[0].ERP.DSN
				}
				dsn = at.Reveal()
				line = newWire(t, addrOf(t, dsn))
				*at = config.NewSecret(through(t, dsn, line.addr))
			}})
			const n = 2
			for _, way := range []direction{asked, answered} {
				var total int64
				for range 2 { // the first pass prepares statements
					w.begin(n, 0, 1)
					before := line.bytes(way)
					if err := w.pass(); err != nil {
						t.Fatal(err)
					}
					total = line.bytes(way) - before
				}
				c := newCampaign(t, fmt.Sprintf("%s cut in what is %s", side, way))
				step := every(t, total, 24)
				for {
					after := int64(number(t, "FATURAD_TORTURE_FROM", 0)) + int64(c.Rounds)*step
					if after >= total {
						break
					}
					w.begin(n, 0, 1)
					line.arm(way, after, nil)
					if w.pass() != nil {
						c.Failed++
					}
					if line.disarm() {
						c.Kills++
					} else {
						c.Missed++
					}
					w.settle()
					c.Creates += w.sound(fmt.Sprintf("%s cut after %d bytes %s", side, after, way), n).creates
					c.Sales += n
					c.done()
				}
				t.Logf("%s; at every %d. of %d bytes", c, step, total)
				if c.Kills == 0 {
					t.Error("nothing was cut")
				}
			}
		})
	}
}

// TestKilledInTheMiddleOfARequest kills the process when so many bytes of its requests, or of the provider's answers, have
// passed: in the middle of headers, bodies and answers.
func TestKilledInTheMiddleOfARequest(t *testing.T) {
	atEach(t, 2*time.Millisecond, func(t *testing.T, w *world) {
		line := newWire(t, w.server.Listener.Addr().String())
		w.edit(w.server.URL, "http://"+line.addr)
		if w.first() {
			w.ok("sync", "registry") // the taxpayer list is kept by address: it is fetched once more, through the wire
		}
		c := newCampaign(t, "killed in the middle of a request"+w.suffix())
		const n = 6
		w.begin(n, 0, 1)
		before := [2]int64{line.bytes(asked), line.bytes(answered)}
		w.ok("sync", "outbound")
		totals := [2]int64{line.bytes(asked) - before[asked], line.bytes(answered) - before[answered]}
		for !t.Failed() && c.Rounds < 10+number(t, "FATURAD_TORTURE_KILLS", 0)/10 {
			random := c.dice()
			w.begin(n, 0, random.Uint64())
			way := direction(c.Rounds % 2)
			after := random.Int64N(totals[way])
			p := w.start("", "sync", "outbound")
			line.arm(way, after, func() { p.kill() })
			if p.end() {
				c.Kills++
			} else {
				c.Missed++
			}
			line.disarm()
			w.rest()
			c.count(w.sound(fmt.Sprintf("killed after %d bytes %s", after, way), n), n)
			c.done()
		}
		t.Log(c)
		if c.Kills < 5 {
			t.Errorf("only %d kills", c.Kills)
		}
	})
}
