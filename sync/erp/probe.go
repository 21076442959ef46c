package erp

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"faturad/internal/mysqlx"
)

// Check runs every query against the real ERP without changing anything: SELECTs with LIMIT 0, statements with EXPLAIN.
// It names each missing, misspelt or wrongly typed column with its place in the file, looks at engines, zones and
// lengths, and reads the sample of Turkish letters. A source without findings of SeverityError is fit to run.
func (s *Source) Check(ctx context.Context) []Finding {
	p := &probe{s: s}
	p.session(ctx)
	p.require(ctx)
	for _, d := range s.documents {
		p.document(ctx, d)
	}
	p.side(ctx, "requests", s.cfg.Requests, RequestAliases)
	p.side(ctx, "answers", s.cfg.Answers, AnswerAliases)
	for _, event := range keysOf(s.events) {
		for _, st := range s.events[event] {
			p.statement(ctx, st)
		}
	}
	p.sample(ctx)
	return p.findings
}

type probe struct {
	s        *Source
	findings []Finding
	engines  []string // tables already remarked on
}

func (p *probe) add(severity Severity, place, message, advice string) {
	p.findings = append(p.findings, Finding{severity, place, message, advice})
}

// session compares the connection with what the source says.
func (p *probe) session(ctx context.Context) {
	var minutes int
	if err := p.s.db.GetContext(ctx, &minutes, "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW())"); err != nil {
		p.add(SeverityError, "dsn", mysqlx.Describe(err), "")
		return
	}
	var now time.Time
	if err := p.s.db.GetContext(ctx, &now, "SELECT UTC_TIMESTAMP()"); err != nil {
		p.add(SeverityError, "dsn", mysqlx.Describe(err), "")
		return
	}
	_, offset := now.In(p.s.writeZone).Zone()
	if math.Abs(float64(minutes-offset/60)) > 1 {
		p.add(SeverityError, p.s.cfg.where("time_zone"), fmt.Sprintf("the connection's time is %d minutes from UTC, but time_zone %q is %d.", minutes, p.s.cfg.Session(), offset/60),
			"Open the ERP with the source's time_zone; the server may lack its zone tables, then write it as +03:00.")
	}
	if info, err := mysqlx.Server(ctx, p.s.db); err == nil && info.Aged() != "" {
		p.add(SeverityWarning, "dsn", info.Aged()+".", "Every query is tried here all the same; write back to a copy of the ERP first.")
	}
	var set string
	if err := p.s.db.GetContext(ctx, &set, "SELECT @@character_set_connection"); err == nil && set != "utf8mb4" && p.s.cfg.Decode == "" {
		p.add(SeverityError, "dsn", fmt.Sprintf("the connection speaks %s, so letters that it lacks are lost.", set), "Remove charset from the DSN.")
	}
}

// require looks the demanded columns up: a wrong version of the ERP is named before its queries fail one by one.
func (p *probe) require(ctx context.Context) {
	for _, name := range keysOf(p.s.cfg.Require) {
		place := p.s.cfg.where("require." + name)
		plain, err := substitute(name, p.s.cfg.Vars)
		if err != nil {
			p.add(SeverityError, place, err.Error(), "")
			continue
		}
		t, err := p.s.targets.get(ctx, plain)
		if err != nil {
			p.add(SeverityError, place, mysqlx.Describe(err), "")
			continue
		}
		if len(t.columns) == 0 {
			p.add(SeverityError, place, fmt.Sprintf("the table %s does not exist, or this user may not see it.", plain),
				"Run the preset's install.sql (faturad init --sql) and the GRANTs (faturad grants); is this the right version of the ERP?")
			continue
		}
		for _, column := range p.s.cfg.Require[name] {
			if _, ok := t.columns[lower(column)]; !ok {
				p.add(SeverityError, place, fmt.Sprintf("the table %s has no column %s%s.", plain, column, didYouMean(column, keysOf(t.columns))),
					"This source is for another version of the ERP, or its install.sql was not run (faturad init --sql).")
			}
		}
	}
}

var orderBy = regexp.MustCompile(`(?i)\border\s+by\b`)

