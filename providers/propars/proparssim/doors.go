package proparssim

import (
	"encoding/json"

	"faturad/providers/simulator"
)

const doorList = `GET    /_sim/documents     every sent invoice: one row each
GET    /_sim/unsent        every invoice that was made and not sent
GET    /_sim/inbox         incoming invoices
POST   /_sim/inbox         {"count":10,"seed":1}
POST   /_sim/rules         {"SecondSendRefused":true}
POST   /_sim/reset
`

// act does what a door of Propars' own says.
func (s *Simulator) act(door string, body []byte) (any, error) {
	switch door {
	case "GET documents":
		return s.Documents(), nil
	case "GET unsent":
		return s.Unsent(), nil
	case "GET inbox":
		return s.Incoming(), nil
	case "POST reset":
		s.Reset()
		return simulator.Done, nil
	case "POST inbox":
		count, seed, err := simulator.Generated(body)
		if err != nil {
			return nil, err
		}
		s.GenerateIncoming(count, seed)
		return simulator.Done, nil
	case "POST rules":
		var rules Rules
		if err := json.Unmarshal(body, &rules); err != nil {
			return nil, err
		}
		s.SetRules(rules)
		return simulator.Done, nil
	}
	return nil, simulator.ErrNoDoor
}
