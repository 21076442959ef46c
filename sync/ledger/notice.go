package ledger

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"faturad/internal/invoice"
)

// The codes of the notices that follow from a document's dates; their sentences stand in docs/faults.md.
const (
	noticeMoved   = "series.moved"
	noticeAgeing  = "issue_date.ageing"
	noticeOverdue = "issue_date.overdue"
)

// An invoice is due within seven days of the delivery (VUK 231/5); people are told from the fourth on.
const (
	AgeingDays   = 4
	DeadlineDays = 7
)

// Notice says what people must know of a document's dates today, beside its message: that the invoice went out under
// another day than the sale's, or that the sale waits and its seven days are running out. Empty texts = nothing.
func (d Document) Notice(today invoice.Date) (message, advice invoice.Text) {
	var notices invoice.Faults
	if !d.MovedFrom.IsZero() {
		notices = append(notices, invoice.NewFault(noticeMoved, "issue_date", d.MovedFrom.String(), d.IssueDate.String()))
	}
	sold := d.IssueDate
	if !d.MovedFrom.IsZero() {
		sold = d.MovedFrom
	}
	if slices.Contains(unsentStates, d.State) && !sold.IsZero() {
		if f, old := AgeingFault(sold, today); old {
			notices = append(notices, f)
		}
	}
	text := func(language string) (string, string) { return notices.Sentence(language), notices.Advice(language) }
	message.TR, advice.TR = text("tr")
	message.EN, advice.EN = text("en")
	return message, advice
}

// AgeingFault is the warning about a sale of this day that has no invoice today; false = it is young enough.
func AgeingFault(sold, today invoice.Date) (invoice.Fault, bool) {
	days := sold.DaysUntil(today)
	switch {
	case days < AgeingDays:
		return invoice.Fault{}, false
	case days <= DeadlineDays:
		return invoice.NewFault(noticeAgeing, "issue_date", sold.String(), strconv.Itoa(days)), true
	default:
		return invoice.NewFault(noticeOverdue, "issue_date", sold.String(), strconv.Itoa(days)), true
	}
}

// Told is message and advice with the notice behind them, in one language, as every list and the ERP show them: lists cut
// what is long, and what is wrong must not be what they cut. Where something else says what to do, the notice gives no advice:
// following that one ends the wait, too.
func (d Document) Told(today invoice.Date, language string) (message, advice string) {
	m, a := d.Notice(today)
	return strings.TrimSpace(d.Message + " " + m.In(language)), cmp.Or(d.Advice, a.In(language))
}
