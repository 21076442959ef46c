package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"

	"faturad/internal/dbtest"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// Three processes migrate an empty database at once, and once more; every migration file can be run twice, because DDL is
// not transactional and a crash may come between the statement and the note about it.
func TestMigrate(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	dsn := db.User(t, "migrate", asTestGrants(migratePrivileges)...)
	var g errgroup.Group
	for range 3 {
		pool := db.Open(t, dsn, mysqlx.Options{Role: mysqlx.Ledger})
		g.Go(func() error { return Migrate(t.Context(), pool.DB) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db}
	born := b.count(t, "SELECT TIMESTAMPDIFF(MICROSECOND, '2020-01-01', created_at) FROM birth")
	applied := b.count(t, "SELECT COUNT(*) FROM "+versionTable)
	for _, lost := range []string{"version_id > 0", "TRUE"} { // TRUE: it died before goose wrote its first row
		db.Exec(t, "DELETE FROM "+versionTable+" WHERE "+lost)
		if err := Migrate(t.Context(), db.Open(t, dsn, mysqlx.Options{Role: mysqlx.Ledger}).DB); err != nil {
			t.Fatalf("migrating again, with the notes lost where %s: %v", lost, err)
		}
	}
	if b.count(t, "SELECT TIMESTAMPDIFF(MICROSECOND, '2020-01-01', created_at) FROM birth") != born || b.count(t, "SELECT COUNT(*) FROM "+versionTable) != applied {
		t.Error("the ledger was born twice, or migrations ran twice")
	}
}

// One statement a file: MySQL commits each DDL statement by itself.
func TestMigrationFiles(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(embedded, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		if n := strings.Count(up, ";\n"); n != 1 {
			t.Errorf("%s has %d statements", name, n)
		}
	}
}

// Files and alterations share one row of numbers: each is used once, files sort by name as they sort by number, and a table
// is widened after it is made, also in a ledger where everything runs at once.
func TestMigrationNumbers(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(embedded, "migrations/*.sql") // sorted by name
	if err != nil {
		t.Fatal(err)
	}
	used, madeBy := map[int64]string{}, map[string]int64{}
	take := func(version int64, what string) {
		if before, twice := used[version]; twice || version <= 0 {
			t.Errorf("number %d of %s is %q's already, or none", version, what, before)
		}
		used[version] = what
	}
	last := int64(0)
	for _, name := range files {
		version, err := goose.NumericComponent(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		take(version, name)
		if version < last {
			t.Errorf("%s sorts after number %d", name, last)
		}
		last = version
		text, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range regexp.MustCompile(`(?i)CREATE TABLE IF NOT EXISTS (\w+)`).FindAllStringSubmatch(string(text), -1) {
			madeBy[made[1]] = version
		}
	}
	for _, a := range alterations {
		take(a.version, a.table+"."+a.column)
		if made := madeBy[a.table]; made == 0 || made >= a.version {
			t.Errorf("migration %d widens %s, which migration %d makes", a.version, a.table, made)
		}
	}
	p, err := provider(dbtest.New(t).DB().DB)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.ListSources()); n != len(used) {
		t.Errorf("%d migrations would run, %d are there", n, len(used))
	}
}

func TestCheckSchema(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	empty := New(db.Open(t, db.DSN(), mysqlx.Options{Role: mysqlx.Ledger}))
	err := empty.CheckSchema(t.Context())
	if wants(t, err, "no tables yet", "Run faturad migrate"); !errors.Is(err, fault.Permanent) {
		t.Errorf("%v", err)
	}
	b := newBench(t)
	if err := b.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	b.db.Exec(t, "DELETE FROM "+versionTable+" WHERE version_id = 10")
	wants(t, b.CheckSchema(t.Context()), "1 of", "Run faturad migrate")
	b.db.Exec(t, "INSERT INTO "+versionTable+" (version_id, is_applied) VALUES (10, 1), (99999, 1)")
	if err := b.CheckSchema(t.Context()); err != nil {
		t.Errorf("a newer schema: %v", err)
	}
	if born, err := b.Birth(t.Context()); err != nil || born.IsZero() {
		t.Errorf("birth: %s, %v", born, err)
	}
}

func TestCheckServer(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.OwnServer())
	for variable, c := range map[string]struct{ bad, good, word string }{
		"innodb_flush_log_at_trx_commit": {"2", "1", "power cut"},
		"sync_binlog":                    {"0", "1", "replica"},
	} {
		b.db.Exec(t, fmt.Sprintf("SET GLOBAL %s = %s", variable, c.bad))
		warnings, err := b.CheckServer(t.Context())
		binlog := b.count(t, "SELECT @@log_bin") == 1
		if said := strings.Contains(strings.Join(warnings, " "), c.word); err != nil || said != (variable != "sync_binlog" || binlog) {
			t.Errorf("%s = %s: %v, %v", variable, c.bad, warnings, err)
		}
		b.db.Exec(t, fmt.Sprintf("SET GLOBAL %s = %s", variable, c.good))
	}
	b.db.Exec(t, "SET GLOBAL read_only = 1")
	_, err := b.CheckServer(t.Context())
	if wants(t, err, "read-only", "ledger.dsn"); !errors.Is(err, fault.Retryable) {
		t.Errorf("%v", err)
	}
	if _, err := b.Discover(t.Context(), company, []NewDocument{sale(1)}); !errors.Is(err, fault.Retryable) || !mysqlx.IsReadOnly(err) {
		t.Errorf("writing to a read-only ledger: %v", err)
	} else {
		wants(t, err, "read-only")
	}
	b.db.Exec(t, "SET GLOBAL read_only = 0")
	b.db.Exec(t, "CREATE TABLE plain (id INT) ENGINE=MyISAM")
	_, err = b.CheckServer(t.Context())
	wants(t, err, "not InnoDB: plain", "ALTER TABLE")
}

// A server that is too old is warned of in one sentence; one that cannot hold the ledger is refused before anything is made.
func TestOldServers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	empty := dbtest.New(t)
	const warned, refused = "warned", "refused"
	for version, want := range map[string]string{
		"9.7.1": "", "8.4.7": "", "8.0.11-TiDB-v8.5.3": "", "5.7.44-log": warned, "5.6.51": refused, "5.5.62": refused,
		"12.1.2-MariaDB": "", "10.6.24-MariaDB-log": "", "10.5.29-MariaDB-0+deb11u1": warned, "10.4.34-MariaDB": warned, "5.5.5-10.2.44-MariaDB": warned, "10.1.48-MariaDB": refused,
		"a fork of its own": "",
	} {
		warnings, err := b.another(t, b.db.Claiming(t, b.daily, version)).CheckServer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(warnings, " ")
		if old := strings.Count(said, "older than what faturad is written for (MariaDB 10.6, MySQL 8.0): upgrade it"); (old == 1) != (want != "") {
			t.Errorf("%s: the check says %q", version, said)
		}
		err = Migrate(t.Context(), empty.Open(t, empty.Claiming(t, empty.DSN(), version), mysqlx.Options{Role: mysqlx.Ledger}).DB)
		switch {
		case want == refused:
			if wants(t, err, "lacks the generated columns", "MariaDB 10.6 or MySQL 8.0"); !errors.Is(err, fault.Permanent) {
				t.Errorf("%s: %v", version, err)
			}
		case err != nil:
			t.Errorf("%s: %v", version, err)
		}
	}
}

