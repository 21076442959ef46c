package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"faturad/internal/dbtest"
	"faturad/providers/turkcell/turkcellsim"
)

// failure is something that goes wrong, and what a person must see of it.
type failure struct {
	name    string
	command []string // sync all
	breaks  func(*world) (repair func())
	code    int
	says    []string // parts of the sentence
}

// failures are the ways in which an installation breaks, with the exit codes that README promises.
var failures = []failure{
	{
		name: "provider off", code: 4, says: []string{"127.0.0.1", "connection refused"},
		breaks: func(w *world) func() { w.front.Down(); return w.front.Up },
	},
	{
		name: "provider off since the installation", code: 4, says: []string{"127.0.0.1", "connection refused"},
		breaks: func(w *world) func() { w.forgetTaxpayers(); w.front.Down(); return w.front.Up },
	},
	{
		name: "provider off, only sending", command: []string{"sync", "outbound"}, code: 4, says: []string{"127.0.0.1", "connection refused"},
		breaks: func(w *world) func() { w.front.Down(); return w.front.Up },
	},
	{
		name: "provider off, waiting", command: []string{"sync", "all", "--wait"}, code: 4, says: []string{"127.0.0.1", "connection refused"},
		breaks: func(w *world) func() { w.front.Down(); return w.front.Up },
	},
	{
		name: "provider off, asking", command: []string{"check"}, code: 4, says: []string{"127.0.0.1", "connection refused"},
		breaks: func(w *world) func() { w.front.Down(); return w.front.Up },
	},
	{
		name: "provider behind a login page", code: 4, says: []string{"web page"},
		breaks: func(w *world) func() {
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultHTMLPage})
			return w.sim.ClearFaults
		},
	},
	{
		name: "provider answers 500", code: 4, says: []string{"500"},
		breaks: func(w *world) func() {
			w.fault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Status: 500})
			return w.sim.ClearFaults
		},
	},
	{
		name: "wrong API key", code: 2, says: []string{"401"},
		breaks: func(w *world) func() { return w.swap("turkcell.key", "not-the-key-of-this-company") },
	},
	{
		name: "wrong API key since the installation", code: 2, says: []string{"401"},
		breaks: func(w *world) func() {
			w.forgetTaxpayers()
			return w.swap("turkcell.key", "not-the-key-of-this-company")
		},
	},
	{
		name: "wrong API key, waiting", command: []string{"sync", "all", "--wait"}, code: 2, says: []string{"401"},
		breaks: func(w *world) func() { return w.swap("turkcell.key", "not-the-key-of-this-company") },
	},
	{
		name: "ERP off", code: 4, says: []string{"ERP database of acme", "cannot be reached"},
		breaks: func(w *world) func() { return w.swap("erp.dsn", elsewhere(w.read("erp.dsn"))) },
	},
	{
		name: "ERP password wrong", code: 2, says: []string{"ERP database of acme", "refuses this user", "Correct user and password"},
		breaks: func(w *world) func() { return w.swap("erp.dsn", misspelt(w.read("erp.dsn"))) },
	},
	{
		name: "ERP address malformed", code: 2, says: []string{"ERP database of acme", "not of the form"},
		breaks: func(w *world) func() { return w.swap("erp.dsn", "somewhere") },
	},
	{
		name: "ledger address malformed", code: 2, says: []string{"ledger database", "not of the form"},
		breaks: func(w *world) func() { return w.swap("ledger.dsn", "root@localhost") },
	},
	{
		name: "ledger off", code: 4, says: []string{"ledger database", "cannot be reached"},
		breaks: func(w *world) func() { return w.swap("ledger.dsn", elsewhere(w.read("ledger.dsn"))) },
	},
	{
		name: "ledger password wrong", code: 2, says: []string{"ledger database", "refuses this user"},
		breaks: func(w *world) func() { return w.swap("ledger.dsn", misspelt(w.read("ledger.dsn"))) },
	},
	{
		name: "ledger not migrated", code: 1, says: []string{"faturad migrate"},
		breaks: func(w *world) func() {
			w.ledger.Exec(w.t, "RENAME TABLE documents TO documents_away")
			w.ledger.Exec(w.t, "RENAME TABLE goose_db_version TO goose_away")
			return func() {
				w.ledger.Exec(w.t, "RENAME TABLE documents_away TO documents")
				w.ledger.Exec(w.t, "RENAME TABLE goose_away TO goose_db_version")
			}
		},
	},
	{
		name: "missing column", command: []string{"check"}, code: 2, says: []string{"buyer_district", "document[sale].header"},
		breaks: func(w *world) func() {
			w.erp.Exec(w.t, "ALTER TABLE sales CHANGE buyer_district ilce VARCHAR(100) NULL")
			return func() { w.erp.Exec(w.t, "ALTER TABLE sales CHANGE ilce buyer_district VARCHAR(100) NULL") }
		},
	},
	{
		name: "missing column, sending anyway", code: 2, says: []string{"buyer_district", "faturad check"},
		breaks: func(w *world) func() {
			w.erp.Exec(w.t, "ALTER TABLE sales CHANGE buyer_district ilce VARCHAR(100) NULL")
			return func() { w.erp.Exec(w.t, "ALTER TABLE sales CHANGE ilce buyer_district VARCHAR(100) NULL") }
		},
	},
	{
		name: "column of the wrong type", command: []string{"check"}, code: 2, says: []string{"issue_date"},
		breaks: func(w *world) func() {
			w.erp.Exec(w.t, "ALTER TABLE sales ADD COLUMN kept_date DATE NULL")
			w.erp.Exec(w.t, "UPDATE sales SET kept_date = issue_date")
			w.erp.Exec(w.t, "ALTER TABLE sales MODIFY issue_date DECIMAL(18,2) NOT NULL")
			return func() {
				w.erp.Exec(w.t, "UPDATE sales SET issue_date = DATE_FORMAT(kept_date, '%Y%m%d')")
				w.erp.Exec(w.t, "ALTER TABLE sales MODIFY issue_date DATE NOT NULL")
				w.erp.Exec(w.t, "ALTER TABLE sales DROP COLUMN kept_date")
			}
		},
	},
	{
		name: "unknown key in the config", code: 2, says: []string{"faturad.toml:", "in_fligth", "in_flight"},
		breaks: func(w *world) func() {
			before := w.read("faturad.toml")
			w.account("  in_fligth = 3")
			return func() { w.edit(func(string) string { return before }) }
		},
	},
	{
		name: "wrong type in the config", code: 2, says: []string{"faturad.toml:", "in_flight"},
		breaks: func(w *world) func() {
			before := w.read("faturad.toml")
			w.account("  in_flight = \"many\"")
			return func() { w.edit(func(string) string { return before }) }
		},
	},
	{
		name: "no config", command: []string{"sync", "all"}, code: 2, says: []string{"faturad.toml", "no such file"},
		breaks: func(w *world) func() {
			before := w.config
			w.config = filepath.Join(w.dir, "elsewhere", "faturad.toml")
			return func() { w.config = before }
		},
	},
	{
		name: "damaged character set", command: []string{"check"}, code: 2, says: []string{"Turkish letters are damaged", "decode"},
		breaks: func(w *world) func() {
			w.erp.Exec(w.t, "UPDATE sales SET buyer_name = CONVERT(CAST(CONVERT(buyer_name USING utf8mb4) AS BINARY) USING latin1)")
			return func() {
				w.erp.Exec(w.t, "UPDATE sales SET buyer_name = CONVERT(CAST(CONVERT(buyer_name USING latin1) AS BINARY) USING utf8mb4)")
			}
		},
	},
	{
		name: "secret that others can read", code: 2, says: []string{"turkcell.key", "chmod 640"},
		breaks: func(w *world) func() { return w.mode("turkcell.key", 0o644) },
	},
	{
		name: "secret that does not exist", code: 2, says: []string{"erp.dsn", "does not exist"},
		breaks: func(w *world) func() {
			text := w.read("erp.dsn")
			if err := os.Remove(filepath.Join(w.dir, "erp.dsn")); err != nil {
				w.t.Fatal(err)
			}
			return func() { w.secret("erp.dsn", strings.TrimSpace(text)) }
		},
	},
}

