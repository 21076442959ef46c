package providers_test

import (
	"testing"

	"faturad/internal/fault"
	"faturad/providers"
)

// TestWords: what a provider answered is quoted, what faturad says itself is not, and everything ends as a sentence.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err                 fault.Error
		message, en, advice string
	}{
		{fault.Error{Class: fault.Permanent, Status: 422, Message: "The ReceiverCity field is required.", Advice: "Cari kartına ili girin"},
			`Entegratör kabul etmedi: "The ReceiverCity field is required."`, `The provider refused it: "The ReceiverCity field is required."`, "Cari kartına ili girin."},
		{fault.Error{Class: fault.Permanent, Status: 400, Message: "name"}, `Entegratör kabul etmedi: "name".`, `The provider refused it: "name".`, ""},
		{fault.Error{Class: fault.Auth, Status: 403, Message: "Yetkiniz yok!"}, `Entegratörün açıklaması: "Yetkiniz yok!"`, `The provider says: "Yetkiniz yok!"`, ""},
		{fault.Error{Class: fault.Permanent, Message: "Alıcının adı eksik", Advice: "Düzeltin."}, "Alıcının adı eksik.", "Alıcının adı eksik.", "Düzeltin."},
		{fault.Error{Class: fault.Permanent, Status: 422}, "", "", ""},
	} {
		message, advice := providers.Words(&c.err, "tr")
		en, _ := providers.Words(&c.err, "en")
		if message != c.message || en != c.en || advice != c.advice {
			t.Errorf("%q: %q, %q, %q", c.err.Message, message, en, advice)
		}
	}
}
