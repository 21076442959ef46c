// Package house holds no code, only the tests of the house's own rules: who may import whom (design.md, "What may not
// bend"), and what the shipped binary links.
package house

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

const module = "faturad"

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string // of shipped files only, tests left out
}

// rule forbids imports to packages. Where deep is set, it looks at everything of this module that the package reaches, too.
type rule struct {
	says   string
	who    func(path string) bool
	denies func(who, imported string) bool
	deep   bool
}

var rules = []rule{
	{
		says:   "mapping and internal/invoice know no SQL, no HTTP, no clock, no provider",
		who:    anyOf("mapping/...", "internal/invoice"),
		denies: what("database/sql", "github.com/jmoiron/sqlx", "net/http", "faturad/internal/mysqlx", "faturad/internal/clock", "faturad/providers/...", "faturad/sync/..."),
		deep:   true,
	},
	{
		says:   "providers (the port) knows no database and no concrete provider",
		who:    anyOf("providers"),
		denies: what("database/sql", "github.com/jmoiron/sqlx", "faturad/internal/mysqlx", "faturad/providers/...", "faturad/sync/..."),
		deep:   true,
	},
	{
		says:   "a provider knows nothing of sync, and no database",
		who:    anyOf("providers/..."),
		denies: what("database/sql", "github.com/jmoiron/sqlx", "faturad/internal/mysqlx", "faturad/sync/..."),
		deep:   true,
	},
	{
		says: "a provider knows no other provider",
		who:  anyOf("providers/turkcell/...", "providers/kolaybi/...", "providers/propars/..."),
		denies: func(who, imported string) bool {
			return concrete(imported) != "" && concrete(imported) != concrete(who)
		},
		deep: true,
	},
	{
		says:   "sync/* knows the port only, never net/http, never cron",
		who:    anyOf("sync/..."),
		denies: func(_, imported string) bool { return below(imported, "faturad/providers") },
		deep:   true,
	},
	{
		says:   "sync/* never imports net/http or cron",
		who:    anyOf("sync/..."),
		denies: what("net/http", "github.com/robfig/cron/v3", "faturad/schedule/..."),
		deep:   true,
	},
	{
		says: "outbound, inbound, followup and archive do not know each other",
		who:  anyOf("sync/outbound/...", "sync/inbound/...", "sync/followup/...", "sync/archive/..."),
		denies: func(who, imported string) bool {
			return flow(imported) != "" && flow(imported) != flow(who)
		},
		deep: true,
	},
	{
		says:   "schedule is given func(ctx) error and knows nothing of invoices",
		who:    anyOf("schedule/..."),
		denies: what("faturad/internal/invoice", "faturad/internal/mysqlx", "faturad/mapping/...", "faturad/providers/...", "faturad/sync/..."),
		deep:   true,
	},
	{
		says:   "only internal/mysqlx opens a database",
		who:    noneOf("internal/mysqlx", "internal/dbtest", "cmd/faturad-demo"),
		denies: what("github.com/go-sql-driver/mysql"),
	},
	{
		says:   "only sync/erp, sync/ledger and sync/registry speak SQL",
		who:    noneOf("sync/erp/...", "sync/ledger/...", "sync/registry/...", "internal/mysqlx", "internal/dbtest", "internal/app", "cmd/..."),
		denies: what("database/sql", "github.com/jmoiron/sqlx"),
	},
	{
		says:   "only cmd and internal/app see everything",
		who:    noneOf("internal/app", "cmd/..."),
		denies: what("faturad/internal/app", "faturad/cmd/..."),
	},
	{
		says: "no test helper in shipped code",
		who:  noneOf("internal/dbtest", "providers/providertest", "cmd/faturad-demo"),
		denies: func(who, imported string) bool {
			return testOnly(imported) && !(isSimulator(who) && isSimulator(imported))
		},
	},
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	packages := list(t, "./...")
	byPath := map[string]pkg{}
	for _, p := range packages {
		byPath[p.ImportPath] = p
	}
	if len(byPath) < 5 {
		t.Fatalf("go list found only %d packages", len(byPath))
	}
	for _, r := range rules {
		for _, p := range packages {
			if !r.who(strings.TrimPrefix(p.ImportPath, module+"/")) {
				continue
			}
			for imported, way := range reach(p, byPath, r.deep) {
				if r.denies(p.ImportPath, imported) {
					t.Errorf("%s: but %s", r.says, strings.Join(append(way, imported), " imports "))
				}
			}
		}
	}
}

