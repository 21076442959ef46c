package erp

import (
	"fmt"
	"regexp"
	"strings"
)

// tokenKind sorts the pieces of an SQL text, as far as we must understand it: enough to find parameters, tables and
// written columns, and never to look inside a string or a comment.
type tokenKind int

const (
	tokenSpace    tokenKind = iota // blanks and comments
	tokenWord                      // bare identifiers, keywords, numbers
	tokenIdent                     // `quoted identifier`
	tokenString                    // 'text' or "text"
	tokenParam                     // :name
	tokenQuestion                  // ?
	tokenPunct                     // anything else, one character
)

// token is one piece; name is the identifier or parameter without its quotes or colon.
type token struct {
	kind tokenKind
	text string
	name string
}

// is reports whether t is the bare word w (upper case).
func (t token) is(w string) bool { return t.kind == tokenWord && strings.EqualFold(t.text, w) }

func (t token) punct(c string) bool { return t.kind == tokenPunct && t.text == c }

// named reports whether t can be the name of a table or column.
func (t token) named() bool { return t.kind == tokenIdent || t.kind == tokenWord }

// tokenize cuts sql into tokens; joined together they give sql again. An open string or comment runs to the end.
func tokenize(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		t := nextToken(sql[i:])
		out = append(out, t)
		i += len(t.text)
	}
	return out
}

func nextToken(s string) token {
	c := s[0]
	switch {
	case isBlank(c):
		return token{tokenSpace, s[:span(s, isBlank)], ""}
	case c == '#', strings.HasPrefix(s, "-- "), strings.HasPrefix(s, "--\n"), s == "--":
		return token{tokenSpace, upTo(s, "\n"), ""}
	case strings.HasPrefix(s, "/*"):
		return token{tokenSpace, upTo(s, "*/"), ""}
	case c == '\'' || c == '"':
		return token{tokenString, quoted(s, c, true), ""}
	case c == '`':
		q := quoted(s, c, false)
		return token{tokenIdent, q, strings.ReplaceAll(strings.Trim(q, "`"), "``", "`")}
	case c == '?':
		return token{tokenQuestion, "?", ""}
	case c == ':' && len(s) > 1 && isLetter(s[1]):
		n := 1 + span(s[1:], isNameByte)
		return token{tokenParam, s[:n], s[1:n]}
	case isNameByte(c):
		w := s[:span(s, isNameByte)]
		return token{tokenWord, w, w}
	}
	return token{tokenPunct, s[:1], ""}
}

func isBlank(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isNameByte(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || c == '$' || c >= 0x80
}

// span counts the leading bytes of s that belong.
func span(s string, belongs func(byte) bool) int {
	for i := range len(s) {
		if !belongs(s[i]) {
			return i
		}
	}
	return len(s)
}

// upTo cuts s after end, or takes all of it.
func upTo(s, end string) string {
	if i := strings.Index(s, end); i >= 0 {
		return s[:i+len(end)]
	}
	return s
}

// quoted cuts the quoted text at the start of s; a doubled quote, or with escapes a backslash, does not end it.
func quoted(s string, quote byte, escapes bool) string {
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return s[:i+1]
		}
	}
	return s
}

var (
	varUse   = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)
	varValue = regexp.MustCompile(`^[A-Za-z0-9_$]*$`)
)

// substitute puts the source's variables into sql. A value may hold only the characters of a plain identifier, so it can
// never become anything else than a part of a name or a number.
func substitute(sql string, vars map[string]string) (string, error) {
	var bad error
	out := varUse.ReplaceAllStringFunc(sql, func(use string) string {
		name := use[1 : len(use)-1]
		value, ok := vars[name]
		switch {
		case !ok:
			bad = fmt.Errorf("{%s} is not in vars%s", name, didYouMean(name, keysOf(vars)))
		case !varValue.MatchString(value):
			bad = fmt.Errorf("the value of {%s} may hold only letters, digits, _ and $", name)
		}
		return value
	})
	return out, bad
}

// template is a statement with named parameters.
type template struct {
	tokens []token
	params []string // distinct, in order of first use
}

