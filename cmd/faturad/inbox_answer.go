package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// answerJSON is the answer to one incoming commercial invoice.
type answerJSON struct {
	Company   string `json:"company"`
	ETTN      string `json:"ettn"`
	Number    string `json:"invoice_number"`
	State     string `json:"answer_state"`
	StateText string `json:"answer_text"`
	Answer    string `json:"answer"` // accept, reject; empty = nobody decided yet
	Reason    string `json:"reason"`
	Person    string `json:"person"`
	Till      string `json:"answer_till"`
	DaysLeft  *int   `json:"answer_days_left"` // null = it has reached its end
	Message   string `json:"message"`
	Advice    string `json:"advice"`
}

func (c *cli) answerCommand(accept bool) *cobra.Command {
	use, short := "accept", "Accept a received commercial invoice"
	if !accept {
		use, short = "reject", "Reject a received commercial invoice; needs --reason"
	}
	var flags actionFlags
	cmd := &cobra.Command{
		Use:   use + " ETTN",
		Short: short + "; prints the plan, acts with --yes",
		Long: short + `.

Only commercial invoices (TICARIFATURA) can be answered, within eight days of their arrival; after that they count as
accepted. The plan is printed; --yes records the answer with your user name and --reason, and sends it. An answer cannot be
taken back. ETTN may also be the invoice's number where only one has it.`,
		Args:              takes("ETTN"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !accept && flags.reason == "" {
				return usageError{errors.New("a rejection needs --reason: the seller reads it")}
			}
			return c.answer(cmd.Context(), args[0], accept, flags)
		},
	}
	flags.register(cmd)
	cmd.Flag("reason").Usage = "why; the seller reads it, and it goes into the audit trail"
	return cmd
}

func (c *cli) answer(ctx context.Context, ref string, accept bool, flags actionFlags) error {
	return c.withApp(ctx, func(a *app.App) error {
		company, err := c.only(a)
		if err != nil {
			return err
		}
		ettn, err := c.receivedETTN(ctx, a, company.Name, ref)
		if err != nil {
			return err
		}
		if !flags.yes {
			now, err := company.AnswerOf(ctx, ettn)
			if err != nil {
				return explained(err)
			}
			if err := c.printAnswer(a, now, false); err != nil || c.json {
				return err
			}
			c.printf("Nothing was done. Add --yes to %s it: the answer goes to the seller and cannot be taken back.\n", answerVerb(accept))
			return nil
		}
		if _, err := company.DecideAnswer(ctx, ledger.Decision{ETTN: ettn, Accept: accept, Reason: flags.reason, Person: userName()}); err != nil {
			return explained(err)
		}
		_, sendErr := company.Answers(ctx)
		now, err := company.AnswerOf(ctx, ettn)
		if err != nil {
			return errors.Join(sendErr, err)
		}
		if err := c.printAnswer(a, now, true); err != nil {
			return err
		}
		return sendErr
	})
}

func answerVerb(accept bool) string {
	if accept {
		return "accept"
	}
	return "reject"
}

// explained makes a wrong use of what a person can only correct by naming another invoice or answer.
func explained(err error) error {
	if errors.Is(err, fault.NotFound) || errors.Is(err, ledger.ErrNotCommercial) || errors.Is(err, ledger.ErrAnswered) {
		return usageError{err}
	}
	return err
}

func (c *cli) receivedETTN(ctx context.Context, a *app.App, company, ref string) (uuid.UUID, error) {
	rows, err := a.Ledger.FindReceived(ctx, company, ref)
	switch {
	case err != nil:
		return uuid.Nil, err
	case len(rows) == 0:
		return uuid.Nil, usageError{fmt.Errorf("no received invoice %q: give an ETTN or an invoice number", ref)}
	case len(rows) > 1:
		return uuid.Nil, usageError{fmt.Errorf("%d received invoices have the number %s: give the ETTN", len(rows), ref)}
	}
	return rows[0].ETTN, nil
}

func (c *cli) printAnswer(a *app.App, r ledger.ReceivedAnswer, acted bool) error {
	j := asAnswer(r, a.Config.Language)
	if c.json {
		return c.printJSON(map[string]any{"acted": acted, "answer": j})
	}
	invoice := plain(r.Number + " from " + r.Sender)
	switch {
	case !acted:
		c.printf("%s: %s", invoice, j.StateText)
		if j.DaysLeft != nil {
			c.printf("; last day %s, %s left", r.Till, counted(*j.DaysLeft, "day"))
		}
		c.printf("\n")
	default:
		c.printf("%s: %s (%s)\n", invoice, cameTo(r), j.StateText)
	}
	for _, line := range []string{r.Message, r.Advice} {
		if line != "" {
			c.printf("  %s\n", line)
		}
	}
	return nil
}

// cameTo says what became of an answer that a person has just given.
func cameTo(r ledger.ReceivedAnswer) string {
	given := "the rejection"
	if r.Accept != nil && *r.Accept {
		given = "the acceptance"
	}
	switch r.State {
	case ledger.AnswerSent, ledger.AnswerAccepted, ledger.AnswerRejected:
		return given + " was recorded and sent"
	case ledger.AnswerUnknown, ledger.AnswerSending:
		return given + " was recorded and sent; whether it arrived is asked for by itself"
	case ledger.AnswerRefused:
		return given + " was recorded, and the provider refused it"
	case ledger.AnswerLapsed, ledger.AnswerCancelled:
		return given + " came too late"
	case ledger.AnswerOpen, ledger.AnswerWanted, ledger.AnswerFailed:
	}
	return given + " was recorded and is not sent yet; the next pass sends it"
}

func asAnswer(r ledger.ReceivedAnswer, language string) answerJSON {
	out := answerJSON{Company: r.Company, ETTN: r.ETTN.String(), Number: r.Number, State: string(r.State), StateText: r.State.Text(language),
		Reason: r.Reason, Person: r.Person, Till: r.Till.String(), DaysLeft: daysLeft(r), Message: r.Message, Advice: r.Advice}
	if r.Accept != nil {
		out.Answer = answerVerb(*r.Accept)
	}
	return out
}

// daysLeft counts from today in Türkiye; nil when the answer has reached its end.
func daysLeft(r ledger.ReceivedAnswer) *int {
	if r.State.Final() {
		return nil
	}
	n := r.DaysLeft(invoice.DateOf(newClock().Now().In(clock.Istanbul)))
	return &n
}
