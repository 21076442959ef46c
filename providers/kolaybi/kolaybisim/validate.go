package kolaybisim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

var (
	currencies   = strings.Fields("TRY USD EUR GBP CHF JPY CAD AUD SEK NOK DKK PLN CZK HUF RUB CNY KRW SAR AED EGP")
	vatRates     = strings.Fields("0 1 8 10 18 20")
	scenarios    = strings.Fields("TICARIFATURA TEMELFATURA ILAC_TIBBICIHAZ EARSIVFATURA KAMU IHRACAT")
	types        = strings.Fields("SATIS ISTISNA TEVKIFAT OZELMATRAH IHRACKAYITLI IADE")
	invoiceTypes = strings.Fields("sale_invoice sale_return_invoice purchase_invoice purchase_return_invoice")
	payments     = strings.Fields("credit-card bank-transfer pay-at-door payment-platform")
	conditions   = strings.Fields("FAS FOB DDU DDP EXW DEQ CFR")
	medicine     = strings.Fields("bn gtin sn xd")
	device       = strings.Fields("uno lno sno urt")
)

// checkInvoice refuses what POST invoices refuses; each message names the field.
func (c *call) checkInvoice(r *record) *reply {
	b := c.body
	if r.contact == nil {
		missing := bad(http.StatusNotFound, 10404, "Cari bulunamadı.")
		return &missing
	}
	if !slices.ContainsFunc(r.contact.addresses, func(a address) bool { return a.id == b.id("address_id") }) {
		return refuse("address_id bu carinin adresi değil.")
	}
	day, err := time.Parse(time.DateOnly, r.date)
	switch {
	case err != nil:
		return refuse("order_date YYYY-MM-DD olmalı.")
	case day.After(c.now.Add(3 * time.Hour)): // Turkey is three hours ahead of UTC
		return refuse("order_date ileri bir tarih olamaz.")
	case !slices.Contains(currencies, strings.ToUpper(r.currency)):
		return refuse("currency geçersiz: %q.", r.currency)
	case r.currency != "try" && !positive(b, "exchange_rate"):
		return refuse("exchange_rate zorunlu: fatura şirket para biriminde değil.")
	case !slices.Contains(scenarios, r.scenario):
		return refuse("document_scenario geçersiz: %q.", r.scenario)
	case !slices.Contains(types, r.docType):
		return refuse("document_type geçersiz: %q.", r.docType)
	case !slices.Contains(invoiceTypes, r.kind):
		return refuse("type geçersiz: %q.", r.kind)
	case r.docType == "ISTISNA" && b.text("vat_exemption_reason_code") == "":
		return refuse("vat_exemption_reason_code ISTISNA faturasında zorunlu: istisna kodu.")
	case c.s.o.Buyers[r.contact.identity] == BuyerRefused:
		return refuse("Bu cariye fatura kesilemez.")
	}
	for _, check := range []func(*record) *reply{c.checkSides, c.checkItems, c.checkKinds} {
		if refused := check(r); refused != nil {
			return refused
		}
	}
	for _, name := range []string{"subtotal_discount_amount", "subtotal_correction_amount", "cross_currency_rate"} {
		if _, _, err := b.amount(name); err != nil {
			return refuse("%s sayı olmalı.", name)
		}
	}
	for _, tag := range b.list("tags") {
		if tag.id("") == 0 {
			return refuse("tags etiket numaralarından oluşmalı.")
		}
	}
	return nil
}

// checkSides keeps e-Fatura users and others apart (facts A3.4).
func (c *call) checkSides(r *record) *reply {
	registered := c.s.Taxpayer(r.contact.identity)
	switch {
	case r.scenario == "IHRACAT":
		return nil
	case r.scenario == "EARSIVFATURA" && registered:
		return refuse("e-Fatura kullanıcısına e-Arşiv gönderilemez.")
	case r.scenario != "EARSIVFATURA" && !registered:
		return refuse("Alıcı e-Fatura kullanıcısı değil.")
	}
	return nil
}

