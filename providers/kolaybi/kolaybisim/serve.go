package kolaybisim

import (
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

// call is one provider request being worked on, under the simulator's lock.
type call struct {
	s     *Simulator
	r     *http.Request
	now   time.Time
	body  tree
	id    int64 // of the path
	entry LogEntry
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

func (r reply) bytes() []byte {
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
	return body
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
	c.entry = LogEntry{At: c.now, Method: r.Method, Path: r.URL.RequestURI()}
	found, known := c.match()
	c.entry.Family = found.family
	var malformed bool
	if c.body, err = parseBody(r.Header.Get("Content-Type"), raw); err != nil {
		malformed = true
	}
	fault := s.faults.pick(found.family, c.subject())
	if fault != nil {
		c.entry.Fault = fault.Kind
	}
	do := func() reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.arrive(c.now)
		switch {
		case !known:
			return bad(http.StatusNotFound, 10404, "Kayıt bulunamadı.")
		case malformed:
			return bad(http.StatusBadRequest, 10400, "İstek okunamadı.")
		}
		if refused := c.enter(found.family); refused != nil {
			return *refused
		}
		return found.handle(c)
	}
	if fault == nil {
		answer := do()
		c.settle(answer.status)
		write(w, answer.status, answer.bytes())
		return
	}
	c.strike(w, *fault, do)
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

// subject is the text by which faults choose a draft.
func (c *call) subject() string {
	if id := c.body.id("document_id"); id != 0 {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if r := c.s.record(id); r != nil {
			return r.description
		}
	}
	return c.body.text("description")
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

// enter checks channel and token. The log-in has only the channel.
func (c *call) enter(family Family) *reply {
	if c.r.Header.Get("Channel") != c.s.o.Channel {
		r := bad(http.StatusNotFound, 10404, "Kanal bulunamadı.")
		return &r
	}
	if family == FamilyToken {
		return nil
	}
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	since, known := c.s.tokens[token]
	if !ok || !known || c.now.Sub(since) >= c.s.o.TokenLife {
		r := bad(http.StatusUnauthorized, 10401, "Oturum süreniz doldu.")
		return &r
	}
	return nil
}

func (c *call) login() reply {
	if c.body.text("api_key") != c.s.o.APIKey {
		return bad(http.StatusUnauthorized, 10401, "API anahtarı geçersiz.")
	}
	token := rand.Text()
	c.s.tokens[token] = c.now
	c.s.logins++
	return good(token)
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
	switch f.Kind {
	case FaultSavedError:
		c.settle(status(500))
		write(w, status(500), []byte(`{"success":false,"data":[],"code":10500,"message":"Beklenmeyen bir hata oluştu."}`))
	case FaultAnswerLost, FaultCut:
		c.settle(0)
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way to cut a connection
	case FaultStatus:
		c.settle(status(503))
		write(w, status(503), nil)
	case FaultHTMLPage:
		c.settle(200)
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><html><body>Oturum açın</body></html>")
	case FaultThrottle:
		c.settle(429)
		w.Header().Set("Retry-After", "1")
		write(w, 429, []byte(`{"success":false,"data":[],"code":10429,"message":"Çok fazla istek."}`))
	case FaultGarbage:
		c.settle(200)
		write(w, 200, []byte("\x00\xff{[\"'"))
	case FaultTruncated:
		c.settle(answer.status)
		body := answer.bytes()
		write(w, answer.status, body[:len(body)/2])
	case FaultSuccessNo:
		c.settle(200)
		write(w, 200, []byte(`{"success":false,"data":[]}`))
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
		write(w, status(504), []byte("<html>504 Gateway Time-out</html>"))
	case FaultExpireToken:
		c.s.ExpireTokens()
		c.settle(401)
		write(w, 401, bad(401, 10401, "Oturum süreniz doldu.").bytes())
	case FaultOtherID:
		if m, ok := answer.data.(map[string]any); ok {
			m["document_id"] = int64(999_999)
		}
		c.settle(answer.status)
		write(w, answer.status, answer.bytes())
	}
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
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

// ListenAndServe runs a simulator on addr until ctx ends, and prints its URL, key and doors to out.
func ListenAndServe(ctx context.Context, addr string, o Options, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the simulator cannot listen on %s: %w", addr, err)
	}
	s := New(o)
	fmt.Fprintf(out, "KolayBi simulator\n  base_url  http://%s%s\n  api_key   %s\n  channel   %s\n  doors     http://%s/_sim/  (loopback only, no key)\n",
		listener.Addr(), Base, s.o.APIKey, s.o.Channel, listener.Addr())
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
