package ledger

import (
	"context"
	"strings"
	"time"

	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

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
