package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/sync/ledger"
)

// How long a document may stand where it should not stand for long (facts/reliability.md section 3.10).
const (
	unresolvedFor = time.Hour
	unsentFor     = 24 * time.Hour
	untoldFor     = 10 * time.Minute // what the ERP has not been told
)

// once checks I1: by ETTN, by the key of ours, and over the revisions of a sale.
func (c *comparison) once() {
	const do = "Cancel the extra invoice in the provider's portal while the law still lets you, and keep the papers for the tax office"
	bySale := map[string][]Issued{}
	var sales []string
	counted := map[uuid.UUID]bool{}
	for _, i := range c.Issued {
		if !i.live() {
			continue
		}
		if n := c.liveAt(i.ETTN); n > 1 && !counted[i.ETTN] {
			counted[i.ETTN] = true
			c.find(i.ETTN.String(), do, "DUPLICATE: the provider holds %d invoices under ETTN %s", n, i.ETTN)
		}
		if sale := c.sale(i); sale != "" {
			if bySale[sale] == nil {
				sales = append(sales, sale)
			}
			bySale[sale] = append(bySale[sale], i)
		}
	}
	for _, sale := range sales {
		if all := bySale[sale]; len(all) > 1 && !counted[all[0].ETTN] {
			c.find(sale, do, "DUPLICATE: the provider holds %d invoices for one sale: %s", len(all), numbers(all))
		}
	}
	for _, d := range c.Documents {
		if words := c.Several[d.ETTN]; words != "" && len(bySale[d.LocalReference]) < 2 {
			c.find(d.LocalReference, do, "DUPLICATE: asked for it, the provider says that there is more than one: %s", strings.TrimRight(words, "."))
		}
	}
	revisions := map[ledger.Key][]Issued{}
	for _, d := range c.Documents {
		if held, has, _ := c.holds(d); has && held.live() {
			revisions[key(d)] = append(revisions[key(d)], held)
		}
	}
	for _, d := range c.Documents {
		if all := revisions[key(d)]; len(all) > 1 {
			c.find(d.LocalReference, do, "DUPLICATE: %d revisions of one sale have legal effect: %s", len(all), numbers(all))
			delete(revisions, key(d))
		}
	}
}

func (c *comparison) liveAt(ettn uuid.UUID) int {
	n := 0
	for _, i := range c.issued[ettn] {
		if i.live() {
			n++
		}
	}
	return n
}

func numbers(all []Issued) string {
	text := ""
	for _, i := range all {
		name := i.Number
		if name == "" {
			name = i.ETTN.String()
		}
		if text != "" {
			text += ", "
		}
		text += name
	}
	return text
}

// atProvider are the states in which the provider must have the document.
var atProvider = []ledger.State{ledger.Draft, ledger.Sent, ledger.Accepted, ledger.Rejected, ledger.Failed}

// notThere are the states in which the provider must not have it.
var notThere = []ledger.State{ledger.Pending, ledger.Held, ledger.Prepared, ledger.Refused}

// waiting are the states of which the ERP shows no more than that the sale waits.
var waiting = []ledger.State{ledger.Pending, ledger.Prepared, ledger.Sending}

// needPerson are the states that wait for somebody, who must be told why.
var needPerson = []ledger.State{ledger.Held, ledger.Refused, ledger.Disputed, ledger.Failed}

