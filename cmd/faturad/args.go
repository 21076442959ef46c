package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The words by which usage lines name arguments, and what each stands for.
var argumentMeans = map[string]string{
	"REF":   "a local reference, a sale key or an ETTN",
	"SALE":  "a sale's key in the ERP, its printed number, or a document's reference, number or ETTN",
	"ETTN":  "the ETTN of a received invoice, or its number where only one has it",
	"STATE": "sent, prepared or cancelled",
}

// takes checks that exactly the arguments of the usage line were given.
func takes(words ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(words) {
			return missing(cmd, words[len(args)])
		}
		return tooMany(cmd, args, len(words))
	}
}

// takesSome checks that at least one argument was given.
func takesSome(word string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return missing(cmd, word)
		}
		return nil
	}
}

// takesNone checks that no argument was given. What follows a command with subcommands is taken for one of those.
func takesNone(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || !cmd.HasAvailableSubCommands() {
		return tooMany(cmd, args, 0)
	}
	var known []string
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			known = append(known, child.Name())
		}
	}
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		for i, name := range near {
			near[i] = "`" + cmd.CommandPath() + " " + name + "`"
		}
		return fmt.Errorf("there is no command %q: did you mean %s?", cmd.CommandPath()+" "+args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no command %q: use one of %s", cmd.CommandPath()+" "+args[0], strings.Join(known, ", "))
}

// takesOneOf checks that at most one argument was given, and that it is one of the words.
func takesOneOf(what string, words []string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && !slices.Contains(words, args[0]) {
			return fmt.Errorf("there is no %s %q: use one of %s", what, args[0], strings.Join(words, ", "))
		}
		return tooMany(cmd, args, 1)
	}
}

func missing(cmd *cobra.Command, word string) error {
	means := argumentMeans[word]
	if cmd.Parent() != nil && cmd.Parent().Name() == "inbox" {
		means = argumentMeans["ETTN"]
	}
	if means != "" {
		word += ", " + means
	}
	return fmt.Errorf("`%s` needs %s: see `%s --help`", cmd.CommandPath(), word, cmd.CommandPath())
}

func tooMany(cmd *cobra.Command, args []string, most int) error {
	if len(args) <= most {
		return nil
	}
	return fmt.Errorf("`%s` does not take %q: see `%s --help`", cmd.CommandPath(), args[most], cmd.CommandPath())
}

// flagError says what is wrong with a flag and where to look. Cobra calls it for what pflag did not understand.
func flagError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("see `%s --help`", cmd.CommandPath())
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1:
		return fmt.Errorf("`%s` has no flag --%s: %s", cmd.CommandPath(), unknown.GetSpecifiedName(), help)
	case errors.As(err, &bare):
		return fmt.Errorf("--%s needs a value: %s", bare.GetFlag().Name, help)
	case errors.As(err, &wrong):
		return fmt.Errorf("--%s cannot be %q: it takes %s; %s", wrong.GetFlag().Name, wrong.GetValue(), kindOf(wrong.GetFlag()), help)
	}
	return fmt.Errorf("%w: %s", err, help)
}

// kindOf says what values a flag takes.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a number"
	case "bool":
		return "true or false"
	case "stringToString":
		return "name=value"
	}
	return "a value"
}

// together is cobra's sentence about flags that exclude each other.
var together = regexp.MustCompile(`^if any flags in the group \[([^]]+)\] are set none of the others can be`)

// plainUsage puts what cobra itself says of a command line into one sentence that says what to do.
func plainUsage(err error) error {
	if m := together.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("give only one of --%s", strings.Join(strings.Fields(m[1]), " and --"))
	}
	return err
}