// document probes the queries of one document.
func (p *probe) document(ctx context.Context, d *document) {
	read := map[string]any{"start": p.s.cfg.Start.String(), "since": p.s.cfg.Start.String(), "settle": 0, "limit": 1}
	plain := func(name string, _ int) (string, []any, error) { return "?", []any{read[name]}, nil }
	p.query(ctx, d.pending, d.cfg.Pending, d.key, plain)
	if !orderBy.MatchString(d.cfg.Pending) {
		p.add(SeverityWarning, p.s.cfg.where("document["+d.cfg.Name+"].pending"), "the pending query has no ORDER BY.", "Order it by date: invoice numbers are given in this order, and must follow dates.")
	}
	if d.known.empty() {
		p.add(SeverityWarning, p.s.cfg.where("document["+d.cfg.Name+"]"), "there is no known query.", "A lost ledger could not be rebuilt from the ERP's marks.")
	} else {
		p.query(ctx, d.known, d.cfg.Known, d.key, plain)
	}
	if d.recheck.empty() {
		p.add(SeverityWarning, p.s.cfg.where("document["+d.cfg.Name+"]"), "there is no recheck query.", "Edits of a sale after it was read would not be noticed.")
	} else {
		p.query(ctx, d.recheck, d.cfg.Recheck, d.key, plain)
	}
	nobody := make([]any, len(d.key))
	for i, part := range d.key {
		nobody[i] = any(int64(-1))
		if part.text {
			nobody[i] = "\x01"
		}
	}
	keys := p.s.bindKeys(d, [][]any{nobody})
	p.query(ctx, d.header, d.cfg.Header, d.key, keys)
	p.query(ctx, d.lines, d.cfg.Lines, d.key, keys)
}

func (p *probe) side(ctx context.Context, name, sql string, aliases []Alias) {
	if strings.TrimSpace(sql) == "" {
		return
	}
	q, err := p.s.sideQuery(name, sql, aliases)
	if err != nil {
		p.add(SeverityError, p.s.cfg.where(name), err.Error(), "")
		return
	}
	p.query(ctx, q, sql, nil, func(string, int) (string, []any, error) { return "NULL", nil, nil })
}