// nothingLost checks I2 in every direction.
func (c *comparison) nothingLost() {
	for _, d := range c.Documents {
		held, has, known := c.holds(d)
		givenUp := d.State == ledger.Cancelled && d.SentAt.IsZero()
		switch {
		case slices.Contains(atProvider, d.State) && known && !has:
			c.find(d.LocalReference, "Ask the provider what became of it; if it never was, `faturad mark` it once it is disputed",
				"LOST: the ledger says %s, but the provider has no such document", d.State)
		case (slices.Contains(notThere, d.State) || givenUp) && has && held.live():
			c.find(d.LocalReference, "Run `faturad resync` for it: it will be asked for and adopted before anything is sent",
				"The ledger says %s, but the provider has it as %s %s", d.State, held.State, held.Number)
		}
		if slices.Contains(needPerson, d.State) && d.Message == "" {
			c.find(d.LocalReference, "Look at `faturad document` for its attempts", "It is %s, and nobody is told why", d.State)
		}
		if has {
			c.notReleased(d, held)
		}
		c.overdue(d)
	}
	c.oneRowASale()
	for _, i := range c.Issued {
		if _, known := c.document(i); known {
			continue
		}
		if !c.ours(i) {
			c.report.Foreign++
			continue
		}
		c.find(c.sale(i), "Run `faturad sync outbound` with the ERP's marks in place: the ledger is rebuilt from them. Where the ERP lost the sale, too, enter it again under the same id",
			"The provider has %s %s for sale %s, which the ledger does not know", i.State, i.Number, c.sale(i))
	}
	for _, m := range c.Marks {
		if m.Stray {
			c.find(m.SaleKey, "Restart faturad: its first pass rebuilds the ledger from the ERP's marks",
				"The ERP shows %s %s, which the ledger does not know", m.State, m.Number)
		}
	}
	c.unshown()
	for _, k := range c.Offered {
		if d, ok := c.latest[k]; ok && slices.Contains(atProvider, d.State) && written(*d) {
			c.find(d.LocalReference, "Run `faturad sync outbound`: the marks are written again",
				"The ERP offers it as pending, but it is %s %s", d.State, d.Number)
		}
	}
}

// unshown reports issued documents that the ERP does not show, or whose sale it no longer has.
func (c *comparison) unshown() {
	if !c.Marked {
		return
	}
	offered := map[ledger.Key]bool{}
	for _, k := range c.Offered {
		offered[k] = true
	}
	for _, d := range c.Documents {
		if !exists(d.State) || d.Superseded || c.latest[key(d)].ID != d.ID {
			continue
		}
		_, shown := c.marks[key(d)]
		switch {
		case c.Deleted[key(d)]:
			c.find(d.LocalReference, "Cancel the invoice within the legal time or issue a return, or bring the sale back",
				"The sale was deleted in the ERP after its invoice %s was sent", d.Number)
		case !shown && written(d) && !offered[key(d)]:
			c.find(d.LocalReference, "Run `faturad resync` for it: the ERP is written again",
				"The ERP does not show it, but it is %s %s", d.State, d.Number)
		}
	}
}

// overdue reports what has been waiting for too long without anybody's fault being named.
func (c *comparison) overdue(d ledger.Document) {
	if c.Now.IsZero() || d.Superseded {
		return
	}
	waited := func(since time.Time) time.Duration { return c.Now.Sub(since).Truncate(time.Minute) }
	switch d.State {
	case ledger.Unknown:
		if w := waited(d.UnknownSince); !d.UnknownSince.IsZero() && w > unresolvedFor {
			c.find(d.LocalReference, "See whether the provider answers: `faturad check`", "Its outcome has been unknown for %s", w)
		}
	case ledger.Sending:
		if w := waited(d.LeaseUntil); w > unresolvedFor {
			c.find(d.LocalReference, "See that the daemon runs: nobody has asked for it", "Its holder stopped %s ago", w)
		}
	case ledger.Pending, ledger.Prepared:
		if w := waited(d.CreatedAt); w > unsentFor {
			c.find(d.LocalReference, "See that the daemon runs and the provider answers: `faturad check`", "It has been waiting to be sent for %s", w)
		}
	default:
	}
}

// oneRowASale checks that every sale of the ledger shows exactly one document.
func (c *comparison) oneRowASale() {
	showing := map[ledger.Key]int{}
	for _, d := range c.Documents {
		if !d.Superseded {
			showing[key(d)]++
		}
	}
	for _, d := range c.Documents {
		if n := showing[key(d)]; n != 1 && c.latest[key(d)].ID == d.ID {
			c.find(d.LocalReference, "Tell the people who maintain faturad: this must not happen", "The sale has %d documents that are in force, instead of one", n)
		}
	}
}
