package ledger

import "slices"

// State is where a document stands. This file is the whole state table (design.md section 3): the guarded updates, the
// picture in docs/states.md, the Turkish words and the tests are all made from it.
type State string

// The states of a document.
const (
	Pending   State = "pending"
	Held      State = "held"
	Prepared  State = "prepared"
	Sending   State = "sending"
	Unknown   State = "unknown"
	Disputed  State = "disputed"
	Refused   State = "refused"
	Draft     State = "draft"
	Sent      State = "sent"
	Failed    State = "failed"
	Accepted  State = "accepted"
	Rejected  State = "rejected"
	Cancelled State = "cancelled"
)

// Rule is one row of the state table.
type Rule struct {
	State     State
	TR, EN    string  // the accountant's words
	Entered   string  // when it is entered
	Leaves    []State // where it may go
	Final     bool    // nothing is polled any more
	Projected State   // the state whose words the ERP shows
}

// Table lists the states in the order of a document's life.
var Table = []Rule{
	{Pending, "Bekliyor", "Pending", "sale discovered", []State{Prepared, Held, Cancelled}, false, Pending},
	{Held, "İnceleme gerekli", "Needs review", "never sent: faults, totals that do not agree, a suspected duplicate sale", []State{Pending, Cancelled}, false, Held},
	{Prepared, "Hazır", "Ready", "route decided; ETTN, payload and its hash stored", []State{Sending, Pending, Refused, Cancelled}, false, Pending},
	{Sending, "Gönderiliyor", "Sending", "intent committed before the first byte leaves", []State{Draft, Sent, Prepared, Pending, Refused, Unknown, Disputed}, false, Pending},
	{Unknown, "Belirsiz", "Unknown", "the outcome cannot be known: time-out, cut connection, 5xx after the request left, crash", []State{Sent, Draft, Prepared, Refused, Disputed}, false, Unknown},
	{Disputed, "Belirsiz, inceleme gerekli", "Unknown, needs review", "may exist at the provider and no probe can settle it, or two sales have one number", []State{Sent, Prepared, Cancelled}, false, Disputed},
	{Refused, "Geri çevrildi", "Refused", "the provider refused the content; nothing exists there", []State{Pending, Cancelled}, false, Refused},
	{Draft, "Taslak", "Draft", "the provider holds it without legal effect", []State{Sending, Sent, Cancelled, Disputed}, false, Draft},
	{Sent, "Gönderildi", "Sent", "the provider has it and works on it", []State{Accepted, Rejected, Failed, Cancelled, Disputed}, false, Sent},
	{Failed, "Hatalı", "Failed", "accepted by the provider, then failed at GİB", []State{Sent, Cancelled, Disputed}, false, Failed},
	{Accepted, "Onaylandı", "Accepted", "final success", []State{Cancelled, Disputed}, true, Accepted},
	{Rejected, "Reddedildi", "Rejected", "the buyer rejected a commercial invoice", []State{Disputed}, true, Rejected},
	{Cancelled, "İptal", "Cancelled", "cancelled at the provider, recorded as cancelled elsewhere, or given up before it existed", nil, true, Cancelled},
}

// rules finds a state's row.
var rules = func() map[State]Rule {
	m := make(map[State]Rule, len(Table))
	for _, r := range Table {
		m[r.State] = r
	}
	return m
}()

// RuleOf returns the row of s; ok is false for a word that is no state.
func RuleOf(s State) (rule Rule, ok bool) {
	rule, ok = rules[s]
	return rule, ok
}

// Text is the word that accountants read for s, in language "tr" or "en".
func (s State) Text(language string) string {
	r := rules[s]
	if language == "en" {
		return r.EN
	}
	return r.TR
}

// Projection is the state that the ERP shows for s: prepared and sending show as pending.
func (s State) Projection() State { return rules[s].Projected }

// Final reports whether nothing is polled any more.
func (s State) Final() bool { return rules[s].Final }

// MayBecome reports whether the table has an arrow from s to next.
func (s State) MayBecome(next State) bool { return slices.Contains(rules[s].Leaves, next) }

// sources lists the states with an arrow to next: the guard of every update.
func sources(next State) []State {
	var out []State
	for _, r := range Table {
		if slices.Contains(r.Leaves, next) {
			out = append(out, r.State)
		}
	}
	return out
}

// StateOfText finds the state behind a word found in the ERP: the state's own name, or its word in either language.
func StateOfText(word string) (State, bool) {
	for _, r := range Table {
		if word == string(r.State) || word == r.TR || word == r.EN {
			return r.State, true
		}
	}
	return "", false
}
