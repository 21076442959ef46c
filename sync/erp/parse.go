package erp

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// ParseConfig reads a source file strictly: every unknown key and every wrong type is reported, with line and column.
func ParseConfig(file string, data []byte) (Config, error) {
	var c Config
	var all []error
	rest := bareStart.ReplaceAll(data, []byte(`${1}"${2}"`))
	for range 50 { // a wrong type hides what stands after it: blank its line out and look on
		c = Config{}
		decoder := toml.NewDecoder(bytes.NewReader(rest))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&c)
		if err == nil {
			break
		}
		if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
			for _, e := range strict.Errors {
				row, col := e.Position()
				all = append(all, fmt.Errorf("%s:%d:%d: unknown key %s", file, row, col, strings.Join(e.Key(), ".")))
			}
			break
		}
		wrong, ok := errors.AsType[*toml.DecodeError](err)
		if !ok {
			all = append(all, fmt.Errorf("%s: %w", file, err))
			break
		}
		row, col := wrong.Position()
		all = append(all, fmt.Errorf("%s:%d:%d: %s", file, row, col, strings.TrimPrefix(wrong.Error(), "toml: ")))
		if !blankLine(rest, row) || !parses(rest) {
			break
		}
	}
	c.Locate(file, data, "")
	return c, errors.Join(all...)
}

// bareStart finds start = 2026-09-01: the decoder gives a bare date only to its own types.
var bareStart = regexp.MustCompile(`(?m)^([ \t]*start[ \t]*=[ \t]*)(\d{4}-\d\d-\d\d)`)

// blankLine overwrites a line with a comment; false when it is blank already.
func blankLine(data []byte, row int) bool {
	start := 0
	for ; row > 1; row-- {
		i := bytes.IndexByte(data[start:], '\n')
		if i < 0 {
			return false
		}
		start += i + 1
	}
	if start >= len(data) || data[start] == '#' {
		return false
	}
	data[start] = '#'
	return true
}

func parses(data []byte) bool {
	var any map[string]any
	return toml.Unmarshal(data, &any) == nil
}

// place is where a key stands.
type place struct {
	file      string
	line, col int // of the key
	value     int // line where the text of the value begins
}

// places maps a key's path to where it stands.
type places map[string]place

// Locate remembers where the keys of the decoded source stand, so that problems can name line and column. prefix is the
// path of the source's table in the file, e.g. "company[0].erp"; empty when the file is a source itself.
func (c *Config) Locate(file string, data []byte, prefix string) {
	if c.places == nil {
		c.places = places{}
	}
	w := locator{counts: map[string]int{}}
	w.p.Reset(data)
	for w.p.NextExpression() {
		path, at, ok := w.expression(data)
		if prefix != "" && ok {
			path, ok = strings.CutPrefix(path, prefix+".")
		}
		if ok {
			at.file = file
			c.places[c.byName(path)] = at
		}
	}
}

// byName writes document[0].header as document[invoice].header, so that a path stays true when sources are laid over
// each other.
func (c *Config) byName(path string) string {
	for i, d := range c.Documents {
		if rest, ok := strings.CutPrefix(path, fmt.Sprintf("document[%d]", i)); ok {
			return "document[" + d.Name + "]" + rest
		}
	}
	return path
}

// locator walks the expressions of a TOML file and keeps the path of the current table.
type locator struct {
	p      unstable.Parser
	table  []string
	counts map[string]int // arrays of tables: how many so far
}

// expression gives the path of a key or table and where it stands; ok is false for a comment.
func (w *locator) expression(data []byte) (path string, at place, ok bool) {
	e := w.p.Expression()
	if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
		return "", place{}, false
	}
	keys, offset := keyOf(e)
	at.line, at.col = position(data, offset)
	at.value = at.line
	switch e.Kind {
	case unstable.Table:
		w.table = w.indexed(keys)
		keys = w.table
	case unstable.ArrayTable:
		parent := w.indexed(keys[:len(keys)-1])
		last := keys[len(keys)-1]
		name := strings.Join(append(parent, last), ".")
		w.counts[name]++
		w.table = append(parent, fmt.Sprintf("%s[%d]", last, w.counts[name]-1))
		keys = w.table
	default:
		keys = append(append([]string{}, w.table...), keys...)
		start := int(e.Value().Raw.Offset)
		at.value, _ = position(data, start)
		if rest := data[min(start, len(data)):]; bytes.HasPrefix(rest, []byte("\"\"\"\n")) || bytes.HasPrefix(rest, []byte("'''\n")) {
			at.value++
		}
	}
	return strings.Join(keys, "."), at, true
}

// indexed puts the index of the newest element behind the name of each array of tables on the way.
func (w *locator) indexed(keys []string) []string {
	var path []string
	for _, k := range keys {
		name := strings.Join(append(append([]string{}, path...), k), ".")
		if n := w.counts[name]; n > 0 {
			k = fmt.Sprintf("%s[%d]", k, n-1)
		}
		path = append(path, k)
	}
	return path
}

// keyOf gives the parts of an expression's key and its offset in the file.
func keyOf(e *unstable.Node) (keys []string, offset int) {
	for it := e.Key(); it.Next(); {
		if len(keys) == 0 {
			offset = int(it.Node().Raw.Offset)
		}
		keys = append(keys, string(it.Node().Data))
	}
	return keys, offset
}

func position(data []byte, offset int) (line, col int) {
	offset = min(max(offset, 0), len(data))
	line = 1 + bytes.Count(data[:offset], []byte("\n"))
	return line, offset - bytes.LastIndexByte(data[:offset], '\n')
}

// Where names a path of the source for people, with its place in the preset or the config.
func (c Config) Where(path string) string { return c.where(path) }

// where names a path for people: "file:line:col path", or the path alone when its place is not known. A key inside an
// inline table is named by the table's place.
func (c Config) where(path string) string {
	for near := path; near != ""; {
		for _, candidate := range []string{near, near + "[0]"} {
			if p, ok := c.places[candidate]; ok {
				return fmt.Sprintf("%s:%d:%d %s", p.file, p.line, p.col, path)
			}
		}
		near = near[:max(strings.LastIndexByte(near, '.'), 0)]
	}
	return path
}

// whereIn names the line inside a value where a word first stands.
func (c Config) whereIn(path, value, word string) string {
	p, ok := c.places[path]
	i := wordIndex(value, word)
	if !ok || i < 0 {
		return c.where(path)
	}
	return fmt.Sprintf("%s:%d %s", p.file, p.value+strings.Count(value[:i], "\n"), path)
}

// wordIndex finds word as a whole in s, without regard to case; -1 when it is not there.
func wordIndex(s, word string) int {
	low, w := strings.ToLower(s), strings.ToLower(word)
	for from := 0; w != ""; {
		i := strings.Index(low[from:], w)
		if i < 0 {
			return -1
		}
		i += from
		before, after := byte(' '), byte(' ')
		if i > 0 {
			before = low[i-1]
		}
		if i+len(w) < len(low) {
			after = low[i+len(w)]
		}
		if !isNameByte(before) && !isNameByte(after) {
			return i
		}
		from = i + 1
	}
	return -1
}
