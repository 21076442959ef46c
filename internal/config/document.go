package config

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is a TOML text with the place of every key, found by parsing alone, so that it is known whatever the decoder
// thinks of the values.
type document struct {
	text  []byte
	nodes []node         // in the order of the text
	index map[string]int // path -> first node
	parts []part         // top-level expressions
	end   error          // what ended the parsing early; nil = the text is TOML
}

// node is one key, table header or list element with its place.
type node struct {
	keys   []step // from the root
	offset int    // of the key, in bytes
	value  int    // offset of the value; that of the key for table headers
	kind   unstable.Kind
	part   int // the expression it stands in
}

// step is one part of a path: a key, and the element when the key names a list of tables.
type step struct {
	key   string
	index int // -1 = not a list
}

// part is one top-level expression: a key with its value, or a table header.
type part struct {
	start, end int // bytes; end is where the next expression's line begins
	header     bool
}

// path prints "company[0].account[1].kind".
func path(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.key)
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

// parseDocument finds the places of text's keys, up to the first error of syntax.
func parseDocument(text []byte) *document {
	d := &document{text: text, index: map[string]int{}}
	var p unstable.Parser
	p.Reset(text)
	w := walker{doc: d, parser: &p, lists: map[string]int{}}
	for p.NextExpression() {
		w.expression(p.Expression())
	}
	for i := range d.parts {
		d.parts[i].end = len(text)
		if i+1 < len(d.parts) {
			d.parts[i].end = 1 + bytes.LastIndexByte(text[:d.parts[i+1].start], '\n')
		}
	}
	d.end = p.Error()
	return d
}

// walker turns expressions into nodes.
type walker struct {
	doc    *document
	parser *unstable.Parser
	table  []step         // the table that keys belong to
	lists  map[string]int // path of a list of tables -> its last element
}

func (w *walker) expression(e *unstable.Node) {
	switch e.Kind {
	case unstable.KeyValue:
		w.doc.parts = append(w.doc.parts, part{start: firstKey(e)})
		w.keyValue(w.table, e)
	case unstable.Table, unstable.ArrayTable:
		w.doc.parts = append(w.doc.parts, part{start: firstKey(e), header: true})
		w.header(e)
	default: // comments are not asked for
	}
}

func firstKey(e *unstable.Node) int {
	it := e.Key()
	if !it.Next() {
		return 0
	}
	return int(it.Node().Raw.Offset)
}

// header enters a table; a key that names a list of tables means its last element.
func (w *walker) header(e *unstable.Node) {
	w.table = nil
	for it := e.Key(); it.Next(); {
		k := it.Node()
		steps := append(append([]step{}, w.table...), step{string(k.Data), -1})
		last := &steps[len(steps)-1]
		name := path(steps)
		n, list := w.lists[name]
		switch {
		case it.IsLast() && e.Kind == unstable.ArrayTable:
			if list {
				n++
			}
			w.lists[name] = n
			last.index = n
		case list:
			last.index = n
		}
		w.table = steps
		kind := unstable.Table
		if it.IsLast() {
			kind = e.Kind
		}
		w.add(node{keys: steps, offset: int(k.Raw.Offset), value: int(k.Raw.Offset), kind: kind})
	}
}

// keyValue records a key, its dotted parents and what is inside its value.
func (w *walker) keyValue(base []step, e *unstable.Node) {
	steps := append([]step{}, base...)
	var offset, end int
	for it := e.Key(); it.Next(); {
		k := it.Node()
		offset, end = int(k.Raw.Offset), int(k.Raw.Offset+k.Raw.Length)
		steps = append(append([]step{}, steps...), step{string(k.Data), -1})
		if !it.IsLast() {
			w.add(node{keys: steps, offset: offset, value: offset, kind: unstable.Table})
		}
	}
	w.add(node{keys: steps, offset: offset, value: w.valueAfter(end), kind: e.Value().Kind})
	w.inside(steps, e.Value())
}

// inside records the keys of inline tables and of lists of inline tables.
func (w *walker) inside(steps []step, value *unstable.Node) {
	switch value.Kind {
	case unstable.InlineTable:
		for it := value.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				w.keyValue(steps, it.Node())
			}
		}
	case unstable.Array:
		n := 0
		for it := value.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			element := append([]step{}, steps...)
			element[len(element)-1].index = n
			n++
			w.inside(element, it.Node())
		}
	default: // scalars hold no keys
	}
}

// valueAfter is where the value begins whose key ends at end.
func (w *walker) valueAfter(end int) int {
	for end < len(w.doc.text) && strings.IndexByte(" \t=", w.doc.text[end]) >= 0 {
		end++
	}
	return end
}

func (w *walker) add(n node) {
	n.part = len(w.doc.parts) - 1
	name := path(n.keys)
	if _, seen := w.doc.index[name]; !seen {
		w.doc.index[name] = len(w.doc.nodes)
	}
	w.doc.nodes = append(w.doc.nodes, n)
}

// at is the innermost key that begins at or before offset; nil before the first one.
func (d *document) at(offset int) *node {
	i := sort.Search(len(d.nodes), func(i int) bool { return d.nodes[i].offset > offset })
	if i == 0 {
		return nil
	}
	return &d.nodes[i-1]
}

// place is the line and column of a path, or of its nearest parent that stands in the file; 0, 0 when there is none.
func (d *document) place(name string) (line, column int) {
	for name != "" {
		if i, ok := d.index[name]; ok {
			return d.position(d.nodes[i].offset)
		}
		switch dot, bracket := strings.LastIndexByte(name, '.'), strings.LastIndexByte(name, '['); {
		case bracket > dot: // company[0] -> company
			name = name[:bracket]
		case dot >= 0:
			name = name[:dot]
		default:
			name = ""
		}
	}
	return 0, 0
}

// position turns an offset into line and column, both from 1; columns count bytes, as editors' "go to" does for ASCII.
func (d *document) position(offset int) (line, column int) {
	before := d.text[:min(offset, len(d.text))]
	return 1 + bytes.Count(before, []byte{'\n'}), len(before) - bytes.LastIndexByte(before, '\n')
}

// offset is the inverse of position.
func (d *document) offset(line, column int) int {
	at := 0
	for range line - 1 {
		n := bytes.IndexByte(d.text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return min(at+column-1, len(d.text))
}

// blank overwrites expression i, with everything that belongs to a header, by spaces; places stay as they are.
func blank(text []byte, parts []part, i int) {
	end := parts[i].end
	if parts[i].header {
		for j := i + 1; j < len(parts) && !parts[j].header; j++ {
			end = parts[j].end
		}
	}
	start := 1 + bytes.LastIndexByte(text[:parts[i].start], '\n')
	for j := start; j < min(end, len(text)); j++ {
		if text[j] != '\n' {
			text[j] = ' '
		}
	}
}

// syntax describes where and why text stops being TOML.
func (d *document) syntax() (line, column int, reason string) {
	var ignored any
	err := toml.Unmarshal(d.text, &ignored)
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column = e.Position()
		return line, column, strings.TrimPrefix(e.Error(), "toml: ")
	}
	line, column = d.position(d.last())
	return line, column, d.end.Error()
}

// last is the end of what could be parsed.
func (d *document) last() int {
	if len(d.parts) == 0 {
		return 0
	}
	return d.parts[len(d.parts)-1].start
}
