package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const commonDoors = `GET    /_sim/log           every provider request
GET    /_sim/faults        faults that are set
GET    /_sim/clock         the simulator's time
POST   /_sim/faults        {"kind":"saved-error","times":1}
DELETE /_sim/faults
POST   /_sim/clock         {"advance":"90s"}
POST   /_sim/tokens        {"expire":true}
POST   /_sim/taxpayers     ["6400177128"]
`

// ErrNoDoor is what a simulator's own doors answer to what they do not know.
var ErrNoDoor = errors.New("there is no such door")

// Done is the answer of a door that has nothing else to say.
var Done = map[string]bool{"done": true}

// Door answers r when it is for /_sim, and says whether it was. There is no key, but only this machine is answered. own does
// what the provider's own doors say ("GET documents"), list describes them.
func (c *Core[E]) Door(w http.ResponseWriter, r *http.Request, list string, own func(door string, body []byte) (any, error)) bool {
	path, under := strings.CutPrefix(r.URL.Path, "/_sim")
	if !under || path != "" && path[0] != '/' {
		return false
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(w, "the doors of the simulator answer on loopback only", http.StatusForbidden)
		return true
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return true
	}
	door := r.Method + " " + strings.Trim(path, "/")
	answer, err := c.open(door, body)
	if errors.Is(err, ErrNoDoor) {
		answer, err = own(door, body)
	}
	switch {
	case errors.Is(err, ErrNoDoor):
		http.Error(w, "doors of the simulator:\n"+list+commonDoors, http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		_ = encoder.Encode(answer) // a client that left is no fault of ours
	}
	return true
}

// open does what a door that every simulator has says.
func (c *Core[E]) open(door string, body []byte) (any, error) {
	switch door {
	case "GET log":
		return c.Log(), nil
	case "GET faults":
		return c.Faults(), nil
	case "GET clock":
		return map[string]string{"now": c.Now().Format(time.RFC3339Nano)}, nil
	case "DELETE faults":
		c.ClearFaults()
		return Done, nil
	case "POST faults":
		var f Fault
		if err := json.Unmarshal(body, &f); err != nil {
			return nil, err
		}
		return Done, c.SetFault(f)
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
		c.Advance(d)
		return map[string]string{"now": c.Now().Format(time.RFC3339Nano)}, nil
	case "POST tokens":
		c.ExpireTokens()
		return Done, nil
	case "POST taxpayers":
		var list []string
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		c.AddTaxpayers(list...)
		return Done, nil
	}
	return nil, ErrNoDoor
}

// Generated is what a door that adds incoming invoices is told.
func Generated(body []byte) (count int, seed uint64, err error) {
	in := struct {
		Count int    `json:"count"`
		Seed  uint64 `json:"seed"`
	}{Count: 1}
	err = json.Unmarshal(body, &in)
	return in.Count, in.Seed, err
}
