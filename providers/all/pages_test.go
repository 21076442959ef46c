package all_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"faturad/internal/config"
	"faturad/providers"
	"faturad/providers/all"
)

var update = flag.Bool("update", false, "write the generated parts of docs/providers/*.md and config.example.toml, and docs/providers/coverage.md")

const (
	pages   = "../../docs/providers/"
	example = "../../config.example.toml"
)

// TestProviderDocs compares the head of docs/providers/KIND.md with the descriptor and with what the provider promises.
func TestProviderDocs(t *testing.T) {
	for _, kind := range all.Kinds() {
		fresh(t, pages+kind+".md", "<!-- generated from providers/"+kind+"/descriptor.go -->\n", "<!-- end of the generated part -->\n", head(t, kind))
	}
}

// TestExampleConfigDocs compares the account blocks of config.example.toml with the descriptors: those of the kinds that
// the example does not use are generated, the one that it uses must name every setting with its default.
func TestExampleConfigDocs(t *testing.T) {
	var b strings.Builder
	for _, kind := range all.Kinds() {
		if d := described(t, kind); kind != "turkcell" {
			fmt.Fprintf(&b, "  # An account at %s has these instead (docs/providers/%s.md):\n", d.Title, kind)
			b.WriteString(commented(block(d)))
		}
	}
	fresh(t, example, "  # Other providers. Generated: go test ./providers/all -run Docs -update\n", "  # End of the generated part.\n", b.String())
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	_, account, _ := bytes.Cut(text, []byte("[[company.account]]"))
	account, _, _ = bytes.Cut(account, []byte("# Other providers"))
	d := described(t, "turkcell")
	for _, s := range append(d.Credentials, d.Options...) {
		line := regexp.MustCompile(`(?m)^ *(?:# )?` + s.Key + ` = (.*?)(?: +#.*)?$`).FindSubmatch(account)
		if line == nil || s.Default != "" && string(line[1]) != s.Default {
			t.Errorf("config.example.toml shows %s as %q, the descriptor of turkcell says %q", s.Key, line, s.Default)
		}
	}
}

// TestDescriptorsAndConfigAgree loads an account with every setting that a descriptor names, and wants every setting that
// the config has for one kind alone in its descriptor.
func TestDescriptorsAndConfigAgree(t *testing.T) {
	minimal, err := os.ReadFile("../../internal/config/testdata/minimal.toml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FATURAD_TEST_SECRET", "a-made-up-secret-0123456789")
	t.Setenv("TEST_DSN", "faturad:password@tcp(127.0.0.1:3306)/faturad")
	account := regexp.MustCompile(`(?s) *kind = "turkcell".*?(\n *\[company\.)`)
	if !account.Match(minimal) {
		t.Fatal("minimal.toml has no account any more")
	}
	for _, kind := range all.Kinds() {
		d := described(t, kind)
		written := regexp.MustCompile(`\{ credential = "[^"]*" \}`).ReplaceAllString(block(d), `{ env = "FATURAD_TEST_SECRET" }`)
		text := account.ReplaceAllString(string(minimal), strings.ReplaceAll(written, "$", "$$")+"$1")
		text = regexp.MustCompile(`\{ (file|credential) = "[^"]*" \}`).ReplaceAllString(text, `{ env = "FATURAD_TEST_SECRET" }`)
		file := filepath.Join(t.TempDir(), kind+".toml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file); err != nil {
			t.Errorf("the config does not take what the descriptor of %s says: %v\n%s", kind, err, text)
		}
		var keys []string
		for _, s := range append(d.Credentials, d.Options...) {
			keys = append(keys, s.Key)
		}
		for _, key := range own(kind) {
			if !slices.Contains(keys, key) {
				t.Errorf("the config has %s, and the descriptor of %s does not say what it is", key, kind)
			}
		}
	}
}

// own are the keys that the config has for a kind alone: those of its own table.
func own(kind string) (keys []string) {
	for f := range reflect.TypeFor[config.Account]().Fields() {
		if f.Tag.Get("toml") == kind {
			for sub := range f.Type.Fields() {
				keys = append(keys, kind+"."+sub.Tag.Get("toml"))
			}
		}
	}
	return keys
}

