package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"go.uber.org/goleak"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/schedule"
	"faturad/sync/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// token is what the tests' visitors must know. It must never show anywhere.
const token = "a-made-up-token-of-the-tests"

// hostile is what a buyer's or a sender's name may hold.
const hostile = `<script>alert("x")</script>`

// noon is when the tests happen.
var noon = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// books is a ledger in memory. It notes what it was asked.
type books struct {
	mu       sync.Mutex
	docs     []ledger.Document
	received []ledger.Received
	alarms   []ledger.Alarm
	err      error
	filter   ledger.Filter
	inbox    ledger.ReceivedFilter
}

func (b *books) Sums(_ context.Context, company string) ([]ledger.StateSum, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var sums []ledger.StateSum
	for _, d := range b.docs {
		if d.Company != company {
			continue
		}
		i := slices.IndexFunc(sums, func(s ledger.StateSum) bool { return s.State == d.State && s.Currency == d.Currency })
		if i < 0 {
			i, sums = len(sums), append(sums, ledger.StateSum{State: d.State, Currency: d.Currency})
		}
		sums[i].Count++
		sums[i].Payable = sums[i].Payable.Add(d.Payable.Decimal)
	}
	return sums, b.err
}

func (b *books) Documents(_ context.Context, f ledger.Filter) ([]ledger.Document, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filter = f
	var out []ledger.Document
	for _, d := range b.docs {
		if (f.Company == "" || f.Company == d.Company) && (len(f.States) == 0 || slices.Contains(f.States, d.State)) && strings.Contains(d.BuyerName+d.LocalReference, f.Search) {
			out = append(out, d)
		}
	}
	return out, b.err
}

func (b *books) Find(_ context.Context, company, ref string) ([]ledger.Document, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []ledger.Document
	for _, d := range b.docs {
		if d.LocalReference == ref && (company == "" || company == d.Company) {
			out = append(out, d)
		}
	}
	return out, b.err
}

func (b *books) History(_ context.Context, id int64) ([]ledger.Event, error) {
	return []ledger.Event{
		{Document: id, Attempt: 1, Operation: ledger.OpCreate, Opened: true, At: noon},
		{Document: id, Attempt: 1, Operation: ledger.OpCreate, Class: "permanent", HTTPStatus: 422, Message: hostile, At: noon.Add(time.Second)},
	}, nil
}

func (b *books) AuditTrail(_ context.Context, id int64) ([]ledger.Audit, error) {
	return []ledger.Audit{{Document: id, At: noon, User: "ayse", Action: "release", From: ledger.Held, To: ledger.Pending, Reason: "düzeltildi"}}, nil
}

func (b *books) Alarms(_ context.Context, company string) ([]ledger.Alarm, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.alarms), func(a ledger.Alarm) bool { return a.Company != company }), b.err
}

func (b *books) ListReceived(_ context.Context, f ledger.ReceivedFilter) ([]ledger.Received, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inbox = f
	return b.received, b.err
}

// asked is the filter of the last list of documents.
func (b *books) asked() ledger.Filter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.filter
}

// jobs is a daemon that notes what was triggered. A triggered job has run at once.
type jobs struct {
	mu        sync.Mutex
	status    []schedule.Status
	triggered []string
	notReady  bool
}

func (j *jobs) Jobs() []schedule.Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.status)
}

func (j *jobs) Trigger(job, company string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.status {
		if j.status[i].Name == job+"/"+company {
			j.triggered = append(j.triggered, j.status[i].Name)
			j.status[i].Runs++
			j.status[i].LastEnd = noon
			return nil
		}
	}
	return errors.New("there is no job " + job)
}

func (j *jobs) Told(error) string { return "Entegratöre ulaşılamadı." }

func (j *jobs) Healthy() bool { return true }
func (j *jobs) Ready() bool   { return !j.notReady }

func (j *jobs) ran() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.triggered)
}

// site is an open admin page with everything around it.
type site struct {
	*Server
	t     *testing.T
	books *books
	jobs  *jobs
	clock *clock.Manual
	log   *logged
}

// logged collects the log of a server.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func amount(s string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

