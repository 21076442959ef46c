package turkcellsim_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/clock"
	"faturad/providers/turkcell/turkcellsim"
)

// state is what a status question answers: "status/envelope".
func (b *bench) state(path string, id uuid.UUID) string {
	b.t.Helper()
	a := b.get(path + "/" + id.String() + "/status")
	if a.status != http.StatusOK {
		b.t.Fatalf("%d %s", a.status, a.body)
	}
	envelope, ok := a.field(b.t, "envelopeStatus").(float64)
	if !ok {
		return fmt.Sprintf("%v", a.field(b.t, "status"))
	}
	return fmt.Sprintf("%v/%v", a.field(b.t, "status"), envelope)
}

func commercial(t testing.TB, id uuid.UUID, vkn string) string {
	t.Helper()
	return edit(t, invoiceTo(id, vkn), "TEMELFATURA", "TICARIFATURA")
}

func TestStatusesAdvance(t *testing.T) {
	t.Parallel()
	vkn := turkcellsim.ExampleVKN
	day := 24 * time.Hour
	tests := map[string]struct {
		pace  turkcellsim.Pace
		buyer string // a VKN; "" = e-Arşiv
		trade bool
		steps []time.Duration
		want  []string
	}{
		"basic":             {buyer: vkn(0), want: []string{"20", "30", "30/1000", "30/1100", "50/1200", "60/1300", "60/1300"}},
		"archive":           {want: []string{"20", "30", "50", "60", "60"}},
		"by poll":           {pace: turkcellsim.Pace{Mode: turkcellsim.PacePerPoll}, buyer: vkn(0), steps: []time.Duration{0, 0, 0, 0, 0}, want: []string{"30", "30/1000", "30/1100", "50/1200", "60/1300"}},
		"instant":           {pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}, buyer: vkn(0), want: []string{"60/1300"}},
		"instant archive":   {pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}, want: []string{"60"}},
		"instant trade":     {pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}, buyer: vkn(0), trade: true, want: []string{"60/1300"}},
		"trade, unanswered": {buyer: vkn(0), trade: true, steps: []time.Duration{10 * time.Second, 7 * day, day}, want: []string{"70/1300", "70/1300", "65/1300"}},
		"trade, answered":   {pace: turkcellsim.Pace{Answer: time.Hour}, buyer: vkn(0), trade: true, steps: []time.Duration{10 * time.Second, time.Hour}, want: []string{"70/1300", "60/1300"}},
		"trade, rejected":   {pace: turkcellsim.Pace{Answer: time.Hour}, buyer: vkn(turkcellsim.ExampleRejects), trade: true, steps: []time.Duration{10 * time.Second, time.Hour}, want: []string{"70/1300", "80/1300"}},
		"trade, silent":     {pace: turkcellsim.Pace{Answer: time.Hour}, buyer: vkn(turkcellsim.ExampleSilent), trade: true, steps: []time.Duration{day, 8 * day}, want: []string{"70/1300", "65/1300"}},
		"fails":             {buyer: vkn(turkcellsim.ExampleFails), steps: []time.Duration{day, day}, want: []string{"40/1150", "40/1150"}},
		"envelope":          {buyer: vkn(turkcellsim.ExampleEnvelope1215), steps: []time.Duration{day}, want: []string{"40/1215"}},
		"stuck":             {buyer: vkn(turkcellsim.ExampleStuck), steps: []time.Duration{day, 30 * day}, want: []string{"50/1220", "50/1220"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, id, path := start(t, turkcellsim.Options{Pace: tc.pace}), uuid.New(), pathInvoice
			doc := invoiceTo(id, tc.buyer)
			switch {
			case tc.buyer == "":
				path, doc = pathArchive, archiveTo(id, person)
			case tc.trade:
				doc = commercial(t, id, tc.buyer)
			}
			if a := b.create(path, doc, "status", "20"); a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			for i, want := range tc.want {
				if i < len(tc.steps) {
					b.sim.Advance(tc.steps[i])
				} else if i > 0 {
					b.sim.Advance(2 * time.Second)
				}
				if got := b.state(path, id); got != want {
					t.Errorf("step %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestFailedDocumentsCanBeRepaired(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	doc := invoiceTo(id, turkcellsim.ExampleVKN(turkcellsim.ExampleFailOnce))
	number := b.create(pathInvoice, doc, "status", "20").field(t, "invoiceNumber")
	if a := b.upload(http.MethodPut, pathInvoice+"/"+id.String(), doc, "status", "20"); a.status != 422 || !a.has("Taslak veya Hatalı") {
		t.Fatalf("an update in 20: %d %s", a.status, a.body)
	}
	b.sim.Advance(time.Minute)
	if got := b.state(pathInvoice, id); got != "40/1150" {
		t.Fatal(got)
	}
	if a := b.upload(http.MethodPut, pathInvoice+"/"+uuid.NewString(), doc, "status", "20"); a.status != 422 || !a.has("UUID alanı") {
		t.Fatalf("another id: %d %s", a.status, a.body)
	}
	a := b.upload(http.MethodPut, pathInvoice+"/"+id.String(), edit(t, doc, "Çelik vida", "Pirinç vida"), "status", "20", "prefix", "ZZZ")
	if a.status != 200 || a.field(t, "invoiceNumber") != number {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.sim.Advance(time.Minute)
	if got := b.state(pathInvoice, id); got != "60/1300" {
		t.Fatal(got)
	}
	if a := b.get(pathInvoice + "/" + id.String() + "/ubl"); !a.has("Pirinç vida") {
		t.Errorf("%s", a.body)
	}
	if d := b.sim.Documents()[0]; d.Updates != 1 {
		t.Errorf("%+v", d)
	}
}

func TestUpdateStatusList(t *testing.T) {
	t.Parallel()
	b, draft, archive := start(t, turkcellsim.Options{}), uuid.New(), uuid.New()
	b.create(pathInvoice, basic(draft), "status", "0")
	b.create(pathArchive, archiveTo(archive, person))
	b.sim.Advance(time.Hour)
	if got := b.state(pathInvoice, draft); got != "0" {
		t.Fatalf("a draft moved to %s", got)
	}
	list := func(status int, ids ...uuid.UUID) answer {
		body, err := json.Marshal(map[string]any{"Ids": ids, "status": status})
		if err != nil {
			t.Fatal(err)
		}
		return b.json(http.MethodPut, "/v1/outboxinvoice/updatestatuslist", string(body))
	}
	if a := list(20, draft, uuid.New()); a.status != 404 {
		t.Fatalf("an unknown id: %d %s", a.status, a.body)
	}
	if got := b.state(pathInvoice, draft); got != "0" {
		t.Fatalf("half a list was done: %s", got)
	}
	if a := list(20, draft, archive); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := list(20, draft); a.status != 422 {
		t.Fatalf("queued twice: %d %s", a.status, a.body)
	}
	b.sim.Advance(time.Minute)
	if b.state(pathInvoice, draft) != "60/1300" || b.state(pathArchive, archive) != "60" {
		t.Errorf("%+v", b.sim.Documents())
	}
	if a := list(40, draft); a.status != 422 {
		t.Errorf("status 40 by hand: %d", a.status)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b, young, old := start(t, turkcellsim.Options{}), uuid.New(), uuid.New()
	b.create(pathArchive, archiveTo(young, person), "status", "20")
	b.create(pathArchive, edit(t, archiveTo(old, person), "2026-10-15", "2026-04-01"), "status", "20")
	cancel := func(id uuid.UUID, wantStatus int, want string) {
		t.Helper()
		if a := b.json(http.MethodPut, "/v1/earchive/cancelinvoice", `["`+id.String()+`"]`); a.status != wantStatus || !a.has(want) {
			t.Errorf("%d %s, want %d %s", a.status, a.body, wantStatus, want)
		}
	}
	cancel(young, 422, "Sadece başarılı e-Arşiv fatura iptal edilebilir.")
	b.sim.Advance(time.Minute)
	cancel(uuid.New(), 404, "E-Arşiv Fatura bulunamadı!")
	cancel(old, 422, "6 ay sonra iptal edilemez")
	cancel(young, 200, "null")
	cancel(young, 422, "daha Önce iptal edilmiş")
	if got := b.state(pathArchive, young); got != "100" {
		t.Error(got)
	}
}

func TestUnknownAndUnauthorised(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	b.create(pathInvoice, basic(id))
	for path, want := range map[string]string{
		"/v2/outboxinvoice/" + uuid.NewString() + "/status": "404 Fatura bulunamadı.",
		"/v2/earchive/" + uuid.NewString() + "/status":      "404 E-Arşiv Fatura bulunamadı!",
		"/v2/earchive/" + id.String() + "/status":           "404 E-Arşiv Fatura bulunamadı!",
		"/v2/inboxinvoice/" + id.String() + "/ubl":          "404 Fatura bulunamadı.",
		"/v2/outboxinvoice/EPA2026000000001/status":         "400 ",
		"/v2//outboxinvoice/" + id.String() + "/status":     "200 ",
		"/v3/nothing":              "404 ",
		"/v1/outboxinvoice/create": "405 ",
	} {
		a := b.get(path)
		if got := fmt.Sprintf("%d %s", a.status, a.body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if a.header.Get("X-Correlation-Id") == "" {
			t.Errorf("%s: no correlation id", path)
		}
	}
	b.key = "wrong"
	if a := b.create(pathInvoice, basic(uuid.New()), "status", "20"); a.status != 401 || len(a.body) != 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/staticlist/unit", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+turkcellsim.DefaultAPIKey)
	if a := b.send(req); a.status != 401 {
		t.Errorf("the key as a token: %d", a.status)
	}
	if n := len(b.sim.Documents()); n != 1 {
		t.Errorf("%d documents", n)
	}
}

// TestLogIn: a token opens what the key opens, until it ends.
func TestLogIn(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	logIn := func(password string) answer {
		form := url.Values{"username": {turkcellsim.DefaultUsername}, "password": {password}, "client_id": {"serviceApi"}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1/token", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return b.send(req)
	}
	if a := logIn("wrong"); a.status != 422 {
		t.Errorf("wrong password: %d %s", a.status, a.body)
	}
	a := logIn(turkcellsim.DefaultPassword)
	var said struct {
		Token   string `json:"access_token"`
		Expires string `json:"expires_in"`
	}
	if err := json.Unmarshal(a.body, &said); err != nil || said.Expires != "86400" {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	list := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/staticlist/unit", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+said.Token)
		return b.send(req).status
	}
	if got := list(); got != 200 {
		t.Errorf("with a token: %d", got)
	}
	b.sim.Advance(25 * time.Hour)
	if got := list(); got != 401 {
		t.Errorf("with a token of yesterday: %d", got)
	}
}

func TestSwitchedReplies(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{Rules: turkcellsim.Rules{PascalReplies: true, QuotedText: true, IsNewAnswersNull: true}}), uuid.New()
	if a := b.create(pathInvoice, basic(id)); !a.has(`{"Id":"`) || !a.has(`"InvoiceNumber":"EPA`) {
		t.Errorf("%s", a.body)
	}
	if a := b.get(pathInvoice + "/" + id.String() + "/status"); !a.has(`"EnvelopeStatus":null`) {
		t.Errorf("%s", a.body)
	}
	if a := b.get(pathInvoice + "/" + uuid.NewString() + "/status"); string(a.body) != `"Fatura bulunamadı."` {
		t.Errorf("%s", a.body)
	}
	if a := b.json(http.MethodPut, "/v1/inboxinvoice/updateisnew", `[]`); string(a.body) != "null" {
		t.Errorf("%s", a.body)
	}
}

// TestParallelCreates offers 50 documents 20 times each, at once: the check and the insert are one step.
func TestParallelCreates(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	ids := make([]uuid.UUID, 50)
	for i := range ids {
		ids[i] = uuid.New()
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	work := make(chan int)
	for range 32 {
		wg.Go(func() {
			for i := range work {
				a := b.create(pathInvoice, basic(ids[i%50]), "status", "20", "localReferenceId", fmt.Sprint(i%50), "checkLocalReferenceId", "true")
				mu.Lock()
				codes[a.status]++
				mu.Unlock()
			}
		})
	}
	for i := range 1000 {
		work <- i
	}
	close(work)
	wg.Wait()
	if codes[200] != 50 || codes[422] != 950 {
		t.Errorf("answers: %v", codes)
	}
	numbers := map[string]bool{}
	for _, d := range b.sim.Documents() {
		numbers[d.Number] = true
	}
	for i := 1; i <= 50; i++ {
		if n := fmt.Sprintf("EPA2026%09d", i); !numbers[n] {
			t.Errorf("%s is missing", n)
		}
	}
	if len(numbers) != 50 || len(b.sim.Documents()) != 50 {
		t.Errorf("%d numbers, %d documents", len(numbers), len(b.sim.Documents()))
	}
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	b.create(pathInvoice, basic(id), "status", "20")
	base := pathInvoice + "/" + id.String()
	if a := b.get(base + "/pdf/True"); !bytes.HasPrefix(a.body, []byte("%PDF-1.4")) || !bytes.HasSuffix(a.body, []byte("%%EOF\n")) {
		t.Errorf("%.40s", a.body)
	}
	if a := b.get(base + "/html/false"); !a.has("EPA2026000000001") || !a.has("Şişli &amp; Kadıköy") {
		t.Errorf("%s", a.body)
	}
	if a := b.get(base + "/ubl"); !a.has("<cbc:ID>EPA2026000000001</cbc:ID>") || a.header.Get("Content-Type") != "application/xml" {
		t.Errorf("%s", a.body)
	}
	in := b.sim.GenerateIncoming(1, 1)[0]
	a := b.get("/v2/inboxinvoice/" + in.String() + "/zip/true")
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil || len(z.File) != 3 {
		t.Fatalf("%v %d", err, len(a.body))
	}
}

func TestWithNullLocalReferences(t *testing.T) {
	t.Parallel()
	b, with, without := start(t, turkcellsim.Options{}), uuid.New(), uuid.New()
	b.create(pathInvoice, basic(with), "localReferenceId", "x")
	b.create(pathInvoice, basic(without))
	path := "/v2/outboxinvoice/withnulllocalreferences?startDate=2026-10-15%2000:00:00&endDate="
	if a := b.get(path + "2026-10-15%2023:59:59"); string(a.body) != `[{"id":"`+without.String()+`","status":0}]` {
		t.Errorf("%s", a.body)
	}
	if a := b.get(path + "2026-10-15%2000:00:01"); string(a.body) != `[]` {
		t.Errorf("%s", a.body)
	}
	if a := b.get(path + "yesterday"); a.status != 400 {
		t.Errorf("%d", a.status)
	}
}

func TestMails(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	b.sim.SetMailbox("a@x.test", turkcellsim.MailboxBounces)
	b.create(pathArchive, archiveTo(id, person), "status", "20", "sendEMail", "true", "eMailAddress", "a@x.test; b@x.test")
	detail := func() (m []map[string]any) {
		t.Helper()
		a := b.get("/v1/earchive/getmaildetail?ID=" + id.String())
		if err := json.Unmarshal(a.body, &m); err != nil {
			t.Fatalf("%v %s", err, a.body)
		}
		return m
	}
	if m := detail(); len(m) != 2 || m[1]["emailAddress"] != "b@x.test" || m[0]["emailStatus"] != 30.0 || m[1]["emailStatus"] != 20.0 {
		t.Errorf("%v", m)
	}
	b.sim.SetMailbox("a@x.test", turkcellsim.MailboxTakes)
	if a := b.get("/v1/earchive/retryinvoicemail/" + id.String()); a.status != 200 {
		t.Errorf("%d", a.status)
	}
	if a := b.json(http.MethodPost, "/v1/earchive/retryinvoicemail", `{"id":"`+id.String()+`","emailaddresses":"c@x.test"}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if m := detail(); len(m) != 3 || m[0]["tryCount"] != 2.0 || m[0]["emailStatus"] != 20.0 || m[1]["tryCount"] != 1.0 {
		t.Errorf("%v", m)
	}
}

func TestTaxpayerZip(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{Filler: 1000})
	a := b.get("/v2/gibuser/recipient/zip")
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != "gibusers_invoice_receipt_list.json" {
		t.Fatalf("%v", err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	body, bom := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf"))
	var list []struct {
		Identifier, Title, Alias           string
		AppType, GibAliasType, GibUserType int
		IsActive                           bool
		DeletionTime                       *string
	}
	if err := json.Unmarshal(body, &list); err != nil || !bom {
		t.Fatalf("%v, bom %v", err, bom)
	}
	var despatch, sender, left, public int
	for _, r := range list {
		if r.AppType == 3 {
			despatch++
		}
		if r.GibAliasType == 2 {
			sender++
		}
		if !r.IsActive && r.DeletionTime != nil {
			left++
		}
		if r.GibUserType == 2 {
			public++
		}
	}
	if len(list) < 1040 || despatch == 0 || sender == 0 || left == 0 || public == 0 {
		t.Errorf("%d rows, %d despatch, %d sender, %d left, %d public", len(list), despatch, sender, left, public)
	}
	last := list[len(list)-1].Identifier // a generated one is a taxpayer all the same
	if a := b.create(pathInvoice, invoiceTo(uuid.New(), last), "status", "20"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.json(http.MethodPost, "/_sim/taxpayers", `{"replace":[],"filler":0}`)
	if a := b.create(pathInvoice, basic(uuid.New())); a.status != 422 {
		t.Errorf("%d", a.status)
	}
	b.json(http.MethodPost, "/_sim/taxpayers", `[{"tax_no":"`+turkcellsim.ExampleVKN(0)+`","title":"x","alias":"urn:mail:pk@x.test"}]`)
	if a := b.create(pathInvoice, basic(uuid.New())); a.status != 200 {
		t.Errorf("%d", a.status)
	}
}

func TestStaticLists(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	for name, want := range map[string]string{
		"unit": `"code":"C62"`, "country": `{"id":1,"name":"Türkiye"}`, "taxoffice": `"code":"34263"`, "taxtypecode": `"code":"0015"`,
		"withholding": `"value":"601"`, "taxexemptionreason": `"value":"301"`, "currency": `"code":"TRY"`,
	} {
		a := b.get("/v1/staticlist/" + name)
		var rows []map[string]any
		if err := json.Unmarshal(a.body, &rows); err != nil || len(rows) < 5 || !a.has(want) {
			t.Errorf("%s: %v, %d rows", name, err, len(rows))
		}
	}
}

func TestReasonAndBuyersDoor(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{Clock: clock.NewManual(noon)}), uuid.New()
	b.json(http.MethodPost, "/_sim/buyers", `{"`+turkcellsim.ExampleVKN(0)+`":"reject"}`)
	b.create(pathInvoice, commercial(t, id, turkcellsim.ExampleVKN(0)), "status", "20")
	b.sim.Advance(time.Hour)
	if a := b.get("/v1/outboxinvoice/invoicereason/" + id.String()); a.status != 200 || !a.has("teslim") {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.json(http.MethodPost, "/_sim/documents/"+id.String()+"/status", `{"status":99,"message":"elle","envelope":1235}`)
	b.sim.Advance(time.Hour)
	if got := b.state(pathInvoice, id); got != "99/1235" {
		t.Error(got)
	}
}
