package turkcell

import (
	"fmt"

	"faturad/providers"
)

// statuses are the provider's codes (facts 4.1), one code space for e-Fatura, e-Arşiv and incoming. 70 waits for the
// buyer's answer, up to eight days: the invoice is delivered, and followup's growing intervals suit it. The codes of an
// answer on its way (61, 62, 81, 82, 91, 92) settle by themselves.
var statuses = map[int]struct {
	state providers.State
	text  string
}{
	0:   {providers.StateDraft, "Taslak"},
	5:   {providers.StateWorking, "Test"},
	10:  {providers.StateCancelled, "İptal"},
	20:  {providers.StateWorking, "Kuyrukta"},
	30:  {providers.StateWorking, "GİB'e gönderiliyor"},
	40:  {providers.StateFailed, "Hata"},
	50:  {providers.StateWorking, "GİB'e iletildi"},
	60:  {providers.StateAccepted, "Onaylandı"},
	61:  {providers.StateWorking, "Onaylanıyor"},
	62:  {providers.StateWorking, "Onaylama hatası"},
	65:  {providers.StateAccepted, "Otomatik onaylandı"},
	70:  {providers.StateWorking, "Alıcının yanıtı bekleniyor"},
	80:  {providers.StateRejected, "Alıcı reddetti"},
	81:  {providers.StateWorking, "Reddediliyor"},
	82:  {providers.StateWorking, "Reddetme hatası"},
	90:  {providers.StateRejected, "Alıcı iade etti"},
	91:  {providers.StateWorking, "İade ediliyor"},
	92:  {providers.StateWorking, "İade hatası"},
	99:  {providers.StateCancelled, "e-Fatura iptal edildi"},
	100: {providers.StateCancelled, "e-Arşiv iptal edildi"},
}

// envelopes are GİB's envelope codes (facts 4.2). Which of them is final is the provider's to say, by status 40: an
// envelope that failed may be sent again by the provider itself.
var envelopes = map[int]string{
	1000: "Zarf kuyruğa eklendi", 1100: "Zarf işleniyor", 1110: "Zip dosyası değil", 1111: "Zarf numarasının uzunluğu geçersiz",
	1120: "Zarf arşivden kopyalanamadı", 1130: "Zip açılamadı", 1131: "Zip bir dosya içermeli", 1132: "XML dosyası değil",
	1133: "Zarf numarası ve XML adı aynı olmalı", 1140: "Belge ayrıştırılamadı", 1141: "Zarf numarası yok",
	1142: "Zarf numarası ve zip adı aynı olmalı", 1143: "Geçersiz sürüm", 1150: "Şematron kontrolü hatalı", 1160: "Şema kontrolü hatalı",
	1161: "İmza sahibinin TCKN/VKN'si alınamadı", 1162: "İmza kaydedilemedi", 1163: "Zarf daha önce kayıtlı bir fatura içeriyor",
	1170: "Yetki kontrol edilemedi", 1171: "Gönderici birim yetkisi yok", 1172: "Posta kutusu yetkisi yok", 1175: "İmza yetkisi kontrol edilemedi",
	1176: "İmza sahibi yetkisiz", 1177: "Geçersiz imza", 1180: "Adres kontrol edilemedi", 1181: "Adres bulunamadı",
	1182: "Kullanıcı eklenemedi", 1183: "Kullanıcı silinemedi", 1190: "Sistem yanıtı hazırlanamadı", 1195: "Sistem hatası",
	1200: "Zarf başarıyla işlendi", 1210: "Belge alıcının adresine gönderilemedi, yeniden denenecek",
	1215: "Belge alıcının adresine gönderilemedi, denemeler bitti", 1220: "Alıcıdan sistem yanıtı gelmedi",
	1230: "Alıcının sistemi belgeyi kabul etmedi", 1235: "Fatura iptale konu edildi", 1300: "Başarıyla tamamlandı",
}

// stateOf translates a status code. An unknown code means that the document exists and nothing more is known: working.
func stateOf(code int) providers.State {
	if s, known := statuses[code]; known {
		return s.state
	}
	return providers.StateWorking
}

// statusWords is the sentence that accountants read: the provider's own when it says something, else the envelope's when
// something is wrong with it or it is under way, else the code's.
func statusWords(code int, message, envelopeMessage string, envelope *int) string {
	text := statuses[code].text
	if text == "" {
		text = fmt.Sprintf("Bilinmeyen durum kodu %d", code)
	}
	if message != "" {
		return message
	}
	if envelope == nil || *envelope < 1000 || *envelope == 1300 || *envelope == 1200 {
		return text
	}
	if envelopeMessage == "" {
		envelopeMessage = envelopes[*envelope]
	}
	if envelopeMessage == "" {
		return fmt.Sprintf("%s (zarf %d)", text, *envelope)
	}
	return fmt.Sprintf("%s: %s (zarf %d)", text, envelopeMessage, *envelope)
}
