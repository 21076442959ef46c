package turkcell

import (
	"strings"
	"testing"

	"faturad/providers"
)

// TestStatusCodes is the table of what each code of the provider means for an outgoing invoice (facts 4.1) and what an
// accountant reads of it.
func TestStatusCodes(t *testing.T) {
	t.Parallel()
	want := map[int]struct {
		state providers.State
		word  string
	}{
		0: {providers.StateDraft, "Taslak"}, 10: {providers.StateCancelled, "İptal"}, 20: {providers.StateWorking, "Kuyrukta"},
		30: {providers.StateWorking, "gönderiliyor"}, 40: {providers.StateFailed, "Hata"}, 50: {providers.StateWorking, "iletildi"},
		60: {providers.StateAccepted, "Onaylandı"}, 61: {providers.StateWorking, "Onaylanıyor"}, 62: {providers.StateWorking, "Onaylama hatası"},
		65: {providers.StateAccepted, "Otomatik onaylandı"}, 70: {providers.StateWorking, "yanıtı bekleniyor"},
		80: {providers.StateRejected, "reddetti"}, 81: {providers.StateWorking, "Reddediliyor"}, 82: {providers.StateWorking, "Reddetme hatası"},
		90: {providers.StateRejected, "iade etti"}, 91: {providers.StateWorking, "İade ediliyor"}, 92: {providers.StateWorking, "İade hatası"},
		99: {providers.StateCancelled, "iptal edildi"}, 100: {providers.StateCancelled, "iptal edildi"},
		12345: {providers.StateWorking, "Bilinmeyen durum kodu 12345"},
	}
	for code, w := range want {
		if got := stateOf(code); got != w.state {
			t.Errorf("%d: %s, want %s", code, got, w.state)
		}
		if words := statusWords(code, "", "", nil); !strings.Contains(words, w.word) {
			t.Errorf("%d reads %q, want %q in it", code, words, w.word)
		}
		if words := statusWords(code, "Entegratörün sözü", "", nil); words != "Entegratörün sözü" {
			t.Errorf("%d hides the provider's own words: %q", code, words)
		}
	}
	for code := range statuses {
		if _, listed := want[code]; !listed && code != 5 {
			t.Errorf("code %d has no row here", code)
		}
	}
}
