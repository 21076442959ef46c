package followup

import (
	"context"
	"time"

	"faturad/internal/failpoint"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

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
