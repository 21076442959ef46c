package proparssim

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const doorList = `doors of the simulator:
GET    /_sim/documents     every sent invoice: one row each
GET    /_sim/unsent        every invoice that was made and not sent
GET    /_sim/inbox         incoming invoices
GET    /_sim/log           every provider request
GET    /_sim/faults        faults that are set
GET    /_sim/clock         the simulator's time
POST   /_sim/faults        {"kind":"saved-error","family":"send","times":1}
DELETE /_sim/faults
POST   /_sim/clock         {"advance":"90s"}
POST   /_sim/inbox         {"count":10,"seed":1}
POST   /_sim/tokens        {"expire":true}
POST   /_sim/taxpayers     ["6400177128"]
POST   /_sim/rules         {"SecondSendRefused":true}
POST   /_sim/reset
`

// door answers /_sim: no token, but only for this machine.
func (s *Simulator) door(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(w, "the doors of the simulator answer on loopback only", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := s.act(r.Method+" "+strings.Trim(strings.TrimPrefix(r.URL.Path, "/_sim"), "/"), body)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case answer == nil:
		http.Error(w, doorList, http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		_ = encoder.Encode(answer) // a client that left is no fault of ours
	}
}

// act does what a door says; nil = there is no such door.
func (s *Simulator) act(door string, body []byte) (any, error) {
	done := map[string]bool{"done": true}
	switch door {
	case "GET documents":
		return s.Documents(), nil
	case "GET unsent":
		return s.Unsent(), nil
	case "GET inbox":
		return s.Incoming(), nil
	case "GET log":
		return s.Log(), nil
	case "GET faults":
		return s.Faults(), nil
	case "GET clock":
		return map[string]string{"now": s.Now().Format(time.RFC3339Nano)}, nil
	case "DELETE faults":
		s.ClearFaults()
		return done, nil
	case "POST reset":
		s.Reset()
		return done, nil
	case "POST faults":
		var f struct {
			Fault
			Delay string `json:"delay"`
		}
		if err := json.Unmarshal(body, &f); err != nil {
			return nil, err
		}
		if f.Delay != "" {
			d, err := time.ParseDuration(f.Delay)
			if err != nil {
				return nil, err
			}
			f.Fault.Delay = d
		}
		return done, s.SetFault(f.Fault)
	case "POST clock":
		var in struct {
			Advance string `json:"advance"`
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, err
		}
		s.Advance(d)
		return map[string]string{"now": s.Now().Format(time.RFC3339Nano)}, nil
	case "POST inbox":
		in := struct {
			Count int    `json:"count"`
			Seed  uint64 `json:"seed"`
		}{Count: 1}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		s.GenerateIncoming(in.Count, in.Seed)
		return done, nil
	case "POST tokens":
		s.ExpireTokens()
		return done, nil
	case "POST taxpayers":
		var list []string
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		s.AddTaxpayers(list...)
		return done, nil
	case "POST rules":
		var rules Rules
		if err := json.Unmarshal(body, &rules); err != nil {
			return nil, err
		}
		s.SetRules(rules)
		return done, nil
	}
	return nil, nil
}
