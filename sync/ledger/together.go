package ledger

import (
	"slices"
	"strings"
)

// batch is one UPDATE for one or many moves of the same shape, each of another document.
type batch struct {
	moves []move
	query string
	args  []any
}

// batchSizes are few, so that each shape is prepared once for each.
var batchSizes = []int{64, 32, 16, 8, 4, 2, 1}

// batchesOf puts moves of the same shape together: a round trip per statement is most of what a group costs. Moves of one
// document keep their order, because only the first of each, then the second of each, and so on, are put together.
func batchesOf(moves []move) (batches []batch, queries []string) {
	for len(moves) > 0 {
		var now, later []move
		seen := map[int64]bool{}
		for _, m := range moves {
			if id := m.change.Document; seen[id] {
				later = append(later, m)
			} else {
				seen[id] = true
				now = append(now, m)
			}
		}
		slices.SortStableFunc(now, func(a, b move) int { return strings.Compare(a.update, b.update) })
		for len(now) > 0 {
			alike := slices.IndexFunc(now, func(m move) bool { return m.update != now[0].update })
			if alike < 0 {
				alike = len(now)
			}
			for _, size := range batchSizes {
				if size <= alike {
					batches = append(batches, newBatch(now[:size]))
					now = now[size:]
					break
				}
			}
		}
		moves = later
	}
	return batches, shapes(batches)
}

// singly makes one statement a move.
func singly(moves []move) (batches []batch, queries []string) {
	for i := range moves {
		batches = append(batches, newBatch(moves[i:i+1]))
	}
	return batches, shapes(batches)
}

// shapes lists the distinct statements, to be prepared.
func shapes(batches []batch) (queries []string) {
	seen := map[string]bool{}
	for _, b := range batches {
		if !seen[b.query] {
			seen[b.query] = true
			queries = append(queries, b.query)
		}
	}
	return queries
}

// newBatch makes one statement of several equal ones: a value that differs between them becomes CASE id WHEN ... END.
func newBatch(moves []move) batch {
	first := moves[0]
	if len(moves) == 1 {
		return batch{moves, first.update, first.args}
	}
	var query strings.Builder
	var args []any
	texts := strings.Split(strings.Replace(first.update, "UPDATE documents", "UPDATE documents FORCE INDEX (`PRIMARY`)", 1), "?")
	for i, text := range texts {
		query.WriteString(text)
		switch {
		case i == len(texts)-1:
		case i == first.id:
			query.WriteString("(" + placeholders(len(moves)) + ")")
			for _, m := range moves {
				args = append(args, m.change.Document)
			}
		case slices.ContainsFunc(moves, func(m move) bool { return m.args[i] != first.args[i] }):
			query.WriteString("CASE id" + strings.Repeat(" WHEN ? THEN ?", len(moves)) + " END")
			for _, m := range moves {
				args = append(args, m.change.Document, m.args[i])
			}
		default:
			query.WriteString("?")
			args = append(args, first.args[i])
		}
	}
	return batch{moves, strings.Replace(query.String(), " WHERE id = (", " WHERE id IN (", 1), args}
}
