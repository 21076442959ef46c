package house

import (
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
)

// turkishWords are the words of which Turkish texts use one where several would do, so that accountants need not ask whether two
// things are meant. The others are refused.
var turkishWords = []struct{ refused, use string }{
	{`sağlayıcı`, "entegratör"},
	{`portal(i|de)`, "portalı, portalında"},
	{`(^|[^m] |[^ ])yönetici`, "sistem yöneticisi"}, // alone it is the company's manager
	{`denetle`, "kontrol et"},
	{`cevap`, "yanıt"},
	{`müşteri kart`, "cari kart"},
	{`ünvan`, "unvan"},
}

// TestTurkishWords reads every text that people may read: the program's, the presets', the admin page's, the documents'. What
// providers and simulators say is theirs.
func TestTurkishWords(t *testing.T) {
	t.Parallel()
	read := 0
	for place, text := range texts(t) {
		read++
		for _, found := range refusedWords(text) {
			t.Errorf("%s: %s", place, found)
		}
	}
	if read < 1000 {
		t.Errorf("only %d texts were read", read)
	}
	for _, wrong := range []string{"Sağlayıcıya ulaşılamadı.", "sağlayıcının portalinde", "Yöneticiniz düzeltmeli", "ya da yöneticiye bildirin", "ağı denetleyin", "Müşteri kartına"} {
		if refusedWords(wrong) == nil {
			t.Errorf("%q is let through", wrong)
		}
	}
	for _, right := range []string{"Sistem yöneticisi ekler; sistem yöneticisine bildirin.", "entegratörün portalında kontrol edin", "the portal is open"} {
		if found := refusedWords(right); found != nil {
			t.Errorf("%q is refused: %v", right, found)
		}
	}
}

var refusals = func() (out []*regexp.Regexp) {
	for _, w := range turkishWords {
		out = append(out, regexp.MustCompile(w.refused))
	}
	return out
}()

var dotted = strings.NewReplacer("İ", "i", "I", "ı")

func refusedWords(text string) (found []string) {
	text = strings.ToLower(dotted.Replace(text))
	for i, r := range refusals {
		if word := r.FindString(text); word != "" {
			found = append(found, strconv.Quote(strings.TrimSpace(word))+" in "+strconv.Quote(text)+": the word here is "+turkishWords[i].use)
		}
	}
	return found
}

// texts gives the texts by their places: of Go files the string literals of several words, of others the lines.
func texts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == "testdata" || name == "bin" || strings.HasSuffix(name, "sim") || name == "simulator" || name == "providertest"):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(name, "_test.go") || name == "coverage.md": // the guides' own headings
		case strings.HasSuffix(name, ".go"):
			literals(t, path, out)
		case slices.Contains([]string{".md", ".html", ".sql", ".toml", ".tmpl"}, filepath.Ext(name)):
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(data), "\n") {
				out[path+":"+strconv.Itoa(i+1)] = line
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func literals(t *testing.T, path string, out map[string]string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		l, ok := n.(*ast.BasicLit)
		if !ok || l.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(l.Value)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.TrimSpace(text), " ") {
			out[files.Position(l.Pos()).String()] = text
		}
		return true
	})
}
