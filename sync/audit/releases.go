package audit

import (
	"time"

	"faturad/internal/clock"
	"faturad/providers"
	"faturad/sync/ledger"
)

// A draft has no legal effect until it is released: by the second step of a provider with two steps, or by a person. The
// release has an intent of its own, so I5 and I6 hold for it as they do for a create.

// legal are the states that a document at the provider reaches through its release only.
var legal = map[ledger.State]bool{ledger.Sent: true, ledger.Accepted: true, ledger.Rejected: true, ledger.Failed: true}

// releaseIntended checks I5 for releases: one that was requested, answered or had its effect was intended before.
func (c *comparison) releaseIntended(d ledger.Document, history []ledger.Event) {
	const do = "Tell the people who maintain faturad: this must not happen"
	intents := map[int]bool{}
	first, known := time.Time{}, false
	for _, e := range history {
		switch {
		case e.Operation == ledger.OpRelease && e.Opened:
			if len(intents) == 0 {
				first = e.At
			}
			intents[e.Attempt], known = true, true
		case e.Operation == ledger.OpRelease && !intents[e.Attempt]:
			c.find(d.LocalReference, do, "The outcome of a release, attempt %d, is recorded, but no intent before it", e.Attempt)
		case (e.Operation == ledger.OpLookup || e.Operation == ledger.OpStatus) && e.Class == "ok":
			known = true // found so: released in the provider's portal, or by a ledger that is lost
		}
	}
	if (d.Route.Draft || c.TwoStep[d.Account]) && legal[d.State] && !known && c.created(d) && !c.markedByHand(d) {
		c.find(d.LocalReference, do, "It went out as a draft and is %s, but nobody released it", d.State)
	}
	for _, r := range c.requests[d.ETTN] {
		if r.Release && (first.IsZero() || first.After(r.At)) {
			c.find(d.LocalReference, do, "A request to release it arrived at %s, before any intent was recorded", clock.Text(r.At, "en"))
		}
	}
}

// auditedWithin is how much later than its intent a person's command may be noted: both are rows of one transaction.
const auditedWithin = time.Second

// releasedAgain checks I6 for releases. One whose own sender does not know what became of it is made again only when a
// look-up after the quarantine found the draft as it was; one whose sender was never heard of again, or that was done, only
// by a person.
func (c *comparison) releasedAgain(d ledger.Document) {
	var intent ledger.Event
	var since time.Time // when the quarantine began; zero = no look-up is enough
	unsettled, looked := false, false
	for _, e := range c.History[d.ID] {
		switch {
		case e.Operation == ledger.OpRelease && e.Opened && unsettled && e.Attempt == intent.Attempt: // recorded twice: the first COMMIT was not answered
		case e.Operation == ledger.OpRelease && e.Opened:
			if unsettled && !looked && !c.actedBetween(d, intent.At.Add(auditedWithin), e.At.Add(auditedWithin)) {
				c.find(d.LocalReference, "See in the provider's portal that it has one number only",
					"Attempt %d released it again without a person, and without a look-up that found it still a draft after the quarantine", e.Attempt)
			}
			intent, unsettled, looked, since = e, true, false, time.Time{}
		case e.Operation == ledger.OpRelease && surely(e.Class):
			unsettled = false
		case e.Operation == ledger.OpCreate && !e.Opened && e.Attempt < intent.Attempt && e.Owner == intent.Owner:
			unsettled = false // its sender was still recording the draft, with this intent: the COMMIT was not answered, and nothing had left
		case e.Operation == ledger.OpRelease && e.Class != "ok" && e.Owner == intent.Owner:
			since = e.At
		case e.Operation == ledger.OpLookup && e.Class == "ok" && !since.IsZero():
			looked = looked || !e.At.Before(since.Add(c.Waits[d.Account]))
		}
	}
}

// actedBetween reports whether a person did something to the document after from, and not after to.
func (c *comparison) actedBetween(d ledger.Document, from, to time.Time) bool {
	for _, a := range c.Trail[d.ID] {
		if a.User != "faturad" && a.At.After(from) && !a.At.After(to) {
			return true
		}
	}
	return false
}

// notReleased finds drafts at the provider whose document the ledger believes to have legal effect.
func (c *comparison) notReleased(d ledger.Document, held Issued) {
	if legal[d.State] && held.State == providers.StateDraft {
		c.find(d.LocalReference, "Run `faturad resync` for it; if it stays so, release it in the provider's portal",
			"LOST: the ledger says %s, but the provider holds a draft without legal effect", d.State)
	}
}
