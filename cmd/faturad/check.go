package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/sync/erp"
)

func (c *cli) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Find out everything that can be known before the first invoice, sending nothing",
		Args:  takesNone,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.check(cmd.Context()) },
	}
}

func (c *cli) check(ctx context.Context) error {
	return c.withApp(ctx, func(a *app.App) error {
		findings := a.Check(ctx)
		counts := map[erp.Severity]int{}
		unreachable := false
		for _, f := range findings {
			counts[f.Severity]++
			unreachable = unreachable || f.Unreachable
		}
		if c.json {
			err := c.printJSON(map[string]any{"ok": counts[erp.SeverityError] == 0, "findings": findings})
			if err != nil {
				return err
			}
		} else {
			for _, f := range findings {
				c.printf("%-8s %s\n", f.Severity, line(f))
			}
			c.printf("%s, %s\n", counted(counts[erp.SeverityError], "error"), counted(counts[erp.SeverityWarning], "warning"))
		}
		switch n := counts[erp.SeverityError]; {
		case n == 0:
			return nil
		case unreachable:
			return silent{errUnreachable}
		default:
			return silent{usageError{fmt.Errorf("check found %s", counted(n, "error"))}}
		}
	})
}

// errUnreachable ends a check that could not reach something.
var errUnreachable = fault.Newf(fault.Retryable, "checking", "something could not be reached")

// line is one finding on one line.
func line(f app.Finding) string {
	s := f.Subject + ": "
	if f.Company != "" {
		s = f.Company + " " + s
	}
	if f.Place != "" {
		s += f.Place + ": "
	}
	s += f.Message
	if f.Advice != "" {
		s += " — " + f.Advice
	}
	return s
}
