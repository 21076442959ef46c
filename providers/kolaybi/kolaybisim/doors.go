package kolaybisim

import (
	"encoding/json"

	"faturad/providers/simulator"
)

const doorList = `GET    /_sim/documents     every official document
GET    /_sim/drafts        every draft
GET    /_sim/inbox         incoming invoices
POST   /_sim/inbox         {"count":10,"seed":1}
POST   /_sim/rules         {"NoPrefix":true}
POST   /_sim/reset
`

// act does what a door of KolayBi's own says.
func (s *Simulator) act(door string, body []byte) (any, error) {
	switch door {
	case "GET documents":
		return s.Documents(), nil
	case "GET drafts":
		return s.Drafts(), nil
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
