package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"faturad/internal/dbtest"
	"faturad/providers/turkcell/turkcellsim"
)

// binary is the faturad that all tests run, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faturad-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
		}
	}()
	binary = filepath.Join(dir, "faturad")
	build := exec.Command("go", "build", "-o", binary, "faturad/cmd/faturad")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: building faturad:", err)
		return 1
	}
	return m.Run()
}

// The company of every test, with a made-up tax number whose check digit is right.
const (
	sellerVKN = "4812057337"
	apiKey    = "e2e-test-key"
)

// world is one installation: two databases, a provider, a config.
type world struct {
	t      *testing.T
	erp    *dbtest.Database
	ledger *dbtest.Database
	sim    *turkcellsim.Simulator
	server *httptest.Server
	front  *dbtest.Proxy // before the provider; nil without setup.fronted
	url    string        // the provider's address as the config says it
	dir    string
	config string
}

// setup says what a world holds.
type setup struct {
	charset, collation string // of the ERP's database
	script             string // SQL file or dump (.sql, .sql.gz) of the ERP
	preset             string // faturad init --erp
	start              string // first day
	sim                turkcellsim.Options
	ledger             []dbtest.Option // of the ledger's database
	fronted            bool            // the provider stands behind a proxy that can fail: world.front
}

// newWorld installs faturad as its README says: init, install SQL, grants, migrate.
func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.config = filepath.Join(w.dir, "faturad.toml")
	if s.charset == "" {
		s.charset = "utf8mb4"
	}
	w.erp = dbtest.New(t, dbtest.Charset(s.charset, s.collation))
	w.ledger = dbtest.New(t, s.ledger...)
	if s.script != "" {
		w.erp.Load(t, s.script)
	}
	if s.sim.APIKey == "" {
		s.sim.APIKey = apiKey
	}
	if s.sim.Pace == (turkcellsim.Pace{}) {
		s.sim.Pace.Mode = turkcellsim.PaceInstant
	}
	w.sim = turkcellsim.New(s.sim)
	w.server = httptest.NewServer(w.sim)
	t.Cleanup(w.server.Close)
	w.url = w.server.URL
	if s.fronted {
		w.front = dbtest.NewProxy(t, w.server.Listener.Addr().String())
		w.url = "http://" + w.front.Addr()
	}

	w.secret("turkcell.key", s.sim.APIKey)
	w.secret("admin.token", "e2e-admin-token-of-some-length")
	w.secret("ledger.dsn", w.ledger.DSN())
	w.secret("migrate.dsn", w.ledger.DSN())
	w.secret("erp.dsn", w.erp.DSN())
	if s.start == "" {
		s.start = "2026-09-01"
	}
	file := func(name string) string { return filepath.Join(w.dir, name) }
	w.ok("init", "--erp", s.preset, "--name", "acme", "--vkn", sellerVKN, "--erp-id", "erp1", "--start", s.start,
		"--base-url", w.url, "--ledger-dsn-file", file("ledger.dsn"), "--migrate-dsn-file", file("migrate.dsn"),
		"--erp-dsn-file", file("erp.dsn"), "--api-key-file", file("turkcell.key"), "--admin-token-file", file("admin.token"),
		"--seller-name", "Örnek Yazılım Ticaret A.Ş.", "--seller-tax-office", "Çankaya", "--seller-street", "Atatürk Bulvarı",
		"--seller-district", "Çankaya", "--seller-city", "Ankara")
	w.edit(func(text string) string {
		return strings.Replace(text, "[admin]\nlisten = \"127.0.0.1:8765\"", "[admin]\nlisten = \"127.0.0.1:0\"", 1)
	})
	w.erp.Script(t, w.ok("init", "--erp", s.preset, "--sql"))
	w.leastPrivilege()
	return w
}

