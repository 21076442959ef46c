package ubl

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// unescape resolves references and line ends. Text without either is returned as it stands; the rest is copied, since
// a token may be looked at long after the next one was read.
func (s *scanner) unescape(raw []byte, attr bool) ([]byte, error) {
	special := "&\r"
	if attr {
		special = "&\r\n\t"
	}
	if !bytes.ContainsAny(raw, special) {
		return raw, nil
	}
	s.buf = slices.Grow(s.buf, len(raw))
	from := len(s.buf)
	for i := 0; i < len(raw); {
		switch b := raw[i]; {
		case b == '&':
			r, size := reference(raw[i:])
			if size == 0 {
				s.at = s.offset(raw) + i
				return nil, s.fail("an entity other than the five of XML, or a malformed reference")
			}
			s.buf = utf8.AppendRune(s.buf, r)
			i += size
		case b == '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			s.buf = append(s.buf, pick(attr, ' ', '\n'))
			i++
		case attr && (b == '\n' || b == '\t'):
			s.buf = append(s.buf, ' ')
			i++
		default:
			s.buf = append(s.buf, b)
			i++
		}
	}
	return s.buf[from:len(s.buf):len(s.buf)], nil
}

// lineEnds is unescape for text without references.
func (s *scanner) lineEnds(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
}

// offset tells where a slice of the input begins: slices share the end of their array.
func (s *scanner) offset(part []byte) int { return cap(s.in) - cap(part) }

// reference reads &name; or &#n;. Size 0: it is not one of the five or not a character of XML.
func reference(raw []byte) (r rune, size int) {
	end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	size = end + 1
	switch name := string(raw[1:end]); {
	case name == "lt":
		return '<', size
	case name == "gt":
		return '>', size
	case name == "amp":
		return '&', size
	case name == "quot":
		return '"', size
	case name == "apos":
		return '\'', size
	case name[0] != '#' || len(name) < 2:
		return 0, 0
	default:
		base, digits := 10, name[1:]
		if digits[0] == 'x' {
			base, digits = 16, digits[1:]
		}
		n, err := strconv.ParseUint(digits, base, 32)
		if err != nil || n > utf8.MaxRune || !isXML(rune(n)) {
			return 0, 0
		}
		return rune(n), size
	}
}
