package app

import (
	"context"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

// Answers takes the answers to incoming commercial invoices that people entered in the ERP, brings them to the provider,
// follows them, and shows in the ERP where each stands and how many days are left.
func (c *Company) Answers(ctx context.Context) (followup.AnswersResult, error) {
	result, err := c.answering().Run(ctx)
	return result, c.watched(ctx, err)
}

// DecideAnswer records a person's answer to an incoming commercial invoice; the next pass of Answers sends it.
func (c *Company) DecideAnswer(ctx context.Context, d ledger.Decision) (ledger.ReceivedAnswer, error) {
	d.Company = c.Name
	return c.answering().Decide(ctx, d)
}

// AnswerOf tells where the answer to an incoming invoice stands.
func (c *Company) AnswerOf(ctx context.Context, ettn uuid.UUID) (ledger.ReceivedAnswer, error) {
	return c.app.Ledger.AnswerOf(ctx, c.Name, ettn)
}

// AnswersDue counts the incoming commercial invoices that are about to count as accepted because nobody answered them, and
// gives the first last day.
func (c *Company) AnswersDue(ctx context.Context) (n int, first invoice.Date, err error) {
	return c.answering().Due(ctx)
}

func (c *Company) answering() *followup.Answers {
	job := &followup.Answers{
		Company: c.Name, Owner: c.app.owner, Ledger: c.app.Ledger, ERP: target{c}, Clock: c.app.clock, Log: c.log,
		Language: c.app.Config.Language, LeaseFor: c.app.Config.Ledger.Lease.Std(),
	}
	for _, a := range c.Accounts {
		job.Accounts = append(job.Accounts, followup.Account{Name: a.Name, Provider: a.Provider, InFlight: a.InFlight})
	}
	return job
}

// Answers implements followup.AnswerTarget.
func (t target) Answers(ctx context.Context) ([]erp.Answer, error) {
	source, err := t.company.Source(ctx)
	if err != nil {
		return nil, err
	}
	return source.Answers(ctx)
}

// FinishAnswer implements followup.AnswerTarget.
func (t target) FinishAnswer(ctx context.Context, d erp.Done) error {
	source, err := t.company.Source(ctx)
	if err != nil {
		return err
	}
	return source.FinishAnswer(ctx, d)
}

// WriteAnswers implements followup.AnswerTarget.
func (t target) WriteAnswers(ctx context.Context, answers []erp.AnswerProjection) ([]error, error) {
	source, err := t.company.Source(ctx)
	if err != nil {
		return nil, err
	}
	return source.WriteAnswers(ctx, answers)
}
