package erp

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"faturad/internal/mysqlx"
)

var (
	serverPrefix  = regexp.MustCompile(`Error \d+ \(\w+\): `)
	unknownColumn = regexp.MustCompile(`[Uu]nknown column '([^']+)'`)
	unknownTable  = regexp.MustCompile(`(?i)table '([^']+)' doesn't exist`)
	nearText      = regexp.MustCompile(`(?s)near '(.{1,40})`)
	twiceColumn   = regexp.MustCompile(`Duplicate column name '([^']+)'`)
)

// failed words a query's error, with the place of the word that the server names.
func (p *probe) failed(ctx context.Context, path, source string, sh shape, err error) {
	text := err.Error()
	if at := serverPrefix.FindStringIndex(text); at != nil {
		text = text[at[1]:]
	}
	find := func(re *regexp.Regexp) string {
		if m := re.FindStringSubmatch(text); m != nil {
			return m[1][strings.LastIndexByte(m[1], '.')+1:]
		}
		return ""
	}
	switch name := find(unknownColumn); {
	case mysqlx.IsUnknownColumn(err) && name != "":
		p.add(SeverityError, p.s.cfg.whereIn(path, source, name), fmt.Sprintf("there is no column %s%s.", name, didYouMean(name, p.columnsOf(ctx, sh.tables))),
			"Correct the name; if the column is faturad's own, run the preset's install.sql (faturad init --sql).")
		return
	case mysqlx.IsUnknownTable(err):
		name = find(unknownTable)
		p.add(SeverityError, p.s.cfg.whereIn(path, source, p.unprefixed(name)), fmt.Sprintf("there is no table %s%s.", name, didYouMean(name, p.tables(ctx))),
			"Correct the name or the prefix in vars; if the table is faturad's own, run the preset's install.sql (faturad init --sql).")
		return
	case mysqlx.IsForbidden(err):
		p.forbidden(ctx, path, source, sh, text)
		return
	}
	if name := find(twiceColumn); name != "" {
		p.add(SeverityError, p.s.cfg.whereIn(path, source, name), fmt.Sprintf("the query returns %s twice.", name), "Give each column its own alias.")
		return
	}
	if m := nearText.FindStringSubmatch(text); m != nil {
		p.add(SeverityError, p.s.cfg.where(path), "the database cannot parse the statement: "+text+".", "Correct it near the place that the server names.")
		return
	}
	p.add(SeverityError, p.s.cfg.where(path), mysqlx.Describe(err), "")
}

// deniedTable and deniedColumn read what the servers say of a missing privilege.
var (
	deniedColumn = regexp.MustCompile("for column '([^']+)'")
	deniedTable  = regexp.MustCompile("for table [`']?(?:[^`']+[`']\\.[`'])?([^`']+)[`']")
)

// forbidden words a missing privilege. To a user of least privilege a misspelt name looks the same as a forbidden one, so
// the nearest name that the user may see is told too.
func (p *probe) forbidden(ctx context.Context, path, source string, sh shape, text string) {
	if m := deniedColumn.FindStringSubmatch(text); m != nil {
		columns := p.columnsOf(ctx, sh.tables)
		if !slices.Contains(columns, lower(m[1])) {
			p.add(SeverityError, p.s.cfg.whereIn(path, source, m[1]), fmt.Sprintf("there is no column %s%s, or this user may not see it.", m[1], didYouMean(m[1], columns)),
				"Correct the name, run the preset's install.sql (faturad init --sql), or the GRANTs (faturad grants).")
			return
		}
	}
	if m := deniedTable.FindStringSubmatch(text); m != nil {
		tables := p.tables(ctx)
		if !slices.Contains(tables, m[1]) {
			p.add(SeverityError, p.s.cfg.whereIn(path, source, p.unprefixed(m[1])), fmt.Sprintf("there is no table %s%s, or this user may not see it.", m[1], didYouMean(m[1], tables)),
				"Correct the name or the prefix in vars, run the preset's install.sql (faturad init --sql), or the GRANTs (faturad grants).")
			return
		}
	}
	p.add(SeverityError, p.s.cfg.where(path), "the database user lacks a privilege: "+text+".", "Run what faturad grants prints.")
}

// unprefixed takes a variable's value off a table's name, so that it can be found in the source's text.
func (p *probe) unprefixed(name string) string {
	for _, v := range p.s.cfg.Vars {
		if rest, ok := strings.CutPrefix(name, v); ok && v != "" {
			return rest
		}
	}
	return name
}

func (p *probe) columnsOf(ctx context.Context, tables []string) []string {
	var out []string
	for _, name := range tables {
		if t, err := p.s.targets.get(ctx, name); err == nil {
			out = append(out, keysOf(t.columns)...)
		}
	}
	return out
}

func (p *probe) tables(ctx context.Context) []string {
	var out []string
	if err := p.s.db.SelectContext(ctx, &out, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"); err != nil {
		return nil
	}
	return out
}
