package turkcellsim

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The namespaces of an invoice or receipt; anything else is foreign (extensions, signatures).
const (
	spaceForeign byte = iota
	spaceInvoice
	spaceCreditNote
	spaceAggregate
	spaceBasic
)

var spaces = map[string]byte{
	"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2":                   spaceInvoice,
	"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": spaceAggregate,
	"urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2":                spaceCreditNote,
	"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2":     spaceBasic,
}

const (
	maxDepth = 100
	maxNodes = 2_000_000
)

// node is one element: offsets into the source, links by index. Index 0 is the root; 0 as a link means none.
type node struct {
	nameFrom, nameTo int32 // local name
	attrFrom, attrTo int32 // raw attributes
	textFrom, textTo int32 // raw content
	next, child      int32
	last             int32 // last child, while the tree grows
	space            byte
	plain            bool // the content needs no decoding
}

// tree is a parsed document. It keeps the source and allocates one slice of nodes.
type tree struct {
	src   []byte
	nodes []node
}

type binding struct {
	prefix string
	space  byte
	depth  int
}

// scanner turns bytes into a tree: a small reader for well-formed UTF-8 XML without DTD, which is all that a provider
// should take.
type scanner struct {
	tree
	pos   int
	open  []int32
	binds []binding
	names [][]byte // qualified names of open elements
}

// parseXML reads src, checking that it is well-formed. The error says where.
func parseXML(src []byte) (*tree, error) {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(src) {
		return nil, errors.New("XML UTF-8 değil")
	}
	if i := firstIllegal(src); i >= 0 {
		return nil, fmt.Errorf("XML içinde geçersiz karakter var (bayt %d)", i)
	}
	s := &scanner{tree: tree{src: src, nodes: make([]node, 0, len(src)/40+8)}}
	for s.pos < len(s.src) {
		if err := s.step(); err != nil {
			return nil, fmt.Errorf("XML okunamadı (bayt %d): %w", s.pos, err)
		}
	}
	if len(s.open) > 0 {
		return nil, fmt.Errorf("XML okunamadı: %s kapanmamış", s.names[len(s.names)-1])
	}
	if len(s.nodes) == 0 {
		return nil, errors.New("XML okunamadı: kök eleman yok")
	}
	return &s.tree, nil
}

// firstIllegal finds a character that XML forbids; src is valid UTF-8.
func firstIllegal(src []byte) int {
	for i, c := range src {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
		if c == 0xEF && i+2 < len(src) && src[i+1] == 0xBF && src[i+2] >= 0xBE { // U+FFFE, U+FFFF
			return i
		}
	}
	return -1
}

