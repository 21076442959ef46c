package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"faturad/internal/clock"
	"faturad/internal/mysqlx"
	"faturad/sync/erp"
)

// How many sales the demo makes at the start.
const (
	defaultSales = 40
	maxSales     = 2000
)

// shop is the ERP's own program: it writes sales into the ERP's tables and knows nothing of faturad.
type shop struct {
	db    *sqlx.DB
	clock clock.Clock
	next  int // number of the next sale
}

// openShop connects to the ERP and makes its tables, as a DBA would from `faturad init --erp reference --sql`.
func openShop(ctx context.Context, dsn string, c clock.Clock) (*shop, error) {
	db, err := mysqlx.Open(ctx, mysqlx.Options{DSN: dsn, Role: mysqlx.ERP})
	if err != nil {
		return nil, err
	}
	s := &shop{db: db, clock: c, next: 1}
	preset, install, err := erp.LoadPreset("reference")
	if err != nil {
		return s, err
	}
	if install, err = erp.InstallSQL(install, preset); err != nil {
		return s, err
	}
	for _, statement := range strings.Split(install, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return s, mysqlx.Wrap("making the ERP's tables", err)
		}
	}
	return s, nil
}

// opening is what the shop sold before the demo starts: the stories, spread among ordinary sales.
func opening(n int) []sale {
	var out []sale
	told := stories()
	for i := 0; len(out) < n; i++ {
		if len(told) > 0 && (i%5)%2 == 0 {
			out, told = append(out, told[0]), told[1:]
			continue
		}
		out = append(out, ordinary(i))
	}
	slices.SortStableFunc(out, func(a, b sale) int { return b.daysAgo - a.daysAgo })
	return out
}

// sell books sales and gives their numbers.
func (s *shop) sell(ctx context.Context, sales ...sale) ([]string, error) {
	numbers := make([]string, len(sales))
	err := mysqlx.WithTx(ctx, s.db, func(tx *sqlx.Tx) error {
		for i, one := range sales {
			id := s.next + i
			numbers[i] = fmt.Sprintf("S-%04d", 1000+id)
			header, lines := one.book(numbers[i], s.clock.Now())
			header["id"] = id
			if err := insert(ctx, tx, "sales", header); err != nil {
				return err
			}
			for _, l := range lines {
				l["sale_id"] = id
				if err := insert(ctx, tx, "sale_lines", l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, mysqlx.Wrap("booking a sale in the ERP", err)
	}
	s.next += len(sales)
	return numbers, nil
}

func insert(ctx context.Context, tx *sqlx.Tx, table string, r row) error {
	columns := slices.Sorted(maps.Keys(r))
	values := make([]any, len(columns))
	for i, c := range columns {
		values[i] = r[c]
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")", values...)
	return err
}
