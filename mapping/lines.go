package mapping

import (
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/invoice/codes"
)

var (
	one     = decimal.NewFromInt(1)
	hundred = decimal.NewFromInt(100)
	kurus   = decimal.New(1, -2)
)

// precise is the number of decimals that divisions keep before anything is rounded to kuruş.
const precise = 12

// item is what takes part in the sums: a line, or the document charge. Its amounts are in its own price basis and
// unrounded.
type item struct {
	pos          int // 1-based position; 0 = the document charge
	src          *invoice.SaleLine
	gross        bool // amounts contain VAT
	quantity     decimal.Decimal
	price        decimal.Decimal
	amount       decimal.Decimal // quantity × price
	discount     decimal.Decimal
	discountRate invoice.NullDecimal
	charge       decimal.Decimal
	exact        decimal.Decimal     // amount − discount + charge
	rate         decimal.Decimal     // VAT percent
	effective    decimal.Decimal     // the percent that is charged: less than rate where a withheld part is returned
	shown        bool                // VAT is shown, but nobody pays it with this invoice
	special      invoice.NullDecimal // VAT base of codes 801-812
	taxes        []itemTax
	group        int // index of the rate among the sale's rates
	exemption    invoice.Exemption
	withholding  invoice.Withholding
	withheld     bool
	net, vat     invoice.NullDecimal // as booked
	bookedGross  invoice.NullDecimal
}

// exactNet is the unrounded net before the document discount.
func (it *item) exactNet() decimal.Decimal {
	if !it.gross {
		return it.exact
	}
	return it.netOf(it.exact)
}

// total is the booked total of the line in the basis of its price.
func (it *item) total() invoice.NullDecimal {
	if it.gross {
		return it.bookedGross
	}
	return it.net
}

// items reads and checks every line. Their numbers are usable only when m.broken is false.
func (m *mapper) items() []item {
	if len(m.sale.Lines) == 0 {
		m.numbersFault("lines.none", "lines", "")
		return nil
	}
	if n := m.sale.ExpectedLines; n != 0 && n != len(m.sale.Lines) {
		m.numbersFault("lines.count", "line_count", itoa(len(m.sale.Lines)), itoa(n))
	}
	out := make([]item, len(m.sale.Lines), len(m.sale.Lines)+1)
	for i := range m.sale.Lines {
		out[i] = m.item(i+1, &m.sale.Lines[i])
	}
	return out
}

func (m *mapper) item(pos int, l *invoice.SaleLine) item {
	basis := l.PriceBasis
	if basis == "" {
		basis = m.sale.PriceBasis
	}
	it := item{pos: pos, src: l, gross: basis == invoice.BasisGross, net: l.Net, vat: l.VAT, bookedGross: l.Gross}
	m.lineText(pos, l)
	m.lineTax(&it)
	m.lineAmounts(&it)
	m.special(&it)
	return it
}

func (m *mapper) lineText(pos int, l *invoice.SaleLine) {
	switch name := clean(l.Name); {
	case name == "":
		m.lineFault("line.name.missing", pos, "name", "")
	case damaged(name):
		m.lineFault("text.damaged", pos, "name", name)
	case utf8.RuneCountInString(name) > maxText:
		m.lineFault("text.too_long", pos, "name", "", "1000")
	}
	for _, f := range [...]struct{ column, text string }{{"sku", l.SKU}, {"buyer_sku", l.BuyerSKU}} {
		if len(f.text) > maxPart && utf8.RuneCountInString(f.text) > maxPart {
			m.lineFault("text.too_long", pos, f.column, "", itoa(maxPart))
		}
	}
	if utf8.RuneCountInString(l.Description) > maxNote {
		m.lineFault("text.too_long", pos, "description", "", "4000")
	}
	if l.Unit == "" {
		m.lineFault("line.unit.missing", pos, "unit", "")
	} else if _, ok := codes.Unit(l.Unit); !ok {
		m.lineFault("line.unit.unknown", pos, "unit", l.Unit)
	}
}

