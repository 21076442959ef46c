package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"faturad/internal/mysqlx"
)

// Unwritten lists documents that changed since the ERP was last told, and are due, the longest due first. A superseded
// revision is never among them, nor is a document in one of the states that are excepted.
func (s *Store) Unwritten(ctx context.Context, company string, limit int, except ...State) ([]Document, error) {
	query := "SELECT " + documentColumns + " FROM documents WHERE company = ? AND unwritten = TRUE AND write_next_at <= " + now
	if len(except) > 0 {
		query += " AND NOT " + inStates(except)
	}
	docs, err := s.documents(ctx, query+" ORDER BY write_next_at, id LIMIT ?", company, limit)
	return docs, mysqlx.Wrap("listing what the ERP does not know yet", err)
}

// MarkWritten notes what the ERP shows now. Where a writer of another version was there between this one's reading and this
// note, nobody knows whose text the ERP shows: written_version becomes 0, and the document is written again. Writers of the
// same version do not disturb each other, however many overlap: write_noted is the version of the last note, write_run the
// number (write_seq) of the first of the notes in a row that were about it.
func (s *Store) MarkWritten(ctx context.Context, written []Written) error {
	if len(written) == 0 {
		return nil
	}
	type note struct {
		query string
		args  []any
	}
	var notes []note
	var queries []string
	for _, alike := range alikeWritten(written) {
		w := alike[0]
		ids := make([]int64, len(alike))
		for i, a := range alike {
			ids[i] = a.ID
		}
		for _, list := range padded(ids) {
			n := note{query: markSeen(len(list)), args: arguments(w.Version, w.seen-1, w.Version, w.Version, w.Version, list)}
			if w.seen == 0 {
				n = note{query: markUnseen(len(list)), args: arguments(w.Version, w.Version, w.Version, w.Version, list)}
			}
			notes = append(notes, n)
			if !slices.Contains(queries, n.query) {
				queries = append(queries, n.query)
			}
		}
	}
	return s.atomically(ctx, "noting what the ERP shows", queries, func(ctx context.Context, t *tx) error {
		for _, n := range notes {
			if _, err := t.exec(ctx, n.query, n.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// markSeen notes a version for n documents of which the caller knows the writers that it saw.
func markSeen(n int) string {
	return markWritten("IF(IF(write_noted = ?, write_run, write_seq) <= ?, ?, 0)", n)
}

// markUnseen notes a version for n documents of which the caller knows nothing more.
func markUnseen(n int) string { return markWritten("IF(written_version > ?, 0, ?)", n) }

func markWritten(version string, n int) string {
	return "UPDATE documents FORCE INDEX (`PRIMARY`) SET written_version = " + version + `, write_run = IF(write_noted = ?, write_run, write_seq),
		write_noted = ?, write_seq = write_seq + 1, write_failures = 0, write_message = '' WHERE id IN (` + placeholders(n) + ")"
}

// alikeWritten puts notes of equal version and equal writers together: after a pass nearly all are, and one statement does
// for them what each would cost a round trip for.
func alikeWritten(written []Written) (groups [][]Written) {
	written = slices.Clone(written)
	slices.SortFunc(written, func(a, b Written) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.seen, b.seen), cmp.Compare(a.ID, b.ID))
	})
	for start := 0; start < len(written); {
		end := start
		for end < len(written) && written[end].Version == written[start].Version && written[end].seen == written[start].seen {
			end++
		}
		groups = append(groups, written[start:end])
		start = end
	}
	return groups
}

// markRefused notes that the ERP's table takes nothing: a message without failures of the document's own says so (refusedWrite).
const markRefused = "UPDATE documents SET write_failures = 0, write_message = ?, write_next_at = " + fromNow + " WHERE id = ?"

// refusedWrite finds the documents that wait because the ERP's table takes nothing.
const refusedWrite = "unwritten = TRUE AND write_failures = 0 AND write_message <> ''"

// MarkWriteFailed notes why the ERP could not be told, and when to try again.
func (s *Store) MarkWriteFailed(ctx context.Context, failed []WriteFailure) error {
	if len(failed) == 0 {
		return nil
	}
	const query = "UPDATE documents SET write_failures = write_failures + 1, write_message = ?, write_next_at = " + fromNow + " WHERE id = ?"
	failed = slices.Clone(failed)
	slices.SortStableFunc(failed, func(a, b WriteFailure) int { return int(a.ID - b.ID) })
	return s.atomically(ctx, "noting failed write-backs", []string{query, markRefused}, func(ctx context.Context, t *tx) error {
		for _, f := range failed {
			query := query
			if f.Refused {
				query = markRefused
			}
			if _, err := t.exec(ctx, query, clip(f.Message, longText), micros(f.NextIn), f.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// rewriteChunk keeps the transactions of RewriteAll short.
const rewriteChunk = 2000

// unwrite makes documents unwritten; writers that read them before do not count any more. The WHERE follows.
const unwrite = "UPDATE documents SET written_version = 0, write_noted = 0, write_seq = write_seq + 1, write_failures = 0, write_message = '', write_next_at = " + now

// RewriteAll has every document of the company (empty: of all) written to the ERP again, and every received document that
// was projected or acknowledged projected again; its reason stays, which says that a person took it unread. It gives the number of both.
func (s *Store) RewriteAll(ctx context.Context, company string) (int64, error) {
	const doing = "having everything written again"
	documents := unwrite + " WHERE id > ? AND id <= ? AND (? = '' OR company = ?) AND NOT superseded"
	received := "UPDATE received SET state = 'stored', failures = 0, next_at = " + now +
		" WHERE id > ? AND id <= ? AND (? = '' OR company = ?) AND state IN ('projected', 'acknowledged')"
	var total int64
	files := "UPDATE received_fetches SET state = 'due', next_at = " + now + " WHERE state = 'done' AND (? = '' OR company = ?)"
	err := s.atomically(ctx, doing, []string{files}, func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, files, company, company)
		if err == nil && n == 0 {
			return errNothing
		}
		return err
	})
	if err != nil {
		return total, err
	}
	for _, step := range []struct{ table, query string }{{"documents", documents}, {"received", received}} {
		var last []int64
		if err := s.all(ctx, &last, "SELECT id FROM "+step.table+" ORDER BY id DESC LIMIT 1"); err != nil {
			return total, mysqlx.Wrap(doing, err)
		}
		for at := int64(0); len(last) > 0 && at < last[0]; at += rewriteChunk {
			var found int64
			err := s.atomically(ctx, doing, []string{step.query}, func(ctx context.Context, t *tx) (err error) {
				if found, err = t.exec(ctx, step.query, at, at+rewriteChunk, company, company); err == nil && found == 0 {
					return errNothing
				}
				return err
			})
			if err != nil {
				return total, fmt.Errorf("after %d: %w", total, err)
			}
			total += found
		}
	}
	return total, nil
}
