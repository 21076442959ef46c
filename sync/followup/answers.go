package followup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"faturad/internal/clock"
	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// AnswerLedger is the durable memory as Answers needs it.
type AnswerLedger interface {
	OpenAnswers(ctx context.Context, company string, zone *time.Location) (int, error)
	WantAnswer(ctx context.Context, d ledger.Decision) (ledger.ReceivedAnswer, error)
	LeaseAnswers(ctx context.Context, company string, states []ledger.AnswerState, owner string, ttl time.Duration, limit int) ([]ledger.ReceivedAnswer, error)
	MoveAnswer(ctx context.Context, m ledger.AnswerMove) (bool, error)
	MoveAnswers(ctx context.Context, moves []ledger.AnswerMove) (int, error)
	UnwrittenAnswers(ctx context.Context, company string, today invoice.Date, limit int) ([]ledger.ReceivedAnswer, error)
	MarkAnswersWritten(ctx context.Context, written []ledger.ReceivedAnswer, day invoice.Date) error
	DelayAnswerWrite(ctx context.Context, id int64, wait time.Duration) error
	AnswersDue(ctx context.Context, company string, till invoice.Date) (n int, first invoice.Date, err error)
}

// AnswerTarget is the ERP as Answers needs it: what people entered, and where the outcome goes.
type AnswerTarget interface {
	Answers(ctx context.Context) ([]erp.Answer, error)
	FinishAnswer(ctx context.Context, d erp.Done) error
	// WriteAnswers gives one error (or nil) an answer; the error beside them says that the ERP went away.
	WriteAnswers(ctx context.Context, answers []erp.AnswerProjection) ([]error, error)
}

// Answers brings people's answers to incoming commercial invoices to the provider, each exactly once, and follows them. An
// answer has an intent, an unknown outcome and a look-up of its own (design.md section 3): what may have arrived is asked
// for, and only "still open", after the quarantine, leads to a second request.
type Answers struct {
	Company   string
	Owner     string
	Ledger    AnswerLedger
	ERP       AnswerTarget
	Accounts  []Account
	Clock     clock.Clock
	Log       *slog.Logger
	Language  string        // "tr" (also when empty) or "en"
	LeaseFor  time.Duration // 0 = two minutes
	AlarmDays int           // an unanswered invoice with so many days left or fewer is an alarm; 0 = two
}

// AnswersResult counts what one pass did.
type AnswersResult struct {
	Opened  int // commercial invoices that began to wait for an answer
	Taken   int // decisions entered in the ERP
	Sent    int // answers that the provider took
	Decided int // answers that reached their end
	Refused int
	Unknown int
	Due     int // unanswered, with few days left
}

// Plus adds what a later pass did; how many are due is the later one's.
func (r AnswersResult) Plus(o AnswersResult) AnswersResult {
	return AnswersResult{Opened: r.Opened + o.Opened, Taken: r.Taken + o.Taken, Sent: r.Sent + o.Sent, Decided: r.Decided + o.Decided,
		Refused: r.Refused + o.Refused, Unknown: r.Unknown + o.Unknown, Due: o.Due}
}

const (
	// answerBatch is how many answers are leased at once to be sent: people decide one by one.
	answerBatch = 20
	// lookBatch is how many are asked about under one lease, and recorded with one commit.
	lookBatch = 100
)

// Run makes one pass.
func (j *Answers) Run(ctx context.Context) (AnswersResult, error) {
	var result AnswersResult
	opened, err := j.Ledger.OpenAnswers(ctx, j.Company, clock.Istanbul)
	if err != nil {
		return result, err
	}
	result.Opened = opened
	errs := []error{
		j.take(ctx, &result),
		j.looks(ctx, &result),
		j.each(ctx, []ledger.AnswerState{ledger.AnswerWanted, ledger.AnswerFailed}, &result, j.send),
		j.write(ctx),
	}
	result.Due, _, err = j.Due(ctx)
	return result, errors.Join(append(errs, err)...)
}

// Due counts the invoices that are about to count as accepted because nobody answered them, and gives the first last day.
func (j *Answers) Due(ctx context.Context) (n int, first invoice.Date, err error) {
	return j.Ledger.AnswersDue(ctx, j.Company, j.today().AddDays(j.alarmDays()))
}

