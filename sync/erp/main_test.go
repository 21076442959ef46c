package erp

import (
	"bufio"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, dbtest.Leaks()...) }

// start is the first day of the synthetic sales in the reference databases.
var start = invoice.Date{Year: 2026, Month: 9, Day: 1}

// preset loads an embedded preset as a config would use it.
func preset(t testing.TB, name string) Config {
	t.Helper()
	cfg, _, err := LoadPreset(name)
	if err != nil {
		t.Fatal(err)
	}
	return Config{ID: "erp1", Preset: name, Start: start}.Over(cfg)
}

// install runs a preset's install SQL.
func install(t testing.TB, db *dbtest.Database, cfg Config, name string) {
	t.Helper()
	_, sql, err := LoadPreset(name)
	if err != nil {
		t.Fatal(err)
	}
	if sql, err = InstallSQL(sql, cfg); err != nil {
		t.Fatal(err)
	}
	db.Script(t, sql)
	db.Script(t, sql) // running it again changes nothing
}

// open opens the source as the least-privilege user that Grants prints.
func open(t testing.TB, db *dbtest.Database, cfg Config) *Source {
	t.Helper()
	for _, p := range cfg.Check() {
		t.Errorf("config: %s", p)
	}
	var grants []string
	for _, g := range Grants(cfg, db.Name, "localhost") {
		grants = append(grants, strings.ReplaceAll(g, "'"+User+"'@'localhost'", "{user}"))
	}
	dsn := db.User(t, "erp", grants...)
	conn := db.Open(t, dsn, mysqlx.Options{Role: mysqlx.ERP, TimeZone: cfg.Session(), MaxOpen: 4})
	src, err := Open(conn, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// dump gives the path of a file of the reference databases, or skips the test when the folder is not there.
func dump(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "erps", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not run: the reference databases are not beside the project (%s)", path)
	}
	return path
}

// oracle is one row of an expected.tsv.
type oracle map[string]string

func readOracle(t testing.TB, name string) []oracle {
	t.Helper()
	f, err := os.Open(dump(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var head []string
	var out []oracle
	for sc := bufio.NewScanner(f); sc.Scan(); {
		cells := strings.Split(sc.Text(), "\t")
		if head == nil {
			head = cells
			continue
		}
		row := oracle{}
		for i, c := range cells {
			if len(c) > 1 && c[0] == '"' && c[len(c)-1] == '"' { // the oracle was written as CSV with tabs
				c = strings.ReplaceAll(c[1:len(c)-1], `""`, `"`)
			}
			row[head[i]] = c
		}
		out = append(out, row)
	}
	return out
}
