package erp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"faturad/internal/invoice"
)

// Check finds contradictions in a source (already laid over its preset) without a database. An empty answer means that
// Open will take it.
func (c Config) Check() []Problem {
	k := &checker{cfg: c}
	k.source()
	k.documents()
	k.texts()
	k.money()
	k.maps()
	k.events()
	return k.problems
}

type checker struct {
	cfg      Config
	problems []Problem
}

func (k *checker) add(path, format string, args ...any) {
	k.problems = append(k.problems, Problem{k.cfg.where(path), fmt.Sprintf(format, args...)})
}

// oneOf complains about a word that is none of the allowed.
func (k *checker) oneOf(path, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		k.add(path, "%q is not allowed%s: use %s", value, didYouMean(value, allowed), strings.Join(allowed, ", "))
	}
}

func (k *checker) source() {
	c := k.cfg
	if len(c.Documents) == 0 {
		k.add("document", "the source has no document: name a preset, or write at least one [[document]]")
	}
	if c.Start.IsZero() {
		k.add("start", "start is missing: name the first day whose sales may be sent, so that history is not")
	}
	for name, value := range c.Vars {
		if !varValue.MatchString(value) {
			k.add("vars."+name, "it may hold only letters, digits, _ and $, since it becomes part of SQL")
		}
	}
	k.oneOf("zero_date", c.ZeroDate, "null", "fault")
	if _, err := newCharset(c); err != nil {
		k.add("decode", "%v", err)
	}
	if _, err := zoneOf(c.Session()); err != nil {
		k.add("time_zone", "%v", err)
	}
	for alias, zone := range c.Zones {
		if a := newAliasSet(HeaderAliases).find(alias); a == nil || a.Type != TypeDate && a.Type != TypeTime {
			k.add("zones."+alias, "no date of the contract is called %s%s", alias, didYouMean(alias, dateAliases()))
		}
		if zone != "unix" {
			if _, err := zoneOf(zone); err != nil {
				k.add("zones."+alias, "%v", err)
			}
		}
	}
	if c.Settle.Duration > 0 && !slices.ContainsFunc(c.Documents, func(d Document) bool { return strings.Contains(d.Pending, ":settle") }) {
		k.add("settle", "no pending query uses :settle, so the delay would have no effect")
	}
	for name, sql := range map[string]string{"requests": c.Requests, "answers": c.Answers, "turkish_sample": c.TurkishSample} {
		if sql != "" {
			k.query(name, sql, nil)
		}
	}
}

func dateAliases() []string {
	var out []string
	for _, a := range HeaderAliases {
		if a.Type == TypeDate {
			out = append(out, a.Name)
		}
	}
	return out
}

var documentName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

func (k *checker) documents() {
	seen := map[string]bool{}
	for _, d := range k.cfg.Documents {
		path := "document[" + d.Name + "]"
		if !documentName.MatchString(d.Name) {
			k.add(path+".name", "%q must be a short name in small letters: it is part of every ETTN", d.Name)
		}
		if seen[d.Name] {
			k.add(path, "there are two documents of this name")
		}
		seen[d.Name] = true
		parts, err := parseKey(d.Key)
		if err != nil {
			k.add(path+".key", "%v", err)
		}
		var keys []string
		for _, p := range parts {
			keys = append(keys, p.name)
			if newAliasSet(HeaderAliases).find(p.name) != nil || newAliasSet(LineAliases).find(p.name) != nil || slices.Contains(namesOf(ProjectionParams), p.name) {
				k.add(path+".key", "%s is a name of the contract: call the key column otherwise, with AS", p.name)
			}
		}
		k.query(path+".pending", d.Pending, []string{"start", "settle", "limit"})
		if d.Known != "" {
			k.query(path+".known", d.Known, []string{"start"})
		}
		if d.Recheck != "" {
			k.query(path+".recheck", d.Recheck, []string{"start", "since", "settle"})
		}
		k.keyed(path+".header", d.Header, keys)
		k.keyed(path+".lines", d.Lines, keys)
		k.defaults(path+".default", d.Default, HeaderAliases)
		k.defaults(path+".line_default", d.LineDefault, LineAliases)
	}
}

func (k *checker) defaults(path string, values map[string]string, aliases []Alias) {
	set := newAliasSet(aliases)
	for name := range values {
		if set.find(name) == nil {
			k.add(path+"."+name, "the contract has no %s%s", name, didYouMean(name, set.names()))
		}
	}
}

