package web

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"faturad/schedule"
	"faturad/sync/ledger"
)

// text checks that a page holds some pieces and lacks others (those with "!" before them).
func (a answer) text(t *testing.T, what string, pieces ...string) {
	t.Helper()
	for _, piece := range pieces {
		rest, absent := strings.CutPrefix(piece, "!")
		if strings.Contains(a.body, rest) == absent {
			t.Errorf("%s: want %q\n%s", what, piece, a.body)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	const escaped = "&lt;script&gt;"
	for name, c := range map[string]struct {
		path   string
		tr, en []string
	}{
		"overview": {"/", []string{`lang="tr"`, "Onaylandı", "1.234.567,50 TRY", "99,90 EUR", "Şimdi gönder", "İlgilenilmesi gereken belge: 1", "20.11.2026 12:01:00", "1.2.3", "Gelen faturaları al", "Anahtar kabul edilmiyor: " + escaped, "Anahtarı yenileyin.", "!http-equiv"},
			[]string{`lang="en"`, "Accepted", "1,234,567.50 TRY", "99.90 EUR", "Send now", "Documents that need a person: 1", "2026-11-20 12:01:00", "!Onaylandı"}},
		"documents": {"/documents", []string{escaped, "İnceleme gerekli", "EPA2026000000001", "Cari kartta", "Gönderildikten sonra değişti", "tüm şirketler"},
			[]string{escaped, "Needs review", "all companies", "Changed after it was sent", "1,234,567.50 TRY"}},
		"document": {"/document?company=acme&ref=acme:sale:3", []string{escaped, "İnceleme gerekli", "Ne yapmalı", "Cari kartta", "ayse", "İnceleme gerekli → Bekliyor: düzeltildi", `geri çevrildi<div class="detail">&lt;script&gt;`, "e-Arşiv"},
			[]string{escaped, "What to do", "Needs review → Pending: düzeltildi", "refused"}},
		"inbox":  {"/inbox", []string{escaped, "GEL2026000000007", "2.500,00 TRY", "Karantinada", "XML okunamadı"}, []string{escaped, "2,500.00 TRY", "Quarantined"}},
		"absent": {"/document?ref=none", []string{"Böyle bir belge yok."}, []string{"There is no such document."}},
		"login":  {"/login", []string{"Yönetim anahtarı", "Giriş"}, []string{"Admin token", "Log in"}},
	} {
		for language, want := range map[string][]string{"tr": c.tr, "en": c.en} {
			t.Run(name+"/"+language, func(t *testing.T) {
				t.Parallel()
				s := open(t, func(o *Options) {
					if o.Language = language; language == "tr" {
						o.Language = "" // the default
					}
				})
				a := s.send(http.MethodGet, c.path, nil, bearer(token), html)
				wanted := http.StatusOK
				if name == "absent" {
					wanted = http.StatusNotFound
				}
				if a.status != wanted || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
					t.Errorf("%d %q", a.status, a.header.Get("Content-Type"))
				}
				a.text(t, c.path, want...)
			})
		}
	}
}

func TestWrongTokenPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.send(http.MethodPost, "/login", url.Values{"token": {"wrong"}})
	if a.status != http.StatusUnauthorized || a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	a.text(t, "log-in", "Anahtar yanlış.", "!wrong")
	if !strings.Contains(s.log.String(), "wrong token") {
		t.Error("nobody hears of a wrong token")
	}
}

func TestDocumentFilter(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string]ledger.Filter{
		"/documents":                           {},
		"/documents?company=beta":              {Company: "beta"},
		"/documents?state=held":                {States: []ledger.State{ledger.Held}},
		"/documents?state=person":              {States: needsPerson},
		"/documents?state=nonsense":            {},
		"/documents?search=%27+OR+1%3D1":       {Search: "' OR 1=1"},
		"/documents?changed=1&after=17":        {Changed: true, AfterID: 17},
		"/documents?after=-1&search=Ğüş":       {Search: "Ğüş"},
		"/documents?after=abc&company=%3Cb%3E": {Company: "<b>"},
	} {
		if a := s.send(http.MethodGet, path, nil, bearer(token)); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
		want.Newest, want.Limit = true, pageRows
		got := s.books.asked()
		if got.Company != want.Company || got.Search != want.Search || !slices.Equal(got.States, want.States) || got.Changed != want.Changed || got.AfterID != want.AfterID || got.Limit != want.Limit || !got.Newest {
			t.Errorf("%s asked for %+v, want %+v", path, got, want)
		}
	}
	a := s.send(http.MethodGet, "/documents?state=held&search=script", nil, bearer(token))
	a.text(t, "the filter stays", `value="held" selected`, `value="script"`, "acme:sale:3", "!acme:sale:1")
}

