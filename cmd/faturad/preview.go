package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/mapping"
)

// previewJSON is a preview in JSON.
type previewJSON struct {
	Company        string          `json:"company"`
	LocalReference string          `json:"local_reference"`
	Kind           string          `json:"kind"`
	Alias          string          `json:"alias"`
	Faults         []faultJSON     `json:"faults"`
	Invoice        json.RawMessage `json:"invoice"`
	Explanation    any             `json:"explanation"`
	// IssuedAs is the number of the invoice that the sale has already; empty when it has none.
	IssuedAs string `json:"issued_as"`
}

// faultJSON is one fault in JSON.
type faultJSON struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Value   string `json:"value"`
	Message string `json:"message"`
	Advice  string `json:"advice"`
	Warning bool   `json:"warning"`
}

// previewFormats are the words of --format.
var previewFormats = []string{"text", "json", "ubl", "html"}

func (c *cli) previewCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "preview SALE",
		Short: "Show what would be sent for a sale and every fault found, sending nothing",
		Long: `SALE is the sale's key in the ERP ("space:key" when the ERP has several kinds of documents), its printed number, or its
document's local reference, invoice number or ETTN. What may mean several sales is not guessed: they are named.`,
		Args: takes("SALE"),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.json {
				format = "json"
			}
			if !slices.Contains(previewFormats, format) {
				return usageError{fmt.Errorf("there is no format %q: use %s", format, strings.Join(previewFormats, ", "))}
			}
			return c.preview(cmd.Context(), args[0], format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the output: "+strings.Join(previewFormats, ", "))
	completeWith(cmd, "format", previewFormats...)
	return cmd
}

func (c *cli) preview(ctx context.Context, sale, format string) error {
	return c.withApp(ctx, func(a *app.App) error {
		company, err := c.only(a)
		if err != nil {
			return err
		}
		p, err := company.Preview(ctx, sale)
		if errors.Is(err, fault.NotFound) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		language := a.Config.Language
		switch format {
		case "ubl":
			if p.UBL != nil {
				_, err = c.out.Write(p.UBL)
			} else { // no XML: what stands in the way is no output for a file
				c.printFaults(c.err, p.Faults, language)
			}
		case "json":
			err = c.printPreviewJSON(company.Name, p, language)
		case "html":
			err = app.WriteHTML(c.out, p, language)
		case "text":
			err = c.printPreview(p, language)
		}
		if err == nil && p.Issued == nil && len(p.Faults.Blocking()) > 0 {
			return silent{errPerson}
		}
		return err
	})
}

// only is the company that a command without --company works on.
func (c *cli) only(a *app.App) (*app.Company, error) {
	if len(a.Companies) != 1 {
		return nil, usageError{fmt.Errorf("the config has %d companies: name one with --company", len(a.Companies))}
	}
	return a.Companies[0], nil
}

func (c *cli) printPreviewJSON(company string, p app.Preview, language string) error {
	j := previewJSON{Company: company, LocalReference: p.LocalReference, Kind: string(p.Route.Kind), Alias: p.Route.Alias,
		Faults: []faultJSON{}, Explanation: p.Explanation}
	if p.Issued != nil {
		j.IssuedAs = p.Issued.Number
	}
	for _, f := range p.Faults {
		j.Faults = append(j.Faults, faultJSON{f.Code, f.Field, f.Value, f.Message.In(language), f.Advice.In(language), f.Warning})
	}
	if len(p.Faults.Blocking()) == 0 {
		text, err := json.Marshal(p.Invoice)
		if err == nil {
			j.Invoice, err = snakeKeys(text)
		}
		if err != nil {
			return fmt.Errorf("printing the invoice: %w", err)
		}
	}
	return c.printJSON(j)
}

func (c *cli) printPreview(p app.Preview, language string) error {
	inv := p.Invoice
	if p.Issued != nil {
		c.printf("Already issued as %s (%s). Below is the sale as the ERP has it now; none of it is sent.\n\n", p.Issued.Number, p.Issued.State.Text(language))
	}
	if len(p.Faults.Blocking()) == 0 {
		c.printf("%s  %s %s  %s %s\n", p.LocalReference, p.Route.Kind, inv.Type, inv.IssueDate, inv.IssueTime)
		c.printf("%s  %s\n\n", inv.Buyer.TaxNo, buyerName(inv.Buyer))
		if b := inv.BuyerCustomer; b != nil {
			c.printf("for %s\n\n", buyerName(*b))
		}
		rows := make([][]string, len(inv.Lines))
		for i, l := range inv.Lines {
			rows[i] = []string{l.ID, short(l.Name, 40), l.Quantity.String() + " " + l.Unit, l.UnitPrice.String(), l.Net.StringFixed(2)}
		}
		if err := c.table([]string{"LINE", "NAME", "QUANTITY", "PRICE", "NET"}, rows); err != nil {
			return err
		}
		c.printf("\n")
		for _, t := range inv.Taxes {
			amount := t.Amount
			if inv.Deducts(t.Code) {
				amount = amount.Neg()
			}
			c.printf("%s %s %% of %s: %s\n", t.Name, t.Rate, t.Taxable.StringFixed(2), amount.StringFixed(2))
		}
		for _, t := range inv.Withholding {
			c.printf("KDV tevkifatı %s %s %% of %s: %s\n", t.Code, t.Rate, t.Taxable.StringFixed(2), t.Amount.Neg().StringFixed(2))
		}
		c.printf("payable %s %s (rounding convention: %s)\n", inv.Totals.Payable.StringFixed(2), inv.Currency, inv.Convention)
		if inv.Currency != "TRY" {
			c.printf("exchange rate %s\n", inv.Rate)
		}
		if p.Route.Draft {
			c.printf("left as a draft at the provider, until somebody releases it\n")
		}
	}
	c.printFaults(c.out, p.Faults, language)
	return c.printExplanation(p.Explanation, language)
}

// printExplanation compares the totals that no rounding of the lines gives, and says what may be done.
func (c *cli) printExplanation(e mapping.Explanation, language string) error {
	rows := e.Table(language)
	if e.Exact || len(e.Lines) == 0 {
		return nil
	}
	c.printf("\n")
	if err := c.table(rows[0], rows[1:]); err != nil {
		return err
	}
	for _, f := range e.Fixes {
		c.printf("→ %s\n", f.In(language))
	}
	return nil
}

func buyerName(p invoice.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return p.FirstName + " " + p.LastName
}

func (c *cli) printFaults(w io.Writer, faults invoice.Faults, language string) {
	for _, f := range faults {
		severity := "fault"
		if f.Warning {
			severity = "warning"
		}
		at := ""
		if f.Field != "" { // the provider's own refusals are about no column
			at = fmt.Sprintf(" (%s = %q)", f.Field, f.Value)
		}
		fmt.Fprintf(w, "%s %s%s: %s %s\n", severity, f.Code, at, f.Message.In(language), f.Advice.In(language))
	}
}
