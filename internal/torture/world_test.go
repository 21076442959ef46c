package torture

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/internal/app"
	"faturad/internal/config"
	"faturad/internal/dbtest"
	"faturad/providers/turkcell/turkcellsim"
)

// The company of every test, with made-up tax numbers whose check digits are right.
const (
	sellerVKN  = "4812057337"
	buyerVKN   = "6400177128"
	adminToken = "torture-admin-token-of-some-length"
	apiKey     = "torture+test/key=&of-no-provider" // other letters percent-encoded, and in base64
)

// world is one installation: two databases, a provider, a config, and the same wired in this process to judge and to
// drive it.
type world struct {
	t       testing.TB
	erp     *dbtest.Database
	ledger  *dbtest.Database
	office  office
	sim     *turkcellsim.Simulator // the office, where it is Turkcell's
	gate    *gate
	server  *httptest.Server
	dir     string
	config  string // of the real process
	judged  string // the same as this process loads it: before leases and time-outs are made shorter than real ones may be
	company *app.Company
	app     *app.App
	loaded  config.Config // as this process uses it
	logger  *slog.Logger  // nil = as FATURAD_TORTURE_LOG says
	// gap says that requests may leave late in this world, behind everything that faturad can check: they are counted apart, and
	// only the provider can fence them.
	gap bool

	processes []*process                  // those that live, and those whose words nobody has judged yet
	heard     output                      // what this process, and others that ended, have said since the last judgement
	canaries  map[string]*canary          // what must not show, by itself
	reading   map[*dbtest.Database]string // the query for the texts of each
	theirs    [2]account                  // of the real processes, at the ledger and the ERP
	ours      [2]account                  // of this process, when it works as faturad does
	patience  time.Duration               // for what must be left behind
}

// setup says what is special about a world.
type setup struct {
	office   office // nil = Turkcell's, as sim says
	sim      turkcellsim.Options
	own      bool   // the ledger has a server of its own
	dataIn   string // the same, with its data in this folder
	lease    string // of the real process; empty = the default
	account  string // further lines of [[company.account]]
	tune     func(*config.Config)
	inFlight int
}

// newWorld installs faturad as its README says.
func newWorld(t testing.TB, s setup) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), canaries: map[string]*canary{}, reading: map[*dbtest.Database]string{}, patience: patience}
	w.config = filepath.Join(w.dir, "faturad.toml")
	w.erp = dbtest.New(t)
	switch {
	case s.dataIn != "":
		w.ledger = dbtest.New(t, dbtest.DataIn(s.dataIn))
	case s.own:
		w.ledger = dbtest.New(t, dbtest.OwnServer())
	default:
		w.ledger = dbtest.New(t)
	}
	w.theirs, w.ours = w.accounts("process"), w.accounts("judge")
	if w.office = s.office; w.office == nil {
		w.office = turkcellWith(s.sim)
	}
	if o, ok := w.office.(turkcellOffice); ok {
		w.sim = o.Simulator
	}
	w.gate = &gate{office: w.office, ledger: w.ledger.DB()}
	w.server = httptest.NewServer(w.gate)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.killAll) // before that: it waits for open requests
	for name, value := range map[string]string{
		"admin.token": adminToken, "ledger.dsn": w.theirs[0].dsn, "migrate.dsn": w.theirs[0].dsn, "erp.dsn": w.theirs[1].dsn,
	} {
		w.secret(name, value)
	}
	w.office.install(w, w.server.URL)
	w.erp.Script(t, w.ok("init", "--erp", "reference", "--sql"))
	w.ok("migrate")
	// An old ledger: sales from before its birth would be asked for before they are sent.
	w.ledger.Exec(t, "UPDATE birth SET created_at = created_at - INTERVAL 30 DAY")
	w.judged = filepath.Join(w.dir, "judge.toml")
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.judged, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open(s)
	if s.inFlight == 0 {
		s.inFlight = 4
	}
	w.edit("[[company.account]]", fmt.Sprintf("[[company.account]]\n  in_flight = %d\n%s", s.inFlight, s.account))
	if s.lease != "" {
		w.edit("[ledger]", "[ledger]\nlease = \""+s.lease+"\"")
	}
	w.everySecond()
	if w.sim != nil { // the others have no list of taxpayers
		w.ok("sync", "registry")
	}
	return w
}

