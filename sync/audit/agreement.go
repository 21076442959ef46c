package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// agree checks I3: number, ETTN and content, on all three sides.
func (c *comparison) agree() {
	for _, d := range c.Documents {
		if held, has, _ := c.holds(d); has && exists(d.State) {
			c.agreeProvider(d, held)
		}
		if m, ok := c.marks[key(d)]; ok && written(d) {
			c.agreeERP(d, m)
		}
		c.untold(d)
		if c.edited(d) {
			c.find(d.LocalReference, "Correct it by law (cancellation, return invoice), or undo the change in the ERP",
				"The sale was changed in the ERP after its invoice was sent")
		}
	}
}

// untold reports what the ERP has not been told for long: the ledger knows more of the sale than the ERP shows.
func (c *comparison) untold(d ledger.Document) {
	since := d.UpdatedAt
	if d.State == ledger.Sent { // every poll updates it
		since = d.SentAt
	}
	late := c.Now.Sub(since).Truncate(time.Minute)
	if !c.Marked || d.Superseded || d.Version == d.WrittenVersion || c.Deleted[key(d)] || late < untoldFor || slices.Contains(waiting, d.State) || c.shows(d) {
		return
	}
	is := strings.TrimSpace(string(d.State) + " " + d.Number)
	if d.WriteMessage == "" {
		c.find(d.LocalReference, "See that the daemon runs, or run `faturad sync writeback`", "For %s the ERP has not been told that it is %s", late, is)
		return
	}
	c.find(d.LocalReference, "See with `faturad check` what the ERP's database user may not do; once it may, the ERP is written by itself",
		"For %s the ERP has not been told that it is %s: %s", late, is, strings.TrimRight(d.WriteMessage, "."))
}

// shows reports whether the ERP shows state and number of a document. Where the ERP has its own words for states, it does
// unless writing them failed.
func (c *comparison) shows(d ledger.Document) bool {
	m, ok := c.marks[key(d)]
	shown, isState := ledger.StateOfText(m.State)
	return ok && m.Number == d.Number && (isState && shown == d.State.Projection() || !isState && d.WriteMessage == "")
}

// edited reports whether an issued document's sale says something else now than when it was sent. Where the ledger does not
// know what it said then, the last comparison of what the documents say counts.
func (c *comparison) edited(d ledger.Document) bool {
	if d.Superseded || c.Deleted[key(d)] {
		return false
	}
	content := c.Content[key(d)]
	if !exists(d.State) || content == "" || d.SaleHash == "" {
		return d.Changed
	}
	return !erp.SameSale(content, d.SaleHash)
}

// exists reports whether the ledger says that the provider has the document.
func exists(s ledger.State) bool {
	switch s {
	case ledger.Draft, ledger.Sent, ledger.Accepted, ledger.Rejected, ledger.Failed:
		return true
	default:
		return false
	}
}

func (c *comparison) agreeProvider(d ledger.Document, held Issued) {
	const do = "Compare both in the provider's portal; what the provider holds is what counts for the law"
	differ := func(what, ours, theirs string) {
		if ours != "" && theirs != "" && ours != theirs {
			c.find(d.LocalReference, do, "%s differs: %s in the ledger, %s at the provider", what, ours, theirs)
		}
	}
	if held.ETTN != uuid.Nil {
		differ("The ETTN", d.LegalETTN().String(), held.ETTN.String())
	}
	switch {
	case d.Number == "" && held.Number != "" && d.State.Final():
		c.find(d.LocalReference, "Run `faturad resync` for it", "The provider numbered it %s, and the ledger never learned that", held.Number)
	default:
		differ("The number", d.Number, held.Number)
	}
	differ("The buyer", d.BuyerTaxNo, held.BuyerTaxNo)
	differ("The currency", d.Currency, held.Currency)
	if !d.IssueDate.IsZero() && !held.IssueDate.IsZero() {
		differ("The date", d.IssueDate.String(), held.IssueDate.String())
	}
	if d.Payable.Valid && held.Payable.Valid && !d.Payable.Decimal.Equal(held.Payable.Decimal) {
		differ("The amount", d.Payable.Decimal.StringFixed(2), held.Payable.Decimal.StringFixed(2))
	}
}

func (c *comparison) agreeERP(d ledger.Document, m Mark) {
	const do = "Run `faturad resync` for it: the ERP is written again"
	if m.Number != d.Number {
		c.find(d.LocalReference, do, "The ERP shows number %q, the ledger has %q", m.Number, d.Number)
	}
	if m.ETTN != uuid.Nil && m.ETTN != d.LegalETTN() && exists(d.State) {
		c.find(d.LocalReference, do, "The ERP shows ETTN %s, the ledger has %s", m.ETTN, d.LegalETTN())
	}
}

// oneNumber checks I7 on each side by itself.
func (c *comparison) oneNumber() {
	const do = "Look at both in the provider's portal, and tell the provider: two invoices must not share a number"
	seen := map[string]string{}
	claim := func(side, number, ref string) {
		if number == "" {
			return
		}
		at := side + "\x00" + number
		if other, taken := seen[at]; taken && other != ref {
			c.find(ref, do, "Number %s belongs to two documents %s: %s and %s", number, side, other, ref)
			return
		}
		seen[at] = ref
	}
	for _, d := range c.Documents {
		claim("in the ledger", d.Number, d.LocalReference)
	}
	for _, i := range c.Issued {
		if d, ok := c.document(i); ok {
			claim("at the provider", i.Number, d.LocalReference)
		} else {
			claim("at the provider", i.Number, i.ETTN.String())
		}
	}
	for _, m := range c.Marks {
		claim("in the ERP", m.Number, m.SaleKey)
	}
}

// back are the provider's states that a final document must not have.
var back = map[ledger.State][]providers.State{
	ledger.Accepted: {providers.StateDraft, providers.StateWorking, providers.StateFailed, providers.StateRejected, providers.StateCancelled},
	ledger.Rejected: {providers.StateDraft, providers.StateWorking, providers.StateFailed, providers.StateAccepted},
}

// forward checks I8: a final document is what the provider says it is, and the ERP shows what it was told.
func (c *comparison) forward() {
	for _, d := range c.Documents {
		held, has, _ := c.holds(d)
		for _, state := range back[d.State] {
			if has && held.State == state {
				c.find(d.LocalReference, "Look at it in the provider's portal: it changed after it was final",
					"The ledger says %s, the provider says %s", d.State, held.State)
			}
		}
		if d.State == ledger.Cancelled && !d.SentAt.IsZero() && has && held.live() {
			c.find(d.LocalReference, "Look at it in the provider's portal: it is not cancelled there", "The ledger says %s, the provider says %s", d.State, held.State)
		}
		m, ok := c.marks[key(d)]
		if !ok || !written(d) {
			continue
		}
		switch shown, isState := ledger.StateOfText(m.State); {
		case !isState || shown == d.State.Projection():
		case beingAsked(d):
			c.report.Asking++
		default:
			c.find(d.LocalReference, "Run `faturad resync` for it: the ERP is written again", "The ERP shows %s, the ledger says %s", shown, d.State)
		}
	}
}

// beingAsked reports whether the ledger learned of a document from the ERP, and asks the provider for it before all else: until
// the answer the ERP is right to show more than the ledger says.
func beingAsked(d ledger.Document) bool {
	return d.State == ledger.Unknown && (d.ProbeFirst || d.Code == ledger.CodeRebuilt) || d.ProbeFirst && slices.Contains(waiting, d.State)
}