// compile prepares sql for rendering.
func compile(sql string, vars map[string]string) (template, error) {
	sql, err := substitute(sql, vars)
	if err != nil {
		return template{}, err
	}
	t := template{tokens: tokenize(strings.TrimSpace(sql))}
	seen := map[string]bool{}
	for i, tok := range t.tokens {
		switch {
		case tok.kind == tokenQuestion:
			return template{}, fmt.Errorf("it uses ?: write a named parameter such as :keys")
		case tok.punct(";") && !blankFrom(t.tokens[i+1:]):
			return template{}, fmt.Errorf("it holds several statements: give each its own entry")
		case tok.kind == tokenParam && !seen[tok.name]:
			seen[tok.name] = true
			t.params = append(t.params, tok.name)
		}
	}
	for len(t.tokens) > 0 && (t.tokens[len(t.tokens)-1].kind == tokenSpace || t.tokens[len(t.tokens)-1].punct(";")) {
		t.tokens = t.tokens[:len(t.tokens)-1]
	}
	return t, nil
}

func blankFrom(tokens []token) bool {
	for _, t := range tokens {
		if t.kind != tokenSpace {
			return false
		}
	}
	return true
}

// uses reports whether the statement has the parameter.
func (t template) uses(param string) bool {
	for _, p := range t.params {
		if p == param {
			return true
		}
	}
	return false
}

// empty reports whether there is no statement.
func (t template) empty() bool { return len(t.tokens) == 0 }

// render replaces each parameter by the placeholders that bind gives for its n-th appearance in the statement.
func (t template) render(bind func(name string, nth int) (placeholders string, args []any, err error)) (string, []any, error) {
	var b strings.Builder
	var args []any
	nth := 0
	for _, tok := range t.tokens {
		if tok.kind != tokenParam {
			b.WriteString(tok.text)
			continue
		}
		place, more, err := bind(tok.name, nth)
		if err != nil {
			return "", nil, err
		}
		nth++
		b.WriteString(place)
		args = append(args, more...)
	}
	return b.String(), args, nil
}

// text is the statement with its parameters as written.
func (t template) text() string {
	var b strings.Builder
	for _, tok := range t.tokens {
		b.WriteString(tok.text)
	}
	return b.String()
}

// tuple finds the one row of an INSERT ... VALUES (...) that may be repeated to insert several rows at once: every
// parameter stands in it. It gives the tokens of its parentheses; both are 0 when there is no such row.
func (t template) tuple() (from, to int) {
	depth := 0
	for i, tok := range t.tokens {
		switch {
		case tok.punct("("):
			if depth == 0 && from == 0 && t.follows(i, "VALUES", "VALUE") {
				from = i
			}
			depth++
		case tok.punct(")"):
			if depth--; depth == 0 && from > 0 && to == 0 {
				to = i
			}
		case tok.kind == tokenParam && (from == 0 || to > 0):
			return 0, 0
		case depth == 0 && to > 0 && tok.punct(","):
			if t.firstUpsert(i) {
				continue
			}
			return 0, 0 // several rows already
		}
	}
	if to == 0 {
		return 0, 0
	}
	return from, to
}

// follows reports whether the token before i, blanks aside, is one of the words.
func (t template) follows(i int, words ...string) bool {
	for i--; i >= 0 && t.tokens[i].kind == tokenSpace; i-- {
	}
	for _, w := range words {
		if i >= 0 && t.tokens[i].is(w) {
			return true
		}
	}
	return false
}

// firstUpsert reports whether ON DUPLICATE KEY UPDATE stands before i: then commas part assignments, not rows.
func (t template) firstUpsert(i int) bool {
	for _, tok := range t.tokens[:i] {
		if tok.is("DUPLICATE") {
			return true
		}
	}
	return false
}

// renderRows is render for n rows: the tuple stands there n times.
func (t template) renderRows(n int) string {
	from, to := t.tuple()
	var b strings.Builder
	write := func(tokens []token) {
		for _, tok := range tokens {
			if tok.kind == tokenParam {
				b.WriteString("?")
			} else {
				b.WriteString(tok.text)
			}
		}
	}
	if n == 1 || to == 0 {
		write(t.tokens)
		return b.String()
	}
	write(t.tokens[:to+1])
	for range n - 1 {
		b.WriteString(", ")
		write(t.tokens[from : to+1])
	}
	write(t.tokens[to+1:])
	return b.String()
}
