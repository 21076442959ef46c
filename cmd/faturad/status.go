package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/sync/ledger"
)

// stateJSON counts the documents in one state.
type stateJSON struct {
	Company   string       `json:"company"`
	State     ledger.State `json:"state"`
	StateText string       `json:"state_text"`
	Currency  string       `json:"currency"`
	Count     int          `json:"count"`
	Payable   string       `json:"payable"`
}

// inboxJSON counts a company's received invoices.
type inboxJSON struct {
	Company          string                       `json:"company"`
	States           map[ledger.ReceivedState]int `json:"states"`
	QuarantinedSince string                       `json:"quarantined_since"` // of the oldest; empty = none is
	Uncleared        int                          `json:"uncleared"`         // new flags that were cleared in vain at least once
	Found            int                          `json:"found"`             // in the last 30 days only the sweep found these
	FoundLast        string                       `json:"found_last"`
}

func asInbox(company string, sum ledger.ReceivedSum) inboxJSON {
	return inboxJSON{company, sum.Counts, moment(sum.Quarantined), sum.Uncleared, sum.Finds, moment(sum.LastFind)}
}

// moment is a time in JSON; empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// inboxLines say what people must know of received invoices.
func (c *cli) inboxLines(company string, sum ledger.ReceivedSum) {
	total := 0
	for _, n := range sum.Counts {
		total += n
	}
	if total == 0 {
		return
	}
	c.printf("%s: %d received invoices, %d on their way into the ERP", company, total, sum.Counts[ledger.ReceivedStored])
	if n := sum.Counts[ledger.ReceivedQuarantined]; n > 0 {
		c.printf(", %d quarantined (the oldest for %s: faturad inbox list --state quarantined)", n, age(newClock().Now().Sub(sum.Quarantined)))
	}
	if sum.Uncleared > 0 {
		c.printf(", %d whose new flag the provider does not clear", sum.Uncleared)
	}
	if sum.Finds > 0 {
		c.printf(", %d found by the sweep in the last 30 days (faturad inbox list --found)", sum.Finds)
	}
	c.printf("\n")
}

// age is a duration for people.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return itoa(int(d.Hours())) + " h"
	}
	return itoa(int(d.Hours()/24)) + " days"
}

// alarmJSON is an alarm that stands.
type alarmJSON struct {
	Company string `json:"company"`
	Name    string `json:"name"`
	Since   string `json:"since"`
	Message string `json:"message"`
	Advice  string `json:"advice"`
}

// place is where a state stands in a document's life.
func place(s ledger.State) int {
	return slices.IndexFunc(ledger.Table, func(r ledger.Rule) bool { return r.State == s })
}

func (c *cli) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say what is wrong, and count the documents by state",
		Long: `Say what is wrong, with what to do about it, and count the documents by state. Ends with exit code 3 while an alarm
stands.`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.status(cmd.Context()) },
	}
}

func (c *cli) status(ctx context.Context) error {
	return c.withApp(ctx, func(a *app.App) error {
		stands := make([]standing, len(a.Companies))
		for i, company := range a.Companies {
			var err error
			if stands[i], err = standingOf(ctx, a, company); err != nil {
				return err
			}
		}
		say := func() error { return c.printStatus(stands, a.Config.Language) }
		if c.json {
			say = func() error { return c.printJSON(statusJSON(stands, a.Config.Language)) }
		}
		if err := say(); err != nil {
			return err
		}
		if slices.ContainsFunc(stands, func(s standing) bool { return len(s.alarms) > 0 }) {
			return silent{errPerson}
		}
		return nil
	})
}

// standing is how one company's documents stand.
type standing struct {
	company  string
	alarms   []ledger.Alarm
	sums     []ledger.StateSum // in the order of a document's life
	motion   int
	due      int // incoming invoices that must be answered within days
	ageing   ledger.Ageing
	received ledger.ReceivedSum
}

