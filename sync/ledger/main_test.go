package ledger

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"faturad/internal/dbtest"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

var update = flag.Bool("update", false, "write the generated documents")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, dbtest.Leaks()...)
}

const (
	company = "acme"
	vkn     = "1234567890"
	ttl     = 2 * time.Minute
)

// bench is a migrated ledger and a Store that is logged in as the least-privilege user.
type bench struct {
	*Store
	db    *dbtest.Database
	daily string // DSN of the least-privilege user
}

func newBench(t testing.TB, opts ...dbtest.Option) *bench {
	t.Helper()
	db := dbtest.New(t, opts...)
	migrate(t, db)
	b := &bench{db: db, daily: dailyUser(t, db)}
	b.Store = b.another(t, b.daily)
	return b
}

// migrate runs the migrations as faturad_migrate.
func migrate(t testing.TB, db *dbtest.Database) {
	t.Helper()
	dsn := db.User(t, "migrate", asTestGrants(migratePrivileges)...)
	if err := Migrate(t.Context(), db.Open(t, dsn, mysqlx.Options{Role: mysqlx.Ledger}).DB); err != nil {
		t.Fatal(err)
	}
}

func dailyUser(t testing.TB, db *dbtest.Database) string {
	t.Helper()
	return db.User(t, "daily", asTestGrants(dailyPrivileges)...)
}

// asTestGrants gives the privileges in dbtest's form.
func asTestGrants(list []privilege) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.what + " ON {db}." + p.table
	}
	return out
}

// another is a second process: a Store with a pool of its own.
func (b *bench) another(t testing.TB, dsn string, opts ...Option) *Store {
	t.Helper()
	s := New(b.db.Open(t, dsn, mysqlx.Options{Role: mysqlx.Ledger, MaxOpen: 8}), opts...)
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !mysqlx.IsGone(err) {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

// sale is a made-up sale.
func sale(n int) NewDocument {
	key := Key{KeySpace: "invoice", SaleKey: fmt.Sprintf("S-%05d", n)}
	return NewDocument{Key: key, ERP: "erp1", LocalReference: invoice.LocalReference(company, key.KeySpace, key.SaleKey, 1),
		ETTN: invoice.ETTN(vkn, "erp1", key.KeySpace, key.SaleKey, 1)}
}

// sales discovers n made-up sales and gives their documents in order.
func (b *bench) sales(t testing.TB, n int) []Document {
	t.Helper()
	docs := make([]NewDocument, n)
	for i := range docs {
		docs[i] = sale(i)
	}
	if added, err := b.Discover(t.Context(), company, docs); err != nil || added != n {
		t.Fatalf("discovered %d of %d: %v", added, n, err)
	}
	return b.every(t)
}

// every reads all documents of the company, by ID.
func (b *bench) every(t testing.TB) []Document {
	t.Helper()
	docs, err := b.Documents(t.Context(), Filter{Company: company, Limit: 100000})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// one reads one document.
func (b *bench) one(t testing.TB, id int64) Document {
	t.Helper()
	docs, err := b.Documents(t.Context(), Filter{Company: company, AfterID: id - 1, Limit: 1})
	if err != nil || len(docs) != 1 || docs[0].ID != id {
		t.Fatalf("document %d: %v, %v", id, docs, err)
	}
	return docs[0]
}

// lease takes n documents in any of the states.
func (b *bench) lease(t testing.TB, n int, states ...State) []Document {
	t.Helper()
	docs, err := b.Lease(t.Context(), company, states, "tester", ttl, n)
	if err != nil || len(docs) != n {
		t.Fatalf("leased %d of %d: %v", len(docs), n, err)
	}
	return docs
}

// apply commits the changes and wants each applied.
func (b *bench) apply(t testing.TB, changes ...Change) {
	t.Helper()
	outcomes, err := b.Commit(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if !o.Applied || o.Err != nil {
			t.Fatalf("change %d: %+v", i, o)
		}
	}
}

// put forces a document into a state, past the table.
func (b *bench) put(t testing.TB, id int64, s State) {
	t.Helper()
	b.db.Exec(t, "UPDATE documents SET state = ?, lease_owner = '', lease_until = NULL WHERE id = ?", string(s), id)
}

func (b *bench) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := b.db.DB().Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// wants fails unless err says every text.
func wants(t testing.TB, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, but one with %q was wanted", texts)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func ettnOf(n int) uuid.UUID { return invoice.ETTN(vkn, "erp1", "test", fmt.Sprint(n), 1) }
