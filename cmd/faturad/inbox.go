package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/sync/ledger"
)

// receivedJSON is an incoming invoice in JSON.
type receivedJSON struct {
	Company     string  `json:"company"`
	ETTN        string  `json:"ettn"`
	Number      string  `json:"invoice_number"`
	SenderTaxNo string  `json:"sender_tax_no"`
	SenderTitle string  `json:"sender_title"`
	Scenario    string  `json:"scenario"`
	Type        string  `json:"type"`
	IssueDate   string  `json:"issue_date"`
	Currency    string  `json:"currency"`
	Payable     *string `json:"payable"`
	State       string  `json:"state"`
	StateText   string  `json:"state_text"`
	Reason      string  `json:"reason"`
	Failures    int     `json:"failures"`
	ArrivedAt   string  `json:"arrived_at"`
	StoredAt    string  `json:"stored_at"`
	NextAt      string  `json:"next_attempt_at"` // of quarantined ones
	FoundAt     string  `json:"found_at,omitempty"`
	SHA256      string  `json:"sha256"`

	AnswerState    string `json:"answer_state"` // empty = it is no commercial invoice
	AnswerTill     string `json:"answer_till"`
	AnswerDaysLeft *int   `json:"answer_days_left"`
}

// receivedStates are the words of --state.
func receivedStates() []string {
	out := make([]string, len(ledger.ReceivedTable))
	for i, rule := range ledger.ReceivedTable {
		out[i] = string(rule.State)
	}
	return out
}

func (c *cli) inboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "inbox", Short: "Look at received invoices, answer them, and free those that stand in quarantine", Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var filter ledger.ReceivedFilter
	var states []string
	var found bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List received invoices",
		Args:  takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if filter.Limit < 1 {
				return usageError{fmt.Errorf("--limit %d: give a number above 0", filter.Limit)}
			}
			for _, s := range states {
				state, ok := ledger.ReceivedStateOfText(s)
				if !ok {
					return usageError{fmt.Errorf("there is no state %q: use %s", s, strings.Join(receivedStates(), ", "))}
				}
				filter.States = append(filter.States, state)
			}
			if found {
				return c.inboxFound(cmd.Context(), filter.Limit)
			}
			return c.inboxList(cmd.Context(), filter)
		},
	}
	list.Flags().StringSliceVar(&states, "state", nil, "only these `STATES`: "+strings.Join(receivedStates(), ", "))
	completeWith(list, "state", receivedStates()...)
	list.Flags().StringVar(&filter.Search, "search", "", "part of the number, the sender's title or tax number")
	list.Flags().BoolVar(&found, "found", false, "only those that the sweep found: another program or a person had marked them as read")
	list.MarkFlagsMutuallyExclusive("found", "state")
	list.MarkFlagsMutuallyExclusive("found", "search")
	list.Flags().IntVar(&filter.Limit, "limit", 100, "the newest `N` invoices at most")
	show := &cobra.Command{
		Use:   "show REF",
		Short: "Show one received invoice; with --ubl its XML as received",
		Long:  "REF is an ETTN or an invoice number.",
		Args:  takes("REF"),

		ValidArgsFunction: cobra.NoFileCompletions,
	}
	raw := show.Flags().Bool("ubl", false, "print the UBL, byte for byte")
	show.RunE = func(cmd *cobra.Command, args []string) error {
		if *raw && c.json {
			return usageError{errors.New("--ubl prints XML: leave --json out")}
		}
		return c.inboxShow(cmd.Context(), args[0], *raw)
	}
	cmd.AddCommand(list, show, c.answerCommand(true), c.answerCommand(false), c.inboxReleaseCommand(), c.inboxRefetchCommand())
	return cmd
}

func (c *cli) inboxList(ctx context.Context, filter ledger.ReceivedFilter) error {
	return c.withApp(ctx, func(a *app.App) error {
		filter.Company, filter.Newest = c.company, true
		rows, err := a.Ledger.ListReceived(ctx, filter)
		if err != nil {
			return err
		}
		slices.Reverse(rows) // the newest ones, in the order in which they came
		if len(rows) == filter.Limit {
			c.printErr("these are the newest %d: see more with --limit, fewer with --state or --search\n", filter.Limit)
		}
		return c.printReceived(ctx, a, rows, nil)
	})
}

