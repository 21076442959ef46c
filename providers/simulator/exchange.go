package simulator

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody is more than any real request has.
const maxBody = 16 << 20

// Reply is an answer before it leaves, so that faults can bend it. The zero Type is JSON.
type Reply struct {
	Status int
	Type   string
	Body   []byte
}

// Exchange is one request to a provider, and what the provider has to say about it. Its methods are called in this order.
type Exchange interface {
	// Family finds the endpoint, from method and path.
	Family() Family
	// Read takes the body.
	Read(body []byte)
	// About says whether the request is about what a fault's Key names.
	About(key string) bool
	// Work works on the request, once. The core's lock is held.
	Work() Reply
	// Words is the provider's own answer under a fault (saved-error, status, throttle, expire-token, success-false), and Bend
	// its usual answer as other-id, taken-number and no-number want it; ok is false where it has none.
	Words(f Fault) (r Reply, ok bool)
	Bend(f Fault, usual Reply) (r Reply, ok bool)
	// Settle writes the log, before the answer leaves: the fault that struck ("" = none) and the status (0 = cut).
	Settle(fault string, status int)
}

// Answer answers a provider call.
func (c *Core[E]) Answer(w http.ResponseWriter, r *http.Request, x Exchange) {
	if c.latency > 0 && !Pause(r, c.latency) {
		return
	}
	family := x.Family()
	if f := c.faults.pick(family, nil); f != nil {
		x.Settle(f.Kind, 0)
		Cut(w)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client left in the middle
	}
	x.Read(raw)
	if f := c.faults.pick(family, x.About); f != nil {
		c.strike(w, r, x, f)
		return
	}
	answer := c.work(x)
	x.Settle("", answer.Status)
	answer.send(w)
}

func (c *Core[E]) work(x Exchange) Reply {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Arrive(c.Now())
	return x.Work()
}

// strike works on a request, or not, and answers as the fault wants.
func (c *Core[E]) strike(w http.ResponseWriter, r *http.Request, x Exchange, f *Fault) {
	answer := Reply{Status: http.StatusOK, Body: []byte("{}")}
	switch {
	case f.Kind == FaultLateAccept:
		c.Mu.Lock()
		c.late = append(c.late, late{c.Now().Add(f.Delay), func() { x.Work() }})
		c.Mu.Unlock()
	case f.Kind == FaultExpireToken:
		c.ExpireTokens()
	case saves[f.Kind]:
		answer = c.work(x)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if bent, ok := f.instead(w, r, x, answer); ok {
		x.Settle(f.Kind, bent.Status)
		bent.send(w)
		return
	}
	switch f.Kind {
	case FaultAnswerLost, FaultCut, FaultHang:
		x.Settle(f.Kind, 0)
	default:
		x.Settle(f.Kind, answer.Status)
	}
	f.Misbehave(w, r, answer)
}

const loginPage = `<!doctype html><html lang="tr"><body><h1>Ağ erişimi için oturum açın</h1></body></html>`

const typeHTML = "text/html; charset=utf-8"

// instead covers the faults that are only another answer.
func (f *Fault) instead(w http.ResponseWriter, r *http.Request, x Exchange, usual Reply) (Reply, bool) {
	switch f.Kind {
	case FaultSavedError, FaultStatus, FaultLateAccept, FaultThrottle, FaultExpireToken, FaultSuccessNo:
		return f.said(w, x), true
	case FaultRedirect:
		w.Header().Set("Location", "/moved"+r.URL.RequestURI())
		return f.said(w, x), true
	case FaultHTMLPage:
		return Reply{http.StatusOK, typeHTML, []byte(loginPage)}, true
	case FaultEmpty:
		return Reply{Status: http.StatusOK}, true
	case FaultOtherID, FaultTakenNumber, FaultNoNumber:
		if bent, ok := x.Bend(*f, usual); ok {
			return bent, true
		}
		return usual, true
	case FaultBOM:
		usual.Body = append([]byte("\xef\xbb\xbf"), usual.Body...)
	case FaultTruncated:
		usual.Body = usual.Body[:len(usual.Body)/2]
	case FaultLatin5:
		usual.Body = Latin5(usual.Body)
	case FaultGarbage:
		return Reply{Status: http.StatusOK, Body: Noise(f.Seed)}, true
	case FaultWrongType:
		usual.Type = "application/octet-stream"
	default:
		return Reply{}, false
	}
	return usual, true
}

// statuses are what kinds answer when the fault names none.
var statuses = map[string]int{
	FaultSavedError: http.StatusInternalServerError, FaultStatus: http.StatusServiceUnavailable, FaultLateAccept: http.StatusGatewayTimeout,
	FaultThrottle: http.StatusTooManyRequests, FaultExpireToken: http.StatusUnauthorized, FaultSuccessNo: http.StatusOK, FaultRedirect: http.StatusTemporaryRedirect,
}

// said is the fault's status, in its own words, the provider's, or a gateway's.
func (f *Fault) said(w http.ResponseWriter, x Exchange) Reply {
	status := f.Status
	OrDefault(&status, statuses[f.Kind])
	if f.Kind == FaultThrottle && f.RetryAfter == "" {
		w.Header().Set("Retry-After", "1")
	}
	if f.Body != "" {
		out := Reply{Status: status, Body: []byte(f.Body)}
		if !strings.HasPrefix(f.Body, "{") && !strings.HasPrefix(f.Body, "[") {
			out.Type = "text/plain; charset=utf-8"
		}
		return out
	}
	if words, ok := x.Words(*f); ok {
		words.Status = status
		return words
	}
	return Reply{status, typeHTML, []byte("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>")}
}

// Pause waits in real time; false when the client left meanwhile.
func Pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
