package proparssim

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxBody = 16 << 20

// Base is the path under which the provider answers.
const Base = "/api/v1"

// call is one provider request being worked on, under the simulator's lock.
type call struct {
	s     *Simulator
	r     *http.Request
	now   time.Time
	body  map[string]any
	id    int64 // of the path
	entry LogEntry
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

func (r reply) bytes() []byte {
	if r.typ != "" || r.data == nil {
		return r.raw
	}
	body, err := json.Marshal(r.data)
	if err != nil {
		panic(err) //nolint:forbidigo // the simulator's own values: a bug of its own
	}
	return body
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
	if r.URL.Path == "/_sim" || strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.door(w, r)
		return
	}
	if s.o.Latency > 0 && !sleep(r.Context(), s.o.Latency) {
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client left in the middle
	}
	c := &call{s: s, r: r, now: s.Now()}
	c.entry = LogEntry{At: c.now, Method: r.Method, Path: r.URL.Path}
	found, known := c.match()
	c.entry.Family = found.family
	malformed := false
	if len(raw) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		malformed = decoder.Decode(&c.body) != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	}
	fault := s.faults.pick(found.family, c.subject())
	if fault != nil {
		c.entry.Fault = fault.Kind
	}
	do := func() reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.arrive(c.now)
		if !known { // Django's own page, not the framework's JSON
			return reply{status: http.StatusNotFound, typ: "text/html", raw: []byte("<h1>Not Found</h1><p>The requested resource was not found on this server.</p>")}
		}
		if found.family != FamilyToken && !c.entered() {
			return detail(http.StatusUnauthorized, "Geçersiz token.")
		}
		if malformed {
			return detail(http.StatusBadRequest, "JSON parse error")
		}
		return found.handle(c)
	}
	if fault != nil {
		c.strike(w, *fault, do)
		return
	}
	answer := do()
	c.settle(answer.status)
	write(w, answer.status, answer.typ, answer.bytes())
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

// subject is the text by which faults choose a sale: its code, and the ETTN of the request.
func (c *call) subject() string {
	query := c.r.URL.Query()
	code := query.Get("sale_code")
	if text, ok := c.body["sale_code"].(string); ok {
		code = text
	}
	c.entry.Sale = code
	return code + " " + query.Get("invoice_uuid")
}

// settle writes the log before the answer leaves.
func (c *call) settle(status int) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.entry.Status = status
	if len(c.s.log) < c.s.o.LogLimit {
		c.s.log = append(c.s.log, c.entry)
	}
}

// entered checks the token: the word before it is "Token".
func (c *call) entered() bool {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Token ")
	since, known := c.s.tokens[token]
	return ok && known && c.now.Sub(since) < c.s.o.TokenLife
}

func (c *call) login() reply {
	if c.body["username"] != c.s.o.Username || c.body["password"] != c.s.o.Password {
		return *field("non_field_errors", "Verilen bilgilerle giriş yapılamadı.")
	}
	token := rand.Text()
	c.s.tokens[token] = c.now
	c.s.logins++
	out := map[string]any{"token": token}
	if !c.s.o.Rules.NoExpiry {
		out["expire_date"] = c.now.Add(c.s.o.TokenLife).Format(timeLayout)
	}
	return good(out)
}

// strike works on a request, or not, and answers as the fault wants.
func (c *call) strike(w http.ResponseWriter, f Fault, do func() reply) {
	answer := reply{}
	if saves[f.Kind] && f.Kind != FaultLateAccept {
		answer = do()
	}
	status := func(usual int) int {
		if f.Status != 0 {
			return f.Status
		}
		return usual
	}
	const html = "text/html; charset=utf-8"
	switch f.Kind {
	case FaultSavedError:
		c.settle(status(500))
		write(w, status(500), html, []byte("<h1>Server Error (500)</h1>"))
	case FaultAnswerLost, FaultCut:
		c.settle(0)
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way to cut a connection
	case FaultStatus:
		c.settle(status(503))
		write(w, status(503), html, []byte("<html><body>Bad Gateway</body></html>"))
	case FaultHTMLPage:
		c.settle(200)
		write(w, 200, html, []byte("<!doctype html><html><body>Oturum açın</body></html>"))
	case FaultThrottle:
		c.settle(429)
		w.Header().Set("Retry-After", "1")
		write(w, 429, "", detail(429, "Request was throttled.").bytes())
	case FaultGarbage:
		c.settle(200)
		write(w, 200, "", []byte("\x00\xff{[\"'"))
	case FaultTruncated:
		c.settle(answer.status)
		body := answer.bytes()
		write(w, answer.status, answer.typ, body[:len(body)/2])
	case FaultEmpty:
		c.settle(200)
		write(w, 200, "", nil)
	case FaultHang:
		c.settle(0)
		sleep(c.r.Context(), max(f.Delay, time.Minute))
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way to cut a connection
	case FaultLateAccept:
		c.s.mu.Lock()
		// The token was good when the request arrived; c.s.arrive calls this under the lock.
		found, _ := c.match()
		c.s.late = append(c.s.late, func() { found.handle(c) })
		c.s.lateAt = append(c.s.lateAt, c.now.Add(f.Delay))
		c.s.mu.Unlock()
		c.settle(status(504))
		write(w, status(504), html, []byte("<html>504 Gateway Time-out</html>"))
	case FaultExpireToken:
		c.s.ExpireTokens()
		c.settle(401)
		write(w, 401, "", detail(401, "Token süresi doldu.").bytes())
	}
}

func write(w http.ResponseWriter, status int, typ string, body []byte) {
	if typ == "" {
		typ = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", typ)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left is no fault of ours
}

// sleep waits, unless the client leaves.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, account and doors to out.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the simulator cannot listen on %s: %w", addr, err)
	}
	s := New(o)
	fmt.Fprintf(out, "Propars simulator\n  base_url  http://%s%s\n  username  %s\n  password  %s\n  doors     http://%s/_sim/  (loopback only, no token)\n",
		listener.Addr(), Base, s.o.Username, s.o.Password, listener.Addr())
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve tells that it is closed
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the simulator stopped: %w", err)
	}
	return nil
}