// The daily user can do its work (every other test runs as it), and nothing of this.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sales(t, 1)
	daily := b.db.Open(t, b.daily, mysqlx.Options{Role: mysqlx.Ledger})
	for _, query := range []string{
		"DELETE FROM documents", "DELETE FROM attempts", "DELETE FROM payloads", "DELETE FROM audit", "DELETE FROM received", "DELETE FROM commits",
		"DELETE FROM marks", "DELETE FROM identities", "DELETE FROM birth", "DELETE FROM " + versionTable,
		"UPDATE attempts SET class = 'ok'", "UPDATE payloads SET packed = ''", "UPDATE audit SET reason = ''", "UPDATE birth SET created_at = NOW()",
		"UPDATE commits SET at = NOW()", "UPDATE " + versionTable + " SET is_applied = 0",
		"UPDATE documents SET sale_key = 'x'", "UPDATE documents SET company = 'x'", "UPDATE documents SET revision = 7", "UPDATE documents SET local_reference = 'x'",
		"UPDATE documents SET created_at = NOW()", "UPDATE received SET raw = ''", "UPDATE received SET hash = ''", "UPDATE received SET ettn = 'x'",
		"UPDATE identities SET key_space = 'x'", "UPDATE marks SET name = 'x'",
		"TRUNCATE TABLE attempts", "DROP TABLE attempts", "ALTER TABLE attempts ADD x INT", "CREATE TABLE x (id INT)", "CREATE INDEX x ON documents (state)",
		"REPLACE INTO marks (name, at) VALUES ('x', NOW())",
	} {
		if _, err := daily.ExecContext(t.Context(), query); mysqlx.Number(err) != 1142 && mysqlx.Number(err) != 1143 {
			t.Errorf("%s: %v, want 1142 (or 1143 for a column)", query, err)
		}
	}
	if _, err := daily.ExecContext(t.Context(), "SELECT * FROM mysql.user"); !mysqlx.IsForbidden(err) {
		t.Errorf("reading mysql.user: %v", err)
	}
}

