package followup

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"faturad/internal/clock"
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
		j.sends(ctx, &result),
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
