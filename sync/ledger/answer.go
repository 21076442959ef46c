package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
