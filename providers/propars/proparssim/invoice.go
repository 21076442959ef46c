package proparssim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// sale finds the sale that a query or a path names.
func (c *call) sale() *sale {
	query := c.r.URL.Query()
	id := c.id
	if text := query.Get("sale_id"); text != "" {
		id, _ = strconv.ParseInt(text, 10, 64) // no number is no sale
	}
	if code := query.Get("sale_code"); code != "" {
		return c.s.byCode[code]
	}
	for _, x := range c.s.sales {
		if x.id == id {
			return x
		}
	}
	return nil
}

// byInvoice finds the sale of an invoice that the path names, and the invoice.
func (c *call) byInvoice() (*sale, *invoice) {
	for _, x := range c.s.sales {
		for _, i := range x.invoices {
			if i.id == c.id {
				return x, i
			}
		}
	}
	return nil, nil
}

func missing() reply { return detail(http.StatusNotFound, "Bulunamadı.") }

// preview makes the invoice when there is none, and shows it.
func (c *call) preview() reply {
	x := c.sale()
	if x == nil {
		return missing()
	}
	i, refused := c.made(x)
	if refused != nil {
		return *refused
	}
	html := fmt.Sprintf("<!doctype html><html><head><title>%s</title></head><body><h1>%s</h1><p>%s</p></body></html>", i.number, escape(x.buyer.name), x.payable.StringFixed(2))
	if c.s.o.Rules.HTMLInJSON {
		return good(map[string]any{"html": html})
	}
	return reply{status: http.StatusOK, typ: "text/html; charset=utf-8", raw: []byte(html)}
}

// send sends a sale's invoice, and makes it when there is none.
func (c *call) send() reply {
	x := c.sale()
	if x == nil {
		return missing()
	}
	i, refused := c.made(x)
	if refused != nil {
		return *refused
	}
	return c.dispatch(x, i)
}

// sendInvoice sends an invoice that was made.
func (c *call) sendInvoice() reply {
	x, i := c.byInvoice()
	if x == nil || i.cancelled {
		return missing()
	}
	return c.dispatch(x, i)
}

func (c *call) dispatch(x *sale, i *invoice) reply {
	switch {
	case i.sent && c.s.o.Rules.SecondSendRefused:
		return detail(http.StatusBadRequest, "Bu siparişin faturası zaten gönderilmiş.")
	case !i.sent:
		i.sent, i.sentAt, c.entry.Saved = true, c.now, true
	}
	return good(c.s.invoiceRow(x, i))
}

func (s *Simulator) invoiceRow(x *sale, i *invoice) map[string]any {
	switch {
	case s.o.Rules.BareAnswers:
		return map[string]any{}
	case s.o.Rules.OtherNames:
		return map[string]any{"id": i.id, "ettn": i.ettn, "number": i.number, "issue_date": i.day()}
	}
	return map[string]any{"id": i.id, "sale": x.id, "uuid": i.ettn, "invoice_number": i.number, "invoice_date": i.at.Format(timeLayout), "is_sent": i.sent, "status": i.status()}
}

var numberForm = regexp.MustCompile(`^[A-Z0-9]{3}20\d\d\d{9}$`)

// made gives the sale's invoice, made when there is none.
func (c *call) made(x *sale) (*invoice, *reply) {
	if i := x.current(); i != nil {
		return i, nil
	}
	query := c.r.URL.Query()
	at := c.now
	switch given := strings.Replace(query.Get("invoice_date"), " ", "+", 1); { // "+" of a careless client
	case given == "" && !c.s.o.Rules.AutomaticDating:
		return nil, field("invoice_date", "Otomatik tarihlendirme kapalı: fatura tarihi zorunlu.")
	case given != "":
		parsed, err := time.Parse(timeLayout, given)
		if err != nil {
			return nil, field("invoice_date", "Datetime değeri hatalı biçimde.")
		}
		at = parsed
	}
	if at.After(c.now.Add(24 * time.Hour)) {
		return nil, field("invoice_date", "Fatura tarihi ileri bir tarih olamaz.")
	}
	ettn := uuid.New()
	if given := query.Get("invoice_uuid"); given != "" {
		parsed, err := uuid.Parse(given)
		if err != nil || parsed.Version() != 4 {
			return nil, field("invoice_uuid", "Geçerli bir UUID (sürüm 4) değil.")
		}
		ettn = parsed
	}
	if refused := c.s.routed(x); refused != nil {
		return nil, refused
	}
	number := query.Get("invoice_number")
	if number != "" && !numberForm.MatchString(number) {
		return nil, field("invoice_number", "Fatura numarası 16 hane olmalı.")
	}
	for _, other := range c.s.sales {
		for _, i := range other.invoices {
			switch {
			case i.cancelled && !i.sent: // it never left Propars
			case i.ettn == ettn:
				return nil, field("invoice_uuid", "Bu ETTN kullanılmış.")
			case number != "" && i.number == number:
				return nil, field("invoice_number", "Bu fatura numarası kullanılmış.")
			}
		}
	}
	if number == "" {
		series := c.s.o.Prefix[x.kind()] + strconv.Itoa(at.Year())
		c.s.numbers[series]++
		number = fmt.Sprintf("%s%09d", series, c.s.numbers[series])
	}
	i := &invoice{id: c.s.id(), ettn: ettn, number: number, at: at}
	x.invoices = append(x.invoices, i)
	return i, nil
}

