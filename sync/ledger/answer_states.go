package ledger

import (
	"fmt"
	"slices"
	"strings"
)

// AnswerState is where the answer to an incoming commercial invoice stands. This file is its whole state table, as
// states.go is that of documents.
type AnswerState string

// The states of an answer.
const (
	AnswerOpen      AnswerState = "open"
	AnswerWanted    AnswerState = "wanted"
	AnswerSending   AnswerState = "sending"
	AnswerUnknown   AnswerState = "unknown"
	AnswerSent      AnswerState = "sent"
	AnswerFailed    AnswerState = "failed"
	AnswerRefused   AnswerState = "refused"
	AnswerAccepted  AnswerState = "accepted"
	AnswerRejected  AnswerState = "rejected"
	AnswerLapsed    AnswerState = "lapsed"
	AnswerCancelled AnswerState = "cancelled"
)

// AnswerRule is one row of the table.
type AnswerRule struct {
	State   AnswerState
	TR, EN  string
	Entered string
	Leaves  []AnswerState
	Final   bool
}

// answerEnds are what the provider may report at any time: somebody may answer in its portal, time may run out.
var answerEnds = []AnswerState{AnswerAccepted, AnswerRejected, AnswerLapsed, AnswerCancelled}

// AnswerTable lists the states in the order of an answer's life.
var AnswerTable = []AnswerRule{
	{AnswerOpen, "Yanıt bekliyor", "Waits for an answer", "a commercial invoice arrived", leads(AnswerWanted, AnswerSent, AnswerFailed), false},
	{AnswerWanted, "Yanıt gönderilecek", "Answer to be sent", "a person decided", leads(AnswerSending, AnswerSent, AnswerFailed), false},
	{AnswerSending, "Yanıt gönderiliyor", "Sending the answer", "intent committed before the first byte leaves", leads(AnswerSent, AnswerUnknown, AnswerWanted, AnswerFailed, AnswerRefused), false},
	{AnswerUnknown, "Yanıtın sonucu belirsiz", "Answer's outcome unknown", "nobody knows whether the provider took it", leads(AnswerSent, AnswerWanted, AnswerFailed), false},
	{AnswerSent, "Yanıt iletiliyor", "Answer on its way", "the provider has it and sends it on", leads(AnswerFailed, AnswerWanted), false},
	{AnswerFailed, "Yanıt iletilemedi", "Answer failed", "it failed on its way to GİB; it is sent again", leads(AnswerSending, AnswerSent, AnswerWanted), false},
	{AnswerRefused, "Yanıt geri çevrildi", "Answer refused", "the provider refused it; the invoice may be answered anew", leads(AnswerWanted, AnswerSent, AnswerFailed), false},
	{AnswerAccepted, "Kabul edildi", "Accepted", "final", nil, true},
	{AnswerRejected, "Reddedildi", "Rejected", "final", nil, true},
	{AnswerLapsed, "Yanıtsız kaldı, kabul sayıldı", "Lapsed, counts as accepted", "nobody answered in eight days", nil, true},
	{AnswerCancelled, "Fatura iptal edildi", "Invoice cancelled", "the sender cancelled the invoice", nil, true},
}

func leads(more ...AnswerState) []AnswerState { return append(more, answerEnds...) }

// AnswerRuleOf returns the row of s; ok is false for a word that is no state.
func AnswerRuleOf(s AnswerState) (rule AnswerRule, ok bool) {
	i := slices.IndexFunc(AnswerTable, func(r AnswerRule) bool { return r.State == s })
	if i < 0 {
		return AnswerRule{}, false
	}
	return AnswerTable[i], true
}

// Text is the word that accountants read, in language "tr" or "en".
func (s AnswerState) Text(language string) string {
	rule, _ := AnswerRuleOf(s)
	if language == "en" {
		return rule.EN
	}
	return rule.TR
}

// Final reports whether nothing will change any more.
func (s AnswerState) Final() bool {
	rule, _ := AnswerRuleOf(s)
	return rule.Final
}

// MayBecome reports whether the table has an arrow from s to next.
func (s AnswerState) MayBecome(next AnswerState) bool {
	rule, _ := AnswerRuleOf(s)
	return slices.Contains(rule.Leaves, next)
}

// AnswerPending lists the states in which time still runs: an answer has not reached its end.
func AnswerPending() []AnswerState {
	var out []AnswerState
	for _, r := range AnswerTable {
		if !r.Final {
			out = append(out, r.State)
		}
	}
	return out
}

// inAnswerStates is a condition on state; the words come from the table.
func inAnswerStates(states []AnswerState) (string, error) {
	quoted := make([]string, len(states))
	for i, s := range states {
		if _, known := AnswerRuleOf(s); !known {
			return "", fmt.Errorf("%q is no state of an answer", s)
		}
		quoted[i] = "'" + string(s) + "'"
	}
	if len(quoted) == 0 {
		return "FALSE", nil
	}
	return "state IN (" + strings.Join(quoted, ", ") + ")", nil
}
