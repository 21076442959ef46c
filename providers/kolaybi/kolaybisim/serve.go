package kolaybisim

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"faturad/providers/simulator"
)

// call is one provider request being worked on, under the simulator's lock.
type call struct {
	s         *Simulator
	r         *http.Request
	now       time.Time
	route     route
	known     bool // there is such an endpoint
	malformed bool // its body could not be read
	body      tree
	id        int64 // of the path
	entry     LogEntry
}

// reply is an answer: data wrapped in KolayBi's envelope, or a refusal.
type reply struct {
	status  int
	data    any
	more    map[string]any // beside data, e.g. pagination
	code    int            // KolayBi's own; 0 = success
	message string
}

func good(data any) reply { return reply{status: http.StatusOK, data: data} }

func bad(status, code int, format string, args ...any) reply {
	return reply{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// refuse is 400 with the message that names the field.
func refuse(format string, args ...any) *reply {
	r := bad(http.StatusBadRequest, 10400, format, args...)
	return &r
}

func (r reply) wire() simulator.Reply {
	out := map[string]any{"success": r.code == 0, "data": r.data}
	if r.code != 0 {
		out["data"], out["code"], out["message"], out["description"] = []any{}, r.code, r.message, ""
	}
	for k, v := range r.more {
		out[k] = v
	}
	body, err := json.Marshal(out)
	if err != nil {
		panic(err) //nolint:forbidigo // the simulator's own values: a bug of its own
	}
	return simulator.Reply{Status: r.status, Body: body}
}

type route struct {
	family Family
	handle func(*call) reply
}

// routes are the endpoints of facts A2 that faturad uses. {id} stands for a number.
var routes = map[string]route{
	"POST access_token": {FamilyToken, (*call).login},
	"GET companies":     {FamilyList, (*call).companies},
	"GET tags": {FamilyOther, func(c *call) reply {
		return good([]any{map[string]any{"id": 12, "name": "Web"}, map[string]any{"id": 15, "name": "Mağaza"}})
	}},
	"GET associates":                  {FamilyContact, (*call).listContacts},
	"POST associates":                 {FamilyContact, (*call).makeContact},
	"PUT associates/{id}":             {FamilyContact, (*call).updateContact},
	"POST address/create":             {FamilyAddress, (*call).makeAddress},
	"GET products":                    {FamilyProduct, (*call).listProducts},
	"POST products":                   {FamilyProduct, (*call).makeProduct},
	"GET invoices":                    {FamilyList, (*call).listInvoices},
	"POST invoices":                   {FamilyDraft, (*call).makeInvoice},
	"GET invoices/{id}":               {FamilyList, (*call).detail},
	"DELETE invoices/{id}":            {FamilyDelete, (*call).deleteInvoice},
	"POST invoices/e-document/create": {FamilyLegal, (*call).makeOfficial},
	"POST invoices/e-document/cancel": {FamilyCancel, (*call).cancel},
	"GET invoices/e-document/view":    {FamilyView, (*call).view},
	"POST invoices/resend/{id}":       {FamilyCancel, (*call).resend},
	"GET e_document/invoices":         {FamilyList, (*call).listOfficial},
}

// Base is the path under which the provider answers.
const Base = "/kolaybi/v1"

// ServeHTTP answers provider calls and, from loopback only, the doors under /_sim.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Door(w, r, doorList, s.act) {
		return
	}
	s.Answer(w, r, &call{s: s, r: r})
}

// Family implements simulator.Exchange.
func (c *call) Family() Family {
	c.now = c.s.Now()
	c.route, c.known = c.match()
	c.entry = LogEntry{At: c.now, Method: c.r.Method, Path: c.r.URL.RequestURI(), Family: c.route.family}
	return c.route.family
}

// Read implements simulator.Exchange.
func (c *call) Read(body []byte) {
	var err error
	c.body, err = parseBody(c.r.Header.Get("Content-Type"), body)
	c.malformed = err != nil
}

// Work implements simulator.Exchange.
func (c *call) Work() simulator.Reply {
	switch refused := c.enter(); {
	case !c.known:
		return bad(http.StatusNotFound, 10404, "Kayıt bulunamadı.").wire()
	case c.malformed:
		return bad(http.StatusBadRequest, 10400, "İstek okunamadı.").wire()
	case refused != nil:
		return refused.wire()
	}
	return c.route.handle(c).wire()
}

