package kolaybisim

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// contact is an "associate" with its addresses.
type contact struct {
	id                                                     int64
	name, surname, identity, taxOffice, code, email, phone string
	kind                                                   string
	corporate                                              bool
	addresses                                              []address
}

type address struct {
	id                                    int64
	text, district, city, country, postal string
	abroad                                bool
}

type product struct {
	id               int64
	name, code, kind string
	vat              string
}

func (s *Simulator) newID() int64 { s.nextID++; return s.nextID }

func (s *Simulator) contact(id int64) *contact {
	for _, c := range s.contacts {
		if c.id == id {
			return c
		}
	}
	return nil
}

func (s *Simulator) product(id int64) *product {
	for _, p := range s.products {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (c *call) companies() reply {
	return good([]any{map[string]any{"company_id": c.s.o.CompanyID, "company_name": "Örnek Yazılım Ticaret A.Ş.", "identity_no": c.s.o.SellerTaxNo,
		"tax_office": "Kadıköy", "company_currency": "try", "address": map[string]any{"city": "İstanbul", "district": "Kadıköy"},
		"is_invoice_resendble": !c.s.o.Rules.NotResendable}})
}

func (c *contact) row() map[string]any {
	list := []any{}
	for _, a := range c.addresses {
		list = append(list, a.row())
	}
	return map[string]any{"id": c.id, "name": c.name, "surname": c.surname, "identity_no": c.identity, "tax_office": c.taxOffice, "code": c.code,
		"associate_type": c.kind, "email": c.email, "phone": c.phone, "address": list, "tags": []any{}}
}

func (a address) row() map[string]any {
	return map[string]any{"id": a.id, "address": a.text, "district": a.district, "city": a.city, "country_name": a.country, "postal_code": a.postal, "is_abroad": a.abroad}
}

func (c *call) listContacts() reply {
	var rows []any
	for _, k := range c.s.contacts {
		if want := c.r.URL.Query().Get("identity_no"); want == "" || want == k.identity || c.s.o.Rules.IgnoreFilters {
			rows = append(rows, k.row())
		}
	}
	if len(rows) == 0 && c.s.o.Rules.Missing404 {
		return bad(http.StatusNotFound, 10404, "Kayıt bulunamadı.")
	}
	return c.page(rows)
}

// makeContact is POST associates (facts A4.1).
func (c *call) makeContact() reply {
	b := c.body
	k := &contact{name: b.text("name"), surname: b.text("surname"), identity: b.text("identity_no"), taxOffice: b.text("tax_office"),
		code: b.text("code"), email: b.text("email"), phone: b.text("phone"), kind: b.text("associate_type"), corporate: b.text("is_corporate") == "true"}
	switch {
	case utf8.RuneCountInString(k.name) < 2:
		return *refuse("name en az 2 karakter olmalı.")
	case utf8.RuneCountInString(k.surname) < 2:
		return *refuse("surname en az 2 karakter olmalı.")
	case len(k.identity) != 10 && len(k.identity) != 11 || strings.Trim(k.identity, "0123456789") != "":
		return *refuse("identity_no 10 ya da 11 haneli olmalı.")
	case len(k.identity) == 10 && k.corporate && k.taxOffice == "":
		return *refuse("tax_office alanı zorunlu: vergi dairesi.")
	}
	for _, other := range c.s.contacts {
		if c.s.o.Rules.UniqueContacts && other.identity == k.identity {
			return bad(http.StatusPreconditionFailed, 10412, "Bu kimlik numarasıyla bir kayıt zaten mevcut.")
		}
	}
	if k.kind == "" {
		k.kind = "customer"
	}
	if embedded, ok := b.sub("addresses"); ok && embedded.text("country") == "Türkiye" {
		return *refuse("Ülke eşleşmiyor.")
	}
	k.id = c.s.newID()
	c.s.contacts = append(c.s.contacts, k)
	c.entry.Saved = true
	return good(k.row())
}

// updateContact is PUT associates/{id}: what is named is written, the rest stays.
func (c *call) updateContact() reply {
	k := c.s.contact(c.id)
	if k == nil {
		return bad(http.StatusNotFound, 10404, "Cari bulunamadı.")
	}
	for name, at := range map[string]*string{"name": &k.name, "surname": &k.surname, "tax_office": &k.taxOffice, "email": &k.email, "phone": &k.phone, "associate_type": &k.kind} {
		if v := c.body.text(name); v != "" {
			*at = v
		}
	}
	c.entry.Saved = true
	return good(k.row())
}

// makeAddress is POST address/create (facts A4.2).
func (c *call) makeAddress() reply {
	b := c.body
	k := c.s.contact(b.id("associate_id"))
	a := address{text: b.text("address"), district: b.text("district"), city: b.text("city"), country: b.text("country"), postal: b.text("postal_code"), abroad: b.text("is_abroad") == "true"}
	switch {
	case k == nil:
		return bad(http.StatusNotFound, 10404, "Cari bulunamadı.")
	case a.city == "":
		return *refuse("city alanı zorunlu.")
	case a.district == "":
		return *refuse("district alanı zorunlu.")
	case a.country == "":
		return *refuse("country alanı zorunlu.")
	case a.abroad && a.postal == "":
		return *refuse("postal_code yurt dışı adreste zorunlu.")
	}
	a.id = c.s.newID()
	k.addresses = append(k.addresses, a)
	c.entry.Saved = true
	return good(a.row())
}

func (p *product) row() map[string]any {
	return map[string]any{"id": p.id, "name": p.name, "code": p.code, "product_type": strings.ToUpper(p.kind), "vat_type": "PERCENTAGE", "vat_value": p.vat,
		"sale_unit": "C62", "total_stock_quantity": "0", "tags": []any{}}
}

func (c *call) listProducts() reply {
	var rows []any
	for _, p := range c.s.products {
		if want := c.r.URL.Query().Get("code"); want == "" || want == p.code || c.s.o.Rules.IgnoreFilters {
			rows = append(rows, p.row())
		}
	}
	return c.page(rows)
}

// makeProduct is POST products (facts A4.3).
func (c *call) makeProduct() reply {
	b := c.body
	p := &product{name: b.text("name"), code: b.text("code"), kind: b.text("product_type"), vat: b.text("vat_rate")}
	switch {
	case p.name == "":
		return *refuse("name alanı zorunlu.")
	case p.kind != "" && p.kind != "good" && p.kind != "service":
		return *refuse("product_type good ya da service olmalı.")
	case p.kind == "service" && b.text("quantity") != "":
		return bad(http.StatusInternalServerError, 10500, "Model hatası.")
	}
	if p.kind == "" {
		p.kind = "good"
	}
	p.id = c.s.newID()
	c.s.products = append(c.s.products, p)
	c.entry.Saved = true
	return good(p.row())
}
