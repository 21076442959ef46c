package turkcellsim_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestReadsWithItsOwnEyes: a simulator that shared our UBL code would share its mistakes.
func TestReadsWithItsOwnEyes(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{
		"faturad/internal/clock": true, "faturad/providers/simulator": true, "github.com/google/uuid": true, "github.com/shopspring/decimal": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours := strings.HasPrefix(path, "faturad/") || strings.Contains(strings.Split(path, "/")[0], ".")
			if ours && !allowed[path] {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
