package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/audit"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// shop is a ledger, an ERP and a provider in memory. The provider gives ETTNs of its own.
type shop struct {
	audit.Ledger // what is not asked for
	docs         []ledger.Document
	sales        map[string]erp.Loaded
	marks        []erp.KnownSale
	offered      []string
	issued       []audit.Issued
	meanwhile    func(*shop) // happens while the provider is asked
}

func (s *shop) Now(context.Context) (time.Time, error) { return noon.Add(time.Hour), nil }

func (s *shop) Documents(_ context.Context, f ledger.Filter) (out []ledger.Document, err error) {
	for _, d := range s.docs {
		if d.ID > f.AfterID && !d.UpdatedAt.Before(f.Since) {
			out = append(out, d)
		}
	}
	return out, nil
}

func (s *shop) LatestByKey(_ context.Context, _ string, keys []ledger.Key) (map[ledger.Key]ledger.Document, error) {
	out := map[ledger.Key]ledger.Document{}
	for _, d := range s.docs {
		if k := (ledger.Key{KeySpace: d.KeySpace, SaleKey: d.SaleKey}); slices.Contains(keys, k) {
			out[k] = d
		}
	}
	return out, nil
}

func (s *shop) Find(_ context.Context, _, ref string) (out []ledger.Document, err error) {
	for _, d := range s.docs {
		if ref == d.ETTN.String() || ref == d.LegalETTN().String() || ref == d.LocalReference || ref == d.SaleKey {
			out = append(out, d)
		}
	}
	return out, nil
}

func (s *shop) History(_ context.Context, id int64) ([]ledger.Event, error) {
	return []ledger.Event{
		{Document: id, Attempt: 1, Operation: ledger.OpCreate, Opened: true, At: noon},
		{Document: id, Attempt: 1, Operation: ledger.OpCreate, Class: "ok", At: noon},
	}, nil
}

func (s *shop) AuditTrail(context.Context, int64) ([]ledger.Audit, error) { return nil, nil }

func (s *shop) ListReceived(context.Context, ledger.ReceivedFilter) ([]ledger.Received, error) {
	return nil, nil
}

func (s *shop) Spaces() []string { return []string{"sale"} }

func (s *shop) Pending(_ context.Context, _ string, _ int, each func([]string) error) error {
	return each(s.offered)
}

func (s *shop) Known(_ context.Context, _ string, each func([]erp.KnownSale) error) error {
	return each(slices.Clone(s.marks))
}

func (s *shop) Load(_ context.Context, _ string, keys []string) ([]erp.Loaded, error) {
	out := make([]erp.Loaded, len(keys))
	for i, k := range keys {
		l, ok := s.sales[k]
		l.Missing = !ok
		out[i] = l
	}
	return out, nil
}

// Gather gives every invoice with its key, whatever the time: neighbouring days are the caller's to leave out.
func (s *shop) Gather(_ context.Context, b *audit.Books, _, _ time.Time) error {
	b.Complete, b.Inboxed = true, true
	b.Issued = slices.Clone(s.issued)
	if s.meanwhile != nil {
		s.meanwhile(s)
		b.Issued = slices.Clone(s.issued)
	}
	return nil
}

// day is the date of noon.
var day = invoice.DateOf(noon.In(clock.Istanbul))

func keyOf(sale string) uuid.UUID { return invoice.ETTN("4812057337", "erp1", "sale", sale, 1) }

// sell enters a sale, issues it on a day, and shows it in the ERP.
func (s *shop) sell(sale string, on invoice.Date) {
	id := int64(len(s.issued) + 1)
	at := on.In(clock.Istanbul).Add(12 * time.Hour)
	d := ledger.Document{ID: id, Company: "acme", KeySpace: "sale", SaleKey: sale, LocalReference: "acme:sale:" + sale, Revision: 1, ETTN: keyOf(sale),
		Assigned: uuid.New(), Number: "KLA2026" + sale, State: ledger.Accepted, Currency: "TRY", Payable: decimal.NewNullDecimal(decimal.NewFromInt(240)),
		SaleHash: "hash of " + sale, Account: "main", Version: 2, WrittenVersion: 2, CreatedAt: at, UpdatedAt: at, SentAt: at, FinalAt: at}
	s.docs = append(s.docs, d)
	s.issued = append(s.issued, audit.Issued{Account: "main", ETTN: d.Assigned, Key: d.ETTN, Number: d.Number, State: providers.StateAccepted, IssueDate: on})
	if s.sales == nil {
		s.sales = map[string]erp.Loaded{}
	}
	s.sales[sale] = erp.Loaded{Sale: invoice.Sale{Hash: d.SaleHash}}
	s.marks = append(s.marks, erp.KnownSale{Key: sale, ETTN: d.Assigned, Number: d.Number, State: "accepted"})
}

// audit runs an audit of all, or of one day.
func (s *shop) audit(t *testing.T, of invoice.Date) audit.Report {
	t.Helper()
	return s.auditBy(t, of, s, nil)
}

