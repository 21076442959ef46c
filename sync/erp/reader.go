package erp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding"

	"faturad/internal/invoice"
)

// row is one row of a query: its cells by column name (small letters).
type row map[string]cell

// reader turns rows into sales by the rules of one source. It is pure and made once.
type reader struct {
	cfg      Config
	cs       charset
	charsets map[string]encoding.Encoding // column -> charset of its BLOB; nil value = exempt from decode
	extracts []extract
	replaces []replace
	zones    map[string]*time.Location
	unix     map[string]bool
	legal    []decimal.Decimal
	slack    decimal.Decimal // VAT tolerance
	fallback invoice.NullDecimal
}

type extract struct {
	Extract
	patterns []*regexp.Regexp
}

type replace struct {
	Replace
	pattern *regexp.Regexp
}

func newReader(cfg Config) (*reader, error) {
	r := &reader{cfg: cfg, charsets: map[string]encoding.Encoding{}, zones: map[string]*time.Location{}, unix: map[string]bool{}}
	var err error
	if r.cs, err = newCharset(cfg); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	for column, name := range cfg.Text.Charset {
		r.charsets[column] = nil
		if name == "none" {
			continue
		}
		if r.charsets[column], err = encodingOf(name); err != nil {
			return nil, fmt.Errorf("text.charset.%s: %w", column, err)
		}
	}
	for _, e := range cfg.Text.Extract {
		x := extract{Extract: e}
		for _, p := range e.Patterns {
			re, err := regexp.Compile(p)
			if err != nil {
				return nil, fmt.Errorf("text.extract: %w", err)
			}
			x.patterns = append(x.patterns, re)
		}
		r.extracts = append(r.extracts, x)
	}
	for _, p := range cfg.Text.Replace {
		re, err := regexp.Compile(p.Pattern)
		if err != nil {
			return nil, fmt.Errorf("text.replace: %w", err)
		}
		r.replaces = append(r.replaces, replace{p, re})
	}
	for alias, zone := range cfg.Zones {
		if zone == "unix" {
			r.unix[alias] = true
			continue
		}
		if r.zones[alias], err = zoneOf(zone); err != nil {
			return nil, fmt.Errorf("zones.%s: %w", alias, err)
		}
	}
	return r, r.readVATRules()
}

func (r *reader) readVATRules() error {
	rates := r.cfg.Money.VATRates
	if rates == nil {
		rates = []string{"0", "1", "10", "20"}
	}
	for _, s := range rates {
		d, err := decimal.NewFromString(s)
		if err != nil {
			return fmt.Errorf("money.vat_rates: %q is not a number", s)
		}
		r.legal = append(r.legal, d)
	}
	if r.cfg.Money.VATUnit == "ratio" {
		r.slack = decimal.New(2, -2)
	}
	var err error
	if s := r.cfg.Money.VATTolerance; s != "" {
		if r.slack, err = decimal.NewFromString(s); err != nil {
			return fmt.Errorf("money.vat_tolerance: %q is not a number", s)
		}
	}
	if s := r.cfg.Money.VATFallback; s != "" {
		d, err := decimal.NewFromString(s)
		if err != nil {
			return fmt.Errorf("money.vat_fallback: %q is not a number", s)
		}
		r.fallback = invoice.Some(d)
	}
	return nil
}

// zoneOf reads "UTC", "Europe/Istanbul" and "+03:00".
func zoneOf(name string) (*time.Location, error) {
	if t, err := time.Parse("-07:00", name); err == nil {
		return t.Location(), nil
	}
	if name == "" || strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("%q is no time zone: use UTC, Europe/Istanbul or +03:00", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone: use UTC, Europe/Istanbul or +03:00", name)
	}
	return zone, nil
}

// applies reports whether a list of names holds the column; lines says which query it came from.
func applies(list []string, column string, lines bool) bool {
	return slices.Contains(list, "*") || slices.Contains(list, column) || lines && slices.Contains(list, "line."+column)
}

// setting finds a per-alias setting: "line.net" wins over "net" for lines.
func setting[V any](m map[string]V, alias string, lines bool) (V, bool) {
	if lines {
		if v, ok := m["line."+alias]; ok {
			return v, true
		}
	}
	v, ok := m[alias]
	return v, ok
}

// decoded gives a cell's text before any rule of the source.
func (r *reader) decoded(column string, c cell) string {
	s := c.raw()
	switch c.v.(type) {
	case []byte, string:
	default:
		return s // numbers and dates have no charset
	}
	enc, named := r.charsets[column]
	switch {
	case named && enc == nil:
		return strings.ToValidUTF8(s, "\uFFFD")
	case named && c.binary():
		return decodeBytes(enc, s)
	}
	return r.cs.decode(s)
}

// texts runs the text rules over a row and gives every column's text, and for aliases what the rules put there. changed
// names the aliases whose text no longer is simply their own column's.
func (r *reader) texts(in row, aliases *aliasSet, lines bool) (texts map[string]string, changed map[string]bool) {
	texts, changed = make(map[string]string, len(in)), map[string]bool{}
	for column, c := range in {
		if a := aliases.find(column); c.null() || a != nil && a.Type == TypeFile {
			continue
		}
		s := r.decoded(column, c)
		if applies(r.cfg.Text.UnescapeHTML, column, lines) {
			s = unescapeHTML(s)
		}
		if applies(r.cfg.Text.StripHTML, column, lines) {
			s = stripHTML(s)
		}
		texts[column] = Clean(s, aliases.multiline(column))
	}
	for alias, columns := range r.cfg.Text.First {
		if aliases.find(alias) == nil {
			continue
		}
		changed[alias] = true
		for _, column := range columns {
			if texts[column] != "" {
				texts[alias] = texts[column]
				break
			}
		}
	}
	for _, x := range r.extracts {
		if x.Lines == lines {
			x.run(texts, changed, aliases)
		}
	}
	for _, p := range r.replaces {
		for _, name := range p.In {
			alias := strings.TrimPrefix(name, "line.")
			if s := texts[alias]; s != "" && (alias == name || lines) {
				texts[alias] = Clean(p.pattern.ReplaceAllString(s, p.With), aliases.multiline(alias))
				changed[alias] = changed[alias] || texts[alias] != s
			}
		}
	}
	return texts, changed
}

// run fills aliases from the named groups of the first pattern that matches.
func (x extract) run(texts map[string]string, changed map[string]bool, aliases *aliasSet) {
	from, text := "", ""
	for _, column := range x.From {
		if from, text = column, texts[column]; text != "" {
			break
		}
	}
	if text == "" {
		return
	}
	put := func(alias, s string) {
		if alias != "" && (texts[alias] == "" || alias == from) {
			texts[alias], changed[alias] = s, true
		}
	}
	for _, re := range x.patterns {
		m := re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		for i, name := range re.SubexpNames() {
			if name != "" {
				put(name, Clean(m[i], aliases.multiline(name)))
			}
		}
		return
	}
	put(x.Otherwise, text)
}

// translate runs a value table over a text; byte-exact after trim, in Go, so that no collation has a say.
func (r *reader) translate(table, text string) (string, bool) {
	m, ok := r.cfg.Map[table]
	if !ok || table == "" {
		return text, true
	}
	out, ok := m[text]
	if !ok && text != "" {
		out, ok = m["*"]
	}
	switch {
	case !ok:
		return text, text == ""
	case out == "*":
		return text, true
	}
	return out, true
}
