package erp

import (
	"fmt"
	"slices"
	"strings"
)

// User is the name of the ERP's database user in the GRANTs.
const User = "faturad_erp"

// privileges of one table.
type privileges struct {
	selects, deletes bool
	inserts, updates []string // columns
}

// Grants lists the least GRANTs for User at host on database: SELECT on the tables that queries name, INSERT and UPDATE
// on the columns that statements write. Tables that hide behind views or functions come from `grants` of the source. A
// source that Check refuses gives what can be read of it.
func Grants(c Config, database, host string) []string {
	g := grantReader{cfg: c, tables: map[string]*privileges{}}
	for _, d := range c.Documents {
		for _, sql := range []string{d.Pending, d.Known, d.Recheck, d.Header, d.Lines} {
			g.add(sql)
		}
	}
	for _, sql := range []string{c.Requests, c.Answers, c.TurkishSample} {
		g.add(sql)
	}
	for _, event := range keysOf(c.On) {
		for _, st := range c.On[event] {
			g.add(st.SQL)
		}
	}
	for _, t := range c.Grants {
		if name, err := substitute(t, c.Vars); err == nil {
			g.table(name).selects = true
		}
	}
	out := make([]string, 0, len(g.tables))
	for _, name := range keysOf(g.tables) {
		out = append(out, fmt.Sprintf("GRANT %s ON %s TO '%s'@'%s'", g.tables[name], qualified(database, name), User, host))
	}
	return out
}

type grantReader struct {
	cfg    Config
	tables map[string]*privileges
}

func (g *grantReader) table(name string) *privileges {
	if g.tables[name] == nil {
		g.tables[name] = &privileges{}
	}
	return g.tables[name]
}

func (g *grantReader) add(sql string) {
	t, err := compile(sql, g.cfg.Vars)
	if err != nil || t.empty() {
		return
	}
	s := shapeOf(t)
	for _, name := range s.reads {
		g.table(name).selects = true
	}
	if s.target == "" {
		return
	}
	p := g.table(s.target)
	switch s.verb {
	case "INSERT":
		p.inserts = union(p.inserts, s.columns)
		if len(s.upsert) > 0 { // the server then wants UPDATE on the key columns too, and SELECT
			p.updates = union(p.updates, s.columns, s.upsert)
			p.selects = true
		}
	case "REPLACE":
		p.inserts = union(p.inserts, s.columns)
		p.deletes = true
	case "UPDATE":
		p.updates = union(p.updates, s.columns)
	case "DELETE":
		p.deletes = true
	}
}

func union(lists ...[]string) []string {
	var out []string
	for _, l := range lists {
		for _, s := range l {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// String writes the privileges as GRANT wants them.
func (p *privileges) String() string {
	var out []string
	if p.selects {
		out = append(out, "SELECT")
	}
	if len(p.inserts) > 0 {
		out = append(out, "INSERT ("+quotedList(p.inserts)+")")
	}
	if len(p.updates) > 0 {
		out = append(out, "UPDATE ("+quotedList(p.updates)+")")
	}
	if p.deletes {
		out = append(out, "DELETE")
	}
	return strings.Join(out, ", ")
}

func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteName(n)
	}
	return strings.Join(out, ", ")
}

func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

func qualified(database, table string) string {
	if db, name, ok := strings.Cut(table, "."); ok {
		return quoteName(db) + "." + quoteName(name)
	}
	return quoteName(database) + "." + quoteName(table)
}