func (s *shop) auditBy(t *testing.T, of invoice.Date, evidence audit.Evidence, progress func(done, total int)) audit.Report {
	t.Helper()
	a := audit.Auditor{Company: "acme", Ledger: s, Evidence: evidence, Progress: progress, ERP: func(context.Context) (audit.ERP, error) { return s, nil },
		ETTN: func(k ledger.Key, revision int) uuid.UUID {
			return invoice.ETTN("4812057337", "erp1", k.KeySpace, k.SaleKey, revision)
		}}
	if !of.IsZero() {
		a.OfDay, a.Since, a.Until = of, of.In(clock.Istanbul), of.AddDays(1).In(clock.Istanbul)
	}
	report, err := a.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func says(r audit.Report) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, string(f.Invariant)+" "+f.Ref+": "+f.Says)
	}
	return strings.Join(all, "\n")
}

// A daemon that works beside the audit makes no differences: what it sends meanwhile is left out on every side.
func TestDocumentsThatMoveMeanwhileAreNoDifference(t *testing.T) {
	t.Parallel()
	s := &shop{}
	s.sell("1", day)
	s.sell("2", day)
	later := s.docs[1]
	s.docs[1].State, s.docs[1].Assigned, s.docs[1].Number, s.docs[1].Version, s.docs[1].WrittenVersion = ledger.Sending, uuid.Nil, "", 1, 0
	shown := s.marks[1]
	s.marks = s.marks[:1]
	s.meanwhile = func(s *shop) {
		s.docs[1], s.marks = later, append(s.marks, shown)
		s.sell("3", day) // discovered and sent
	}
	report := s.audit(t, invoice.Date{})
	if len(report.Findings) != 0 || report.Moving != 2 || report.Foreign != 0 {
		t.Errorf("%d moving, %d foreign, found %s", report.Moving, report.Foreign, says(report))
	}
	s.meanwhile = nil
	if report := s.audit(t, invoice.Date{}); len(report.Findings) != 0 || report.Moving != 0 {
		t.Errorf("then: %d moving, found %s", report.Moving, says(report))
	}
}

// An edited sale is a difference at once, also where the ERP's mark of it is lost, and none any more when the edit is undone.
func TestEditedSalesAreADifferenceAtOnce(t *testing.T) {
	t.Parallel()
	s := &shop{}
	s.sell("1", day)
	s.sell("2", day)
	as := s.sales["1"]
	s.sales["1"] = erp.Loaded{Sale: invoice.Sale{Hash: "60,000 instead of 240"}}
	const want = "I3 acme:sale:1: The sale was changed"
	if report := s.audit(t, invoice.Date{}); !strings.HasPrefix(says(report), want) || len(report.Findings) != 1 {
		t.Errorf("found %s", says(report))
	}
	marks := s.marks
	s.marks = s.marks[1:]
	if report := s.audit(t, invoice.Date{}); !strings.Contains(says(report), want) {
		t.Errorf("without its mark: found %s", says(report))
	}
	s.marks, s.sales["1"] = marks, as
	s.docs[0].Changed = true // when it was last looked at
	if report := s.audit(t, invoice.Date{}); len(report.Findings) != 0 {
		t.Errorf("undone: found %s", says(report))
	}
}

// The audit of a day is about that day, and foreign is what no document of any day is.
func TestADayIsThatDay(t *testing.T) {
	t.Parallel()
	s := &shop{}
	s.sell("1", day)
	s.sell("2", day.AddDays(-1))
	s.sell("3", day.AddDays(1))
	s.sell("4", day.AddDays(2)) // sent two days late, under its own date
	s.issued[3].IssueDate = day
	s.issued = append(s.issued,
		audit.Issued{Account: "main", ETTN: uuid.New(), Number: "PRT1", State: providers.StateAccepted, IssueDate: day},
		audit.Issued{Account: "main", ETTN: uuid.New(), Number: "PRT2", State: providers.StateAccepted, IssueDate: day.AddDays(1)},
		audit.Issued{Account: "main", ETTN: uuid.New(), LocalReference: "4", Number: "PRT3", State: providers.StateAccepted, IssueDate: day})
	report := s.audit(t, day)
	if len(report.Findings) != 0 || report.Foreign != 2 {
		t.Errorf("%d foreign, want 2; found %s", report.Foreign, says(report))
	}
	if all := s.audit(t, invoice.Date{}); len(all.Findings) != 0 || all.Foreign != 3 {
		t.Errorf("of all days %d foreign, want 3; found %s", all.Foreign, says(all))
	}
}

// What a restored ledger forgot is named by its sale, when the ERP still has it.
func TestForgottenInvoicesAreNamed(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*shop){
		"shown":   func(*shop) {},
		"offered": func(s *shop) { s.marks, s.offered = nil, []string{"7"} },
		"unnamed": func(s *shop) { s.marks = nil },
	} {
		for _, of := range []invoice.Date{{}, day} {
			s := &shop{}
			s.sell("7", day)
			s.docs = nil
			forget(s)
			want := "I2 acme:sale:7: The provider has accepted KLA20267 for sale acme:sale:7, which the ledger does not know"
			if name == "unnamed" {
				want = strings.ReplaceAll(want, "acme:sale:7", keyOf("7").String())
			}
			if report := s.audit(t, of); !strings.Contains(says(report), want) || report.Foreign != 0 {
				t.Errorf("%s: %d foreign, found %s\nwant %s", name, report.Foreign, says(report), want)
			}
		}
	}
}
