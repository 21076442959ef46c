package outbound

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/mapping"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// series is a ledger that knows only the last day of each series, and how often it was asked.
type series struct {
	Ledger
	last  map[ledger.Series]invoice.Date
	asked int
}

func (s *series) LastIssued(_ context.Context, _ string, of []ledger.Series) (map[ledger.Series]invoice.Date, error) {
	s.asked++
	out := map[ledger.Series]invoice.Date{}
	for _, x := range of {
		if d, ok := s.last[x]; ok {
			out[x] = d
		}
	}
	return out, nil
}

// straight routes everything as e-Arşiv in the series that the sale names.
type straight struct{}

func (straight) Route(_ context.Context, questions []Question) ([]Decision, error) {
	out := make([]Decision, len(questions))
	for i, q := range questions {
		out[i].Route = providers.Route{Kind: invoice.EArsiv, Prefix: q.Prefix}
	}
	return out, nil
}

func party(taxNo, name string) invoice.Party {
	return invoice.Party{TaxNo: taxNo, TaxOffice: "Çankaya", Name: name,
		Address: invoice.Address{Street: "Atatürk Bulvarı 1", District: "Çankaya", City: "Ankara", Country: "TR"}}
}

func day(t *testing.T, s string) invoice.Date {
	t.Helper()
	if s == "" {
		return invoice.Date{}
	}
	d, err := invoice.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func saleOf(date invoice.Date) invoice.Sale {
	hundred := invoice.Some(decimal.NewFromInt(100))
	return invoice.Sale{KeySpace: "sale", Key: "1", Number: "S-1", Prefix: "ABC", IssueDate: date, IssueTime: "23:59:59", Gross: invoice.Some(decimal.NewFromInt(120)),
		Buyer: party("4812057337", "Deneme Ticaret A.Ş."), Lines: []invoice.SaleLine{{No: "1", Name: "Kalem",
			Quantity: invoice.Some(decimal.NewFromInt(1)), Unit: "C62", UnitPrice: hundred, VATRate: invoice.Some(decimal.NewFromInt(20))}}}
}

func guardJob(t *testing.T, now string, d Dates, last map[ledger.Series]invoice.Date) (*Job, *series) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	books := &series{last: last}
	return &Job{Company: "acme", Ledger: books, Router: straight{}, Accounts: []Account{{Name: "main"}}, Dates: d,
		Rules: mapping.Rules{Seller: party("7473004654", "Örnek A.Ş.")}, Clock: clock.NewManual(at)}, books
}

