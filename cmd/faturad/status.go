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
		Args:  takesNone,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.status(cmd.Context()) },
	}
}

func (c *cli) status(ctx context.Context) error {
	return c.withApp(ctx, func(a *app.App) error {
		states := []stateJSON{}
		var rows [][]string
		motion, due := map[string]int{}, map[string]int{}
		inboxes := []inboxJSON{}
		received := map[string]ledger.ReceivedSum{}
		alarms := []alarmJSON{}
		var stands []string // since when, for people
		ageing := map[string]ledger.Ageing{}
		for _, company := range a.Companies {
			sums, err := a.Ledger.Sums(ctx, company.Name)
			if err != nil {
				return err
			}
			slices.SortStableFunc(sums, func(a, b ledger.StateSum) int { return place(a.State) - place(b.State) })
			for _, s := range sums {
				states = append(states, stateJSON{company.Name, s.State, s.State.Text(a.Config.Language), s.Currency, s.Count, s.Payable.StringFixed(2)})
				rows = append(rows, []string{company.Name, s.State.Text(a.Config.Language), itoa(s.Count), sumOf(s)})
			}
			standing, err := a.Ledger.Alarms(ctx, company.Name)
			if err != nil {
				return err
			}
			for _, s := range standing {
				alarms = append(alarms, alarmJSON{company.Name, s.Name, s.Since.UTC().Format(time.RFC3339), s.Message, s.Advice})
				stands = append(stands, when(s.Since))
			}
			if motion[company.Name], err = company.InMotion(ctx); err != nil {
				return err
			}
			if ageing[company.Name], err = company.Ageing(ctx); err != nil {
				return err
			}
			if due[company.Name], _, err = company.AnswersDue(ctx); err != nil {
				return err
			}
			sum, err := a.Ledger.ReceivedSums(ctx, company.Name)
			if err != nil {
				return err
			}
			received[company.Name] = sum
			inboxes = append(inboxes, asInbox(company.Name, sum))
		}
		if c.json {
			return c.printJSON(map[string]any{"alarms": alarms, "states": states, "in_motion": motion, "answers_due": due, "received": inboxes,
				"ageing": ageingJSON(ageing), "at": newClock().Now().Format(time.RFC3339)})
		}
		for i, alarm := range alarms {
			c.printf("! %s: %s %s (since %s)\n", alarm.Company, alarm.Message, alarm.Advice, stands[i])
		}
		for _, company := range a.Companies {
			if n := due[company.Name]; n > 0 {
				c.printf("%s: %d incoming commercial invoices count as accepted within two days unless they are answered: `faturad inbox list`\n", company.Name, n)
			}
		}
		if len(rows) == 0 {
			c.printf("No documents yet.\n")
		} else if err := c.table([]string{"COMPANY", "STATE", "DOCUMENTS", "PAYABLE"}, rows); err != nil {
			return err
		}
		for _, company := range a.Companies {
			if n := motion[company.Name]; n > 0 {
				c.printf("%s: %d in motion\n", company.Name, n)
			}
			c.inboxLines(company.Name, received[company.Name])
			if old := ageing[company.Name]; old.Count > 0 {
				c.printf("%s: %d without a valid invoice for %d days or more, the oldest since %s; an invoice is due within seven days\n",
					company.Name, old.Count, ledger.AgeingDays, old.Oldest)
			}
		}
		return nil
	})
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

func ageingJSON(of map[string]ledger.Ageing) map[string]oldJSON {
	out := map[string]oldJSON{}
	for company, a := range of {
		out[company] = oldJSON{a.Count, a.Oldest.String()}
	}
	return out
}
