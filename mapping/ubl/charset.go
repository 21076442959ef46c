package ubl

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decode turns a document into UTF-8. A byte order mark decides first, then the XML declaration; without either it is
// UTF-8. Accepted are UTF-8, ISO-8859-9, windows-1254, and UTF-16 with a mark; everything else (UTF-7, UTF-32, EBCDIC)
// is refused, because a reader that guesses can be made to read something else than its neighbour. The result holds
// only characters that XML allows.
func decode(data []byte) ([]byte, error) {
	if len(data) > MaxInput {
		return nil, refuseRead(nil, 0, "the document is larger than %d MB", MaxInput>>20)
	}
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return nil, refuseRead(nil, 0, "the encoding UTF-32 is not supported")
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	if from == nil {
		declared := declaredEncoding(data)
		switch strings.ToUpper(declared) {
		case "", "UTF-8", "UTF8":
		case "ISO-8859-9", "ISO8859-9", "LATIN5":
			from = charmap.ISO8859_9
		case "WINDOWS-1254", "CP1254":
			from = charmap.Windows1254
		default:
			return nil, refuseRead(nil, 0, "the encoding %q is not supported", declared)
		}
	}
	if from != nil {
		// At most three bytes for one of a single-byte code, or for two of UTF-16: no growing, no copies.
		room := len(data)/2*3 + 64
		if from == charmap.ISO8859_9 || from == charmap.Windows1254 {
			room = len(data) + 2*countHigh(data) + 64
		}
		out, _, err := transform.Append(from.NewDecoder(), make([]byte, 0, room), data)
		if err != nil {
			return nil, refuseRead(nil, 0, "the text does not fit its encoding (%v)", err)
		}
		if data = out; len(data) > MaxInput {
			return nil, refuseRead(nil, 0, "the document is larger than %d MB", MaxInput>>20)
		}
		if from != charmap.ISO8859_9 && from != charmap.Windows1254 {
			if d := strings.ToUpper(declaredEncoding(data)); d != "" && !strings.HasPrefix(d, "UTF-16") {
				return nil, refuseRead(data, 0, "the byte order mark says UTF-16, the declaration %q", d)
			}
		}
	}
	if i := illegalAt(data); i >= 0 {
		return nil, refuseRead(data, i, "a character that XML does not allow, or text that is not in the declared encoding")
	}
	return data, nil
}

// declaredEncoding reads the encoding of the XML declaration, "" when it names none.
func declaredEncoding(data []byte) string {
	if !bytes.HasPrefix(data, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(data[:min(len(data), 256)], []byte("?>"))
	if end < 0 {
		return ""
	}
	_, after, found := bytes.Cut(data[:end], []byte("encoding"))
	if !found {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return "?"
	}
	value, _, closed := bytes.Cut(after[1:], after[:1])
	if !closed {
		return "?"
	}
	return string(value)
}

// countHigh counts the bytes beyond ASCII.
func countHigh(data []byte) int {
	n := 0
	for _, b := range data {
		n += int(b >> 7)
	}
	return n
}

// illegalAt finds the first byte that is not UTF-8 or not a character of XML 1.0; -1 = none.
func illegalAt(data []byte) int {
	for i := 0; i < len(data); {
		b := data[i]
		if b < utf8.RuneSelf {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || !isXML(r) {
			return i
		}
		i += size
	}
	return -1
}
