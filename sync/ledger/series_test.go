package ledger

import (
	"strings"
	"testing"
	"time"

	"faturad/internal/invoice"
)

func dayOf(month time.Month, day int) invoice.Date {
	return invoice.Date{Year: 2026, Month: month, Day: day}
}

// The last day of a series is that of its numbered documents: unresolved, unsent and unnumbered ones do not count, nor do
// those of another account, prefix, kind or year. The moment a document becomes unresolved it stops counting.
func TestLastIssued(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rows := []struct {
		state                         State
		account, prefix, kind, number string
		date                          string
	}{
		{Sent, "main", "ABC", "e-fatura", "ABC2026000000001", "2026-11-18"},
		{Accepted, "main", "ABC", "e-arsiv", "ABC2026000000002", "2026-11-19"},
		{Cancelled, "main", "ABC", "e-fatura", "ABC2026000000003", "2026-11-20"}, // its number is spent
		{Unknown, "main", "ABC", "e-fatura", "ABC2026000000004", "2026-11-25"},
		{Disputed, "main", "ABC", "e-fatura", "ABC2026000000005", "2026-11-25"},
		{Sending, "main", "ABC", "e-fatura", "", "2026-11-25"},
		{Held, "main", "ABC", "e-fatura", "", "2026-11-25"},
		{Cancelled, "main", "ABC", "e-fatura", "", "2026-11-25"}, // given up before it existed
		{Accepted, "old", "ABC", "e-fatura", "ABC2026000000009", "2026-11-26"},
		{Accepted, "main", "XYZ", "e-fatura", "XYZ2026000000001", "2026-11-27"},
		{Accepted, "main", "ABC", "e-fatura", "ABC2025000000001", "2025-12-31"},
		{Failed, "main", "", "e-fatura", "EPA2026000000001", "2026-11-01"},
		{Rejected, "main", "", "e-arsiv", "EPK2026000000001", "2026-11-02"},
	}
	docs := b.sales(t, len(rows))
	for i, r := range rows {
		b.db.Exec(t, "UPDATE documents SET state = ?, account = ?, route_prefix = ?, route_kind = ?, number = NULLIF(?, ''), issue_date = ? WHERE id = ?",
			string(r.state), r.account, r.prefix, r.kind, r.number, r.date, docs[i].ID)
	}
	ask := []Series{
		SeriesOf("main", "ABC", invoice.EFatura, dayOf(11, 21)), SeriesOf("main", "ABC", invoice.EArsiv, invoice.Date{Year: 2025, Month: 3, Day: 1}),
		SeriesOf("main", "", invoice.EFatura, dayOf(1, 1)), SeriesOf("main", "", invoice.EArsiv, dayOf(1, 1)),
		SeriesOf("main", "NEW", invoice.EFatura, dayOf(1, 1)), SeriesOf("old", "ABC", invoice.EFatura, dayOf(1, 1)),
	}
	last, err := b.LastIssued(t.Context(), company, ask)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range ask {
		got = append(got, last[s].String())
	}
	if want := "2026-11-20 2025-12-31 2026-11-01 2026-11-02  2026-11-26"; strings.Join(got, " ") != want {
		t.Errorf("the series end on %q, want %q", strings.Join(got, " "), want)
	}
	if last, err := b.LastIssued(t.Context(), "another", ask); err != nil || len(last) != 0 {
		t.Errorf("another company's: %v %v", last, err)
	}
	b.db.Exec(t, "UPDATE documents SET state = 'disputed' WHERE id = ?", docs[2].ID)
	if last, err := b.LastIssued(t.Context(), company, ask[:1]); err != nil || last[ask[0]] != dayOf(11, 19) {
		t.Errorf("with a disputed one: %v %v", last, err)
	}

	// The question can walk one key backwards.
	var columns string
	if err := b.db.DB().GetContext(t.Context(), &columns, `SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND table_name = 'documents' AND index_name = 'series'`); err != nil || columns != "company,account,route_prefix,issue_date" {
		t.Errorf("the key is on %q, %v", columns, err)
	}
}

