package main

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"faturad/internal/clock"
	"faturad/internal/invoice/codes"
	"faturad/sync/ledger"
)

// line is one line of a sale as the shop types it in.
type line struct {
	name     string
	quantity string
	unit     string
	price    string
	vat      int64  // percent
	discount string // percent; empty = none
	exempt   string // exemption code
	withheld string // withholding code
	kept     []kept // of a producer receipt
}

// kept is what the shop keeps from a farmer and pays for him: a tax code and its percent.
type kept struct{ code, rate string }

// sale is one sale before it is booked. The zero value of every optional field means "none".
type sale struct {
	customer customer
	daysAgo  int
	lines    []line
	currency string // empty = TRY
	rate     string // TRY for one unit of currency
	gross    bool   // prices contain VAT
	discount string // percent on the whole sale; for sales with one VAT rate
	columns  map[string]any
	note     string       // what is special about it, for the person who reads the table
	fault    string       // what the provider does with its first request: a kind of turkcellsim
	end      ledger.State // where it ends; empty = accepted
}

// row is a table row: column and value.
type row map[string]any

var hundred = decimal.NewFromInt(100)

func money(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(s)
}

// book works a sale out as the shop's program does: each line rounded, totals added up.
func (s sale) book(no string, now time.Time) (header row, lines []row) {
	var net, vat, withheld, deducted decimal.Decimal
	for i, l := range s.lines {
		b := s.bookLine(l)
		net, vat, withheld = net.Add(b.net), vat.Add(b.vat), withheld.Add(b.withheld)
		typed := row{
			"line_no": i + 1, "name": l.name, "quantity": l.quantity, "unit": l.unit, "unit_price": l.price, "vat_rate": l.vat,
			"discount_rate": optional(l.discount), "net": b.net, "vat": b.vat, "exemption_code": optional(l.exempt), "withholding_code": optional(l.withheld),
		}
		for k, tax := range l.kept {
			name := "tax_"
			if k > 0 {
				name += strconv.Itoa(k+1) + "_"
			}
			amount := b.net.Mul(money(tax.rate)).Div(hundred).Round(2)
			typed[name+"code"], typed[name+"rate"], typed[name+"amount"] = tax.code, tax.rate, amount
			deducted = deducted.Add(amount)
		}
		lines = append(lines, typed)
	}
	if s.discount != "" {
		net = net.Sub(net.Mul(money(s.discount)).Div(hundred).Round(2))
		vat = net.Mul(decimal.NewFromInt(s.lines[0].vat)).Div(hundred).Round(2)
		for _, l := range lines { // the lines keep their own amounts; their VAT is the document's
			l["vat"] = nil
		}
	}
	c, day := s.customer, now.In(clock.Istanbul).AddDate(0, 0, -s.daysAgo)
	header = row{
		"sale_no": no, "issue_date": day.Format(time.DateOnly), "issue_time": s.hour(no, day), "currency": "TRY", "price_basis": "net",
		"buyer_name": c.title(), "buyer_tax_no": optional(c.taxNo), "buyer_tax_office": optional(c.office), "buyer_street": optional(c.street),
		"buyer_district": optional(c.district), "buyer_city": optional(c.city), "buyer_country": "TR", "buyer_email": optional(c.email),
		"net": net, "vat": vat, "gross": net.Add(vat), "line_count": len(lines), "discount_rate": optional(s.discount),
	}
	if c.person() {
		header["buyer_first_name"], header["buyer_last_name"] = c.first, c.last
	}
	if c.country != "" {
		header["buyer_country"] = c.country
	}
	if s.currency != "" {
		header["currency"], header["exchange_rate"] = s.currency, optional(s.rate)
	}
	if s.gross {
		header["price_basis"] = "gross"
	}
	if withheld.IsPositive() {
		header["withheld"], header["payable"] = withheld, net.Add(vat).Sub(withheld)
	}
	if deducted.IsPositive() {
		header["payable"] = net.Sub(deducted)
	}
	for column, value := range s.columns {
		if of, ok := value.(func(time.Time) string); ok {
			value = of(now.In(clock.Istanbul))
		}
		header[column] = value
	}
	return header, lines
}

// hour is a time in opening hours, or just now for today's sales.
func (s sale) hour(no string, day time.Time) string {
	if s.daysAgo == 0 {
		return day.Format(time.TimeOnly)
	}
	minutes := 0
	for _, r := range no {
		minutes = (minutes*31 + int(r)) % (9 * 60)
	}
	return time.Date(2000, 1, 1, 9, minutes, 0, 0, time.UTC).Format(time.TimeOnly)
}

type bookedLine struct{ net, vat, withheld decimal.Decimal }

func (s sale) bookLine(l line) bookedLine {
	amount := money(l.quantity).Mul(money(l.price))
	amount = amount.Sub(amount.Mul(money(l.discount)).Div(hundred)).Round(2)
	rate := decimal.NewFromInt(l.vat)
	b := bookedLine{net: amount, vat: amount.Mul(rate).Div(hundred).Round(2)}
	if s.gross {
		b.net = amount.Mul(hundred).DivRound(hundred.Add(rate), 2)
		b.vat = amount.Sub(b.net)
	}
	if w, ok := codes.WithholdingOf(l.withheld); ok {
		b.withheld = b.vat.Mul(money(w.Now)).Div(hundred).Round(2)
	}
	return b
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}
