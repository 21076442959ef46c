package followup

import (
	"context"
	"errors"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// sends leases due answers batch after batch and sends them one by one. An error of one ends the step: it is the ledger's.
func (j *Answers) sends(ctx context.Context, result *AnswersResult) error {
	states := []ledger.AnswerState{ledger.AnswerWanted, ledger.AnswerFailed}
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
			err := j.send(working, a, answerer, result)
			cancel()
			if err != nil {
				return err
			}
		}
	}
	return nil
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
