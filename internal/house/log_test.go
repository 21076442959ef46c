package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestCompanyIsLoggedOnce: what works for one company is given a logger that names it. Who names it again prints it twice.
func TestCompanyIsLoggedOnce(t *testing.T) {
	t.Parallel()
	lines := 0
	for _, p := range list(t, "./...") {
		if !strings.HasPrefix(p.ImportPath, module+"/sync/") {
			continue
		}
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, p.Dir+"/"+name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if on, ok := method.X.(*ast.SelectorExpr); !ok || on.Sel.Name != "Log" {
					return true
				}
				lines++
				for _, arg := range call.Args {
					if word, ok := arg.(*ast.BasicLit); ok && word.Value == `"company"` {
						t.Errorf("%s names the company, which its logger does already", files.Position(call.Pos()))
					}
				}
				return true
			})
		}
	}
	if lines < 20 {
		t.Errorf("only %d log lines were looked at", lines)
	}
}