func illegal(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func (s *scanner) step() error {
	rest := s.src[s.pos:]
	if rest[0] != '<' {
		return s.text(rest)
	}
	switch {
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.instruction(rest)
	case bytes.HasPrefix(rest, []byte("<!--")):
		s.opaque()
		return s.skip(rest, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		if len(s.open) == 0 {
			return errors.New("kök dışında CDATA")
		}
		s.opaque()
		return s.skip(rest, "]]>")
	case bytes.HasPrefix(rest, []byte("<!")):
		return errors.New("DOCTYPE kabul edilmez")
	case bytes.HasPrefix(rest, []byte("</")):
		return s.close(rest)
	}
	return s.start(rest)
}

// opaque marks the open element's content as one that has to be decoded.
func (s *scanner) opaque() {
	if n := len(s.open); n > 0 {
		s.nodes[s.open[n-1]].plain = false
	}
}

func (s *scanner) skip(rest []byte, end string) error {
	i := bytes.Index(rest, []byte(end))
	if i < 0 {
		return fmt.Errorf("%s eksik", end)
	}
	s.pos += i + len(end)
	return nil
}

func (s *scanner) instruction(rest []byte) error {
	if bytes.HasPrefix(rest, []byte("<?xml ")) {
		if s.pos != 0 {
			return errors.New("XML bildirimi başta değil")
		}
		end := bytes.Index(rest, []byte("?>"))
		head := strings.ToLower(string(rest[:max(end, 0)]))
		if strings.Contains(head, "encoding") && !strings.Contains(head, "utf-8") {
			return errors.New("kodlama UTF-8 olmalıdır")
		}
	}
	s.opaque()
	return s.skip(rest, "?>")
}

func (s *scanner) text(rest []byte) error {
	end := bytes.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	run := rest[:end]
	if len(s.open) == 0 && len(bytes.TrimSpace(run)) > 0 {
		return errors.New("kök dışında metin")
	}
	if bytes.IndexByte(run, '&') >= 0 {
		s.opaque()
		if _, err := decodeEntities(run); err != nil {
			return err
		}
	}
	s.pos += end
	return nil
}

func (s *scanner) start(rest []byte) error {
	end := tagEnd(rest)
	if end < 0 {
		return errors.New("etiket kapanmamış")
	}
	inner := rest[1:end]
	selfClosed := len(inner) > 0 && inner[len(inner)-1] == '/'
	if selfClosed {
		inner = inner[:len(inner)-1]
	}
	nameLen := len(inner)
	if i := bytes.IndexFunc(inner, isSpace); i >= 0 {
		nameLen = i
	}
	if nameLen == 0 || len(s.open) == 0 && len(s.nodes) > 0 {
		return errors.New("beklenmeyen etiket")
	}
	if len(s.open) >= maxDepth || len(s.nodes) >= maxNodes {
		return errors.New("XML çok derin veya çok büyük")
	}
	at := int32(s.pos + 1)
	name := inner[:nameLen]
	n := node{
		nameFrom: at, nameTo: at + int32(nameLen),
		attrFrom: at + int32(nameLen), attrTo: at + int32(len(inner)),
		textFrom: int32(s.pos + end + 1), textTo: int32(s.pos + end + 1),
		plain: true,
	}
	if err := s.bind(inner[nameLen:]); err != nil {
		return err
	}
	var prefix []byte
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		prefix = name[:i]
		n.nameFrom += int32(i + 1)
	}
	space, err := s.resolve(prefix)
	if err != nil {
		return err
	}
	n.space = space
	s.link(n)
	s.pos += end + 1
	if selfClosed {
		s.unbind(len(s.open) + 1)
		return nil
	}
	s.open = append(s.open, int32(len(s.nodes)-1))
	s.names = append(s.names, name)
	return nil
}

func (s *scanner) link(n node) {
	me := int32(len(s.nodes))
	s.nodes = append(s.nodes, n)
	if len(s.open) == 0 {
		return
	}
	parent := &s.nodes[s.open[len(s.open)-1]]
	if parent.last == 0 {
		parent.child = me
	} else {
		s.nodes[parent.last].next = me
	}
	parent.last = me
}

// bind checks the attributes and remembers the namespace declarations among them.
func (s *scanner) bind(attrs []byte) error {
	return eachAttr(attrs, func(name, value []byte) error {
		if bytes.IndexByte(value, '&') >= 0 {
			if _, err := decodeEntities(value); err != nil {
				return err
			}
		}
		switch {
		case string(name) == "xmlns":
			s.binds = append(s.binds, binding{"", spaces[string(value)], len(s.open) + 1})
		case bytes.HasPrefix(name, []byte("xmlns:")):
			s.binds = append(s.binds, binding{string(name[6:]), spaces[string(value)], len(s.open) + 1})
		}
		return nil
	})
}

func (s *scanner) resolve(prefix []byte) (byte, error) {
	for i := len(s.binds) - 1; i >= 0; i-- {
		if s.binds[i].prefix == string(prefix) {
			return s.binds[i].space, nil
		}
	}
	if len(prefix) == 0 {
		return spaceForeign, nil
	}
	return 0, fmt.Errorf("%s ad alanı tanımlı değil", prefix)
}

func (s *scanner) unbind(depth int) {
	for len(s.binds) > 0 && s.binds[len(s.binds)-1].depth >= depth {
		s.binds = s.binds[:len(s.binds)-1]
	}
}

func (s *scanner) close(rest []byte) error {
	end := bytes.IndexByte(rest, '>')
	if end < 0 || len(s.open) == 0 {
		return errors.New("beklenmeyen kapanış etiketi")
	}
	name := bytes.TrimRight(rest[2:end], " \t\r\n")
	depth := len(s.open)
	if !bytes.Equal(name, s.names[depth-1]) {
		return fmt.Errorf("%s yerine %s kapanıyor", s.names[depth-1], name)
	}
	s.nodes[s.open[depth-1]].textTo = int32(s.pos)
	s.unbind(depth)
	s.open, s.names = s.open[:depth-1], s.names[:depth-1]
	s.pos += end + 1
	return nil
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// tagEnd finds the '>' that ends a start tag, outside quotes.
func tagEnd(b []byte) int {
	var quote byte
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		case c == '<':
			return -1
		}
	}
	return -1
}

