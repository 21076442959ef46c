package proparssim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/providers/simulator"
)

// Base is the path under which the provider answers.
const Base = "/api/v1"

// call is one provider request being worked on, under the simulator's lock.
type call struct {
	s         *Simulator
	r         *http.Request
	now       time.Time
	route     route
	known     bool // there is such an endpoint
	malformed bool // its body could not be read
	body      map[string]any
	id        int64 // of the path
	entry     LogEntry
}

// reply is an answer: JSON, or bytes of another type.
type reply struct {
	status int
	data   any
	typ    string // of raw; "" = JSON of data
	raw    []byte
}

func good(data any) reply { return reply{status: http.StatusOK, data: data} }

// detail is an error in the words of Django REST framework.
func detail(status int, format string, args ...any) reply {
	return reply{status: status, data: map[string]any{"detail": fmt.Sprintf(format, args...)}}
}

// field is a 400 that names a field.
func field(name, format string, args ...any) *reply {
	return &reply{status: http.StatusBadRequest, data: map[string]any{name: []string{fmt.Sprintf(format, args...)}}}
}

func (r reply) wire() simulator.Reply {
	if r.typ != "" || r.data == nil {
		return simulator.Reply{Status: r.status, Type: r.typ, Body: r.raw}
	}
	body, err := json.Marshal(r.data)
	if err != nil {
		panic(err) //nolint:forbidigo // the simulator's own values: a bug of its own
	}
	return simulator.Reply{Status: r.status, Body: body}
}

type route struct {
	family Family
	handle func(*call) reply
}

// routes are the endpoints of facts B2 that faturad uses. {id} stands for a number.
var routes = map[string]route{
	"POST api-token-auth/":                             {FamilyToken, (*call).login},
	"POST core/sale/create_nested/":                    {FamilySale, (*call).createNested},
	"GET core/sale/":                                   {FamilyList, (*call).listSales},
	"GET core/sale/{id}/":                              {FamilyList, (*call).oneSale},
	"PATCH core/sale/{id}/cancel_invoice/":             {FamilyCancel, (*call).cancel},
	"PATCH core/sale/cancel_invoice_by_code/":          {FamilyCancel, (*call).cancel},
	"GET core/currency/":                               {FamilyList, (*call).currencies},
	"GET finance/saleinvoice/":                         {FamilyList, (*call).listInvoices},
	"GET finance/saleinvoice/invoice_html_for_sale/":   {FamilyPreview, (*call).preview},
	"POST finance/saleinvoice/send_invoice_for_sale/":  {FamilySend, (*call).send},
	"POST finance/saleinvoice/{id}/send_invoice/":      {FamilySend, (*call).sendInvoice},
	"GET finance/saleinvoice/get_signed_xml_for_sale/": {FamilySigned, (*call).signedXML},
	"GET finance/saleinvoice/{id}/get_signed_xml/":     {FamilySigned, (*call).signedXML},
	"GET finance/purchaseinvoice/":                     {FamilyList, (*call).listIncoming},
	"GET finance/purchaseinvoice/{id}/get_signed_xml/": {FamilySigned, (*call).incomingXML},
}

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
	c.entry = LogEntry{At: c.now, Method: c.r.Method, Path: c.r.URL.Path, Family: c.route.family, Sale: c.r.URL.Query().Get("sale_code")}
	return c.route.family
}

// Read implements simulator.Exchange.
func (c *call) Read(body []byte) {
	if len(body) == 0 {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	c.malformed = decoder.Decode(&c.body) != nil || !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json")
	if code, ok := c.body["sale_code"].(string); ok {
		c.entry.Sale = code
	}
}

// About implements simulator.Exchange: faults choose a sale by its code, or by the ETTN of the request.
func (c *call) About(key string) bool {
	return key == c.entry.Sale || key == c.r.URL.Query().Get("invoice_uuid")
}

// Work implements simulator.Exchange.
func (c *call) Work() simulator.Reply {
	switch {
	case !c.known: // Django's own page, not the framework's JSON
		return simulator.Reply{Status: http.StatusNotFound, Type: "text/html", Body: []byte("<h1>Not Found</h1><p>The requested resource was not found on this server.</p>")}
	case c.route.family != FamilyToken && !c.entered():
		return detail(http.StatusUnauthorized, "Geçersiz token.").wire()
	case c.malformed:
		return detail(http.StatusBadRequest, "JSON parse error").wire()
	}
	return c.route.handle(c).wire()
}

// Words implements simulator.Exchange: what breaks before Django's framework is answered by others, in HTML.
func (c *call) Words(f Fault) (simulator.Reply, bool) {
	switch f.Kind {
	case simulator.FaultThrottle:
		return detail(0, "Request was throttled.").wire(), true
	case simulator.FaultExpireToken:
		return detail(0, "Token süresi doldu.").wire(), true
	}
	return simulator.Reply{}, false
}

// Bend implements simulator.Exchange.
func (c *call) Bend(f Fault, usual simulator.Reply) (simulator.Reply, bool) {
	var answer map[string]any
	if json.Unmarshal(usual.Body, &answer) != nil || answer["invoice_number"] == nil {
		return usual, false
	}
	switch f.Kind {
	case simulator.FaultOtherID:
		answer["uuid"] = uuid.New()
	case simulator.FaultTakenNumber:
		answer["invoice_number"] = c.s.foreignNumber(c.entry.Sale)
	case simulator.FaultNoNumber:
		answer["invoice_number"] = nil
	}
	body, err := json.Marshal(answer)
	usual.Body = body
	return usual, err == nil
}

// foreignNumber is the number of another sale; an invented one when there is none.
func (s *Simulator) foreignNumber(not string) string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, x := range s.sales {
		if i := x.current(); i != nil && x.code != not {
			return i.number
		}
	}
	return s.o.Prefix[KindEArsiv] + s.Now().Format("2006") + "000000001"
}

// Settle implements simulator.Exchange.
func (c *call) Settle(fault string, status int) {
	c.entry.Fault, c.entry.Status = fault, status
	c.s.Note(c.entry)
}

// match finds the endpoint; the slash at the end belongs to it.
func (c *call) match() (route, bool) {
	path, under := strings.CutPrefix(c.r.URL.Path, Base+"/")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			c.id, segments[i] = n, "{id}"
		}
	}
	found, ok := routes[c.r.Method+" "+strings.Join(segments, "/")]
	if !under || !ok {
		return route{family: FamilyOther}, false
	}
	return found, true
}

// entered checks the token: the word before it is "Token".
func (c *call) entered() bool {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Token ")
	return ok && c.s.Knows(token, c.now, c.s.o.TokenLife)
}

func (c *call) login() reply {
	if c.body["username"] != c.s.o.Username || c.body["password"] != c.s.o.Password {
		return *field("non_field_errors", "Verilen bilgilerle giriş yapılamadı.")
	}
	out := map[string]any{"token": c.s.Login(c.now)}
	if !c.s.o.Rules.NoExpiry {
		out["expire_date"] = c.now.Add(c.s.o.TokenLife).Format(timeLayout)
	}
	return good(out)
}

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, account and doors to out.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := simulator.Listen(ctx, addr)
	if err != nil {
		return err
	}
	s := New(o)
	fmt.Fprintf(out, "Propars simulator\n  base_url  http://%s%s\n  username  %s\n  password  %s\n  doors     http://%s/_sim/  (loopback only, no token)\n",
		listener.Addr(), Base, s.o.Username, s.o.Password, listener.Addr())
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	return simulator.Serve(ctx, listener, s)
}
