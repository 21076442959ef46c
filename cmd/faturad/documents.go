package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

func (c *cli) documentsCommand() *cobra.Command {
	var states []string
	var filter ledger.Filter
	var since string
	var elsewhere bool
	cmd := &cobra.Command{
		Use:   "documents",
		Short: "List documents",
		Args:  takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if filter.Limit < 1 {
				return usageError{fmt.Errorf("--limit %d: give a number above 0", filter.Limit)}
			}
			if elsewhere {
				return c.elsewhere(cmd.Context(), filter.Limit)
			}
			for _, word := range states {
				state, ok := ledger.StateOfText(word)
				if !ok {
					return usageError{fmt.Errorf("there is no state %q: use %s", word, strings.Join(stateNames(), ", "))}
				}
				filter.States = append(filter.States, state)
			}
			if since != "" {
				day, err := invoice.ParseDate(since)
				if err != nil {
					return usageError{err}
				}
				filter.Since = day.In(clock.Istanbul)
			}
			return c.documents(cmd.Context(), filter)
		},
	}
	cmd.Flags().StringSliceVar(&states, "state", nil, "only these `STATES`, e.g. held,refused")
	cmd.Flags().StringVar(&filter.Search, "search", "", "part of a reference, sale number, invoice number or buyer's name")
	cmd.Flags().StringVar(&since, "since", "", "changed since this day (`YYYY-MM-DD`)")
	cmd.Flags().BoolVar(&filter.Changed, "changed", false, "only sales that were changed after they were sent")
	cmd.Flags().IntVar(&filter.Limit, "limit", 100, "the newest `N` documents at most")
	cmd.Flags().BoolVar(&elsewhere, "elsewhere", false, "list the invoices that were made in the provider's portal, and the sales that they surely belong to")
	completeWith(cmd, "state", stateNames()...)
	return cmd
}

// stateNames are the words of the state table.
func stateNames() []string {
	out := make([]string, len(ledger.Table))
	for i, rule := range ledger.Table {
		out[i] = string(rule.State)
	}
	return out
}

func (c *cli) documents(ctx context.Context, filter ledger.Filter) error {
	return c.withApp(ctx, func(a *app.App) error {
		filter.Company, filter.Newest = c.company, true
		docs, err := a.Ledger.Documents(ctx, filter)
		if err != nil {
			return err
		}
		slices.Reverse(docs) // the newest ones, in the order in which they came
		if len(docs) == filter.Limit {
			c.printErr("these are the newest %d: see more with --limit, fewer with --state, --search or --since\n", filter.Limit)
		}
		if c.json {
			return c.printJSON(map[string]any{"documents": allJSON(docs, a.Config.Language)})
		}
		if len(docs) == 0 {
			c.printf("No such documents.\n")
			return nil
		}
		return c.documentTable(docs, a.Config.Language)
	})
}

// eventJSON is one event of a document's history.
type eventJSON struct {
	At         string `json:"at"`
	Attempt    int    `json:"attempt"`
	Operation  string `json:"operation"`
	Event      string `json:"event"` // opened or closed
	Class      string `json:"class"`
	HTTPStatus int    `json:"http_status"`
	Message    string `json:"message"`
	Answer     string `json:"answer"`
}

// auditJSON is one row of the audit trail.
type auditJSON struct {
	At     string       `json:"at"`
	User   string       `json:"user"`
	Action string       `json:"action"`
	From   ledger.State `json:"from"`
	To     ledger.State `json:"to"`
	Reason string       `json:"reason"`
}

func (c *cli) documentCommand() *cobra.Command {
	var mail bool
	cmd := &cobra.Command{
		Use:   "document REF",
		Short: "Show one document with its attempts",
		Long:  "REF is a local reference, a sale key or an ETTN; or the number that the ERP or the provider printed, which several documents\nmay have.",
		Args:  takes("REF"),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.document(cmd.Context(), args[0], mail) },
	}
	cmd.Flags().BoolVar(&mail, "mail", false, "ask the provider where its mail to the buyer stands (e-Arşiv)")
	return cmd
}

// mailJSON is one message of the provider to a buyer.
type mailJSON struct {
	Address string `json:"address"`
	State   string `json:"state"` // waiting, sent, failed or stopped
	Tries   int    `json:"tries"`
	LastTry string `json:"last_try"` // empty = never, or unknown
}

// last says when the provider tried last; empty = it does not tell.
func (m mailJSON) last() string {
	at, err := time.Parse(time.RFC3339, m.LastTry)
	if err != nil {
		return ""
	}
	return ", last " + when(at)
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return itoa(n) + " tries"
}

