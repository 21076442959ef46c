package turkcellsim_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

// TestFaults sets each kind and looks at what a plain client sees, and at what the provider then holds.
func TestFaults(t *testing.T) {
	t.Parallel()
	lost := func(a answer) bool { return a.err != nil && a.status == 0 }
	cutShort := func(a answer) bool { return a.err != nil && a.status == 200 }
	is := func(status int) func(answer) bool {
		return func(a answer) bool { return a.err == nil && a.status == status }
	}
	broken := func(a answer) bool { return a.status == 200 && !json.Valid(a.body) }
	tests := map[string]struct {
		fault turkcellsim.Fault
		saved bool
		sees  func(answer) bool
	}{
		"saved-error":     {turkcellsim.Fault{}, true, is(500)},
		"answer-lost":     {turkcellsim.Fault{}, true, lost},
		"cut-before-body": {turkcellsim.Fault{}, false, lost},
		"cut-after-body":  {turkcellsim.Fault{}, false, lost},
		"late-accept":     {turkcellsim.Fault{Delay: time.Minute}, false, is(504)},
		"slow-headers":    {turkcellsim.Fault{Delay: 5 * time.Millisecond}, true, is(200)},
		"slow-body":       {turkcellsim.Fault{Delay: time.Millisecond}, true, is(200)},
		"silence":         {turkcellsim.Fault{Delay: 5 * time.Millisecond}, true, cutShort},
		"hang":            {turkcellsim.Fault{Delay: 5 * time.Millisecond}, true, lost},
		"truncated":       {turkcellsim.Fault{}, true, broken},
		"long-length":     {turkcellsim.Fault{}, true, cutShort},
		"status":          {turkcellsim.Fault{Status: 429, RetryAfter: "Wed, 21 Oct 2015 07:28:00 GMT"}, false, func(a answer) bool { return a.status == 429 && strings.HasPrefix(a.header.Get("Retry-After"), "Wed") }},
		"status 401":      {turkcellsim.Fault{Status: 401}, false, is(401)},
		"status 403":      {turkcellsim.Fault{Status: 403}, false, func(a answer) bool { return a.has("EFatura gönderme yetkiniz yoktur.") }},
		"status 404":      {turkcellsim.Fault{Status: 404}, false, func(a answer) bool { return a.status == 404 && a.has("<html>") }},
		"status 409":      {turkcellsim.Fault{Status: 409}, false, is(409)},
		"status 503":      {turkcellsim.Fault{Status: 503, RetryAfter: "315360000"}, false, func(a answer) bool { return a.header.Get("Retry-After") == "315360000" }},
		"status own body": {turkcellsim.Fault{Status: 422, Body: `{"x":["y"]}`}, false, func(a answer) bool {
			return string(a.body) == `{"x":["y"]}` && strings.HasPrefix(a.header.Get("Content-Type"), "application/json")
		}},
		"html-page":          {turkcellsim.Fault{}, false, func(a answer) bool { return a.status == 200 && a.has("<form") }},
		"empty":              {turkcellsim.Fault{}, true, func(a answer) bool { return a.status == 200 && len(a.body) == 0 }},
		"bom":                {turkcellsim.Fault{}, true, func(a answer) bool { return bytes.HasPrefix(a.body, []byte("\xef\xbb\xbf{")) }},
		"latin5":             {turkcellsim.Fault{}, true, func(a answer) bool { return !utf8.Valid(a.body) && bytes.Contains(a.body, []byte("\xddŞLEN"[:1])) }},
		"redirect":           {turkcellsim.Fault{Status: 308, Location: "file:///etc/passwd"}, false, func(a answer) bool { return a.status == 308 && a.header.Get("Location") == "file:///etc/passwd" }},
		"other-id":           {turkcellsim.Fault{}, true, func(a answer) bool { return a.status == 200 && a.has(`"id":"`) && a.has("EPA2026000000002") }},
		"taken-number":       {turkcellsim.Fault{}, true, func(a answer) bool { return a.has("EPA2026000000001") }},
		"no-number":          {turkcellsim.Fault{}, true, func(a answer) bool { return a.has(`"invoiceNumber":null`) }},
		"garbage":            {turkcellsim.Fault{}, true, broken},
		"wrong-type":         {turkcellsim.Fault{}, true, func(a answer) bool { return a.header.Get("Content-Type") == "application/octet-stream" }},
		"flood-1xx":          {turkcellsim.Fault{}, true, is(200)},
		"big-header":         {turkcellsim.Fault{}, true, lost}, // Go's client reads 10 MB
		"huge-body":          {turkcellsim.Fault{Size: 1 << 20}, true, func(a answer) bool { return len(a.body) >= 1<<20 && json.Valid(a.body) }},
		"gzip-bomb":          {turkcellsim.Fault{Size: 8 << 20}, true, func(a answer) bool { return len(a.body) == 8<<20 }},
		"status but saved":   {turkcellsim.Fault{Status: 502, Save: "yes"}, true, is(502)},
		"bom but not saved":  {turkcellsim.Fault{Save: "no"}, false, func(a answer) bool { return bytes.HasPrefix(a.body, []byte("\xef\xbb\xbf{")) }},
		"status usual (500)": {turkcellsim.Fault{}, false, is(500)},
	}
	covered := map[string]bool{}
	for name := range tests {
		kind, _, _ := strings.Cut(name, " ")
		covered[kind] = true
	}
	for _, kind := range turkcellsim.FaultKinds() {
		if !covered[kind] {
			t.Errorf("no test for %s", kind)
		}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, id := start(t, turkcellsim.Options{}), uuid.New()
			b.create(pathInvoice, basic(uuid.New()), "status", "20")
			tc.fault.Kind, _, _ = strings.Cut(name, " ")
			tc.fault.Family, tc.fault.Times = turkcellsim.FamilyCreate, 1
			if err := b.sim.SetFault(tc.fault); err != nil {
				t.Fatal(err)
			}
			a := b.create(pathInvoice, basic(id), "status", "20")
			if !tc.sees(a) {
				t.Errorf("%d %v %q", a.status, a.err, firstBytes(a.body))
			}
			if got := b.sim.UBL(id) != nil; got != tc.saved {
				t.Errorf("saved: %v, want %v", got, tc.saved)
			}
			log := b.sim.Log()
			if last := log[len(log)-1]; last.Fault != tc.fault.Kind {
				t.Errorf("the log says %+v", last)
			}
			if a := b.create(pathInvoice, basic(uuid.New()), "status", "20"); a.status != 200 {
				t.Errorf("the fault struck twice: %d", a.status)
			}
		})
	}
}

