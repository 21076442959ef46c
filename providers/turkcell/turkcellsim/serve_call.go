package turkcellsim

import (
	"crypto/subtle"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/providers/simulator"
)

// maxBody is more than any real invoice has.
const maxBody = 64 << 20

// call is one provider request being worked on.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	now   time.Time
	route route
	id    uuid.UUID // of the path
	badID string
	fault *Fault // that struck; nil = none
	entry LogEntry
	place int // of the entry in the log
}

// ServeHTTP answers provider calls and, from loopback only, the doors under /_sim.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_sim" || strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.door(w, r)
		return
	}
	correlation := uuid.NewString()
	w.Header().Set("X-Correlation-Id", correlation)
	c := &call{w: w, r: r, now: s.Now()}
	c.entry = LogEntry{At: c.now, Method: r.Method, Path: r.URL.RequestURI(), CorrelationID: correlation}
	c.place = s.journal.open(c.entry, s.o.LogLimit)
	s.serve(c)
}

// settle writes the log before the answer leaves, so that whoever has the answer finds it there.
func (s *Simulator) settle(c *call, status int) {
	c.entry.Status = status
	s.journal.close(c.place, c.entry)
}

func (s *Simulator) serve(c *call) {
	if s.o.Latency > 0 && !simulator.Pause(c.r, s.o.Latency) {
		s.settle(c, 0) // the client has left
		return
	}
	found, status := s.match(c.r, c)
	c.route, c.entry.Family = found, found.family
	if c.id != uuid.Nil {
		c.entry.ETTN = c.id.String()
	}
	s.strikeEarly(c)
	if c.fault != nil && !c.fault.saves() {
		s.deliver(c, reply{})
		return
	}
	switch {
	case found.family != FamilyToken && !s.authorised(c):
		s.finish(c, reply{status: http.StatusUnauthorized})
	case status == http.StatusBadRequest:
		s.finish(c, bad("id", "The value '%s' is not valid.", c.badID))
	case status != http.StatusOK:
		s.finish(c, reply{status: status})
	default:
		s.finish(c, found.handle(c))
	}
}

func (s *Simulator) finish(c *call, r reply) {
	c.entry.Saved = r.saved
	if c.fault != nil {
		s.deliver(c, r)
		return
	}
	s.settle(c, r.status)
	_ = r.send(c.w) // the client may have left; there is nobody to tell
}

// authorised accepts the key as x-api-key, and a token of POST /v1/token as bearer (facts section 1).
func (s *Simulator) authorised(c *call) bool {
	if token, bearer := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer "); bearer {
		return s.tokens.valid(token, c.now)
	}
	return same(c.r.Header.Get("X-Api-Key"), s.key)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// body reads the request whole.
func (c *call) body() ([]byte, error) {
	return readAll(io.LimitReader(c.r.Body, maxBody), c.r.ContentLength)
}
