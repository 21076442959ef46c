package followup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

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