// keyed checks a header or lines query.
func (k *checker) keyed(path, sql string, keys []string) {
	t, ok := k.query(path, sql, append([]string{"keys", "start"}, keys...))
	if ok && !t.uses("keys") && !slices.ContainsFunc(keys, t.uses) {
		k.add(path, "it must select by key: add WHERE ... IN (:keys), so that one query reads many sales")
	}
	if ok && slices.ContainsFunc(t.tokens, func(t token) bool { return t.punct("*") }) && starColumn(t) {
		k.add(path, "it uses *: name each column with its alias of the contract")
	}
}

// starColumn reports whether a query selects * or t.*.
func starColumn(t template) bool {
	before := token{}
	for _, tok := range t.tokens {
		if tok.kind == tokenSpace {
			continue
		}
		if tok.punct("*") && (before.is("SELECT") || before.is("DISTINCT") || before.punct(",") || before.punct(".")) {
			return true
		}
		before = tok
	}
	return false
}

// query checks that sql is one SELECT with known parameters.
func (k *checker) query(path, sql string, allowed []string) (template, bool) {
	if strings.TrimSpace(sql) == "" {
		k.add(path, "the query is missing")
		return template{}, false
	}
	t, err := compile(sql, k.cfg.Vars)
	if err != nil {
		k.add(path, "%v", err)
		return t, false
	}
	if s := shapeOf(t); s.verb != "SELECT" {
		k.add(path, "it must be a SELECT, not %s", s.verb)
	}
	for _, tok := range t.tokens {
		if tok.is("INTO") || tok.is("UPDATE") {
			k.add(path, "it must only read: %s is not allowed in it", strings.ToUpper(tok.text))
		}
	}
	k.params(path, sql, t, allowed)
	return t, true
}

func (k *checker) params(path, sql string, t template, allowed []string) {
	for _, p := range t.params {
		if !slices.Contains(allowed, p) {
			k.problems = append(k.problems, Problem{k.cfg.whereIn(path, sql, p), fmt.Sprintf(":%s is no parameter here%s", p, didYouMean(p, allowed))})
		}
	}
}

func (k *checker) texts() {
	t := k.cfg.Text
	both := append(newAliasSet(HeaderAliases).names(), newAliasSet(LineAliases).names()...)
	known := func(path, name string) {
		if plain := strings.TrimPrefix(name, "line."); !slices.Contains(both, plain) {
			k.add(path, "the contract has no %s%s", plain, didYouMean(plain, both))
		}
	}
	for alias := range t.First {
		known("text.first."+alias, alias)
	}
	for alias := range t.MaxLength {
		known("text.max_length."+alias, alias)
	}
	for i, x := range t.Extract {
		path := fmt.Sprintf("text.extract[%d]", i)
		if len(x.From) == 0 || len(x.Patterns) == 0 {
			k.add(path, "it needs from and patterns")
		}
		if x.Otherwise != "" {
			known(path+".otherwise", x.Otherwise)
		}
		for _, p := range x.Patterns {
			re, err := regexp.Compile(p)
			if err != nil {
				k.add(path+".patterns", "%v", err)
				continue
			}
			for _, group := range re.SubexpNames() {
				if group != "" {
					known(path+".patterns", group)
				}
			}
		}
	}
	for i, r := range t.Replace {
		path := fmt.Sprintf("text.replace[%d]", i)
		if _, err := regexp.Compile(r.Pattern); err != nil {
			k.add(path+".pattern", "%v", err)
		}
		for _, name := range r.In {
			known(path+".in", name)
		}
	}
	for column, name := range t.Charset {
		if _, err := encodingOf(name); name != "none" && err != nil {
			k.add("text.charset."+column, "%v", err)
		}
	}
}

func (k *checker) money() {
	m := k.cfg.Money
	both := append(newAliasSet(HeaderAliases).names(), newAliasSet(LineAliases).names()...)
	for name := range m.Scale {
		if plain := strings.TrimPrefix(name, "line."); !slices.Contains(both, plain) {
			k.add("money.scale."+name, "the contract has no %s%s", plain, didYouMean(plain, both))
		}
	}
	k.oneOf("money.decimal_mark", m.DecimalMark, ".", ",")
	k.oneOf("money.price_basis", string(m.PriceBasis), string(invoice.BasisNet), string(invoice.BasisGross))
	k.oneOf("money.rate_direction", m.RateDirection, "base_per_foreign", "foreign_per_base")
	k.oneOf("money.vat_unit", m.VATUnit, "percent", "fraction", "ratio")
	k.oneOf("money.discount_unit", m.DiscountUnit, "percent", "fraction")
	for kind, rule := range m.Sign {
		for name, word := range map[string]string{"header": rule.Header, "lines": rule.Lines, "quantity": rule.Quantity} {
			k.oneOf("money.sign."+kind+"."+name, word, "keep", "negate", "abs")
		}
	}
	if err := (&reader{cfg: k.cfg}).readVATRules(); err != nil {
		k.add("money", "%v", err)
	}
}