func TestOlderRows(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.books.docs, s.books.received = nil, nil
	for i := range int64(pageRows) {
		s.books.docs = append(s.books.docs, document(1000-i, "acme", "1", ledger.Sent, "A", "1", "TRY"))
		s.books.received = append(s.books.received, ledger.Received{ID: 1000 - i})
	}
	s.send(http.MethodGet, "/documents?state=sent", nil, bearer(token)).text(t, "documents", `href="/documents?after=801&amp;state=sent"`)
	s.send(http.MethodGet, "/inbox", nil, bearer(token)).text(t, "inbox", `href="/inbox?after=801"`)
	s.send(http.MethodGet, "/inbox?state=stored&after=801&company=acme", nil, bearer(token))
	if f := s.books.inbox; f.AfterID != 801 || f.Company != "acme" || len(f.States) != 1 || f.States[0] != ledger.ReceivedStored {
		t.Errorf("the inbox asked for %+v", f)
	}
}

func TestStartingAJob(t *testing.T) {
	t.Parallel()
	s := open(t)
	session := s.login()
	a := s.send(http.MethodPost, "/run", url.Values{"job": {"outbound"}, "company": {"acme"}}, cookie(session.Value))
	if a.status != http.StatusSeeOther || !slices.Equal(s.jobs.ran(), []string{"outbound/acme"}) {
		t.Fatalf("%d, ran %v", a.status, s.jobs.ran())
	}
	page := s.send(http.MethodGet, a.header.Get("Location"), nil, cookie(session.Value))
	page.text(t, "after the start", "Başlatıldı: Satışları gönder (acme)", `http-equiv="refresh"`)
	if a := s.send(http.MethodPost, "/run", url.Values{"job": {"rm -rf"}, "company": {hostile}}, cookie(session.Value)); a.status != http.StatusBadRequest {
		t.Errorf("a job that is none: %d", a.status)
	}
	s.send(http.MethodGet, "/?started="+url.QueryEscape(hostile), nil, cookie(session.Value)).text(t, "a made-up start", "!Başlatıldı", "!http-equiv")
	s.jobs.status = []schedule.Status{{Name: "outbound/acme", Running: true}, {Name: "inbound/acme", Runs: 1, Failures: 1, LastError: errors.New(hostile)}}
	s.send(http.MethodGet, "/", nil, cookie(session.Value)).text(t, "while it runs", "çalışıyor…", `http-equiv="refresh"`,
		`Entegratöre ulaşılamadı.<div class="detail">`+template.HTMLEscapeString(hostile), "!Durumları sorgula")
}

func TestLedgerAway(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.books.err, s.jobs.notReady = errors.New("dial tcp: faturad:secret@tcp(db): refused"), true
	for _, path := range []string{"/", "/documents", "/document?ref=x", "/inbox"} {
		a := s.send(http.MethodGet, path, nil, bearer(token))
		if a.status != http.StatusBadGateway {
			t.Errorf("%s: %d", path, a.status)
		}
		a.text(t, path, "Kayıt veritabanı yanıt vermiyor", "!secret")
	}
	if a := s.send(http.MethodGet, "/readyz", nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", a.status)
	}
	if a := s.send(http.MethodGet, "/healthz", nil); a.status != http.StatusOK {
		t.Errorf("/healthz: %d: a restart would not bring the ledger back", a.status)
	}
	if a := s.send(http.MethodGet, "/metrics", nil, bearer(token)); a.status != http.StatusOK {
		t.Errorf("/metrics: %d", a.status)
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string][2]string{
		"0": {"0,00 TRY", "0.00 TRY"}, "999.999": {"1.000,00 TRY", "1,000.00 TRY"}, "-1234.5": {"-1.234,50 TRY", "-1,234.50 TRY"},
		"123456": {"123.456,00 TRY", "123,456.00 TRY"}, "12345678901234.56": {"12.345.678.901.234,56 TRY", "12,345,678,901,234.56 TRY"},
	} {
		d := decimal.RequireFromString(amount)
		if tr, en := (page{Language: "tr"}).Money(d, "TRY"), (page{Language: "en"}).Money(d, "TRY"); tr != want[0] || en != want[1] {
			t.Errorf("%s: %q, %q, want %q", amount, tr, en, want)
		}
	}
}

// TestOutcomeWords: what came of an attempt is said in words, and by the answer's status where its class says too little.
func TestOutcomeWords(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]ledger.Event{
		"başladı":                   {Opened: true, Class: "permanent"},
		"oldu":                      {Class: "ok"},
		"olmadı, yeniden denenecek": {Class: "retryable"},
		"olmadı: entegratör şu anda yanıt veremiyor, yeniden denenecek": {Class: "retryable", HTTPStatus: 503},
		"sonuç belirsiz, entegratöre soruluyor":                         {Class: "ambiguous", HTTPStatus: 500},
		"hesabın anahtarı ya da parolası kabul edilmedi":                {Class: "auth", HTTPStatus: 401},
		"hesabın yetkisi ya da kontörü yok":                             {Class: "auth", HTTPStatus: 403},
		"something new":                                                 {Class: "something new"},
	} {
		if got := (page{Language: "tr"}).Outcome(e); got != want {
			t.Errorf("%+v is %q, want %q", e, got, want)
		}
		if en := (page{Language: "en"}).Outcome(e); en == want && want != e.Class {
			t.Errorf("%+v is %q in English", e, en)
		}
	}
}
