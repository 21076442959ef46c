package ubl

import (
	"bytes"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// node is one element below a child of the root. Only elements of cac: and cbc: become nodes; everything else is passed
// over. Nodes live in one slice, which the next child of the root uses again.
type node struct {
	space space
	local []byte
	text  []byte // of a leaf; empty for an element with children
	at    int    // where it starts in the document
	owned bool   // text is a copy of ours that may grow
	attrs int    // index of its first attribute in reader.kept
	nattr int
	first int // index of the first child; 0 = none
	last  int
	next  int // index of the next sibling; 0 = none
}

// reader builds the children of the root one by one and hands them out.
type reader struct {
	scanner
	nodes   []node
	kept    []attribute // the attributes of nodes
	items   int         // what a Document keeps of repeated things
	signed  bool        // a ds:Signature was met
	credits bool        // the root is a CreditNote
}

// children reads the whole document and calls each with every child of the root that want asks for.
func (r *reader) children(want func(local []byte) bool, each func(node) error) error {
	switch kind, err := r.next(); {
	case err != nil:
		return err
	case kind == tokenStart && r.space == spaceCreditNote && string(r.local) == "CreditNote":
		r.credits = true
	case kind != tokenStart || r.space != spaceInvoice || string(r.local) != "Invoice":
		return r.fail("the document is not a UBL 2.1 invoice: its root element is <%s>", cut(r.local))
	}
	for {
		kind, err := r.next()
		if err != nil {
			return err
		}
		switch {
		case kind == tokenEOF:
			return nil
		case kind != tokenStart:
		case r.space != spaceAggregate && r.space != spaceBasic || !want(r.local):
			if err := r.skip(); err != nil {
				return err
			}
		default:
			r.nodes, r.kept = append(r.nodes[:0], node{}), r.kept[:0] // index 0 means none
			if err := r.build(); err != nil {
				return err
			}
			if err := each(r.nodes[1]); err != nil {
				return err
			}
			r.forget()
		}
	}
}

// skip passes over the element that was just started.
func (r *reader) skip() error {
	for depth := len(r.stack); len(r.stack) >= depth; {
		r.signed = r.signed || r.space == spaceSignature && string(r.local) == "Signature"
		if _, err := r.next(); err != nil {
			return err
		}
	}
	r.forget()
	return nil
}

// build makes nodes of the element that was just started and everything in it.
func (r *reader) build() error {
	var open [MaxDepth]int // indices of the nodes around
	level := 0
	open[0] = r.add()
	for {
		kind, err := r.next()
		if err != nil {
			return err
		}
		switch kind {
		case tokenStart:
			if r.space != spaceAggregate && r.space != spaceBasic {
				if err := r.skipInside(); err != nil {
					return err
				}
				continue
			}
			if len(r.nodes) == maxNodes {
				return r.fail("one part of the document has more than %d elements", maxNodes)
			}
			i, parent := r.add(), &r.nodes[open[level]]
			if parent.first == 0 {
				parent.first = i
			} else {
				r.nodes[parent.last].next = i
			}
			parent.last = i
			level++
			open[level] = i
		case tokenEnd:
			if level == 0 {
				return nil
			}
			level--
		case tokenText:
			r.nodes[open[level]].addText(r.text)
		case tokenEOF:
		}
	}
}

// skipInside is skip between nodes: what they point to stays.
func (r *reader) skipInside() error {
	for depth := len(r.stack); len(r.stack) >= depth; {
		r.signed = r.signed || r.space == spaceSignature && string(r.local) == "Signature"
		if _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) add() int {
	n := node{space: r.space, local: r.local, at: r.at, attrs: len(r.kept), nattr: len(r.attrs)}
	r.kept = append(r.kept, r.attrs...)
	r.nodes = append(r.nodes, n)
	return len(r.nodes) - 1
}

// addText appends text that a comment, a CDATA section or a child has split. White space between children is left out.
func (n *node) addText(text []byte) {
	switch {
	case n.text == nil:
		n.text = text
	case n.first != 0 && len(bytes.TrimSpace(text)) == 0:
	case !n.owned:
		n.text = append(append(make([]byte, 0, 2*(len(n.text)+len(text))), n.text...), text...)
		n.owned = true
	default:
		n.text = append(n.text, text...)
	}
}

// child gives the first child with that name; ok is false when there is none.
func (r *reader) child(n node, local string) (node, bool) {
	for i := n.first; i != 0; i = r.nodes[i].next {
		if string(r.nodes[i].local) == local {
			return r.nodes[i], true
		}
	}
	return node{}, false
}

// path goes down by first children; an empty node where one is missing.
func (r *reader) path(n node, locals ...string) node {
	for _, l := range locals {
		n, _ = r.child(n, l)
	}
	return n
}

// each calls f with every child of that name.
func (r *reader) each(n node, local string, f func(node) error) error {
	for i := n.first; i != 0; i = r.nodes[i].next {
		if string(r.nodes[i].local) == local {
			if err := r.keep(r.nodes[i]); err != nil {
				return err
			}
			if err := f(r.nodes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep counts one more repeated thing that the Document will hold.
func (r *reader) keep(n node) error {
	if r.items++; r.items > maxItems {
		return refuseRead(r.in, n.at, "the document has more than %d parts", maxItems)
	}
	return nil
}

// value is the text of a leaf, without the space around it.
func value(n node) string { return string(bytes.TrimSpace(n.text)) }

// textAt is the text of a descendant; "" when it is not there.
func (r *reader) textAt(n node, locals ...string) string {
	return value(r.path(n, locals...))
}

// attr is an attribute that has no prefix; "" when it is not there.
func (r *reader) attr(n node, name string) string {
	for _, a := range r.kept[n.attrs : n.attrs+n.nattr] {
		if string(a.name) == name {
			return string(bytes.TrimSpace(a.value))
		}
	}
	return ""
}

// number is the number in a leaf.
func (r *reader) number(n node) (decimal.Decimal, error) {
	d, ok := parseNumber(n.text)
	if !ok {
		return d, refuseRead(r.in, n.at, "%q in <%s> is not a number", cut(bytes.TrimSpace(n.text)), cut(n.local))
	}
	return d, nil
}

// childNumber is the number in a child; zero when it is not there or empty.
func (r *reader) childNumber(n node, local string) (decimal.Decimal, error) {
	c, ok := r.child(n, local)
	if !ok || len(bytes.TrimSpace(c.text)) == 0 {
		return decimal.Decimal{}, nil
	}
	return r.number(c)
}

// date is the day in a leaf; zero when it is empty. A zone behind the day is ignored, as GİB's clock is Istanbul's.
func (r *reader) date(n node) (invoice.Date, error) {
	s := value(n)
	if s == "" {
		return invoice.Date{}, nil
	}
	if len(s) > len("2006-01-02") && (s[10] == 'Z' || s[10] == '+' || s[10] == '-' || s[10] == 'T') {
		s = s[:10]
	}
	d, err := invoice.ParseDate(s)
	if err != nil {
		return d, refuseRead(r.in, n.at, "%q in <%s> is not a date", cut([]byte(s)), cut(n.local))
	}
	return d, nil
}

// childDate is the day in a child; zero when it is not there.
func (r *reader) childDate(n node, local string) (invoice.Date, error) {
	c, _ := r.child(n, local)
	return r.date(c)
}
