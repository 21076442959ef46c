package providertest

import (
	"fmt"
	"os"
	"strings"
)

// Covered is one row of providers/all/testdata/coverage.tsv: an endpoint of a provider's guide (Source "guide") or of what
// integrators' code shows ("facts"), or, with a Field, one field of its request.
type Covered struct {
	Kind, Source, Endpoint, Field string
	// State is "yes" or "not".
	State string
	// Why names the tests, as package.Test with commas between them, or says why the row is not used.
	Why string
}

// Tests are the names of the tests in a "yes" row, without their package.
func (c Covered) Tests() (out []string) {
	if c.State != "yes" {
		return nil
	}
	for test := range strings.SplitSeq(c.Why, ", ") {
		out = append(out, strings.TrimPrefix(test, c.Kind+"."))
	}
	return out
}

// Coverage reads the table at path. The error names a line that has not six columns.
func Coverage(path string) (rows []Covered, err error) {
	text, err := os.ReadFile(path) // a path of the tests' own
	if err != nil {
		return nil, fmt.Errorf("reading the table of coverage: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 6 {
			return nil, fmt.Errorf("reading the table of coverage: %d columns instead of 6: %q", len(c), line)
		}
		rows = append(rows, Covered{c[0], c[1], c[2], c[3], c[4], c[5]})
	}
	return rows, nil
}