// mails asks for the messages about a document.
func (c *cli) mails(ctx context.Context, a *app.App, d ledger.Document) ([]mailJSON, error) {
	for _, company := range a.Companies {
		if company.Name != d.Company {
			continue
		}
		found, err := company.Mails(ctx, d)
		if err != nil {
			return nil, err
		}
		out := make([]mailJSON, len(found))
		for i, m := range found {
			out[i] = mailJSON{Address: m.Address, State: string(m.State), Tries: m.Tries}
			if !m.LastTry.IsZero() {
				out[i].LastTry = m.LastTry.UTC().Format(time.RFC3339)
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("the config has no company %q any more", d.Company)
}

func (c *cli) document(ctx context.Context, ref string, mail bool) error {
	return c.withApp(ctx, func(a *app.App) error {
		docs, err := a.Ledger.Find(ctx, c.company, ref)
		if err != nil {
			return err
		}
		if len(docs) == 0 { // people have the printed number before them
			if docs, err = a.Ledger.Numbered(ctx, c.company, ref); err != nil {
				return err
			}
		}
		if len(docs) == 0 {
			return usageError{fmt.Errorf("no document %q: give a local reference, a sale key or an ETTN, or the printed number", ref)}
		}
		var all []any
		for _, d := range docs {
			events, err := a.Ledger.History(ctx, d.ID)
			if err != nil {
				return err
			}
			trail, err := a.Ledger.AuditTrail(ctx, d.ID)
			if err != nil {
				return err
			}
			var mails []mailJSON
			if mail {
				if mails, err = c.mails(ctx, a, d); err != nil {
					return err
				}
			}
			if !c.json {
				if err := c.printDocument(d, events, trail, a.Config.Language); err != nil {
					return err
				}
				for _, m := range mails {
					c.printf("mail to %s: %s, %s%s\n", m.Address, m.State, tries(m.Tries), m.last())
				}
				continue
			}
			all = append(all, struct {
				documentJSON
				Events []eventJSON `json:"events"`
				Audit  []auditJSON `json:"audit"`
				Mails  []mailJSON  `json:"mails,omitempty"` // with --mail
			}{asJSON(d, a.Config.Language), eventsJSON(events), trailJSON(trail), mails})
		}
		if c.json {
			return c.printJSON(map[string]any{"documents": all})
		}
		return nil
	})
}

func eventsJSON(events []ledger.Event) []eventJSON {
	out := make([]eventJSON, len(events))
	for i, e := range events {
		out[i] = eventJSON{e.At.UTC().Format(time.RFC3339Nano), e.Attempt, string(e.Operation), eventWord(e), e.Class, e.HTTPStatus, e.Message, string(e.Answer)}
	}
	return out
}

func trailJSON(trail []ledger.Audit) []auditJSON {
	out := make([]auditJSON, len(trail))
	for i, t := range trail {
		out[i] = auditJSON{t.At.UTC().Format(time.RFC3339), t.User, t.Action, t.From, t.To, t.Reason}
	}
	return out
}

func eventWord(e ledger.Event) string {
	if e.Opened {
		return "opened"
	}
	return "closed"
}

func (c *cli) printDocument(d ledger.Document, events []ledger.Event, trail []ledger.Audit, language string) error {
	j := asJSON(d, language)
	payable := ""
	if j.Payable != nil {
		payable = *j.Payable + " " + j.Currency
	}
	changed, correct := followup.Changed(d, language)
	for _, row := range [][2]string{
		{"reference", j.LocalReference}, {"sale", d.SaleNumber}, {"ETTN", j.ETTN}, {"state", j.StateText + " (" + j.State + ")"},
		{"kind", j.Kind}, {"number", j.InvoiceNumber}, {"buyer", d.BuyerName}, {"payable", payable}, {"account", d.Account},
		{"message", j.Message}, {"advice", j.Advice}, {"changed", changed}, {"", correct}, {"write-back", d.WriteMessage},
	} {
		if row[1] != "" {
			c.printf("%-12s %s\n", row[0], row[1])
		}
	}
	c.printf("\n")
	rows := timeline(events, trail)
	if len(rows) == 0 {
		return nil
	}
	if err := c.table(timelineHeader, rows); err != nil {
		return err
	}
	c.printf("\n")
	return nil
}

// timelineHeader heads what timeline gives.
var timelineHeader = []string{"AT", "ATTEMPT", "OPERATION", "EVENT", "OUTCOME", "MESSAGE"}

// timeline is a document's attempts and what people did with it, as they happened.
func timeline(events []ledger.Event, trail []ledger.Audit) [][]string {
	type moment struct {
		at  time.Time
		row []string
	}
	var moments []moment
	add := func(at time.Time, cells ...string) {
		moments = append(moments, moment{at, append([]string{when(at)}, cells...)})
	}
	for _, e := range events {
		add(e.At, itoa(e.Attempt), string(e.Operation), eventWord(e), e.Class, short(e.Message, 80))
	}
	for _, t := range trail {
		add(t.At, "", t.Action, "by "+t.User, string(t.From)+"→"+string(t.To), short(t.Reason, 80))
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	rows := make([][]string, len(moments))
	for i, m := range moments {
		rows[i] = m.row
	}
	return rows
}

func itoa(n int) string { return strconv.Itoa(n) }
