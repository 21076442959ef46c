package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden error texts of testdata")

// secretsFor gives the config files of the tests the secrets that they name.
func secretsFor(t testing.TB) {
	t.Helper()
	t.Setenv("TEST_DSN", "user:secret-canary@tcp(127.0.0.1:3306)/db")
	t.Setenv("TEST_DSN_AGAIN", "mysql://other:secret-canary@localhost/db?tls=preferred")
	t.Setenv("TEST_KEY", "secret-canary-0123456789")
	t.Setenv("TEST_SHORT", "short")
}

// TestMistakes loads every file of testdata/bad; each holds one mistake (or several that must show together), and beside
// it the whole error text.
func TestMistakes(t *testing.T) {
	secretsFor(t)
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 30 {
		t.Fatalf("only %d files (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			_, err := Load(file)
			problems, ok := errors.AsType[Problems](err)
			if !ok || len(problems) == 0 {
				t.Fatalf("the mistake was accepted: %v", err)
			}
			got := err.Error() + "\n"
			if strings.Contains(got, "secret-canary") {
				t.Errorf("a secret shows in %s", got)
			}
			golden := strings.TrimSuffix(file, ".toml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("error text (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMinimal shows the least that a config needs, and the defaults.
func TestMinimal(t *testing.T) {
	secretsFor(t)
	c, err := Load("testdata/minimal.toml")
	if err != nil {
		t.Fatal(err)
	}
	company := c.Companies[0]
	if got := company.ERP.Start.String(); got != "2026-09-01" {
		t.Errorf("start is %q", got)
	}
	if company.ERP.Source().DSN != c.Ledger.DSN.Reveal() || company.ERP.Config.DSN != "" {
		t.Error("the ERP's DSN is not where it belongs")
	}
	if company.Active().Name != "main" || company.Active().APIKey.Reveal() != "secret-canary-0123456789" {
		t.Error("the active account is wrong")
	}
	if c.Language != "tr" || c.Schedule.Registry != "15 3 * * *" || company.Accounts[0].InFlight != 16 || !*company.Accounts[0].Inbox {
		t.Errorf("defaults are missing: %v %v", c.Schedule, company.Accounts[0])
	}
	rules := company.MappingRules()
	if rules.Seller.TaxNo != "1234567890" || rules.Seller.Address.Country != "TR" || rules.Anonymous != nil {
		t.Errorf("the seller is %+v", rules.Seller)
	}
}

// TestCompaniesInOneDatabase: companies may share a database when something tells their sales apart.
func TestCompaniesInOneDatabase(t *testing.T) {
	secretsFor(t)
	text, err := os.ReadFile("testdata/bad/company_same_sales.toml")
	if err != nil {
		t.Fatal(err)
	}
	erp2 := `id = "erp2"` + "\n"
	for name, own := range map[string]string{
		"company number": erp2 + `vars = { entity = "2" }`,
		"table prefix":   erp2 + `vars = { p = "second_" }`,
		"condition":      erp2 + `document = [{ name = "invoice", pending = "SELECT f.rowid FROM llx_facture f WHERE f.fk_soc = 7 AND f.datef >= :start" }]`,
	} {
		if _, err := parse("config.toml", []byte(strings.Replace(string(text), erp2, own+"\n", 1))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, same := range map[string]string{
		"another start": erp2 + `settle = "5m"`,
		"the default":   erp2 + `vars = { entity = "1" }`,
		"spelt anew": erp2 + `document = [{ name = "invoice", pending = """SELECT f.rowid -- all
FROM {p}facture f LEFT JOIN ` + "`{p}facture_extrafields`" + ` fe ON fe.fk_object = f.rowid WHERE f.entity = 1 AND f.fk_statut IN (1,2)
  AND f.type IN (0, 1, 2) AND (f.datef >= :start OR f.datef IS NULL OR f.datef < '1000-01-01') AND (fe.efatura_durum IS NULL OR fe.efatura_durum = '') ORDER BY f.datef, f.rowid""" }]`,
	} {
		_, err := parse("config.toml", []byte(strings.Replace(string(text), erp2, same+"\n", 1)))
		if err == nil || !strings.Contains(err.Error(), "invoiced twice") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for dsn, same := range map[string]bool{
		"u:p@tcp([::1]:3306)/db": true, "u:p@unix(/run/mysqld/mysqld.sock)/db": true, "u:p@tcp(LOCALHOST)/db": true,
		"u:p@tcp(127.0.0.1:3307)/db": false, "u:p@tcp(127.0.0.1)/other": false, "u:p@tcp(db.example.com)/db": false, "u:p@unix(/run/second.sock)/db": false,
	} {
		t.Setenv("TEST_DSN_AGAIN", dsn)
		if _, err := parse("config.toml", text); (err != nil) != same {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// TestMissingFile is one sentence, not a stack of wrapped errors.
func TestMissingFile(t *testing.T) {
	_, err := Load("testdata/nowhere.toml")
	if err == nil || !strings.Contains(err.Error(), "testdata/nowhere.toml: cannot read the config") {
		t.Errorf("got %v", err)
	}
}

// TestExample loads the example as it is shipped, with its secrets in a folder of the test.
func TestExample(t *testing.T) {
	const example = "../../config.example.toml"
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv(credentialsDirectory, dir)
	for _, name := range []string{"ledger.dsn", "migrate.dsn", "erp.dsn", "admin-token", "turkcell-api-key"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("value-of-"+name+"-0123456789\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	c, err := parse(example, []byte(strings.ReplaceAll(string(text), "/etc/faturad/", dir+"/")))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Companies[0].Accounts[0].APIKey.Reveal(); got != "value-of-turkcell-api-key-0123456789" {
		t.Errorf("the API key is %q", got)
	}
	if dsn, err := c.MigrateDSN(); err != nil || dsn.Reveal() != "value-of-migrate.dsn-0123456789" {
		t.Errorf("the DSN of faturad_migrate: %v", err)
	}
}

// TestExampleNamesEveryKey keeps the example complete: every key of the config stands in it, set or commented.
func TestExampleNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range documented() {
		for _, key := range keys {
			if !strings.Contains(string(text), key+" = ") && !strings.Contains(string(text), key+"]") {
				t.Errorf("config.example.toml does not show %s of %s", key, name)
			}
		}
	}
}

// FuzzLoad: whatever stands in the file, Load answers with a config or with problems inside the file.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/minimal.toml", "../../config.example.toml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a.b.c = {d = [[{e=1}]]}\n[[company]]\n[company.account]\n[[company.account]]\nx"))
	f.Add([]byte("[[company]]\nname = \"\"\"\nopen"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := parse("fuzz.toml", text)
		if err == nil {
			return
		}
		problems, ok := errors.AsType[Problems](err)
		if !ok || len(problems) == 0 {
			t.Fatalf("not Problems: %v", err)
		}
		lines := strings.Count(string(text), "\n") + 1
		for _, p := range problems {
			if p.File == "fuzz.toml" && (p.Line < 0 || p.Line > lines || p.Text == "") {
				t.Fatalf("problem outside the file: %+v", p)
			}
		}
	})
}

// documented lists the keys that the example must show, by table.
func documented() map[string][]string {
	out := map[string][]string{}
	for name, t := range map[string]reflect.Type{
		"the top": reflect.TypeFor[Config](), "ledger": reflect.TypeFor[Ledger](), "admin": reflect.TypeFor[Admin](),
		"log": reflect.TypeFor[Log](), "schedule": reflect.TypeFor[Schedule](), "company": reflect.TypeFor[Company](),
		"company.account": reflect.TypeFor[Account](), "company.routing": reflect.TypeFor[Routing](), "company.routing.pin": reflect.TypeFor[Pin](),
	} {
		for key, kind := range fields(t) {
			if k := indirect(kind); k.Kind() == reflect.Struct && !isText(k) && k != reflect.TypeFor[Secret]() {
				continue // a table of its own
			}
			out[name] = append(out[name], key)
		}
	}
	return out
}
