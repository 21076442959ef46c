package turkcell //nolint:testpackage // the tables are not exported

import (
	"net/http"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/providers"
)

// TestKnownRefusalsSayWhatToDo: for every sentence that the facts know (5.2), and for English ones that name a field of the model, the
// accountant reads in Turkish what to do and where; the provider's words stay as they came.
func TestKnownRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	c := testClient()
	for said, want := range map[string]string{
		"Lütfen vergi numarasını giriniz.":                                                        "Cari kartındaki VKN",
		"Lütfen alıcı ünvanını/Adını giriniz.":                                                    "unvanı",
		"Lütfen ilçe adını giriniz.":                                                              "Cari kartına ilçeyi",
		"Lütfen şehir giriniz.":                                                                   "Cari kartına ili",
		"Lütfen ülke giriniz.":                                                                    "Cari kartına ülkeyi",
		"Negatif değer girilemez.":                                                                "eksi satır yerine iskonto",
		"InvoiceZip alanı boş bırakılamaz.":                                                       "sistem yöneticisine",
		"Sadece Taslak ve Kuyrukta durumunda olan faturayı kayıt edebilirsiniz.":                  "sistem yöneticisine",
		"Sadece Taslak veya Hatalı durumundaki fatura üzerinde değişiklik yapabilirsiniz":         "artık değiştirilemez",
		"Sadece hatalı ve taslak durumundaki fatura için güncelleme yapabilirsiniz":               "artık değiştirilemez",
		"Bu fatura numaralı kayıt veritabanında mevcuttur.":                                       "numarası kullanılmış",
		"Fatura numarası olması gereken değerin dışında.":                                         "16 haneli",
		"Fatura numarasının uzunluğu 16 karakter olmalıdır.Fatura Numarasi : X1":                  "16 haneli",
		"Fatura numarasının yıl bilgisi fatura tarihi ile aynı yıl olmalıdır.":                    "fatura tarihinin yılı",
		"Otomatik fatura numarası oluşturulamadı":                                                 "bu yıl için fatura serisi tanımlayın",
		"Prefix türkçe karakter içermemelidir.":                                                   "üç büyük harf",
		"Prefix 3 karakterden oluşmalıdır.":                                                       "üç büyük harf",
		"İleri bir tarihe fatura kesilemez.":                                                      "İleri tarihli",
		"Bir yıldan daha önceki bir tarihe fatura kesilemez.":                                     "mali müşavirinize",
		"Raporu oluşturulmuş aya e-Arşiv faturası kesemezsiniz.":                                  "e-Arşiv raporu verilmiş",
		"Geçerli bir tarih girmelisiz. Hatalı format : 31.31.2026":                                "tarihini düzeltin",
		"Geçerli bir Guid girmelisiz. Hatalı format : x":                                          "sistem yöneticisine",
		"Kullanıcının sistemde kaydı bulunamadı, EFatura kullanmıyor.":                            "e-Arşiv olarak",
		"6400 - Identifier VKN olarak seçilmiş ise 10 Karakter olmalıdır.":                        "VKN 10, TCKN 11",
		"e-Fatura göndermiş olduğunuz firmanın birden fazla etiketi(alias)'ı mevcuttur.":          "birden fazla posta kutusu",
		"e-Arşiv Faturası türü 'EARSIVFATURA' harici olamaz.":                                     "sistem yöneticisine",
		"e-Arşiv faturası için Fatura Saati zorunludur.":                                          "fatura saatini",
		"Geçersiz e-Posta Adresi.":                                                                "e-posta adresini",
		"Sadece başarılı e-Arşiv fatura iptal edilebilir.":                                        "onaylanınca yeniden isteyin",
		"e-Arşiv faturası daha Önce iptal edilmiş.":                                               "zaten iptal edilmiş",
		"e-Arşiv faturası düzenlendikten 6 ay sonra iptal edilemez.":                              "İade faturasıyla",
		"UBLVersionID 2.1 olmalıdır.":                                                             "sistem yöneticisine",
		"CustomizationID TR1.2 olmalıdır.":                                                        "customization ayarını",
		"UBL içerisindeki UUID alanı ile güncellenmek istenen faturanın Id'si aynı olmalıdır.":    "sistem yöneticisine",
		"Hatalı AppType. e-Fatura için '1' e-Arşiv için '2' olmalıdır.":                           "sistem yöneticisine",
		"The ReceiverCity field is required.":                                                     "Cari kartına ili",
		"Error converting value 'abc'. Path 'generalInfoModel.exchangeRate', line 1, position 7.": "döviz kurunu",
		"Something is wrong.":                                                                     "Bu açıklamaya göre satışı düzeltin",
	} {
		code, what := refusalWords(problem{sentences: []string{said}})
		if !strings.Contains(what, want) || (code == providers.CodeContentRefused) != (said == "Something is wrong.") {
			t.Errorf("%q: code %s, advice %q", said, code, what)
		}
		err := c.refused(request{doing: "testing", use: useCreate}, answer{status: http.StatusUnprocessableEntity, header: http.Header{}, body: []byte(said)}, "")
		if e, ok := err.(*fault.Error); !ok || e.Message != said { //nolint:errorlint // it is made by this call
			t.Errorf("%q came out as %v", said, err)
		}
	}
	if _, what := refusalWords(problem{sentences: []string{"The field is required."}, fields: []string{"model.AddressBook.ReceiverDistrict"}}); !strings.Contains(what, "ilçeyi") {
		t.Errorf("the name of the field says nothing: %q", what)
	}
}

// TestRefusedChangesAreAskedForAgain: a refused sale is sent by itself once it is corrected; a refused change of what the provider
// has is not made by itself.
func TestRefusedChangesAreAskedForAgain(t *testing.T) {
	t.Parallel()
	c := testClient()
	for u, want := range map[use]string{useCreate: sentAgain, useChange: askAgain} {
		err := c.refused(request{doing: "testing", use: u}, answer{status: http.StatusUnprocessableEntity, header: http.Header{}, body: []byte(`"Lütfen şehir giriniz."`)}, "")
		if e, ok := err.(*fault.Error); !ok || e.Advice != "Cari kartına ili girin"+want { //nolint:errorlint // it is made by this call
			t.Errorf("%s: %v", uses[u], err)
		}
	}
}
