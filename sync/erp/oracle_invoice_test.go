package erp

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
	"faturad/mapping"
)

// excused are the faults that rows of the oracles may be held for: the edge says why.
var excused = []string{"buyer.tax_no.checksum", "return.missing", "return.original_unsent", "return.number", "return.date"}

// companyRules are those of a company that lets every buyer of the oracles through.
func companyRules() mapping.Rules {
	return mapping.Rules{
		Today: invoice.Date{Year: 2026, Month: 11, Day: 30}, District: "MERKEZ", ForeignPlaceholder: true,
		Seller: invoice.Party{TaxNo: "1002003001", TaxOffice: "Ostim", Name: "Deniz Yapı Malzemeleri A.Ş.",
			Address: invoice.Address{Street: "İnönü Cad. No: 5", District: "Yenimahalle", City: "Ankara"}},
		Anonymous: &invoice.Party{Name: "Nihai Tüketici", Address: invoice.Address{District: "Konak", City: "İzmir"}},
		Exemption: invoice.Exemption{Code: codes.NotExempt}, ExportExemption: invoice.Exemption{Code: codes.ExportGoods},
	}
}

// compareInvoice maps a sale and compares net, VAT, total, and base and VAT of each rate of the invoice with the oracle, to the
// kuruş. It reports whether the sale became an invoice.
func compareInvoice(t *testing.T, s invoice.Sale, o oracle) bool {
	t.Helper()
	if s.ReturnKey != "" && (s.Return == nil || s.Return.Number == "") { // the ledger knows the original's number
		s.Return = &invoice.Reference{Number: "FTR2026000000017", Date: s.IssueDate}
	}
	inv, faults := mapping.FromSale(s, companyRules())
	for _, f := range faults.Blocking() {
		if !slices.Contains(excused, f.Code) {
			t.Errorf("%s %s is held: %s %s", o["sale_key"], o["edge"], f.Code, f.Message.EN)
		}
	}
	if len(faults.Blocking()) > 0 {
		return false
	}
	for field, got := range map[string]decimal.Decimal{"net": inv.Totals.TaxExclusive, "vat": inv.Totals.VAT, "gross": inv.Totals.TaxInclusive} {
		if !got.Equal(decimal.RequireFromString(o[field])) {
			t.Errorf("%s: the invoice's %s is %s, want %s", o["sale_key"], field, got, o[field])
		}
	}
	want := map[string]string{}
	for part := range strings.SplitSeq(o["vat_by_rate"], ";") {
		rate, amounts, _ := strings.Cut(part, ":")
		want[rate] = amounts
	}
	for _, tax := range inv.Taxes {
		if got := tax.Taxable.StringFixed(2) + "/" + tax.Amount.StringFixed(2); got != want[tax.Rate.String()] {
			t.Errorf("%s: rate %s of the invoice is %s, want %s", o["sale_key"], tax.Rate, got, want[tax.Rate.String()])
		}
	}
	return true
}