func (c *call) checkItems(r *record) *reply {
	items := c.body.list("items")
	if len(items) == 0 {
		return refuse("items en az bir kalem içermeli.")
	}
	for i, it := range items {
		n := i + 1
		switch {
		case c.s.product(it.id("product_id")) == nil:
			return refuse("%d. kalemde product_id bulunamadı.", n)
		case !positive(it, "quantity"):
			return refuse("%d. kalemde quantity sıfırdan büyük olmalı.", n)
		case !slices.Contains(vatRates, it.text("vat_rate")):
			return refuse("%d. kalemde vat_rate geçersiz: %q.", n, it.text("vat_rate"))
		case it.text("unit_price") == "":
			return refuse("%d. kalemde unit_price zorunlu.", n)
		}
		for _, name := range []string{"unit_price", "discount_amount", "withholding_value"} {
			if d, _, err := it.amount(name); err != nil || d.IsNegative() {
				return refuse("%d. kalemde %s geçersiz.", n, name)
			}
		}
		if gtip := it.text("gtip_no"); gtip != "" && (len(gtip) != 12 || strings.Trim(gtip, "0123456789") != "") || r.scenario == "IHRACAT" && gtip == "" {
			return refuse("%d. kalemde gtip_no 12 hane olmalı.", n)
		}
		if r.docType == "TEVKIFAT" && it.text("withholding_code") == "" && len(items) == 1 {
			return refuse("%d. kalemde withholding_code zorunlu.", n)
		}
		if r.scenario == "ILAC_TIBBICIHAZ" {
			if refused := checkMedical(it, n); refused != nil {
				return refused
			}
		}
	}
	return nil
}

func checkMedical(it tree, n int) *reply {
	fields := map[string][]string{"medicine": medicine, "medical_device": device}[it.text("medicine_medicaldevice_type")]
	if fields == nil {
		return refuse("%d. kalemde medicine_medicaldevice_type medicine ya da medical_device olmalı.", n)
	}
	pieces := it.list("identifications")
	quantity, _, _ := it.amount("quantity") // checked before
	if len(pieces) == 0 || decimal.NewFromInt(int64(len(pieces))).GreaterThan(quantity) {
		return refuse("%d. kalemde identifications en az 1, en çok quantity kadar olmalı.", n)
	}
	for _, p := range pieces {
		for _, f := range fields {
			if p.text(f) == "" {
				return refuse("%d. kalemde identifications %s zorunlu.", n, f)
			}
		}
		for _, f := range []string{"xd", "urt"} {
			if d := p.text(f); d != "" && !isDate(d) {
				return refuse("%d. kalemde identifications %s YYYY-MM-DD olmalı.", n, f)
			}
		}
	}
	return nil
}

// checkKinds checks what belongs to single kinds of sale.
func (c *call) checkKinds(r *record) *reply {
	b := c.body
	base, has := b.sub("special_tax_base")
	if r.docType == "OZELMATRAH" {
		for _, f := range []string{"reason_code", "total", "percentage", "vat"} {
			if !has || base.text(f) == "" {
				return refuse("special_tax_base[%s] OZELMATRAH faturasında zorunlu.", f)
			}
		}
	}
	if sale, ok := b.sub("internet_sale"); ok {
		if !slices.Contains(payments, sale.text("payment_type")) || sale.text("url") == "" {
			return refuse("internet_sale[url] ve internet_sale[payment_type] geçersiz.")
		}
		if d := sale.text("payment_date"); d != "" && !isDate(d) {
			return refuse("internet_sale[payment_date] YYYY-MM-DD olmalı.")
		}
	}
	if s, ok := b.sub("internet_sale_shipment"); ok {
		if d := s.text("carrier_date"); d != "" && !isDate(d) {
			return refuse("internet_sale_shipment[carrier_date] YYYY-MM-DD olmalı.")
		}
	}
	if e, ok := b.sub("handling_and_shipping_information"); ok || r.scenario == "IHRACAT" {
		method := e.id("shipping_method")
		switch {
		case !slices.Contains(conditions, e.text("delivery_condition")):
			return refuse("handling_and_shipping_information[delivery_condition] geçersiz.")
		case method < 1 || method > 7:
			return refuse("handling_and_shipping_information[shipping_method] 1-7 olmalı.")
		case e.text("shipping_method_detail") != "" && method > 4:
			return refuse("handling_and_shipping_information[shipping_method_detail] yalnız 1-4 için.")
		}
	}
	if r.docType == "IADE" && len(b.list("return_invoice_references")) == 0 {
		if one, ok := b.sub("return_invoice_references"); !ok || one.text("serial_no") == "" {
			return refuse("return_invoice_references iade faturasında zorunlu.")
		}
	}
	return nil
}

func positive(t tree, name string) bool {
	d, there, err := t.amount(name)
	return there && err == nil && d.IsPositive()
}

func isDate(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }
