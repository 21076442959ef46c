package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"faturad/internal/clock"
	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/providers/turkcell/turkcellsim"
)

// Made-up companies. Buyers are what the simulator makes of them.
const sellerVKN = "4812057337"

var (
	plainBuyer   = "6400177128"              // no e-invoice taxpayer
	refusedBuyer = turkcellsim.ExampleVKN(2) // the provider refuses every invoice to it
	failingBuyer = turkcellsim.ExampleVKN(3) // its invoices fail at the authority
)

// world is an installation that the commands work on, in this process.
type world struct {
	t           *testing.T
	erp, ledger *dbtest.Database
	sim         *turkcellsim.Simulator
	dir, config string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, erp: dbtest.New(t, dbtest.Charset("utf8mb4", "")), ledger: dbtest.New(t), dir: t.TempDir()}
	w.config = w.file("faturad.toml")
	w.sim = turkcellsim.New(turkcellsim.Options{
		APIKey: "a-made-up-key-of-the-tests", Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant},
		Buyers: map[string]turkcellsim.Buyer{refusedBuyer: turkcellsim.BuyerRefused, failingBuyer: turkcellsim.BuyerFails},
	})
	server := httptest.NewServer(w.sim)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"api.key": "a-made-up-key-of-the-tests", "token": "a-made-up-token-of-the-tests", "ledger.dsn": w.ledger.DSN(), "erp.dsn": w.erp.DSN(),
	} {
		w.write(name, value)
	}
	w.ok("init", "--vkn", sellerVKN, "--start", day(-30), "--base-url", server.URL, "--ledger-dsn-file", w.file("ledger.dsn"),
		"--migrate-dsn-file", w.file("ledger.dsn"), "--erp-dsn-file", w.file("erp.dsn"), "--api-key-file", w.file("api.key"), "--admin-token-file", w.file("token"),
		"--seller-name", "Örnek Yazılım Ticaret A.Ş.", "--seller-tax-office", "Çankaya", "--seller-street", "Atatürk Bulvarı", "--seller-district", "Çankaya", "--seller-city", "Ankara")
	w.erp.Script(t, w.ok("init", "--sql").out)
	w.ok("migrate")
	return w
}

// day is a date in Türkiye, so many days from today.
func day(days int) string {
	return invoice.DateOf(newClock().Now().In(clock.Istanbul)).AddDays(days).String()
}

// companies has the config name several companies, each like the one that it has, but with sales of its own.
func (w *world) companies(names ...string) {
	w.t.Helper()
	config, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	text, company, _ := strings.Cut(string(config), "[[company]]")
	for _, name := range names {
		one := strings.Replace("[[company]]"+company, `name = "acme"`, `name = "`+name+`"`, 1)
		text += strings.Replace(one, `id = "`, `id = "`+name+"-", 1) + fmt.Sprintf(ownSales, name)
	}
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const ownSales = `
  [[company.erp.document]]
  name = "sale"
  pending = "SELECT id FROM sales WHERE einvoice_state IS NULL AND sale_no LIKE '%s-%%' AND issue_date >= :start ORDER BY issue_date, id"
`

func (w *world) file(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, value string) {
	w.t.Helper()
	if err := os.WriteFile(w.file(name), []byte(value+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// sale inserts a sale of yesterday: one line of net 1000 + id at 20 %.
func (w *world) sale(id int, buyer, taxNo string) {
	w.t.Helper()
	net := 1000 + id
	w.erp.Exec(w.t, `INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street,
		buyer_district, buyer_city, net, vat, gross) VALUES (?, ?, ?, '10:00:00', ?, ?, 'Kadıköy', 'Bağdat Cad. 1', 'Kadıköy', 'İstanbul', ?, ?, ?)`,
		id, fmt.Sprintf("S-%d", id), day(-1), buyer, taxNo, net, fmt.Sprintf("%.2f", float64(net)*0.2), fmt.Sprintf("%.2f", float64(net)*1.2))
	w.erp.Exec(w.t, `INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate) VALUES (?, 1, 'Danışmanlık', 1, 'adet', ?, 20)`, id, net)
}

// result is what a command did.
type result struct {
	code        int
	out, errOut string
}

// run executes one command line with the world's config.
func (w *world) run(args ...string) result {
	w.t.Helper()
	return execution(w.t.Context(), append(args, "--config", w.config)...)
}

func execution(ctx context.Context, args ...string) result {
	var out, errOut bytes.Buffer
	code := execute(ctx, args, &out, &errOut)
	return result{code, out.String(), errOut.String()}
}

// exits runs a command and wants an exit code.
func (w *world) exits(code int, args ...string) result {
	w.t.Helper()
	r := w.run(args...)
	if r.code != code {
		w.t.Errorf("faturad %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), r.code, code, r.out, r.errOut)
	}
	return r
}

func (w *world) ok(args ...string) result {
	w.t.Helper()
	return w.exits(exitDone, args...)
}

// json runs a command with --json, wants an exit code, and reads the one document of its output.
func (w *world) json(code int, into any, args ...string) result {
	w.t.Helper()
	r := w.exits(code, append(args, "--json")...)
	if err := oneJSON(r.out, into); err != nil {
		w.t.Errorf("faturad %s --json: %v\n%s%s", strings.Join(args, " "), err, r.out, r.errOut)
	}
	return r
}

// oneJSON reads exactly one JSON document.
func oneJSON(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("no JSON document: %w", err)
	}
	var more any
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.Join(fmt.Errorf("more than one JSON document: %v", more), err)
	}
	return nil
}

// documents lists what `faturad documents` lists, with these flags.
func (w *world) documents(flags ...string) map[string]map[string]any {
	w.t.Helper()
	var listed struct{ Documents []map[string]any }
	w.json(exitDone, &listed, append([]string{"documents"}, flags...)...)
	out := map[string]map[string]any{}
	for _, d := range listed.Documents {
		id, ok := d["sale_id"].(string)
		if !ok {
			w.t.Fatalf("a document has no sale_id: %v", d)
		}
		out[id] = d
	}
	return out
}

// state is where the newest document of a sale stands.
func (w *world) state(sale string) string {
	w.t.Helper()
	var state string
	if err := w.ledger.DB().Get(&state, "SELECT state FROM documents WHERE sale_key = ? ORDER BY revision DESC LIMIT 1", sale); err != nil {
		w.t.Fatal(err)
	}
	return state
}

// has checks that a text holds pieces and lacks others (those with "!" before them).
func has(t *testing.T, what, text string, pieces ...string) {
	t.Helper()
	for _, piece := range pieces {
		rest, absent := strings.CutPrefix(piece, "!")
		if strings.Contains(text, rest) == absent {
			t.Errorf("%s: want %q in\n%s", what, piece, text)
		}
	}
}
