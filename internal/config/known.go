package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Types that are written as one value although Go sees a struct.
var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// target is what the decoder will fill at a path.
type target struct {
	kind    reflect.Type // nil = nothing there: the key is unknown
	unknown int          // index of the first unknown step
	parent  reflect.Type // the type that lacks it
}

// resolve walks from root along steps the way the decoder does.
func resolve(root reflect.Type, steps []step) target {
	t := root
	for i, s := range steps {
		t = indirect(t)
		for t.Kind() == reflect.Slice && !isText(t) { // a key below a list means its last element
			t = indirect(t.Elem())
		}
		switch {
		case isText(t):
			return target{kind: t, unknown: -1} // too deep: a wrong type, which the decoder reports
		case t.Kind() == reflect.Map:
			t = t.Elem()
		case t.Kind() == reflect.Struct:
			f, ok := fieldOf(t, s.key)
			if !ok {
				return target{unknown: i, parent: t}
			}
			t = f
		default:
			return target{kind: t, unknown: -1}
		}
		if s.index >= 0 && indirect(t).Kind() == reflect.Slice {
			t = indirect(t).Elem()
		}
	}
	return target{kind: t, unknown: -1}
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func isText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

// fieldOf finds the field that the decoder would fill for key; it compares names without case, as the decoder does.
func fieldOf(t reflect.Type, key string) (reflect.Type, bool) {
	var found reflect.Type
	for name, kind := range fields(t) {
		if name == key {
			return kind, true
		}
		if strings.EqualFold(name, key) {
			found = kind
		}
	}
	return found, found != nil
}

// fields lists the keys of a struct with their types, those of embedded structs among them unless shadowed.
func fields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	var embedded []reflect.Type
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			embedded = append(embedded, indirect(f.Type))
		case !f.IsExported():
		case name == "":
			out[f.Name] = f.Type
		default:
			out[name] = f.Type
		}
	}
	for _, e := range embedded {
		for name, kind := range fields(e) {
			if _, shadowed := out[name]; !shadowed {
				out[name] = kind
			}
		}
	}
	return out
}

// unknownKeys reports the keys that root has no field for, each once: what is below an unknown table is not listed.
func (d *document) unknownKeys(root reflect.Type, file string) Problems {
	var out Problems
	var reported []string
	for _, n := range d.nodes {
		t := resolve(root, n.keys)
		if t.unknown < 0 {
			if p, ok := d.oneForMany(n, t, file); ok {
				out = append(out, p)
			}
			continue
		}
		name := path(n.keys[:t.unknown+1])
		if slices.ContainsFunc(reported, func(r string) bool { return r == name }) {
			continue
		}
		reported = append(reported, name)
		line, column := d.position(n.offset)
		out = append(out, Problem{File: file, Line: line, Column: column, Key: name, Text: unknownText(n.keys[:t.unknown+1], t.parent)})
	}
	return out
}

// oneForMany reports [x] where [[x]] is meant, which the decoder lets through.
func (d *document) oneForMany(n node, t target, file string) (Problem, bool) {
	last := n.keys[len(n.keys)-1]
	if n.kind != unstable.Table || last.index >= 0 || t.kind == nil || indirect(t.kind).Kind() != reflect.Slice {
		return Problem{}, false
	}
	line, column := d.position(n.offset)
	name := path(n.keys)
	return Problem{File: file, Line: line, Column: column, Key: name,
		Text: fmt.Sprintf("there may be several of %s; write [[%s]]", name, unindexed(name))}, true
}

func unknownText(steps []step, parent reflect.Type) string {
	key := steps[len(steps)-1].key
	where := "at the top of the file"
	if len(steps) > 1 {
		where = "in " + path(steps[:len(steps)-1])
	}
	names := make([]string, 0)
	for name := range fields(parent) {
		names = append(names, name)
	}
	slices.Sort(names)
	if n := nearest(key, names); n != "" {
		return fmt.Sprintf("there is no key %q %s; did you mean %q?", key, where, n)
	}
	return fmt.Sprintf("there is no key %q %s; known are %s", key, where, strings.Join(names, ", "))
}

// nearest is the candidate with the fewest edits to name when those are few enough to be a slip, else "".
func nearest(name string, candidates []string) string {
	best, fewest := "", slip(name)+1
	for _, c := range candidates {
		if n := edits(strings.ToLower(name), c); n < fewest && n < len(c) {
			best, fewest = c, n
		}
	}
	return best
}

// slip is how many edits still look like a slip of the keyboard.
func slip(name string) int {
	switch n := len(name); {
	case n <= 3:
		return 1
	case n <= 6:
		return 2
	default:
		return n / 3
	}
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
