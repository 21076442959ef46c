package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"faturad/internal/clock"
	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/propars/proparssim"
	"faturad/providers/turkcell/turkcellsim"
)

// goalOthers is what the other companies must keep of their speed while one provider is down.
const goalOthers = 0.95

// branchInFlight is how many requests each company makes at once: together they leave the machine room, so that what is
// measured is whether they wait for each other.
const branchInFlight = 4

// branch is one company of an installation with three: its ERP, its provider, how many sales a round of it takes.
type branch struct {
	name, vkn, kind string
	account         string // its credentials in the config
	path            string // below its provider's address
	sales           int
	erp             *dbtest.Database
	front           *front
	entered         int // sales so far
}

// companies is one daemon with three of them.
type companies struct {
	ledger   *dbtest.Database
	branches []*branch // the last is the one whose provider is down at times
	today    invoice.Date
}

// pair is a round with all providers up and one with the third down, one right after the other.
type pair struct {
	ratio   []float64     // speed of each other company, down to up
	recover time.Duration // from its being up again to the last of the third company's sales
}

// BenchmarkCompanies has one daemon serve three companies at three providers, and compares the speed of two of them while the
// third provider is down with their speed while it is up, in turns. It wants -benchtime 1x.
func BenchmarkCompanies(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "faturad")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "faturad/cmd/faturad")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		b.Fatal("building faturad: ", err)
	}
	c := openCompanies(b, binary)
	c.round(b, up) // connections, tokens, contacts, products: once
	manners := []manner{refused, failing, hanging, slow}
	pairs := map[manner][]pair{}
	for n := range *runs {
		for _, m := range manners {
			var p pair
			var before, down []time.Duration
			if n%2 == 0 {
				before, _ = c.round(b, up)
				down, p.recover = c.round(b, m)
			} else {
				down, p.recover = c.round(b, m)
				before, _ = c.round(b, up)
			}
			for i := range down {
				p.ratio = append(p.ratio, before[i].Seconds()/down[i].Seconds())
			}
			pairs[m] = append(pairs[m], p)
		}
	}
	if b.Failed() {
		return
	}
	if failed := c.print(os.Stdout, manners, pairs); len(failed) > 0 { // a busy machine is no wrong result
		b.Logf("not reached: %v", failed)
	}
}

// openCompanies installs faturad and starts its daemon.
func openCompanies(b *testing.B, binary string) *companies {
	b.Helper()
	dir := b.TempDir()
	c := &companies{ledger: dbtest.New(b, dbtest.Durable()), today: invoice.DateOf(time.Now().In(clock.Istanbul))}
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	kolayVKN, parsVKN := turkcellsim.ExampleVKN(9001), turkcellsim.ExampleVKN(9002)
	c.branches = []*branch{
		{name: "turk", vkn: sellerVKN, kind: "turkcell", sales: 240,
			account: fmt.Sprintf("api_key = { file = %q }", file("turkcell.key", turkcellsim.DefaultAPIKey)),
			front:   newFront(b, turkcellsim.New(turkcellsim.Options{Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}}))},
		{name: "kolay", vkn: kolayVKN, kind: "kolaybi", path: kolaybisim.Base, sales: 60,
			account: fmt.Sprintf("api_key = { file = %q }\nchannel = { file = %q }", file("kolaybi.key", kolaybisim.DefaultAPIKey), file("channel", kolaybisim.DefaultChannel)),
			front:   newFront(b, kolaybisim.New(kolaybisim.Options{Instant: true, SellerTaxNo: kolayVKN}))},
		{name: "pars", vkn: parsVKN, kind: "propars", path: proparssim.Base, sales: 60,
			account: fmt.Sprintf("username = %q\npassword = { file = %q }\ntimeout = \"5s\"\nquarantine = \"1s\"", proparssim.DefaultUsername, file("password", proparssim.DefaultPassword)),
			front:   newFront(b, proparssim.New(proparssim.Options{SellerTaxNo: parsVKN}))},
	}
	var config strings.Builder
	fmt.Fprintf(&config, "[ledger]\ndsn = { file = %[1]q }\nmigrate_dsn = { file = %[1]q }\n[admin]\nlisten = \"127.0.0.1:0\"\ntoken = { file = %[2]q }\n[archive]\nenabled = false\n[schedule]\n",
		file("ledger.dsn", c.ledger.DSN()), file("token", "bench-admin-token-of-some-length"))
	for _, job := range []string{"outbound", "followup", "writeback", "inbound"} {
		fmt.Fprintf(&config, "%s = \"@every 1s\"\n", job)
	}
	for _, r := range c.branches {
		r.erp = dbtest.New(b)
		fmt.Fprintf(&config, branchConfig, r.name, r.vkn, r.kind, "http://"+r.front.addr+r.path, branchInFlight, r.account, file(r.name+".dsn", r.erp.DSN()), c.today.AddDays(-30))
	}
	path := file("faturad.toml", config.String())
	w := &world{binary: binary, config: path}
	install := w.faturad(b, "init", "--erp", "reference", "--sql")
	for _, r := range c.branches {
		r.erp.Script(b, install)
	}
	w.faturad(b, "migrate")
	daemon := w.command(b, "run")
	var log bytes.Buffer
	daemon.Stderr = &log
	if err := daemon.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait() // it was killed
		if b.Failed() {
			text := log.String()
			b.Logf("the end of the daemon's log:\n%s", text[max(0, len(text)-4000):])
		}
	})
	return c
}

