package providertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"faturad/internal/fault"
	"faturad/providers"
)

// prepare: the same draft gives the same bytes, in any process, and the draft stays as it was.
func prepare(t *testing.T, s Subject) {
	log, _ := newLogs()
	a, b := s.New(t, "http://127.0.0.1:1", log), s.New(t, "http://127.0.0.1:1", log)
	draft, copied := s.Draft(1), s.Draft(1)
	first, err := a.Prepare(draft)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(draft, copied) {
		t.Error("Prepare changed its draft")
	}
	second, err := b.Prepare(draft)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes, second.Bytes) || first.Hash != second.Hash || first.ContentType != second.ContentType {
		t.Error("Prepare gives different payloads for the same draft")
	}
	sum := sha256.Sum256(first.Bytes)
	if first.Hash != hex.EncodeToString(sum[:]) || len(first.Bytes) == 0 || first.ContentType == "" {
		t.Errorf("hash %q, %d bytes, type %q", first.Hash, len(first.Bytes), first.ContentType)
	}
	other, err := a.Prepare(s.Draft(2))
	if err != nil {
		t.Fatal(err)
	}
	if other.Hash == first.Hash {
		t.Error("two drafts have one hash")
	}
}

// createStatuses: each status has a class, whatever its body, and one request was made for it.
func createStatuses(t *testing.T, s Subject) {
	bodies := map[string]Reply{
		"nothing": {}, "text": {Type: "text/plain", Body: "Bir hata oluştu."}, "page": {Type: "text/html", Body: "<html><body>Giriş yapın</body></html>"},
		"refusal": s.Refused, "receipt": {Body: s.Created(stranger, "ABC2026000000001")}, "garbage": {Type: "application/json", Body: "\x00\xff{[\"'"},
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := 0
			st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
				Reply{Status: status, Type: body.Type, Body: body.Body}.write(w)
			})
			for _, status = range statuses(name == "text") {
				log, written := newLogs()
				p := s.New(t, st.URL, log)
				before := st.creates.Load()
				receipt, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
				if made := st.creates.Load() - before; made != 1 {
					t.Fatalf("status %d: %d creating requests", status, made)
				}
				judgeStatus(t, s, status, body, receipt, err, s.Draft(1), twoSteps(p))
				noSecretIn(t, s.Secret, err)
				noSecret(t, "the log", s.Secret, written.String())
				if t.Failed() {
					return
				}
			}
		})
	}
}

func judgeStatus(t *testing.T, s Subject, status int, body Reply, receipt providers.Receipt, err error, d providers.Draft, draft bool) {
	t.Helper()
	class := fault.ClassOf(err)
	if err == nil && draft {
		if status > 201 || !receipt.Draft || receipt.ID == "" || receipt.Number != "" {
			t.Errorf("status %d, body %.40q: taken for a draft: %+v", status, body.Body, receipt)
		}
		return
	}
	if err == nil {
		// A receipt for another document may be handed out as such, for the caller to dispute; never as ours.
		if status > 201 || receipt.ETTN == d.ETTN || receipt.ETTN != stranger {
			t.Errorf("status %d, body %.40q: taken for a success (%v)", status, body.Body, receipt.ETTN)
		}
		return
	}
	switch {
	case !known(class):
		t.Errorf("status %d: class %q", status, class)
	case s.RefusedIn200 && status < 300 && body == s.Refused && class == fault.Permanent:
	case s.LogsIn && status == 401 && class == fault.Retryable:
	case status < 300 && class != fault.Ambiguous,
		status >= 500 && class != fault.Ambiguous,
		status >= 300 && status < 400 && class != fault.Retryable && class != fault.Ambiguous,
		status == 401 && class != fault.Auth, status == 403 && class != fault.Auth,
		status == 404 && class != fault.Retryable && class != fault.Ambiguous,
		status == 429 && class != fault.Throttled,
		class == fault.NotFound,
		class == fault.Permanent && status != 400 && status != 413 && status != 422:
		t.Errorf("status %d, body %.40q: class %s", status, body.Body, class)
	case err.Error() == "" || strings.ContainsAny(err.Error(), "\r\n\x00"):
		t.Errorf("status %d: message %q", status, err.Error())
	}
}

