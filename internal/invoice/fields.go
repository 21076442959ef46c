package invoice

import "strings"

// fields are what people call the columns that hold texts of any length.
var fields = map[string]Text{
	"buyer_name":          {"Alıcının adı", "The buyer's name"},
	"buyer_tax_office":    {"Alıcının vergi dairesi", "The buyer's tax office"},
	"buyer_street":        {"Alıcının adresi", "The buyer's street"},
	"buyer_building_no":   {"Alıcının bina numarası", "The buyer's building number"},
	"buyer_door_no":       {"Alıcının kapı numarası", "The buyer's door number"},
	"buyer_district":      {"Alıcının ilçesi", "The buyer's district"},
	"buyer_city":          {"Alıcının ili", "The buyer's city"},
	"buyer_postcode":      {"Alıcının posta kodu", "The buyer's postcode"},
	"buyer_phone":         {"Alıcının telefonu", "The buyer's phone"},
	"buyer_fax":           {"Alıcının faksı", "The buyer's fax"},
	"buyer_website":       {"Alıcının web adresi", "The buyer's website"},
	"buyer_email":         {"Alıcının e-posta adresi", "The buyer's e-mail address"},
	"buyer_customer_name": {"Asıl alıcının adı", "The final customer's name"},
	"note":                {"Fatura notu", "The invoice's note"},
	"name":                {"{line}. satırın adı", "The name of line {line}"},
	"description":         {"{line}. satırın açıklaması", "The description of line {line}"},
	"sku":                 {"{line}. satırın ürün kodu", "The product code of line {line}"},
	"buyer_sku":           {"{line}. satırdaki alıcı ürün kodu", "The buyer's product code of line {line}"},
}

// fieldName is what people call a column; one without a name of its own is called by its alias.
func fieldName(field string) Text {
	if name, ok := fields[field[strings.LastIndexByte(field, '.')+1:]]; ok {
		return name
	}
	return Text{"“" + field + "” alanı", "The field " + field}
}