func (j *Answers) today() invoice.Date { return invoice.DateOf(j.Clock.Now().In(clock.Istanbul)) }

func (j *Answers) alarmDays() int {
	if j.AlarmDays > 0 {
		return j.AlarmDays
	}
	return 2
}

func (j *Answers) leaseFor() time.Duration {
	if j.LeaseFor > 0 {
		return j.LeaseFor
	}
	return 2 * time.Minute
}

// Decide records one person's decision, after checking what no provider need be asked.
func (j *Answers) Decide(ctx context.Context, d ledger.Decision) (ledger.ReceivedAnswer, error) {
	if !d.Accept && d.Reason == "" {
		return ledger.ReceivedAnswer{}, &fault.Error{Class: fault.Permanent, Doing: "rejecting an incoming invoice", Message: textNoReason.In(j.Language),
			Advice: adviceNoReason.In(j.Language)}
	}
	got, err := j.Ledger.WantAnswer(ctx, d)
	switch {
	case errors.Is(err, ledger.ErrNotCommercial):
		return got, &fault.Error{Class: fault.Permanent, Doing: "answering an incoming invoice", Err: err, Message: textNotCommercial.In(j.Language),
			Advice: adviceNotCommercial.In(j.Language)}
	case errors.Is(err, ledger.ErrAnswered):
		return got, &fault.Error{Class: fault.Permanent, Doing: "answering an incoming invoice", Err: err,
			Message: textAnswered.In(j.Language) + " " + got.State.Text(j.Language) + ".", Advice: adviceAnswered.In(j.Language)}
	}
	return got, err
}

// take records what people entered in the ERP, and tells them beside it. A row is marked only after the ledger has it: a
// crash in between records the same decision again, which changes nothing.
func (j *Answers) take(ctx context.Context, result *AnswersResult) error {
	entered, err := j.ERP.Answers(ctx)
	if err != nil {
		return fmt.Errorf("reading answers entered in the ERP: %w", err)
	}
	var errs []error
	for _, a := range entered {
		done := erp.Done{ID: a.ID, OK: true, Message: textAnswerTaken.In(j.Language), At: j.Clock.Now()}
		var err error
		if a.Problem != "" {
			err = &fault.Error{Class: fault.Permanent, Doing: "reading an answer", Message: textAnswerOdd.In(j.Language) + " " + a.Problem}
		} else {
			_, err = j.Decide(ctx, ledger.Decision{Company: j.Company, ETTN: a.ETTN, Accept: a.Accept, Reason: a.Reason, Person: erpPerson(a.By)})
		}
		switch {
		case err == nil:
			result.Taken++
		case errors.Is(err, fault.Permanent):
			done.OK, done.Message = false, sentence(err, j.Language)
		case errors.Is(err, fault.NotFound):
			done.OK, done.Message = false, textNoSuchInvoice.In(j.Language)
		default: // the ledger is away, or works on it: the row stays and is read again
			errs = append(errs, err)
			continue
		}
		failpoint.Hit("answer.taken")
		j.Log.Info("an answer was entered in the ERP", "ettn", a.ETTN, "accept", a.Accept, "by", a.By, "ok", done.OK)
		if err := j.ERP.FinishAnswer(ctx, done); err != nil {
			errs = append(errs, fmt.Errorf("writing the outcome of answer %s to the ERP: %w", a.ID, err))
		}
	}
	return errors.Join(errs...)
}

func erpPerson(by string) string {
	if by == "" {
		return "erp"
	}
	return "erp:" + by
}

// sentence is what an accountant reads of an error.
func sentence(err error, language string) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Message == "" {
		return err.Error()
	}
	return join(providers.Words(f, language))
}