// createBodies: what a well-formed HTTP answer may hold.
func createBodies(t *testing.T, s Subject) {
	ours := s.Draft(1).ETTN
	good := s.Created(ours, "ABC2026000000001")
	latin5, err := charmap.ISO8859_9.NewEncoder().String(s.Refused.Body)
	if err != nil {
		latin5 = s.Refused.Body
	}
	log, _ := newLogs()
	draft := twoSteps(s.New(t, "http://127.0.0.1:1", log))
	numberless := []fault.Class{fault.Ambiguous}
	if draft {
		numberless = []fault.Class{""} // the number comes with the legal step
	}
	cases := []struct {
		name  string
		reply Reply
		want  []fault.Class // "" = success
	}{
		{"receipt", Reply{Status: 200, Body: good}, []fault.Class{""}},
		{"receipt with byte order mark", Reply{Status: 200, Body: "\xEF\xBB\xBF" + good}, []fault.Class{"", fault.Ambiguous}},
		{"receipt without a type", Reply{Status: 200, Type: "application/octet-stream", Body: good}, []fault.Class{"", fault.Ambiguous}},
		{"receipt cut in the middle", Reply{Status: 200, Body: good[:len(good)/2]}, []fault.Class{fault.Ambiguous}},
		{"receipt without number", Reply{Status: 200, Body: s.Created(ours, "")}, numberless},
		{"receipt twice", Reply{Status: 200, Body: good + good}, []fault.Class{fault.Ambiguous}},
		{"null", Reply{Status: 200, Body: "null"}, []fault.Class{fault.Ambiguous}},
		{"array", Reply{Status: 200, Body: "[]"}, []fault.Class{fault.Ambiguous}},
		{"captive portal", Reply{Status: 200, Type: "text/html", Body: "<!DOCTYPE html><html>" + good + "</html>"}, []fault.Class{fault.Ambiguous}},
		{"refusal", s.Refused, []fault.Class{fault.Permanent}},
		{"refusal in latin5", Reply{Status: s.Refused.Status, Type: "application/json; charset=iso-8859-9", Body: latin5}, []fault.Class{fault.Permanent}},
		{"refusal in latin5, unnamed", Reply{Status: s.Refused.Status, Type: "application/json", Body: latin5}, []fault.Class{fault.Permanent}},
		{"refusal by a firewall", Reply{Status: s.Refused.Status, Type: "text/html", Body: "<html>blocked</html>"}, []fault.Class{fault.Ambiguous}},
	}
	for i, reply := range s.Exists(ours) {
		cases = append(cases, struct {
			name  string
			reply Reply
			want  []fault.Class
		}{fmt.Sprintf("exists already %d", i+1), reply, []fault.Class{fault.Duplicate}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) { c.reply.write(w) })
			log, _ := newLogs()
			p := s.New(t, st.URL, log)
			receipt, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
			class := fault.ClassOf(err)
			if err != nil && class == "" {
				t.Fatalf("no class: %v", err)
			}
			for _, want := range c.want {
				if class == want {
					if err == nil && !draft && (receipt.ETTN != ours || receipt.Number != "ABC2026000000001") {
						t.Errorf("receipt %+v", receipt)
					}
					return
				}
			}
			t.Errorf("class %q, want one of %q: %v", class, c.want, err)
		})
	}
}

// redirects are never followed: neither the document nor the key may go where an answer points.
func redirects(t *testing.T, s Subject) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{"same host", "other host", "file:///etc/passwd", "//[::1]:1/x"} {
			t.Run(fmt.Sprintf("%d %s", status, target), func(t *testing.T) {
				t.Parallel()
				trap := serve(t, s, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
				var st *stub
				st = serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					location := map[string]string{"same host": st.URL + r.URL.Path + "/again", "other host": trap.URL + r.URL.Path}[target]
					if location == "" {
						location = target
					}
					w.Header().Set("Location", location)
					w.WriteHeader(status)
				})
				log, _ := newLogs()
				p := s.New(t, st.URL, log)
				_, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
				if st.all.Load() != 1 || trap.all.Load() != 0 {
					t.Errorf("%d requests, %d of them elsewhere", st.all.Load()+trap.all.Load(), trap.all.Load())
				}
				if class := fault.ClassOf(err); class != fault.Retryable && class != fault.Ambiguous {
					t.Errorf("class %q: %v", class, err)
				}
				if _, err := p.Lookup(context.Background(), s.Draft(1).Identity); err == nil || fault.ClassOf(err) == fault.NotFound {
					t.Errorf("look-up: %v", err)
				}
				if trap.all.Load() != 0 {
					t.Error("a look-up followed the redirect")
				}
			})
		}
	}
}

// patience: Retry-After in every form, capped.
func patience(t *testing.T, s Subject) {
	cases := map[string]struct{ low, high time.Duration }{
		"":                              {0, 0},
		"7":                             {7 * time.Second, 7 * time.Second},
		"-5":                            {0, 0},
		"99999999999999999999":          {time.Second, 15 * time.Minute},
		"soon":                          {0, 0},
		"NaN":                           {0, 0},
		"Fri, 31 Dec 1999 23:59:59 GMT": {0, 0},
		"Fri, 31 Dec 2136 23:59:59 GMT": {time.Second, 15 * time.Minute},
	}
	for value, want := range cases {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			st := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
				if value != "" {
					w.Header().Set("Retry-After", value)
				}
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = io.WriteString(w, `"çok fazla istek"`)
			})
			log, _ := newLogs()
			p := s.New(t, st.URL, log)
			_, err := p.Send(context.Background(), outgoing(t, p, s.Draft(1)))
			if fault.ClassOf(err) != fault.Throttled {
				t.Fatalf("class %q: %v", fault.ClassOf(err), err)
			}
			if got := fault.RetryAfter(err); got < want.low || got > want.high {
				t.Errorf("wait %s, want between %s and %s", got, want.low, want.high)
			}
		})
	}
}
