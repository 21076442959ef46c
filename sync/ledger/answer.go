package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// AnswerDays is the time that commercial law gives a buyer to answer (TTK 21/2); silence is consent.
const AnswerDays = 8

// commercial is the scenario whose invoices can be answered.
const commercial = "TICARIFATURA"

// answerReach is how many of the latest received documents are looked at for commercial invoices without a row: the listing
// tells the scenario when an invoice is stored, so late ones are few.
const answerReach = 10_000

// ReceivedAnswer is the answer to one incoming commercial invoice: the one it waits for, or the one it got.
type ReceivedAnswer struct {
	ID         int64
	Company    string
	Account    string // the account that the invoice came through; it answers there
	ReceivedID int64
	ETTN       uuid.UUID
	Number     string // of the invoice, as in Received
	Sender     string
	State      AnswerState
	Accept     *bool // what a person decided, or what the provider reports; nil = nothing yet
	Reason     string
	Person     string
	Till       invoice.Date // the last day to answer
	Code       *int         // the provider's status of the invoice
	Message    string
	Advice     string
	Attempts   int
	Failures   int
	NextAt     time.Time
	Settled    bool // "no answer there" may be believed: the quarantine is over, by the database's clock
	Version    int64
	UpdatedAt  time.Time
	LeaseOwner string
	LeaseEpoch int64
}

// Lease is the right under which it was leased.
func (a ReceivedAnswer) Lease() Lease { return Lease{Owner: a.LeaseOwner, Epoch: a.LeaseEpoch} }

// DaysLeft is how many days remain on day; 0 = today is the last, negative = it is too late.
func (a ReceivedAnswer) DaysLeft(day invoice.Date) int {
	at := func(d invoice.Date) time.Time {
		return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	}
	return int(at(a.Till).Sub(at(day)).Hours() / 24)
}

const answerColumns = `a.id, a.company, a.account, a.received_id, a.ettn, r.number, r.sender_title, a.state, a.accept, a.reason, a.person, a.till, a.code,
	a.message, a.advice, a.attempts, a.failures, a.next_at, (a.quarantine_until IS NULL OR a.quarantine_until <= UTC_TIMESTAMP(6)) AS settled,
	a.version, a.updated_at, a.lease_owner, a.lease_epoch`

const fromAnswers = " FROM answers a JOIN received r ON r.id = a.received_id"

type answerRow struct {
	ID         int64
	Company    string
	Account    string
	ReceivedID int64 `db:"received_id"`
	ETTN       uuid.UUID
	Number     string
	Sender     string `db:"sender_title"`
	State      AnswerState
	Accept     sql.NullBool
	Reason     string
	Person     string
	Till       sql.NullTime
	Code       sql.NullInt32
	Message    string
	Advice     string
	Attempts   int
	Failures   int
	NextAt     time.Time `db:"next_at"`
	Settled    bool
	Version    int64
	UpdatedAt  time.Time `db:"updated_at"`
	LeaseOwner string    `db:"lease_owner"`
	LeaseEpoch int64     `db:"lease_epoch"`
}

func (r answerRow) answer() ReceivedAnswer {
	out := ReceivedAnswer{ID: r.ID, Company: r.Company, Account: r.Account, ReceivedID: r.ReceivedID, ETTN: r.ETTN, Number: r.Number, Sender: r.Sender,
		State: r.State, Reason: r.Reason, Person: r.Person, Till: dateOf(r.Till), Message: r.Message, Advice: r.Advice, Attempts: r.Attempts,
		Failures: r.Failures, NextAt: r.NextAt, Settled: r.Settled, Version: r.Version, UpdatedAt: r.UpdatedAt, LeaseOwner: r.LeaseOwner, LeaseEpoch: r.LeaseEpoch}
	if r.Accept.Valid {
		out.Accept = &r.Accept.Bool
	}
	if r.Code.Valid {
		code := int(r.Code.Int32)
		out.Code = &code
	}
	return out
}

