package turkcellsim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// forever is how long a silent answer lasts when nobody leaves.
const forever = 10 * time.Minute

const captivePage = `<!DOCTYPE html><html lang="tr"><head><title>Giriş</title></head><body><h1>Ağ erişimi için giriş yapınız</h1>` +
	`<form method="post" action="/login"><input name="user"><input name="password" type="password"></form></body></html>`

// deliver answers under a fault. r is the usual answer; empty when the request was not worked on.
func (s *Simulator) deliver(c *call, r reply) {
	f := c.fault
	if f.RetryAfter != "" {
		c.w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Kind == FaultCutBeforeBody {
		s.settle(c, 0)
		cut(c.w)
		return
	}
	drain(c.r)
	if r.stream != nil { // a fault bends bytes, so here they are held after all
		var b bytes.Buffer
		if err := r.stream(&b); err != nil {
			r.status = http.StatusInternalServerError
		}
		r.body, r.stream = b.Bytes(), nil
	}
	if !f.saves() && r.status == 0 {
		r = rawJSON([]byte(`{"id":"` + uuid.Nil.String() + `","` + c.numberField() + `":null}`))
	}
	if bent, ok := s.bend(c, r); ok {
		s.settle(c, bent.status)
		_ = bent.send(c.w) // the client may have left
		return
	}
	switch f.Kind {
	case FaultAnswerLost, FaultCutAfterBody, FaultHang:
		s.settle(c, 0)
	default:
		s.settle(c, r.status)
	}
	misbehave(c, r)
}

// bend covers the faults that are only another answer.
func (s *Simulator) bend(c *call, r reply) (reply, bool) {
	f := c.fault
	switch f.Kind {
	case FaultSavedError:
		return f.answer(http.StatusInternalServerError), true
	case FaultStatus:
		return f.answer(http.StatusInternalServerError), true
	case FaultLateAccept:
		return f.answer(http.StatusGatewayTimeout), true
	case FaultRedirect:
		location := f.Location
		if location == "" {
			location = "/moved" + c.r.URL.RequestURI()
		}
		c.w.Header().Set("Location", location)
		return f.answer(http.StatusTemporaryRedirect), true
	case FaultHTMLPage:
		return reply{status: http.StatusOK, kind: typeHTML, body: []byte(orElse(f.Body, captivePage))}, true
	case FaultEmpty:
		return reply{status: http.StatusOK}, true
	case FaultBOM:
		r.body = append([]byte("\xef\xbb\xbf"), r.body...)
	case FaultTruncated:
		r.body = r.body[:len(r.body)/2]
	case FaultLatin5:
		r.body = latin5(withField(r.body, "message", "Fatura kuyruğa eklendi: İŞLENİYOR, çğıöşü"))
	case FaultOtherID:
		r.body = withField(r.body, "id", uuid.NewString())
	case FaultTakenNumber:
		r.body = withField(r.body, c.numberField(), s.foreignNumber(c.entry.ETTN))
	case FaultNoNumber:
		r.body = withField(r.body, c.numberField(), nil)
	case FaultGarbage:
		r = reply{status: http.StatusOK, kind: typeJSON, body: noise(f.Seed)}
	case FaultWrongType:
		r.kind = "application/octet-stream"
	default:
		return reply{}, false
	}
	return r, true
}

// numberField is what the answer of this call has the number in.
func (c *call) numberField() string {
	byModel := c.route.family == FamilyCreate && strings.HasSuffix(strings.ToLower(c.r.URL.Path), "/create")
	return numberField(c.route.kind, byModel)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// answer is the fault's status with its body.
func (f *Fault) answer(usual int) reply {
	r := reply{status: f.Status, kind: typeText, body: []byte(f.Body)}
	if r.status == 0 {
		r.status = usual
	}
	if f.Body != "" {
		if strings.HasPrefix(f.Body, "{") || strings.HasPrefix(f.Body, "[") {
			r.kind = typeJSON
		}
		return r
	}
	switch r.status {
	case http.StatusUnauthorized:
		r.kind = ""
	case http.StatusForbidden:
		r.body = []byte(msgNoProduct)
	case http.StatusNotFound: // not the provider's own: some gateway's
		r.kind, r.body = typeHTML, []byte("<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>")
	case http.StatusUnprocessableEntity:
		r.kind, r.body = typeJSON, []byte(`{"uyarı":["Kayıt işlenemedi."]}`)
	default:
		r.kind, r.body = typeHTML, fmt.Appendf(nil, "<html><body><h1>%d %s</h1></body></html>", r.status, http.StatusText(r.status))
	}
	return r
}

// misbehave covers the faults in how an answer travels.
func misbehave(c *call, r reply) {
	f, w := c.fault, c.w
	switch f.Kind {
	case FaultAnswerLost, FaultCutAfterBody:
		cut(w)
	case FaultHang:
		pause(c.r, f.wait())
		cut(w)
	case FaultSlowHeaders:
		if pause(c.r, f.wait()) {
			_ = r.send(w)
		}
	case FaultSlowBody:
		head(w, r, len(r.body))
		for i := range r.body {
			if _, err := w.Write(r.body[i : i+1]); err != nil || http.NewResponseController(w).Flush() != nil || !pause(c.r, f.wait()) {
				break
			}
		}
	case FaultSilence:
		head(w, r, len(r.body))
		_ = http.NewResponseController(w).Flush()
		pause(c.r, f.wait())
		cut(w)
	case FaultLongLength:
		head(w, r, len(r.body)+4096)
		_, _ = w.Write(r.body) // the server closes the connection: the promised rest never comes
	case FaultGzipBomb:
		gzipBomb(w, size(f.Size, 1<<30))
	case FaultHugeBody:
		hugeBody(w, r, size(f.Size, 100<<20))
	case FaultFlood1xx:
		w.Header().Set("Link", "</x>; rel=preload")
		for range 100 {
			w.WriteHeader(http.StatusEarlyHints)
		}
		_ = r.send(w)
	case FaultBigHeader:
		w.Header().Set("X-Big", strings.Repeat("x", 12<<20))
		_ = r.send(w)
	}
}

func (f *Fault) wait() time.Duration {
	switch {
	case f.Delay > 0:
		return f.Delay
	case f.Kind == FaultSlowBody:
		return time.Second
	case f.Kind == FaultSlowHeaders:
		return 5 * time.Second
	}
	return forever
}

func size(n, usual int64) int64 {
	if n > 0 {
		return n
	}
	return usual
}

func head(w http.ResponseWriter, r reply, length int) {
	w.Header().Set("Content-Type", r.kind)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(r.status)
}

// cut closes the connection under the client's feet.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2 or a recorder: the nearest thing to silence
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	_ = conn.Close() // it is meant to break
}

func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) } // a client that leaves early is none of our business

