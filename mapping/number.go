package mapping

import (
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// numbers refuses numbers of absurd length before anything is computed with them: a text column may hold 1e9999,
// and sums with that are slow and senseless. It reports whether all are usable.
func (m *mapper) numbers() bool {
	s := m.sale
	m.inRange("exchange_rate", s.Rate)
	m.inRange("net", s.Net)
	m.inRange("vat", s.VAT)
	m.inRange("gross", s.Gross)
	m.inRange("payable", s.Payable)
	m.inRange("withheld", s.Withheld)
	m.inRange("other_taxes", s.OtherTaxes)
	m.inRange("other_tax_rate", s.OtherTaxRate)
	m.inRange("discount", s.Discount)
	m.inRange("discount_rate", s.DiscountRate)
	m.inRange("charge", s.Charge)
	m.inRange("charge_vat_rate", s.ChargeVATRate)
	m.inRange("withholding_rate", s.Withholding.Rate)
	for i := range s.Lines {
		l := &s.Lines[i]
		for _, f := range [...]struct {
			column string
			value  *invoice.NullDecimal
		}{{"quantity", &l.Quantity}, {"unit_price", &l.UnitPrice}, {"discount_rate", &l.DiscountRate}, {"discount", &l.Discount},
			{"charge", &l.Charge}, {"net", &l.Net}, {"vat_rate", &l.VATRate}, {"vat", &l.VAT}, {"gross", &l.Gross}, {"withholding_rate", &l.Withholding.Rate}} {
			if !usable(f.value.Decimal) {
				m.broken = true
				m.lineFault("number.range", i+1, f.column, "", f.column)
			}
		}
		for _, t := range l.Taxes {
			m.inRange("tax_amount", t.Amount)
			m.inRange("tax_rate", t.Rate)
		}
	}
	return !m.broken
}

func (m *mapper) inRange(field string, d invoice.NullDecimal) {
	if !usable(d.Decimal) {
		m.numbersFault("number.range", field, "", field)
	}
}

// usable bounds a number to 40 digits, of which at most 30 stand behind the point.
func usable(d decimal.Decimal) bool {
	return d.Exponent() >= -30 && d.Exponent() <= 18 && d.NumDigits() <= 40
}
