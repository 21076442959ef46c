package registry

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Entry is one taxpayer of the list. A tax number that is not in the list has no Entry.
type Entry struct {
	TaxNo   string
	Title   string
	Aliases []string // mailboxes in a stable order (by bytes); at least one
	Public  []string // those of them that are registered as public sector
}

// Lookup finds the taxpayers among taxNos in the current list of the environment, in one query for the whole batch. The
// map is nil, not empty, when no list was ever imported.
func (r *Registry) Lookup(ctx context.Context, environment string, taxNos []string) (map[string]Entry, error) {
	asked := distinct(taxNos)
	if len(asked) == 0 {
		asked = []string{""} // still tells whether there is a list
	}
	// The list's row comes back even when no number matches, which tells "nobody registered" from "no list".
	query, args, err := sqlx.In(`
		SELECT m.tax_no, m.alias, m.title, m.public_sector
		FROM registry_lists l
		LEFT JOIN registry_mailboxes m
		       ON m.list_id = l.id AND m.slot = l.slot AND m.tax_no IN (?) AND m.generation = l.generation
		WHERE l.environment = ? AND l.generation > 0
		ORDER BY m.tax_no, m.alias`, asked, environment)
	if err != nil {
		return nil, fmt.Errorf("building the taxpayer query: %w", err)
	}
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, wrap("looking up taxpayers", err)
	}
	entries, err := scanEntries(rows)
	if err != nil {
		return nil, wrap("looking up taxpayers", err)
	}
	return entries, nil
}

func scanEntries(rows *sql.Rows) (entries map[string]Entry, err error) {
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		if entries == nil {
			entries = map[string]Entry{}
		}
		var taxNo, alias, title sql.NullString
		var public sql.NullBool
		if err := rows.Scan(&taxNo, &alias, &title, &public); err != nil {
			return nil, err
		}
		if !taxNo.Valid {
			continue
		}
		e := entries[taxNo.String]
		e.TaxNo, e.Title = taxNo.String, title.String
		e.Aliases = append(e.Aliases, alias.String)
		if public.Bool {
			e.Public = append(e.Public, alias.String)
		}
		entries[taxNo.String] = e
	}
	return entries, rows.Err()
}

func distinct(taxNos []string) []string {
	seen := make(map[string]bool, len(taxNos))
	out := make([]string, 0, len(taxNos))
	for _, n := range taxNos {
		if n != "" && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
