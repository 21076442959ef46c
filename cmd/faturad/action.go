package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"faturad/internal/app"
	"faturad/internal/fault"
	"faturad/sync/ledger"
)

// actionFlags are the flags of commands that change a document.
type actionFlags struct {
	yes    bool
	reason string
	held   bool // release: every held sale
}

func (f *actionFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do it; without this flag only the plan is printed")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why; goes into the audit trail (mark and reissue need it)")
}

// stepJSON is one planned or done step.
type stepJSON struct {
	documentJSON
	Action string `json:"action"`
	To     string `json:"to"`
	Does   string `json:"does"`
	Queued bool   `json:"queued"` // the next pass does it
	// NeedsReason: it is only done with --reason.
	NeedsReason bool   `json:"needs_reason"`
	Refused     string `json:"refused"`
	Done        bool   `json:"done"`
	Error       string `json:"error"`
}

// actionWords describe the actions in help texts.
var actionWords = map[app.Action]string{
	app.Resync:  "Go on with documents in the next pass, from wherever they stand",
	app.Release: "Give a held sale, a draft or a disputed document free",
	app.Cancel:  "Give a document up before it exists at the provider, take a draft away, or cancel an approved e-Arşiv invoice or receipt",
	app.Mail:    "Have the provider mail an e-Arşiv invoice to its buyer again",
	app.Reissue: "Start the next revision of a failed, rejected, cancelled or disputed document",
}

// actionLong says what each action does in which state.
var actionLong = map[app.Action]string{
	app.Resync: `A held or refused sale is read again and sent if nothing stands in the way; a pending one is sent; an unknown outcome
and a status are asked for; a failed document gets the content of its sale as it is now (or is queued as it is, when nothing
changed) and is sent again under the same ETTN and number; a draft gets that content and stays a draft; a final one is
written to the ERP again. The daemon does it in its next pass, without one ` + "`faturad sync`" + ` does.`,
	app.Release: `A held sale is read again and sent if nothing stands in the way (one that was held as a possible duplicate is not held for
that again); a draft gets legal effect at the provider, unless its sale was edited since; a disputed document is sent again
with the same ETTN and content, because you saw that the provider does not have it (it needs --reason). --held, in place of
REFs, takes every held sale.`,
	app.Cancel: `A document that never reached the provider is given up: so a sale is kept back that was invoiced by hand. It then says
who gave it up and why (--reason), and correcting the sale does not revive it; only ` + "`faturad reissue`" + ` does. A draft is
taken away where the provider's interface can do that (KolayBi, Propars). An approved e-Arşiv invoice (within six months of
its date) or receipt is cancelled at the provider; its number is spent, and the sale is invoiced again with ` + "`faturad reissue`" + `
only. A cancellation whose answer was lost is asked for at once, never repeated by itself. An e-Fatura is cancelled with its
buyer on GİB's portal; faturad notices within a day.`,
	app.Mail:    "The provider mails it to the address that the sale has today: a message that failed is tried again, one that was sent, or\ngoes to a corrected address, is sent anew. `faturad document REF --mail` and the ERP show where it stands.",
	app.Reissue: "The document keeps its history; the new revision has an ETTN of its own and is sent as a new invoice. A disputed document\nis recorded as cancelled first, because you saw that it has no legal effect at the provider.",
}

func (c *cli) actionCommand(action app.Action) *cobra.Command {
	var flags actionFlags
	cmd := &cobra.Command{
		Use:   string(action) + " REF...",
		Short: actionWords[action] + "; prints the plan, acts with --yes",
		Long:  actionLong[action] + "\n\nREF is a local reference, a sale key or an ETTN. The plan is printed; --yes carries it out and leaves an audit row with\nyour user name and --reason.",
		Args: func(cmd *cobra.Command, args []string) error {
			if flags.held {
				return takesNone(cmd, args)
			}
			return takesSome("REF")(cmd, args)
		},

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.act(cmd.Context(), action, args, "", flags)
		},
	}
	flags.register(cmd)
	if action == app.Release {
		cmd.Flags().BoolVar(&flags.held, "held", false, "every held sale of the company")
	}
	return cmd
}

func (c *cli) markCommand() *cobra.Command {
	var flags actionFlags
	cmd := &cobra.Command{
		Use:   "mark REF STATE",
		Short: "Settle a disputed document by hand (sent, prepared or cancelled); prints the plan, acts with --yes",
		Long: `Only a person can settle a disputed document, after looking at the provider's portal:
sent when it is there, prepared when it surely is not and shall be sent again with the same ETTN, cancelled when it is not
and shall never be.

REF is a local reference, a sale key or an ETTN.`,
		Args:              takes("REF", "STATE"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			state, ok := ledger.StateOfText(args[1])
			if !ok || !ledger.Disputed.MayBecome(state) {
				return usageError{fmt.Errorf("a document cannot be marked %q: use sent, prepared or cancelled", args[1])}
			}
			return c.act(cmd.Context(), app.Mark, args[:1], state, flags)
		},
	}
	flags.register(cmd)
	return cmd
}

