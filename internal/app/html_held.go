package app

import (
	"fmt"
	"strings"

	"faturad/internal/invoice"
)

// heldSale is a sale that cannot become an invoice, as the ERP holds it, with every fault beside its field.
type heldSale struct {
	Fields []heldField // of the header; those with a fault first among their kind stand where people look for them
	Lines  []heldLine
	Other  []heldFault // faults of no single field
}

type heldField struct {
	Label, Column, Value string
	Faults               []heldFault
}

type heldLine struct {
	No, Name, Quantity, Price, Discount, Rate, Net, VAT string
	Faults                                              []heldFault
}

type heldFault struct {
	Message, Advice, Code, Column string
	Warning                       bool
}

// newHeldSale sorts the faults to their fields. A column that has a fault and no row of its own gets one.
func newHeldSale(s invoice.Sale, faults invoice.Faults, language string) heldSale {
	h := heldSale{Fields: heldFields(s, language), Lines: make([]heldLine, len(s.Lines))}
	for i := range s.Lines {
		h.Lines[i] = newHeldLine(&s.Lines[i])
	}
	at := map[string]int{}
	for i, f := range h.Fields {
		at[f.Column] = i
	}
	for _, f := range faults {
		told := heldFault{Message: f.Message.In(language), Advice: f.Advice.In(language), Code: f.Code, Column: f.Field, Warning: f.Warning}
		var line int
		var column string
		if n, _ := fmt.Sscanf(strings.NewReplacer("[", " ", "].", " ").Replace(f.Field), "lines %d %s", &line, &column); n == 2 && line >= 1 && line <= len(h.Lines) {
			told.Column = column
			h.Lines[line-1].Faults = append(h.Lines[line-1].Faults, told)
			continue
		}
		if f.Field == "" || f.Field == "lines" {
			h.Other = append(h.Other, told)
			continue
		}
		i, ok := at[f.Field]
		if !ok {
			i = len(h.Fields)
			at[f.Field] = i
			h.Fields = append(h.Fields, heldField{Column: f.Field, Value: f.Value})
		}
		h.Fields[i].Faults = append(h.Fields[i].Faults, told)
	}
	shown := h.Fields[:0]
	for _, f := range h.Fields {
		if f.Value != "" || len(f.Faults) > 0 {
			shown = append(shown, f)
		}
	}
	h.Fields = shown
	return h
}

// heldFields are the columns that people look for, in the order of an invoice.
func heldFields(s invoice.Sale, language string) []heldField {
	currency := s.Currency
	if currency == "" {
		currency = "TRY"
	}
	list := []struct {
		column, tr, en, value string
	}{
		{"doc_no", "Satış no", "Sale number", s.Number},
		{"issue_date", "Tarih", "Date", turkishDate(s.IssueDate)},
		{"kind", "Belge türü", "Kind", string(s.Kind)},
		{"scenario", "Senaryo", "Scenario", s.Scenario},
		{"invoice_type", "Fatura tipi", "Type", s.Type},
		{"buyer_name", "Alıcı", "Buyer", partyName(s.Buyer)},
		{"buyer_tax_no", "VKN/TCKN", "Tax number", invoice.MaskTaxNo(s.Buyer.TaxNo)},
		{"buyer_tax_office", "Vergi dairesi", "Tax office", s.Buyer.TaxOffice},
		{"buyer_street", "Adres", "Street", s.Buyer.Address.Street},
		{"buyer_district", "İlçe", "District", s.Buyer.Address.District},
		{"buyer_city", "İl", "City", s.Buyer.Address.City},
		{"buyer_country", "Ülke", "Country", s.Buyer.Address.Country},
		{"buyer_email", "E-posta", "Mail", s.Buyer.Email},
		{"currency", "Para birimi", "Currency", currency},
		{"exchange_rate", "Kur", "Exchange rate", erpNumber(s.Rate)},
		{"discount_rate", "Belge iskontosu %", "Document discount %", erpNumber(s.DiscountRate)},
		{"discount", "Belge iskontosu", "Document discount", erpNumber(s.Discount)},
		{"charge", "Belge artırımı", "Document charge", erpNumber(s.Charge)},
		{"net", "Matrah", "Net", erpNumber(s.Net)},
		{"vat", "KDV", "VAT", erpNumber(s.VAT)},
		{"other_taxes", "Diğer vergiler", "Other taxes", erpNumber(s.OtherTaxes)},
		{"gross", "Genel toplam", "Total", erpNumber(s.Gross)},
		{"withheld", "Tevkifat", "Withheld", erpNumber(s.Withheld)},
		{"payable", "Ödenecek tutar", "Payable", erpNumber(s.Payable)},
	}
	out := make([]heldField, len(list))
	for i, f := range list {
		out[i] = heldField{Label: invoice.Text{TR: f.tr, EN: f.en}.In(language), Column: f.column, Value: f.value}
	}
	return out
}

func newHeldLine(l *invoice.SaleLine) heldLine {
	discount := erpNumber(l.Discount)
	if rate := l.DiscountRate; rate.Valid && !rate.Decimal.IsZero() {
		discount = strings.TrimSpace("%" + turkishNumber(rate.Decimal.String()) + " " + discount)
	}
	return heldLine{
		No: l.No, Name: l.Name, Quantity: strings.TrimSpace(erpNumber(l.Quantity) + " " + l.Unit), Price: erpNumber(l.UnitPrice), Discount: discount,
		Rate: erpNumber(l.VATRate), Net: erpNumber(l.Net), VAT: erpNumber(l.VAT),
	}
}

// erpNumber prints a number as the ERP gave it, "" for none.
func erpNumber(d invoice.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return turkishNumber(d.Decimal.String())
}
