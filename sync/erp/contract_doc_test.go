package erp

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated documents")

// TestContractDocument: docs/erp-contract.md says what the tables in contract.go and params.go say.
func TestContractDocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "erp-contract.md")
	want := contractDocument()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is stale: run go test ./sync/erp -run TestContractDocument -update (%v)", file, err)
	}
}

// TestContractIsWhole: names are unique where they meet, and each alias is read by somebody.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	bySpecialCode := map[string]bool{"amount_factor": true, "changed_at": true, "discount_per_unit": true, "discount_value": true, "discount_kind": true}
	for name, list := range map[string][]Alias{"header": HeaderAliases, "lines": LineAliases, "known": KnownAliases, "requests": RequestAliases, "answers": AnswerAliases} {
		seen := map[string]bool{}
		for _, a := range list {
			if seen[a.Name] || a.Doc == "" || !strings.HasSuffix(a.Doc, ".") {
				t.Errorf("%s.%s is there twice, or has no sentence", name, a.Name)
			}
			seen[a.Name] = true
			if (name == "header" && a.header == nil || name == "lines" && a.line == nil) && !bySpecialCode[a.Name] {
				t.Errorf("%s.%s fills no field", name, a.Name)
			}
		}
	}
	for _, event := range Events() {
		for _, level := range levels(event) {
			for _, p := range paramNames(event, level) {
				if !partName.MatchString(p) {
					t.Errorf("%s: parameter %q", event, p)
				}
			}
		}
	}
}

