package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"go.uber.org/goleak"
)

// leakless runs the tests and then looks for goroutines that they left.
type leakless struct{ *testing.M }

// Run implements testscript.TestingM.
func (m leakless) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "a goroutine is left:", err)
		return 1
	}
	return code
}

func TestMain(m *testing.M) { testscript.Main(leakless{m}, map[string]func(){"faturad": main}) }

// The scripts of testdata/script run the real command line, without any database.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector waits a second at each end
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits is a script's command: exits CODE COMMAND ARG...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), code, want)
	}
}

// every lists all commands, the root first.
func every(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, child := range cmd.Commands() {
		if child.Name() != "help" && child.Name() != "completion" {
			out = append(out, every(child)...)
		}
	}
	return out
}

// freshRoot is the command line as execute makes it.
func freshRoot() *cobra.Command { return (&cli{}).root() }

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, cmd := range every(freshRoot()) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		var out, errOut bytes.Buffer
		if code := execute(t.Context(), args, &out, &errOut); code != exitDone || errOut.Len() > 0 {
			t.Errorf("%v: exit code %d, stderr %q", args, code, errOut.String())
		}
		if !strings.Contains(out.String(), "Usage:\n  "+cmd.CommandPath()) || cmd.Short == "" {
			t.Errorf("%v: no usage or no short text:\n%s", args, out.String())
		}
		for i, line := range strings.Split(cmd.Long, "\n") {
			if len([]rune(line)) > 125 {
				t.Errorf("%s: line %d of the help is %d characters wide", cmd.CommandPath(), i+1, len([]rune(line)))
			}
		}
		if strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: the short text ends in a full stop", cmd.CommandPath())
		}
	}
}

// The commands of design.md section 6 that exist; their names are a contract with scripts.
func TestCommandNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, cmd := range every(freshRoot())[1:] {
		names = append(names, strings.TrimPrefix(cmd.CommandPath(), "faturad "))
	}
	for _, want := range []string{"run", "sync", "check", "preview", "status", "documents", "document", "resync", "cancel", "release", "reissue", "mark",
		"inbox", "inbox list", "inbox show", "audit", "init", "migrate", "grants"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no command %s", want)
		}
	}
}
