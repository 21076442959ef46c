package ledger

import (
	"testing"

	"github.com/google/uuid"
)

func TestExisting(t *testing.T) {
	t.Parallel()
	one, two := uuid.New(), uuid.New()
	closed := func(op Operation, message string) Event { return Event{Operation: op, Message: message} }
	for name, c := range map[string]struct {
		history []Event
		want    uuid.UUID
	}{
		"nothing":          {nil, uuid.Nil},
		"named":            {[]Event{closed(OpCreate, ExistsAs(one, "HTTP 422"))}, one},
		"the last counts":  {[]Event{closed(OpCreate, ExistsAs(one, "")), closed(OpCreate, ExistsAs(two, "")), closed(OpLookup, "not there")}, two},
		"another message":  {[]Event{closed(OpCreate, "see: "+ExistsAs(one, ""))}, uuid.Nil},
		"a look-up's word": {[]Event{closed(OpLookup, ExistsAs(one, ""))}, uuid.Nil},
	} {
		got, ok := Existing(c.history)
		if got != c.want || ok != (c.want != uuid.Nil) {
			t.Errorf("%s: %s, %t", name, got, ok)
		}
	}
}
