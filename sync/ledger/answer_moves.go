package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// AnswerMove is one guarded move of one leased answer.
type AnswerMove struct {
	ID       int64
	Lease    Lease
	From, To AnswerState // equal = it stays
	Patch    AnswerPatch
	Event    *AnswerEvent // appended when the move is made
	Keep     bool         // keep the lease: a request follows
}

// AnswerPatch names the columns that a move sets; nil leaves a column as it is.
type AnswerPatch struct {
	Accept                  *bool
	Reason, Message, Advice *string
	Code                    *int
	Failures                *int
	NextIn                  *time.Duration
	QuarantineIn            *time.Duration
	LeaseFor                *time.Duration
	CountAttempt            bool
	Quiet                   bool // nothing that the ERP shows changes
}

// AnswerEvent is one append-only row: an attempt opened or closed.
type AnswerEvent struct {
	Attempt    int
	Operation  string // answer, retry or status
	Opened     bool
	Accept     *bool
	Class      string
	HTTPStatus int
	Message    string
	Answer     []byte
	Owner      string
	At         time.Time // database clock; set when read
}

// MoveAnswer makes one guarded move; false = the answer is elsewhere, or the lease is gone, and nothing happened.
func (s *Store) MoveAnswer(ctx context.Context, m AnswerMove) (moved bool, err error) {
	n, err := s.MoveAnswers(ctx, []AnswerMove{m})
	return n > 0, err
}

// MoveAnswers makes guarded moves in one transaction and tells how many were made; the others are dropped, as by MoveAnswer.
func (s *Store) MoveAnswers(ctx context.Context, moves []AnswerMove) (made int, err error) {
	if len(moves) == 0 {
		return 0, nil
	}
	const event = `INSERT INTO answer_events (answer_id, attempt, operation, opened, accept, class, http_status, message, answer, owner, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ` + now + `)`
	doing := fmt.Sprintf("moving answer %d", moves[0].ID)
	if len(moves) > 1 {
		doing = fmt.Sprintf("moving %d answers", len(moves))
	}
	queries := []string{event}
	for _, m := range moves {
		if m.From != m.To && !m.From.MayBecome(m.To) {
			return 0, fault.Newf(fault.Permanent, doing, "the table has no arrow from %q to %q", m.From, m.To)
		}
		if query, _ := m.statement(); !slices.Contains(queries, query) {
			queries = append(queries, query)
		}
	}
	err = s.atomically(ctx, doing, queries, func(ctx context.Context, t *tx) error {
		made = 0
		for _, m := range moves {
			query, args := m.statement()
			found, err := t.exec(ctx, query, args...)
			if err != nil {
				return err
			}
			if found == 0 {
				continue
			}
			made++
			e := m.Event
			if e == nil {
				continue
			}
			if _, err = t.exec(ctx, event, m.ID, e.Attempt, e.Operation, e.Opened, e.Accept, e.Class, e.HTTPStatus, clip(e.Message, longText),
				pack(e.Answer[:min(len(e.Answer), mostAnswer)]), e.Owner); err != nil {
				return err
			}
		}
		if made == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		made = 0
	}
	return made, err
}

func (m *AnswerMove) statement() (string, []any) {
	var set assignments
	set.sql("state = '" + string(m.To) + "'")
	p := m.Patch
	assign(&set, "accept", p.Accept)
	assignText(&set, "reason", p.Reason, longText)
	assignText(&set, "message", p.Message, longText)
	assignText(&set, "advice", p.Advice, longText)
	assign(&set, "code", p.Code)
	assign(&set, "failures", p.Failures)
	if p.NextIn != nil {
		set.sql("next_at = "+fromNow, micros(*p.NextIn))
	}
	if p.QuarantineIn != nil {
		set.sql("quarantine_until = "+fromNow, micros(*p.QuarantineIn))
	}
	if p.CountAttempt {
		set.sql("attempts = attempts + 1")
	}
	if m.To.Final() {
		set.sql("final_at = COALESCE(final_at, " + now + ")")
	}
	switch {
	case !m.Keep:
		set.sql("lease_owner = '', lease_until = NULL")
	case p.LeaseFor != nil:
		set.sql("lease_until = "+fromNow, micros(*p.LeaseFor))
	}
	if !p.Quiet {
		set.sql("version = version + 1")
	}
	set.sql("updated_at = " + now)
	where := " WHERE id = ? AND state = '" + string(m.From) + "' AND lease_owner = ? AND lease_epoch = ?"
	if m.Keep {
		where += " AND lease_until > " + now
	}
	return "UPDATE answers SET " + strings.Join(set.parts, ", ") + where, append(set.args, m.ID, m.Lease.Owner, m.Lease.Epoch)
}

// AnswerHistory gives every attempt of an answer, in order.
func (s *Store) AnswerHistory(ctx context.Context, id int64) ([]AnswerEvent, error) {
	const doing = "reading the attempts of an answer"
	var found []struct {
		Attempt    int
		Operation  string
		Opened     bool
		Accept     sql.NullBool
		Class      string
		HTTPStatus int `db:"http_status"`
		Message    string
		Answer     []byte
		Owner      string
		At         time.Time
	}
	err := s.all(ctx, &found, "SELECT attempt, operation, opened, accept, class, http_status, message, answer, owner, at FROM answer_events WHERE answer_id = ? ORDER BY id", id)
	if err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	out := make([]AnswerEvent, len(found))
	for i, f := range found {
		out[i] = AnswerEvent{Attempt: f.Attempt, Operation: f.Operation, Opened: f.Opened, Class: f.Class, HTTPStatus: f.HTTPStatus, Message: f.Message,
			Owner: f.Owner, At: f.At}
		if f.Accept.Valid {
			out[i].Accept = &found[i].Accept.Bool
		}
		if out[i].Answer, err = unpack(f.Answer); err != nil {
			return nil, fault.New(fault.Permanent, doing, err)
		}
	}
	return out, nil
}