func described(t *testing.T, kind string) providers.Descriptor {
	t.Helper()
	d, known := all.Describe(kind)
	if !known {
		t.Fatalf("%s is not described", kind)
	}
	return d
}

// fresh compares what stands between two marks of a file, and writes it with -update.
func fresh(t *testing.T, file, begin, end, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	before, rest, begun := strings.Cut(string(text), begin)
	have, after, ended := strings.Cut(rest, end)
	switch {
	case !begun || !ended:
		t.Errorf("%s lacks the marks %q and %q around its generated part", file, begin, end)
	case have == want:
	case *update:
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil { // a document that everybody reads
			t.Error(err)
		}
	default:
		t.Errorf("%s is stale: go test ./providers/all -run Docs -update\nwant\n%s\nhave\n%s", file, want, have)
	}
}

// value is how the example shows a setting.
func value(kind string, s providers.Setting) string {
	switch {
	case s.Secret:
		return `{ credential = "` + kind + "-" + strings.ReplaceAll(s.Key, "_", "-") + `" }`
	case s.Example != "":
		return s.Example
	}
	return s.Default
}

// block is an account of a kind as TOML, with everything that it may have.
func block(d providers.Descriptor) string {
	var b strings.Builder
	where := make([]string, len(d.Addresses))
	for i, a := range d.Addresses {
		if where[i] = a.Name; i > 0 {
			where[i] += ": " + a.URL
		}
	}
	fmt.Fprintf(&b, "  kind = %q\n  base_url = %q   # %s\n", d.Kind, d.Addresses[0].URL, strings.Join(where, "; "))
	table := false
	for _, s := range append(d.Credentials, d.Options...) {
		key, indent := s.Key, "  "
		if sub, inTable := strings.CutPrefix(s.Key, d.Kind+"."); inTable {
			if key, indent = sub, "    "; !table {
				table = true
				fmt.Fprintf(&b, "    [company.account.%s]\n", d.Kind)
			}
		}
		if s.Instead {
			continue
		}
		fmt.Fprintf(&b, "%s%-37s  # %s\n", indent, key+" = "+value(d.Kind, s), strings.ReplaceAll(s.Meaning, "`", ""))
	}
	return b.String()
}

// commented puts "# " before the settings of a block.
func commented(block string) string {
	var b strings.Builder
	for line := range strings.Lines(block) {
		b.WriteString("  # " + strings.TrimPrefix(line, "  "))
	}
	return b.String()
}

// head is the generated part of a provider's page.
func head(t *testing.T, kind string) string {
	t.Helper()
	d := described(t, kind)
	c, abilities, err := all.Promises(kind)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: %s. Facts last checked: %s.\n\n```toml\n  [[company.account]]\n  name = \"main\"\n  active = true\n%s```\n", d.Title, d.About, d.Checked, block(d))
	b.WriteString("\n| setting | default | meaning |\n|---|---|---|\n")
	for _, s := range append(d.Credentials, d.Options...) {
		standard := "–"
		if s.Default != "" {
			standard = "`" + s.Default + "`"
		}
		if s.Assumed {
			standard += " (assumed)"
		}
		meaning := s.Meaning
		if s.Secret {
			meaning += "; a secret"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Key, standard, meaning)
	}
	b.WriteString("\n| it promises | |\n|---|---|\n")
	for _, p := range c.Promises() {
		fmt.Fprintf(&b, "| %s | %s |\n", p.Text, p.Value)
	}
	b.WriteString("\n| it can | |\n|---|---|\n")
	for _, a := range abilities {
		fmt.Fprintf(&b, "| %s | %s |\n", a.Does, map[bool]string{true: "yes", false: "no"}[a.Has])
	}
	list := func(title string, items []string) {
		if len(items) > 0 {
			b.WriteString("\n" + title + "\n\n- " + strings.Join(items, "\n- ") + "\n")
		}
	}
	list("Its limits:", d.Limits)
	list("Assumed, and no setting changes it:", d.Assumed)
	links := make([]string, len(d.Links))
	for i, l := range d.Links {
		links[i] = "[" + l.Title + "](" + l.URL + ")"
	}
	b.WriteString("\nMore: " + strings.Join(links, ", ") + ".\n\n")
	return b.String()
}