// What waits without a valid invoice is counted by the sale's own day.
func TestAgeingSince(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	docs := b.sales(t, 6)
	for i, r := range []struct{ state, date, moved string }{
		{"held", "2026-11-17", ""}, {"refused", "2026-11-21", "2026-11-10"}, {"pending", "2026-11-18", ""},
		{"accepted", "2026-11-01", ""}, {"failed", "2026-11-16", ""}, {"disputed", "2026-11-01", ""},
	} {
		b.db.Exec(t, "UPDATE documents SET state = ?, issue_date = ?, moved_from = NULLIF(?, '') WHERE id = ?", r.state, r.date, r.moved, docs[i].ID)
	}
	if got, err := b.AgeingSince(t.Context(), company, dayOf(11, 17)); err != nil || got != (Ageing{3, dayOf(11, 10)}) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := b.AgeingSince(t.Context(), company, dayOf(11, 1)); err != nil || got.Count != 0 || !got.Oldest.IsZero() {
		t.Errorf("nothing: %+v %v", got, err)
	}
}

// A moved day is kept with the document and can be taken back.
func TestMovedFrom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := b.sales(t, 1)[0]
	b.apply(t, Change{Document: d.ID, To: Held, Patch: Patch{IssueDate: ptr(dayOf(11, 21)), MovedFrom: ptr(dayOf(11, 17))}})
	if got := b.one(t, d.ID); got.MovedFrom != dayOf(11, 17) {
		t.Errorf("moved from %s", got.MovedFrom)
	}
	b.apply(t, Change{Document: d.ID, To: Held, Stay: true, Patch: Patch{MovedFrom: &invoice.Date{}}})
	if got := b.one(t, d.ID); !got.MovedFrom.IsZero() {
		t.Errorf("still moved from %s", got.MovedFrom)
	}
}

// Notices count the days of the law, for documents that have no valid invoice yet.
func TestNotice(t *testing.T) {
	t.Parallel()
	today := dayOf(11, 21)
	for name, c := range map[string]struct {
		doc    Document
		tr, en []string // parts of the sentence, in order; none = no notice
	}{
		"three days":        {Document{State: Held, IssueDate: dayOf(11, 18)}, nil, nil},
		"four days":         {Document{State: Held, IssueDate: dayOf(11, 17)}, []string{"17.11.2026, 4 gün önce"}, []string{"4 days ago"}},
		"seven days":        {Document{State: Refused, IssueDate: dayOf(11, 14)}, []string{"7 gün önce"}, []string{"7 days ago", "due within"}},
		"eight days":        {Document{State: Pending, IssueDate: dayOf(11, 13)}, []string{"8 gün önce", "süre geçti"}, []string{"8 days ago", "are over"}},
		"issued":            {Document{State: Accepted, IssueDate: dayOf(11, 1)}, nil, nil},
		"issued and moved":  {Document{State: Sent, IssueDate: dayOf(11, 21), MovedFrom: dayOf(11, 10)}, []string{"Satışın tarihi 10.11.2026", "21.11.2026 yapıldı"}, []string{"dated 2026-11-21"}},
		"moved, then held":  {Document{State: Failed, IssueDate: dayOf(11, 21), MovedFrom: dayOf(11, 15)}, []string{"yapıldı", "6 gün önce"}, []string{"6 days ago"}},
		"nothing known yet": {Document{State: Pending}, nil, nil},
	} {
		c.doc.Message = "Asıl mesaj."
		for language, want := range map[string][]string{"tr": c.tr, "en": c.en} {
			message, _ := c.doc.Told(today, language)
			if !strings.HasPrefix(message, "Asıl mesaj.") || (len(want) == 0) != (message == "Asıl mesaj.") {
				t.Errorf("%s: %q", name, message)
			}
			for _, part := range want {
				_, after, found := strings.Cut(message, part)
				if !found {
					t.Errorf("%s: %q lacks %q", name, message, part)
				}
				message = after
			}
		}
	}
}

// TestNoticeAdvisesAlone: what to do about what holds a sale back is not followed by the advice to do something about it.
func TestNoticeAdvisesAlone(t *testing.T) {
	t.Parallel()
	for _, day := range []invoice.Date{dayOf(11, 17), dayOf(11, 2)} {
		d := Document{State: Held, IssueDate: day}
		if _, advice := d.Told(dayOf(11, 21), "tr"); !strings.Contains(advice, "bekleten eksiği") {
			t.Errorf("a sale of %s that waits for nothing else is told %q", day, advice)
		}
		d.Advice = "Vergi numarasını düzeltin."
		if message, advice := d.Told(dayOf(11, 21), "tr"); advice != d.Advice || !strings.Contains(message, "gün önce") {
			t.Errorf("a held sale of %s is told %q, %q", day, message, advice)
		}
	}
}