// query asks for a query's columns and compares them with the contract.
func (p *probe) query(ctx context.Context, q query, source string, key []keyPart, bind func(string, int) (string, []any, error)) {
	sql, args, err := q.render(bind)
	if err != nil {
		p.add(SeverityError, p.s.cfg.where(q.place), err.Error(), "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.s.timeout())
	defer cancel()
	columns, err := p.try(ctx, "SELECT * FROM ("+sql+"\n) faturad_check LIMIT 0", args...)
	if err != nil {
		p.failed(ctx, q.place, source, shapeOf(q.template), err)
		return
	}
	p.columns(q, source, key, columns)
	p.collation(ctx, q)
}

// try runs a query that changes nothing, reads no rows of it, and gives its columns.
func (p *probe) try(ctx context.Context, sql string, args ...any) ([]column, error) {
	rows, err := p.s.db.QueryxContext(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := rows.Close(); err != nil {
			p.s.log.Debug("closing a probe", "error", err)
		}
	}()
	return columnsOf(rows)
}

// columns compares what a query returns with what the contract knows.
func (p *probe) columns(q query, source string, key []keyPart, columns []column) {
	for _, c := range columns {
		place := p.s.cfg.whereIn(q.place, source, c.name)
		a := q.aliases.find(c.name)
		switch {
		case a == nil && !q.extra[c.name]:
			p.add(SeverityError, place, fmt.Sprintf("the query returns %s, which the contract does not know%s.", c.name, didYouMean(c.name, q.expected())),
				"Give the column its alias of docs/erp-contract.md, or leave it out.")
		case a != nil && !a.fits(c.dbType, p.s.reader.unix[c.name]):
			p.add(SeverityError, place, fmt.Sprintf("%s must be a %s, but the column's type is %s.", c.name, a.Type, c.dbType), "Choose another column, or convert it in the query.")
		case a != nil && a.numeric() && slices.Contains(textTypes, c.dbType):
			p.add(SeverityNote, place, fmt.Sprintf("%s is kept as text (%s): it is read with the decimal mark %q.", c.name, c.dbType, p.mark()), "")
		}
	}
	for _, name := range q.missing(columns, key) {
		if !p.ruled(name, q) {
			p.add(SeverityError, p.s.cfg.where(q.place), fmt.Sprintf("the query does not return %s, which is required.", name), "Add the column with AS "+name+".")
		}
	}
}

func (a *Alias) numeric() bool {
	return slices.Contains([]Type{TypeMoney, TypeNumber, TypePercent, TypeInt}, a.Type)
}

func (p *probe) mark() string {
	if m := p.s.cfg.Money.DecimalMark; m != "" {
		return m
	}
	return "."
}

// ruled reports whether a rule of the source fills an alias that no column has.
func (p *probe) ruled(name string, q query) bool {
	lines := strings.HasSuffix(q.place, ".lines")
	if _, ok := p.s.cfg.Text.First[name]; ok || name == "vat_rate" && p.s.cfg.Money.VATUnit == "ratio" {
		return true
	}
	for _, x := range p.s.reader.extracts {
		if x.Lines != lines {
			continue
		}
		for _, re := range x.patterns {
			if x.Otherwise == name || slices.Contains(re.SubexpNames(), name) {
				return true
			}
		}
	}
	for _, d := range p.s.documents {
		defaults := d.cfg.Default
		if lines {
			defaults = d.cfg.LineDefault
		}
		if strings.HasPrefix(q.place, "document["+d.cfg.Name+"]") && defaults[name] != "" {
			return true
		}
	}
	return false
}

// collation warns where the ERP's collation makes SQL comparisons surprising.
func (p *probe) collation(ctx context.Context, q query) {
	literals := slices.ContainsFunc(q.tokens, func(t token) bool { return t.kind == tokenString && strings.ContainsAny(t.text, "iI") })
	if !literals {
		return
	}
	var name string
	if err := p.s.db.GetContext(ctx, &name, "SELECT @@collation_database"); err == nil && strings.Contains(name, "turkish") {
		p.add(SeverityNote, p.s.cfg.where(q.place), "the database's collation is "+name+", where 'I' and 'i' are different letters; this query compares texts that have them.",
			"Spell them exactly as they are stored, or compare codes.")
	}
}

// statement explains a write, and looks at its target's engine and lengths.
func (p *probe) statement(ctx context.Context, st *statement) {
	path := st.place + ".sql"
	ctx, cancel := context.WithTimeout(ctx, p.s.timeout())
	defer cancel()
	sql, _, err := st.render(func(string, int) (string, []any, error) { return "NULL", nil, nil })
	if err != nil {
		p.add(SeverityError, p.s.cfg.where(path), err.Error(), "")
		return
	}
	if _, err := p.try(ctx, "EXPLAIN "+sql); err != nil {
		p.failed(ctx, path, st.cfg.SQL, st.shape, err)
	}
	t, err := p.s.targets.get(ctx, st.target)
	if err != nil {
		p.add(SeverityError, p.s.cfg.where(path), mysqlx.Describe(err), "")
		return
	}
	if !t.transactional() && !slices.Contains(p.engines, st.target) {
		p.engines = append(p.engines, st.target)
		p.add(SeverityNote, p.s.cfg.where(path), fmt.Sprintf("the table %s is %s: documents are written one by one, and without a rollback.", st.target, t.engine), "")
	}
	p.lengths(st, t)
}

// lengths compares the columns of what must not be cut with what will come.
func (p *probe) lengths(st *statement, t *table) {
	needs := map[string]int{"ettn": 36, "number": 16}
	nth := 0
	for _, tok := range st.tokens {
		if tok.kind != tokenParam {
			continue
		}
		c, ok := t.columns[lower(st.direct[nth])]
		nth++
		if need := needs[tok.name]; ok && need > 0 && c.chars > 0 && c.chars < need {
			p.add(SeverityError, p.s.cfg.whereIn(st.place+".sql", st.cfg.SQL, c.name), fmt.Sprintf("the column %s.%s holds %d characters, but :%s needs %d.", st.target, c.name, c.chars, tok.name, need), "Widen it.")
		}
	}
}