// inboxFound lists what the sweep found.
func (c *cli) inboxFound(ctx context.Context, limit int) error {
	return c.withApp(ctx, func(a *app.App) error {
		finds, err := a.Ledger.FoundReceived(ctx, c.company, limit)
		if err != nil {
			return err
		}
		slices.Reverse(finds)
		rows := make([]ledger.Received, len(finds))
		at := make(map[string]time.Time, len(finds))
		for i, f := range finds {
			rows[i] = f.Received
			at[f.Company+f.ETTN.String()] = f.FoundAt
		}
		return c.printReceived(ctx, a, rows, at)
	})
}

// printReceived prints rows; foundAt says when the sweep found those that it found, nil = that is not asked.
func (c *cli) printReceived(ctx context.Context, a *app.App, rows []ledger.Received, foundAt map[string]time.Time) error {
	answers, err := a.Ledger.AnswersOf(ctx, rows)
	if err != nil {
		return err
	}
	out := make([]receivedJSON, len(rows))
	var table [][]string
	for i, r := range rows {
		answered, answer := answers[r.ID], ""
		out[i] = asReceived(r, answered, a.Config.Language)
		out[i].FoundAt = moment(foundAt[r.Company+r.ETTN.String()])
		kept := ""
		if r.State == ledger.ReceivedQuarantined {
			kept = age(newClock().Now().Sub(r.StoredAt))
		}
		payable := ""
		if out[i].Payable != nil {
			payable = *out[i].Payable + " " + r.Currency
		}
		if answered.State != "" {
			answer = answered.State.Text(a.Config.Language)
			if left := out[i].AnswerDaysLeft; left != nil {
				answer += fmt.Sprintf(" (%d)", *left)
			}
		}
		reason := append(wrap(plain(r.Reason), messageWidth), "")
		table = append(table, []string{r.Company, arrival(r), plain(r.Number), short(plain(r.SenderTitle), buyerWidth), payable, r.State.Text(a.Config.Language), kept, answer, reason[0]})
		for _, more := range reason[1:max(1, len(reason)-1)] {
			table = append(table, []string{"", "", "", "", "", "", "", "", more})
		}
	}
	if c.json {
		return c.printJSON(map[string]any{"received": out})
	}
	if len(table) == 0 {
		c.printf("No such invoices.\n")
		return nil
	}
	header := []string{"COMPANY", "ARRIVED", "NUMBER", "SENDER", "PAYABLE", "STATE", "FOR", "ANSWER (DAYS LEFT)", "REASON"}
	if len(a.Companies) == 1 { // whose they are needs no telling
		header = header[1:]
		for i := range table {
			table[i] = table[i][1:]
		}
	}
	return c.table(header, table)
}

func arrival(r ledger.Received) string {
	at := r.ArrivedAt
	if at.IsZero() {
		at = r.StoredAt
	}
	return when(at)
}

// asReceived is a received invoice in JSON; the zero answer means that it has none.
func asReceived(r ledger.Received, answer ledger.ReceivedAnswer, language string) receivedJSON {
	out := receivedJSON{
		Company: r.Company, ETTN: r.ETTN.String(), Number: r.Number, SenderTaxNo: r.SenderTaxNo, SenderTitle: r.SenderTitle,
		Scenario: r.Scenario, Type: r.Type, IssueDate: r.IssueDate.String(), Currency: r.Currency, State: string(r.State), StateText: r.State.Text(language),
		Reason: r.Reason, Failures: r.Failures, ArrivedAt: moment(r.ArrivedAt), StoredAt: moment(r.StoredAt), SHA256: r.Hash,
	}
	if r.State == ledger.ReceivedQuarantined {
		out.NextAt = moment(r.NextAt)
	}
	if r.Payable.Valid {
		amount := r.Payable.Decimal.StringFixed(2)
		out.Payable = &amount
	}
	if answer.State != "" {
		out.AnswerState, out.AnswerTill, out.AnswerDaysLeft = string(answer.State), answer.Till.String(), daysLeft(answer)
	}
	return out
}
