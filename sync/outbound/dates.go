package outbound

import (
	"context"
	"slices"
	"strconv"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// LatePolicy says what becomes of a sale under whose day no invoice can be issued any more.
type LatePolicy string

// The policies.
const (
	HoldLate LatePolicy = "hold"  // held for a person; also when empty
	MoveLate LatePolicy = "today" // the invoice is dated today, and everybody is told
)

// defaultLastYearDays is how far into January a date of the old year is taken: the seven days of VUK 231/5.
const defaultLastYearDays = 7

// Dates are a company's rules about days that hang on the clock and on what was issued before; mapping has those that
// follow from the sale alone. The zero value holds what is late.
type Dates struct {
	OnLate       LatePolicy
	LastYearDays int  // a date of last year is taken until this day of January; 0 = 7
	BlockOverdue bool // hold what was delivered more than seven days ago; else it is only a warning
}

// The codes of what moving to today can mend: mapping's, and ours.
var late = []string{"issue_date.late", "issue_date.year_old", "issue_date.last_year"}

// judge finds what is wrong with a sale's day today.
func (d Dates) judge(sale invoice.Sale, today invoice.Date) invoice.Faults {
	var faults invoice.Faults
	date := sale.IssueDate
	if date.IsZero() || date.Year < 2005 || today.Before(date) {
		return nil // mapping says so
	}
	days := d.LastYearDays
	if days <= 0 {
		days = defaultLastYearDays
	}
	if until := (invoice.Date{Year: date.Year + 1, Month: time.January, Day: days}); date.Year < today.Year && until.Before(today) {
		faults = append(faults, invoice.NewFault("issue_date.last_year", "issue_date", date.String(), until.String()))
	}
	from := delivered(sale)
	if age := from.DaysUntil(today); d.BlockOverdue && age > ledger.DeadlineDays {
		faults = append(faults, invoice.NewFault("issue_date.seven_days", "issue_date", from.String(), strconv.Itoa(age)))
	}
	return faults
}

// delivered is the day from which the seven days count: that of the first despatch, else the sale's own.
func delivered(sale invoice.Sale) invoice.Date {
	day := sale.IssueDate
	for _, r := range sale.Despatches {
		if !r.Date.IsZero() && r.Date.Before(day) {
			day = r.Date
		}
	}
	return day
}

// Drafted is a sale on its way to an invoice.
type Drafted struct {
	Sale      invoice.Sale // as read; its day is still its own
	Invoice   invoice.Invoice
	Faults    invoice.Faults // all of them, warnings too
	MovedFrom invoice.Date   // the sale's day when the invoice got today's; zero = it kept it
	Route     providers.Route
	Note      string // why this route and this day, when there was a choice

	reference string // local reference of the document; empty = a preview

	beside invoice.Faults // those that no mapping finds: of reading, and of our own rules about the day
}

// Draft makes an invoice and a route of one sale as a pass would, storing nothing: for previews. doc is what the ledger knows of
// the sale; of one that it does not know, the key alone.
func (j *Job) Draft(ctx context.Context, loaded erp.Loaded, doc ledger.Document) (Drafted, error) {
	d := j.draft(loaded.Sale, loaded.Faults, true)
	if len(d.Faults.Blocking()) > 0 {
		return d, nil
	}
	drafts := []*Drafted{&d}
	err := j.routeAll(ctx, drafts)
	if err == nil {
		err = j.guardSeries(ctx, drafts)
	}
	if err == nil {
		err = j.showTwin(ctx, &d, doc)
	}
	return d, err
}

// today is the day in Istanbul, whatever zone the machine keeps.
func (j *Job) today() invoice.Date { return invoice.DateOf(j.Clock.Now().In(clock.Istanbul)) }

// draft maps a sale. read is what reading it found. Without movable its day is not judged: the document may exist already,
// under that day.
func (j *Job) draft(sale invoice.Sale, read invoice.Faults, movable bool) Drafted {
	d := Drafted{Sale: sale, beside: read}
	if movable {
		d.beside = slices.Concat(read, j.Dates.judge(sale, j.today()))
	}
	d.Invoice, d.Faults = j.mapped(sale)
	d.Faults = append(slices.Clone(d.beside), d.Faults...)
	if movable && j.Dates.OnLate == MoveLate && slices.ContainsFunc(d.Faults, tooLate) {
		j.move(&d)
	}
	return d
}

// mapped maps a sale by the rules of its branch.
func (j *Job) mapped(sale invoice.Sale) (invoice.Invoice, invoice.Faults) {
	rules := j.Rules
	rules.Today = j.today()
	var unknown invoice.Faults
	if sale.Branch != "" && len(j.Branches) > 0 {
		seller, ok := j.Branches[sale.Branch]
		if ok {
			rules.Seller = seller
		} else {
			unknown = invoice.Faults{invoice.NewFault("branch.unknown", "branch", sale.Branch)}
		}
	}
	inv, faults := j.invoiceOf(sale, rules)
	return inv, append(unknown, faults...)
}

func tooLate(f invoice.Fault) bool { return !f.Warning && slices.Contains(late, f.Code) }

// move dates the invoice today and maps the sale again; what was wrong with its own day is told as a warning instead.
// The exchange rate stays the ERP's.
func (j *Job) move(d *Drafted) {
	now := j.Clock.Now().In(clock.Istanbul)
	sale := d.Sale
	d.MovedFrom = sale.IssueDate
	sale.IssueDate, sale.IssueTime = invoice.DateOf(now), now.Format(time.TimeOnly)
	var faults invoice.Faults
	d.Invoice, faults = j.mapped(sale)
	moved := invoice.NewFault("series.moved", "issue_date", d.MovedFrom.String(), sale.IssueDate.String())
	d.Faults = slices.Concat(slices.DeleteFunc(slices.Clone(d.beside), tooLate), faults, invoice.Faults{moved})
	d.Note = joinNotes(d.Note, moved.Message.EN)
}

// guardSeries compares each day with what was issued before this pass in the same series: a sale of an earlier day is
// held, or moved to today. Only whole days count, and only documents with a number: those that are in flight, unknown or
// disputed never stand in a new one's way, and what one pass sends is one go, whatever order its answers come in.
func (j *Job) guardSeries(ctx context.Context, drafts []*Drafted) error {
	account := j.Accounts[0].Name
	today := j.today()
	if err := j.lookUpSeries(ctx, account, today, drafts); err != nil {
		return err
	}
	for _, d := range drafts {
		if len(d.Faults.Blocking()) > 0 {
			continue
		}
		last := j.issued[ledger.SeriesOf(account, d.Route.Prefix, d.Route.Kind, d.Invoice.IssueDate)]
		if !d.Invoice.IssueDate.Before(last) {
			continue
		}
		if j.Dates.OnLate == MoveLate {
			last = j.issued[ledger.SeriesOf(account, d.Route.Prefix, d.Route.Kind, today)]
			if j.move(d); !today.Before(last) {
				continue
			}
		}
		d.Faults = append(d.Faults, invoice.NewFault("series.late", "issue_date", d.Sale.IssueDate.String(), seriesName(d.Route, j.Language), last.String()))
	}
	return nil
}

// lookUpSeries fills what this pass knows of series: each is asked for once, when it is first met.
func (j *Job) lookUpSeries(ctx context.Context, account string, today invoice.Date, drafts []*Drafted) error {
	var ask []ledger.Series
	for _, d := range drafts {
		if len(d.Faults.Blocking()) > 0 {
			continue
		}
		for _, date := range []invoice.Date{d.Invoice.IssueDate, today} {
			s := ledger.SeriesOf(account, d.Route.Prefix, d.Route.Kind, date)
			if _, known := j.issued[s]; !known && !slices.Contains(ask, s) {
				ask = append(ask, s)
			}
		}
	}
	if len(ask) == 0 {
		return nil
	}
	found, err := j.Ledger.LastIssued(ctx, j.Company, ask)
	if err != nil {
		return err
	}
	if j.issued == nil {
		j.issued = map[ledger.Series]invoice.Date{}
	}
	for _, s := range ask {
		j.issued[s] = found[s]
	}
	return nil
}

// seriesName is how people know the series of a route.
func seriesName(r providers.Route, language string) string {
	if r.Prefix != "" {
		return r.Prefix
	}
	kind := map[invoice.Kind]string{invoice.EFatura: "e-Fatura", invoice.EArsiv: "e-Arşiv", invoice.EMM: "e-Müstahsil", invoice.ESMM: "e-SMM"}[r.Kind]
	return invoice.Text{TR: "varsayılan " + kind, EN: "default " + kind}.In(language)
}

func joinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// Redraft makes the invoice that a document which exists at the provider would become from its sale as it is now, storing
// nothing: for updates under the same ETTN. Its day is not judged, since the number was given under it, and a day that
// was moved stays moved.
func (j *Job) Redraft(ctx context.Context, doc ledger.Document, loaded erp.Loaded) (Drafted, error) {
	sale := loaded.Sale
	if j.Dates.OnLate == MoveLate && sale.IssueDate.Before(doc.IssueDate) {
		sale.IssueDate = doc.IssueDate
	}
	d := j.draft(sale, loaded.Faults, false)
	d.reference = doc.LocalReference
	if len(d.Faults.Blocking()) > 0 {
		return d, nil
	}
	return d, j.routeAll(ctx, []*Drafted{&d})
}

// Content is what the ledger keeps of a sale and the invoice that was made of it.
func (d Drafted) Content() ledger.Patch {
	return ledger.Patch{
		SaleNumber: &d.Sale.Number, SaleHash: &d.Sale.Hash, Convention: ptr(string(d.Invoice.Convention)),
		BuyerTaxNo: &d.Invoice.Buyer.TaxNo, BuyerName: ptr(partyName(realBuyer(d.Invoice))), Currency: &d.Invoice.Currency,
		Payable: &d.Invoice.Totals.Payable, IssueDate: &d.Invoice.IssueDate, Changed: ptr(false), Route: &d.Route,
	}
}
