package mapping

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

// headerTax spreads a tax beside VAT that the ERP books once for the whole sale (konaklama vergisi, ÖİV, stopaj) over the
// lines, where UBL-TR has its place: by its rate, or without one in proportion to the lines.
func (m *mapper) headerTax(items []item) {
	code := clean(m.sale.OtherTaxCode)
	booked, rate := m.sale.OtherTaxes, m.sale.OtherTaxRate
	if code == "" || m.broken || booked.Decimal.IsZero() && rate.Decimal.IsZero() {
		return
	}
	name, known := m.taxName(code)
	switch {
	case code == codes.VAT || code == "9015" || !known:
		m.numbersFault("totals.other_tax_code", "other_tax_code", code)
	case booked.Decimal.IsNegative():
		m.numbersFault("totals.negative", "other_taxes", booked.Decimal.String())
	case rate.Decimal.IsNegative():
		m.numbersFault("totals.negative", "other_tax_rate", rate.Decimal.String())
	}
	sum := decimal.Zero
	for i := range items {
		if len(items[i].taxes) > 0 {
			m.numbersFault("totals.other_tax_twice", "other_tax_code", code)
		}
		sum = sum.Add(items[i].exactNet())
	}
	if m.broken || !sum.IsPositive() {
		return
	}
	exact := make([]decimal.Decimal, len(items))
	for i := range items {
		x := itemTax{code: code, name: name, rate: rate.Decimal, deducted: m.deducts(code), fixed: !rate.Decimal.IsPositive()}
		x.inBase = codes.Excise(code)
		if x.fixed {
			exact[i] = items[i].exactNet().Mul(booked.Decimal).DivRound(sum, precise)
		}
		items[i].taxes = append(items[i].taxes, x)
	}
	if !booked.Valid {
		return
	}
	if rate.Decimal.IsPositive() {
		for i := range items {
			exact[i] = vatOf(items[i].exactNet(), rate.Decimal)
		}
	}
	// The ERP rounds once; its kuruş go to the lines whose own rounding lost most. Where that does not fit, the rate alone
	// counts, and the totals tell whether it does.
	if parts, ok := allot(exact, booked.Decimal.Round(2)); ok {
		for i := range items {
			items[i].taxes[0].booked = invoice.Some(parts[i])
		}
	}
}