// The guard's whole decision: the clock is UTC as on a server, the law's day is Istanbul's (UTC+3, without daylight saving).
func TestSeriesGuard(t *testing.T) {
	t.Parallel()
	const noon = "2026-11-21T09:00:00Z"
	abc := func(year int, last string) map[ledger.Series]invoice.Date {
		return map[ledger.Series]invoice.Date{{Account: "main", Prefix: "ABC", Year: year}: day(t, last)}
	}
	move := Dates{OnLate: MoveLate}
	for name, c := range map[string]struct {
		now, sale string
		dates     Dates
		last      map[ledger.Series]invoice.Date
		change    func(*Job, *invoice.Sale)
		held      string // blocking codes
		issued    string // the invoice's day when it is not held
		moved     string // the sale's own day when it was moved
	}{
		"first of its series":                     {now: noon, sale: "2026-11-20", issued: "2026-11-20"},
		"a later day than the last":               {now: noon, sale: "2026-11-21", last: abc(2026, "2026-11-20"), issued: "2026-11-21"},
		"the same day: order is between days":     {now: noon, sale: "2026-11-20", last: abc(2026, "2026-11-20"), issued: "2026-11-20"},
		"earlier than a day already issued":       {now: noon, sale: "2026-11-19", last: abc(2026, "2026-11-20"), held: "series.late"},
		"earlier, moved by setting":               {now: noon, sale: "2026-11-19", dates: move, last: abc(2026, "2026-11-20"), issued: "2026-11-21", moved: "2026-11-19"},
		"another series is no hindrance":          {now: noon, sale: "2026-11-19", last: map[ledger.Series]invoice.Date{{Account: "main", Prefix: "XYZ", Year: 2026}: day(t, "2026-11-20")}, issued: "2026-11-19"},
		"another account is no hindrance":         {now: noon, sale: "2026-11-19", last: map[ledger.Series]invoice.Date{{Account: "old", Prefix: "ABC", Year: 2026}: day(t, "2026-11-20")}, issued: "2026-11-19"},
		"the default series of the kind":          {now: noon, sale: "2026-11-19", last: map[ledger.Series]invoice.Date{{Account: "main", Kind: invoice.EArsiv, Year: 2026}: day(t, "2026-11-20")}, change: func(_ *Job, s *invoice.Sale) { s.Prefix = "" }, held: "series.late"},
		"the default series of the other kind":    {now: noon, sale: "2026-11-19", last: map[ledger.Series]invoice.Date{{Account: "main", Kind: invoice.EFatura, Year: 2026}: day(t, "2026-11-20")}, change: func(_ *Job, s *invoice.Sale) { s.Prefix = "" }, issued: "2026-11-19"},
		"something of tomorrow was issued":        {now: noon, sale: "2026-11-20", dates: move, last: abc(2026, "2026-11-22"), held: "series.late"},
		"in the future":                           {now: noon, sale: "2026-11-22", held: "issue_date.future"},
		"the future is never moved":               {now: noon, sale: "2026-11-22", dates: move, held: "issue_date.future"},
		"no date":                                 {now: noon, sale: "", dates: move, held: "issue_date.missing"},
		"a typing mistake is never moved":         {now: noon, sale: "1926-11-20", dates: move, held: "issue_date.too_old"},
		"older than the setting":                  {now: noon, sale: "2026-11-10", change: func(j *Job, _ *invoice.Sale) { j.Rules.MaxAgeDays = 7 }, held: "issue_date.late"},
		"older than the setting, moved":           {now: noon, sale: "2026-11-10", dates: move, change: func(j *Job, _ *invoice.Sale) { j.Rules.MaxAgeDays = 7 }, issued: "2026-11-21", moved: "2026-11-10"},
		"seven days and blocking":                 {now: noon, sale: "2026-11-14", dates: Dates{BlockOverdue: true}, issued: "2026-11-14"},
		"eight days and blocking":                 {now: noon, sale: "2026-11-13", dates: Dates{BlockOverdue: true}, held: "issue_date.seven_days"},
		"eight days, blocking goes before moving": {now: noon, sale: "2026-11-13", dates: Dates{BlockOverdue: true, OnLate: MoveLate}, held: "issue_date.seven_days"},
		"eight days since the despatch": {now: noon, sale: "2026-11-20", dates: Dates{BlockOverdue: true}, change: func(_ *Job, s *invoice.Sale) {
			s.Despatches = []invoice.Reference{{Number: "IRS2026000000001", Date: invoice.Date{Year: 2026, Month: 11, Day: 13}}}
		}, held: "issue_date.seven_days"},

		"one second before midnight":         {now: "2026-11-20T20:59:59Z", sale: "2026-11-21", held: "issue_date.future"},
		"midnight in Istanbul":               {now: "2026-11-20T21:00:00Z", sale: "2026-11-21", issued: "2026-11-21"},
		"moved just after midnight":          {now: "2026-11-20T21:00:00Z", sale: "2026-11-18", dates: move, last: abc(2026, "2026-11-19"), issued: "2026-11-21", moved: "2026-11-18"},
		"the machine's New Year is later":    {now: "2026-12-31T21:00:00Z", sale: "2027-01-01", issued: "2027-01-01"},
		"not New Year yet":                   {now: "2026-12-31T20:59:59Z", sale: "2027-01-01", held: "issue_date.future"},
		"New Year's Eve, a minute too late":  {now: "2026-12-31T21:01:00Z", sale: "2026-12-31", issued: "2026-12-31"},
		"the old year's series goes on":      {now: "2027-01-02T09:00:00Z", sale: "2026-12-31", last: abc(2027, "2027-01-02"), issued: "2026-12-31"},
		"the old year's series knows order":  {now: "2027-01-02T09:00:00Z", sale: "2026-12-30", last: abc(2026, "2026-12-31"), held: "series.late"},
		"moved over New Year":                {now: "2027-01-02T09:00:00Z", sale: "2026-12-30", dates: move, last: abc(2026, "2026-12-31"), issued: "2027-01-02", moved: "2026-12-30"},
		"the last day for the old year":      {now: "2027-01-07T20:59:59Z", sale: "2026-12-31", issued: "2026-12-31"},
		"the old year is closed":             {now: "2027-01-07T21:00:00Z", sale: "2026-12-31", held: "issue_date.last_year"},
		"the old year is closed, moved":      {now: "2027-01-07T21:00:00Z", sale: "2026-12-31", dates: move, issued: "2027-01-08", moved: "2026-12-31"},
		"the old year is open by setting":    {now: "2027-01-20T09:00:00Z", sale: "2026-12-31", dates: Dates{LastYearDays: 20}, issued: "2026-12-31"},
		"two years ago":                      {now: "2027-01-03T09:00:00Z", sale: "2025-12-31", held: "issue_date.year_old issue_date.last_year"},
		"a branch that nobody described":     {now: noon, sale: "2026-11-21", change: func(j *Job, s *invoice.Sale) { s.Branch, j.Branches = "van", map[string]invoice.Party{"izmir": {}} }, held: "branch.unknown"},
		"a branch without any in the config": {now: noon, sale: "2026-11-21", change: func(_ *Job, s *invoice.Sale) { s.Branch = "van" }, issued: "2026-11-21"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, _ := guardJob(t, c.now, c.dates, c.last)
			sale := saleOf(day(t, c.sale))
			if c.change != nil {
				c.change(j, &sale)
			}
			d, err := j.Draft(t.Context(), erp.Loaded{Sale: sale}, ledger.Document{})
			if err != nil {
				t.Fatal(err)
			}
			held := d.Faults.Blocking()
			if got := sorted(held.Codes()); got != sorted(strings.Fields(c.held)) {
				t.Fatalf("held for %q, want %q: %+v", got, c.held, d.Faults)
			}
			for _, f := range d.Faults {
				if strings.Contains(f.Message.TR, "{") || strings.Contains(f.Message.EN, "{") || !f.Warning && f.Advice.TR == "" {
					t.Errorf("a sentence with holes: %+v", f)
				}
			}
			if c.held != "" {
				return
			}
			if d.Invoice.IssueDate != day(t, c.issued) || d.MovedFrom != day(t, c.moved) {
				t.Errorf("issued under %s, moved from %q", d.Invoice.IssueDate, d.MovedFrom)
			}
			told := strings.Contains(strings.Join(d.Faults.Codes(), " "), "series.moved") && d.Note != ""
			if told != (c.moved != "") {
				t.Errorf("moved from %q, but people are told: %t (%q)", c.moved, told, d.Note)
			}
			if now := j.Clock.Now().In(clock.Istanbul); c.moved != "" && d.Invoice.IssueTime != now.Format(time.TimeOnly) {
				t.Errorf("moved, but the time is %s", d.Invoice.IssueTime)
			}
		})
	}
}

