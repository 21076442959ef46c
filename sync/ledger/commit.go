package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"faturad/internal/mysqlx"
)

const (
	insertAttempt = "INSERT INTO attempts (document_id, attempt, operation, opened, class, http_status, message, answer, payload_sha, owner, at) VALUES "
	attemptRow    = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))"
	insertPayload = "INSERT INTO payloads (document_id, hash, content_type, packed, created_at) VALUES "
	payloadRow    = "(?, ?, ?, ?, UTC_TIMESTAMP(6))"
	insertAudit   = "INSERT INTO audit (at, person, action, document_id, ref, from_state, to_state, reason) VALUES "
	auditRow      = "(UTC_TIMESTAMP(6), ?, ?, ?, ?, ?, ?, ?)"

	groupBytes = 1 << 20 // packed bytes of one multi-row INSERT
	groupSlack = 64 << 10
)

var (
	intoAttempts = newInsertion(insertAttempt, attemptRow)
	intoPayloads = newInsertion(insertPayload, payloadRow)
	intoAudit    = newInsertion(insertAudit, auditRow)
)

// Commit applies the changes in one transaction; those of one document in their order. A change whose guard says no is
// dropped alone, with everything that belongs to it; so is one whose data cannot be stored or whose number belongs to
// another document (Outcome.Err). Deadlocks, lock waits and connections lost before COMMIT replay the group here, so
// callers must not. A COMMIT whose answer was lost is settled first. With an error nothing was stored and the outcomes are
// nil, except fault.Ambiguous: then it could not be found out.
func (s *Store) Commit(ctx context.Context, changes []Change) ([]Outcome, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	g := group{s: s, outcomes: make([]Outcome, len(changes))}
	if err := g.prepare(ctx, changes); err != nil {
		return nil, err
	}
	doing := fmt.Sprintf("recording %d changes in the ledger", len(changes))
	err := s.atomically(ctx, doing, g.queries, g.together)
	if errors.Is(err, errSingly) {
		g.batches, g.queries = singly(g.moves)
		err = s.atomically(ctx, doing, g.queries, g.together)
	}
	if errors.Is(err, errOneByOne) {
		err = s.atomically(ctx, doing, nil, g.oneByOne)
	}
	if err != nil {
		return nil, err
	}
	s.explain(ctx, &g)
	return g.outcomes, nil
}

// group is one Commit under way.
type group struct {
	s        *Store
	moves    []move // by document, so that two groups lock rows in the same order
	batches  []batch
	queries  []string
	outcomes []Outcome // by place in the caller's list
}

// errSingly says that a batch found fewer rows than it names, or that a value in it does not fit: the group is done again
// with an UPDATE per change, so that each knows its own outcome.
var errSingly = errors.New("not every change of a batch can be applied")

// errOneByOne says that a grouped INSERT met a data error: the group is done again, one change at a time.
var errOneByOne = errors.New("one row of a grouped insert cannot be stored")

// prepare builds every statement before the transaction begins. Changes that cannot be built have their outcome already.
func (g *group) prepare(ctx context.Context, changes []Change) error {
	limit, err := g.s.largest(ctx)
	if err != nil {
		return err
	}
	for i := range changes {
		m, err := ready(i, &changes[i])
		if err == nil && int64(len(m.payload)) > limit {
			err = fmt.Errorf("its payload is %d bytes compressed, and the server takes at most %d: raise max_allowed_packet", len(m.payload), limit)
		}
		if err != nil {
			g.outcomes[i].Err = unstorable(changes[i].Document, err)
			continue
		}
		if int64(len(m.answer)) > limit {
			m.answer = nil
		}
		g.moves = append(g.moves, m)
	}
	slices.SortStableFunc(g.moves, func(a, b move) int { return int(a.change.Document - b.change.Document) })
	g.batches, g.queries = batchesOf(g.moves)
	g.queries = append(g.queries, intoAttempts.texts...)
	g.queries = append(g.queries, intoPayloads.texts...)
	return nil
}

// together applies the whole group with grouped statements: the fast way, right for all but data errors in the inserts.
func (g *group) together(ctx context.Context, t *tx) error {
	g.reset()
	var applied []move
	for _, b := range g.batches {
		found, err := t.exec(ctx, b.query, b.args...)
		alone := len(b.moves) == 1
		switch {
		case err == nil && found == int64(len(b.moves)):
			applied = append(applied, b.moves...)
		case !alone && (err == nil || mysqlx.IsDuplicate(err) || mysqlx.IsDataError(err)):
			return errSingly
		case err != nil && !g.refuse(b.moves[0], err): // InnoDB undid a refused statement alone
			return err
		}
	}
	if len(applied) == 0 {
		return errNothing
	}
	for _, m := range applied {
		g.outcomes[m.at].Applied = true
	}
	slices.SortFunc(applied, func(a, b move) int { return a.at - b.at })
	err := insertOf(ctx, t, applied)
	if mysqlx.IsDataError(err) {
		return errOneByOne
	}
	return err
}

