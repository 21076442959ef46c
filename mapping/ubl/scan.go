package ubl

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"faturad/internal/fault"
)

// space is the namespace of an element, as far as we care.
type space byte

const (
	spaceOther space = iota
	spaceInvoice
	spaceCreditNote
	spaceAggregate
	spaceBasic
	spaceSignature // ds: only noticed, never looked into
	spaceNone      // no namespace at all
)

func spaceOf(uri string) space {
	switch uri {
	case "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2":
		return spaceInvoice
	case "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2":
		return spaceCreditNote
	case "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2":
		return spaceAggregate
	case "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2":
		return spaceBasic
	case "http://www.w3.org/2000/09/xmldsig#":
		return spaceSignature
	case "":
		return spaceNone
	}
	return spaceOther
}

type tokenKind byte

const (
	tokenEnd tokenKind = iota // of an element
	tokenStart
	tokenText
	tokenEOF
)

type attribute struct{ name, value []byte } // name with its prefix

// scanner reads XML token by token: well-formed XML with namespaces, and nothing else. A DOCTYPE, a processing
// instruction other than xml-stylesheet (which is skipped), an entity beyond the five, or anything above the limits ends
// the reading. It works on UTF-8 that decode has checked, and its slices point into that text.
//
// It is our own, because encoding/xml collects all attributes of an element before anybody can count them, and so its
// memory cannot be bounded.
type scanner struct {
	in     []byte
	pos    int
	tokens int
	seen   bool // a root element was there
	empty  bool // the element that was just started has no content: its end comes next
	stack  []frame
	bound  []binding

	// The last token. text is valid until the next text token.
	at    int // where it starts
	space space
	local []byte
	text  []byte
	attrs []attribute
	buf   []byte
}

type frame struct {
	name  []byte // with prefix, as it stands
	bound int    // len(scanner.bound) outside it
}

type binding struct {
	prefix []byte
	space  space
}

// next reads one token. Comments and processing instructions are passed over.
func (s *scanner) next() (tokenKind, error) {
	for {
		if s.empty {
			s.empty = false
			s.pop()
			return tokenEnd, nil
		}
		s.at = s.pos
		if s.pos == len(s.in) {
			switch {
			case len(s.stack) > 0:
				return 0, s.fail("the document ends inside <%s>", s.stack[len(s.stack)-1].name)
			case !s.seen:
				return 0, s.fail("the document has no content")
			}
			return tokenEOF, nil
		}
		if s.tokens++; s.tokens > MaxTokens {
			return 0, s.fail("the document has more than %d tags and texts", MaxTokens)
		}
		rest := s.in[s.pos:]
		switch {
		case rest[0] != '<':
			if ok, err := s.readText(); ok || err != nil {
				return tokenText, err
			}
		case bytes.HasPrefix(rest, []byte("</")):
			return tokenEnd, s.readEnd()
		case bytes.HasPrefix(rest, []byte("<!--")):
			if err := s.skipComment(); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return tokenText, s.readCDATA()
		case bytes.HasPrefix(rest, []byte("<?")):
			if err := s.skipInstruction(); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(rest, []byte("<!")):
			return 0, s.fail("a DOCTYPE or another declaration is not allowed in an invoice")
		default:
			return tokenStart, s.readStart()
		}
	}
}

// readText reads up to the next tag; white space outside the root is passed over (false).
func (s *scanner) readText() (bool, error) {
	raw := s.in[s.pos:]
	if i := bytes.IndexByte(raw, '<'); i >= 0 {
		raw = raw[:i]
	}
	s.pos += len(raw)
	if len(s.stack) == 0 {
		if len(bytes.Trim(raw, " \t\r\n")) > 0 {
			return false, s.fail("text stands outside the invoice")
		}
		return false, nil
	}
	if i := bytes.Index(raw, []byte("]]>")); i >= 0 {
		s.at += i
		return false, s.fail("]]> stands in text")
	}
	var err error
	s.text, err = s.unescape(raw, false)
	return true, err
}

