package kolaybi

import (
	"fmt"
	"slices"
)

// rereading watches the rows of a list over its pages. New rows come at the top while it is read, and move the others down: the
// next page begins with rows that ended the one before. That is ordinary, and nothing is lost by it. Rows that come again in any
// other way, or pages that bring nothing new before the end, say that another page may not have come at all.
type rereading struct {
	seen  map[int64]bool
	order []int64
	first *int // how many rows the list had when its reading began; nil = it did not say
	last  int  // rows of the page before
	again int  // rows that came again
	stale bool // the page before had nothing new
	lost  bool // rows came again that did not move down
}

// page takes the rows of the next page, by their numbers. A list that never comes to an end is an error.
func (r *rereading) page(ids []int64, about *pagination) error {
	if len(ids) == 0 {
		return nil
	}
	if r.stale {
		return errRepeats
	}
	if r.seen == nil {
		r.seen = map[int64]bool{}
		if about != nil {
			r.first = about.Total
		}
	}
	again := 0
	for again < len(ids) && r.seen[ids[again]] {
		again++
	}
	moved := again <= len(r.order) && slices.Equal(r.order[len(r.order)-again:], ids[:again])
	if !moved || again > 0 && again >= r.last && r.first == nil { // a whole page moved down, or it was given twice: only the length could tell
		r.lost = true
	}
	r.again += again
	for _, id := range ids[again:] {
		if id == 0 || r.seen[id] {
			r.lost = true
			continue
		}
		r.seen[id], r.order = true, append(r.order, id)
	}
	r.last, r.stale = len(ids), again == len(ids)
	return nil
}

// whole says why what was read may not be the whole list; nil = it is.
func (r *rereading) whole() error {
	switch {
	case r.lost:
		return fmt.Errorf("the list repeats itself, and not because rows moved down: %d records", len(r.seen))
	case r.again > 0 && r.first != nil && len(r.seen) < *r.first:
		return fmt.Errorf("the list said that it had %d rows, and gave %d", *r.first, len(r.seen))
	}
	return nil
}