func (s *Store) readAnswers(ctx context.Context, rest string, args ...any) ([]ReceivedAnswer, error) {
	var rows []answerRow
	if err := s.all(ctx, &rows, "SELECT "+answerColumns+fromAnswers+rest, args...); err != nil {
		return nil, err
	}
	out := make([]ReceivedAnswer, len(rows))
	for i, r := range rows {
		out[i] = r.answer()
	}
	return out, nil
}

// OpenAnswers adds a row for every incoming commercial invoice that has none, with the last day to answer, counted from its
// arrival in Türkiye. It tells how many were added.
func (s *Store) OpenAnswers(ctx context.Context, company string, zone *time.Location) (added int, err error) {
	const (
		doing  = "opening answers"
		insert = `INSERT INTO answers (company, account, received_id, ettn, state, reason, till, message, advice, next_at, created_at, updated_at)
			VALUES (?, ?, ?, ?, 'open', '', ?, '', '', ` + now + `, ` + now + `, ` + now + `)`
	)
	for {
		var missing []struct {
			ID      int64
			Account string
			ETTN    uuid.UUID
			Arrived time.Time
		}
		err := s.all(ctx, &missing, `SELECT r.id, r.account, r.ettn, COALESCE(r.arrived_at, r.stored_at) AS arrived FROM received r
			LEFT JOIN answers a ON a.company = r.company AND a.ettn = r.ettn
			WHERE r.company = ? AND r.scenario = '`+commercial+`' AND a.id IS NULL
			AND r.id > (SELECT COALESCE(MAX(received_id), 0) - ? FROM answers WHERE company = ?) ORDER BY r.id LIMIT 500`, company, answerReach, company)
		if err != nil || len(missing) == 0 {
			return added, mysqlx.Wrap(doing, err)
		}
		fresh := 0
		err = s.atomically(ctx, doing, []string{insert}, func(ctx context.Context, t *tx) error {
			fresh = 0
			for _, m := range missing {
				till := invoice.DateOf(m.Arrived.In(zone)).AddDays(AnswerDays)
				_, err := t.exec(ctx, insert, company, m.Account, m.ID, m.ETTN.String(), till.String())
				if err != nil && !mysqlx.IsDuplicate(err) { // somebody else was faster
					return err
				}
				if err == nil {
					fresh++
				}
			}
			return nil
		})
		if err != nil {
			return added, err
		}
		added += fresh
	}
}

// Decision is what a person wants to answer.
type Decision struct {
	Company string
	ETTN    uuid.UUID
	Accept  bool
	Reason  string
	Person  string
}

// ErrNotCommercial says that an invoice cannot be answered because of its scenario.
var ErrNotCommercial = errors.New("only a commercial invoice (TICARIFATURA) can be answered")

// ErrAnswered says that an invoice has another answer already, or has one on its way.
var ErrAnswered = errors.New("the invoice is answered already")