// oneByOne applies the group with a savepoint per change.
func (g *group) oneByOne(ctx context.Context, t *tx) error {
	g.reset()
	for _, m := range g.moves {
		if _, err := t.exec(ctx, "SAVEPOINT one"); err != nil {
			return err
		}
		found, err := t.exec(ctx, m.update, m.args...)
		if err == nil && found > 0 {
			err = insertOf(ctx, t, []move{m})
			g.outcomes[m.at].Applied = err == nil
		}
		if err == nil {
			continue
		}
		if !g.refuse(m, err) {
			return err
		}
		if _, err := t.exec(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
			return err
		}
	}
	return nil
}

// reset forgets an earlier try of the same group.
func (g *group) reset() {
	for _, m := range g.moves {
		g.outcomes[m.at] = Outcome{}
	}
}

// refuse turns an error that concerns one change into its outcome; ok is false for all others.
func (g *group) refuse(m move, err error) (ok bool) {
	switch {
	case mysqlx.IsDuplicate(err):
		g.outcomes[m.at].Err = clashError(fmt.Sprintf("recording document %d", m.change.Document), m.clash(err))
	case mysqlx.IsDataError(err):
		g.outcomes[m.at].Err = unstorable(m.change.Document, err)
	default:
		return false
	}
	return true
}

// insertOf adds the attempts, payloads and audit rows of the moves.
func insertOf(ctx context.Context, t *tx, moves []move) error {
	var attempts, payloads, audits, likenesses [][]any
	for _, m := range moves {
		if e := m.change.Event; e != nil {
			attempts = append(attempts, []any{m.change.Document, e.Attempt, string(e.Operation), e.Opened, e.Class, e.HTTPStatus,
				clip(e.Message, longText), m.answer, e.PayloadSHA, e.Owner})
		}
		if p := m.change.Payload; p != nil {
			payloads = append(payloads, []any{m.change.Document, p.Hash, p.ContentType, m.payload})
		}
		if a := m.change.Audit; a != nil {
			audits = append(audits, auditValues(m.change.Document, *a))
		}
		if l := m.change.Likeness; l != (Likeness{}) {
			likenesses = append(likenesses, []any{m.change.Document, l[:], m.change.Document})
		}
	}
	for _, i := range []struct {
		into   insertion
		values [][]any
	}{{intoPayloads, payloads}, {intoAttempts, attempts}, {intoAudit, audits}, {intoLikenesses, likenesses}} {
		if err := insertRows(ctx, t, i.into, i.values); err != nil {
			return err
		}
	}
	return nil
}

// insertRows inserts many rows by few statements of fixed sizes, each below groupBytes (or one row).
func insertRows(ctx context.Context, t *tx, into insertion, values [][]any) error {
	for at := 0; at < len(values); {
		n := fitting(values[at:])
		var args []any
		for _, v := range values[at : at+n] {
			args = append(args, v...)
		}
		if _, err := t.exec(ctx, into.of[n], args...); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// fitting is the largest of the fixed sizes whose rows are there and small enough together.
func fitting(values [][]any) int {
	count, bytes := 0, 0
	for _, row := range values {
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				bytes += len(b)
			}
		}
		if bytes > groupBytes && count > 0 {
			break
		}
		count++
	}
	for _, size := range sizes {
		if size <= count {
			return size
		}
	}
	return 1
}

func auditValues(document int64, a Audit) []any {
	return []any{clip(a.User, name190), a.Action, document, a.Ref, string(a.From), string(a.To), clip(a.Reason, longText)}
}

// largest is the largest value that one parameter may have.
func (s *Store) largest(ctx context.Context) (int64, error) {
	if limit := s.packet.Load(); limit != 0 {
		return limit, nil
	}
	var packet int64
	if err := s.get(ctx, &packet, "SELECT @@max_allowed_packet"); err != nil {
		return 0, mysqlx.Wrap("asking the ledger for max_allowed_packet", err)
	}
	s.packet.Store(packet - groupSlack)
	return packet - groupSlack, nil
}
