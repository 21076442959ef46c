package erp

import (
	"slices"
	"strings"
)

// shape is what a statement touches, as far as a simple reading shows it: privileges, engines and lengths are found with
// it. A view's base tables and tables behind functions do not show; `grants` names those.
type shape struct {
	verb    string         // SELECT, INSERT, UPDATE, DELETE, REPLACE or what else stands first
	ignore  bool           // INSERT IGNORE
	tables  []string       // every table named, in order of appearance, as written without quotes ("db.table" when qualified)
	reads   []string       // those that need SELECT
	target  string         // the table that is written
	columns []string       // columns of target that are written
	upsert  []string       // columns that ON DUPLICATE KEY UPDATE sets
	where   bool           // UPDATE or DELETE has a WHERE
	direct  map[int]string // n-th parameter -> column of target that takes exactly its value
}

// shapeOf reads the statement.
func shapeOf(t template) shape {
	r := shapeReader{shape: shape{direct: map[int]string{}}}
	nth := 0
	for _, tok := range t.tokens {
		if tok.kind == tokenParam {
			r.nth = append(r.nth, nth)
			nth++
		} else if tok.kind != tokenSpace {
			r.nth = append(r.nth, -1)
		}
		if tok.kind != tokenSpace {
			r.tok = append(r.tok, tok)
		}
	}
	r.read()
	return r.shape
}

type shapeReader struct {
	shape
	tok []token
	nth []int // number of the parameter at this token; -1 = none
}

func (r *shapeReader) at(i int) token {
	if i < 0 || i >= len(r.tok) {
		return token{kind: tokenSpace}
	}
	return r.tok[i]
}

func (r *shapeReader) read() {
	r.verb = strings.ToUpper(r.at(0).text)
	if r.verb == "WITH" {
		r.verb = "SELECT"
	}
	r.ignore = r.at(1).is("IGNORE")
	r.findTables()
	switch r.verb {
	case "INSERT", "REPLACE":
		r.readInsert()
	case "UPDATE":
		r.readUpdate()
	case "DELETE":
		r.target, _ = r.tableName(r.find(0, "FROM") + 1)
		r.where = r.find(0, "WHERE") < len(r.tok)
	}
	for _, t := range r.tables {
		if t != r.target || r.verb == "UPDATE" || r.verb == "DELETE" || r.count(t) > 1 {
			r.reads = append(r.reads, t)
		}
	}
}

// count says how often a table is named as a source or target.
func (r *shapeReader) count(table string) int {
	n := 0
	for i := range r.tok {
		if name, _ := r.tableName(i); name == table && (i == 0 || r.at(i-1).kind == tokenWord || r.at(i-1).punct(",")) {
			n++
		}
	}
	return n
}

// tableName reads table or db.table at i and says where it ends.
func (r *shapeReader) tableName(i int) (string, int) {
	if !r.at(i).named() {
		return "", i
	}
	name := r.at(i).name
	if r.at(i+1).punct(".") && r.at(i+2).named() {
		return name + "." + r.at(i+2).name, i + 3
	}
	return name, i + 1
}

// fromless are functions whose arguments use the word FROM.
var fromless = []string{"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID", "POSITION"}

func (r *shapeReader) findTables() {
	common := map[string]bool{"DUAL": true}
	var opened []string // the word before each open parenthesis
	for i, t := range r.tok {
		switch {
		case t.punct("("):
			opened = append(opened, strings.ToUpper(r.at(i-1).text))
			if r.at(i-1).is("AS") && r.at(i-2).named() { // WITH name AS (
				common[strings.ToUpper(r.at(i-2).name)] = true
			}
		case t.punct(")") && len(opened) > 0:
			opened = opened[:len(opened)-1]
		case t.is("FROM"):
			if len(opened) == 0 || !slices.Contains(fromless, opened[len(opened)-1]) {
				r.addTables(i+1, common)
			}
		case t.is("JOIN"), t.is("STRAIGHT_JOIN"), t.is("INTO"):
			r.addTable(i+1, common)
		case t.is("UPDATE") && i == 0:
			at := 1
			for r.at(at).is("IGNORE") || r.at(at).is("LOW_PRIORITY") {
				at++
			}
			r.addTables(at, common)
		}
	}
}

