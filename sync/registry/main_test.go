package registry_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"go.uber.org/goleak"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
	"faturad/providers"
	"faturad/sync/ledger"
	"faturad/sync/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, dbtest.Leaks()...) }

const env = "https://efaturaservicetest.isim360.com"

// setup gives a registry in a migrated ledger, logged in as the daily user with exactly the grants that are printed.
func setup(t testing.TB) (*registry.Registry, *dbtest.Database) {
	t.Helper()
	d := dbtest.New(t)
	if err := ledger.Migrate(t.Context(), d.DB().DB); err != nil {
		t.Fatal(err)
	}
	return registry.New(daily(t, d), discard()), d
}

func daily(t testing.TB, d *dbtest.Database) *sqlx.DB {
	t.Helper()
	var grants []string
	for _, statement := range ledger.GrantsDaily(d.Name, "%") {
		if grant, ok := strings.CutPrefix(statement, "GRANT "); ok {
			grant, _, _ = strings.Cut(grant, " TO ")
			grants = append(grants, grant)
		}
	}
	return d.Open(t, d.User(t, "daily", grants...), mysqlx.Options{Role: mysqlx.Ledger})
}

// list is a source in memory.
type list []providers.Taxpayer

func (l list) Taxpayers(_ context.Context, each func(providers.Taxpayer) error) error {
	for _, t := range l {
		if err := each(t); err != nil {
			return err
		}
	}
	return nil
}

// source is a source made of a function.
type source func(ctx context.Context, each func(providers.Taxpayer) error) error

func (s source) Taxpayers(ctx context.Context, each func(providers.Taxpayer) error) error {
	return s(ctx, each)
}

// generated is a list of n mailboxes that exists only row by row.
func generated(n int) source {
	return func(_ context.Context, each func(providers.Taxpayer) error) error {
		for i := range n {
			if err := each(numbered(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

// numbered is the i-th invented taxpayer.
func numbered(i int) providers.Taxpayer {
	return providers.Taxpayer{
		TaxNo: fmt.Sprintf("%010d", 1_000_000_000+i), Title: fmt.Sprintf("DENEME %d TİCARET LİMİTED ŞİRKETİ", i),
		Alias: fmt.Sprintf("urn:mail:defaultpk@firma%d.example", i), Product: "invoice",
	}
}

func first(n int) list {
	l := make(list, n)
	for i := range l {
		l[i] = numbered(i)
	}
	return l
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
