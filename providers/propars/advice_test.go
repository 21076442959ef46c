package propars //nolint:testpackage // the table is not exported

import (
	"strings"
	"testing"

	"faturad/providers"
)

// TestKnownRefusalsSayWhatToDo: whatever names a documented field, in whatever language, says to the accountant in Turkish what to do
// and where.
func TestKnownRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"detail":"Alıcı e-Fatura mükellefi değil."}`:                   "e-Arşiv olarak",
		`{"tax_office":["This field may not be blank."]}`:                "vergi dairesini",
		`{"tc_identity_number":["Ensure this field has 11 digits."]}`:    "TCKN",
		`{"city_name":["This field is required."]}`:                      "ili ve ilçeyi",
		`{"email":["Enter a valid email address."]}`:                     "e-posta adresini",
		`{"invoice_date":["This field is required."]}`:                   "tarihini",
		`{"currency":["Invalid pk - object does not exist."]}`:           "currencies ayarına",
		`{"tax_rate":["\"7\" is not a valid choice."]}`:                  "KDV oranını",
		`{"non_field_errors":["Something is wrong with this sale."]}`:    "Bu açıklamaya göre satışı düzeltin",
		`{"einvoice_profile":["\"KAMU\" is not a valid choice."]}`:       "senaryosunu",
		`{"invoice_number":["Bu fatura numarası kullanılmış."]}`:         "Propars panelinde fatura serisini",
		`{"detail":"Raporu gönderilmiş e-Arşiv fatura iptal edilemez."}`: "Propars panelinde kontrol edin",
	} {
		words, ours := refusal([]byte(body))
		code, what := refusalWords(words)
		if !ours || !strings.Contains(what, want) || (code == providers.CodeContentRefused) != strings.Contains(body, "Something") {
			t.Errorf("%s: %q, code %s, advice %q", body, words, code, what)
		}
	}
}
