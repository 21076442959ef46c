package app

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
	"faturad/providers"
	"faturad/sync/archive"
)

// TestWhatThePageSaysOfAPass: a person reads what happened and what to do in the page's language, and none of the technical words,
// which stand behind it.
func TestWhatThePageSaysOfAPass(t *testing.T) {
	t.Parallel()
	away := mysqlx.Wrap("reading pending sales", io.ErrUnexpectedEOF) // a connection that was lost
	for name, c := range map[string]struct {
		err    error
		tr, en string
	}{
		"provider away": {fmt.Errorf("asking for statuses: %w", &fault.Error{Class: fault.Retryable, Doing: "asking", Code: "turkcell.unreachable", Err: errors.New("dial tcp"),
			Advice: "Entegratöre ulaşılamadı: ağı kontrol edin"}), "Entegratöre ulaşılamadı: ağı kontrol edin.", "Something could not be done at the provider"},
		"provider's words": {&fault.Error{Class: fault.Auth, Doing: "asking", Code: providers.CodeKey, Status: 401, Message: "Yetkisiz", Advice: "Anahtarı yenileyin"},
			`Entegratörün açıklaması: "Yetkisiz". Anahtarı yenileyin.`, "Something could not be done"},
		"provider without words": {&fault.Error{Class: fault.Retryable, Doing: "asking", Code: "turkcell.http_500"}, "Entegratörle yapılan bir işlem", "Something could not be done"},
		"database away":          {errors.Join(away, errors.New("and more")), "Veritabanına ulaşılamadı", "The database cannot be reached"},
		"database user":          {fault.New(fault.Auth, "reading", fmt.Errorf("Access denied: %w", io.ErrUnexpectedEOF)), "Veritabanı faturad'ın kullanıcısını", "The database refuses"},
		"database statement":     {fault.New(fault.Permanent, "writing", io.ErrUnexpectedEOF), "Veritabanı bir işlemi kabul etmedi", "The database refused a statement"},
		"archive":                {&fault.Error{Class: fault.Retryable, Doing: "writing", Code: archive.CodeFull, Advice: "Make room"}, "Arşivin diskinde yer yok", "The archive's disk"},
		"anything":               {errors.New("boom"), "İş tamamlanamadı", "The run did not end well"},
	} {
		tr, en := passTold(c.err, "tr"), passTold(c.err, "en")
		if !strings.HasPrefix(tr, c.tr) || !strings.HasPrefix(en, c.en) {
			t.Errorf("%s: %q, %q", name, tr, en)
		}
		for _, technical := range []string{"dial tcp", "reading", "asking for", "EOF", "Access denied", "Make room"} {
			if strings.Contains(tr+en, technical) {
				t.Errorf("%s: %q, %q", name, tr, en)
			}
		}
	}
}
