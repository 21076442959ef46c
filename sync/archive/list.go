package archive

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// row is one invoice of a month's list.
type row struct {
	way                            ledger.Direction
	ettn                           uuid.UUID
	number, taxNo, name            string
	product, scenario, kind, state string
	issuedOn                       invoice.Date
	currency                       string
	net, vat, withheld, gross      decimal.NullDecimal
	payable                        decimal.Decimal
	has                            [2]string // UBL, PDF: var, eksik, or empty = not kept
	sum                            string
	counts                         bool // in the totals
}

// read takes the totals from the invoice itself.
func (r *row) read(i invoice.Invoice) {
	r.scenario, r.kind, r.currency = i.Scenario, i.Type, i.Currency
	t := i.Totals
	r.net, r.vat = decimal.NewNullDecimal(t.TaxExclusive), decimal.NewNullDecimal(t.VAT)
	r.withheld, r.gross = decimal.NewNullDecimal(t.Withheld), decimal.NewNullDecimal(t.TaxInclusive)
	r.payable = t.Payable
}

// list is a month's list of one direction.
type list struct{ rows []row }

func newList() *list { return &list{} }

func (l *list) add(r row) { l.rows = append(l.rows, r) }

// heads are the list's columns.
var heads = []string{"Fatura No", "ETTN", "Belge Türü", "Senaryo", "Fatura Tipi", "Fatura Tarihi", "VKN/TCKN", "Unvan / Ad Soyad", "Para Birimi",
	"Matrah", "KDV", "Tevkifat", "Vergiler Dahil", "Ödenecek", "Durum", "UBL", "PDF", "UBL SHA-256"}

// byteOrderMark tells Excel that the file is UTF-8.
const byteOrderMark = "\uFEFF"

// write prints the list as Excel in Türkiye reads it: UTF-8 with its mark, semicolons, comma as decimal separator.
func (l *list) write(w io.Writer) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	lines := [][]string{heads}
	for _, r := range l.rows {
		lines = append(lines, []string{plain(r.number), r.ettn.String(), r.product, plain(r.scenario), plain(r.kind), r.issuedOn.String(), plain(r.taxNo),
			plain(r.name), plain(r.currency), some(r.net), some(r.vat), some(r.withheld), some(r.gross), amount(r.payable), r.state, r.has[0], r.has[1], r.sum})
	}
	for _, t := range l.totals("") {
		lines = append(lines, []string{"TOPLAM", "", string(t.Receipt), "", "", "", "", "iptal ve ret hariç", t.Currency, amount(t.Net), amount(t.VAT), "", "", amount(t.Payable), "", "", "", ""})
	}
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	return out.Error()
}

// totals adds up by currency what counts, receipts of each kind apart.
func (l *list) totals(way ledger.Direction) []Total {
	type group struct {
		receipt  invoice.Kind
		currency string
	}
	by := map[group]*Total{}
	for _, r := range l.rows {
		if !r.counts {
			continue
		}
		g := group{currency: r.currency}
		if kind := invoice.Kind(r.product); kind.Receipt() {
			g.receipt = kind
		}
		t := by[g]
		if t == nil {
			t = &Total{Direction: way, Receipt: g.receipt, Currency: r.currency}
			by[g] = t
		}
		t.Count++
		t.Net, t.VAT, t.Payable = t.Net.Add(r.net.Decimal), t.VAT.Add(r.vat.Decimal), t.Payable.Add(r.payable)
	}
	var out []Total
	for _, t := range by {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.Receipt, b.Receipt), cmp.Compare(a.Currency, b.Currency))
	})
	return out
}

func amount(d decimal.Decimal) string { return strings.Replace(d.StringFixed(2), ".", ",", 1) }

func some(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return amount(d.Decimal)
}

// plain keeps a spreadsheet from taking a sender's text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
