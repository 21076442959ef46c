package turkcellsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// reply is an answer before it leaves, so that faults can bend it.
type reply struct {
	status int
	kind   string // Content-Type; "" = none
	body   []byte
	stream func(io.Writer) error // instead of body, for what is too large to hold
	saved  bool                  // the request changed something
}

const (
	typeJSON = "application/json; charset=utf-8"
	typeText = "text/plain; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"
	typeXML  = "application/xml"
)

func rawJSON(body []byte) reply { return reply{status: http.StatusOK, kind: typeJSON, body: body} }

func asJSON(v any) reply {
	body, err := encode(v)
	if err != nil {
		return reply{status: http.StatusInternalServerError, kind: typeText, body: []byte(err.Error())}
	}
	return rawJSON(body)
}

// encode writes JSON with Turkish letters and <>& as they are, as ASP.NET with Newtonsoft does.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the reply: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// created is the answer of creates and updates; field is what it calls the number.
func (s *Simulator) created(id uuid.UUID, field, number string) reply {
	var b []byte
	if s.o.Rules.PascalReplies {
		b = append(b, `{"Id":"`...)
	} else {
		b = append(b, `{"id":"`...)
	}
	b = append(b, id.String()...)
	if s.o.Rules.PascalReplies {
		field = strings.ToUpper(field[:1]) + field[1:]
	}
	b = append(append(append(b, `","`...), field...), `":`...)
	if number == "" {
		b = append(b, "null}"...)
	} else {
		b = append(strconv.AppendQuote(b, number), '}')
	}
	r := rawJSON(b)
	r.saved = true
	return r
}

// object answers a JSON object in the casing that the rules ask for.
func (s *Simulator) object(fields map[string]any) reply {
	if !s.o.Rules.PascalReplies {
		return asJSON(fields)
	}
	pascal := make(map[string]any, len(fields))
	for k, v := range fields {
		first, n := utf8.DecodeRuneInString(k)
		pascal[string(unicode.ToUpper(first))+k[n:]] = v
	}
	return asJSON(pascal)
}

func refused(p problems) reply {
	r := asJSON(p)
	r.status = http.StatusUnprocessableEntity
	return r
}

func refusal(key, format string, args ...any) reply {
	p := problems{}
	p.add(key, format, args...)
	return refused(p)
}

// bad is a model-binding error: 400 with the same shape.
func bad(key, format string, args ...any) reply {
	r := refusal(key, format, args...)
	r.status = http.StatusBadRequest
	return r
}

// text answers a plain sentence, or a quoted one where the rules ask for it.
func (s *Simulator) text(status int, sentence string) reply {
	if s.o.Rules.QuotedText {
		r := asJSON(sentence)
		r.status = status
		return r
	}
	return reply{status: status, kind: typeText, body: []byte(sentence)}
}

// missing is the 404 of one side.
func (s *Simulator) missing(kind string) reply {
	if isReceipt(kind) {
		return s.missingReceipt(kind)
	}
	if kind == KindEArsiv {
		return s.text(http.StatusNotFound, msgNoEArchive)
	}
	return s.text(http.StatusNotFound, msgNoInvoice)
}

// done is a success without a useful body.
func done() reply {
	r := rawJSON([]byte("null"))
	r.saved = true
	return r
}

func unknownDocument(id uuid.UUID) error {
	return fmt.Errorf("the simulator has no document %s; GET /_sim/documents lists them", id)
}

// send writes the reply as it is.
func (r reply) send(w http.ResponseWriter) error {
	if r.kind != "" {
		w.Header().Set("Content-Type", r.kind)
	}
	if r.stream != nil {
		w.WriteHeader(r.status)
		return r.stream(w)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, err := w.Write(r.body)
	return err
}