// WantAnswer records a person's decision, with an audit row. The same decision twice is no error and changes nothing.
// fault.NotFound: no such invoice was received. fault.Permanent: it cannot be answered (ErrNotCommercial), or has its
// answer already (ErrAnswered).
func (s *Store) WantAnswer(ctx context.Context, d Decision) (ReceivedAnswer, error) {
	doing := "recording the answer to " + d.ETTN.String()
	change := `UPDATE answers SET state = 'wanted', accept = ?, reason = ?, person = ?, message = '', advice = '', failures = 0, next_at = ` + now + `,
		quarantine_until = NULL, version = version + 1, updated_at = ` + now + `, lease_epoch = lease_epoch + 1, lease_owner = '', lease_until = NULL
		WHERE company = ? AND ettn = ? AND state IN ('open', 'refused') AND ` + leaseFree
	for range 2 {
		was, err := s.AnswerOf(ctx, d.Company, d.ETTN)
		if err != nil {
			return ReceivedAnswer{}, err
		}
		switch {
		case was.State == AnswerOpen || was.State == AnswerRefused:
		case was.Accept != nil && *was.Accept == d.Accept && was.State != AnswerLapsed:
			return was, nil
		default:
			return was, fault.New(fault.Permanent, doing, fmt.Errorf("%w: it stands at %q", ErrAnswered, was.State))
		}
		done := false
		err = s.atomically(ctx, doing, []string{change}, func(ctx context.Context, t *tx) error {
			found, err := t.exec(ctx, change, d.Accept, clip(d.Reason, longText), clip(d.Person, name190), d.Company, d.ETTN.String())
			if done = err == nil && found > 0; !done {
				return orNothing(err)
			}
			action := "answer.reject"
			if d.Accept {
				action = "answer.accept"
			}
			audit := Audit{User: d.Person, Action: action, Ref: d.ETTN.String(), From: State(was.State), To: State(AnswerWanted), Reason: d.Reason}
			return insertRows(ctx, t, intoAudit, [][]any{auditValues(0, audit)})
		})
		if err != nil {
			return was, err
		}
		if done {
			return s.AnswerOf(ctx, d.Company, d.ETTN)
		}
	}
	return ReceivedAnswer{}, fault.Newf(fault.Retryable, doing, "somebody is working on it: try again in a minute")
}

// AnswerOf reads the answer to one invoice; errors as of WantAnswer.
func (s *Store) AnswerOf(ctx context.Context, company string, ettn uuid.UUID) (ReceivedAnswer, error) {
	doing := "looking for the answer to " + ettn.String()
	found, err := s.readAnswers(ctx, " WHERE a.company = ? AND a.ettn = ?", company, ettn.String())
	if err != nil {
		return ReceivedAnswer{}, mysqlx.Wrap(doing, err)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	var scenario string
	err = s.get(ctx, &scenario, "SELECT scenario FROM received WHERE company = ? AND ettn = ?", company, ettn.String())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ReceivedAnswer{}, fault.Newf(fault.NotFound, doing, "no such invoice was received")
	case err != nil:
		return ReceivedAnswer{}, mysqlx.Wrap(doing, err)
	case scenario != commercial:
		return ReceivedAnswer{}, fault.New(fault.Permanent, doing, fmt.Errorf("%w; this one is %s", ErrNotCommercial, scenario))
	}
	return ReceivedAnswer{}, fault.Newf(fault.Retryable, doing, "it has just arrived: try again in a minute")
}

// AnswersOf reads the answers to the invoices that have one.
func (s *Store) AnswersOf(ctx context.Context, received []Received) (map[int64]ReceivedAnswer, error) {
	out := make(map[int64]ReceivedAnswer, len(received))
	ids := make([]int64, len(received))
	for i, r := range received {
		ids[i] = r.ID
	}
	for _, list := range padded(ids) {
		found, err := s.readAnswers(ctx, " WHERE a.received_id IN ("+placeholders(len(list))+")", arguments(list)...)
		if err != nil {
			return nil, mysqlx.Wrap("reading answers", err)
		}
		for _, a := range found {
			out[a.ReceivedID] = a
		}
	}
	return out, nil
}

// AnswersInMotion counts the answers that people gave and that have not reached their end, or that the ERP does not show as
// they are.
func (s *Store) AnswersInMotion(ctx context.Context, company string) (n int, err error) {
	err = s.get(ctx, &n, "SELECT COUNT(*) FROM answers WHERE company = ? AND (state IN ('wanted', 'sending', 'unknown', 'sent') OR state = 'failed' AND accept IS NOT NULL "+
		"OR written_version < version AND write_failures = 0)", company)
	return n, mysqlx.Wrap("counting answers in motion", err)
}

