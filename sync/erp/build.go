package erp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
)

// builder makes one sale of its rows.
type builder struct {
	r      *reader
	doc    *document
	sale   invoice.Sale
	faults invoice.Faults
	factor decimal.Decimal // amount_factor of the header; zero = none
	sign   SignRule
}

// part is the half of a row that is being read.
type part struct {
	b       *builder
	row     row
	texts   map[string]string
	changed map[string]bool
	set     *aliasSet
	line    int // 0 = header, else 1-based
	factor  decimal.Decimal
}

func (b *builder) part(in row, set *aliasSet, line int) *part {
	p := &part{b: b, row: in, set: set, line: line, factor: b.factor}
	p.texts, p.changed = b.r.texts(in, set, line > 0)
	return p
}

// build reads header and lines of one sale. Values that cannot be read become faults, never zeros.
func (r *reader) build(d *document, key string, header row, lines []row) (invoice.Sale, invoice.Faults) {
	b := &builder{r: r, doc: d, sale: invoice.Sale{KeySpace: d.cfg.Name, Key: key, Hash: contentHash(r, d, header, lines)}}
	p := b.part(header, d.header.aliases, 0)
	p.factor = p.number("amount_factor")
	b.factor = p.factor
	if v, ok := p.text(d.header.aliases.find("invoice_type")); ok {
		b.sign = b.signRule(v.text)
	} else {
		b.sign = b.signRule("")
	}
	for i := range p.set.list {
		a := &p.set.list[i]
		if a.header == nil || !p.given(a) {
			continue
		}
		if v, ok := p.read(a); ok {
			a.header(&b.sale, v)
		}
	}
	if b.sale.PriceBasis == "" {
		b.sale.PriceBasis = r.cfg.Money.PriceBasis
	}
	b.finishRate()
	for i, in := range lines {
		b.line(in, i+1)
	}
	return b.sale, b.faults
}

func (b *builder) line(in row, n int) {
	p := b.part(in, b.doc.lines.aliases, n)
	if f := p.number("amount_factor"); !f.IsZero() {
		p.factor = f
	}
	var l invoice.SaleLine
	for i := range p.set.list {
		a := &p.set.list[i]
		if a.line == nil || !p.given(a) {
			continue
		}
		if v, ok := p.read(a); ok {
			a.line(&l, v)
		}
	}
	p.finishDiscount(&l)
	p.finishVAT(&l)
	l.Taxes = slices.DeleteFunc(l.Taxes, func(t invoice.SaleTax) bool {
		return t.Code == "" && zeroOrNone(t.Amount) && zeroOrNone(t.Rate)
	})
	if len(l.Taxes) == 0 {
		l.Taxes = nil
	}
	b.sale.Lines = append(b.sale.Lines, l)
}

func zeroOrNone(d invoice.NullDecimal) bool { return !d.Valid || d.Decimal.IsZero() }

func (b *builder) signRule(invoiceType string) SignRule {
	rules := b.r.cfg.Money.Sign
	if rule, ok := rules[invoiceType]; ok {
		return rule
	}
	return rules["*"]
}

// given reports whether an alias can have a value at all: most of the contract's are no column of a query.
func (p *part) given(a *Alias) bool {
	if _, ok := p.row[a.Name]; ok || p.texts[a.Name] != "" {
		return true
	}
	if a.Map != "" {
		if _, ok := p.b.r.cfg.Map[a.Map][""]; ok {
			return true
		}
	}
	_, ok := p.fallback(a)
	return ok
}