func TestFailuresSayOneSentence(t *testing.T) {
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{preset: "reference", start: "2026-09-01", fronted: true, sim: turkcellsim.Options{SellerTaxNo: sellerVKN}})
			w.ok("sync", "registry")
			w.sales(1, 3)
			w.sim.GenerateIncoming(2, 5)
			w.fails(f)
			w.settle()
			w.exactlyOnce(3)
			w.receivedOnce(2)
		})
	}
}

// fails breaks something, judges what faturad says, and repairs it.
func (w *world) fails(f failure) {
	w.t.Helper()
	repair := f.breaks(w)
	command := f.command
	if command == nil {
		command = []string{"sync", "all"}
	}
	secrets := w.secrets()
	r := w.start(command...).wait()
	repair()
	if os.Getenv("FATURAD_SHOW") != "" {
		w.t.Logf("code %d\nstdout:\n%sstderr:\n%s", r.code, r.out, r.errOut)
	}
	if r.code != f.code {
		w.t.Errorf("exit code %d, want %d\n%s%s", r.code, f.code, r.out, r.errOut)
	}
	said := r.errOut
	if command[0] == "check" {
		said += r.out
	}
	for _, part := range f.says {
		if !strings.Contains(said, part) {
			w.t.Errorf("it does not say %q:\n%s", part, said)
		}
	}
	if found := internals.FindString(said); found != "" {
		w.t.Errorf("it shows its insides, %q:\n%s", found, said)
	}
	for _, secret := range secrets {
		if strings.Contains(r.out+r.errOut, secret) {
			w.t.Errorf("it shows a secret:\n%s%s", r.out, r.errOut)
		}
	}
	if sentences := spoken(r.errOut); len(sentences) > 1 {
		w.t.Errorf("it says %d sentences, not one:\n%s", len(sentences), strings.Join(sentences, "\n"))
	}
}

