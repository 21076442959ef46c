package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with the config, with its place. Line and Column are 1-based; 0 means the file as a whole.
type Problem struct {
	File   string
	Line   int
	Column int
	Key    string // e.g. company[0].account[1].kind; empty = the file as a whole
	Text   string // one sentence that says what is wrong and what to do
}

// Error prints "file:line:column: text".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// Problems is everything wrong with a config, in the order of the file. Load returns it as its error; errors.As finds it.
type Problems []Problem

// Error prints one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each problem as an error.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// settled orders by place and keeps one problem a key: a value of the wrong type is not also missing.
func (ps Problems) settled() Problems {
	seen := map[string]bool{}
	out := ps[:0:0]
	for _, p := range ps {
		where := fmt.Sprintf("%s:%d:%d %s", p.File, p.Line, p.Column, p.Key)
		if p.Key != "" && seen[where] {
			continue
		}
		seen[where] = true
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return out
}
