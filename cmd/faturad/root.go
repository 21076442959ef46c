package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/config"
)

// cli is what every subcommand shares: the global flags and where output goes.
type cli struct {
	config  string
	company string
	json    bool
	verbose bool
	out     io.Writer
	err     io.Writer
	log     *slog.Logger

	started  bool // the command line was understood
	answered bool // the one JSON document was printed
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, out, errOut io.Writer) int {
	c := &cli{out: out, err: errOut}
	root := c.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err != nil && !c.started {
		err = usageError{plainUsage(err)}
		c.json = c.json || slices.Contains(args, "--json") // the mistake may stand before it
	}
	if err != nil && !errors.Is(err, errSilent) {
		fmt.Fprintln(errOut, "faturad: "+err.Error())
	}
	if err != nil && c.json && !c.answered {
		if printErr := c.printJSON(errorDocument(err)); printErr != nil {
			fmt.Fprintln(errOut, "faturad: "+printErr.Error())
		}
	}
	return exitCode(err)
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "faturad",
		Short: "Issue an ERP's sales as Turkish e-Fatura and e-Arşiv invoices, each exactly once",
		Long: `faturad reads pending sales from an ERP's MySQL or MariaDB database, issues each as a legal Turkish e-Fatura or
e-Arşiv invoice through the company's provider, follows it to its final status, pulls incoming invoices, and writes all
of it back into the ERP.

Exit codes: 0 done · 1 failed · 2 usage, config or refused credentials · 3 done, but some documents need a person ·
4 provider or database unreachable.`,
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(*cobra.Command, []string) error { c.log = newLogger(c.err, c.verbose); return nil },
	}
	root.Args, root.RunE = takesNone, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&c.config, "config", config.DefaultPath, "config `FILE`")
	flags.StringVar(&c.company, "company", "", "work on the company of this `NAME` only")
	flags.BoolVar(&c.json, "json", false, "print one JSON document on stdout; logs go to stderr")
	flags.BoolVarP(&c.verbose, "verbose", "v", false, "log more")
	root.AddCommand(
		c.runCommand(), c.syncCommand(), c.checkCommand(), c.previewCommand(),
		c.statusCommand(), c.documentsCommand(), c.documentCommand(),
		c.actionCommand(app.Resync), c.actionCommand(app.Release), c.actionCommand(app.Cancel), c.actionCommand(app.Reissue), c.actionCommand(app.Mail), c.markCommand(),
		c.inboxCommand(), c.auditCommand(), c.archiveCommand(), c.codesCommand(), c.providersCommand(), c.initCommand(), c.migrateCommand(), c.grantsCommand(),
	)
	c.noteStart(root)
	return root
}

// noteStart makes every command note that it was started: what goes wrong before is a mistake on the command line.
func (c *cli) noteStart(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			c.started = true
			return run(cmd, args)
		}
	}
	for _, child := range cmd.Commands() {
		c.noteStart(child)
	}
}

// completeWith offers words for a flag in the shell.
func completeWith(cmd *cobra.Command, flag string, words ...string) {
	complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc(flag, complete) // fails only for a flag that does not exist; the tests of completion find that
}

// load reads the config.
func (c *cli) load() (config.Config, error) {
	cfg, err := config.Load(c.config)
	if err != nil {
		return cfg, usageError{err}
	}
	names := make([]string, len(cfg.Companies))
	for i, company := range cfg.Companies {
		names[i] = company.Name
	}
	if c.company != "" && !slices.Contains(names, c.company) {
		return cfg, usageError{fmt.Errorf("the config has no company %q: it has %s", c.company, strings.Join(names, ", "))}
	}
	return cfg, nil
}

// open reads the config and opens what it names.
func (c *cli) open(ctx context.Context, options app.Options) (*app.App, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	options.Log, options.Company, options.Clock = c.log, c.company, newClock()
	return app.Open(ctx, cfg, options)
}

// withApp opens faturad, does something with it, and closes it.
func (c *cli) withApp(ctx context.Context, do func(*app.App) error) (err error) {
	a, err := c.open(ctx, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a)
}
