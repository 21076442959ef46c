package propars

import (
	"testing"

	"faturad/providers"
)

// TestRefusalWords: capital letters hide no word, neither Turkish ones (İ) nor those of a server that knows no Turkish (I).
func TestRefusalWords(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Alıcı e-Fatura mükellefi değil": providers.CodeBuyerNotRegistered,
		"ALICI E-FATURA MÜKELLEFİ DEĞİL": providers.CodeBuyerNotRegistered,
		"E-FATURA MÜKELLEFI":             providers.CodeBuyerRegistered,
		"tax_office: Bu alan zorunlu":    "propars.buyer",
		"İptal edilmiş fatura":           "propars.state",
		"IPTAL EDILEMEZ":                 "propars.state",
		"Bir şey olmadı":                 providers.CodeContentRefused,
	} {
		if code, advice := refusalWords(message); code != want || advice == "" {
			t.Errorf("%q: %q, %q, want %q", message, code, advice, want)
		}
	}
}
