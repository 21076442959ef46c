package audit

import (
	"github.com/google/uuid"

	"faturad/sync/ledger"
)

// inbox checks I9 in both directions. What the provider still calls new may simply not have been pulled yet.
func (c *comparison) inbox() {
	const refetch = "Run `faturad inbox refetch` for it"
	kept := map[uuid.UUID]ledger.Received{}
	for _, r := range c.Received {
		if _, twice := kept[r.ETTN]; twice {
			c.find(r.ETTN.String(), "Tell the people who maintain faturad: this must not happen", "The received invoice %s is kept twice", r.Number)
		}
		kept[r.ETTN] = r
	}
	listed := map[uuid.UUID]bool{}
	for _, i := range c.Incoming {
		listed[i.ETTN] = true
		r, has := kept[i.ETTN]
		switch {
		case !has && !i.IsNew:
			c.find(i.ETTN.String(), refetch, "LOST: the received invoice %s is no longer new at the provider, and the ledger does not have it", i.Number)
		case has && i.Hash != "" && i.Hash != r.Hash:
			c.find(i.ETTN.String(), refetch, "The received invoice %s was kept with other bytes than the provider has", i.Number)
		case has && i.IsNew && r.State == ledger.ReceivedAcknowledged:
			c.find(i.ETTN.String(), "Run `faturad sync inbound`", "The received invoice %s is acknowledged, but the provider calls it new", i.Number)
		}
	}
	for _, r := range c.Received {
		if !listed[r.ETTN] {
			c.find(r.ETTN.String(), "Ask the provider why: what was received is kept here", "The received invoice %s is kept, but the provider no longer lists it", r.Number)
		}
		if r.State == ledger.ReceivedQuarantined && r.Reason == "" {
			c.find(r.ETTN.String(), "Look at `faturad inbox show`", "The received invoice %s is set aside, and nobody is told why", r.Number)
		}
	}
}
