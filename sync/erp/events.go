package erp

import (
	"fmt"
	"slices"
)

// The events that a source may write on. Besides these, every state that the ERP shows is an event of its own (accepted,
// held, ...), written after status.
const (
	EventStatus    = "status"
	EventReceived  = "received"
	EventFile      = "file"
	EventHeartbeat = "heartbeat"
	EventRequest   = "request"
	EventAnswer    = "answer"
	EventAnswered  = "answered"
	EventInFile    = "received_file"
	EventElsewhere = "elsewhere"
)

// shownStates are the states that the ERP shows (design.md section 3).
var shownStates = []string{"pending", "held", "unknown", "disputed", "refused", "draft", "sent", "failed", "accepted", "rejected", "cancelled"}

// Events lists every event.
func Events() []string {
	return append([]string{EventStatus, EventReceived, EventFile, EventHeartbeat, EventRequest, EventAnswer, EventAnswered, EventInFile, EventElsewhere}, shownStates...)
}

// statement is one compiled write.
type statement struct {
	template
	shape
	cfg   Statement
	place string // on.status[0]
	many  bool   // one execution may insert several rows
}

// applies reports whether it is for a document.
func (s *statement) applies(space string) bool {
	return len(s.cfg.Only) == 0 || slices.Contains(s.cfg.Only, space)
}

// each is the level it runs on.
func (s *statement) each() string {
	if s.cfg.Each == "" {
		return "invoice"
	}
	return s.cfg.Each
}

func compileEvents(cfg Config) (map[string][]*statement, error) {
	out := map[string][]*statement{}
	for _, event := range keysOf(cfg.On) {
		for i, c := range cfg.On[event] {
			place := fmt.Sprintf("on.%s[%d]", event, i)
			t, err := compile(c.SQL, cfg.Vars)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", place, err)
			}
			_, end := t.tuple()
			out[event] = append(out[event], &statement{t, shapeOf(t), c, place, end > 0})
		}
	}
	return out, nil
}

// paramNames lists the parameters that a statement of an event may use, besides key columns.
func paramNames(event, each string) []string {
	switch event {
	case EventReceived:
		out := namesOf(ReceivedParams)
		switch each {
		case "line":
			out = append(out, namesOf(LineParams)...)
		case "tax":
			out = append(out, namesOf(TaxParams)...)
		case "party":
			out = append(out, namesOf(PartyParams)...)
		case "reference":
			out = append(out, namesOf(ReferenceParams)...)
		case "file":
			out = append(out, namesOf(FileParams)...)
		}
		return out
	case EventFile:
		return append(namesOf(ProjectionParams), namesOf(FileParams)...)
	case EventHeartbeat:
		return namesOf(HeartbeatParams)
	case EventRequest, EventAnswer:
		return namesOf(DoneParams)
	case EventAnswered:
		return namesOf(AnsweredParams)
	case EventElsewhere:
		return namesOf(ElsewhereParams)
	case EventInFile:
		return append(namesOf(ReceivedFileParams), namesOf(FileParams)...)
	}
	return namesOf(ProjectionParams)
}

func namesOf[T any](params []Param[T]) []string {
	out := make([]string, len(params))
	for i, p := range params {
		out[i] = p.Name
	}
	return out
}

// levels lists the values of `each` that an event knows.
func levels(event string) []string {
	switch event {
	case EventReceived:
		return []string{"invoice", "line", "tax", "party", "reference", "file"}
	case EventFile:
		return []string{"invoice", "file"}
	}
	return []string{"invoice"}
}