func eachAttr(b []byte, each func(name, value []byte) error) error {
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		if len(b) == 0 {
			return nil
		}
		eq := bytes.IndexByte(b, '=')
		if eq <= 0 {
			return errors.New("bozuk öznitelik")
		}
		name := bytes.TrimRight(b[:eq], " \t\r\n")
		rest := bytes.TrimLeft(b[eq+1:], " \t\r\n")
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return errors.New("tırnaksız öznitelik")
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return errors.New("tırnak kapanmamış")
		}
		if err := each(name, rest[1:1+end]); err != nil {
			return err
		}
		b = rest[end+2:]
	}
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

func decodeEntities(b []byte) (string, error) {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b), nil
	}
	var out strings.Builder
	for {
		amp := bytes.IndexByte(b, '&')
		if amp < 0 {
			out.Write(b)
			return out.String(), nil
		}
		out.Write(b[:amp])
		b = b[amp+1:]
		semi := bytes.IndexByte(b, ';')
		if semi <= 0 {
			return "", errors.New("bozuk varlık (&)")
		}
		text, err := entity(string(b[:semi]))
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		b = b[semi+1:]
	}
}

func entity(name string) (string, error) {
	if t, ok := entities[name]; ok {
		return t, nil
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if h := strings.TrimPrefix(digits, "x"); h != digits {
		digits, base = h, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !strings.HasPrefix(name, "#") || illegal(rune(code)) || !utf8.ValidRune(rune(code)) {
		return "", fmt.Errorf("bilinmeyen varlık &%s;", name)
	}
	return string(rune(code)), nil
}

// child finds the first child of at with that name.
func (t *tree) child(at int32, space byte, name string) int32 {
	if at < 0 {
		return -1
	}
	for i := t.nodes[at].child; i != 0; i = t.nodes[i].next {
		if n := &t.nodes[i]; n.space == space && string(t.src[n.nameFrom:n.nameTo]) == name {
			return i
		}
	}
	return -1
}

// each calls f for every child of at with that name.
func (t *tree) each(at int32, name string, f func(int32)) {
	if at < 0 {
		return
	}
	for i := t.nodes[at].child; i != 0; i = t.nodes[i].next {
		if n := &t.nodes[i]; n.space == spaceAggregate && string(t.src[n.nameFrom:n.nameTo]) == name {
			f(i)
		}
	}
}

// group walks down aggregate elements; -1 when one is missing.
func (t *tree) group(at int32, names ...string) int32 {
	for _, name := range names {
		at = t.child(at, spaceAggregate, name)
	}
	return at
}

// leaf returns the text of a basic child, trimmed; "" when it is missing.
func (t *tree) leaf(at int32, name string) string {
	return t.text(t.child(at, spaceBasic, name))
}

func (t *tree) text(at int32) string {
	if at < 0 {
		return ""
	}
	n := t.nodes[at]
	raw := t.src[n.textFrom:n.textTo]
	if n.plain {
		return string(bytes.TrimSpace(raw))
	}
	return strings.TrimSpace(flatten(raw))
}

// flatten decodes content that holds entities, CDATA, comments or instructions.
func flatten(raw []byte) string {
	var out strings.Builder
	for len(raw) > 0 {
		lt := bytes.IndexByte(raw, '<')
		if lt < 0 {
			lt = len(raw)
		}
		text, err := decodeEntities(raw[:lt])
		if err == nil { // checked while scanning
			out.WriteString(text)
		}
		raw = raw[lt:]
		if len(raw) == 0 {
			break
		}
		end, keep := ">", 0
		switch {
		case bytes.HasPrefix(raw, []byte("<![CDATA[")):
			end, keep = "]]>", len("<![CDATA[")
		case bytes.HasPrefix(raw, []byte("<!--")):
			end = "-->"
		}
		i := bytes.Index(raw, []byte(end))
		if i < 0 {
			break
		}
		if keep > 0 {
			out.Write(raw[keep:i])
		}
		raw = raw[i+len(end):]
	}
	return out.String()
}

// attr returns an attribute of an element; "" when it is missing.
func (t *tree) attr(at int32, name string) string {
	if at < 0 {
		return ""
	}
	var found string
	n := t.nodes[at]
	_ = eachAttr(t.src[n.attrFrom:n.attrTo], func(k, v []byte) error { // well-formed: checked while scanning
		if string(k) == name {
			found, _ = decodeEntities(v)
		}
		return nil
	})
	return found
}

// isRoot reports whether the root is that element.
func (t *tree) isRoot(space byte, name string) bool {
	root := t.nodes[0]
	return root.space == space && string(t.src[root.nameFrom:root.nameTo]) == name
}
