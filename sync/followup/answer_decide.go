package followup

import (
	"context"
	"errors"
	"fmt"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

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
