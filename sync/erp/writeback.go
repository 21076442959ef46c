package erp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// writeGroup is how many documents share a transaction: few enough that ERP users hardly wait for our locks.
const writeGroup = 200

// replays is how often a group is written again after a deadlock or a lock wait. This is the only layer that does.
const replays = 5

// ErrVanished says that the ERP row of a document is not there any more.
var ErrVanished = errors.New("the row is no longer in the ERP")

// WriteBack writes projections: on.status, and then on.STATE. The slice has one error (or nil) a projection. The error is
// set when the ERP went away; the documents that were not written by then carry it too. Documents are written in groups, one transaction a group with
// a savepoint a document; on tables without transactions one by one. Writing the same twice changes nothing.
func (s *Source) WriteBack(ctx context.Context, docs []Projection) ([]error, error) {
	jobs := make([]job, len(docs))
	for i, p := range docs {
		jobs[i] = s.projectionJob(p)
	}
	return s.write(ctx, jobs)
}

// WriteFile writes the index row of a document's file (on.file).
func (s *Source) WriteFile(ctx context.Context, f DocumentFile) error {
	j := s.projectionJob(f.Projection)
	j.steps = nil
	for _, st := range s.events[EventFile] {
		if st.applies(f.Space) {
			j.add(st, bindAll(copyOf(j.params), FileParams, f.File))
		}
	}
	return s.writeOne(ctx, j)
}

// Heartbeat writes on.heartbeat.
func (s *Source) Heartbeat(ctx context.Context, h Heartbeat) error {
	return s.writeOne(ctx, eventJob(s, EventHeartbeat, bindAll(params{}, HeartbeatParams, h)))
}

// job is the statements of one document with their values.
type job struct {
	what   string // for messages
	params params
	steps  []step
	alone  bool  // its group has savepoints from the first: documents from strangers are refused more often than our own
	err    error // why it cannot even be tried
}

type step struct {
	st     *statement
	params params
}

func (j *job) add(st *statement, p params) { j.steps = append(j.steps, step{st, p}) }

func eventJob(s *Source, event string, p params) job {
	j := job{what: event, params: p}
	for _, st := range s.events[event] {
		j.add(st, p)
	}
	return j
}

// projectionJob collects what a projection writes.
func (s *Source) projectionJob(p Projection) job {
	j := job{what: p.Space + " " + p.Key, params: bindAll(params{}, ProjectionParams, p)}
	status := p.StateText
	if word, ok := s.cfg.Map["status"][p.State]; ok {
		status = word
	}
	j.params["status"] = bound{text(status), false}
	d, err := s.document(p.Space)
	if err != nil {
		return job{what: j.what, err: err}
	}
	values, err := splitKey(d.key, p.Key)
	if err != nil {
		return job{what: j.what, err: fault.New(fault.Permanent, "writing back "+j.what, err)}
	}
	for i, part := range d.key {
		j.params[part.name] = bound{values[i], true}
	}
	for _, event := range []string{EventStatus, p.State} {
		for _, st := range s.events[event] {
			if st.applies(p.Space) {
				j.add(st, j.params)
			}
		}
	}
	return j
}

func copyOf(p params) params {
	out := make(params, len(p)+len(FileParams))
	for k, v := range p {
		out[k] = v
	}
	return out
}

func (s *Source) writeOne(ctx context.Context, j job) error {
	errs, err := s.write(ctx, []job{j})
	if err != nil {
		return err
	}
	return errs[0]
}

// write runs jobs in groups.
func (s *Source) write(ctx context.Context, jobs []job) ([]error, error) {
	errs := make([]error, len(jobs))
	for start := 0; start < len(jobs); start += writeGroup {
		end := min(start+writeGroup, len(jobs))
		if err := s.writeJobs(ctx, jobs[start:end], errs[start:end]); err != nil {
			for i := start; i < len(errs); i++ { // what this group had reached is rolled back, or not known
				errs[i] = err
			}
			return errs, err
		}
	}
	return errs, nil
}

