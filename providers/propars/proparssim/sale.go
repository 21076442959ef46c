package proparssim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

const timeLayout = "2006-01-02T15:04:05-0700"

// sale is an order, with the invoices that were made of it: at most one that is not cancelled.
type sale struct {
	id       int64
	code     string
	body     map[string]any
	at       time.Time
	currency string
	profile  string
	typ      string
	buyer    party
	lines    []line
	payable  decimal.Decimal
	vat      decimal.Decimal
	invoices []*invoice
}

type line struct {
	name, code                    string
	amount, price, net, rate, vat decimal.Decimal
	included                      bool
}

// invoice is what was made of a sale.
type invoice struct {
	id        int64
	ettn      uuid.UUID
	number    string
	at        time.Time
	sent      bool
	sentAt    time.Time
	cancelled bool
}

func (i *invoice) day() string { return i.at.Format(time.DateOnly) }

func (i *invoice) status() string {
	switch {
	case i.cancelled:
		return "cancelled"
	case i.sent:
		return "sent"
	}
	return "created"
}

func (s *sale) kind() string {
	if s.profile == "EARSIVFATURA" {
		return KindEArsiv
	}
	return KindEFatura
}

// current is the invoice that counts; nil = there is none.
func (s *sale) current() *invoice {
	for _, i := range s.invoices {
		if !i.cancelled {
			return i
		}
	}
	return nil
}

// isoOf are Propars' currencies by number; only the first is known from its documents.
var isoOf = map[string]string{"1": "TRY", "2": "USD", "3": "EUR", "4": "GBP"}

func (c *call) currencies() reply {
	var rows []any
	for _, id := range []string{"1", "2", "3", "4"} {
		n, _ := strconv.Atoi(id) // a constant
		rows = append(rows, map[string]any{"id": n, "name": isoOf[id]})
	}
	return c.rows(rows)
}

// createNested inserts a sale, or updates the one with its code.
func (c *call) createNested() reply {
	fresh, refused := c.s.parse(c.body)
	if refused != nil {
		return *refused
	}
	known := c.s.byCode[fresh.code]
	if known == nil {
		fresh.id = c.s.id()
		c.s.sales, c.s.byCode[fresh.code] = append(c.s.sales, fresh), fresh
		return reply{status: http.StatusCreated, data: c.s.saleRow(fresh)}
	}
	if i := known.current(); i != nil && i.sent {
		return detail(http.StatusBadRequest, "Faturası gönderilmiş sipariş değiştirilemez.")
	}
	fresh.id, fresh.invoices = known.id, known.invoices
	*known = *fresh
	return good(c.s.saleRow(known))
}

func (s *Simulator) saleRow(x *sale) any {
	if s.o.Rules.BareAnswers {
		return map[string]any{}
	}
	return s.listedSale(x)
}

func (s *Simulator) listedSale(x *sale) map[string]any {
	i := x.current()
	return map[string]any{"id": x.id, "sale_code": x.code, "order_date": x.at.Format(timeLayout), "grand_total": json.Number(x.payable.StringFixed(2)),
		"invoiced": i != nil, "invoice_sent": i != nil && i.sent, "status": "ST_NEW"}
}

var (
	types    = []string{"SATIS", "IADE", "TEVKIFAT", "ISTISNA", "OZELMATRAH", "IHRACKAYITLI"}
	profiles = []string{"TEMELFATURA", "TICARIFATURA", "EARSIVFATURA"}
	rates    = []string{"0", "1", "8", "10", "18", "20"}
)

// parse checks the body of create_nested. What it does not know it ignores, as Django REST framework does.
func (s *Simulator) parse(body map[string]any) (*sale, *reply) {
	x := &sale{body: body, code: text(body, "sale_code"), typ: text(body, "einvoice_type"), profile: text(body, "einvoice_profile")}
	at, err := time.Parse(timeLayout, text(body, "order_date"))
	x.at = at
	currency, known := isoOf[text(body, "currency")]
	x.currency = currency
	switch {
	case x.code == "":
		return nil, field("sale_code", "Bu alan zorunlu.")
	case len(x.code) > 100:
		return nil, field("sale_code", "Bu alanın 100 karakterden fazla olmadığından emin olun.")
	case err != nil:
		return nil, field("order_date", "Datetime değeri hatalı biçimde.")
	case !known:
		return nil, field("currency", "Geçersiz pk - nesne bulunamadı.")
	case text(body, "box") != "" && text(body, "box") != "SENTBOX":
		return nil, field("box", "\"%s\" geçerli bir seçim değil.", text(body, "box"))
	case !slices.Contains(types, x.typ):
		return nil, field("einvoice_type", "\"%s\" geçerli bir seçim değil.", x.typ)
	case !slices.Contains(profiles, x.profile):
		return nil, field("einvoice_profile", "\"%s\" geçerli bir seçim değil.", x.profile)
	}
	if refused := s.parseBuyer(body, x); refused != nil {
		return nil, refused
	}
	return x, s.parseItems(body, x)
}

