package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/sync/ledger"
)

// inboxStepJSON is what is planned or done for a received invoice.
type inboxStepJSON struct {
	Company   string `json:"company"`
	ETTN      string `json:"ettn"`
	Number    string `json:"invoice_number"`
	Action    string `json:"action"`
	Does      string `json:"does"`
	Done      bool   `json:"done"`
	State     string `json:"state"`
	StateText string `json:"state_text"`
	Reason    string `json:"reason"` // why it is (still) quarantined
}

func (c *cli) inboxReleaseCommand() *cobra.Command {
	var flags actionFlags
	var asItIs bool
	cmd := &cobra.Command{
		Use:   "release REF",
		Short: "Try a quarantined invoice again at once; prints the plan, acts with --yes",
		Long: `Use it after what the reason names was mended: a column was widened, a newer faturad was installed. Quarantined invoices
are also tried again by themselves, at growing distances of up to six hours.

With --as-it-is an invoice that nobody can read goes into the ERP with what the provider's listing says of it and its raw
file, to be entered by hand, and its new flag is cleared.

REF is an ETTN or an invoice number.`,
		Args:              takes("REF"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.inboxRelease(cmd.Context(), args[0], asItIs, flags)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asItIs, "as-it-is", false, "take it unread: listing data and raw file into the ERP")
	return cmd
}

func (c *cli) inboxRefetchCommand() *cobra.Command {
	var flags actionFlags
	cmd := &cobra.Command{
		Use:   "refetch ETTN",
		Short: "Download a received invoice again; prints the plan, acts with --yes",
		Long: `Use it for an invoice that arrived damaged, or that the provider has and faturad does not, whether it is marked as new
there or not. Other bytes than before become those that count and go into the ERP; the earlier ones stay in the ledger.`,
		Args:              takes("ETTN"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			ettn, err := uuid.Parse(args[0])
			if err != nil {
				return usageError{fmt.Errorf("%q is no ETTN: faturad inbox list shows them with --json", args[0])}
			}
			return c.inboxRefetch(cmd.Context(), ettn, flags)
		},
	}
	flags.register(cmd)
	return cmd
}

func (c *cli) inboxRelease(ctx context.Context, ref string, asItIs bool, flags actionFlags) error {
	return c.withApp(ctx, func(a *app.App) error {
		company, row, err := c.receivedOf(ctx, a, ref)
		if err != nil {
			return err
		}
		if row == nil {
			return usageError{fmt.Errorf("no received invoice %q: give an ETTN or an invoice number", ref)}
		}
		if row.State != ledger.ReceivedQuarantined {
			return usageError{fmt.Errorf("%s is %s, not quarantined: there is nothing to release", ref, row.State)}
		}
		step := inboxStepJSON{Company: company.Name, ETTN: row.ETTN.String(), Number: row.Number, Action: "release", State: string(row.State), StateText: row.State.Text(a.Config.Language), Reason: row.Reason,
			Does: "read it again and write it to the ERP"}
		if asItIs {
			step.Does = "write its listing data and raw file to the ERP, unread, and clear its new flag"
		}
		if flags.yes {
			if err := company.ReleaseReceived(ctx, *row, asItIs, userName(), flags.reason); err != nil {
				return err
			}
		}
		return c.inboxStep(ctx, a, company, step, flags.yes)
	})
}

func (c *cli) inboxRefetch(ctx context.Context, ettn uuid.UUID, flags actionFlags) error {
	return c.withApp(ctx, func(a *app.App) error {
		company, row, err := c.receivedOf(ctx, a, ettn.String())
		if err != nil {
			return err
		}
		step := inboxStepJSON{Company: company.Name, ETTN: ettn.String(), Action: "refetch", Does: "download it again, and write it to the ERP if it differs"}
		if row != nil {
			step.Number, step.State, step.StateText, step.Reason = row.Number, string(row.State), row.State.Text(a.Config.Language), row.Reason
		} else {
			step.Does = "download it and write it to the ERP: faturad does not have it yet"
		}
		if flags.yes {
			done, err := company.RefetchReceived(ctx, ettn, row, userName(), flags.reason)
			if err != nil {
				return err
			}
			switch {
			case done.New:
				step.Does = "downloaded and stored"
			case done.Changed:
				step.Does = "downloaded; the bytes differ from those before"
			default:
				step.Does = "downloaded; the bytes are those that were here already"
			}
		}
		return c.inboxStep(ctx, a, company, step, flags.yes)
	})
}

// receivedOf finds the one received invoice that ref means; nil when the ledger has none.
func (c *cli) receivedOf(ctx context.Context, a *app.App, ref string) (*app.Company, *ledger.Received, error) {
	company, err := c.only(a)
	if err != nil {
		return nil, nil, err
	}
	rows, err := company.Received(ctx, ref)
	switch {
	case err != nil:
		return nil, nil, err
	case len(rows) == 0:
		return company, nil, nil
	case len(rows) > 1:
		return nil, nil, usageError{fmt.Errorf("%d received invoices have the number %s: give the ETTN (faturad inbox list --search %s --json)", len(rows), ref, ref)}
	}
	return company, &rows[0], nil
}

// inboxStep prints what was planned or done, and where the invoice stands now.
func (c *cli) inboxStep(ctx context.Context, a *app.App, company *app.Company, step inboxStepJSON, acted bool) error {
	if acted {
		rows, err := company.Received(ctx, step.ETTN)
		if err != nil {
			return err
		}
		for _, row := range rows {
			step.Done, step.State, step.Reason, step.Number = row.State != ledger.ReceivedQuarantined, string(row.State), row.Reason, row.Number
			step.StateText = row.State.Text(a.Config.Language)
		}
	}
	if c.json {
		if err := c.printJSON(map[string]any{"acted": acted, "steps": []inboxStepJSON{step}}); err != nil {
			return err
		}
	} else {
		switch {
		case !acted:
			c.printf("%s %s: would %s\nNothing was done. Add --yes to do it.\n", step.ETTN, step.Number, step.Does)
		case step.Done:
			c.printf("%s %s: %s; it is %s\n", step.ETTN, step.Number, step.Does, step.StateText)
		default:
			c.printf("%s %s: tried, and still quarantined: %s\n", step.ETTN, step.Number, step.Reason)
		}
	}
	if acted && !step.Done {
		return silent{fmt.Errorf("%s: %w", step.Reason, errPerson)}
	}
	return nil
}
