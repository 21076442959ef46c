package propars

import (
	"encoding/json"

	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// The documented names of a line's fields; Config.LineFields may change them.
const (
	fieldName     = "product_name"
	fieldCode     = "product_code"
	fieldAmount   = "amount"
	fieldPrice    = "price"
	fieldRate     = "tax_rate"
	fieldIncluded = "tax_included"
)

// prepared is what Prepare freezes: the sale as create_nested takes it, when it is to be invoiced, and what the invoice
// must say in the end.
type prepared struct {
	Sale   map[string]any `json:"sale"`
	Date   string         `json:"invoice_date"`
	Expect expected       `json:"expect"`
}

// expected is what the signed XML is compared with.
type expected struct {
	Buyer     string       `json:"buyer"`
	Payable   string       `json:"payable"`
	Currency  string       `json:"currency"`
	IssueDate invoice.Date `json:"issue_date"`
}

// sums are what Propars makes of a sale's lines. How it computes is assumed: see Config.Rounding.
type sums struct{ payable, vat decimal.Decimal }

// position is a line as Propars is told it.
type position struct {
	amount, price, rate decimal.Decimal
}

var hundred = decimal.NewFromInt(100)

// sumsOf adds lines up; included says that the prices hold VAT, which is then what the rounded net leaves.
func sumsOf(lines []position, included bool, rounding string) sums {
	var s sums
	bases := map[string]decimal.Decimal{} // by rate: net, or gross where prices hold VAT
	rates := map[string]decimal.Decimal{}
	vat := func(base, rate decimal.Decimal) decimal.Decimal {
		if included {
			return base.Sub(base.Mul(hundred).Div(hundred.Add(rate)).Round(2))
		}
		return base.Mul(rate).Div(hundred).Round(2)
	}
	for _, l := range lines {
		value := l.amount.Mul(l.price).Round(2)
		s.payable = s.payable.Add(value)
		key := l.rate.String()
		bases[key], rates[key] = bases[key].Add(value), l.rate
		if rounding == "lines" {
			s.vat = s.vat.Add(vat(value, l.rate))
		}
	}
	if rounding == "rates" {
		for key, base := range bases {
			s.vat = s.vat.Add(vat(base, rates[key]))
		}
	}
	if !included {
		s.payable = s.payable.Add(s.vat)
	}
	return s
}

// number writes a decimal as a JSON number in plain digits.
func number(d decimal.Decimal) json.Number { return json.Number(d.String()) }

// thaw reads what Prepare froze. Numbers stay as they were written.
func thaw(payload providers.Payload) (prepared, error) {
	var out prepared
	if err := unmarshal(payload.Bytes, &out); err != nil || out.Sale == nil {
		return out, fault.Newf(fault.Permanent, "reading the frozen sale for propars", "it is none: %v", err)
	}
	return out, nil
}
