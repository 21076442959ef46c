package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/sync/followup"
	"faturad/sync/ledger"
)

func (c *cli) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// printJSON writes the command's one JSON document.
func (c *cli) printJSON(v any) error {
	c.answered = true
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// table writes rows under a header, in columns.
func (c *cli) table(header []string, rows [][]string) error {
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// documentJSON is a document in JSON; the field names are a contract.
type documentJSON struct {
	Company        string  `json:"company"`
	SaleID         string  `json:"sale_id"`
	SaleNumber     string  `json:"sale_number"` // as the ERP prints it
	LocalReference string  `json:"local_reference"`
	Revision       int     `json:"revision"`
	ETTN           string  `json:"ettn"`
	Kind           string  `json:"kind"`
	InvoiceNumber  string  `json:"invoice_number"`
	Provider       string  `json:"provider"`
	State          string  `json:"state"`
	StateText      string  `json:"state_text"`
	ProviderStatus *int    `json:"provider_status"`
	EnvelopeStatus *int    `json:"envelope_status"`
	Code           string  `json:"code"`
	Message        string  `json:"message"`
	Advice         string  `json:"advice"`
	BuyerTaxNo     string  `json:"buyer_tax_no"`
	BuyerName      string  `json:"buyer_name"`
	Currency       string  `json:"currency"`
	Payable        *string `json:"payable"`
	Changed        bool    `json:"changed_after_send"` // edited or deleted
	Deleted        bool    `json:"deleted_after_send"`
	Attempts       int     `json:"attempts"`
	NextAttemptAt  *string `json:"next_attempt_at"`
	UpdatedAt      string  `json:"updated_at"`
}

func asJSON(d ledger.Document, language string) documentJSON {
	message, advice := told(d, language)
	j := documentJSON{
		Company: d.Company, SaleID: d.SaleKey, SaleNumber: d.SaleNumber, BuyerTaxNo: d.BuyerTaxNo, BuyerName: d.BuyerName, LocalReference: d.LocalReference, Revision: d.Revision, ETTN: d.LegalETTN().String(),
		Kind: string(d.Route.Kind), InvoiceNumber: d.Number, Provider: d.Provider, State: string(d.State), StateText: d.State.Text(language),
		ProviderStatus: d.ProviderStatus, EnvelopeStatus: d.EnvelopeStatus, Code: d.Code, Message: message, Advice: advice,
		Currency: d.Currency, Changed: d.Changed, Deleted: d.Gone, Attempts: d.Attempts, UpdatedAt: d.UpdatedAt.UTC().Format(time.RFC3339),
	}
	if d.Payable.Valid {
		payable := d.Payable.Decimal.StringFixed(2)
		j.Payable = &payable
	}
	if !d.NextAt.IsZero() && !d.State.Final() {
		next := d.NextAt.UTC().Format(time.RFC3339)
		j.NextAttemptAt = &next
	}
	return j
}

// told is what people read of a document today.
func told(d ledger.Document, language string) (message, advice string) {
	return d.Told(invoice.DateOf(newClock().Now().In(clock.Istanbul)), language)
}

func allJSON(docs []ledger.Document, language string) []documentJSON {
	out := make([]documentJSON, len(docs))
	for i, d := range docs {
		out[i] = asJSON(d, language)
	}
	return out
}

// The widths of what people read in a list.
const (
	buyerWidth   = 30
	messageWidth = 70
)

// documentTable shows documents to a person. What needs somebody says in full what is wrong, and below it what to do.
func (c *cli) documentTable(docs []ledger.Document, language string) error {
	var rows [][]string
	for _, d := range docs {
		message, advice := told(d, language)
		payable := ""
		if d.Payable.Valid {
			payable = d.Payable.Decimal.StringFixed(2) + " " + d.Currency
		}
		changed, correct := followup.Changed(d, language)
		if changed != "" {
			message, advice = changed, correct
		}
		below := []string{short(message, messageWidth)}
		if changed != "" || slices.Contains(needsPerson, d.State) {
			below = wrap(message, messageWidth)
			for i, line := range wrap(advice, messageWidth-2) {
				below = append(below, []string{"→ ", "  "}[min(i, 1)]+line)
			}
		}
		if len(below) == 0 {
			below = []string{""}
		}
		rows = append(rows, []string{d.LocalReference, d.SaleNumber, short(d.BuyerName, buyerWidth), payable, d.State.Text(language), d.Number, below[0]})
		for _, line := range below[1:] {
			rows = append(rows, []string{"", "", "", "", "", "", line})
		}
	}
	return c.table([]string{"REFERENCE", "SALE", "BUYER", "PAYABLE", "STATE", "NUMBER", "MESSAGE"}, rows)
}

// wrap breaks a text into lines of n characters at most; a longer word stays whole. No text has no lines.
func wrap(s string, n int) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) <= n {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// short cuts a text to n characters.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// needsPerson are the states that wait for somebody.
var needsPerson = []ledger.State{ledger.Held, ledger.Refused, ledger.Disputed, ledger.Failed}

func (c *cli) printErr(format string, args ...any) { fmt.Fprintf(c.err, format, args...) }

// when is an instant as the command line prints it to people, in Türkiye; JSON has RFC 3339.
func when(t time.Time) string { return clock.Text(t, "en") }

// today is the date in Türkiye.
func today() string { return newClock().Now().In(clock.Istanbul).Format(time.DateOnly) }

// counted is "1 error" or "2 errors".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