func sorted(words []string) string { return strings.Join(slices.Sorted(slices.Values(words)), " ") }

// A pass asks once for each series, and what it sends itself makes no sale of the same pass late.
func TestSeriesIsAskedOncePerPass(t *testing.T) {
	t.Parallel()
	j, books := guardJob(t, "2026-11-21T09:00:00Z", Dates{}, map[ledger.Series]invoice.Date{})
	for _, date := range []string{"2026-11-21", "2026-11-19", "2026-11-20"} {
		books.last[ledger.Series{Account: "main", Prefix: "ABC", Year: 2026}] = day(t, date)
		if d, err := j.Draft(t.Context(), erp.Loaded{Sale: saleOf(day(t, "2026-11-18"))}, ledger.Document{}); err != nil || books.asked != 1 {
			t.Fatalf("asked %d times, %v, %+v", books.asked, err, d.Faults)
		}
	}
}

// A branch sells under its own address and the company's tax number.
func TestBranchIsTheSeller(t *testing.T) {
	t.Parallel()
	j, _ := guardJob(t, "2026-11-21T09:00:00Z", Dates{}, nil)
	izmir := party("7473004654", "Örnek A.Ş. İzmir Şubesi")
	izmir.Address.City, izmir.IDs = "İzmir", []invoice.PartyID{{Scheme: "SUBENO", Value: "2"}}
	j.Branches = map[string]invoice.Party{"izmir": izmir}
	sale := saleOf(day(t, "2026-11-21"))
	sale.Branch = "izmir"
	d, err := j.Draft(t.Context(), erp.Loaded{Sale: sale}, ledger.Document{})
	if err != nil || len(d.Faults.Blocking()) > 0 {
		t.Fatalf("%v %+v", err, d.Faults)
	}
	if s := d.Invoice.Seller; s.Address.City != "İzmir" || s.TaxNo != "7473004654" || len(s.IDs) != 1 {
		t.Errorf("sold by %+v", s)
	}
}

// Held sales are looked at again when today says something else of them than yesterday, and not more often.
func TestDayCame(t *testing.T) {
	t.Parallel()
	j, _ := guardJob(t, "2026-11-20T21:00:00Z", Dates{}, nil) // midnight in Istanbul: the 21st begins
	yesterday, today := time.Date(2026, 11, 20, 20, 59, 0, 0, time.UTC), time.Date(2026, 11, 20, 21, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		code, date string
		updated    time.Time
		want       bool
	}{
		"its day has come":             {"issue_date.future", "2026-11-21", today, true},
		"its day has passed":           {"issue_date.future", "2026-11-19", today, true},
		"its day is tomorrow":          {"issue_date.future", "2026-11-22", yesterday, false},
		"day four begins":              {"buyer.tax_no.missing", "2026-11-17", yesterday, true},
		"day four, told already":       {"buyer.tax_no.missing", "2026-11-17", today, false},
		"day three":                    {"buyer.tax_no.missing", "2026-11-18", yesterday, false},
		"the seven days are over":      {"buyer.tax_no.missing", "2026-11-13", yesterday, true},
		"long over: nothing new":       {"buyer.tax_no.missing", "2026-11-12", yesterday, false},
		"a route waits for a new list": {"route.no_list", "2026-11-17", yesterday, false},
		"no date":                      {"issue_date.missing", "", yesterday, false},
	} {
		if got := j.dayCame(ledger.Document{Code: c.code, IssueDate: day(t, c.date), UpdatedAt: c.updated}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