func (s *Simulator) parseBuyer(body map[string]any, x *sale) *reply {
	customer, ok := body["customer_detail"].(map[string]any)
	if !ok {
		return field("customer_detail", "Bu alan zorunlu.")
	}
	address, ok := body["billing_address_detail"].(map[string]any)
	if !ok {
		return field("billing_address_detail", "Bu alan zorunlu.")
	}
	x.buyer = party{name: text(customer, "name"), office: text(customer, "tax_office"), city: text(address, "city_name"), district: text(address, "district"), street: text(address, "address")}
	switch text(customer, "customer_type") {
	case "organizational":
		x.buyer.taxNo = text(customer, "tax_number")
		if company := text(customer, "company_title"); company != "" {
			x.buyer.name = company
		}
		if !validVKN(x.buyer.taxNo) {
			return field("tax_number", "Vergi numarası geçersiz.")
		}
	case "individual":
		if x.buyer.taxNo = text(customer, "tc_identity_number"); !validTCKN(x.buyer.taxNo) {
			return field("tc_identity_number", "TC kimlik numarası geçersiz.")
		}
	default:
		return field("customer_type", "\"%s\" geçerli bir seçim değil.", text(customer, "customer_type"))
	}
	switch {
	case x.buyer.name == "":
		return field("name", "Bu alan boş bırakılamaz.")
	case text(customer, "integration_store_id") == "":
		return field("integration_store_id", "Bu alan boş bırakılamaz.")
	case x.buyer.city == "" || x.buyer.district == "":
		return field("city_name", "İl ve ilçe boş bırakılamaz.")
	}
	return nil
}

func (s *Simulator) parseItems(body map[string]any, x *sale) *reply {
	items, ok := body["items"].([]any)
	if !ok || len(items) == 0 {
		return field("items", "Bu alan boş bırakılamaz.")
	}
	groups := map[string]line{} // by rate and way of pricing
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return field("items", "Geçersiz veri.")
		}
		l := line{name: text(m, "product_name"), code: text(m, "product_code")}
		var err [3]error
		l.amount, err[0] = decimal.NewFromString(text(m, "amount"))
		l.price, err[1] = decimal.NewFromString(text(m, "price"))
		l.rate, err[2] = decimal.NewFromString(text(m, "tax_rate"))
		included, said := m["tax_included"].(bool)
		switch {
		case l.name == "" || l.code == "":
			return field("items", "product_name ve product_code boş bırakılamaz.")
		case err[0] != nil || !l.amount.IsPositive():
			return field("amount", "Geçerli bir sayı gerekiyor.")
		case err[1] != nil || l.price.IsNegative():
			return field("price", "Geçerli bir sayı gerekiyor.")
		case err[2] != nil || !slices.Contains(rates, l.rate.String()):
			return field("tax_rate", "\"%s\" geçerli bir KDV oranı değil.", text(m, "tax_rate"))
		case !said:
			return field("tax_included", "Bu alan zorunlu.")
		}
		l.included = included
		value := l.amount.Mul(l.price).Round(2)
		l.net, l.vat = l.split(value)
		x.lines = append(x.lines, l)
		x.payable = x.payable.Add(value)
		if !l.included {
			x.payable = x.payable.Add(l.vat)
		}
		x.vat = x.vat.Add(l.vat)
		key := fmt.Sprint(l.rate, l.included)
		groups[key] = line{rate: l.rate, included: l.included, price: groups[key].price.Add(value), vat: groups[key].vat.Add(l.vat)}
	}
	if !s.o.Rules.RoundRates {
		return nil
	}
	for _, g := range groups {
		_, vat := g.split(g.price)
		x.vat = x.vat.Add(vat).Sub(g.vat)
		if !g.included {
			x.payable = x.payable.Add(vat).Sub(g.vat)
		}
	}
	return nil
}

// split takes a value apart into net and VAT: of a price with VAT, VAT is what the rounded net leaves.
func (l line) split(value decimal.Decimal) (net, vat decimal.Decimal) {
	hundred := decimal.NewFromInt(100)
	if l.included {
		net = value.Mul(hundred).Div(hundred.Add(l.rate)).Round(2)
		return net, value.Sub(net)
	}
	return value, value.Mul(l.rate).Div(hundred).Round(2)
}

// text is a field as text; numbers as they were written.
func text(m map[string]any, name string) string {
	switch v := m[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// validVKN checks a company's tax number by its check digit.
func validVKN(s string) bool {
	if len(s) != 10 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range 9 {
		d := (int(s[i]-'0') + 9 - i) % 10
		if d == 0 {
			continue
		}
		p := d * (1 << (9 - i)) % 9
		if p == 0 {
			p = 9
		}
		sum += p
	}
	return int(s[9]-'0') == (10-sum%10)%10
}

// validTCKN checks a person's number by its check digits; the one for unknown consumers passes.
func validTCKN(s string) bool {
	if len(s) != 11 || strings.Trim(s, "0123456789") != "" || s[0] == '0' {
		return false
	}
	if s == "11111111111" {
		return true
	}
	odd, even, all := 0, 0, 0
	for i := range 9 {
		d := int(s[i] - '0')
		if i%2 == 0 {
			odd += d
		} else {
			even += d
		}
		all += d
	}
	tenth := ((odd*7-even)%10 + 10) % 10
	return int(s[9]-'0') == tenth && int(s[10]-'0') == (all+tenth)%10
}
