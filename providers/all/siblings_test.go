package all_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"faturad/providers/all"
)

// alone are files that most providers have and one has not, with the reason.
var alone = map[string]string{
	"turkcell/lookup.go":   "its look-up is its status question: status.go",
	"propars/map_kinds.go": "it carries one kind of sale: map.go",
	"propars/status.go":    "it tells no statuses: the signed XML is read in lookup.go",
}

// TestProvidersAreAlike compares the list of providers with the folders beside it, the contract suites in them, and the
// files of each folder with those of its siblings: who knows one provider finds their way in the next.
func TestProvidersAreAlike(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../*/provider.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(all.Kinds()) {
		t.Errorf("the folders %v hold a provider, the list has %v", folders, all.Kinds())
	}
	suite := regexp.MustCompile(`(?s)func TestContract\w*\(t \*testing\.T\).*?providertest\.Run\(t, `)
	has, count := map[string]map[string]bool{}, map[string]int{}
	for _, kind := range all.Kinds() {
		text, err := os.ReadFile("../" + kind + "/contract_test.go")
		if err != nil || !suite.Match(text) || !strings.Contains(string(text), "guard.") {
			t.Errorf("%s does not pass the contract suite, alone and behind the guards (%v)", kind, err)
		}
		if sims, err := filepath.Glob("../" + kind + "/" + kind + "sim/*.go"); err != nil || len(sims) == 0 {
			t.Errorf("%s has no simulator (%v)", kind, err)
		}
		files, err := filepath.Glob("../" + kind + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		has[kind] = map[string]bool{}
		for _, f := range files {
			if name := filepath.Base(f); !strings.HasSuffix(name, "_test.go") || name == "contract_test.go" {
				has[kind][name] = true
				count[name]++
			}
		}
	}
	for name, n := range count {
		for _, kind := range all.Kinds() {
			reason := alone[kind+"/"+name]
			switch missing := n > 1 && !has[kind][name]; {
			case missing && reason == "":
				t.Errorf("providers/%s has no %s, and %d of its siblings have", kind, name, n)
			case !missing && reason != "":
				t.Errorf("providers/%s is excused for having no %s, and needs no excuse", kind, name)
			}
		}
	}
}