// leastPrivilege swaps the all-powerful DSNs for the users that `faturad grants` describes.
func (w *world) leastPrivilege() {
	w.t.Helper()
	var printed struct{ Statements []string }
	w.json(&printed, "grants", "--host", "%")
	var migrate, daily, erp []string
	for _, s := range printed.Statements {
		grant, account, isGrant := strings.Cut(s, " TO ")
		if !isGrant || !strings.HasPrefix(grant, "GRANT ") {
			continue
		}
		grant = strings.TrimPrefix(grant, "GRANT ")
		switch {
		case strings.HasPrefix(account, "'faturad_migrate'"):
			migrate = append(migrate, grant)
		case strings.HasPrefix(account, "'faturad_erp'"):
			erp = append(erp, grant)
		default:
			daily = append(daily, grant)
		}
	}
	if len(migrate) == 0 || len(daily) == 0 || len(erp) == 0 {
		w.t.Fatalf("faturad grants printed %d + %d + %d grants: %q", len(migrate), len(daily), len(erp), printed.Statements)
	}
	w.secret("migrate.dsn", w.ledger.User(w.t, "migrate", migrate...))
	w.ok("migrate")
	w.secret("ledger.dsn", w.ledger.User(w.t, "daily", daily...))
	w.secret("erp.dsn", w.erp.User(w.t, "erp", erp...))
}

func (w *world) secret(name, value string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(value+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// edit changes the config's text.
func (w *world) edit(change func(string) string) {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.config, []byte(change(string(text))), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// result is what a command did.
type result struct {
	code        int
	out, errOut string
}

// run runs faturad with the world's config.
func (w *world) run(args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append(args, "--config", w.config)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatalf("faturad %s: %v", strings.Join(args, " "), err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// ok runs faturad and wants exit code 0.
func (w *world) ok(args ...string) string {
	w.t.Helper()
	r := w.run(args...)
	if r.code != 0 {
		w.t.Fatalf("faturad %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.errOut)
	}
	return r.out
}

// json runs faturad --json and reads its document.
func (w *world) json(into any, args ...string) result {
	w.t.Helper()
	r := w.run(append(args, "--json")...)
	if err := json.Unmarshal([]byte(r.out), into); err != nil {
		w.t.Fatalf("faturad %s --json printed no JSON (exit code %d): %v\n%s%s", strings.Join(args, " "), r.code, err, r.out, r.errOut)
	}
	return r
}

// document is what `faturad documents --json` says of one.
type document struct {
	SaleID         string  `json:"sale_id"`
	SaleNumber     string  `json:"sale_number"`
	BuyerTaxNo     string  `json:"buyer_tax_no"`
	BuyerName      string  `json:"buyer_name"`
	LocalReference string  `json:"local_reference"`
	ETTN           string  `json:"ettn"`
	Kind           string  `json:"kind"`
	Number         string  `json:"invoice_number"`
	State          string  `json:"state"`
	Code           string  `json:"code"`
	Message        string  `json:"message"`
	Advice         string  `json:"advice"`
	Currency       string  `json:"currency"`
	Payable        *string `json:"payable"`
	Changed        bool    `json:"changed_after_send"`
	Deleted        bool    `json:"deleted_after_send"`
}

// documents lists the ledger's documents by sale key.
func (w *world) documents() map[string]document {
	w.t.Helper()
	var listed struct{ Documents []document }
	w.json(&listed, "documents", "--limit", "100000")
	out := map[string]document{}
	for _, d := range listed.Documents {
		if _, twice := out[d.SaleID]; twice {
			w.t.Errorf("sale %s has two documents in the ledger", d.SaleID)
		}
		out[d.SaleID] = d
	}
	return out
}

// issued lists the provider's documents by local reference, and fails the test when a sale has two.
func (w *world) issued() map[string]turkcellsim.Document {
	w.t.Helper()
	out := map[string]turkcellsim.Document{}
	for _, d := range w.sim.Documents() {
		if _, twice := out[d.LocalReferenceID]; twice {
			w.t.Errorf("DUPLICATE: %s was issued twice", d.LocalReferenceID)
		}
		out[d.LocalReferenceID] = d
	}
	return out
}

// rows reads a query of the ERP as text.
func (w *world) rows(query string, args ...any) [][]string {
	w.t.Helper()
	return rowsOf(w.t, w.erp.DB(), query, args...)
}