// withField changes one field of a JSON object; other bodies stay as they are.
func withField(body []byte, name string, value any) []byte {
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return body
	}
	for k := range object {
		if strings.EqualFold(k, name) {
			name = k
		}
	}
	object[name] = value
	out, err := encode(object)
	if err != nil {
		return body
	}
	return out
}

// foreignNumber is the number of another document; an invented one when there is none.
func (s *Simulator) foreignNumber(not string) string {
	st := &s.documents
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, d := range st.all {
		if d.number != "" && d.ettn.String() != not {
			return d.number
		}
	}
	return fmt.Sprintf("%s%d%09d", st.defaults[KindEFatura], s.Now().Year(), 1)
}

func latin5(utf []byte) []byte {
	turkish := map[rune]byte{'Ğ': 0xD0, 'İ': 0xDD, 'Ş': 0xDE, 'ğ': 0xF0, 'ı': 0xFD, 'ş': 0xFE}
	var out []byte
	for _, r := range string(utf) {
		switch b, ok := turkish[r]; {
		case ok:
			out = append(out, b)
		case r < 0x100:
			out = append(out, byte(r))
		default:
			out = append(out, '?')
		}
	}
	return out
}

func noise(seed uint64) []byte {
	out := make([]byte, 512)
	dice := rand.New(rand.NewPCG(seed, 0x6A7B))
	for i := range out {
		out[i] = byte(dice.Uint32())
	}
	return out
}

// gzipBomb sends n zero bytes, compressed about a thousandfold: one small member of a gzip file, repeated.
func gzipBomb(w http.ResponseWriter, n int64) {
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	_, _ = z.Write(make([]byte, 1<<20)) // into memory: cannot fail
	_ = z.Close()
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(http.StatusOK)
	for sent := int64(0); sent < n; sent += 1 << 20 {
		if _, err := w.Write(member.Bytes()); err != nil {
			return // the client has had enough
		}
	}
}

func hugeBody(w http.ResponseWriter, r reply, n int64) {
	w.Header().Set("Content-Type", r.kind)
	w.WriteHeader(r.status)
	if _, err := w.Write(r.body); err != nil {
		return
	}
	spaces := bytes.Repeat([]byte(" "), 64<<10)
	for sent := int64(len(r.body)); sent < n; sent += int64(len(spaces)) {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}