// read gives the value of one alias; ok is false when there is none, or when it is a fault.
func (p *part) read(a *Alias) (value, bool) {
	switch a.Type {
	case TypeText, TypeLines, TypeCode:
		return p.text(a)
	case TypeFile:
		c, ok := p.row[a.Name]
		if !ok || c.null() {
			return value{}, false
		}
		return value{file: []byte(c.raw())}, true
	case TypeRefs:
		v, ok := p.text(a)
		refs, err := parseReferences(v.text)
		if err != nil {
			p.fault(a, "erp.value.list", err, v.text)
		}
		return value{refs: refs}, ok && err == nil
	case TypeMoney, TypeNumber, TypePercent, TypeInt:
		return p.numeric(a)
	case TypeBool:
		v, ok := p.text(a)
		if !ok {
			return v, false
		}
		flag, ok, err := parseBool(v.text)
		if err != nil {
			p.fault(a, "erp.value.bool", err, v.text)
		}
		return value{flag: flag}, ok && err == nil
	case TypeDate:
		return p.date(a)
	case TypeTime:
		s, ok, err := p.cell(a).timeOfDay()
		if err != nil {
			p.fault(a, "erp.value.time", err, p.texts[a.Name])
		}
		return value{text: s}, ok && err == nil && !p.b.r.zoned(a.Name)
	}
	return value{}, false
}

// zoned reports whether an alias has a zone of its own.
func (r *reader) zoned(alias string) bool { return r.zones[alias] != nil || r.unix[alias] }

// cell gives the alias's value: what the text rules made of it, or the column's own.
func (p *part) cell(a *Alias) cell {
	if p.changed[a.Name] {
		return cell{v: p.texts[a.Name]}
	}
	c, ok := p.row[a.Name]
	if !ok || c.null() || p.texts[a.Name] == "" {
		if d, ok := p.fallback(a); ok {
			return cell{v: d}
		}
	}
	if _, isText := c.v.([]byte); isText {
		return cell{v: p.texts[a.Name], dbType: c.dbType}
	}
	return c
}

func (p *part) fallback(a *Alias) (string, bool) {
	defaults := p.b.doc.cfg.Default
	if p.line > 0 {
		defaults = p.b.doc.cfg.LineDefault
	}
	d, ok := defaults[a.Name]
	return d, ok
}

// text reads texts and codes: translated by the value table, or the default where there is none.
func (p *part) text(a *Alias) (value, bool) {
	s := p.texts[a.Name]
	if out, ok := p.b.r.translate(a.Map, s); !ok {
		p.fault(a, "erp.map."+a.Map, fmt.Errorf("the table map.%s has no entry for it", a.Map), s)
		return value{}, false
	} else if s = out; s == "" {
		s, _ = p.fallback(a)
	}
	if s == "" {
		return value{}, false
	}
	if n, ok := setting(p.b.r.cfg.Text.MaxLength, a.Name, p.line > 0); ok {
		s = strings.TrimSpace(truncate(s, n))
	}
	if a.Type != TypeCode && a.Type != TypeBool {
		if why := damaged(s); why != "" {
			p.fault(a, "erp.text.damaged", errors.New(why), s)
		}
	}
	return value{text: s}, true
}

// numeric reads numbers: exact, rounded to their scale, in the unit of the contract, with the sign of the contract.
func (p *part) numeric(a *Alias) (value, bool) {
	d, ok, err := p.cell(a).decimal(p.b.r.cfg.Money.DecimalMark)
	if err != nil {
		p.fault(a, "erp.value.number", err, p.texts[a.Name])
		return value{}, false
	}
	if !ok {
		return value{}, false
	}
	money := &p.b.r.cfg.Money
	switch {
	case a.Type == TypeMoney && !p.factor.IsZero():
		d = d.Mul(p.factor)
	case a.Name == "vat_rate" || a.Name == "charge_vat_rate":
		if money.VATUnit == "fraction" {
			d = d.Shift(2)
		}
		d = p.b.r.snap(d)
	case a.Name == "discount_rate" && money.DiscountUnit == "fraction":
		d = d.Shift(2)
	}
	if scale, ok := setting(money.Scale, a.Name, p.line > 0); ok {
		d = d.Round(int32(scale))
	} else if a.Type == TypeMoney && !p.factor.IsZero() && a.Name != "unit_price" {
		d = d.Round(2)
	}
	switch {
	case a.Name == "quantity":
		d = signed(d, p.b.sign.Quantity)
	case a.Type == TypeMoney && p.line > 0:
		d = signed(d, p.b.sign.Lines)
	case a.Type == TypeMoney:
		d = signed(d, p.b.sign.Header)
	}
	return value{num: d}, true
}