// A rule that never matches would pass for ever: each must refuse its own counter-example.
func TestRulesRefuseCounterExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ who, imported string }{
		{"mapping/ubl", "net/http"},
		{"internal/invoice", "faturad/providers"},
		{"providers", "faturad/providers/turkcell"},
		{"providers/turkcell", "faturad/providers/kolaybi/kolaybisim"},
		{"providers/propars", "faturad/sync/ledger"},
		{"sync/outbound", "faturad/providers/turkcell"},
		{"sync/registry", "net/http"},
		{"sync/outbound", "faturad/sync/followup"},
		{"sync/archive", "faturad/sync/inbound"},
		{"schedule", "faturad/sync/outbound"},
		{"sync/ledger", "github.com/go-sql-driver/mysql"},
		{"sync/outbound", "github.com/jmoiron/sqlx"},
		{"internal/web", "faturad/internal/app"},
		{"internal/app", "faturad/providers/turkcell/turkcellsim"},
		{"providers/kolaybi", "faturad/providers/simulator"},
		{"sync/ledger", "faturad/internal/dbtest"},
	} {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.who(c.who) && r.denies(module+"/"+c.who, c.imported) }) {
			t.Errorf("no rule forbids %s to import %s", c.who, c.imported)
		}
	}
}

func TestShippedBinaryLinksNothingForTests(t *testing.T) {
	t.Parallel()
	linked := list(t, "-deps", "./cmd/faturad")
	if len(linked) < 20 {
		t.Fatalf("go list -deps ./cmd/faturad gives only %d packages", len(linked))
	}
	for _, p := range linked {
		if testOnly(p.ImportPath) {
			t.Errorf("the shipped binary links %s", p.ImportPath)
		}
	}
}

func TestNoRegistrationInInit(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Errorf("reading %s of %s: %v", name, p.ImportPath, err)
				continue
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s of %s has an init(): list constructors explicitly instead", name, p.ImportPath)
				}
			}
		}
	}
}

// list runs go list in the module's root. -e: a package that does not compile is the compiler's business.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Dir,GoFiles,Imports"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var packages []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	sort.Slice(packages, func(i, j int) bool { return packages[i].ImportPath < packages[j].ImportPath })
	return packages
}

// reach gives what p imports and the way to it; deep also what the module's own packages behind it import.
func reach(p pkg, byPath map[string]pkg, deep bool) map[string][]string {
	ways := map[string][]string{}
	var walk func(pkg, []string)
	walk = func(p pkg, way []string) {
		way = append(slices.Clone(way), p.ImportPath)
		for _, imported := range p.Imports {
			if _, seen := ways[imported]; seen {
				continue
			}
			ways[imported] = way
			if next, own := byPath[imported]; own && deep {
				walk(next, way)
			}
		}
	}
	walk(p, nil)
	return ways
}

// matches compares a path with a pattern: "x/..." is x and everything below it.
func matches(path, pattern string) bool {
	root, tree := strings.CutSuffix(pattern, "/...")
	return path == root || tree && below(path, root)
}

func below(path, root string) bool { return strings.HasPrefix(path, root+"/") }

func anyOf(patterns ...string) func(string) bool {
	return func(path string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return matches(path, p) })
	}
}

func noneOf(patterns ...string) func(string) bool {
	listed := anyOf(patterns...)
	return func(path string) bool { return !listed(path) }
}

// what denies imports by pattern, whoever imports.
func what(patterns ...string) func(string, string) bool {
	listed := anyOf(patterns...)
	return func(_, imported string) bool { return listed(imported) }
}

// concrete names the provider that a package belongs to; empty for the port, guard, all and the contract suite.
func concrete(path string) string {
	for _, name := range []string{"turkcell", "kolaybi", "propars"} {
		if matches(path, module+"/providers/"+name+"/...") {
			return name
		}
	}
	return ""
}

func flow(path string) string {
	for _, name := range []string{"outbound", "inbound", "followup", "archive"} {
		if matches(path, module+"/sync/"+name+"/...") {
			return name
		}
	}
	return ""
}

var simulator = regexp.MustCompile(`^faturad/providers/(simulator|[a-z]+/[a-z]+sim)(/|$)`)

func isSimulator(path string) bool { return simulator.MatchString(path) }

// testOnly says that a package must never be part of the shipped binary.
func testOnly(path string) bool {
	return isSimulator(path) || anyOf("testing", "testing/...", module+"/internal/dbtest", module+"/providers/providertest",
		"github.com/testcontainers/...", "github.com/dolthub/...", "github.com/Shopify/toxiproxy/...", "pgregory.net/rapid", "go.uber.org/goleak")(path)
}
