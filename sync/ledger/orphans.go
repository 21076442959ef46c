package ledger

import (
	"context"

	"faturad/internal/mysqlx"
)

// Orphans are unfinished documents that nobody follows, because the config lacks what they belong to.
type Orphans struct {
	Company string
	Account string // empty = the whole company is missing
	Count   int    `db:"n"`
}

// Orphans finds the unfinished documents of companies, and of accounts, that are not configured; configured gives the
// accounts of each company.
func (s *Store) Orphans(ctx context.Context, configured map[string][]string) ([]Orphans, error) {
	const doing = "looking for documents that nobody follows"
	var companies []string
	if err := s.all(ctx, &companies, "SELECT DISTINCT company FROM documents ORDER BY company"); err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	var unfinished []State
	for _, r := range Table {
		if !r.Final {
			unfinished = append(unfinished, r.State)
		}
	}
	var orphans []Orphans
	for _, company := range companies {
		var found []Orphans
		accounts, known := configured[company]
		column, args := "'' AS account", []any{company}
		where := " FROM documents WHERE company = ? AND NOT superseded AND " + inStates(unfinished)
		if known {
			column = "account"
			where += " AND account <> '' AND account NOT IN (" + placeholders(len(accounts)) + ")"
			args = append(args, arguments(accounts)...)
		}
		err := s.all(ctx, &found, "SELECT company, "+column+", COUNT(*) AS n"+where+" GROUP BY 1, 2 ORDER BY 2", args...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		orphans = append(orphans, found...)
	}
	return orphans, nil
}
