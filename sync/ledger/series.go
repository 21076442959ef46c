package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Series is one sequence of invoice numbers: a prefix at one account in one year. Prefix is as it was routed; an empty
// one is the provider's default, which is another one for each kind.
type Series struct {
	Account string
	Prefix  string
	Kind    invoice.Kind // empty unless Prefix is
	Year    int
}

// SeriesOf names the series of a document of this account, kind and date.
func SeriesOf(account, prefix string, kind invoice.Kind, date invoice.Date) Series {
	s := Series{Account: account, Prefix: prefix, Year: date.Year}
	if prefix == "" {
		s.Kind = kind
	}
	return s
}

// numberedStates are those of documents that have taken their place in a series. Documents of which nobody knows yet
// whether they were issued are left out on purpose: an unresolved one never stands in the way of a new one.
var numberedStates = []State{Sent, Accepted, Rejected, Failed, Cancelled}

// LastIssued tells the latest day of which each series holds a numbered document; a series without one is not in the map.
// It walks the key `series` backwards, one branch of a single statement for each series.
func (s *Store) LastIssued(ctx context.Context, company string, series []Series) (map[Series]invoice.Date, error) {
	last := make(map[Series]invoice.Date, len(series))
	if len(series) == 0 {
		return last, nil
	}
	var branches []string
	var args []any
	for i, of := range series {
		branch := "SELECT ? AS n, issue_date FROM documents WHERE company = ? AND account = ? AND route_prefix = ?" +
			" AND issue_date BETWEEN ? AND ? AND number IS NOT NULL AND " + inStates(numberedStates)
		args = append(args, i, company, of.Account, of.Prefix, fmt.Sprintf("%04d-01-01", of.Year), fmt.Sprintf("%04d-12-31", of.Year))
		if of.Kind != "" {
			branch += " AND route_kind = ?"
			args = append(args, string(of.Kind))
		}
		branches = append(branches, "("+branch+" ORDER BY issue_date DESC LIMIT 1)")
	}
	var found []struct {
		N         int
		IssueDate sql.NullTime `db:"issue_date"`
	}
	if err := s.all(ctx, &found, strings.Join(branches, " UNION ALL "), args...); err != nil {
		return nil, mysqlx.Wrap(fmt.Sprintf("finding the last day issued in %d series", len(series)), err)
	}
	for _, f := range found {
		last[series[f.N]] = dateOf(f.IssueDate)
	}
	return last, nil
}

// Ageing is what waits unsent although its day lies back.
type Ageing struct {
	Count  int
	Oldest invoice.Date
}

// unsentStates are those of sales that have no valid invoice yet.
var unsentStates = []State{Pending, Held, Prepared, Refused, Failed}

// AgeingSince counts the company's documents without a valid invoice whose day is until or earlier.
func (s *Store) AgeingSince(ctx context.Context, company string, until invoice.Date) (Ageing, error) {
	var found struct {
		N      int
		Oldest sql.NullTime
	}
	err := s.get(ctx, &found, "SELECT COUNT(*) AS n, MIN(COALESCE(moved_from, issue_date)) AS oldest FROM documents WHERE company = ? AND NOT superseded AND "+
		inStates(unsentStates)+" AND COALESCE(moved_from, issue_date) <= ?", company, until.String())
	return Ageing{Count: found.N, Oldest: dateOf(found.Oldest)}, mysqlx.Wrap("counting sales that grow old", err)
}
