package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"faturad/internal/fault"
)

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