// lineAmounts works out quantity × price − discount + charge.
func (m *mapper) lineAmounts(it *item) {
	l, pos := it.src, it.pos
	it.quantity, it.price = l.Quantity.Decimal, l.UnitPrice.Decimal
	it.charge = l.Charge.Decimal
	ok := true
	bad := func(code, column, value string, more ...string) {
		ok, m.broken = false, true
		m.lineFault(code, pos, column, value, more...)
	}
	switch {
	case !l.Quantity.Valid:
		bad("line.quantity.missing", "quantity", "")
	case it.quantity.IsZero():
		bad("line.quantity.zero", "quantity", "0")
	case it.quantity.IsNegative():
		bad("line.quantity.negative", "quantity", it.quantity.String())
	}
	if d := l.DiscountRate; d.Valid && (d.Decimal.IsNegative() || d.Decimal.GreaterThan(hundred)) {
		bad("line.discount.rate", "discount_rate", d.Decimal.String())
	}
	if l.Discount.Decimal.IsNegative() {
		bad("line.discount.negative", "discount", l.Discount.Decimal.String())
	}
	if it.charge.IsNegative() {
		bad("line.charge.negative", "charge", it.charge.String())
	}
	if it.price.IsNegative() {
		bad("line.price.negative", "unit_price", it.price.String())
	}
	if l.Net.Decimal.IsNegative() {
		bad("line.net.negative", "net", l.Net.Decimal.String())
	}
	if !ok {
		return
	}
	if !l.UnitPrice.Valid && !m.priceFromNet(it) {
		bad("line.price.missing", "unit_price", "")
		return
	}
	it.amount = it.quantity.Mul(it.price)
	if !m.lineDiscount(it) {
		m.broken = true
		return
	}
	if it.discount.GreaterThan(it.amount.Add(kurus)) {
		bad("line.discount.too_big", "discount", it.discount.String(), it.amount.String())
		return
	}
	it.discount = decimal.Min(it.discount, it.amount)
	it.exact = it.amount.Sub(it.discount).Add(it.charge)
}

// priceFromNet finds the price of a line that has only its total.
func (m *mapper) priceFromNet(it *item) bool {
	total := it.total()
	keep := hundred.Sub(it.src.DiscountRate.Decimal)
	if !total.Valid || keep.IsZero() {
		return false
	}
	amount := total.Decimal.Sub(it.charge).Add(it.src.Discount.Decimal).Mul(hundred).DivRound(keep, precise)
	it.price = amount.DivRound(it.quantity, 8)
	return !it.price.IsNegative()
}

// lineDiscount decides what a rate and an amount mean together: the same discount said twice, or two discounts. The
// booked net decides; without it only an agreeing pair is clear.
func (m *mapper) lineDiscount(it *item) bool {
	byRate := it.amount.Mul(it.src.DiscountRate.Decimal).Div(hundred)
	money := it.src.Discount.Decimal
	switch {
	case money.IsZero():
		it.discount = byRate
	case byRate.IsZero():
		it.discount = money
		return true
	case near(byRate, money, m.rules.tolerance()):
		it.discount = money
	case it.total().Valid:
		rest := it.amount.Add(it.charge).Sub(it.total().Decimal)
		switch tol := m.rules.tolerance(); {
		case near(rest, byRate.Add(money), tol):
			it.discount = byRate.Add(money)
			return true
		case near(rest, money, tol):
			it.discount = money
			return true
		case near(rest, byRate, tol):
			it.discount = byRate
		default:
			m.lineFault("line.discount.ambiguous", it.pos, "discount", byRate.String(), money.String())
			return false
		}
	default:
		m.lineFault("line.discount.ambiguous", it.pos, "discount", byRate.String(), money.String())
		return false
	}
	if it.src.DiscountRate.Valid && !it.src.DiscountRate.Decimal.IsZero() {
		it.discountRate = it.src.DiscountRate
	}
	return true
}

// near reports |a − b| ≤ tolerance.
func near(a, b, tolerance decimal.Decimal) bool { return a.Sub(b).Abs().LessThanOrEqual(tolerance) }
