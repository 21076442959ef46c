package audit

import (
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/sync/ledger"
)

// frozen checks I4: all attempts of a document carry the same bytes once one may have left, and the provider received
// those.
func (c *comparison) frozen() {
	const do = "Compare the stored payload with the provider's document; if they differ in content, treat it as disputed"
	for _, d := range c.Documents {
		if held, has, _ := c.holds(d); has && held.Hash != "" && d.PayloadHash != "" && exists(d.State) && held.Hash != d.PayloadHash && c.created(d) && !c.inDoubt(d) {
			c.find(d.LocalReference, do, "The provider received bytes %.12s, frozen were %.12s", held.Hash, d.PayloadHash)
		}
		hash, unsettled := "", false
		for _, e := range c.History[d.ID] {
			switch {
			case e.Operation == ledger.OpCreate && e.Opened:
				if unsettled && hash != "" && e.PayloadSHA != hash {
					c.find(d.LocalReference, do, "Attempt %d sent other bytes than the attempt before, whose outcome was unknown", e.Attempt)
				}
				hash, unsettled = e.PayloadSHA, true
			case e.Operation == ledger.OpCreate && surely(e.Class):
				unsettled = false
			}
		}
		for _, r := range c.requests[d.ETTN] {
			if r.Hash != "" && c.History[d.ID] != nil && !opened(c.History[d.ID], func(e ledger.Event) bool { return e.PayloadSHA == r.Hash }) && c.created(d) {
				c.find(d.LocalReference, do, "A request carried bytes %.12s, for which no intent was recorded", r.Hash)
			}
		}
	}
}

// created reports whether this ledger sent the document itself, instead of adopting what a lost ledger had sent.
func (c *comparison) created(d ledger.Document) bool {
	return opened(c.History[d.ID], func(ledger.Event) bool { return true })
}

// inDoubt reports whether the outcome of the document's last update is not known: the provider may have either content.
func (c *comparison) inDoubt(d ledger.Document) bool {
	open := false
	for _, e := range c.History[d.ID] {
		if e.Operation == ledger.OpUpdate {
			open = e.Opened || fault.Class(e.Class) == fault.Ambiguous
		}
	}
	return open
}

// surely reports whether an outcome says that nothing exists at the provider.
func surely(class string) bool {
	switch fault.Class(class) {
	case fault.Retryable, fault.Throttled, fault.Auth, fault.Permanent:
		return true
	default:
		return false
	}
}

func opened(history []ledger.Event, which func(ledger.Event) bool) bool {
	for _, e := range history {
		if (e.Operation == ledger.OpCreate || e.Operation == ledger.OpUpdate) && e.Opened && which(e) {
			return true
		}
	}
	return false
}

// intended checks I5: an open attempt is older than its request, than its outcome, and than the document's success.
func (c *comparison) intended() {
	const do = "Tell the people who maintain faturad: this must not happen"
	for _, d := range c.Documents {
		history, read := c.History[d.ID]
		if !read {
			continue
		}
		intents := map[int]bool{}
		known := false
		for _, e := range history {
			switch {
			case e.Operation == ledger.OpCreate && e.Opened:
				intents[e.Attempt], known = true, true
			case e.Operation == ledger.OpCreate && !intents[e.Attempt]:
				c.find(d.LocalReference, do, "The outcome of attempt %d is recorded, but no intent before it", e.Attempt)
			case e.Operation == ledger.OpLookup && e.Class == "ok":
				known = true
			}
		}
		if exists(d.State) && !known && !c.markedByHand(d) {
			c.find(d.LocalReference, do, "It is %s, but it was neither sent under an intent nor found at the provider", d.State)
		}
		c.releaseIntended(d, history)
		for _, r := range c.requests[d.ETTN] {
			if known && !r.Release && !opened(history, func(e ledger.Event) bool { return !e.At.After(r.At) }) && c.created(d) {
				c.find(d.LocalReference, do, "A request arrived at %s, before any intent was recorded", clock.Text(r.At, "en"))
			}
		}
	}
}

// markedByHand reports whether a person moved the document; that is audited, and needs no attempt.
func (c *comparison) markedByHand(d ledger.Document) bool {
	for _, a := range c.Trail[d.ID] {
		if a.User != "faturad" {
			return true
		}
	}
	return false
}

// resent checks I6: between an attempt that may have worked and the next one, the provider surely had nothing, when it was
// asked after the quarantine; or a person released it.
func (c *comparison) resent() {
	for _, d := range c.Documents {
		c.releasedAgain(d)
		var intent ledger.Event
		var since time.Time // when the quarantine of an unsettled attempt began
		unsettled, absent := false, false
		for _, e := range c.History[d.ID] {
			switch {
			case e.Operation == ledger.OpCreate && e.Opened:
				if unsettled && !absent && !c.releasedBetween(d, intent.At, e.At) {
					c.find(d.LocalReference, "Look for a second invoice in the provider's portal",
						"Attempt %d followed an unknown outcome without a look-up that found nothing after the quarantine", e.Attempt)
				}
				intent, unsettled, absent, since = e, true, false, e.At
			case e.Operation == ledger.OpCreate && surely(e.Class):
				unsettled = false
			case e.Operation == ledger.OpCreate:
				// Noted by its own sender: the last byte left before that. Noted by who took over: as long as the lease ran.
				since = intent.At.Add(c.Lease)
				if e.Owner == intent.Owner && e.At.Before(since) {
					since = e.At
				}
			case e.Operation == ledger.OpLookup && e.Class == string(fault.NotFound) && unsettled:
				absent = absent || !e.At.Before(since.Add(c.Waits[d.Account]))
			}
		}
	}
}

func (c *comparison) releasedBetween(d ledger.Document, from, to time.Time) bool {
	for _, a := range c.Trail[d.ID] {
		if a.User != "faturad" && a.To == ledger.Prepared && !a.At.Before(from) && !a.At.After(to) {
			return true
		}
	}
	return false
}
