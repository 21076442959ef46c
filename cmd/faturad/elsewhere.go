package main

import (
	"context"
	"time"

	"faturad/internal/app"
)

// elsewhereJSON is an invoice that was made past faturad.
type elsewhereJSON struct {
	Company        string  `json:"company"`
	ETTN           string  `json:"ettn"`
	Kind           string  `json:"kind"`
	Number         string  `json:"invoice_number"`
	BuyerTaxNo     string  `json:"buyer_tax_no"`
	BuyerName      string  `json:"buyer_name"`
	IssueDate      string  `json:"issue_date"`
	Currency       string  `json:"currency"`
	Payable        *string `json:"payable"`
	ProviderStatus int     `json:"provider_status"`
	Valid          bool    `json:"valid"`           // neither failed nor cancelled
	LocalReference string  `json:"local_reference"` // the sale that it surely belongs to; empty = none
	Message        string  `json:"message"`         // why it could not be read yet
	FoundAt        string  `json:"found_at"`
}

// elsewhere lists the invoices that were made in the provider's portal.
func (c *cli) elsewhere(ctx context.Context, limit int) error {
	return c.withApp(ctx, func(a *app.App) error {
		all, err := a.Ledger.ListElsewhere(ctx, c.company, limit)
		if err != nil {
			return err
		}
		out := make([]elsewhereJSON, len(all))
		rows := make([][]string, len(all))
		for i, e := range all {
			out[i] = elsewhereJSON{Company: e.Company, ETTN: e.ETTN.String(), Kind: string(e.Kind), Number: e.Number, BuyerTaxNo: e.BuyerTaxNo, BuyerName: e.BuyerName,
				IssueDate: e.IssueDate.String(), Currency: e.Currency, ProviderStatus: e.Code, Valid: e.Counts, LocalReference: e.LocalReference,
				Message: e.Message, FoundAt: e.FoundAt.UTC().Format(time.RFC3339)}
			payable := ""
			if e.Payable.Valid {
				amount := e.Payable.Decimal.StringFixed(2)
				out[i].Payable = &amount
				payable = amount + " " + e.Currency
			}
			sale := e.LocalReference
			if sale == "" {
				sale = "no sure match"
			}
			rows[i] = []string{when(e.FoundAt), e.Number, short(e.BuyerName, 30), payable, itoa(e.Code), sale}
		}
		if c.json {
			return c.printJSON(map[string]any{"elsewhere": out})
		}
		if len(rows) == 0 {
			c.printf("No invoices were made elsewhere.\n")
			return nil
		}
		return c.table([]string{"FOUND", "NUMBER", "BUYER", "PAYABLE", "STATUS", "SALE"}, rows)
	})
}