func standingOf(ctx context.Context, a *app.App, company *app.Company) (s standing, err error) {
	s.company = company.Name
	if s.sums, err = a.Ledger.Sums(ctx, company.Name); err != nil {
		return s, err
	}
	slices.SortStableFunc(s.sums, func(a, b ledger.StateSum) int { return place(a.State) - place(b.State) })
	if s.alarms, err = a.Ledger.Alarms(ctx, company.Name); err != nil {
		return s, err
	}
	silent, is, err := company.Silent(ctx)
	if err != nil {
		return s, err
	}
	if is {
		s.alarms = append(s.alarms, silent)
	}
	if s.motion, err = company.InMotion(ctx); err != nil {
		return s, err
	}
	if s.ageing, err = company.Ageing(ctx); err != nil {
		return s, err
	}
	if s.due, _, err = company.AnswersDue(ctx); err != nil {
		return s, err
	}
	s.received, err = a.Ledger.ReceivedSums(ctx, company.Name)
	return s, err
}

func statusJSON(stands []standing, language string) map[string]any {
	states, inboxes, alarms := []stateJSON{}, []inboxJSON{}, []alarmJSON{}
	motion, due, ageing := map[string]int{}, map[string]int{}, map[string]oldJSON{}
	for _, s := range stands {
		for _, sum := range s.sums {
			states = append(states, stateJSON{s.company, sum.State, sum.State.Text(language), sum.Currency, sum.Count, sum.Payable.StringFixed(2)})
		}
		for _, alarm := range s.alarms {
			alarms = append(alarms, alarmJSON{s.company, alarm.Name, alarm.Since.UTC().Format(time.RFC3339), alarm.Message, alarm.Advice})
		}
		inboxes = append(inboxes, asInbox(s.company, s.received))
		motion[s.company], due[s.company] = s.motion, s.due
		ageing[s.company] = oldJSON{s.ageing.Count, s.ageing.Oldest.String()}
	}
	return map[string]any{"alarms": alarms, "states": states, "in_motion": motion, "answers_due": due, "received": inboxes,
		"ageing": ageing, "at": newClock().Now().Format(time.RFC3339)}
}

// printStatus says first what is wrong.
func (c *cli) printStatus(stands []standing, language string) error {
	var rows [][]string
	for _, s := range stands {
		for _, alarm := range s.alarms {
			c.printf("! %s: %s %s (since %s)\n", s.company, alarm.Message, alarm.Advice, when(alarm.Since))
		}
		for _, sum := range s.sums {
			rows = append(rows, []string{s.company, sum.State.Text(language), itoa(sum.Count), sumOf(sum)})
		}
	}
	for _, s := range stands {
		if s.due > 0 {
			c.printf("%s: %d incoming commercial invoices count as accepted within two days unless they are answered: `faturad inbox list`\n", s.company, s.due)
		}
	}
	if len(rows) == 0 {
		c.printf("No documents yet.\n")
	} else if err := c.table([]string{"COMPANY", "STATE", "DOCUMENTS", "PAYABLE"}, rows); err != nil {
		return err
	}
	for _, s := range stands {
		if s.motion > 0 {
			c.printf("%s: %d in motion\n", s.company, s.motion)
		}
		c.inboxLines(s.company, s.received)
		if s.ageing.Count > 0 {
			c.printf("%s: %d without a valid invoice for %d days or more, the oldest since %s; an invoice is due within seven days\n",
				s.company, s.ageing.Count, ledger.AgeingDays, s.ageing.Oldest)
		}
	}
	return nil
}

// sumOf is what the documents of a state come to; empty where nobody knows, because their sales are not mapped yet.
func sumOf(s ledger.StateSum) string {
	if s.Currency == "" {
		return ""
	}
	return s.Payable.StringFixed(2) + " " + s.Currency
}

// oldJSON counts sales whose seven days run out.
type oldJSON struct {
	Count  int    `json:"count"`
	Oldest string `json:"oldest"`
}
