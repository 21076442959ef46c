package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandsCanBeCopied: every command that a page, a hint or an advice names exists, with those flags and arguments. Nothing
// is run.
func TestCommandsCanBeCopied(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(place, line string, whole bool) {
		found++
		if wrong := uncopyable(line, string(makefile), whole); wrong != "" {
			t.Errorf("%s: %s: %s", place, line, wrong)
		}
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "bin" || d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case name == "docs/cli.md", name == "CHANGELOG.md": // generated from the commands themselves; the past
			return nil
		case strings.HasSuffix(name, ".md"):
			page, err := os.ReadFile(path)
			commandsOfPage(string(page), func(at int, line string, whole bool) { check(name+":"+strconv.Itoa(at), line, whole) })
			return err
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			return commandsOfCode(path, func(at int, line string) { check(name+":"+strconv.Itoa(at), line, false) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Errorf("only %d commands were found", found)
	}
	for line, whole := range map[string]bool{
		"faturad statsu": true, "faturad documents --sate held": true, "faturad document": true, "faturad init --vkn ...": true, "make demonstration": true,
		"go run ./cmd/faturad-demo --once": true, "faturad mark REF --held": false,
	} {
		if uncopyable(line, string(makefile), whole) == "" {
			t.Errorf("%q passes", line)
		}
	}
}

// quoted is a command in running text.
var quoted = regexp.MustCompile("`((?:faturad|make|go) [^`]+)`")

// commandsOfPage gives the commands of a page: lines of blocks are whole, those in running text may leave arguments out.
func commandsOfPage(page string, each func(at int, line string, whole bool)) {
	fenced := false
	page = strings.ReplaceAll(page, "\\\n", "") // one command on several lines
	for i, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced || strings.HasPrefix(line, "    ") {
			command := strings.TrimSpace(line)
			for _, prompt := range []string{"$ ", "# ", "sudo -u faturad ", "sudo "} {
				command = strings.TrimPrefix(command, prompt)
			}
			if first, _, _ := strings.Cut(command, " "); slices.Contains([]string{"faturad", "make", "go"}, strings.TrimPrefix(first, "bin/")) {
				each(i+1, strings.TrimPrefix(command, "bin/"), true)
			}
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			each(i+1, m[1], false)
		}
	}
}

// verb is a place that the program fills.
var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// commandsOfCode gives the commands that the strings of a source file name.
func commandsOfCode(path string, each func(at int, line string)) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			return true
		}
		at := files.Position(literal.Pos()).Line
		if strings.HasPrefix(text, "go run ") {
			each(at, text)
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			each(at, verb.ReplaceAllString(m[1], "X"))
		}
		return true
	})
	return nil
}

// uncopyable says why a command cannot be copied as it stands; empty = it can. Words in capitals stand for values.
func uncopyable(line, makefile string, whole bool) string {
	line, _, _ = strings.Cut(line, " #")
	for _, end := range []string{" | ", " >", " && ", "; ", " < ", " 2>"} {
		line, _, _ = strings.Cut(line, end)
	}
	words := strings.Fields(strings.NewReplacer(`"..."`, "X", "'", "", `"`, "").Replace(line))
	if whole && slices.Contains(words, "...") {
		return "it leaves values out"
	}
	switch words[0] {
	case "make":
		for _, w := range words[1:] {
			if strings.Contains(w, "=") {
				break
			}
			if !strings.Contains(makefile, "\n"+w+":") {
				return "the Makefile has no target " + w
			}
		}
		return ""
	case "go":
		if strings.Contains(line, "./cmd/faturad-demo") && !strings.Contains(line, "-tags gms_pure_go") {
			return "the demo needs -tags gms_pure_go"
		}
		return ""
	}
	return misunderstood(words[1:], whole)
}

// misunderstood says why the command line does not understand words.
func misunderstood(words []string, whole bool) string {
	c := &cli{out: new(bytes.Buffer), err: new(bytes.Buffer)}
	root := c.root()
	root.InitDefaultCompletionCmd()
	words = slices.DeleteFunc(words, func(w string) bool { return w == "..." || w == "…" || w == "SHELL" && words[0] == "completion" })
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err.Error()
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "there is no command " + rest[0]
	}
	if err := understood(cmd, rest); err != nil {
		return err.Error()
	}
	if args := cmd.Flags().Args(); cmd.Args != nil && (whole || len(args) > 0) {
		if err := cmd.Args(cmd, args); err != nil && !slices.ContainsFunc(args, placeholder) && (whole || !strings.Contains(err.Error(), "needs")) {
			return err.Error()
		}
	}
	return ""
}

// understood parses flags; a value in capitals passes for any.
func understood(cmd *cobra.Command, words []string) error {
	cmd.InheritedFlags() // joins them
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "int" {
			for i, w := range words {
				if w == "--"+f.Name && i+1 < len(words) && placeholder(words[i+1]) {
					words[i+1] = "1"
				}
			}
		}
	})
	return cmd.ParseFlags(words)
}

// placeholder reports whether a word stands for a value.
func placeholder(w string) bool {
	return w == strings.ToUpper(w) && strings.ContainsAny(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || strings.ContainsAny(w, "[|")
}