// open wires the world in this process.
func (w *world) open(s setup) {
	w.t.Helper()
	cfg, err := config.Load(w.judged)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg.Companies[0].Accounts[0].InFlight = 4
	cfg.Ledger.DSN, cfg.Companies[0].ERP.DSN = config.NewSecret(w.ours[0].dsn), config.NewSecret(w.ours[1].dsn)
	if s.tune != nil {
		s.tune(&cfg)
	}
	w.loaded = cfg
	w.reopen(cfg)
	w.t.Cleanup(w.close)
}

// reopen wires the world anew, as a restart of the process would.
func (w *world) reopen(cfg config.Config) {
	w.t.Helper()
	w.close()
	var err error
	if w.app, err = app.Open(w.t.Context(), cfg, app.Options{Log: w.log()}); err != nil {
		w.t.Fatal(err)
	}
	w.company = w.app.Companies[0]
}

func (w *world) close() {
	if w.app != nil {
		if err := w.app.Close(); err != nil {
			w.t.Errorf("closing: %v", err)
		}
		w.app = nil
		w.judgeSessions(w.ours, func(format string, args ...any) { w.t.Errorf("closed: "+format, args...) })
	}
}

func (w *world) log() *slog.Logger {
	if w.logger != nil {
		return w.logger
	}
	out := io.Writer(&w.heard)
	if os.Getenv("FATURAD_TORTURE_LOG") != "" {
		out = io.MultiWriter(out, os.Stderr)
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (w *world) secret(name, value string) {
	w.t.Helper()
	w.guard(name, value)
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(value+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// edit replaces a text of the config, once.
func (w *world) edit(from, to string) {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		w.t.Fatalf("the config has no %q:\n%s", from, text)
	}
	if err := os.WriteFile(w.config, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// everySecond makes the daemon do everything every second.
func (w *world) everySecond() {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), "[schedule]")
	if !ok {
		w.edit("[[company]]", schedule+"[[company]]")
		return
	}
	_, after, _ := strings.Cut(rest, "\n[")
	if err := os.WriteFile(w.config, []byte(before+schedule+"["+after), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const schedule = "[log]\nlevel = \"debug\"\n[schedule]\noutbound = \"@every 1s\"\nfollowup = \"@every 1s\"\nwriteback = \"@every 1s\"\ninbound = \"@every 1s\"\nregistry = \"@every 1h\"\n\n"

// kept are the tables of the ledger that outlive a round; a process that lives on would miss its commits.
var kept = map[string]bool{"goose_db_version": true, "birth": true, "identities": true, "commits": true, "marks": true, "registry_lists": true,
	"registry_mailboxes": true}

// tables are a database's own.
func (w *world) tables(d *dbtest.Database) (names []string) {
	w.t.Helper()
	const query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
	if err := d.DB().SelectContext(w.t.Context(), &names, query); err != nil {
		w.t.Fatal(err)
	}
	return names
}

// begin forgets everything of the round before and offers n new sales and some incoming invoices.
func (w *world) begin(sales, incoming int, seed uint64) {
	w.t.Helper()
	w.guardTokens() // of before, which somebody may still hold
	w.office.Reset()
	w.gate.reset()
	for _, table := range w.tables(w.ledger) {
		if !kept[table] {
			w.ledger.Exec(w.t, "DELETE FROM `"+table+"`")
		}
	}
	for _, table := range w.tables(w.erp) {
		w.erp.Exec(w.t, "DELETE FROM `"+table+"`")
	}
	if sales > 0 {
		w.sales(1, sales)
	}
	if incoming > 0 {
		w.office.receive(incoming, seed)
	}
}

// sales inserts n plain sales of one line, from the first number on.
func (w *world) sales(first, n int) {
	w.t.Helper()
	var heads, lines []string
	for id := first; id < first+n; id++ {
		heads = append(heads, fmt.Sprintf("(%d, 'S-%d', '%s', '10:00:00', 'Işıltı Aydınlatma Ltd. Şti.', '%s', 'Kadıköy', 'Bağdat Cad. 1', 'Kadıköy', 'İstanbul', %d, %.2f, %.2f)",
			id, id, saleDate, buyerVKN, 100+id, float64(100+id)*0.2, float64(100+id)*1.2))
		lines = append(lines, fmt.Sprintf("(%d, 1, 'Danışmanlık', 1, 'adet', %d, 20)", id, 100+id))
	}
	w.erp.Exec(w.t, "INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate) VALUES "+strings.Join(lines, ", "))
	w.erp.Exec(w.t, "INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street, buyer_district, buyer_city, net, vat, gross) VALUES "+strings.Join(heads, ", "))
}
