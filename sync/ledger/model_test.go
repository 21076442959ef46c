package ledger

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// modelDocument is what Commit must make of a document, in the simplest words.
type modelDocument struct {
	state    State
	owner    string // "" = nobody's
	epoch    int64
	live     bool // the lease has time left
	version  int64
	attempts int
	events   int
	final    bool
}

// commit applies a change to the model and tells whether the guard lets it.
func (m *modelDocument) commit(c Change) bool {
	switch {
	case c.Stay && m.state != c.To, !c.Stay && !m.state.MayBecome(c.To):
		return false
	case c.Lease == nil && m.live:
		return false
	case c.Lease != nil && (c.Lease.Owner != m.owner || c.Lease.Epoch != m.epoch):
		return false
	case c.Lease != nil && !m.live && (c.To == Sending && !c.Stay || c.Event != nil && c.Event.Opened):
		return false
	}
	m.state = c.To
	if !c.Quiet {
		m.version++
	}
	if c.Patch.CountAttempt {
		if m.attempts++; c.opensAttempt() {
			m.attempts = c.Event.Attempt
		}
	}
	if c.Event != nil {
		m.events++
	}
	m.final = m.final || c.To.Final()
	if c.Lease == nil {
		m.epoch++
	}
	if c.Lease == nil || c.Unlease {
		m.owner, m.live = "", false
	}
	return true
}

// Random groups of changes, leases and expiries: Commit and the model agree on every outcome and every row.
func TestCommitAgainstModel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		const n = 4
		name := fmt.Sprintf("model%d", run)
		docs := make([]NewDocument, n)
		for i := range docs {
			docs[i] = sale(i)
			docs[i].ETTN = ettnOf(run*n + i)
		}
		if added, err := b.Discover(t.Context(), name, docs); err != nil || added != n {
			r.Fatal(added, err)
		}
		read := func() []Document {
			found, err := b.Documents(t.Context(), Filter{Company: name})
			if err != nil || len(found) != n {
				r.Fatal(found, err)
			}
			return found
		}
		var ids []int64
		model := make([]modelDocument, n)
		for i, d := range read() {
			ids = append(ids, d.ID)
			model[i] = modelDocument{state: Pending, version: 1}
		}
		state := rapid.SampledFrom([]State{Pending, Held, Prepared, Sending, Unknown, Sent, Accepted, Cancelled})
		for range rapid.IntRange(1, 10).Draw(r, "steps") {
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0: // lease some
				owner := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "owner")
				i := rapid.IntRange(0, n-1).Draw(r, "which")
				got, err := b.LeaseByID(t.Context(), []int64{ids[i]}, owner, ttl)
				if err != nil || (len(got) == 1) == model[i].live {
					r.Fatalf("leasing %d: %v, %v; live %v", i, got, err, model[i].live)
				}
				if len(got) == 1 {
					model[i].owner, model[i].live = owner, true
					model[i].epoch++
				}
			case 1: // a lease runs out
				i := rapid.IntRange(0, n-1).Draw(r, "which")
				b.db.Exec(t, "UPDATE documents SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = ? AND lease_until IS NOT NULL", ids[i])
				model[i].live = false
			default:
				var changes []Change
				var want []bool
				places := rapid.SliceOfN(rapid.IntRange(0, n-1), 1, 6).Draw(r, "group")
				for _, i := range places {
					m := model[i]
					c := Change{Document: ids[i], To: state.Draw(r, "to"), Stay: rapid.Bool().Draw(r, "stay"),
						Quiet: rapid.Bool().Draw(r, "quiet"), Unlease: rapid.Bool().Draw(r, "unlease"), Patch: Patch{CountAttempt: rapid.Bool().Draw(r, "count")}}
					if rapid.Bool().Draw(r, "likely") { // otherwise most groups would be refused
						c.To, c.Stay = m.state, true
					}
					switch rapid.IntRange(0, 3).Draw(r, "lease") {
					case 0:
					case 1: // a wrong one
						c.Lease = &Lease{Owner: "a", Epoch: m.epoch - 1}
					default:
						c.Lease = &Lease{Owner: m.owner, Epoch: m.epoch}
						if m.owner == "" {
							c.Lease = nil
						}
					}
					if rapid.Bool().Draw(r, "event") {
						c.Event = &Event{Attempt: 1 + m.attempts, Operation: OpCreate, Opened: rapid.Bool().Draw(r, "opened")}
					}
					want = append(want, model[i].commit(c))
					changes = append(changes, c)
				}
				outcomes, err := b.Commit(t.Context(), changes)
				if err != nil {
					r.Fatal(err)
				}
				for k, o := range outcomes {
					if o.Applied != want[k] || o.Err != nil {
						r.Fatalf("change %d (%+v): %+v, want applied %v", k, changes[k], o, want[k])
					}
				}
			}
		}
		for i, d := range read() {
			m := model[i]
			if d.State != m.state || d.LeaseOwner != m.owner || d.LeaseEpoch != m.epoch || d.Version != m.version || d.Attempts != m.attempts || d.FinalAt.IsZero() == m.final {
				r.Fatalf("document %d is %+v, the model says %+v", i, d, m)
			}
			if events, err := b.History(t.Context(), d.ID); err != nil || len(events) != m.events {
				r.Fatalf("document %d has %d events, the model says %d (%v)", i, len(events), m.events, err)
			}
		}
	})
}
