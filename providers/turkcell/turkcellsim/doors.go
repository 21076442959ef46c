package turkcellsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// door answers /_sim: no key, but only for this machine.
func (s *Simulator) door(w http.ResponseWriter, r *http.Request) {
	if !fromLoopback(r) {
		http.Error(w, "the doors of the simulator answer on loopback only", http.StatusForbidden)
		return
	}
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, "/_sim"), "/")
	if r.Method == http.MethodGet {
		s.look(w, path)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4*maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := s.act(r.Method+" "+path, body)
	switch {
	case errors.Is(err, errNoDoor):
		http.Error(w, doorList, http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		s.show(w, answer)
	}
}

var errNoDoor = errors.New("no such door")

const doorList = `doors of the simulator:
GET    /_sim/documents                 every accepted document
GET    /_sim/inbox                     incoming invoices with isNew
GET    /_sim/log                       every provider request
GET    /_sim/faults                    faults that are set
GET    /_sim/clock                     the simulator's time
POST   /_sim/documents/{ettn}/status   {"status":80,"message":"..","envelope":1300}
POST   /_sim/inbox                     UBL, or {"count":10,"seed":1}; with "damaged":100 nobody can read each 100th
POST   /_sim/inbox/{ettn}              {"isNew":false}
DELETE /_sim/inbox/{ettn}
POST   /_sim/taxpayers                 [{"tax_no":"..","title":"..","alias":".."}] or {"replace":[..],"filler":2000000}
POST   /_sim/buyers                    {"4812057337":"reject"}
POST   /_sim/mailboxes                 {"alici@example.com":"bounce"}; also "stop" and "wait", "" = takes mail
POST   /_sim/clock                     {"advance":"24h"}
POST   /_sim/faults                    {"kind":"answer-lost","family":"create","times":1}, or a list of these
DELETE /_sim/faults
POST   /_sim/reset
`

func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

func (s *Simulator) look(w http.ResponseWriter, path string) {
	switch path {
	case "documents":
		s.show(w, list(s.Documents()))
	case "inbox":
		s.show(w, list(s.Incoming()))
	case "log":
		s.show(w, list(s.Log()))
	case "faults":
		s.show(w, list(s.Faults()))
	case "clock":
		s.show(w, map[string]time.Time{"now": s.Now()})
	case "":
		w.Header().Set("Content-Type", typeText)
		_, _ = io.WriteString(w, doorList) // the client may have left
	default:
		http.Error(w, doorList, http.StatusNotFound)
	}
}

// list makes [] of an empty list.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

func (s *Simulator) show(w http.ResponseWriter, v any) {
	_ = asJSON(v).send(w) // the client may have left
}

func (s *Simulator) act(what string, body []byte) (any, error) {
	parts := strings.Split(what, "/")
	if len(parts) > 1 && parts[0] != what {
		if done, err := s.actOnOne(parts, body); !errors.Is(err, errNoDoor) {
			return done, err
		}
	}
	switch what {
	case "POST faults":
		return s.doorFaults(body)
	case "DELETE faults":
		s.ClearFaults()
		return s.Faults(), nil
	case "POST clock":
		return s.doorClock(body)
	case "POST inbox":
		return s.doorInbox(body)
	case "POST taxpayers":
		return s.doorTaxpayers(body)
	case "POST buyers":
		var in map[string]Buyer
		if err := read(body, &in); err != nil {
			return nil, err
		}
		for taxNo, b := range in {
			s.SetBuyer(taxNo, b)
		}
		return in, nil
	case "POST mailboxes":
		var in map[string]Mailbox
		if err := read(body, &in); err != nil {
			return nil, err
		}
		for address, box := range in {
			if _, known := mailCodes[box]; !known {
				return nil, fmt.Errorf("%q is no mailbox: use bounce, stop, wait or nothing", box)
			}
			s.SetMailbox(address, box)
		}
		return in, nil
	case "POST reset":
		s.Reset()
		return map[string]bool{"reset": true}, nil
	}
	return nil, errNoDoor
}

// actOnOne covers the doors that name a document.
func (s *Simulator) actOnOne(parts []string, body []byte) (any, error) {
	id, err := uuid.Parse(parts[1])
	if err != nil {
		return nil, errNoDoor
	}
	switch {
	case parts[0] == "POST documents" && len(parts) == 3 && parts[2] == "status":
		var in struct {
			Status   int    `json:"status"`
			Message  string `json:"message"`
			Envelope *int   `json:"envelope"`
		}
		if err := read(body, &in); err != nil {
			return nil, err
		}
		return in, s.SetStatus(id, in.Status, in.Message, in.Envelope)
	case parts[0] == "POST inbox" && len(parts) == 2:
		in := struct {
			IsNew bool `json:"isNew"`
		}{}
		if err := read(body, &in); err != nil {
			return nil, err
		}
		if s.inbox.mark(id, in.IsNew, s.Now()) == 0 {
			return nil, unknownDocument(id)
		}
		return in, nil
	case parts[0] == "DELETE inbox" && len(parts) == 2:
		if !s.inbox.remove(id) {
			return nil, unknownDocument(id)
		}
		return map[string]uuid.UUID{"removed": id}, nil
	}
	return nil, errNoDoor
}

func read(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("the door could not read the body: %w", err)
	}
	return nil
}

func (s *Simulator) doorFaults(body []byte) (any, error) {
	var many []Fault
	if err := json.Unmarshal(body, &many); err != nil {
		var one Fault
		if err := json.Unmarshal(body, &one); err != nil {
			return nil, fmt.Errorf("the door could not read the fault: %w", err)
		}
		many = []Fault{one}
	}
	for _, f := range many {
		if err := s.SetFault(f); err != nil {
			return nil, err
		}
	}
	return s.Faults(), nil
}

func (s *Simulator) doorClock(body []byte) (any, error) {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		return nil, fmt.Errorf("advance is a duration like 24h: %w", err)
	}
	s.Advance(d)
	return map[string]time.Time{"now": s.Now()}, nil
}

func (s *Simulator) doorInbox(body []byte) (any, error) {
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] != '{' {
		id, err := s.AddIncoming(body)
		return []uuid.UUID{id}, err
	}
	in := struct {
		Count   int    `json:"count"`
		Seed    uint64 `json:"seed"`
		Damaged int    `json:"damaged"`
	}{Count: 1}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	ids := s.GenerateIncoming(in.Count, in.Seed)
	for n, id := range ids {
		if in.Damaged > 0 && (n+1)%in.Damaged == 0 {
			s.damage(id)
		}
	}
	return ids, nil
}

func (s *Simulator) doorTaxpayers(body []byte) (any, error) {
	var more []Taxpayer
	if err := json.Unmarshal(body, &more); err == nil {
		s.AddTaxpayers(more...)
		return map[string]int{"added": len(more)}, nil
	}
	var in struct {
		Replace []Taxpayer `json:"replace"`
		Filler  int        `json:"filler"`
	}
	if err := read(body, &in); err != nil {
		return nil, err
	}
	if in.Replace == nil {
		in.Replace = s.registry.given()
	}
	s.SetTaxpayers(in.Replace, in.Filler)
	return map[string]int{"given": len(in.Replace), "filler": in.Filler}, nil
}
