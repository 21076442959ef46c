// Command faturad-demo shows the whole of faturad on one machine that has nothing but Go: an embedded database that holds
// a small ERP and the ledger, the simulated provider, and between them the code of the real daemon. It sends nothing
// anywhere and keeps nothing. Nothing of it is part of the shipped binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := rootCommand(out)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "faturad-demo: "+err.Error())
		return exitUsage
	}
	fmt.Fprintln(errOut, "faturad-demo: "+err.Error())
	return exitFailed
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func rootCommand(out io.Writer) *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:   "faturad-demo",
		Short: "Show faturad at work: an ERP's sales become invoices at a simulated provider",
		Long: `Fill an embedded database with an ERP's sales of the last days, some of them deliberately wrong; start a simulated
provider; let faturad work between them; and show what the accountant then sees in the ERP. Nothing leaves this machine.

Without --once it goes on: new sales drop in, the admin page is open, until Ctrl-C.
Exit codes: 0 nothing was sent twice and nothing is open · 1 otherwise, or it failed · 2 usage.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o, out) },
	}
	f := root.Flags()
	f.BoolVar(&o.once, "once", false, "end when everything is settled")
	f.BoolVar(&o.json, "json", false, "print the figures as JSON and end (implies --once)")
	f.IntVar(&o.sales, "sales", defaultSales, "`N` sales in the ERP at the start")
	f.StringVar(&o.provider, "provider", turkcell, "the simulated provider: turkcell, kolaybi or propars")
	f.StringVar(&o.language, "language", "tr", "the accountant's language: tr or en")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(simulateCommand(out))
	return root
}

// options are what the command line decides.
type options struct {
	once     bool
	json     bool
	sales    int
	provider string
	language string
}

func (o options) check() error {
	switch {
	case o.provider != turkcell && o.provider != kolaybi && o.provider != propars:
		return usageError{fmt.Errorf("there is no simulated provider %q: use turkcell, kolaybi or propars", o.provider)}
	case o.language != "tr" && o.language != "en":
		return usageError{fmt.Errorf("the accountant's language %q is not known: use tr or en", o.language)}
	case o.sales < 1 || o.sales > maxSales:
		return usageError{fmt.Errorf("%d sales cannot be made: use 1 to %d", o.sales, maxSales)}
	}
	return nil
}