func (s *scanner) readCDATA() error {
	if len(s.stack) == 0 {
		return s.fail("text stands outside the invoice")
	}
	raw := s.in[s.pos+len("<![CDATA["):]
	end := bytes.Index(raw, []byte("]]>"))
	if end < 0 {
		return s.fail("a CDATA section does not end")
	}
	s.pos += len("<![CDATA[") + end + len("]]>")
	s.text = s.lineEnds(raw[:end])
	return nil
}

func (s *scanner) skipComment() error {
	raw := s.in[s.pos+len("<!--"):]
	end := bytes.Index(raw, []byte("--"))
	if end < 0 || end+2 >= len(raw) || raw[end+2] != '>' {
		return s.fail("a comment does not end, or holds --")
	}
	s.pos += len("<!--") + end + len("-->")
	return nil
}

// declaration is what may stand between <?xml and ?>.
var declaration = regexp.MustCompile(`^\s+version\s*=\s*(?:"1\.0"|'1\.0')` +
	`(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?` +
	`(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$`)

// skipInstruction passes over the XML declaration at the very start and over xml-stylesheet, which nobody follows.
func (s *scanner) skipInstruction() error {
	raw := s.in[s.pos+2:]
	end := bytes.Index(raw, []byte("?>"))
	if end < 0 {
		return s.fail("a processing instruction does not end")
	}
	target := raw[:nameLength(raw[:end])]
	rest := raw[len(target):end]
	if len(rest) > 0 && !isSpace(rest[0]) {
		return s.fail("a processing instruction is malformed")
	}
	switch {
	case string(target) == "xml" && s.pos == 0:
		if !declaration.Match(rest) {
			return s.fail("the XML declaration is malformed, or not of XML 1.0")
		}
	case string(target) == "xml-stylesheet":
	default:
		return s.fail("the processing instruction <?%s is not allowed in an invoice", cut(target))
	}
	s.pos += 2 + end + 2
	return nil
}

func (s *scanner) readStart() error {
	if s.seen && len(s.stack) == 0 {
		return s.fail("a second root element")
	}
	s.pos++
	name, ok := s.readName()
	if !ok {
		return s.fail("< is not followed by the name of an element")
	}
	if len(s.stack) == MaxDepth {
		return s.fail("elements are nested deeper than %d", MaxDepth)
	}
	s.seen = true
	s.stack = append(s.stack, frame{name: name, bound: len(s.bound)})
	s.attrs = s.attrs[:0]
	for {
		gap := s.skipSpace()
		switch {
		case s.pos == len(s.in):
			return s.fail("the tag <%s does not end", cut(name))
		case s.in[s.pos] == '>':
			s.pos++
			return s.resolve(name)
		case s.in[s.pos] == '/':
			if s.pos+1 == len(s.in) || s.in[s.pos+1] != '>' {
				return s.fail("the tag <%s is malformed", cut(name))
			}
			s.pos += 2
			s.empty = true
			return s.resolve(name)
		case !gap:
			return s.fail("the tag <%s is malformed", cut(name))
		}
		if err := s.readAttribute(); err != nil {
			return err
		}
	}
}

