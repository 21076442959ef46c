package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"faturad/sync/ledger"
)

// rule is one invariant: what it says, what of it these books cannot tell, and how it is checked.
type rule struct {
	invariant Invariant
	says      string
	limits    func(Books) (part string, skipped bool)
	check     func(*comparison)
}

var rules = []rule{
	{I1, "at most one invoice per sale and revision", unlisted, (*comparison).once},
	{I2, "every sale is issued, refused with a reason, or waits where people see it", unlisted, (*comparison).nothingLost},
	{I3, "number and content agree at the provider, in the ledger and in the ERP", unmarked, (*comparison).agree},
	{I4, "what was sent is what was frozen", unlogged, (*comparison).frozen},
	{I5, "nothing was sent before its intent was recorded", unlogged, (*comparison).intended},
	{I6, "nothing was sent again before it was surely absent after the quarantine", nil, (*comparison).resent},
	{I7, "one number belongs to one sale", nil, (*comparison).oneNumber},
	{I8, "no status goes back", nil, (*comparison).forward},
	{I9, "every received invoice is kept once, as it was received", inboxUnread, (*comparison).inbox},
}

func unlisted(b Books) (string, bool) {
	if b.Complete {
		return "", false
	}
	return "the provider has no complete listing: each document was asked for by its own ETTN, and invoices made under other keys cannot be seen", false
}

func unmarked(b Books) (string, bool) {
	if b.Marked {
		return "", false
	}
	return "the ERP's marks could not be read", false
}

func unlogged(b Books) (string, bool) {
	if b.Logged {
		return "", false
	}
	return "the provider does not show its own log: checked from the ledger's attempts", false
}

func inboxUnread(b Books) (string, bool) {
	if b.Inboxed {
		return "", false
	}
	return "the provider's inbox was not read", true
}

// comparison is one Compare under way.
type comparison struct {
	Books
	now      Invariant
	report   Report
	byETTN   map[uuid.UUID]*ledger.Document
	byRef    map[string]*ledger.Document
	latest   map[ledger.Key]*ledger.Document
	issued   map[uuid.UUID][]Issued // by their own ETTN
	owned    map[string][]Issued    // by the local reference of their sale's document
	marks    map[ledger.Key]Mark
	requests map[uuid.UUID][]Request
}

// Compare checks every invariant. The report is the same whatever the order of the input.
func Compare(b Books) Report {
	c := &comparison{
		Books: b, report: Report{Company: b.Company, Unasked: b.Unasked, Moving: b.Moving},
		byETTN: map[uuid.UUID]*ledger.Document{}, byRef: map[string]*ledger.Document{}, latest: map[ledger.Key]*ledger.Document{},
		issued: map[uuid.UUID][]Issued{}, owned: map[string][]Issued{}, marks: map[ledger.Key]Mark{}, requests: map[uuid.UUID][]Request{},
	}
	c.Documents = slices.SortedFunc(slices.Values(b.Documents), func(x, y ledger.Document) int {
		return cmp.Or(cmp.Compare(x.LocalReference, y.LocalReference), cmp.Compare(x.ID, y.ID))
	})
	c.Issued = slices.SortedFunc(slices.Values(b.Issued), func(x, y Issued) int {
		return cmp.Or(cmp.Compare(x.LocalReference, y.LocalReference), bytes.Compare(x.Key[:], y.Key[:]), bytes.Compare(x.ETTN[:], y.ETTN[:]), cmp.Compare(x.Number, y.Number))
	})
	for i := range c.Documents {
		d := &c.Documents[i]
		c.byETTN[d.ETTN], c.byETTN[d.LegalETTN()], c.byRef[d.LocalReference] = d, d, d
		if last, ok := c.latest[key(*d)]; !ok || last.Revision < d.Revision {
			c.latest[key(*d)] = d
		}
	}
	for _, i := range c.Issued {
		c.issued[i.ETTN] = append(c.issued[i.ETTN], i)
		if d, ok := c.document(i); ok {
			c.owned[d.LocalReference] = append(c.owned[d.LocalReference], i)
		}
	}
	for _, m := range c.Marks {
		c.marks[m.Key] = m
	}
	for _, r := range c.Requests {
		c.requests[r.ETTN] = append(c.requests[r.ETTN], r)
	}
	for _, r := range rules {
		c.now = r.invariant
		check := Check{Invariant: r.invariant, Says: r.says}
		if r.limits != nil {
			check.Part, check.Skipped = r.limits(b)
		}
		before := len(c.report.Findings)
		if !check.Skipped {
			r.check(c)
		}
		check.Found = len(c.report.Findings) - before
		c.report.Checks = append(c.report.Checks, check)
	}
	c.sum()
	return c.report
}

func key(d ledger.Document) ledger.Key { return ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey} }

// find reports a difference.
func (c *comparison) find(ref, do, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{Invariant: c.now, Ref: ref, Says: fmt.Sprintf(format, args...), Do: do})
}

// document finds the ledger's row for what the provider holds: by its ETTN, else by the key of ours that it carries.
func (c *comparison) document(i Issued) (ledger.Document, bool) {
	d, ok := c.byETTN[i.ETTN]
	if !ok && i.Key != uuid.Nil {
		d, ok = c.byETTN[i.Key]
	}
	if !ok && i.LocalReference != "" {
		d, ok = c.byRef[i.LocalReference]
	}
	if !ok {
		return ledger.Document{}, false
	}
	return *d, true
}

// holds finds what the provider has for a document: under its ETTN, else under its key, what has legal effect first; known is
// false when nobody asked, or nobody answered.
func (c *comparison) holds(d ledger.Document) (held Issued, has, known bool) {
	if all := c.issued[d.LegalETTN()]; len(all) > 0 {
		return all[0], true, true
	}
	all := c.owned[d.LocalReference]
	for _, i := range all {
		if i.live() {
			return i, true, true
		}
	}
	if len(all) > 0 {
		return all[0], true, true
	}
	return Issued{}, false, c.Absent[d.ETTN] || c.Complete && !c.Silent[d.ETTN] && c.Several[d.ETTN] == ""
}

// ours reports whether a document at the provider carries a key of this company.
func (c *comparison) ours(i Issued) bool {
	return i.Key != uuid.Nil || strings.HasPrefix(i.LocalReference, c.Company+":")
}

// sale names the sale whose key a document at the provider carries; empty when it carries none of ours.
func (c *comparison) sale(i Issued) string {
	d, ok := c.document(i)
	switch {
	case ok:
		return d.LocalReference
	case !c.ours(i):
		return ""
	case i.LocalReference != "":
		return i.LocalReference
	}
	return i.Key.String()
}

// written reports whether the ERP was told of everything that the ledger knows of d.
func written(d ledger.Document) bool { return d.Version == d.WrittenVersion && !d.Superseded }