// spoken are the lines of stderr that are not of the log.
func spoken(text string) (out []string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "time=") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// forgetTaxpayers makes the installation new: no taxpayer list was ever imported.
func (w *world) forgetTaxpayers() {
	w.t.Helper()
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'registry%'") {
		w.ledger.Exec(w.t, "DELETE FROM `"+row[0]+"`")
	}
}

// internals are what no person should have to read.
var internals = regexp.MustCompile(`goroutine \d|panic:|\.go:\d+|%!|0x[0-9a-f]{6,}|\*(errors|fmt|url|net|fault)\.|<nil>|map\[|driver: bad connection|invalid connection|EOF$`)

// secrets are the values that must never be shown.
func (w *world) secrets() []string {
	w.t.Helper()
	var out []string
	for _, name := range []string{"turkcell.key", "admin.token", "ledger.dsn", "migrate.dsn", "erp.dsn"} {
		text, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			continue // this very failure
		}
		secret := strings.TrimSpace(string(text))
		if _, password, ok := strings.Cut(secret, ":"); ok {
			secret, _, _ = strings.Cut(password, "@")
		}
		out = append(out, secret)
	}
	return out
}

// swap replaces a secret file.
func (w *world) swap(name, value string) (repair func()) {
	w.t.Helper()
	before := strings.TrimSpace(w.read(name))
	w.secret(name, strings.TrimSpace(value))
	return func() { w.secret(name, before) }
}

// mode changes a file's mode.
func (w *world) mode(name string, mode os.FileMode) (repair func()) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	set := func(m os.FileMode) {
		if err := os.Chmod(path, m); err != nil {
			w.t.Fatal(err)
		}
	}
	set(mode)
	return func() { set(0o600) }
}

var address = regexp.MustCompile(`\(127\.0\.0\.1:\d+\)`)

// elsewhere is a DSN whose server does not run.
func elsewhere(dsn string) string { return address.ReplaceAllString(dsn, "(127.0.0.1:1)") }

// misspelt is a DSN with a wrong password.
func misspelt(dsn string) string { return strings.Replace(dsn, "@tcp", "x@tcp", 1) }

// A server that became read-only, as after a fail-over: nothing may go out that cannot be recorded.
func TestReadOnlyLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{preset: "reference", start: "2026-09-01", ledger: []dbtest.Option{dbtest.OwnServer()}})
	w.ok("sync", "registry")
	w.sales(1, 3)
	w.ledger.Exec(t, "SET GLOBAL read_only = 1")
	for _, command := range [][]string{{"sync", "all"}, {"check"}} {
		w.fails(failure{command: command, code: 4, says: []string{"read-only"}, breaks: func(*world) func() { return func() {} }})
	}
	if n := len(w.sim.Documents()); n != 0 {
		t.Errorf("%d documents went out without a record", n)
	}
	w.ledger.Exec(t, "SET GLOBAL read_only = 0")
	w.settle()
	w.exactlyOnce(3)
}
