package turkcellsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

type page struct {
	PageIndex, PageSize, TotalCount, TotalPages int
	HasNextPage, HasPreviousPage                bool
	Items                                       []struct {
		ID                         uuid.UUID
		IsNew                      bool
		TargetTitle                string
		TotalAmount                json.Number
		PayableAmount              json.Number
		Type, TipType, Status      int
		CreatedDate, ExecutionDate string
	}
}

func (b *bench) page(query string) page {
	b.t.Helper()
	a := b.get("/v1/inboxinvoice/list?" + query)
	var p page
	if err := json.Unmarshal(a.body, &p); err != nil || a.status != 200 {
		b.t.Fatalf("%d %v %s", a.status, err, a.body)
	}
	return p
}

func TestInboxPaging(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	ids := b.sim.GenerateIncoming(120, 3)
	seen := map[uuid.UUID]bool{}
	for n := 1; n <= 3; n++ {
		p := b.page(fmt.Sprintf("isNew=true&pageIndex=%d&pageSize=50", n))
		if p.PageIndex != n || p.TotalCount != 120 || p.TotalPages != 3 || p.HasNextPage != (n < 3) || p.HasPreviousPage != (n > 1) {
			t.Errorf("%+v", p)
		}
		for _, i := range p.Items {
			seen[i.ID] = true
			if i.TargetTitle == "" || i.CreatedDate == "" || !i.IsNew {
				t.Errorf("%+v", i)
			}
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d of 120 seen", len(seen))
	}
	if p := b.page("pageSize=1"); p.Items[0].ID != ids[0] {
		t.Error("not the oldest first")
	}
	if p := b.page("pageSize=1&isDesc=true"); p.Items[0].ID != ids[119] {
		t.Error("not the newest first")
	}
	if p := b.page("pageIndex=9"); len(p.Items) != 0 || p.HasNextPage {
		t.Errorf("%+v", p)
	}
	for _, bad := range []string{"pageIndex=0", "pageSize=501", "pageSize=x"} {
		if a := b.get("/v1/inboxinvoice/list?" + bad); a.status != 422 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
}

func TestInboxFilters(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	b.sim.GenerateIncoming(100, 3)
	all := b.sim.Incoming()
	count := func(keep func(turkcellsim.Incoming) bool) (n int) {
		for _, i := range all {
			if keep(i) {
				n++
			}
		}
		return n
	}
	for query, keep := range map[string]func(turkcellsim.Incoming) bool{
		"type=1":                          func(i turkcellsim.Incoming) bool { return i.Scenario == "TICARIFATURA" },
		"tipType=5":                       func(i turkcellsim.Incoming) bool { return i.Type == "TEVKIFAT" },
		"status=70":                       func(i turkcellsim.Incoming) bool { return i.Status == 70 },
		"status=999":                      func(turkcellsim.Incoming) bool { return true },
		"targetVknTckn=" + all[0].Sender:  func(i turkcellsim.Incoming) bool { return i.Sender == all[0].Sender },
		"INVOICENUMBER=" + all[0].Number:  func(i turkcellsim.Incoming) bool { return i.Number == all[0].Number },
		"isNew=false":                     func(turkcellsim.Incoming) bool { return false },
		"startDate=2026-10-15%2011:30:00": func(i turkcellsim.Incoming) bool { return !i.ArrivedAt.Before(noon.Add(-30 * time.Minute)) },
		"endDate=2026-10-15%2011:30:00":   func(i turkcellsim.Incoming) bool { return !i.ArrivedAt.After(noon.Add(-30 * time.Minute)) },
	} {
		if got, want := b.page(query).TotalCount, count(keep); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	ids := b.sim.GenerateIncoming(3, 1)
	body := fmt.Sprintf(`[{"invoiceId":"%s","isNew":false},{"InvoiceId":"%s","IsNew":false},{"invoiceId":"%s","isNew":false}]`, ids[0], ids[2], uuid.New())
	if a := b.json(http.MethodPut, "/v1/inboxinvoice/updateisnew", body); a.status != 200 || string(a.body) != "2" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if p := b.page("isNew=true"); p.TotalCount != 1 || p.Items[0].ID != ids[1] {
		t.Errorf("%+v", p)
	}
	if in := b.sim.Incoming(); in[0].ClearedAt == nil || in[1].ClearedAt != nil {
		t.Errorf("%+v", in)
	}
	b.json(http.MethodPost, "/_sim/inbox/"+ids[0].String(), `{"isNew":true}`)
	b.do(http.MethodDelete, "/_sim/inbox/"+ids[1].String(), "", nil)
	if p := b.page("isNew=true"); p.TotalCount != 1 || p.Items[0].ID != ids[0] {
		t.Errorf("%+v", p)
	}
}

func TestIncomingByDoor(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	raw := basic(id)
	for range 2 { // the same ETTN may come twice
		if a := b.do(http.MethodPost, "/_sim/inbox", "application/xml", []byte(raw)); a.status != 200 || !a.has(id.String()) {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := b.json(http.MethodPost, "/_sim/inbox", `<x/>`); a.status != 400 {
		t.Errorf("%d", a.status)
	}
	b.json(http.MethodPost, "/_sim/inbox", `{"count":2,"seed":9}`)
	if a := b.get("/v2/inboxinvoice/" + id.String() + "/ubl"); !bytes.Equal(a.body, []byte(raw)) {
		t.Errorf("not byte for byte: %s", a.body)
	}
	if in := b.sim.Incoming(); len(in) != 4 || in[0].Fetched != 1 || in[0].Sender != "4812057337" {
		t.Errorf("%+v", in)
	}
	if a := b.get("/_sim/inbox"); !a.has(`"isNew":true`) {
		t.Errorf("%s", a.body)
	}
	if a := b.get("/v2/inboxinvoice/" + id.String() + "/status"); a.field(t, "status") != 60.0 {
		t.Errorf("%s", a.body)
	}
}

func TestGenerationIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := start(t, turkcellsim.Options{}), start(t, turkcellsim.Options{})
	a.sim.GenerateIncoming(40, 11)
	b.sim.GenerateIncoming(40, 11)
	kinds := map[string]int{}
	for i, x := range a.sim.Incoming() {
		if !bytes.Equal(x.UBL, b.sim.Incoming()[i].UBL) {
			t.Fatalf("invoice %d differs", i)
		}
		kinds[x.Scenario]++
		kinds[x.Type]++
		kinds[x.Currency]++
	}
	for _, want := range []string{"TEMELFATURA", "TICARIFATURA", "SATIS", "TEVKIFAT", "ISTISNA", "TRY", "USD", "EUR"} {
		if kinds[want] == 0 {
			t.Errorf("no %s among %v", want, kinds)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	for _, id := range ids {
		if _, err := b.sim.AddIncoming([]byte(commercial(t, id, turkcellsim.ExampleVKN(0)))); err != nil {
			t.Fatal(err)
		}
	}
	post := func(id uuid.UUID, status int) answer {
		return b.json(http.MethodPost, "/v1/invoiceresponse", fmt.Sprintf(`{"invoiceId":"%s","status":%d,"reason":"neden"}`, id, status))
	}
	if a := b.get("/v1/invoiceresponse/getbyinvoiceid/" + ids[0].String()); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	if a := post(ids[0], 1); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := post(ids[0], 2); a.status != 422 {
		t.Errorf("answered twice: %d", a.status)
	}
	post(ids[1], 2)
	if a := post(ids[2], 3); a.status != 422 {
		t.Errorf("%d", a.status)
	}
	if a := post(uuid.New(), 1); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	b.sim.Advance(time.Minute)
	in := b.sim.Incoming()
	if in[0].Status != 60 || in[1].Status != 80 || in[2].Status != 70 || in[1].Response != "RED" {
		t.Errorf("%+v", in)
	}
	if a := b.get("/v1/invoiceresponse/getbyinvoiceid/" + ids[0].String()); a.field(t, "responseStatus") != 2.0 || a.field(t, "reason") != "neden" {
		t.Errorf("%s", a.body)
	}
	if err := b.sim.SetStatus(ids[1], 82, "", nil); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`["` + ids[1].String() + `"]`, `{"Ids":["` + ids[0].String() + `"]}`} {
		a := b.json(http.MethodPut, "/v1/invoiceresponse/retryinvoiceresponselist", body)
		if want := map[bool]int{true: 200, false: 422}[body[0] == '[']; a.status != want {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	b.sim.Advance(8 * 24 * time.Hour)
	if in := b.sim.Incoming(); in[2].Status != 65 || in[1].Status != 80 {
		t.Errorf("%+v", in)
	}
}
