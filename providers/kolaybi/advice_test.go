package kolaybi //nolint:testpackage // the table is not exported

import (
	"strings"
	"testing"

	"faturad/providers"
)

// TestKnownRefusalsSayWhatToDo: for the sentences of the facts, and for whatever names a field of the guide, the accountant reads in
// Turkish what to do and where.
func TestKnownRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"e-Fatura kullanıcısına e-Arşiv gönderilemez.":       "e-Fatura olarak",
		"Ön ek bulunamadı.":                                  "KolayBi panelinde bu yıl için ön ek",
		"Ülke eşleşmiyor.":                                   "ülkeyi",
		"identity_no is invalid":                             "VKN",
		"The surname field is required.":                     "ad ve soyadı",
		"The items.0.vat_rate field is required.":            "KDV oranını",
		"gtip_no alanı 12 hane olmalı":                       "GTİP",
		"vat_exemption_reason_code is required":              "istisna kodu",
		"special_tax_base[reason_code] zorunlu":              "Özel matrahın",
		"internet_sale[payment_type] geçersiz":               "İnternet satışının",
		"handling_and_shipping_information[freight] zorunlu": "Teslim şartını",
		"items[0][identifications][0][bn] zorunlu":           "karekod",
		"cross_currency_rate zorunlu":                        "döviz kurunu",
		"exchange_rate zorunlu":                              "döviz kurunu",
		"order_date geçersiz":                                "tarihini",
		"Bir hata oluştu.":                                   "Bu açıklamaya göre satışı düzeltin",
	} {
		code, what := refusalWords(said)
		if !strings.Contains(what, want) || (code == providers.CodeContentRefused) != (said == "Bir hata oluştu.") {
			t.Errorf("%q: code %s, advice %q", said, code, what)
		}
	}
}