// What `faturad grants` prints is what the tests run with, and the server understands it.
func TestGrants(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.OwnServer())
	statements := Grants(b.db.Name, "localhost")
	if len(statements) != 2+len(migratePrivileges)+len(dailyPrivileges) {
		t.Errorf("%d statements", len(statements))
	}
	for range 2 {
		for _, s := range statements {
			b.db.Exec(t, strings.ReplaceAll(s, "<password>", "Only-for-a-test-1"))
		}
	}
	for _, s := range statements {
		if strings.Contains(s, "DELETE") || strings.Contains(s, "DROP") || strings.Contains(s, "GRANT ALL") {
			t.Errorf("too much: %s", s)
		}
	}
	if got := Grants("a`b", "o'x\\")[0]; got != `CREATE USER IF NOT EXISTS 'faturad_migrate'@'o''x\\' IDENTIFIED BY '<password>'` {
		t.Errorf("quoting: %s", got)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if at, err := b.Mark(t.Context(), "registry"); err != nil || !at.IsZero() {
		t.Errorf("a mark that was never set: %s, %v", at, err)
	}
	now, err := b.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.SetMark(t.Context(), "registry", now); err != nil {
			t.Fatal(err)
		}
		if at, err := b.Mark(t.Context(), "registry"); err != nil || !at.Equal(now) {
			t.Errorf("%s, %v, want %s", at, err, now)
		}
	}
}

func TestPinIdentity(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pin := func(erp string, spaces []string, vkn string) error {
		return b.PinIdentity(t.Context(), company, erp, spaces, vkn)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	ok(pin("erp0", []string{"bill"}, vkn)) // nothing is issued yet: everything may change
	ok(pin("erp1", []string{"invoice", "return"}, vkn))
	b.sales(t, 3)
	before := b.count(t, "SELECT COUNT(*) FROM commits")
	ok(pin("erp1", []string{"return", "invoice"}, vkn))
	if b.count(t, "SELECT COUNT(*) FROM commits") != before {
		t.Error("nothing new, and yet something was written")
	}
	for _, c := range []struct {
		err  error
		word string
	}{
		{pin("erp2", []string{"invoice", "return"}, vkn), `erp.id was "erp1" and is now "erp2"`},
		{pin("erp1", []string{"invoice", "return"}, "9876543210"), "VKN was 1234567890"},
		{pin("erp1", []string{"sales", "return"}, vkn), `document "invoice" has 3 documents`},
	} {
		wants(t, c.err, c.word, "second invoice")
		if !errors.Is(c.err, fault.Permanent) {
			t.Errorf("%v", c.err)
		}
	}
	ok(pin("erp1", []string{"invoice", "return", "export"}, vkn)) // an addition
	ok(pin("erp1", []string{"return"}, vkn))                      // let go
	ok(pin("erp1", []string{"return", "other"}, vkn))             // and something new, later
	ok(pin("erp1", []string{"return", "other", "invoice"}, vkn))  // and back
	wants(t, pin("erp2", []string{"invoice"}, vkn), "erp.id was")
}

func TestRefuseNewName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	named := func(name, erp, vkn string, configured ...string) error {
		return b.RefuseNewName(t.Context(), name, erp, vkn, append(configured, name))
	}
	if err := b.PinIdentity(t.Context(), company, "erp1", []string{"invoice"}, vkn); err != nil {
		t.Fatal(err)
	}
	if err := named("other", "erp1", vkn); err != nil {
		t.Errorf("nothing is issued yet: every name may change: %v", err)
	}
	b.sales(t, 1)
	err := named("other", "erp1", vkn)
	wants(t, err, `was called "`+company+`" and is now called "other"`, `name = "`+company+`"`)
	if !errors.Is(err, fault.Permanent) {
		t.Errorf("%v", err)
	}
	for _, err := range []error{
		named(company, "erp1", vkn), named("other", "erp1", vkn, company), named("other", "erp2", vkn), named("other", "erp1", "9876543217"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOrphans(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 4)
	for i, state := range []State{Pending, Unknown, Sent, Accepted} {
		b.put(t, docs[i].ID, state)
		if state != Pending {
			b.db.Exec(t, "UPDATE documents SET account = 'old' WHERE id = ?", docs[i].ID)
		}
	}
	for name, c := range map[string]struct {
		configured map[string][]string
		want       []Orphans
	}{
		"all is there":    {map[string][]string{company: {"main", "old"}}, nil},
		"without account": {map[string][]string{company: {"main"}}, []Orphans{{company, "old", 2}}},
		"without company": {map[string][]string{"other": {"main", "old"}}, []Orphans{{company, "", 3}}},
	} {
		found, err := b.Orphans(t.Context(), c.configured)
		if diff := cmp.Diff(c.want, found); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}
