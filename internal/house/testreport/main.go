// Command testreport reads `go test -json` on its standard input and prints what go test itself would print, then what a person
// wants to know at the end: what was not run and why, where the time went, and one closing line. It exits 1 when something
// failed. It is a tool of the Makefile, not part of any shipped binary.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// never are words that a failed test is not given a second try for: what a program did wrong once, it did wrong.
var never = regexp.MustCompile(`DATA RACE|panic:|PROMISE BROKEN`)

// event is a line of go test -json (go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build, where Package is empty
	Test       string
	Elapsed    float64
	Output     string
}

type report struct {
	out     io.Writer
	output  map[string][]string // what each test or package printed so far
	skipped []string
	failed  []string
	slowest []event
	again   []event // failed, and worth another try on a quiet machine
	passed  int
	broken  int // packages that failed without a failed test: builds, TestMain, panics
}

func main() {
	r := &report{out: os.Stdout, output: map[string][]string{}}
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	ok := r.summary()
	if err := r.writeAgain(os.Getenv("FATURAD_TEST_AGAIN")); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		ok = false
	}
	if !ok {
		os.Exit(1)
	}
}

// writeAgain leaves the failed tests in a file, a line "package ^(TestA|TestB)" each package, when every one of them may have
// failed for the machine's load only; else, and when all is well, an empty file. Without a file's name it does nothing.
func (r *report) writeAgain(file string) error {
	if file == "" {
		return nil
	}
	tests := map[string][]string{}
	for _, e := range r.again {
		top, _, _ := strings.Cut(e.Test, "/")
		if !slices.Contains(tests[e.Package], top) {
			tests[e.Package] = append(tests[e.Package], top)
		}
	}
	var text strings.Builder
	if len(r.again) == len(r.failed) && r.broken == 0 {
		for _, pkg := range slices.Sorted(maps.Keys(tests)) {
			fmt.Fprintf(&text, "%s ^(%s)\n", pkg, strings.Join(tests[pkg], "|"))
		}
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("name the tests to try again: %w", err)
	}
	return nil
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.out, lines.Text()) // go's own words, e.g. of a build
			continue
		}
		r.take(e)
	}
	return lines.Err()
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e, key)
		}
		delete(r.output, key)
	}
}

func (r *report) endTest(e event, key string) {
	said := strings.Join(r.output[key], "")
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skipped = append(r.skipped, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(said)))
	case "fail":
		r.failed = append(r.failed, e.Package+" "+e.Test)
		if !never.MatchString(said) {
			r.again = append(r.again, e)
		}
		fmt.Fprint(r.out, said)
	}
}

// endPackage prints go test's own line of the package; everything else that a package prints matters only when it failed.
func (r *report) endPackage(e event) {
	lines := r.output[e.Package+" "]
	if e.Action == "fail" {
		fmt.Fprint(r.out, strings.Join(lines, ""))
		if !slices.ContainsFunc(r.failed, func(f string) bool { return strings.HasPrefix(f, e.Package+" ") }) {
			r.broken++
			r.unfinished(e.Package)
		}
	} else {
		for _, line := range lines {
			if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "? ") || strings.HasPrefix(line, "\t") {
				fmt.Fprint(r.out, line)
			}
		}
	}
	r.slowest = append(r.slowest, e)
}

// unfinished prints what tests said that never ended: a panic or a time-out names itself there.
func (r *report) unfinished(pkg string) {
	for key, lines := range r.output {
		if strings.HasPrefix(key, pkg+" ") && key != pkg+" " {
			fmt.Fprint(r.out, strings.Join(lines, ""))
		}
	}
}

// reason cuts the words out of "    file_test.go:12: words\n--- SKIP: …".
func reason(said string) string {
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if _, words, ok := strings.Cut(line, "_test.go:"); ok {
			if _, words, ok = strings.Cut(words, ": "); ok {
				return words
			}
		}
	}
	return "no reason given"
}

// summary prints the end and says whether all is well.
func (r *report) summary() bool {
	if len(r.skipped) > 0 {
		fmt.Fprintln(r.out, "\nNot run, and why:")
		for _, s := range r.skipped {
			fmt.Fprintln(r.out, "  "+s)
		}
	} else {
		fmt.Fprintln(r.out, "\nNothing was skipped.")
	}
	slices.SortStableFunc(r.slowest, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	fmt.Fprintln(r.out, "Where the time went:")
	for _, e := range r.slowest[:min(8, len(r.slowest))] {
		fmt.Fprintf(r.out, "  %7.1f s  %s\n", e.Elapsed, e.Package)
	}
	if len(r.failed) > 0 {
		fmt.Fprintln(r.out, "Failed:")
		for _, f := range r.failed {
			fmt.Fprintln(r.out, "  "+f)
		}
	}
	bad := len(r.failed) + r.broken
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, bad, len(r.skipped))
	return bad == 0 && r.passed > 0
}