// routed refuses what cannot become an invoice.
func (s *Simulator) routed(x *sale) *reply {
	registered := s.Taxpayer(x.buyer.taxNo)
	refuse := func(text string) *reply { r := detail(http.StatusBadRequest, "%s", text); return &r }
	switch {
	case x.kind() == KindEFatura && !registered:
		return refuse("Alıcı e-Fatura mükellefi değil.")
	case x.kind() == KindEArsiv && registered:
		return refuse("Alıcı e-Fatura mükellefi: e-Arşiv fatura kesilemez.")
	case slices.Contains(s.o.Refused, x.buyer.taxNo):
		return refuse("Alıcının vergi dairesi bilgisi GİB kayıtlarıyla uyuşmuyor.")
	case x.typ != "SATIS":
		return refuse("Fatura tipi için gerekli bilgiler eksik.")
	}
	for _, l := range x.lines {
		if l.rate.IsZero() {
			return refuse("KDV oranı sıfır olan satır için istisna kodu gerekli.")
		}
	}
	return nil
}

// signedXML is there for what was signed and sent; cancelled or not.
func (c *call) signedXML() reply {
	x, i := c.byInvoice()
	if x == nil {
		if x = c.sale(); x != nil && len(x.invoices) > 0 {
			i = x.invoices[len(x.invoices)-1]
		}
	}
	if i == nil || !i.sent || c.now.Sub(i.sentAt) < c.s.o.Signing {
		if x != nil && c.s.o.Rules.UnsignedIs400 {
			return detail(http.StatusBadRequest, "Fatura henüz imzalanmamış.")
		}
		return missing()
	}
	return c.s.xml(c.s.ublOf(x, i))
}

func (s *Simulator) xml(raw []byte) reply {
	if s.o.Rules.XMLBase64 {
		return good(base64.StdEncoding.EncodeToString(raw))
	}
	return reply{status: http.StatusOK, typ: "application/xml", raw: raw}
}

// cancel cancels an e-Arşiv invoice whose report has not gone out, and whatever was not sent.
func (c *call) cancel() reply {
	x := c.sale()
	if x == nil {
		return missing()
	}
	i := x.current()
	switch {
	case i == nil:
		return detail(http.StatusBadRequest, "Siparişin faturası yok.")
	case i.sent && x.kind() == KindEFatura:
		return detail(http.StatusBadRequest, "Gönderilmiş e-Fatura iptal edilemez.")
	case i.sent && c.now.Sub(i.sentAt) >= c.s.o.Report:
		return detail(http.StatusBadRequest, "Raporu GİB'e gönderilmiş e-Arşiv fatura iptal edilemez.")
	}
	i.cancelled = true
	return good(c.s.saleRow(x))
}

// rows is a page of a list.
func (c *call) rows(all []any) reply {
	query := c.r.URL.Query()
	number := func(name string, usual int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil && n >= 0 {
			return n
		}
		return usual
	}
	if query.Get("ordering") == "-id" {
		slices.Reverse(all)
	}
	from := min(number("offset", 0), len(all))
	to := min(from+number("limit", 30), len(all))
	page := all[from:to]
	if page == nil {
		page = []any{}
	}
	return good(map[string]any{"count": len(all), "results": page, "page_context": map[string]any{}})
}

func (c *call) listSales() reply {
	query := c.r.URL.Query()
	var rows []any
	for _, x := range c.s.sales {
		i := x.current()
		day := x.at.Format(time.DateOnly)
		said := func(name string, is bool) bool {
			return query.Get(name) != "" && query.Get(name) != strconv.FormatBool(is)
		}
		switch {
		case said("invoiced", i != nil), said("invoice_sent", i != nil && i.sent):
		case query.Get("order_start_date") > day, query.Get("order_end_date") != "" && query.Get("order_end_date") < day:
		case query.Get("invoice_number") != "" && (i == nil || i.number != query.Get("invoice_number")):
		case c.s.o.Rules.SaleCodeFilter && query.Get("sale_code") != "" && query.Get("sale_code") != x.code:
		default:
			rows = append(rows, c.s.listedSale(x))
		}
	}
	return c.rows(rows)
}

func (c *call) oneSale() reply {
	if x := c.sale(); x != nil {
		return good(c.s.listedSale(x))
	}
	return missing()
}

func (c *call) listInvoices() reply {
	var rows []any
	for _, x := range c.s.sales {
		for _, i := range x.invoices {
			rows = append(rows, c.s.invoiceRow(x, i))
		}
	}
	return c.rows(rows)
}
