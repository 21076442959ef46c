package dbtest_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

func TestEachTestHasItsOwnEmptyDatabase(t *testing.T) {
	t.Parallel()
	a, b := dbtest.New(t), dbtest.New(t, dbtest.Charset("latin1", ""))
	if a.Name == b.Name {
		t.Fatalf("two databases with the name %s", a.Name)
	}
	a.Exec(t, "CREATE TABLE only_here (id INT PRIMARY KEY)")
	for _, d := range []*dbtest.Database{a, b} {
		var tables int
		if err := d.DB().GetContext(t.Context(), &tables, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?", d.Name); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{a.Name: 1, b.Name: 0}[d.Name]; tables != want {
			t.Errorf("%s has %d tables, want %d", d.Name, tables, want)
		}
	}
	var charset string
	if err := b.DB().GetContext(t.Context(), &charset, "SELECT @@character_set_database"); err != nil || charset != "latin1" {
		t.Errorf("character set %q, error %v; want latin1", charset, err)
	}
	t.Logf("on %s", a.Info(t))
}

func TestDatabaseAndUsersAreGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var inner *dbtest.Database
	t.Run("inner", func(t *testing.T) {
		inner = dbtest.New(t)
		inner.User(t, "gone", "SELECT ON {db}.*")
	})
	d := dbtest.New(t)
	var left int
	err := d.DB().GetContext(t.Context(), &left, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?", inner.Name)
	if err != nil || left != 0 {
		t.Errorf("%d databases named %s left, error %v", left, inner.Name, err)
	}
}

func TestUserHasOnlyWhatWasGranted(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY)")
	d.Exec(t, "CREATE TABLE b (id INT PRIMARY KEY)")
	dsn := d.User(t, "faturad", "SELECT, INSERT ON {db}.a", "GRANT SELECT ON {db}.b TO {user};")
	db := d.Open(t, dsn, mysqlx.Options{Role: mysqlx.Ledger})
	for query, allowed := range map[string]bool{
		"INSERT INTO a VALUES (1)": true, "DELETE FROM a": false, "INSERT INTO b VALUES (1)": false, "DROP TABLE a": false,
	} {
		_, err := db.ExecContext(t.Context(), query)
		if allowed != (err == nil) || !allowed && !mysqlx.IsForbidden(err) {
			t.Errorf("%s: allowed %v, got %v", query, allowed, err)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	script := "/*M!999999\\- enable the sandbox mode */ \n-- a comment; with a semicolon\n" +
		"/*!40101 SET NAMES utf8mb4 */;\nINSERT INTO a VALUES ('it''s; \\'fine\\'', \"x;\", `y;`); # rest ; of line\n\n" +
		"DELIMITER $$\nCREATE TRIGGER x BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END$$\nDELIMITER ;\nSELECT 1"
	want := []string{
		"/*!40101 SET NAMES utf8mb4 */",
		"INSERT INTO a VALUES ('it''s; \\'fine\\'', \"x;\", `y;`)",
		"CREATE TRIGGER x BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END",
		"SELECT 1",
	}
	if diff := cmp.Diff(want, dbtest.Split(script)); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRestoresRealDumps(t *testing.T) {
	t.Parallel()
	dumps, err := filepath.Glob("../../../shared/erps/*.sql.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(dumps) == 0 {
		t.Skip("not run: the dumps of real ERP databases (../shared/erps beside the project) are not here")
	}
	for _, dump := range dumps {
		t.Run(filepath.Base(dump), func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			d.Load(t, dump)
			var tables int
			if err := d.DB().GetContext(t.Context(), &tables, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?", d.Name); err != nil || tables < 5 {
				t.Errorf("%d tables, error %v", tables, err)
			}
		})
	}
}

func TestCountersCountCommits(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, dbtest.OwnServer())
	d.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB")
	before := d.Counters(t)
	for id := range 3 {
		tx, err := d.DB().BeginTxx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO a VALUES (?)", id); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.Counters(t).Sub(before); got.Commits != 3 || got.Inserts != 3 || got.Durable < 3 {
		t.Errorf("counted %+v, want 3 commits and 3 inserts", got)
	}
}
