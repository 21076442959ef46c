package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers/turkcell/turkcellsim"
)

const company = "acme"

// sellerVKN is a made-up company that is none of the buyers.
var sellerVKN = turkcellsim.ExampleVKN(9000)

// world is one installation: two databases on two servers, the simulator, a config.
type world struct {
	binary string
	config string
	ledger server
	erp    server
	sim    simulator
	today  invoice.Date
	lat    time.Duration
}

func newWorld(b *testing.B, binary string, latency time.Duration) *world {
	b.Helper()
	dir := b.TempDir()
	w := &world{
		binary: binary, config: filepath.Join(dir, "faturad.toml"), ledger: startServer(b), erp: startServer(b),
		sim: startSimulator(b, latency), today: invoice.DateOf(time.Now().In(clock.Istanbul)), lat: latency,
	}
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	w.faturad(b, "init", "--erp", "reference", "--name", company, "--vkn", sellerVKN, "--erp-id", "erp1",
		"--start", w.today.AddDays(-30).String(), "--base-url", w.sim.url,
		"--ledger-dsn-file", file("ledger.dsn", w.ledger.DSN()), "--migrate-dsn-file", file("migrate.dsn", w.ledger.DSN()),
		"--erp-dsn-file", file("erp.dsn", w.erp.DSN()), "--api-key-file", file("key", turkcellsim.DefaultAPIKey),
		"--admin-token-file", file("token", "bench-admin-token-of-some-length"),
		"--seller-name", "Örnek Yazılım Ticaret A.Ş.", "--seller-tax-office", "Çankaya", "--seller-street", "Atatürk Bulvarı 1",
		"--seller-district", "Çankaya", "--seller-city", "Ankara")
	w.erp.Script(b, w.faturad(b, "init", "--erp", "reference", "--sql"))
	w.faturad(b, "migrate")
	return w
}

// fill puts n sales with 3 lines each into the ERP: half to e-invoice taxpayers, half to others.
func (w *world) fill(b *testing.B, n int) {
	b.Helper()
	w.enter(b, 1, n)
	w.erp.Exec(b, "ANALYZE TABLE sales, sale_lines")
}

// enter adds the sales of these numbers.
func (w *world) enter(b *testing.B, first, last int) {
	b.Helper()
	const group = 500
	for from := first; from <= last; from += group {
		var sales, lines []string
		var saleArgs, lineArgs []any
		for id := from; id < min(from+group, last+1); id++ {
			row, rows := w.sale(id)
			sales = append(sales, "(?, ?, ?, '10:30:00', ?, ?, 'Kadıköy', 'Bağdat Caddesi 1', 'Kadıköy', 'İstanbul', 'TR', ?, ?, ?, 3)")
			saleArgs = append(saleArgs, row...)
			for range 3 {
				lines = append(lines, "(?, ?, ?, ?, ?, 'adet', ?, ?, ?)")
			}
			lineArgs = append(lineArgs, rows...)
		}
		w.erp.Exec(b, `INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street,
			buyer_district, buyer_city, buyer_country, net, vat, gross, line_count) VALUES `+strings.Join(sales, ", "), saleArgs...)
		w.erp.Exec(b, `INSERT INTO sale_lines (sale_id, line_no, sku, name, quantity, unit, unit_price, vat_rate, net) VALUES `+
			strings.Join(lines, ", "), lineArgs...)
	}
}

// sale is the values of one sale and of its lines. Amounts are whole kuruş, so that every rounding convention agrees.
func (w *world) sale(id int) (sale, lines []any) {
	buyer := 20 + id%3000 // made up, on no taxpayer list
	if id%2 == 0 {
		buyer = id / 2 % 5 // on the list, without peculiarities
	}
	var net, vat int
	for i, rate := range []int{20, 10, 1} {
		quantity, price := 1+(id+i)%9, 100+(id*37+i*1009)%20_000
		amount := quantity * price
		net, vat = net+amount, vat+(amount*rate+50)/100
		lines = append(lines, id, i+1, fmt.Sprintf("STK-%05d", price), fmt.Sprintf("Çok amaçlı ölçü aleti, %d. model", price), quantity, lira(price), rate, lira(amount))
	}
	sale = []any{id, fmt.Sprintf("S-%07d", id), w.today.String(), fmt.Sprintf("Işıltı Aydınlatma %d Ltd. Şti.", buyer),
		turkcellsim.ExampleVKN(buyer), lira(net), lira(vat), lira(net + vat)}
	return sale, lines
}

func lira(kurus int) string { return fmt.Sprintf("%d.%02d", kurus/100, kurus%100) }

// expect fails unless every sale shows the state, and the provider has exactly one document for each.
func (w *world) expect(b *testing.B, state string) {
	b.Helper()
	var shown int
	err := w.erp.DB().GetContext(b.Context(), &shown, "SELECT COUNT(*) FROM sales WHERE einvoice_state = ?", state)
	if err != nil {
		b.Fatal(err)
	}
	if shown != *saleCount {
		b.Fatalf("%d of %d sales are %s in the ERP:\n%s", shown, *saleCount, state, w.faturad(b, "status"))
	}
	var issued []struct {
		Reference string `json:"local_reference_id"`
	}
	w.sim.ask(b, "documents", &issued)
	sales := map[string]bool{}
	for _, d := range issued {
		sales[d.Reference] = true
	}
	if len(issued) != *saleCount || len(sales) != *saleCount {
		b.Fatalf("the provider has %d documents for %d sales, want %d", len(issued), len(sales), *saleCount)
	}
}

// sendingTimes are when the first creating request came, as the provider saw it, and when the last was answered.
func (w *world) sendingTimes(b *testing.B) (first, last time.Time) {
	b.Helper()
	var log []turkcellsim.LogEntry
	w.sim.ask(b, "log", &log)
	for _, e := range log {
		if e.Family != turkcellsim.FamilyCreate {
			continue
		}
		if first.IsZero() || e.At.Before(first) {
			first = e.At
		}
		if e.At.After(last) {
			last = e.At
		}
	}
	return first, last.Add(w.lat)
}

// awaitDue waits until the status of every document may be asked for.
func (w *world) awaitDue(b *testing.B) {
	b.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		var early int
		if err := w.ledger.DB().GetContext(b.Context(), &early, "SELECT COUNT(*) FROM documents WHERE state = 'sent' AND next_at > UTC_TIMESTAMP(6)"); err != nil {
			b.Fatal(err)
		}
		if early == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-b.Context().Done():
			b.Fatal(b.Context().Err())
		}
	}
}
