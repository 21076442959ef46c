package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"faturad/internal/invoice"
)

// decode fills c from the document and reports every unknown key and every value of a wrong type. The decoder stops at
// the first wrong value; so that one does not hide the next, the value is reported, blanked out, and the rest decoded
// again.
func (d *document) decode(file string, c *Config) Problems {
	root := reflect.TypeFor[Config]()
	problems := d.unknownKeys(root, file)
	text := bytes.Clone(d.text)
	if d.end != nil {
		line, column, reason := d.syntax()
		problems = append(problems, Problem{File: file, Line: line, Column: column,
			Text: fmt.Sprintf("this is not TOML (%s); what follows could not be read", reason)})
		text = text[:d.readable()]
	}
	for range len(d.parts) + 1 {
		*c = Config{}
		err := toml.NewDecoder(bytes.NewReader(d.quoteDates(text, root))).DisallowUnknownFields().Decode(c)
		if err == nil {
			return problems
		}
		if missing, ok := errors.AsType[*toml.StrictMissingError](err); ok {
			return append(problems, d.overlooked(missing, problems, file)...)
		}
		n, at := d.culprit(text, root, err)
		message := strings.TrimPrefix(err.Error(), "toml: ")
		if n == nil {
			return append(problems, Problem{File: file, Text: "the config cannot be read: " + message})
		}
		line, column := d.position(at)
		problems = append(problems, Problem{File: file, Line: line, Column: column, Key: path(n.keys), Text: typeText(root, n, message)})
		blank(text, d.parts, n.part)
	}
	return problems
}

// culprit finds the key that the decoder fell over, and where exactly it did.
func (d *document) culprit(text []byte, root reflect.Type, err error) (*node, int) {
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		at := d.offset(e.Position())
		n := d.at(at)
		if n != nil && d.parts[n.part].header { // the decoder names the header's first key
			n = d.lastOf(n.part)
		}
		return n, at
	}
	// A type's own words come without a place when the value is no text: the culprit is the first expression without
	// which the error is gone.
	for i := range d.nodes {
		n := &d.nodes[i]
		if d.parts[n.part].header {
			continue
		}
		without := bytes.Clone(text)
		blank(without, d.parts, n.part)
		var c Config
		again := toml.Unmarshal(d.quoteDates(without, root), &c)
		if again == nil || again.Error() != err.Error() {
			return n, n.value
		}
	}
	return nil, 0
}

// lastOf is the last key of a table header.
func (d *document) lastOf(part int) *node {
	var last *node
	for i := range d.nodes {
		if d.nodes[i].part == part {
			last = &d.nodes[i]
		}
	}
	return last
}

// readable is the length of a text in front of an error of syntax that is TOML by itself: up to the line of the error, or,
// when that line continues a value, up to the last expression that was read.
func (d *document) readable() int {
	line, _, _ := d.syntax()
	upTo := d.offset(line, 1)
	var p unstable.Parser
	p.Reset(d.text[:upTo])
	for p.NextExpression() {
		continue
	}
	if p.Error() == nil {
		return upTo
	}
	return 1 + bytes.LastIndexByte(d.text[:d.last()], '\n')
}

// quoteDates puts quotes around dates whose target reads text, since the decoder gives local dates to none but its own
// types. What stands behind a date on its line is at most a comment, so no place changes.
func (d *document) quoteDates(text []byte, root reflect.Type) []byte {
	out := make([]byte, 0, len(text)+16)
	from := 0
	for _, n := range d.nodes {
		if n.kind != unstable.LocalDate || n.value+len("2006-01-02") > len(text) || text[n.value] == ' ' {
			continue
		}
		t := resolve(root, n.keys)
		if t.kind == nil || indirect(t.kind) != reflect.TypeFor[invoice.Date]() {
			continue
		}
		end := n.value + len("2006-01-02")
		out = append(out, text[from:n.value]...)
		out = append(out, '"')
		out = append(out, text[n.value:end]...)
		out = append(out, '"')
		from = end
	}
	return append(out, text[from:]...)
}

// overlooked gives the unknown keys that the decoder found and the walk did not: there should be none.
func (d *document) overlooked(missing *toml.StrictMissingError, known Problems, file string) Problems {
	var out Problems
	for _, e := range missing.Errors {
		line, column := e.Position()
		seen := false
		for _, p := range known {
			seen = seen || p.Line == line || strings.HasPrefix(strings.Join(e.Key(), "."), unindexed(p.Key))
		}
		if !seen {
			out = append(out, Problem{File: file, Line: line, Column: column, Text: fmt.Sprintf("there is no key %q", strings.Join(e.Key(), "."))})
		}
	}
	return out
}

// unindexed turns company[0].account[1] into company.account.
func unindexed(name string) string {
	var b strings.Builder
	skip := false
	for _, r := range name {
		switch {
		case r == '[':
			skip = true
		case r == ']':
			skip = false
		case !skip:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// typeText says what should stand at n instead of what does.
func typeText(root reflect.Type, n *node, message string) string {
	name := path(n.keys)
	t := resolve(root, n.keys)
	switch {
	case strings.Contains(message, "already defined"):
		return fmt.Sprintf("%s is given twice; remove one", name)
	case t.kind == nil:
		return fmt.Sprintf("%s: %s", name, message)
	case indirect(t.kind) == reflect.TypeFor[Secret]() && n.kind == unstable.String:
		return name + ` must not stand in the config itself; write { file = "/etc/faturad/..." }, { credential = "..." } or { env = "..." }`
	case strings.Contains(message, "too large"):
		return name + " is too large a number"
	case strings.HasPrefix(message, "cannot"):
		return fmt.Sprintf("%s must be %s, not %s", name, expected(t.kind), found(n.kind))
	default:
		return fmt.Sprintf("%s: %s", name, message)
	}
}

// expected names a Go type in the words of the file.
func expected(t reflect.Type) string {
	t = indirect(t)
	switch t {
	case reflect.TypeFor[Secret]():
		return `{ file = "..." }, { credential = "..." } or { env = "..." }`
	case reflect.TypeFor[Duration]():
		return `a duration in quotes such as "30s"`
	case reflect.TypeFor[invoice.Date]():
		return "a date such as 2026-09-01"
	}
	switch t.Kind() {
	case reflect.String:
		return "a text in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		if indirect(t.Elem()).Kind() == reflect.Struct && !isText(indirect(t.Elem())) {
			return "a list of tables, each headed by [[...]]"
		}
		return "a list in [brackets]"
	case reflect.Map, reflect.Struct:
		if isText(t) {
			return "a value in quotes"
		}
		return "a table"
	default:
		return "a " + t.Kind().String()
	}
}

// found names what stands in the file.
func found(k unstable.Kind) string {
	switch k {
	case unstable.String:
		return "a text"
	case unstable.Bool:
		return "true or false"
	case unstable.Integer:
		return "this whole number"
	case unstable.Float:
		return "a number with decimals"
	case unstable.Array:
		return "a list"
	case unstable.ArrayTable:
		return "a list of tables"
	case unstable.InlineTable, unstable.Table:
		return "a table"
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		return "a date or time"
	default:
		return "this"
	}
}
