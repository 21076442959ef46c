package turkcellsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"faturad/providers/simulator"
)

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
		simulator.Cut(c.w)
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
	travelling := simulator.Fault{Kind: f.Kind, Delay: f.Delay, Size: f.Size}
	travelling.Misbehave(c.w, c.r, simulator.Reply{Status: r.status, Type: r.kind, Body: r.body})
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
		r.body = simulator.Latin5(withField(r.body, "message", "Fatura kuyruğa eklendi: İŞLENİYOR, çğıöşü"))
	case FaultOtherID:
		r.body = withField(r.body, "id", uuid.NewString())
	case FaultTakenNumber:
		r.body = withField(r.body, c.numberField(), s.foreignNumber(c.entry.ETTN))
	case FaultNoNumber:
		r.body = withField(r.body, c.numberField(), nil)
	case FaultGarbage:
		r = reply{status: http.StatusOK, kind: typeJSON, body: simulator.Noise(f.Seed)}
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
