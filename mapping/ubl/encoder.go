package ubl

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// encoder appends XML to a buffer: one element a line, indented, so that people and diffs can read it. It writes what
// it is told, in that order; the pairs (party.go, line.go ...) know the order of GİB's XSD. Nothing in it can fail:
// check has looked at the invoice before.
type encoder struct {
	buf      []byte
	depth    int
	currency string // of every amount
	credits  bool   // a CreditNote, which has no WithholdingTaxTotal
}

// open starts an element that has children.
func (e *encoder) open(name string) {
	e.indent()
	e.buf = append(e.buf, '<')
	e.buf = append(e.buf, name...)
	e.buf = append(e.buf, '>', '\n')
	e.depth++
}

// close ends what open started.
func (e *encoder) close(name string) {
	e.depth--
	e.indent()
	e.end(name)
}

// text writes a leaf, or nothing when the value is empty.
func (e *encoder) text(name, value string) {
	if value = clean(value); value != "" {
		e.leaf(name, "", "", value)
	}
}

// must writes a leaf that the XSD demands, empty or not.
func (e *encoder) must(name, value string) { e.leaf(name, "", "", clean(value)) }

// attributed writes a leaf with one attribute.
func (e *encoder) attributed(name, attr, attrValue, value string) {
	e.leaf(name, attr, clean(attrValue), clean(value))
}

// amount writes money: two decimals and the document's currency.
func (e *encoder) amount(name string, d decimal.Decimal) {
	e.start(name, "currencyID", e.currency)
	e.buf = appendDecimal(e.buf, d, 2, 2)
	e.end(name)
}

// price writes a unit price: two decimals or as many as it has.
func (e *encoder) price(name string, d decimal.Decimal) {
	e.start(name, "currencyID", e.currency)
	e.buf = appendDecimal(e.buf, d, 2, -1)
	e.end(name)
}

// number writes a plain number without trailing zeros: GİB compares withholding percents as text, so 90 must never
// become 90.00.
func (e *encoder) number(name string, d decimal.Decimal) {
	e.start(name, "", "")
	e.buf = appendDecimal(e.buf, d, 0, -1)
	e.end(name)
}

// quantity writes a number with its unit.
func (e *encoder) quantity(name, unit string, d decimal.Decimal) {
	e.start(name, "unitCode", unit)
	e.buf = appendDecimal(e.buf, d, 0, -1)
	e.end(name)
}

// count writes a small whole number.
func (e *encoder) count(name string, n int) {
	e.start(name, "", "")
	e.buf = strconv.AppendInt(e.buf, int64(n), 10)
	e.end(name)
}

func (e *encoder) leaf(name, attr, attrValue, value string) {
	e.start(name, attr, attrValue)
	e.buf = appendEscaped(e.buf, value)
	e.end(name)
}

func (e *encoder) start(name, attr, attrValue string) {
	e.indent()
	e.buf = append(e.buf, '<')
	e.buf = append(e.buf, name...)
	if attr != "" {
		e.buf = append(e.buf, ' ')
		e.buf = append(e.buf, attr...)
		e.buf = append(e.buf, '=', '"')
		e.buf = appendEscaped(e.buf, attrValue)
		e.buf = append(e.buf, '"')
	}
	e.buf = append(e.buf, '>')
}

func (e *encoder) end(name string) {
	e.buf = append(e.buf, '<', '/')
	e.buf = append(e.buf, name...)
	e.buf = append(e.buf, '>', '\n')
}

const spaces = "                                "

func (e *encoder) indent() { e.buf = append(e.buf, spaces[:min(2*e.depth, len(spaces))]...) }

// appendEscaped writes cleaned text. Tabs and line ends become references: an XML reader would turn them into spaces
// inside an attribute.
func appendEscaped(buf []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var ref string
		switch s[i] {
		case '&':
			ref = "&amp;"
		case '<':
			ref = "&lt;"
		case '>':
			ref = "&gt;"
		case '"':
			ref = "&quot;"
		case '\t':
			ref = "&#9;"
		case '\n':
			ref = "&#10;"
		default:
			continue
		}
		buf = append(buf, s[from:i]...)
		buf = append(buf, ref...)
		from = i + 1
	}
	return append(buf, s[from:]...)
}

// clean is the rule for text: CR and CRLF become LF, characters that XML 1.0 forbids (controls, U+FFFE, U+FFFF) are
// dropped, bytes that are not UTF-8 become U+FFFD, and space around the text goes. Everything else stays, to the letter.
func clean(s string) string {
	for i := range len(s) {
		if b := s[i]; b >= 0x7f || b < ' ' {
			return strings.TrimSpace(legal(s))
		}
	}
	if s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return strings.Trim(s, " ")
	}
	return s
}

// legal does the part of clean that needs to look at every character; text that needs no change is returned as it is.
func legal(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r == '\r' || !isXML(r) }) < 0 {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case !isXML(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// isXML tells the characters that XML 1.0 allows.
func isXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= unicode.MaxRune
}