// number reads a numeric alias that no field takes; zero when there is none.
func (p *part) number(name string) decimal.Decimal {
	if a := p.set.find(name); a != nil {
		if v, ok := p.numeric(a); ok {
			return v.num
		}
	}
	return decimal.Decimal{}
}

func signed(d decimal.Decimal, rule string) decimal.Decimal {
	switch rule {
	case "negate":
		return d.Neg()
	case "abs":
		return d.Abs()
	}
	return d
}

// date reads dates in their zone; a separate time column in the same zone moves with its date.
func (p *part) date(a *Alias) (value, bool) {
	c := p.cell(a)
	if a.Name == "issue_date" && p.b.r.zones["issue_date"] != nil && c.dbType == "DATE" {
		if t, ok, err := p.cell(p.set.find("issue_time")).timeOfDay(); ok && err == nil {
			c = cell{v: c.raw() + " " + t}
		}
	}
	m, ok, err := c.moment(p.b.r.zones[a.Name], p.b.r.unix[a.Name])
	switch {
	case errors.Is(err, errZeroDate) && p.b.r.cfg.ZeroDate != "fault":
		return value{}, false
	case err != nil:
		p.fault(a, "erp.value.date", err, p.texts[a.Name])
		return value{}, false
	}
	return value{date: m}, ok
}

// fault records a value that cannot be read.
func (p *part) fault(a *Alias, code string, err error, text string) {
	field := a.Name
	if p.line > 0 {
		field = fmt.Sprintf("lines[%d].%s", p.line, a.Name)
	}
	p.b.faults = append(p.b.faults, unreadable(code, field, truncate(text, 60), err))
}

// unreadable words the fault of a value.
func unreadable(code, field, text string, err error) invoice.Fault {
	f := invoice.Fault{Code: code, Field: field, Value: text, Message: invoice.Text{
		TR: fmt.Sprintf("ERP'deki %s alanı okunamadı: %q.", field, text),
		EN: fmt.Sprintf("The ERP's %s cannot be read: %q (%v).", field, text, err),
	}, Advice: invoice.Text{
		TR: "ERP'deki değeri düzeltin veya sistem yöneticisine haber verin.",
		EN: "Correct the value in the ERP, or tell the administrator.",
	}}
	switch {
	case strings.HasPrefix(code, "erp.map."):
		table := strings.TrimPrefix(code, "erp.")
		f.Message = invoice.Text{
			TR: fmt.Sprintf("%s alanındaki %q değerinin karşılığı tanımlı değil (%s).", field, text, table),
			EN: fmt.Sprintf("The value %q of %s has no counterpart in %s.", text, field, table),
		}
		f.Advice = invoice.Text{
			TR: fmt.Sprintf("ERP'deki değeri düzeltin veya %s tablosuna ekletin.", table),
			EN: fmt.Sprintf("Correct the value in the ERP, or have it added to %s.", table),
		}
	case code == "erp.text.damaged":
		f.Message = invoice.Text{
			TR: fmt.Sprintf("%s alanındaki harfler bozuk: %q.", field, text),
			EN: fmt.Sprintf("The letters of %s are damaged: %q (%v).", field, text, err),
		}
		f.Advice = invoice.Text{
			TR: "ERP'deki yazıyı yeniden girin; bütün kayıtlar böyleyse karakter seti ayarı yanlıştır.",
			EN: "Type the text again in the ERP; if every record looks so, the character set is configured wrongly.",
		}
	}
	return f
}