// AnswersDue counts the answers that have not reached their end although their last day is till or earlier, and gives the
// first of those days; zero = there is none.
func (s *Store) AnswersDue(ctx context.Context, company string, till invoice.Date) (n int, first invoice.Date, err error) {
	const doing = "counting answers that are due"
	pending, err := inAnswerStates(AnswerPending())
	if err != nil {
		return 0, first, err
	}
	var due struct {
		N     int          `db:"n"`
		First sql.NullTime `db:"first"`
	}
	err = s.get(ctx, &due, "SELECT COUNT(*) AS n, MIN(till) AS first FROM answers WHERE company = ? AND till <= ? AND "+pending, company, till.String())
	if err == nil && due.First.Valid {
		first = invoice.DateOf(due.First.Time)
	}
	return due.N, first, mysqlx.Wrap(doing, err)
}

// LeaseAnswers takes up to limit due answers in one of the states, as Lease does for documents.
func (s *Store) LeaseAnswers(ctx context.Context, company string, states []AnswerState, owner string, ttl time.Duration, limit int) ([]ReceivedAnswer, error) {
	const doing = "leasing answers"
	in, err := inAnswerStates(states)
	if err != nil {
		return nil, fault.New(fault.Permanent, doing, err)
	}
	guard := in + " AND next_at <= " + now
	due := func() (ids []int64, err error) {
		err = s.all(ctx, &ids, "SELECT id FROM answers WHERE company = ? AND "+guard+" AND "+leaseFree+" ORDER BY next_at, id LIMIT ?", company, limit)
		return ids, err
	}
	ids, token, err := s.takeDue(ctx, answerLeases, due, guard, owner, ttl)
	if err != nil || len(ids) == 0 {
		return nil, mysqlx.Wrap(doing, err)
	}
	var out []ReceivedAnswer
	for _, list := range padded(ids) {
		some, err := s.readAnswers(ctx, " WHERE a.id IN ("+placeholders(len(list))+") AND a.lease_token = ? AND a.lease_owner = ? AND a.lease_until > "+now+
			" ORDER BY a.next_at, a.id", arguments(list, token, owner)...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		out = append(out, some...)
	}
	return out, nil
}

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

// UnwrittenAnswers gives answers that the ERP does not show yet, or whose countdown it shows of an earlier day.
func (s *Store) UnwrittenAnswers(ctx context.Context, company string, today invoice.Date, limit int) ([]ReceivedAnswer, error) {
	pending, err := inAnswerStates(AnswerPending())
	if err != nil {
		return nil, err
	}
	found, err := s.readAnswers(ctx, ` WHERE a.company = ? AND (a.written_version < a.version OR `+strings.Replace(pending, "state", "a.state", 1)+
		` AND (a.written_day IS NULL OR a.written_day < ?)) AND (a.write_next_at IS NULL OR a.write_next_at <= `+now+`) ORDER BY a.id LIMIT ?`,
		company, today.String(), limit)
	return found, mysqlx.Wrap("looking for answers to be written to the ERP", err)
}

// MarkAnswersWritten notes that the ERP shows the answers as they were read, with the countdown of a day.
func (s *Store) MarkAnswersWritten(ctx context.Context, written []ReceivedAnswer, day invoice.Date) error {
	const change = `UPDATE answers SET written_version = GREATEST(written_version, ?), written_day = ?, write_failures = 0, write_next_at = NULL WHERE id = ?`
	return s.atomically(ctx, "recording what the ERP shows of answers", []string{change}, func(ctx context.Context, t *tx) error {
		for _, a := range written {
			if _, err := t.exec(ctx, change, a.Version, day.String(), a.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// DelayAnswerWrite puts off the write-back of an answer that the ERP did not take.
func (s *Store) DelayAnswerWrite(ctx context.Context, id int64, wait time.Duration) error {
	_, err := s.exec(ctx, "UPDATE answers SET write_failures = write_failures + 1, write_next_at = "+fromNow+" WHERE id = ?", micros(wait), id)
	return mysqlx.Wrap("putting off the write-back of an answer", err)
}