func document(id int64, company, sale string, state ledger.State, buyer, payable, currency string) ledger.Document {
	d := ledger.Document{
		ID: id, Company: company, LocalReference: company + ":sale:" + sale, SaleKey: sale, SaleNumber: "S-" + sale, Revision: 1,
		ETTN: uuid.NewSHA1(uuid.NameSpaceURL, []byte(sale)), State: state, BuyerName: buyer, BuyerTaxNo: "6400177128", Currency: currency,
		Account: "main", Route: providers.Route{Kind: "e-arsiv"}, UpdatedAt: noon, IssueDate: invoice.DateOf(noon),
	}
	if payable != "" {
		d.Payable = amount(payable)
	}
	return d
}

// open opens a page on a free port of loopback, with two companies.
func open(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	held := document(3, "acme", "3", ledger.Held, hostile, "", "")
	held.Message, held.Advice, held.Changed = "Alıcının vergi numarası 10 veya 11 hane olmalı.", "Cari kartta vergi numarasını düzeltin.", true
	sent := document(1, "acme", "1", ledger.Accepted, "Işıltı Aydınlatma Ltd. Şti.", "1234567.5", "TRY")
	sent.Number = "EPA2026000000001"
	s := &site{t: t, clock: clock.NewManual(noon), log: &logged{}, jobs: &jobs{}, books: &books{
		alarms: []ledger.Alarm{{Company: "acme", Name: "provider.main.key", Since: noon, Message: "Anahtar kabul edilmiyor: " + hostile, Advice: "Anahtarı yenileyin."}},

		docs: []ledger.Document{
			sent, document(2, "acme", "2", ledger.Accepted, "Ğüşiöç A.Ş.", "99.90", "EUR"), held,
			document(4, "acme", "4", ledger.Pending, "", "", ""), document(5, "beta", "1", ledger.Sent, "Başka Alıcı", "10", "TRY"),
		},
		received: []ledger.Received{{
			ID: 1, Company: "acme", ETTN: uuid.NewSHA1(uuid.NameSpaceURL, []byte("r")), Number: "GEL2026000000007", SenderTitle: hostile,
			SenderTaxNo: "6400177128", Currency: "TRY", Payable: amount("2500"), State: ledger.ReceivedQuarantined, Reason: "XML okunamadı", ArrivedAt: noon,
		}},
	}}
	for _, name := range []string{"outbound/acme", "followup/acme", "inbound/acme", "outbound/beta"} {
		s.jobs.status = append(s.jobs.status, schedule.Status{Name: name, Next: noon.Add(time.Minute)})
	}
	o := Options{
		Listen: "127.0.0.1:0", Token: token, Version: "1.2.3", Companies: []string{"acme", "beta"}, Hosts: []string{"faturad.example.com"},
		Log:     slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "faturad_documents 1\n") }), //nolint:errcheck // a test's own writer
		Ledger:  s.books, Jobs: s.jobs, Clock: s.clock,
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if s.Server, err = Listen(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the page: %v", err)
		}
		if log := s.log.String(); strings.Contains(log, token) || strings.Contains(log, s.session(noon.Add(sessionTime))) {
			t.Errorf("the log holds the token or a session:\n%s", log)
		}
	})
	return s
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send makes one request; change may set headers.
func (s *site) send(method, path string, form url.Values, change ...func(*http.Request)) answer {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range change {
		c(r)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	a := answer{resp.StatusCode, resp.Header, string(text)}
	a.check(s.t, method+" "+path)
	return a
}

// check is what holds for every answer.
func (a answer) check(t *testing.T, what string) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s (%d): %s is %q, want %q", what, a.status, name, got, want)
		}
	}
	if strings.Contains(a.body, token) {
		t.Errorf("%s (%d): the token is in the answer", what, a.status)
	}
	if strings.Contains(a.body, hostile) || strings.Contains(a.body, "<script") {
		t.Errorf("%s (%d): a name became markup:\n%s", what, a.status, a.body)
	}
}

func bearer(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+value) }
}

func html(r *http.Request) { r.Header.Set("Accept", "text/html,application/xhtml+xml") }

func cookie(value string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: value}) }
}

// login logs in and gives the session.
func (s *site) login() *http.Cookie {
	s.t.Helper()
	a := s.send(http.MethodPost, "/login", url.Values{"token": {token}})
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
		s.t.Fatalf("log-in: %d %s", a.status, a.body)
	}
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		s.t.Fatalf("log-in set %v", cookies)
	}
	return cookies[0]
}
