package erp

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// The servers' latin1 is Windows-1252 whose five holes stand for the C1 controls of the same number, so it maps all 256
// bytes there and back. A utf8mb4 connection therefore shows the bytes of a latin1 column without loss, whatever
// character set they really are in, and takes them back the same way.

// latin1Byte gives the byte that the server's latin1 stores for r; ok is false when latin1 has no such character.
func latin1Byte(r rune) (byte, bool) {
	switch {
	case r < 0x80 || r >= 0xA0 && r <= 0xFF:
		return byte(r), true
	case r == 0x81 || r == 0x8D || r == 0x8F || r == 0x90 || r == 0x9D:
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}

// latin1Rune is the inverse of latin1Byte.
func latin1Rune(b byte) rune {
	if r := charmap.Windows1252.DecodeByte(b); r != utf8.RuneError {
		return r
	}
	return rune(b)
}

// charset reads and writes the texts of one source.
type charset struct {
	real        encoding.Encoding // of the bytes inside latin1 columns; nil = the columns' charsets are true
	replacement string            // for characters that a column cannot hold
	refuse      bool              // instead of replacing
}

func newCharset(c Config) (charset, error) {
	cs := charset{replacement: "?"}
	switch {
	case c.Unencodable == "refuse":
		cs.refuse = true
	case c.Unencodable != "":
		cs.replacement = c.Unencodable
	}
	var err error
	if c.Decode != "" {
		cs.real, err = encodingOf(c.Decode)
	}
	return cs, err
}

// encodingOf finds an encoding by its usual names; iso-8859-9 and latin5 are read as their superset windows-1254.
func encodingOf(name string) (encoding.Encoding, error) {
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no known charset: use windows-1254, iso-8859-9, windows-1252 or utf-8", name)
	}
	return e, nil
}

// decode turns what a text column gave into the text that was meant.
func (c charset) decode(s string) string {
	if c.real == nil {
		if utf8.ValidString(s) {
			return s
		}
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	if !utf8.ValidString(s) { // a latin1 connection hands the bytes through
		return decodeBytes(c.real, s)
	}
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := latin1Byte(r)
		if !ok {
			return s // this column is not latin1: its text is what it says
		}
		raw = append(raw, b)
	}
	return decodeBytes(c.real, string(raw))
}

// decodeBytes decodes bytes of a known encoding; what it lacks becomes U+FFFD.
func decodeBytes(e encoding.Encoding, s string) string {
	out, err := e.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return out
}

var errUnencodable = errors.New("the column cannot hold this character")

// encode is the inverse of decode for a latin1 column: the utf8mb4 text that makes the server store the bytes of the
// real charset. Characters that the real charset lacks are replaced, or refused.
func (c charset) encode(s string) (string, error) {
	if c.real == nil {
		return c.fit(s, func(r rune) bool { _, ok := latin1Byte(r); return ok })
	}
	var b strings.Builder
	for _, r := range s {
		raw, err := c.real.NewEncoder().String(string(r))
		if err != nil {
			if c.refuse {
				return "", fmt.Errorf("%w: %q", errUnencodable, r)
			}
			raw = c.replacement
		}
		for i := range len(raw) {
			b.WriteRune(latin1Rune(raw[i]))
		}
	}
	return b.String(), nil
}

// fit replaces the characters that a column cannot hold.
func (c charset) fit(s string, holds func(rune) bool) (string, error) {
	if strings.IndexFunc(s, func(r rune) bool { return !holds(r) }) < 0 {
		return s, nil
	}
	if c.refuse {
		return "", errUnencodable
	}
	var b strings.Builder
	for _, r := range s {
		if holds(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(c.replacement)
		}
	}
	return b.String(), nil
}

// forColumn makes s storable in a column of the given charset, as information_schema names it ("" = unknown).
func (c charset) forColumn(s, columnCharset string, encode *bool) (string, error) {
	switch {
	case encode != nil && *encode, encode == nil && columnCharset == "latin1":
		return c.encode(s)
	case encode != nil: // explicitly not
		return s, nil
	case columnCharset == "utf8" || columnCharset == "utf8mb3" || columnCharset == "ucs2":
		return c.fit(s, func(r rune) bool { return r <= 0xFFFF })
	case columnCharset == "ascii":
		return c.fit(s, func(r rune) bool { return r < 0x80 })
	case columnCharset == "latin5":
		return c.fit(s, func(r rune) bool { _, ok := charmap.ISO8859_9.EncodeRune(r); return ok })
	}
	return s, nil
}
