package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Forgotten is a document at the provider, under a key of ours, that this ledger does not know as sent: it was restored from a
// backup that is older than the document, or lost.
type Forgotten struct {
	Account    string
	ETTN       uuid.UUID // the derived one: our key
	ProviderID string
	Number     string // for people; empty = the provider's list did not tell
	IssueDate  invoice.Date
	FoundAt    time.Time
	Document   int64 // the ledger's own, which it believes unsent; 0 = it has none
}

// believedUnsent are the states in which the ledger is sure that the provider has nothing.
var believedUnsent = []State{Pending, Held, Prepared, Refused}

// TakenOver reports whether a document that the ledger believes unsent has been dealt with since: it was looked up, and what
// became of it was decided.
func (f Forgotten) TakenOver(d Document) bool {
	return !d.UpdatedAt.Before(f.FoundAt) && (d.WasUnknown || d.CreatedAt.Before(f.FoundAt))
}

// stillForgotten selects what is still forgotten.
var stillForgotten = " FROM forgotten AS f LEFT JOIN documents AS d ON d.ettn = f.ettn WHERE f.company = ? AND (d.id IS NULL OR d.company = f.company AND d." +
	inStates(believedUnsent) + " AND (d.updated_at < f.found_at OR d.created_at >= f.found_at AND NOT d.was_unknown))"

// NotSent tells which keys the ledger does not know as sent, nor has entered as forgotten before.
func (s *Store) NotSent(ctx context.Context, company string, keys []uuid.UUID) (map[uuid.UUID]bool, error) {
	out := make(map[uuid.UUID]bool, len(keys))
	texts := make([]string, len(keys))
	for i, k := range keys {
		out[k], texts[i] = true, k.String()
	}
	for _, list := range padded(texts) {
		var known []uuid.UUID
		query := "SELECT ettn FROM documents WHERE ettn IN (" + placeholders(len(list)) + ") AND NOT (company = ? AND " + inStates(believedUnsent) + ")" +
			" UNION SELECT f.ettn" + stillForgotten + " AND f.ettn IN (" + placeholders(len(list)) + ")"
		if err := s.all(ctx, &known, query, arguments(list, company, company, list)...); err != nil {
			return nil, mysqlx.Wrap("comparing the provider's documents with the ledger", err)
		}
		for _, k := range known {
			delete(out, k)
		}
	}
	return out, nil
}

var intoForgotten = newInsertion("INSERT INTO forgotten (company, account, ettn, provider_id, number, issue_date, found_at) VALUES ",
	"(?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))")

// AddForgotten enters documents that the ledger does not know as sent, all or none.
func (s *Store) AddForgotten(ctx context.Context, company string, found []Forgotten) error {
	if len(found) == 0 {
		return nil
	}
	values := make([][]any, len(found))
	for i, f := range found {
		values[i] = []any{company, f.Account, f.ETTN.String(), clip(f.ProviderID, name190), clip(f.Number, 64), sqlDate(f.IssueDate)}
	}
	return s.atomically(ctx, "entering documents that the ledger forgot", nil, func(ctx context.Context, t *tx) error {
		return insertRows(ctx, t, intoForgotten, values)
	})
}

// Forgotten gives the documents at the provider that the ledger still does not know as sent, by key.
func (s *Store) Forgotten(ctx context.Context, company string) (map[uuid.UUID]Forgotten, error) {
	var rows []struct {
		Account    string
		ETTN       uuid.UUID
		ProviderID string `db:"provider_id"`
		Number     string
		IssueDate  sql.NullTime `db:"issue_date"`
		FoundAt    time.Time    `db:"found_at"`
		Document   int64
	}
	query := "SELECT f.account, f.ettn, f.provider_id, f.number, f.issue_date, f.found_at, COALESCE(d.id, 0) AS document" + stillForgotten + " ORDER BY f.id"
	if err := s.all(ctx, &rows, query, company); err != nil {
		return nil, mysqlx.Wrap("reading what the ledger forgot", err)
	}
	out := make(map[uuid.UUID]Forgotten, len(rows))
	for _, r := range rows {
		out[r.ETTN] = Forgotten{Account: r.Account, ETTN: r.ETTN, ProviderID: r.ProviderID, Number: r.Number, IssueDate: dateOf(r.IssueDate),
			FoundAt: r.FoundAt, Document: r.Document}
	}
	return out, nil
}

// NewestIssued is the latest day of what the ledger knows to have been sent by an account; zero = it knows of nothing.
func (s *Store) NewestIssued(ctx context.Context, company, account string) (invoice.Date, error) {
	var newest sql.NullTime
	err := s.get(ctx, &newest, "SELECT MAX(issue_date) FROM documents WHERE company = ? AND account = ? AND sent_at IS NOT NULL", company, account)
	return dateOf(newest), mysqlx.Wrap("finding the last day that was issued", err)
}
