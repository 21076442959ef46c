package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"faturad/internal/app"
	"faturad/sync/ledger"
)

var update = flag.Bool("update", false, "write docs/cli.md")

const cliPage = "../../docs/cli.md"

// docs/cli.md is the help of every command on one page.
func TestCLIDocs(t *testing.T) {
	t.Parallel()
	page := cliDocs(freshRoot())
	if *update {
		if err := os.WriteFile(cliPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(cliPage)
	if err != nil || string(have) != page {
		t.Errorf("docs/cli.md is stale (%v): go test ./cmd/faturad -run TestCLIDocs -update", err)
	}
}

// cliDocs renders the command line as one page.
func cliDocs(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString("# The command line\n\nGenerated from cmd/faturad by `go test ./cmd/faturad -run TestCLIDocs -update`; do not edit.\n\n")
	b.WriteString(long(root) + "\n\n| command | does |\n|---|---|\n")
	commands := every(root)[1:]
	for _, cmd := range commands {
		anchor := strings.ReplaceAll(strings.TrimPrefix(cmd.CommandPath(), "faturad "), " ", "-")
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", cmd.CommandPath(), anchor, cmd.Short)
	}
	b.WriteString("| faturad completion SHELL | Print the completion script of bash, zsh, fish or powershell |\n")
	b.WriteString("\nEvery command takes:\n\n" + flags(root.PersistentFlags()))
	b.WriteString(`
With ` + "`--json`" + ` a command prints exactly one JSON document on stdout, whatever happens. A command that came to nothing prints

` + "```json" + `
{"error": {"message": "...", "class": "", "exit_code": 2, "problems": [{"file": "...", "line": 4, "column": 1, "key": "...", "message": "..."}]}}
` + "```" + `

where ` + "`class`" + ` is that of a provider's or a database's error (retryable, permanent, ambiguous, throttled, auth, duplicate, notfound)
and ` + "`problems`" + ` is what is wrong with the config.
`)
	for _, cmd := range commands {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", strings.TrimPrefix(cmd.CommandPath(), "faturad "), long(cmd), cmd.UseLine())
		if own := flags(cmd.LocalNonPersistentFlags()); own != "" {
			b.WriteString("\n" + own)
		}
	}
	return b.String()
}

func long(cmd *cobra.Command) string {
	if cmd.Long == "" || cmd.Parent() == nil {
		return strings.TrimSpace(cmd.Long + map[bool]string{true: cmd.Short + "."}[cmd.Long == ""])
	}
	return cmd.Short + ".\n\n" + cmd.Long
}

// flags is a table of flags; empty when there are none.
func flags(set *pflag.FlagSet) string {
	var b strings.Builder
	set.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		standard := ""
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			standard = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, usage, standard)
	})
	if b.Len() == 0 {
		return ""
	}
	return "| flag | meaning | default |\n|---|---|---|\n" + b.String()
}

// TestInstallDocs: the page says how each way out of a dispute is gone, since nobody but its reader can go it.
func TestInstallDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	disputed := ledger.Document{State: ledger.Disputed}
	for _, action := range []app.Action{app.Resync, app.Release, app.Cancel, app.Reissue, app.Mail} {
		if app.StepOf(action, disputed, "").Possible() && !strings.Contains(string(page), "`faturad "+string(action)+" REF --yes") {
			t.Errorf("the page does not say when to %s a disputed document", action)
		}
	}
	for _, state := range []ledger.State{ledger.Sent, ledger.Cancelled} {
		if !strings.Contains(string(page), "`faturad mark REF "+string(state)+" --yes") {
			t.Errorf("the page does not say when to mark a disputed document as %s", state)
		}
	}
}