func firstBytes(b []byte) []byte { return b[:min(len(b), 200)] }

func TestLateAccept(t *testing.T) {
	t.Parallel()
	for _, racy := range []bool{false, true} {
		b, id := start(t, turkcellsim.Options{Rules: turkcellsim.Rules{RacyETTN: racy}}), uuid.New()
		b.json(http.MethodPost, "/_sim/faults", `{"kind":"late-accept","family":"create","times":1,"delay":"90s"}`)
		b.create(pathInvoice, basic(id), "status", "20")
		if a := b.get(pathInvoice + "/" + id.String() + "/status"); a.status != 404 {
			t.Fatalf("%d", a.status)
		}
		if a := b.create(pathInvoice, basic(id), "status", "20"); a.status != 200 { // an impatient client
			t.Fatalf("%d", a.status)
		}
		b.sim.Advance(90 * time.Second)
		want := 1
		if racy {
			want = 2
		}
		if got := len(b.sim.Documents()); got != want {
			t.Errorf("racy %v: %d documents", racy, got)
		}
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	send := func(fields ...string) int {
		t.Helper()
		return b.create(pathInvoice, basic(uuid.New()), fields...).status
	}
	row := func(n int, fields ...string) string {
		var out []string
		for range n {
			out = append(out, fmt.Sprint(send(fields...)))
		}
		return strings.Join(out, " ")
	}
	for _, tc := range []struct{ fault, ref, want string }{
		{`{"kind":"status","status":503,"family":"create","every":3}`, "", "200 200 503 200 200 503"},
		{`{"kind":"status","status":503,"skip":2,"times":2}`, "", "200 200 503 503 200 200"},
		{`{"kind":"status","status":503,"family":"list"}`, "", "200 200 200 200 200 200"},
		{`{"kind":"status","status":503,"reference":"sale:7"}`, "acme:sale:7", "503 503 503 503 503 503"},
		{`{"kind":"status","status":503,"reference":"sale:8"}`, "acme:sale:7", "200 200 200 200 200 200"},
		{`{"kind":"status","status":503,"tax_no":"` + turkcellsim.ExampleVKN(0) + `"}`, "", "503 503 503 503 503 503"},
		{`{"kind":"status","status":503,"tax_no":"` + turkcellsim.ExampleVKN(1) + `"}`, "", "200 200 200 200 200 200"},
		{`[{"kind":"status","status":503,"times":1},{"kind":"status","status":429,"times":1}]`, "", "503 429 200 200 200 200"},
	} {
		if a := b.json(http.MethodPost, "/_sim/faults", tc.fault); a.status != 200 {
			t.Fatalf("%s", a.body)
		}
		if got := row(6, "localReferenceId", tc.ref); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.fault, got, tc.want)
		}
		b.json(http.MethodDelete, "/_sim/faults", "")
	}
	chance := func() string {
		b.json(http.MethodPost, "/_sim/faults", `{"kind":"status","status":503,"probability":0.5,"seed":42}`)
		defer b.sim.ClearFaults()
		return row(20)
	}
	first := chance()
	if first != chance() || !strings.Contains(first, "503") || !strings.Contains(first, "200") {
		t.Errorf("chance is not repeatable: %s", first)
	}
	if a := b.json(http.MethodPost, "/_sim/faults", `{"kind":"nonsense"}`); a.status != 400 || !a.has("answer-lost") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestFaultsOnReads strikes the other families, and one document by its ETTN.
