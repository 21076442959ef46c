package ledger

import (
	"context"
	"slices"

	"faturad/internal/mysqlx"
)

// issuedStates are the states of documents that exist, or may exist, at the provider: the ERP has no reason to offer their
// sales again.
var issuedStates = []State{Unknown, Disputed, Draft, Sent, Failed, Accepted, Rejected}

// rewriteOffered has the marks of issued sales written again that the ERP offers as pending although they were written:
// it lost them, by a restored backup or a clumsy UPDATE.
func (s *Store) rewriteOffered(ctx context.Context, company string, keys []Key) error {
	const doing = "finding sales whose marks the ERP lost"
	var lost []int64
	err := s.byKeys(ctx, company, keys, "id, state, superseded, unwritten", func(query string, args []any) error {
		var found []struct {
			ID         int64
			State      State
			Superseded bool
			Unwritten  bool
		}
		err := s.all(ctx, &found, query, args...)
		for _, f := range found {
			if !f.Superseded && !f.Unwritten && slices.Contains(issuedStates, f.State) {
				lost = append(lost, f.ID)
			}
		}
		return err
	})
	if err != nil || len(lost) == 0 {
		return mysqlx.Wrap(doing, err)
	}
	slices.Sort(lost)
	for chunk := range slices.Chunk(lost, rewriteChunk) {
		query := unwrite + " WHERE id IN (" + placeholders(len(chunk)) + ")"
		err := s.atomically(ctx, "having lost marks written again", nil, func(ctx context.Context, t *tx) error {
			_, err := t.exec(ctx, query, arguments(chunk)...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
