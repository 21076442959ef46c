package mapping

import (
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// maxFixes bounds the lines that are named one by one: more of them are one mistake, not many.
const maxFixes = 5

// fixes lists what may be done about totals that no rounding reproduces. Corrections in the ERP come first. A setting is
// named only when the sale was worked out with it and comes out; which one is right is for the accountant to say.
func fixes(sale invoice.Sale, rules Rules, e Explanation) []invoice.Text {
	out := corrections(e)
	for _, cents := range []int64{2, 5, 10} {
		r := rules
		r.Tolerance = decimal.New(cents, -2)
		if r.Tolerance.GreaterThan(rules.tolerance()) && solves(sale, r) {
			out = append(out, invoice.Text{
				TR: "Ayarlarda [company.rules] tolerance = \"" + r.Tolerance.String() + "\" ERP'nin satır tutarlarını olduğu gibi kabul eder.",
				EN: "The setting [company.rules] tolerance = \"" + r.Tolerance.String() + "\" takes the ERP's line amounts as they are.",
			})
			break
		}
	}
	for _, t := range e.Totals {
		if t.What != "gross" || t.Diff.IsZero() || t.Diff.Abs().GreaterThan(one) {
			continue
		}
		r := rules
		r.PayableRounding = t.Diff.Abs()
		if r.PayableRounding.GreaterThan(rules.PayableRounding) && solves(sale, r) {
			out = append(out, invoice.Text{
				TR: "Ayarlarda [company.rules] payable_rounding = \"" + r.PayableRounding.String() + "\" farkı faturada yuvarlama tutarı olarak gösterir.",
				EN: "The setting [company.rules] payable_rounding = \"" + r.PayableRounding.String() + "\" shows the difference as a rounding on the invoice.",
			})
		}
	}
	return out
}

// corrections says what to type in the ERP: on the lines that are off, else in the totals.
func corrections(e Explanation) []invoice.Text {
	if out := lineFixes(e); len(out) > 0 {
		return out
	}
	if len(e.Totals) == 0 {
		return nil
	}
	return []invoice.Text{totalFix(e)}
}

// lineFixes names the lines whose booked net or VAT is not what they give.
func lineFixes(e Explanation) []invoice.Text {
	var out []invoice.Text
	for _, l := range e.Lines {
		for _, x := range []struct {
			booked invoice.NullDecimal
			want   decimal.Decimal
			tr, en string
		}{{l.ERPNet, l.Net, "tutar", "net"}, {l.ERPVAT, l.VAT, "KDV", "VAT"}} {
			if !x.booked.Valid || near(x.booked.Decimal, x.want, halfKurus) || len(out) == maxFixes {
				continue
			}
			out = append(out, invoice.Text{
				TR: "Satır " + l.No + ": ERP'deki " + x.tr + " " + amount(x.booked.Decimal, "tr") + " yerine " + amount(x.want, "tr") + " olmalı.",
				EN: "Line " + l.No + ": the ERP's " + x.en + " should be " + amount(x.want, "en") + ", not " + amount(x.booked.Decimal, "en") + ".",
			})
		}
	}
	return out
}

// totalFix names the totals that the lines give.
func totalFix(e Explanation) invoice.Text {
	var tr, en []string
	for _, t := range e.Totals {
		tr = append(tr, totalWords[t.What].TR+" "+amount(t.Computed, "tr"))
		en = append(en, totalWords[t.What].EN+" "+amount(t.Computed, "en"))
	}
	return invoice.Text{
		TR: "ERP'de toplamları satırlara göre düzeltin: " + strings.Join(tr, ", ") + ".",
		EN: "Correct the totals in the ERP to what the lines give: " + strings.Join(en, ", ") + ".",
	}
}

// solves reports whether the totals are reproduced under rules.
func solves(sale invoice.Sale, rules Rules) bool {
	_, faults := FromSale(sale, rules)
	for _, f := range faults.Blocking() {
		if strings.HasPrefix(f.Code, "totals.") || f.Code == "line.net.mismatch" {
			return false
		}
	}
	return true
}
