package mapping

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// lineTax reads the VAT rate, the reason for VAT 0, the withholding and the other taxes of a line.
func (m *mapper) lineTax(it *item) {
	l := it.src
	if m.sale.Kind == invoice.EMM {
		m.untaxed(it)
		m.lineTaxes(it)
		return
	}
	switch {
	case !l.VATRate.Valid:
		m.broken = true
		m.lineFault("line.vat_rate.missing", it.pos, "vat_rate", "")
	case l.VATRate.Decimal.IsNegative():
		m.broken = true
		m.lineFault("line.vat_rate.illegal", it.pos, "vat_rate", l.VATRate.Decimal.String(), m.ratesText())
	default:
		it.rate = l.VATRate.Decimal
	}
	m.lineExemption(it)
	if !m.rules.legalRate(it.rate) && it.exemption.Code != codes.RateUnchecked && it.rate.IsPositive() {
		m.lineFault("line.vat_rate.illegal", it.pos, "vat_rate", it.rate.String(), m.ratesText())
	}
	m.lineWithholding(it)
	it.effective = it.rate
	if m.wish.typ == returnWithheld && it.withheld { // only the part that was paid comes back, and nothing is withheld
		it.effective = it.rate.Mul(hundred.Sub(it.withholding.Rate.Decimal)).Shift(-2)
		it.withheld, m.partReturned = false, true
	}
	it.shown = it.rate.IsPositive() && (codes.RegisteredExport(it.exemption.Code) || codes.InvestmentExempt(it.exemption.Code))
	m.lineTaxes(it)
}

func (m *mapper) ratesText() string {
	var parts []string
	for _, r := range m.rules.vatRates() {
		parts = append(parts, r.String())
	}
	return strings.Join(parts, ", ")
}

// lineExemption finds code and text of the reason: the line's own, the sale's, or the company's rule.
func (m *mapper) lineExemption(it *item) {
	e := it.src.Exemption
	e.Code = clean(e.Code)
	if it.rate.IsPositive() {
		for _, next := range []invoice.Exemption{m.sale.Exemption, m.chargedExemption(it)} {
			if e.Code == "" && codes.Charged(next.Code) && (next.Code != codes.RateUnchecked || !m.rules.legalRate(it.rate)) {
				e = next
			}
		}
		if e.Code == "" {
			return
		}
		if !codes.Charged(e.Code) {
			m.lineFault("line.exemption.unused", it.pos, "exemption_code", e.Code)
			return
		}
	} else if it.src.VATRate.Valid {
		for _, next := range []invoice.Exemption{m.sale.Exemption, m.chargedExemption(it), m.defaultExemption()} {
			if e.Code == "" {
				e = next
			}
		}
	}
	e.Code, e.Reason = clean(e.Code), clean(e.Reason)
	if e.Code == "" {
		if it.src.VATRate.Valid && !m.isReturn() { // GİB asks for no reason on returns
			m.lineFault("line.exemption.missing", it.pos, "exemption_code", "")
		}
		return
	}
	known, ok := codes.ExemptionOf(e.Code)
	if !ok {
		m.lineFault("line.exemption.unknown", it.pos, "exemption_code", e.Code)
		return
	}
	if e.Reason == "" {
		e.Reason = known.Name
	}
	it.exemption = e
}

// chargedExemption is the code that follows from the scenario and stands beside VAT above 0.
func (m *mapper) chargedExemption(it *item) invoice.Exemption {
	asset := cleanAsset(it.src.Asset)
	switch {
	case m.wish.scenario == taxFree:
		return invoice.Exemption{Code: codes.TaxFree}
	case m.wish.scenario != codes.Investment || m.wish.typ != exempt || asset == nil:
	case asset.Class == "01":
		return invoice.Exemption{Code: codes.InvestmentMachine}
	case asset.Class == "02":
		return invoice.Exemption{Code: codes.InvestmentWorks}
	}
	return invoice.Exemption{}
}

func (m *mapper) defaultExemption() invoice.Exemption {
	e := m.rules.Exemption
	if c := strings.ToUpper(clean(m.sale.Buyer.Address.Country)); c != "" && c != "TR" || codes.EFaturaOnly(m.wish.scenario) {
		e = m.rules.ExportExemption
	}
	if e.Code == "" && m.wish.scenario == export {
		e.Code = codes.ExportGoods
	}
	return e
}

// lineWithholding checks code and percent; a code with one percent in force needs none from the ERP.
func (m *mapper) lineWithholding(it *item) {
	w := it.src.Withholding
	if w.Code == "" && !it.rate.IsZero() {
		w = invoice.Withholding{Code: m.sale.Withholding.Code, Rate: first(w.Rate, m.sale.Withholding.Rate)}
	}
	w.Code = clean(w.Code)
	if w.Code == "" {
		if w.Rate.Valid && !w.Rate.Decimal.IsZero() {
			m.lineFault("line.withholding.no_code", it.pos, "withholding_code", w.Rate.Decimal.String())
		}
		return
	}
	known, ok := codes.WithholdingOf(w.Code)
	if !ok {
		m.lineFault("line.withholding.unknown", it.pos, "withholding_code", w.Code)
		return
	}
	if !w.Rate.Valid || w.Rate.Decimal.IsZero() {
		w.Rate = invoice.Some(decimal.RequireFromString(known.Now))
	}
	if !slices.Contains(known.Percents, w.Rate.Decimal.String()) {
		m.lineFault("line.withholding.rate", it.pos, "withholding_rate", w.Rate.Decimal.String(), w.Code, strings.Join(known.Percents, " / %"))
	}
	if it.rate.IsZero() {
		m.lineFault("line.withholding.no_vat", it.pos, "withholding_code", w.Code)
	}
	it.withholding, it.withheld = w, true
}

func first(values ...invoice.NullDecimal) invoice.NullDecimal {
	for _, v := range values {
		if v.Valid {
			return v
		}
	}
	return invoice.NullDecimal{}
}