func (s *Source) writeJobs(ctx context.Context, jobs []job, errs []error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	var all []*statement
	for _, j := range jobs {
		for _, st := range j.steps {
			if !slices.Contains(all, st.st) {
				all = append(all, st.st)
			}
		}
	}
	if len(all) == 0 {
		for i, j := range jobs {
			errs[i] = j.err
		}
		return nil
	}
	safe, err := s.transactional(ctx, all)
	if err != nil {
		return err
	}
	if !safe {
		return s.writeSingly(ctx, jobs, errs)
	}
	singly := slices.ContainsFunc(jobs, func(j job) bool { return j.alone })
	for try := 0; ; try++ {
		err := mysqlx.WithTx(ctx, s.db, func(tx *sqlx.Tx) error {
			err := s.writeInTx(ctx, tx, jobs, errs, singly)
			failpoint.Hit("erp.commit.before")
			return err
		})
		failpoint.Hit("erp.commit.after")
		if errors.Is(err, errSingly) {
			singly = true
			continue
		}
		again := mysqlx.IsDeadlock(err) || mysqlx.IsCommitUnknown(err)
		switch {
		case err == nil:
			return nil
		case mysqlx.IsLockWait(err): // somebody keeps a row: find out whose, so that the others are written
			return s.writeEach(ctx, jobs, errs)
		}
		if !again || try >= replays || !pause(ctx, try) {
			if mysqlx.IsCommitUnknown(err) { // every statement may be repeated: for the caller it is simply not done yet
				err = errors.New(err.Error())
				return fault.New(fault.Retryable, "writing back to the ERP", err)
			}
			return mysqlx.Wrap("writing back to the ERP", err)
		}
		s.log.Debug("writing a group again", "error", err, "try", try+1)
	}
}

// mostLocked is how many documents of a group may wait for a lock in vain before the rest is put off with them: then it is
// not a row that is locked but the table.
const mostLocked = 3

// writeEach writes documents in transactions of their own; those whose row is locked stay behind.
func (s *Source) writeEach(ctx context.Context, jobs []job, errs []error) error {
	locked := 0
	for i := range jobs {
		var err error
		for try := 0; ; try++ {
			err = mysqlx.WithTx(ctx, s.db, func(tx *sqlx.Tx) error { return s.writeInTx(ctx, tx, jobs[i:i+1], errs[i:i+1], true) })
			if !mysqlx.IsDeadlock(err) || try >= replays || !pause(ctx, try) {
				break
			}
		}
		switch {
		case err == nil:
			continue
		case !mysqlx.IsLockWait(err) && !mysqlx.IsDeadlock(err):
			return mysqlx.Wrap("writing back to the ERP", err)
		}
		errs[i] = mysqlx.Wrap("writing back "+jobs[i].what, err)
		if locked++; locked < mostLocked {
			continue
		}
		for rest := i + 1; rest < len(jobs); rest++ {
			errs[rest] = errs[i]
		}
		return nil
	}
	return nil
}

