package simulation

import (
	"slices"
	"sync/atomic"
	"time"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// books is the ledger in memory, with the guards of sync/ledger: the state table, leases with owner and epoch, unique
// numbers, the database's clock. Every commit can be undone, as by a failover to a replica that had not received it.
type books struct {
	w        *world
	docs     []ledger.Document
	notes    []note // beside docs: about the ERP
	payloads map[int64]providers.Payload
	events   []ledger.Event
	trail    []ledger.Audit
	undo     []undo
	commits  int          // ever made
	skew     atomic.Int64 // nanoseconds of the database's clock against everybody's
	away     time.Time    // until then no call gets through
}

// note is what the real ledger keeps in write_seq, write_noted and write_run.
type note struct{ seq, noted, run int64 }

// undo takes one commit back.
type undo struct {
	number        int
	docs          []docUndo
	count, events int
	trail         int
}

type docUndo struct {
	at      int
	doc     ledger.Document
	note    note
	payload *providers.Payload
}

func (b *books) now() time.Time { return b.w.now().Add(time.Duration(b.skew.Load())) }

// begin opens a commit.
func (b *books) begin() *undo {
	b.commits++
	if !b.w.lossy {
		b.undo = b.undo[:0]
	}
	b.undo = append(b.undo, undo{number: b.commits, count: len(b.docs), events: len(b.events), trail: len(b.trail)})
	return &b.undo[len(b.undo)-1]
}

func (b *books) touch(u *undo, at int) {
	if at >= u.count || !b.w.lossy { // nothing is ever undone
		return
	}
	d := docUndo{at: at, doc: b.docs[at], note: b.notes[at]}
	if p, ok := b.payloads[b.docs[at].ID]; ok {
		d.payload = &p
	}
	u.docs = append(u.docs, d)
}

// failOver loses the last n commits.
func (b *books) failOver(n int) {
	for ; n > 0 && len(b.undo) > 0; n-- {
		u := b.undo[len(b.undo)-1]
		b.undo = b.undo[:len(b.undo)-1]
		for _, d := range slices.Backward(u.docs) {
			b.docs[d.at], b.notes[d.at] = d.doc, d.note
			if delete(b.payloads, d.doc.ID); d.payload != nil {
				b.payloads[d.doc.ID] = *d.payload
			}
		}
		b.docs, b.notes, b.events, b.trail = b.docs[:u.count], b.notes[:u.count], b.events[:u.events], b.trail[:u.trail]
	}
}

func (b *books) add(company string, n ledger.NewDocument, state ledger.State) *ledger.Document {
	now := b.now()
	b.docs = append(b.docs, ledger.Document{
		ID: int64(len(b.docs) + 1), Company: company, ERP: n.ERP, KeySpace: n.KeySpace, SaleKey: n.SaleKey, LocalReference: n.LocalReference,
		Revision: 1, ETTN: n.ETTN, State: state, ProbeFirst: n.ProbeFirst, NextAt: now, WriteNextAt: now, Version: 1, CreatedAt: now, UpdatedAt: now,
	})
	b.notes = append(b.notes, note{})
	return &b.docs[len(b.docs)-1]
}

// find gives the place of a sale's latest revision, or -1.
func (b *books) find(key ledger.Key) int {
	for at := len(b.docs) - 1; at >= 0; at-- {
		if b.docs[at].KeySpace == key.KeySpace && b.docs[at].SaleKey == key.SaleKey {
			return at
		}
	}
	return -1
}

func (b *books) free(d *ledger.Document) bool {
	return d.LeaseUntil.IsZero() || !d.LeaseUntil.After(b.now())
}

// apply is one transaction.
func (b *books) apply(changes []ledger.Change) []ledger.Outcome {
	u := b.begin()
	outcomes := make([]ledger.Outcome, len(changes))
	for i := range changes {
		c := &changes[i]
		at := int(c.Document) - 1
		if at < 0 || at >= len(b.docs) || !b.allows(c, &b.docs[at]) {
			continue
		}
		if n := c.Patch.Number; n != nil && *n != "" && b.w.broken != sharedNumbers {
			if other := b.numbered(*n, c.Document); other >= 0 {
				outcomes[i].Err = &fault.Error{Class: fault.Duplicate, Doing: "recording", Err: &ledger.Clash{Document: c.Document, Key: "number", Value: *n,
					Other: b.docs[other].ID, Reference: b.docs[other].LocalReference}}
				continue
			}
		}
		b.touch(u, at)
		b.change(c, &b.docs[at])
		outcomes[i].Applied = true
	}
	return outcomes
}

// numbered finds a document with a number, beside one.
func (b *books) numbered(number string, beside int64) int {
	for at := range b.docs {
		if b.docs[at].Number == number && b.docs[at].ID != beside {
			return at
		}
	}
	return -1
}

// allows is the guard.
func (b *books) allows(c *ledger.Change, d *ledger.Document) bool {
	if b.w.broken == staleHands && c.Lease == nil && c.Audit != nil {
		return true
	}
	if c.Stay && d.State != c.To || !c.Stay && !d.State.MayBecome(c.To) {
		return false
	}
	if c.From != "" && d.State != c.From {
		return false
	}
	if c.Lease == nil {
		return c.Seize || b.free(d)
	}
	if b.w.broken == noOwnerCheck {
		return true
	}
	intent := c.To == ledger.Sending && !c.Stay || c.Event != nil && c.Event.Opened
	if c.Event != nil && c.Payload == nil && c.Event.PayloadSHA != "" && c.Event.PayloadSHA != d.PayloadHash {
		return false
	}
	return d.LeaseOwner == c.Lease.Owner && d.LeaseEpoch == c.Lease.Epoch && (!intent || d.LeaseUntil.After(b.now()))
}

// change is the UPDATE with what it inserts.
func (b *books) change(c *ledger.Change, d *ledger.Document) {
	now, p := b.now(), c.Patch
	if p.LeaseFor != nil && !c.Unlease {
		d.LeaseUntil = now.Add(*p.LeaseFor)
	}
	if c.Lease == nil {
		d.LeaseEpoch++
	}
	if c.Lease == nil || c.Unlease {
		d.LeaseOwner, d.LeaseUntil = "", time.Time{}
	}
	set(&d.SaleNumber, p.SaleNumber)
	set(&d.SaleHash, p.SaleHash)
	set(&d.Convention, p.Convention)
	set(&d.BuyerTaxNo, p.BuyerTaxNo)
	set(&d.BuyerName, p.BuyerName)
	set(&d.Currency, p.Currency)
	if p.Payable != nil {
		d.Payable.Valid, d.Payable.Decimal = true, *p.Payable
	}
	set(&d.IssueDate, p.IssueDate)
	set(&d.ETTN, p.ETTN)
	if p.Changed != nil {
		d.Changed, d.Gone = *p.Changed, *p.Changed && p.Gone
	}
	set(&d.WasUnknown, p.WasUnknown)
	set(&d.ProbeFirst, p.ProbeFirst)
	set(&d.Account, p.Account)
	set(&d.Provider, p.Provider)
	set(&d.Route, p.Route)
	set(&d.Number, p.Number)
	set(&d.ProviderID, p.ProviderID)
	set(&d.Assigned, p.Assigned)
	set(&d.Legal, p.Legal)
	if b.w.broken == oneStep && d.Legal == ledger.LegalOpen {
		d.Legal = ledger.LegalUnknown
	}
	set(&d.Loose, p.Loose)
	if p.ProviderStatus != nil {
		d.ProviderStatus = p.ProviderStatus
	}
	if p.EnvelopeStatus != nil {
		d.EnvelopeStatus = p.EnvelopeStatus
	}
	set(&d.Code, p.Code)
	set(&d.Message, p.Message)
	set(&d.Advice, p.Advice)
	if p.CountAttempt {
		d.Attempts = c.Event.Attempt
	}
	set(&d.Failures, p.Failures)
	if p.NextIn != nil {
		d.NextAt = now.Add(b.again(*p.NextIn))
	}
	if p.Unknown != nil {
		if !*p.Unknown {
			d.UnknownSince = time.Time{}
		} else if d.UnknownSince.IsZero() {
			d.UnknownSince = now
		}
	}
	if p.QuarantineIn != nil {
		d.QuarantineUntil = now.Add(*p.QuarantineIn)
		if b.w.broken == noQuarantine {
			d.QuarantineUntil = now
		}
	}
	if p.SentAt != nil && d.SentAt.IsZero() {
		d.SentAt = *p.SentAt
	}
	if p.MarkSent && d.SentAt.IsZero() {
		d.SentAt = now
	}
	if c.Payload != nil {
		d.ContentType, d.PayloadHash = c.Payload.ContentType, c.Payload.Hash
		b.payloads[d.ID] = *c.Payload
	}
	if !c.Stay {
		d.State = c.To
	}
	if (p.MarkFinal || c.To.Final()) && d.FinalAt.IsZero() {
		d.FinalAt = now
	}
	if !c.Quiet {
		d.Version++
	}
	d.UpdatedAt = now
	if c.Event != nil {
		e := *c.Event
		e.ID, e.At = int64(len(b.events)+1), now
		b.events = append(b.events, e)
	}
	if c.Audit != nil {
		a := *c.Audit
		a.At = now
		b.trail = append(b.trail, a)
	}
}

// again replaces a wait: when something is tried again must never matter.
func (b *books) again(wait time.Duration) time.Duration {
	switch {
	case wait <= 0:
		return 0
	case b.w.resting.Load():
		return time.Minute
	}
	return b.w.stage.upTo(2 * time.Minute)
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// exists says that the provider has, or may have, a document in this state.
func exists(s ledger.State) bool {
	switch s {
	case ledger.Unknown, ledger.Disputed, ledger.Draft, ledger.Sent, ledger.Failed, ledger.Accepted, ledger.Rejected:
		return true
	default:
		return false
	}
}
