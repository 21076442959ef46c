package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// NotMoved lists the received documents whose move holds a value that cannot be stored; every other move of the call was
// made.
type NotMoved struct{ Errs map[int64]error }

// Error names them.
func (n *NotMoved) Error() string {
	var parts []string
	for id, err := range n.Errs {
		parts = append(parts, fmt.Sprintf("%d: %v", id, err))
	}
	slices.Sort(parts)
	return "could not be recorded: " + strings.Join(parts, "; ")
}

// MoveReceived makes guarded moves in one transaction and ends the leases of those moved. A move whose guard says no (the
// document is elsewhere, or the lease is gone) is dropped without error. An error with a *NotMoved in its chain
// (fault.Permanent) is about those only.
func (s *Store) MoveReceived(ctx context.Context, moves []ReceivedMove) error {
	if len(moves) == 0 {
		return nil
	}
	const doing = "moving received documents"
	not := NotMoved{}
	moves = slices.Clone(moves)
	slices.SortStableFunc(moves, func(a, b ReceivedMove) int { return int(a.ID - b.ID) })
	var groups []moveGroup
	unbuilt := map[int64]error{}
	var queries []string
	for i := range moves {
		query, args, err := moves[i].statement()
		if err != nil {
			unbuilt[moves[i].ID] = err
			continue
		}
		groups = join(groups, moveGroup{query, args, []int64{moves[i].ID}})
	}
	for _, g := range groups {
		for _, list := range padded(g.ids) {
			if query := g.sql(len(list)); !slices.Contains(queries, query) {
				queries = append(queries, query)
			}
		}
	}
	err := s.atomically(ctx, doing, queries, func(ctx context.Context, t *tx) error {
		not.Errs = maps.Clone(unbuilt)
		for _, g := range groups {
			for _, list := range padded(g.ids) {
				_, err := t.exec(ctx, g.sql(len(list)), arguments(g.args, list)...)
				if mysqlx.IsDataError(err) {
					for _, id := range list {
						not.Errs[id] = err
					}
					continue
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil && len(not.Errs) > 0 {
		return &fault.Error{Class: fault.Permanent, Doing: doing, Err: &not, Advice: "The others were moved"}
	}
	return err
}

// moveGroup is moves that set the same under the same guard: one UPDATE.
type moveGroup struct {
	query string // up to the list of IDs
	args  []any
	ids   []int64
}

func (g moveGroup) sql(n int) string { return g.query + " AND id IN (" + placeholders(n) + ")" }

// join puts a move into the group of its equals. Equals follow each other in practice, so few groups are looked at.
func join(groups []moveGroup, m moveGroup) []moveGroup {
	for i := len(groups) - 1; i >= max(0, len(groups)-8); i-- {
		if groups[i].query == m.query && slices.Equal(groups[i].args, m.args) {
			groups[i].ids = append(groups[i].ids, m.ids...)
			return groups
		}
	}
	return append(groups, m)
}

// statement is the guarded UPDATE of a move, without its ID.
func (m *ReceivedMove) statement() (string, []any, error) {
	from, err := inReceivedStates([]ReceivedState{m.From})
	if err != nil {
		return "", nil, err
	}
	if _, err := inReceivedStates([]ReceivedState{m.To}); err != nil {
		return "", nil, err
	}
	var set assignments
	set.sql("state = '" + string(m.To) + "'")
	// The header is for people and lists; the bytes are the truth. So a hostile header is clipped, not refused.
	assignText(&set, "number", m.Patch.Number, 64)
	assignText(&set, "sender_tax_no", m.Patch.SenderTaxNo, 32)
	assignText(&set, "sender_title", m.Patch.SenderTitle, name500)
	assignText(&set, "scenario", m.Patch.Scenario, 64)
	assignText(&set, "type", m.Patch.Type, 64)
	assignText(&set, "currency", m.Patch.Currency, 8)
	if d := m.Patch.IssueDate; d != nil {
		set.to("issue_date", sqlDate(*d))
	}
	if p := m.Patch.Payable; p != nil {
		if err := storable(*p); err != nil {
			return "", nil, err
		}
		set.to("payable", p.String())
	}
	set.to("reason", clip(m.Reason, longText))
	if m.Failed {
		set.sql("failures = failures + 1")
	} else if m.To != m.From {
		set.sql("failures = 0")
	}
	set.sql("next_at = "+fromNow, micros(m.NextIn))
	switch m.To {
	case ReceivedProjected:
		set.sql("projected_at = " + now)
	case ReceivedAcknowledged:
		set.sql("acked_at = COALESCE(acked_at, " + now + ")")
	case ReceivedStored, ReceivedQuarantined:
	}
	set.sql("lease_owner = '', lease_until = NULL")
	where, args := leaseFree, []any(nil)
	if m.Lease != nil {
		where, args = "lease_owner = ? AND lease_epoch = ?", []any{m.Lease.Owner, m.Lease.Epoch}
	}
	query := "UPDATE received FORCE INDEX (`PRIMARY`) SET " + strings.Join(set.parts, ", ") + " WHERE " + from + " AND " + where
	return query, append(set.args, args...), nil
}

// ListReceived lists what the filter selects, by ID; ReceivedFilter.AfterID turns the page.
func (s *Store) ListReceived(ctx context.Context, f ReceivedFilter) ([]Received, error) {
	const doing = "listing received documents"
	var c conditions
	order := c.page(f.Newest, f.AfterID)
	if f.Company != "" {
		c.add("company = ?", f.Company)
	}
	if f.Account != "" {
		c.add("account = ?", f.Account)
	}
	if len(f.States) > 0 {
		in, err := inReceivedStates(f.States)
		if err != nil {
			return nil, fault.New(fault.Permanent, doing, err)
		}
		c.add(in)
	}
	if f.Search != "" {
		c.search(f.Search, "number", "sender_title", "sender_tax_no")
	}
	if !f.Since.IsZero() {
		c.add("COALESCE(arrived_at, stored_at) >= ?", f.Since.UTC())
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	found, err := s.receivedDocuments(ctx, "SELECT "+receivedColumns+" FROM received r"+c.where()+order, append(c.args, limit)...)
	return found, mysqlx.Wrap(doing, err)
}

// FindReceived gives the received documents that a person means by ref: an ETTN or an invoice number. An empty company
// means all. Nothing found is no error.
func (s *Store) FindReceived(ctx context.Context, company, ref string) ([]Received, error) {
	var c conditions
	if company != "" {
		c.add("company = ?", company)
	}
	if id, err := uuid.Parse(ref); err == nil {
		c.add("ettn = ?", id.String())
	} else {
		c.add("number = ?", ref)
	}
	found, err := s.receivedDocuments(ctx, "SELECT "+receivedColumns+" FROM received r"+c.where()+" ORDER BY id", c.args...)
	return found, mysqlx.Wrap("looking for "+ref, err)
}
