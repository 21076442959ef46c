package all_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"faturad/providers/all"
	"faturad/providers/providertest"
)

const coveragePage = pages + "coverage.md" // docs/providers/coverage.md

func coverage(t *testing.T) []providertest.Covered {
	t.Helper()
	rows, err := providertest.Coverage("testdata/coverage.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestCoverageIsWhole wants an answer in every row, tests that exist, and names that the provider's code knows.
func TestCoverageIsWhole(t *testing.T) {
	t.Parallel()
	tests, code := map[string]bool{}, map[string]string{}
	testName := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, kind := range all.Kinds() {
		files, err := filepath.Glob("../" + kind + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files: %v", kind, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				code[kind] += strings.ToLower(string(text))
			}
			for _, found := range testName.FindAllStringSubmatch(string(text), -1) {
				tests[kind+"."+found[1]] = true
			}
		}
	}
	lastWord := regexp.MustCompile(`[A-Za-z_]+`)
	seen := map[[3]string]bool{}
	for _, r := range coverage(t) {
		name := fmt.Sprintf("%s: %s %s", r.Kind, r.Endpoint, r.Field)
		if key := [3]string{r.Kind, r.Endpoint, r.Field}; seen[key] {
			t.Errorf("%s stands there twice", name)
		} else {
			seen[key] = true
		}
		if r.Field != "" && !seen[[3]string{r.Kind, r.Endpoint, ""}] {
			t.Errorf("%s: its endpoint has no row before it", name)
		}
		if code[r.Kind] == "" || r.Source != "guide" && r.Source != "facts" || r.Endpoint == "" || r.Why == "" {
			t.Errorf("%s: a column is empty, or not one of the known words", name)
		}
		switch r.State {
		case "not":
		case "yes":
			for _, test := range r.Tests() {
				if !tests[r.Kind+"."+test] {
					t.Errorf("%s: there is no test %s", name, test)
				}
			}
			words := lastWord.FindAllString(r.Field, -1)
			if len(words) > 0 && !strings.HasSuffix(r.Field, " (path)") && !strings.Contains(code[r.Kind], strings.ToLower(words[len(words)-1])) {
				t.Errorf("%s: the code does not know this name", name)
			}
		default:
			t.Errorf("%s: %q is neither yes nor not", name, r.State)
		}
	}
}

// TestCoverageDocs compares docs/providers/coverage.md with the table.
func TestCoverageDocs(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`# What of the providers' interfaces is used

Generated from providers/all/testdata/coverage.tsv by ` + "`go test ./providers/all -run Docs -update`" + `; do not edit. Every endpoint and every
request field of the three guides; what only integrators' code shows is marked *facts*. Each provider's tests watch what reaches
its simulator: they fail when a field does not travel in a test that is named here, and when one travels that has no row.
`)
	for _, kind := range all.Kinds() {
		d := described(t, kind)
		endpoints, fields, used := 0, 0, 0
		var rows strings.Builder
		for _, r := range coverage(t) {
			if r.Kind != kind {
				continue
			}
			name, state := "**"+r.Endpoint+"**", "not used: "+r.Why
			if r.Field != "" {
				name = "`" + r.Field + "`"
				fields++
			} else {
				endpoints++
			}
			if r.Source == "facts" {
				name += " (facts)"
			}
			if r.State == "yes" {
				state = "tested by " + r.Why
				used++
			}
			fmt.Fprintf(&rows, "| %s | %s |\n", name, state)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%d endpoints with %d request fields; %d of these %d rows are implemented.\n\n| endpoint, then its fields | |\n|---|---|\n%s",
			d.Title, endpoints, fields, used, endpoints+fields, rows.String())
	}
	if *update {
		if err := os.WriteFile(coveragePage, []byte(b.String()), 0o644); err != nil { // a document that everybody reads
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(coveragePage); err != nil || string(have) != b.String() {
		t.Errorf("docs/providers/coverage.md is stale (%v): go test ./providers/all -run Docs -update", err)
	}
}

// TestCoverageNamesTheGuides compares the table with the guides themselves, where they lie beside the repository.
func TestCoverageNamesTheGuides(t *testing.T) {
	t.Parallel()
	const guides = "../../../shared/guides/"
	if _, err := os.Stat(guides); err != nil {
		t.Skip("the providers' guides are not beside the repository: the table was not compared with them")
	}
	rows := map[string]map[string]bool{}
	for _, r := range coverage(t) {
		if rows[r.Kind] == nil {
			rows[r.Kind] = map[string]bool{}
		}
		if r.Field == "" {
			rows[r.Kind][r.Endpoint] = true
		}
	}
	endpoints := map[string]func(string) []string{"turkcell": titles, "kolaybi": postedPaths, "propars": quotedPaths}
	for _, kind := range all.Kinds() {
		text, err := os.ReadFile(guides + kind + "-guide.txt")
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		found := endpoints[kind](string(text))
		if len(found) == 0 {
			t.Errorf("%s: no endpoint was found in its guide", kind)
		}
		for _, endpoint := range found {
			if kind == "propars" { // its guide names the verb in prose
				if !rows[kind]["GET "+endpoint] && !rows[kind]["POST "+endpoint] && !rows[kind]["PATCH "+endpoint] {
					t.Errorf("%s: the table lacks %s", kind, endpoint)
				}
			} else if !rows[kind][endpoint] {
				t.Errorf("%s: the table lacks %s", kind, endpoint)
			}
		}
	}
}

// titles finds the endpoints of Turkcell's guide: a title is a paragraph of its own which a "Responses" follows before the
// next one; a title that nothing follows but titles is that of a section.
func titles(text string) (out []string) {
	const sections = "|Giden e-Fatura|Gelen e-Fatura|e-Arşiv|Gelen Ticari Fatura Cevap|Mükellefler|Statik Listeler|E-MM|E-SMM|"
	title := regexp.MustCompile(`^(Post|Put|Get|Update|Cancel|Retry|Arayüzden|GibUser|\w+ List$)[^.:\[\]{}]{0,40}$`)
	section, last := "", ""
	for p := range strings.SplitSeq(text, "\n\n") {
		switch p = strings.TrimSpace(p); {
		case strings.Contains(sections, "|"+p+"|") && p != "":
			section = p
		case title.MatchString(p) && section != "":
			last = section + " / " + p
		case p == "Responses" && last != "":
			out, last = append(out, last), ""
		}
	}
	return out
}

// postedPaths finds "POST /path" at the beginning of a line.
func postedPaths(text string) []string {
	return regexp.MustCompile(`(?m)^(?:GET|POST|PUT|PATCH|DELETE) /\S+`).FindAllString(text, -1)
}

// quotedPaths finds '/path/?query' between quotes, without the query.
func quotedPaths(text string) (out []string) {
	for _, m := range regexp.MustCompile(`'(/api/[^'?]+)`).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}
