package ledger

import (
	"context"

	"faturad/internal/mysqlx"
)

// Likeness is a hash of what makes two sales look like one that was entered twice. The zero value means none.
type Likeness [32]byte

const (
	insertLikeness = "INSERT INTO likenesses (company, likeness, document_id) VALUES "
	likenessRow    = "((SELECT company FROM documents WHERE id = ?), ?, ?)"
)

var intoLikenesses = newInsertion(insertLikeness, likenessRow)

// Alike finds, for each likeness, the documents that are on their way or exist at the provider: a sale that looks like one
// of them may be the same sale, entered twice. A document whose sale was edited since is found by its old likeness too;
// whether it still fits is for the caller, who knows what it compares.
func (s *Store) Alike(ctx context.Context, company string, likenesses []Likeness) (map[Likeness][]Document, error) {
	const doing = "looking for sales that look alike"
	keys := make([]any, len(likenesses))
	for i := range likenesses {
		keys[i] = likenesses[i][:]
	}
	documents := map[int64][]Likeness{}
	var ids []int64
	for _, list := range padded(keys) {
		var found []struct {
			Likeness []byte
			Document int64 `db:"document_id"`
		}
		query := "SELECT DISTINCT likeness, document_id FROM likenesses WHERE company = ? AND likeness IN (" + placeholders(len(list)) + ")"
		if err := s.all(ctx, &found, query, arguments(company, list)...); err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		for _, f := range found {
			if documents[f.Document] == nil {
				ids = append(ids, f.Document)
			}
			documents[f.Document] = append(documents[f.Document], Likeness(f.Likeness))
		}
	}
	alike := map[Likeness][]Document{}
	for _, list := range padded(ids) {
		query := "SELECT " + documentColumns + " FROM documents WHERE id IN (" + placeholders(len(list)) + ") AND NOT superseded AND " + inStates(onTheWay) + " ORDER BY id"
		docs, err := s.documents(ctx, query, arguments(list)...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		for _, d := range docs {
			for _, l := range documents[d.ID] {
				alike[l] = append(alike[l], d)
			}
		}
	}
	return alike, nil
}

// onTheWay are the states of documents that are about to be sent, or were.
var onTheWay = []State{Prepared, Sending, Unknown, Disputed, Draft, Sent, Failed, Accepted}