func contractDocument() string {
	var b strings.Builder
	b.WriteString(`# The ERP contract

<!-- Generated from sync/erp/contract.go and params.go by go test ./sync/erp -run TestContractDocument -update. Do not edit. -->

A source (a preset, or ` + "`[company.erp]`" + ` of the config) names a few SELECTs and statements. Columns of the SELECTs carry the
aliases below; any other column is an error, unless it is a key column or a rule of ` + "`[text]`" + ` reads it. How to write a source:
[erp/new-erp.md](erp/new-erp.md).

## Queries of a document

| query | returns | parameters |
|---|---|---|
| ` + "`pending`" + ` | the key columns of sales to issue: cheap, bounded by our own marks, in the order of their dates, which numbers will follow | ` + "`:start` `:settle` `:limit`" + ` |
| ` + "`known`" + ` | the key columns of sales that carry our marks, with the aliases of "Known" | ` + "`:start`" + ` |
| ` + "`recheck`" + ` | the key columns of sales whose content may have changed since a day | ` + "`:start` `:since` `:settle`" + ` |
| ` + "`header`" + ` | one row a key, with the aliases of "Header" | ` + "`:keys` `:start`" + `, and the name of each key column (a list) |
| ` + "`lines`" + ` | rows in their order, with the aliases of "Lines" | as ` + "`header`" + ` |

` + "`:keys`" + ` is a list for ` + "`WHERE id IN (:keys)`" + `; with several key columns a list of tuples for ` + "`WHERE (a, b) IN (:keys)`" + `, and ` + "`:a`, `:b`" + `
are the lists of each column, for servers that find no index for tuples. ` + "`:start`" + ` is the source's start date (a sale without
a date must be offered, too, so that it is held and somebody hears of it: ` + "`(date >= :start OR date IS NULL OR date < '1000-01-01')`" + `), ` + "`:settle`" + ` its settle delay
in seconds, ` + "`:since`" + ` the day from which sales are read again. ` + "`{name}`" + ` is a variable of ` + "`vars`" + `.

Values are decoded, cleaned and translated before they count: see "Rules" in [erp/new-erp.md](erp/new-erp.md). NULL and empty mean "none".

`)
	aliasTable(&b, "Header", "Columns of `header`, besides the key columns.", HeaderAliases)
	aliasTable(&b, "Lines", "Columns of `lines`, besides the key columns.", LineAliases)
	aliasTable(&b, "Known", "Columns of `known`, besides the key columns.", KnownAliases)
	aliasTable(&b, "Requests", "Columns of `requests`, besides the key columns. Rows stay until `on.request` marks them.", RequestAliases)
	aliasTable(&b, "Answers", "Columns of `answers`. Rows stay until `on.answer` marks them.", AnswerAliases)
	fmt.Fprintf(&b, "## Value tables\n\n`[map.NAME]` translates values byte-exact after trim; `\"*\"` is the default, `\"\"` an empty value, and `\"*\" = \"*\"` lets the rest pass. A value without an entry is a fault of the sale. Names: `%s`. `map.status` translates outward: our state to the ERP's word.\n\n", strings.Join(Tables(), "` `"))
	fmt.Fprintf(&b, "## Events\n\n`[[on.EVENT]]` lists statements, in order. `status` is written at every change that the ERP shows, then the state's own event, if the source has one: `%s`. The others are `received`, `file`, `heartbeat`, `request`, `answer`, `answered`, `received_file` and `elsewhere`.\n\n", strings.Join(shownStates, "` `"))
	b.WriteString("| key | meaning |\n|---|---|\n")
	for _, row := range [][2]string{
		{"sql", "one INSERT, UPDATE, DELETE or REPLACE; UPDATE and DELETE with a WHERE; it sets values and never increments"},
		{"each", "`invoice` (default), `line`, `tax` or `file`: how often it runs in on.received"},
		{"when", "`not_found`: only if the last statement without `when` found no row"},
		{"only", "names of documents that it is for"},
		{"may_miss", "an UPDATE that finds no row is no error"},
		{"length", "parameter -> characters, where the column does not show it (inside CONCAT and the like)"},
		{"encode", "whether texts get the inverse of `decode`; default: where the target table is latin1"},
		{"defaults", "parameter -> value in place of NULL"},
	} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", row[0], row[1])
	}
	b.WriteString("\nTexts are cut to their column's length. Parameters marked *exact* are not: the document's write-back fails instead. Key columns are parameters too, under their names.\n\n")
	paramTable(&b, "status, and every state", ProjectionParams)
	paramTable(&b, "received", ReceivedParams)
	paramTable(&b, `received, each = "line" (besides those of received; the line's own win)`, LineParams)
	paramTable(&b, `received, each = "tax"`, TaxParams)
	paramTable(&b, `received, each = "party"`, PartyParams)
	paramTable(&b, `received, each = "reference"`, ReferenceParams)
	paramTable(&b, `received, each = "file"; received_file; and file (besides those of status)`, FileParams)
	paramTable(&b, "received_file", ReceivedFileParams)
	paramTable(&b, "heartbeat", HeartbeatParams)
	paramTable(&b, "request and answer", DoneParams)
	paramTable(&b, "answered", AnsweredParams)
	paramTable(&b, "elsewhere", ElsewhereParams)
	return strings.TrimSuffix(b.String(), "\n")
}

func aliasTable(b *strings.Builder, title, intro string, list []Alias) {
	fmt.Fprintf(b, "## %s\n\n%s\n\n| alias | type | unit | need | value table | example | meaning |\n|---|---|---|---|---|---|---|\n", title, intro)
	for _, a := range list {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", a.Name, a.Type, a.unit(), a.Need, tick(a.Map), tick(a.Example), a.Doc)
	}
	b.WriteString("\n")
}

func (a Alias) unit() string {
	switch {
	case a.Unit != "":
		return a.Unit
	case a.Type == TypeMoney:
		return "the sale's currency"
	case a.Type == TypePercent:
		return "percent"
	}
	return ""
}

func paramTable[T any](b *strings.Builder, title string, list []Param[T]) {
	fmt.Fprintf(b, "### %s\n\n| parameter | type | example | meaning |\n|---|---|---|---|\n", title)
	for _, p := range list {
		kind := p.Type
		if p.Exact && kind == "text" {
			kind += ", exact"
		}
		fmt.Fprintf(b, "| `:%s` | %s | %s | %s |\n", p.Name, kind, tick(p.Example), p.Doc)
	}
	b.WriteString("\n")
}

func tick(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
