package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"faturad/internal/app"
	"faturad/sync/ledger"
)

// keptJSON is one file of a received invoice.
type keptJSON struct {
	Format string `json:"format"`
	Place  string `json:"place"` // ledger or archive
	Path   string `json:"path"`  // in the archive
	SHA256 string `json:"sha256"`
	At     string `json:"at"`
	State  string `json:"state"` // of the archive's: stored, wanted; and what is wrong with it
}

// shownJSON is everything about one received invoice in JSON.
type shownJSON struct {
	receivedJSON
	Unreadable string          `json:"unreadable"` // why there is no invoice
	Invoice    json.RawMessage `json:"invoice"`    // null = it cannot be read
	Answer     *answerJSON     `json:"answer"`     // null = it is no commercial invoice
	Files      []keptJSON      `json:"files"`
	Events     []eventJSON     `json:"events"` // the attempts of the answer
	Audit      []auditJSON     `json:"audit"`
}

func (c *cli) inboxShow(ctx context.Context, ref string, raw bool) error {
	return c.withApp(ctx, func(a *app.App) error {
		rows, err := a.Ledger.FindReceived(ctx, c.company, ref)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return usageError{fmt.Errorf("no received invoice %q: give an ETTN or an invoice number", ref)}
		}
		shown := []shownJSON{}
		for _, row := range rows {
			if raw {
				data, err := a.Ledger.RawReceived(ctx, row.ID)
				if err == nil {
					_, err = c.out.Write(data)
				}
				if err != nil {
					return err
				}
				continue
			}
			r, err := a.ReadReceived(ctx, row)
			if err == nil && !c.json {
				err = c.printShown(r, a.Config.Language)
			}
			if err != nil {
				return err
			}
			j, err := asShown(r, a.Config.Language)
			if err != nil {
				return err
			}
			shown = append(shown, j)
		}
		if c.json && !raw {
			return c.printJSON(map[string]any{"received": shown})
		}
		return nil
	})
}

func asShown(r app.Received, language string) (out shownJSON, err error) {
	var answer ledger.ReceivedAnswer
	if r.Answer != nil {
		answer = *r.Answer
		j := asAnswer(answer, language)
		out.Answer = &j
	}
	out.receivedJSON = asReceived(r.Received, answer, language)
	out.Files, out.Events, out.Audit = filesOf(r), []eventJSON{}, trailJSON(r.Trail)
	for _, e := range r.Answers {
		out.Events = append(out.Events, eventJSON{e.At.UTC().Format(time.RFC3339Nano), e.Attempt, e.Operation, eventWord(ledger.Event{Opened: e.Opened}), e.Class,
			e.HTTPStatus, e.Message, string(e.Answer)})
	}
	if r.Document == nil {
		out.Unreadable = r.Unreadable.Error()
		return out, nil
	}
	text, err := json.Marshal(r.Document.Invoice)
	if err == nil {
		out.Invoice, err = snakeKeys(text)
	}
	if err != nil {
		return out, fmt.Errorf("printing the invoice: %w", err)
	}
	return out, nil
}

// filesOf lists the invoice's files: the UBL in the ledger first.
func filesOf(r app.Received) []keptJSON {
	out := []keptJSON{{Format: ledger.FileUBL, Place: "ledger", SHA256: r.Hash, At: moment(r.StoredAt), State: string(ledger.FileStored)}}
	for _, f := range r.Kept {
		if f.Hash != r.Hash {
			out = append(out, keptJSON{Format: f.Format, Place: "ledger", SHA256: f.Hash, At: moment(f.StoredAt), State: string(ledger.FileStored)})
		}
	}
	for _, f := range r.Archived {
		state := string(f.State)
		if f.Problem != "" {
			state += ", " + f.Problem
		}
		out = append(out, keptJSON{Format: f.Format, Place: "archive", Path: f.Path, SHA256: f.SHA256, At: moment(f.StoredAt), State: state})
	}
	return out
}

// printShown shows a received invoice: where it stands, what it says, its files, and what was done with it.
func (c *cli) printShown(r app.Received, language string) error {
	number, sender, kind := r.Number, strings.TrimSpace(r.SenderTitle+" "+r.SenderTaxNo), strings.TrimSpace(r.Scenario+" "+r.Type)
	answer := ""
	if a := r.Answer; a != nil {
		answer = a.State.Text(language)
		if left := daysLeft(*a); left != nil {
			answer += fmt.Sprintf("; last day %s, %s left", a.Till, counted(*left, "day"))
		}
		if a.Person != "" {
			answer += "; decided by " + a.Person
		}
		if a.Reason != "" {
			answer += ": " + a.Reason
		}
	}
	for _, row := range [][2]string{
		{"number", number}, {"ETTN", r.ETTN.String()}, {"sender", sender}, {"kind", kind}, {"issued", r.IssueDate.String()}, {"arrived", when(r.ArrivedAt)},
		{"stored", when(r.StoredAt)}, {"in the ERP", when(r.ProjectedAt)}, {"flag cleared", when(r.AckedAt)},
		{"state", r.State.Text(language) + " (" + string(r.State) + ")"}, {"reason", r.Reason}, {"answer", answer},
	} {
		if row[1] != "" {
			c.printf("%-12s %s\n", row[0], plain(row[1]))
		}
	}
	c.printf("\n")
	if r.Document == nil {
		c.printf("It cannot be read: %v\n\n", r.Unreadable)
	} else if err := app.WriteText(c.out, r.Document.Invoice); err != nil {
		return err
	}
	rows := make([][]string, 0, len(r.Archived)+1)
	for _, f := range filesOf(r) {
		at, _ := time.Parse(time.RFC3339, f.At)
		rows = append(rows, []string{f.Format, f.Place, f.State, when(at), plain(f.Path)})
	}
	if err := c.table([]string{"FILE", "IN", "STATE", "AT", "PATH"}, rows); err != nil {
		return err
	}
	c.printf("\n")
	events := make([]ledger.Event, len(r.Answers))
	for i, e := range r.Answers {
		events[i] = ledger.Event{At: e.At, Attempt: e.Attempt, Operation: ledger.Operation(e.Operation), Opened: e.Opened, Class: e.Class, Message: e.Message}
	}
	if history := timeline(events, r.Trail); len(history) > 0 {
		if err := c.table(timelineHeader, history); err != nil {
			return err
		}
		c.printf("\n")
	}
	return nil
}

// plain is a stranger's text for a terminal, on one line.
func plain(s string) string { return app.Harmless(s) }