func (s *scanner) readAttribute() error {
	if len(s.attrs) == MaxAttributes {
		return s.fail("an element has more than %d attributes", MaxAttributes)
	}
	name, ok := s.readName()
	if !ok {
		return s.fail("an attribute has no name")
	}
	for _, a := range s.attrs {
		if bytes.Equal(a.name, name) {
			return s.fail("the attribute %s stands there twice", cut(name))
		}
	}
	s.skipSpace()
	if s.pos == len(s.in) || s.in[s.pos] != '=' {
		return s.fail("the attribute %s has no value", cut(name))
	}
	s.pos++
	s.skipSpace()
	if s.pos == len(s.in) || s.in[s.pos] != '"' && s.in[s.pos] != '\'' {
		return s.fail("the value of the attribute %s is not quoted", cut(name))
	}
	raw := s.in[s.pos+1:]
	end := bytes.IndexByte(raw, s.in[s.pos])
	if end < 0 {
		return s.fail("the value of the attribute %s does not end", cut(name))
	}
	if bytes.IndexByte(raw[:end], '<') >= 0 {
		return s.fail("< stands in the value of the attribute %s", cut(name))
	}
	value, err := s.unescape(raw[:end], true)
	if err != nil {
		return err
	}
	s.pos += 1 + end + 1
	s.attrs = append(s.attrs, attribute{name, value})
	prefix, isNS := []byte(nil), string(name) == "xmlns"
	if p, found := bytes.CutPrefix(name, []byte("xmlns:")); found {
		prefix, isNS = p, true
		if len(value) == 0 {
			return s.fail("the prefix %s is bound to nothing", cut(p))
		}
	}
	if isNS {
		if len(s.bound) == maxBindings {
			return s.fail("more than %d namespaces are declared at once", maxBindings)
		}
		s.bound = append(s.bound, binding{prefix, spaceOf(string(value))})
	}
	return nil
}

// resolve finds the namespace of the element that was just read.
func (s *scanner) resolve(name []byte) error {
	prefix, local, found := bytes.Cut(name, []byte{':'})
	if !found {
		prefix, local = nil, name
	} else if len(prefix) == 0 || len(local) == 0 || bytes.IndexByte(local, ':') >= 0 {
		return s.fail("the name <%s> is malformed", cut(name))
	}
	s.local = local
	for i := len(s.bound) - 1; i >= 0; i-- {
		if bytes.Equal(s.bound[i].prefix, prefix) {
			s.space = s.bound[i].space
			return nil
		}
	}
	s.space = spaceNone
	if found && string(prefix) != "xml" {
		return s.fail("the prefix of <%s> is not declared", cut(name))
	}
	return nil
}

func (s *scanner) readEnd() error {
	s.pos += 2
	name, ok := s.readName()
	if !ok || len(s.stack) == 0 || !bytes.Equal(name, s.stack[len(s.stack)-1].name) {
		return s.fail("the end tag </%s> does not fit", cut(name))
	}
	s.skipSpace()
	if s.pos == len(s.in) || s.in[s.pos] != '>' {
		return s.fail("the end tag </%s> is malformed", cut(name))
	}
	s.pos++
	s.pop()
	return nil
}

func (s *scanner) pop() {
	top := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	s.bound = s.bound[:top.bound]
}

func (s *scanner) readName() ([]byte, bool) {
	n := nameLength(s.in[s.pos:])
	name := s.in[s.pos : s.pos+n]
	s.pos += n
	return name, n > 0
}

func (s *scanner) skipSpace() bool {
	from := s.pos
	for s.pos < len(s.in) && isSpace(s.in[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

// forget gives the copies of resolved text back; nothing read so far may be looked at after it.
func (s *scanner) forget() { s.buf = s.buf[:0] }

// nameLength counts the bytes of a name; characters beyond ASCII are all taken for letters.
func nameLength(b []byte) int {
	for i, c := range b {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func pick(first bool, a, b byte) byte {
	if first {
		return a
	}
	return b
}

// cut keeps names in messages short.
func cut(name []byte) []byte { return name[:min(len(name), 40)] }

func (s *scanner) fail(format string, args ...any) error {
	return refuseRead(s.in, s.at, format, args...)
}

// refuseRead makes the error of a document that cannot be read, with the place in it.
func refuseRead(in []byte, at int, format string, args ...any) error {
	before := in[:min(at, len(in))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	args = append([]any{line, column}, args...)
	err := fault.Newf(fault.Permanent, "reading UBL", "line %d, column %d: "+format, args...)
	err.Advice = "Ask the sender or the provider for a correct document; the received bytes are kept"
	return err
}