// Words implements simulator.Exchange.
func (c *call) Words(f Fault) (simulator.Reply, bool) {
	switch f.Kind {
	case simulator.FaultSavedError:
		return bad(0, 10500, "Beklenmeyen bir hata oluştu.").wire(), true
	case simulator.FaultThrottle:
		return bad(0, 10429, "Çok fazla istek.").wire(), true
	case simulator.FaultExpireToken:
		return bad(0, 10401, "Oturum süreniz doldu.").wire(), true
	case simulator.FaultSuccessNo:
		return simulator.Reply{Body: []byte(`{"success":false,"data":[]}`)}, true
	case simulator.FaultStatus:
		return simulator.Reply{}, true
	}
	return simulator.Reply{}, false
}

// Bend implements simulator.Exchange.
func (c *call) Bend(f Fault, usual simulator.Reply) (simulator.Reply, bool) {
	var answer struct {
		Success bool           `json:"success"`
		Data    map[string]any `json:"data"`
	}
	if json.Unmarshal(usual.Body, &answer) != nil || answer.Data["document_id"] == nil {
		return usual, false
	}
	switch f.Kind {
	case simulator.FaultOtherID:
		answer.Data["document_id"] = 999_999
	case simulator.FaultTakenNumber:
		if answer.Data["no"] == nil {
			return usual, false
		}
		answer.Data["no"] = c.s.foreignNumber(c.body.id("document_id"))
	case simulator.FaultNoNumber:
		answer.Data["no"] = nil
	}
	body, err := json.Marshal(answer)
	usual.Body = body
	return usual, err == nil
}

// foreignNumber is the number of another document; an invented one when there is none.
func (s *Simulator) foreignNumber(not int64) string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, r := range s.records {
		if r.number != "" && r.id != not {
			return r.number
		}
	}
	return s.o.Prefix[KindEArsiv] + s.Now().Format("2006") + "000000001"
}

// match finds the endpoint.
func (c *call) match() (route, bool) {
	path := strings.Trim(strings.TrimPrefix(c.r.URL.Path, Base), "/")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			c.id, segments[i] = n, "{id}"
		}
	}
	found, ok := routes[c.r.Method+" "+strings.Join(segments, "/")]
	if !strings.HasPrefix(c.r.URL.Path, Base+"/") || !ok {
		return route{family: FamilyOther}, false
	}
	return found, true
}

// About implements simulator.Exchange: faults choose a draft by its description.
func (c *call) About(key string) bool {
	if id := c.body.id("document_id"); id != 0 {
		c.s.Mu.Lock()
		defer c.s.Mu.Unlock()
		if r := c.s.record(id); r != nil {
			return strings.Contains(r.description, key)
		}
	}
	return strings.Contains(c.body.text("description"), key)
}

// Settle implements simulator.Exchange.
func (c *call) Settle(fault string, status int) {
	c.entry.Fault, c.entry.Status = fault, status
	c.s.Note(c.entry)
}

// enter checks channel and token. The log-in has only the channel.
func (c *call) enter() *reply {
	if c.r.Header.Get("Channel") != c.s.o.Channel {
		r := bad(http.StatusNotFound, 10404, "Kanal bulunamadı.")
		return &r
	}
	if c.route.family == FamilyToken {
		return nil
	}
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok || !c.s.Knows(token, c.now, c.s.o.TokenLife) {
		r := bad(http.StatusUnauthorized, 10401, "Oturum süreniz doldu.")
		return &r
	}
	return nil
}

func (c *call) login() reply {
	if c.body.text("api_key") != c.s.o.APIKey {
		return bad(http.StatusUnauthorized, 10401, "API anahtarı geçersiz.")
	}
	return good(c.s.Login(c.now))
}

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, key and doors to out.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := simulator.Listen(ctx, addr)
	if err != nil {
		return err
	}
	s := New(o)
	fmt.Fprintf(out, "KolayBi simulator\n  base_url  http://%s%s\n  api_key   %s\n  channel   %s\n  doors     http://%s/_sim/  (loopback only, no key)\n",
		listener.Addr(), Base, s.o.APIKey, s.o.Channel, listener.Addr())
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	return simulator.Serve(ctx, listener, s)
}