// each leases due answers batch after batch and works on them one by one. An error of one ends the step: it is the ledger's.
func (j *Answers) each(ctx context.Context, states []ledger.AnswerState, result *AnswersResult, work func(context.Context, ledger.ReceivedAnswer, providers.Answerer, *AnswersResult) error) error {
	for ctx.Err() == nil {
		leased, err := j.Ledger.LeaseAnswers(ctx, j.Company, states, j.Owner, j.leaseFor(), answerBatch)
		if err != nil || len(leased) == 0 {
			return err
		}
		for _, a := range leased {
			answerer, ok := j.answerer(a.Account)
			if !ok {
				if err := j.put(ctx, a, j.cannot(a)); err != nil {
					return err
				}
				continue
			}
			working, cancel := context.WithTimeout(ctx, j.leaseFor()/2) // the result must be recorded while the lease holds
			err := work(working, a, answerer, result)
			cancel()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// cannot is the move of an answer whose provider takes none.
func (j *Answers) cannot(a ledger.ReceivedAnswer) ledger.AnswerMove {
	return ledger.AnswerMove{To: a.State, Patch: ledger.AnswerPatch{NextIn: ptr(24 * time.Hour),
		Message: ptr(textCannotAnswer.In(j.Language)), Advice: ptr(adviceCannotAnswer.In(j.Language)), Quiet: a.Message == textCannotAnswer.In(j.Language)}}
}

func (j *Answers) answerer(account string) (providers.Answerer, bool) {
	for _, a := range j.Accounts {
		if a.Name == account {
			return providers.As[providers.Answerer](a.Provider)
		}
	}
	return nil, false
}

// put makes a move of a leased answer, even when the pass is being stopped: what is known must not be forgotten.
func (j *Answers) put(ctx context.Context, a ledger.ReceivedAnswer, m ledger.AnswerMove) error {
	_, err := j.Ledger.MoveAnswer(context.WithoutCancel(ctx), guarded(a, m))
	return err
}

// guarded is a move of a leased answer from where it stands.
func guarded(a ledger.ReceivedAnswer, m ledger.AnswerMove) ledger.AnswerMove {
	m.ID, m.Lease, m.From = a.ID, a.Lease(), a.State
	return m
}

// looks asks where answers stand and records what a group of them was told with one commit: nothing is lost when that does not
// happen, since asking again does no harm. What there was no time for is asked about when its lease has ended.
func (j *Answers) looks(ctx context.Context, result *AnswersResult) error {
	states := []ledger.AnswerState{ledger.AnswerSending, ledger.AnswerUnknown, ledger.AnswerSent, ledger.AnswerOpen}
	for ctx.Err() == nil {
		leased, err := j.Ledger.LeaseAnswers(ctx, j.Company, states, j.Owner, j.leaseFor(), lookBatch)
		if err != nil || len(leased) == 0 {
			return err
		}
		working, cancel := context.WithTimeout(ctx, j.leaseFor()/2) // the result must be recorded while the lease holds
		var moves []ledger.AnswerMove
		for _, a := range leased {
			if working.Err() != nil {
				break
			}
			if answerer, ok := j.answerer(a.Account); ok {
				moves = append(moves, guarded(a, j.look(working, a, answerer, result)))
			} else {
				moves = append(moves, guarded(a, j.cannot(a)))
			}
		}
		cancel()
		if _, err := j.Ledger.MoveAnswers(context.WithoutCancel(ctx), moves); err != nil {
			return err
		}
	}
	return nil
}

// look asks where an answer stands.
func (j *Answers) look(ctx context.Context, a ledger.ReceivedAnswer, p providers.Answerer, result *AnswersResult) ledger.AnswerMove {
	status, err := p.AnswerStatus(ctx, a.ETTN)
	failpoint.Hit("answer.looked")
	if err != nil {
		move := ledger.AnswerMove{To: a.State, Patch: ledger.AnswerPatch{Failures: ptr(a.Failures + 1), Quiet: true,
			NextIn: ptr(max(answerAgain(a.Failures), fault.RetryAfter(err)))}}
		if a.State == ledger.AnswerSending { // found after a crash
			move.To, move.Patch.Quiet = ledger.AnswerUnknown, false
			result.Unknown++
		}
		j.Log.Warn("an answer's status cannot be asked", "ettn", a.ETTN, "err", err)
		return move
	}
	return j.reported(a, status, result)
}

// reported turns a status into a move.
func (j *Answers) reported(a ledger.ReceivedAnswer, s providers.AnswerStatus, result *AnswersResult) ledger.AnswerMove {
	m := ledger.AnswerMove{To: a.State, Patch: ledger.AnswerPatch{Code: &s.Code, Failures: ptr(0), Message: ptr(""), Advice: ptr("")},
		Event: &ledger.AnswerEvent{Attempt: a.Attempts, Operation: "status", Class: "ok", Answer: s.Raw, Owner: j.Owner}}
	same := a.Code != nil && *a.Code == s.Code
	switch s.State {
	case providers.AnswerOpen:
		return j.stillOpen(a, m, same)
	case providers.AnswerWorking:
		m.To, m.Patch.NextIn = ledger.AnswerSent, ptr(spread(answerPoll(a, same)))
	case providers.AnswerFailed:
		m.To, m.Patch.NextIn, m.Patch.Failures = ledger.AnswerFailed, ptr(answerAgain(a.Failures)), ptr(a.Failures+1)
		m.Patch.Message, m.Patch.Advice = ptr(join(textAnswerFailed.In(j.Language), s.Reason)), ptr(adviceAnswerFailed.In(j.Language))
	case providers.AnswerAccepted:
		m.To = ledger.AnswerAccepted
		j.decided(a, &m, true, s.Reason)
	case providers.AnswerRejected:
		m.To = ledger.AnswerRejected
		j.decided(a, &m, false, s.Reason)
	case providers.AnswerLapsed:
		m.To, m.Patch.Message = ledger.AnswerLapsed, ptr(textLapsed.In(j.Language))
	case providers.AnswerCancelled:
		m.To = ledger.AnswerCancelled
	}
	if m.To == a.State {
		m.Patch.Quiet = same
		if same {
			m.Event = nil
		}
		if m.Patch.Failures = ptr(a.Failures + 1); !same {
			m.Patch.Failures = ptr(0)
		}
	}
	if m.To.Final() {
		result.Decided++
	}
	return m
}

// stillOpen: the provider waits for an answer. After a request that may have arrived this is believed only when the
// quarantine is over; then the same answer is sent again.
func (j *Answers) stillOpen(a ledger.ReceivedAnswer, m ledger.AnswerMove, same bool) ledger.AnswerMove {
	switch a.State {
	case ledger.AnswerOpen:
		m.Patch.NextIn, m.Patch.Quiet = ptr(spread(6*time.Hour)), same
		if same {
			m.Event = nil
		}
	case ledger.AnswerSending, ledger.AnswerUnknown, ledger.AnswerSent:
		m.Patch.Message, m.Patch.Advice = ptr(textAnswerUnknown.In(j.Language)), ptr(adviceUnknown.In(j.Language))
		m.Patch.NextIn = ptr(answerAgain(0))
		switch {
		case a.Settled && a.Accept != nil:
			m.To, m.Patch.NextIn = ledger.AnswerWanted, ptr(time.Duration(0))
		case a.State == ledger.AnswerSending:
			m.To = ledger.AnswerUnknown
		default:
			m.Patch.Quiet = a.Message == *m.Patch.Message
		}
	default: // failed, and yet open: the provider forgot it; refused or wanted: as it was
		m.To, m.Patch.NextIn = ledger.AnswerWanted, ptr(time.Duration(0))
		if a.State == ledger.AnswerRefused {
			m.To = a.State
		}
	}
	return m
}

// decided records how it ended; an end that is not what our person decided was made elsewhere, and says so.
func (j *Answers) decided(a ledger.ReceivedAnswer, m *ledger.AnswerMove, accepted bool, reason string) {
	if a.Accept == nil || *a.Accept != accepted {
		m.Patch.Message = ptr(textAnsweredElsewhere.In(j.Language))
		if a.Accept != nil {
			j.Log.Error("ALARM: an incoming invoice was answered otherwise than decided here", "ettn", a.ETTN, "accepted", accepted)
			m.Patch.Advice = ptr(adviceOtherwise.In(j.Language))
		}
		m.Patch.Reason = &reason
	}
	m.Patch.Accept = &accepted
}

// send carries one decision to the provider, or an answer that failed on its way once more. What was tried before is asked
// for first. The intent is committed before the request leaves.
func (j *Answers) send(ctx context.Context, a ledger.ReceivedAnswer, p providers.Answerer, result *AnswersResult) error {
	if a.Attempts > 0 || a.State == ledger.AnswerFailed {
		status, err := p.AnswerStatus(ctx, a.ETTN)
		if err != nil {
			return j.put(ctx, a, ledger.AnswerMove{To: a.State, Patch: ledger.AnswerPatch{Failures: ptr(a.Failures + 1), Quiet: true,
				NextIn: ptr(max(answerAgain(a.Failures), fault.RetryAfter(err)))}})
		}
		wanted := providers.AnswerOpen
		if a.State == ledger.AnswerFailed {
			wanted = providers.AnswerFailed
		}
		if status.State != wanted || a.State == ledger.AnswerFailed && a.Accept == nil {
			return j.put(ctx, a, j.reported(a, status, result))
		}
	}
	operation := "answer"
	if a.State == ledger.AnswerFailed {
		operation = "retry"
	}
	quarantine := j.quarantine(a.Account)
	intent := ledger.AnswerMove{ID: a.ID, Lease: a.Lease(), From: a.State, To: ledger.AnswerSending, Keep: true,
		Patch: ledger.AnswerPatch{CountAttempt: true, QuarantineIn: ptr(j.leaseFor() + quarantine), LeaseFor: ptr(j.leaseFor())},
		Event: &ledger.AnswerEvent{Attempt: a.Attempts + 1, Operation: operation, Opened: true, Accept: a.Accept, Owner: j.Owner}}
	failpoint.Hit("answer.intent")
	if moved, err := j.Ledger.MoveAnswer(ctx, intent); err != nil || !moved {
		return err
	}
	a.State, a.Attempts = ledger.AnswerSending, a.Attempts+1
	failpoint.Hit("answer.sending")
	var err error
	if operation == "retry" {
		err = p.RetryAnswer(ctx, a.ETTN)
	} else {
		err = p.Answer(ctx, providers.Answer{ETTN: a.ETTN, Accept: *a.Accept, Reason: a.Reason})
	}
	failpoint.Hit("answer.sent")
	return j.put(ctx, a, j.outcome(a, operation, err, quarantine, result))
}

// outcome turns what the request brought into a move: the class alone decides.
func (j *Answers) outcome(a ledger.ReceivedAnswer, operation string, err error, quarantine time.Duration, result *AnswersResult) ledger.AnswerMove {
	event := &ledger.AnswerEvent{Attempt: a.Attempts, Operation: operation, Accept: a.Accept, Class: "ok", Owner: j.Owner}
	m := ledger.AnswerMove{To: ledger.AnswerSent, Event: event,
		Patch: ledger.AnswerPatch{Failures: ptr(0), Message: ptr(""), Advice: ptr(""), NextIn: ptr(spread(answerPoll(a, false)))}}
	if err == nil {
		result.Sent++
		return m
	}
	event.Class, event.Message = string(fault.ClassOf(err)), err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok {
		event.HTTPStatus, event.Answer = f.Status, f.Answer
	}
	j.Log.Warn("an answer to an incoming invoice did not go through", "ettn", a.ETTN, "err", err)
	m.Patch.Failures, m.Patch.NextIn = ptr(a.Failures+1), ptr(max(answerAgain(a.Failures), fault.RetryAfter(err)))
	switch fault.ClassOf(err) {
	case fault.Retryable, fault.Throttled, fault.Auth:
		later := textAnswerLater // the technical words stand in the event
		if errors.Is(err, fault.Auth) {
			later = textAnswerKey
		}
		m.To, m.Patch.Message, m.Patch.Advice = ledger.AnswerWanted, ptr(later.In(j.Language)), ptr("")
		if operation == "retry" {
			m.To = ledger.AnswerFailed
		}
	case fault.Permanent, fault.NotFound:
		refusal := textAnswerRefused.In(j.Language)
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Message != "" {
			refusal = sentence(err, j.Language)
		}
		m.To, m.Patch.Message, m.Patch.Advice = ledger.AnswerRefused, &refusal, ptr(adviceRefusedAnswer.In(j.Language))
		result.Refused++
	default:
		m.To, m.Patch.Message, m.Patch.Advice = ledger.AnswerUnknown, ptr(textAnswerUnknown.In(j.Language)), ptr(adviceUnknown.In(j.Language))
		m.Patch.QuarantineIn, m.Patch.NextIn = &quarantine, ptr(time.Duration(0))
		result.Unknown++
	}
	return m
}

func (j *Answers) quarantine(account string) time.Duration {
	for _, a := range j.Accounts {
		if a.Name == account {
			return a.Provider.Capabilities().Quarantine
		}
	}
	return 0
}

// answerAgain grows from half a minute to an hour.
func answerAgain(failures int) time.Duration {
	return spread(min(time.Hour, 30*time.Second<<min(max(failures, 0), 8)))
}

// answerPoll is the wait until an answer on its way is asked about again.
func answerPoll(a ledger.ReceivedAnswer, same bool) time.Duration {
	if !same {
		return pollSteps[0]
	}
	return pollSteps[min(a.Failures+1, len(pollSteps)-1)]
}

// write shows in the ERP what changed, and every day how many days are left; few days left are an alarm.
func (j *Answers) write(ctx context.Context) error {
	today := j.today()
	for ctx.Err() == nil {
		answers, err := j.Ledger.UnwrittenAnswers(ctx, j.Company, today, 200)
		if err != nil || len(answers) == 0 {
			return err
		}
		writes := make([]erp.AnswerProjection, len(answers))
		for i, a := range answers {
			writes[i] = j.project(a, today)
		}
		failpoint.Hit("answer.writing")
		errs, away := j.ERP.WriteAnswers(ctx, writes)
		if away != nil {
			return fmt.Errorf("writing answers to the ERP: %w", away)
		}
		var written []ledger.ReceivedAnswer
		for i, a := range answers {
			err := errs[i]
			if errors.Is(err, fault.Retryable) || errors.Is(err, fault.Auth) {
				away = err // somebody keeps its row: it is written by a later pass
				continue
			}
			if err != nil {
				j.Log.Error("an answer could not be written to the ERP", "ettn", a.ETTN, "err", err)
				if err := j.Ledger.DelayAnswerWrite(ctx, a.ID, spread(time.Hour)); err != nil {
					return err
				}
				continue
			}
			j.warn(a, today)
			written = append(written, a)
		}
		if len(written) > 0 {
			if err := j.Ledger.MarkAnswersWritten(context.WithoutCancel(ctx), written, today); err != nil {
				return err
			}
		}
		if away != nil {
			return fmt.Errorf("writing answers to the ERP: %w", away)
		}
	}
	return nil
}

// warn raises the alarm before silence becomes consent; once a day and invoice, with the day's countdown.
func (j *Answers) warn(a ledger.ReceivedAnswer, today invoice.Date) {
	if left := a.DaysLeft(today); !a.State.Final() && left >= 0 && left <= j.alarmDays() {
		j.Log.Error("ALARM: a commercial invoice is about to count as accepted, because nobody answered it",
			"ettn", a.ETTN, "number", a.Number, "sender", a.Sender, "last_day", a.Till.String(), "days_left", left, "state", a.State)
	}
}

func (j *Answers) project(a ledger.ReceivedAnswer, today invoice.Date) erp.AnswerProjection {
	p := erp.AnswerProjection{
		Company: a.Company, ETTN: a.ETTN, Number: a.Number, State: string(a.State), StateText: a.State.Text(j.Language), Accept: a.Accept,
		Reason: a.Reason, By: a.Person, AnswerTill: a.Till, Code: a.Code, Message: a.Message, Advice: a.Advice, UpdatedAt: a.UpdatedAt,
	}
	if !a.State.Final() {
		p.DaysLeft = ptr(a.DaysLeft(today))
		if a.State == ledger.AnswerOpen {
			p.Message = fmt.Sprintf(textDaysLeft.In(j.Language), a.Till, max(0, *p.DaysLeft))
			p.Advice = adviceAnswer.In(j.Language)
		}
	}
	return p
}