// needsReason are the actions by which a person takes the place of the provider's own word.
var needsReason = []app.Action{app.Mark, app.Reissue}

func (c *cli) act(ctx context.Context, action app.Action, refs []string, mark ledger.State, flags actionFlags) error {
	if flags.yes && strings.TrimSpace(flags.reason) == "" && slices.Contains(needsReason, action) {
		return usageError{fmt.Errorf("%s with --yes needs --reason: what you saw in the provider's portal, for those who ask later", action)}
	}
	return c.withApp(ctx, func(a *app.App) error {
		company, err := c.only(a)
		if err != nil {
			return err
		}
		var steps []app.Step
		if flags.held {
			steps, err = company.PlanHeld(ctx)
		} else {
			steps, err = company.Plan(ctx, action, refs, mark)
		}
		if err != nil {
			if fault.ClassOf(err) == "" { // not the ledger's: there is no such document
				err = usageError{err}
			}
			return err
		}
		failures := make([]error, len(steps))
		if flags.yes {
			failures = apply(ctx, company, steps, flags)
		}
		out := []stepJSON{}
		var errs []error
		for i, s := range steps {
			j := stepJSON{documentJSON: asJSON(s.Document, a.Config.Language), Action: string(s.Action), To: string(s.To), Does: s.Does,
				Queued: s.Queued, NeedsReason: s.NeedsReason(), Refused: s.Refused.EN}
			switch {
			case !s.Possible():
				errs = append(errs, fmt.Errorf("%s: %s", s.Document.LocalReference, s.Refused.EN))
			case failures[i] != nil:
				j.Error = failures[i].Error()
				errs = append(errs, failures[i])
			default:
				j.Done = flags.yes
			}
			out = append(out, j)
		}
		if err := c.printSteps(out, flags); err != nil {
			return err
		}
		if err := errors.Join(errs...); err != nil {
			return silent{err}
		}
		return nil
	})
}

// apply does what can be done, and gives one error (or nil) a step.
func apply(ctx context.Context, company *app.Company, steps []app.Step, flags actionFlags) []error {
	if flags.held {
		return company.ApplyHeld(ctx, steps, userName(), flags.reason)
	}
	errs := make([]error, len(steps))
	for i, s := range steps {
		switch {
		case !s.Possible():
		case s.NeedsReason() && strings.TrimSpace(flags.reason) == "":
			errs[i] = fmt.Errorf("it is %s: settling it needs --reason, what you saw in the provider's portal", s.Document.State)
		default:
			errs[i] = company.Apply(ctx, s, userName(), flags.reason)
		}
	}
	return errs
}

func (c *cli) printSteps(steps []stepJSON, flags actionFlags) error {
	if c.json {
		return c.printJSON(map[string]any{"acted": flags.yes, "steps": steps})
	}
	queued, possible, reason := false, false, false
	for _, s := range steps {
		queued = queued || s.Done && s.Queued
		possible = possible || s.Refused == "" && s.Error == ""
		reason = reason || s.NeedsReason && strings.TrimSpace(flags.reason) == ""
		switch {
		case s.Refused != "":
			c.printf("%s: not possible: %s\n", s.LocalReference, s.Refused)
		case s.Error != "":
			c.printf("%s: failed: %s\n", s.LocalReference, s.Error)
		case s.Done && s.Queued:
			c.printf("%s: queued: %s\n", s.LocalReference, s.Does)
		case s.Done:
			c.printf("%s: done: %s\n", s.LocalReference, s.Does)
		default:
			c.printf("%s (%s): would %s\n", s.LocalReference, s.StateText, s.Does)
		}
	}
	switch {
	case len(steps) == 0:
		c.printf("No sale is held.\n")
	case !flags.yes && reason:
		c.printf("Nothing was done. Add --yes to do it, and --reason with what you saw in the provider's portal.\n")
	case !flags.yes && possible:
		c.printf("Nothing was done. Add --yes to do it.\n")
	case queued:
		c.printf("The daemon's next pass does what is queued; without a daemon: faturad sync all\n")
	}
	return nil
}

// userName is who acts, for the audit trail.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	if person := os.Getenv("SUDO_USER"); person != "" {
		return person + " (as " + u.Username + ")"
	}
	return u.Username
}