const branchConfig = `[[company]]
name = %[1]q
vkn = %[2]q
[company.seller]
name = "Örnek Yazılım Ticaret A.Ş."
tax_office = "Çankaya"
street = "Atatürk Bulvarı"
district = "Çankaya"
city = "Ankara"
[[company.account]]
name = "main"
active = true
kind = %[3]q
base_url = %[4]q
in_flight = %[5]d
%[6]s
[company.routing]
kind = "e-arsiv"
[company.erp]
id = "erp-%[1]s"
dsn = { file = %[7]q }
preset = "reference"
start = %[8]s
`

// round enters the sales of all companies and gives how long each other company sent. The third provider is as m says until
// they are done; then it is up, and its sales are waited for.
func (c *companies) round(b *testing.B, m manner) (sending []time.Duration, recovering time.Duration) {
	b.Helper()
	third := c.branches[len(c.branches)-1]
	others := c.branches[:len(c.branches)-1]
	third.front.be(b, m)
	for _, r := range c.branches {
		r.front.restart()
		r.enter(b, c.today)
	}
	for _, r := range others {
		r.await(b)
		sending = append(sending, r.front.span())
	}
	third.front.be(b, up)
	healed := time.Now()
	third.await(b)
	return sending, time.Since(healed)
}

// enter adds a round's sales, all at once.
func (r *branch) enter(b *testing.B, day invoice.Date) {
	b.Helper()
	var sales, lines []string
	var saleArgs, lineArgs []any
	for range r.sales {
		r.entered++
		net := 10_000 + 100*(r.entered%500)
		sales = append(sales, "(?, ?, ?, '10:30:00', 'Işıltı Aydınlatma Ltd. Şti.', ?, 'Kadıköy', 'Bağdat Caddesi 1', 'Kadıköy', 'İstanbul', ?, ?, ?)")
		saleArgs = append(saleArgs, r.entered, fmt.Sprintf("S-%07d", r.entered), day.String(), turkcellsim.ExampleVKN(20), lira(net), lira(net/5), lira(net+net/5))
		lines = append(lines, "(?, 1, 'Danışmanlık', 1, 'adet', ?, 20)")
		lineArgs = append(lineArgs, r.entered, lira(net))
	}
	tx, err := r.erp.DB().BeginTxx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	_, err = tx.ExecContext(b.Context(), `INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street, buyer_district,
		buyer_city, net, vat, gross) VALUES `+strings.Join(sales, ", "), saleArgs...)
	if err == nil {
		_, err = tx.ExecContext(b.Context(), "INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate) VALUES "+strings.Join(lines, ", "), lineArgs...)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// await waits until the ERP shows every sale as accepted.
func (r *branch) await(b *testing.B) {
	b.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(10 * time.Minute)
	defer patience.Stop()
	for {
		var accepted int
		if err := r.erp.DB().GetContext(b.Context(), &accepted, "SELECT COUNT(*) FROM sales WHERE einvoice_state = 'accepted'"); err != nil {
			b.Fatal(err)
		}
		if accepted == r.entered {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			b.Fatalf("%s: %d of %d sales are accepted", r.name, accepted, r.entered)
		}
	}
}

// print writes the table and returns the goals that were not reached.
func (c *companies) print(out io.Writer, manners []manner, pairs map[manner][]pair) (failed []string) {
	third := c.branches[len(c.branches)-1]
	fmt.Fprintf(out, "\nOne daemon, three companies, %d requests in flight each, answers after %s; speed while the provider of %s is down, of that while it is up;\nmedians of %d pairs of rounds\n",
		branchInFlight, frontLatency, third.name, *runs)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\t")
	for _, r := range c.branches[:len(c.branches)-1] {
		fmt.Fprintf(t, "%s (%s)\tmin-max\t", r.name, r.kind)
	}
	fmt.Fprintf(t, "%s caught up after s\t\n", third.name)
	type verdict struct {
		what string
		got  float64
	}
	var verdicts []verdict
	for _, m := range manners {
		fmt.Fprintf(t, "%s\t", m)
		for i, r := range c.branches[:len(c.branches)-1] {
			var ratios []float64
			for _, p := range pairs[m] {
				ratios = append(ratios, p.ratio[i])
			}
			got := middle(ratios)
			fmt.Fprintf(t, "%.1f %%\t%.0f-%.0f %%\t", 100*got, 100*ratios[0], 100*ratios[len(ratios)-1])
			verdicts = append(verdicts, verdict{fmt.Sprintf("%s: speed of %s", m, r.name), got})
		}
		var recovering []float64
		for _, p := range pairs[m] {
			recovering = append(recovering, p.recover.Seconds())
		}
		fmt.Fprintf(t, "%.1f\t\n", middle(recovering))
	}
	_ = t.Flush() // a table that cannot be written has no reader
	for _, v := range verdicts {
		word := "PASS"
		if v.got < goalOthers {
			word, failed = "FAIL", append(failed, v.what)
		}
		fmt.Fprintf(out, "  %s  %-60s %8.4f  (goal %.2f)\n", word, v.what, v.got, goalOthers)
	}
	return failed
}