func TestFaultsOnReads(t *testing.T) {
	t.Parallel()
	b, id, other := start(t, turkcellsim.Options{}), uuid.New(), uuid.New()
	b.create(pathInvoice, basic(id), "status", "20", "localReferenceId", "r-1")
	b.create(pathInvoice, basic(other), "status", "20")
	in := b.sim.GenerateIncoming(1, 1)[0]
	status := func(x uuid.UUID) string { return pathInvoice + "/" + x.String() + "/status" }
	for family, path := range map[turkcellsim.Family]string{
		turkcellsim.FamilyStatus: status(id), turkcellsim.FamilyDownload: pathInvoice + "/" + id.String() + "/ubl",
		turkcellsim.FamilyList: "/v1/inboxinvoice/list", turkcellsim.FamilyTaxpayers: "/v2/gibuser/recipient/zip",
		turkcellsim.FamilyCodes: "/v1/staticlist/unit",
	} {
		if err := b.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultStatus, Family: family, Status: 502, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if a := b.get(path); a.status != 502 {
			t.Errorf("%s: %d", family, a.status)
		}
		if a := b.get(path); a.status != 200 {
			t.Errorf("%s again: %d", family, a.status)
		}
	}
	for _, f := range []turkcellsim.Fault{{Reference: "r-1"}, {ETTN: strings.ToUpper(id.String())}} {
		f.Kind, f.Status = turkcellsim.FaultStatus, 500
		if err := b.sim.SetFault(f); err != nil {
			t.Fatal(err)
		}
		if b.get(status(id)).status != 500 || b.get(status(other)).status != 200 {
			t.Errorf("%+v struck the wrong document", f)
		}
		b.sim.ClearFaults()
	}
	if err := b.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultAnswerLost, Family: turkcellsim.FamilyAck}); err != nil {
		t.Fatal(err)
	}
	if a := b.json(http.MethodPut, "/v1/inboxinvoice/updateisnew", `[{"invoiceId":"`+in.String()+`","isNew":false}]`); a.err == nil {
		t.Errorf("%d", a.status)
	}
	if b.sim.Incoming()[0].IsNew {
		t.Error("an acknowledgement whose answer is lost has happened all the same")
	}
}

// TestFaultsOnStreams: the taxpayer list can come cut in half too.
func TestFaultsOnStreams(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	whole := b.get("/v2/gibuser/recipient/zip")
	if err := b.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultTruncated}); err != nil {
		t.Fatal(err)
	}
	if half := b.get("/v2/gibuser/recipient/zip"); len(half.body) != len(whole.body)/2 {
		t.Errorf("%d of %d bytes", len(half.body), len(whole.body))
	}
}

// TestSilentClientsLeave: a waiting handler ends when its client goes.
func TestSilentClientsLeave(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{Latency: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/v1/staticlist/unit", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := b.send(req); a.err == nil {
		t.Error("answered within the latency")
	}
}

func TestGzipBombIsSmallOnTheWire(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	if err := b.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultGzipBomb, Size: 16 << 20}); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/staticlist/unit", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	a := b.send(req)
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, z)
	if err != nil || n != 16<<20 || len(a.body) > 32<<10 {
		t.Errorf("%d bytes become %d: %v", len(a.body), n, err)
	}
}