// pause waits a random while that grows with the tries; false when ctx ended.
func pause(ctx context.Context, try int) bool {
	timer := time.NewTimer(rand.N(20 * time.Millisecond << min(try, 6)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errSingly says that a document of a group cannot be written: the group is rolled back and written again with savepoints.
// Without them a document costs half the round trips, and nearly every group has no such document.
var errSingly = errors.New("a document of the group cannot be written")

// writeInTx writes a group. Singly, a document with an error of its own is undone alone; otherwise it ends the group with
// errSingly.
func (s *Source) writeInTx(ctx context.Context, tx *sqlx.Tx, jobs []job, errs []error, singly bool) error {
	w := writer{s: s, db: tx, prepared: map[shaped]*sqlx.Stmt{}, refused: map[*statement]error{}}
	defer w.close()
	for i, j := range jobs {
		if errs[i] = j.err; j.err != nil || len(j.steps) == 0 {
			continue
		}
		if singly {
			if _, err := tx.ExecContext(ctx, "SAVEPOINT document"); err != nil {
				return err
			}
		}
		err := w.run(ctx, j)
		if err == nil {
			continue
		}
		if wholeGroup(err) {
			return err
		}
		if !singly {
			return errSingly
		}
		errs[i] = err
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT document"); err != nil {
			return err
		}
	}
	return nil
}

// writeSingly writes documents one by one, for tables that know no rollback.
func (s *Source) writeSingly(ctx context.Context, jobs []job, errs []error) error {
	w := writer{s: s, db: s.db, prepared: map[shaped]*sqlx.Stmt{}, refused: map[*statement]error{}}
	defer w.close()
	for i, j := range jobs {
		if errs[i] = j.err; j.err != nil {
			continue
		}
		err := w.run(ctx, j)
		for try := 0; (mysqlx.IsDeadlock(err) || mysqlx.IsLockWait(err)) && try < replays && pause(ctx, try); try++ {
			err = w.run(ctx, j)
		}
		if err != nil && wholeGroup(err) {
			return mysqlx.Wrap("writing back to the ERP", err)
		}
		errs[i] = err
	}
	return nil
}

// wholeGroup reports whether an error is about more than the document at hand.
func wholeGroup(err error) bool {
	return mysqlx.IsDeadlock(err) || mysqlx.IsLockWait(err) || mysqlx.IsGone(err) || mysqlx.IsReadOnly(err) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// preparer is a connection pool or a transaction.
type preparer interface {
	PreparexContext(ctx context.Context, query string) (*sqlx.Stmt, error)
}

// writer runs the steps of jobs with statements that are prepared once.
type writer struct {
	s        *Source
	db       preparer
	prepared map[shaped]*sqlx.Stmt
	refused  map[*statement]error // those that the database takes of no document
}

// shaped is a statement for a number of rows at once.
type shaped struct {
	st   *statement
	rows int
}

// mostRows is how many lines of one invoice are inserted by one execution.
const mostRows = 50

func (w *writer) close() {
	for _, p := range w.prepared {
		if err := p.Close(); err != nil {
			w.s.log.Debug("closing a statement", "error", err)
		}
	}
}

// run executes one job's steps in order.
func (w *writer) run(ctx context.Context, j job) error {
	found := true // by the last statement without a condition
	for i := 0; i < len(j.steps); {
		step := j.steps[i]
		next := i + 1
		for step.st.many && next < len(j.steps) && j.steps[next].st == step.st && next-i < mostRows {
			next++
		}
		rows := j.steps[i:next]
		i = next
		conditional := step.st.cfg.When == "not_found"
		if conditional && found {
			continue
		}
		n, err := w.exec(ctx, rows)
		if err != nil {
			return fmt.Errorf("writing back %s: %w", j.what, err)
		}
		if !conditional {
			found = n > 0
		}
		if n == 0 && step.st.verb == "UPDATE" && !step.st.cfg.MayMiss && !insertsLater(j.steps[next:], step.st) {
			return fault.New(fault.NotFound, "writing back "+j.what, fmt.Errorf("%s (%s): %w", step.st.place, step.st.target, ErrVanished))
		}
	}
	return nil
}

// insertsLater reports whether a later step may create the row that an UPDATE did not find.
func insertsLater(steps []step, of *statement) bool {
	return slices.ContainsFunc(steps, func(s step) bool {
		return (s.st.verb == "INSERT" || s.st.verb == "REPLACE") && s.st.target == of.target
	})
}

// exec runs one statement, for as many rows as there are steps, and gives the rows it found.
func (w *writer) exec(ctx context.Context, rows []step) (int64, error) {
	st := rows[0].st
	if refused := w.refused[st]; refused != nil { // by the row before: asking again would bring the same answer
		return 0, refused
	}
	t, err := w.s.targets.get(ctx, st.target)
	if err != nil {
		return 0, err
	}
	var args []any
	for _, row := range rows {
		more, err := w.s.bindStatement(st, t, row.params)
		if err != nil {
			return 0, err
		}
		args = append(args, more...)
	}
	key := shaped{st, len(rows)}
	p := w.prepared[key]
	if p == nil {
		if p, err = w.db.PreparexContext(ctx, st.renderRows(len(rows))); err != nil {
			return 0, w.refuses(st, err)
		}
		w.prepared[key] = p
	}
	result, err := p.ExecContext(ctx, args...)
	if err != nil {
		return 0, w.refuses(st, err)
	}
	return result.RowsAffected()
}

// refuses words the error of a statement, and remembers a statement that is refused whatever its values are.
func (w *writer) refuses(st *statement, err error) error {
	err = refusal(st, err)
	if r, ok := errors.AsType[*Refusal](err); ok {
		w.refused[st] = r
	}
	return err
}

func lower(s string) string { return strings.ToLower(s) }