// Tables lists the value tables that the contract knows.
func Tables() []string {
	out := []string{"status", "received_status"}
	for _, list := range [][]Alias{HeaderAliases, LineAliases, RequestAliases, AnswerAliases} {
		for _, a := range list {
			if a.Map != "" && !slices.Contains(out, a.Map) {
				out = append(out, a.Map)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (k *checker) maps() {
	for name, values := range k.cfg.Map {
		if !slices.Contains(Tables(), name) {
			k.add("map."+name, "the contract has no value table of this name%s", didYouMean(name, Tables()))
		}
		for from := range values {
			if from != strings.TrimSpace(from) {
				k.add("map."+name, "the value %q has blanks around it: values are compared after trim", from)
			}
		}
		if name == "status" {
			for from := range values {
				k.oneOf("map.status", from, shownStates...)
			}
		}
	}
}

func (k *checker) events() {
	for event, statements := range k.cfg.On {
		if !slices.Contains(Events(), event) {
			k.add("on."+event, "there is no such event%s", didYouMean(event, Events()))
			continue
		}
		for i, st := range statements {
			k.statement(fmt.Sprintf("on.%s[%d]", event, i), event, st, i)
		}
	}
}

func (k *checker) statement(path, event string, st Statement, i int) {
	k.oneOf(path+".each", st.Each, levels(event)...)
	k.oneOf(path+".when", st.When, "not_found")
	if st.When != "" && i == 0 {
		k.add(path+".when", "the first statement has none before it to depend on")
	}
	for _, name := range st.Only {
		k.oneOf(path+".only", name, documentNames(k.cfg)...)
	}
	if strings.TrimSpace(st.SQL) == "" {
		k.add(path+".sql", "the statement is missing")
		return
	}
	t, err := compile(st.SQL, k.cfg.Vars)
	if err != nil {
		k.add(path+".sql", "%v", err)
		return
	}
	s := shapeOf(t)
	switch {
	case !slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "REPLACE"}, s.verb):
		k.add(path+".sql", "it must be INSERT, UPDATE, DELETE or REPLACE, not %s", s.verb)
	case s.target == "":
		k.add(path+".sql", "the table that it writes cannot be seen: write it plainly")
	case !s.where && (s.verb == "UPDATE" || s.verb == "DELETE"):
		k.add(path+".sql", "%s without WHERE would change every row: add the key", s.verb)
	case s.verb == "INSERT" && len(s.columns) == 0:
		k.add(path+".sql", "name the columns that it inserts")
	}
	for _, column := range incremented(t, s) {
		k.add(path+".sql", "it increments %s: running it twice must be the same as once", column)
	}
	allowed := paramNames(event, st.Each)
	if slices.Contains([]string{EventStatus, EventFile}, event) || slices.Contains(shownStates, event) {
		for _, d := range k.cfg.Documents {
			if parts, err := parseKey(d.Key); err == nil {
				for _, p := range parts {
					allowed = append(allowed, p.name)
				}
			}
		}
	}
	k.params(path+".sql", st.SQL, t, allowed)
	for name := range st.Length {
		k.oneOf(path+".length", name, allowed...)
	}
}

func documentNames(c Config) []string {
	out := make([]string, len(c.Documents))
	for i, d := range c.Documents {
		out[i] = d.Name
	}
	return out
}

// incremented finds "column = column + ..." in a SET list.
func incremented(t template, s shape) []string {
	var plain []token
	for _, tok := range t.tokens {
		if tok.kind != tokenSpace {
			plain = append(plain, tok)
		}
	}
	var out []string
	for i := 0; i+3 < len(plain); i++ {
		if plain[i].named() && slices.Contains(s.columns, plain[i].name) && plain[i+1].punct("=") &&
			plain[i+2].name == plain[i].name && (plain[i+3].punct("+") || plain[i+3].punct("-")) {
			out = append(out, plain[i].name)
		}
	}
	return out
}