// clauseEnd are the words that end a list of tables.
var clauseEnd = []string{"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "SET", "SELECT", "VALUES", "PROCEDURE", "FOR"}

// addTables adds the table at i, and those that follow after commas of the same depth.
func (r *shapeReader) addTables(i int, common map[string]bool) {
	r.addTable(i, common)
	for depth := 0; i < len(r.tok) && depth >= 0; i++ {
		switch t := r.tok[i]; {
		case t.punct("("):
			depth++
		case t.punct(")"):
			depth--
		case depth == 0 && t.kind == tokenWord && slices.Contains(clauseEnd, strings.ToUpper(t.text)):
			return
		case depth == 0 && t.punct(","):
			r.addTable(i+1, common)
		}
	}
}

func (r *shapeReader) addTable(i int, common map[string]bool) {
	name, _ := r.tableName(i)
	if name != "" && !r.at(i).is("SELECT") && !common[strings.ToUpper(name)] && !slices.Contains(r.tables, name) {
		r.tables = append(r.tables, name)
	}
}

// find gives the index of word at parenthesis depth 0 from i on, or the end.
func (r *shapeReader) find(i int, word string) int {
	depth := 0
	for ; i < len(r.tok); i++ {
		switch {
		case r.tok[i].punct("("):
			depth++
		case r.tok[i].punct(")"):
			depth--
		case depth == 0 && r.tok[i].is(word):
			return i
		}
	}
	return i
}

func (r *shapeReader) readUpdate() {
	set := r.find(0, "SET")
	r.where = r.find(0, "WHERE") < len(r.tok)
	start := 1
	for r.at(start).is("IGNORE") || r.at(start).is("LOW_PRIORITY") {
		start++
	}
	r.target, _ = r.tableName(start)
	r.columns = r.assignments(set+1, r.find(set, "WHERE"))
}

func (r *shapeReader) readInsert() {
	into := r.find(0, "INTO")
	target, i := r.tableName(into + 1)
	r.target, r.where = target, true
	if !r.at(i).punct("(") {
		return
	}
	end := r.closing(i)
	for j := i + 1; j < end; j++ {
		if r.at(j).named() {
			r.columns = append(r.columns, r.at(j).name)
		}
	}
	duplicate := r.find(end+1, "DUPLICATE")
	switch values := end + 1; {
	case r.at(values).is("VALUES") || r.at(values).is("VALUE"):
		if r.at(values + 1).punct("(") {
			r.match(values+2, r.closing(values+1))
		}
	case r.at(values).is("SELECT"):
		r.match(values+1, min(r.find(values, "FROM"), duplicate))
	}
	if duplicate < len(r.tok) { // ON DUPLICATE KEY UPDATE
		r.upsert = r.assignments(duplicate+3, len(r.tok))
	}
}

// closing gives the index of the parenthesis that closes the one at i.
func (r *shapeReader) closing(i int) int {
	depth := 0
	for ; i < len(r.tok); i++ {
		if r.tok[i].punct("(") {
			depth++
		} else if r.tok[i].punct(")") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// match pairs the expressions between from and to with the inserted columns.
func (r *shapeReader) match(from, to int) {
	for i, e := range r.split(from, to) {
		if i < len(r.columns) && e[1]-e[0] == 1 && r.nth[e[0]] >= 0 {
			r.direct[r.nth[e[0]]] = r.columns[i]
		}
	}
}

// assignments reads "a = x, t.b = y" and gives the columns.
func (r *shapeReader) assignments(from, to int) []string {
	var columns []string
	for _, e := range r.split(from, to) {
		i := e[0]
		if r.at(i + 1).punct(".") {
			i += 2
		}
		if !r.at(i).named() || !r.at(i+1).punct("=") {
			continue
		}
		columns = append(columns, r.at(i).name)
		if e[1]-i == 3 && r.nth[i+2] >= 0 {
			r.direct[r.nth[i+2]] = r.at(i).name
		}
	}
	return columns
}

// split cuts a range at the commas of its own depth.
func (r *shapeReader) split(from, to int) [][2]int {
	to = min(to, len(r.tok))
	var out [][2]int
	depth, start := 0, from
	for i := from; i < to; i++ {
		switch {
		case r.tok[i].punct("("):
			depth++
		case r.tok[i].punct(")"):
			depth--
		case depth == 0 && r.tok[i].punct(","):
			out = append(out, [2]int{start, i})
			start = i + 1
		}
	}
	if start < to {
		out = append(out, [2]int{start, to})
	}
	return out
}
