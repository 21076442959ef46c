package ledger

import "slices"

// ReceivedRule is one row of the table of received documents' states.
type ReceivedRule struct {
	State  ReceivedState
	TR, EN string // the accountant's words
}

// ReceivedTable lists the states of received documents in the order of their life.
var ReceivedTable = []ReceivedRule{
	{ReceivedStored, "Alındı", "Stored"},
	{ReceivedProjected, "ERP'ye yazıldı", "In the ERP"},
	{ReceivedAcknowledged, "Tamam", "Done"},
	{ReceivedQuarantined, "Karantinada", "Quarantined"},
}

// Text is the word that accountants read for s, in language "tr" or "en"; what is no state keeps its own name.
func (s ReceivedState) Text(language string) string {
	for _, r := range ReceivedTable {
		switch {
		case r.State != s:
		case language == "en":
			return r.EN
		default:
			return r.TR
		}
	}
	return string(s)
}

// ReceivedStateOfText finds the state behind a word: the state's own name, or its word in either language.
func ReceivedStateOfText(word string) (ReceivedState, bool) {
	i := slices.IndexFunc(ReceivedTable, func(r ReceivedRule) bool { return word == string(r.State) || word == r.TR || word == r.EN })
	if i < 0 {
		return "", false
	}
	return ReceivedTable[i].State, true
}
