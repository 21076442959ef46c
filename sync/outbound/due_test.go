package outbound

import (
	"testing"

	"faturad/internal/invoice"
)

func TestDue(t *testing.T) {
	t.Parallel()
	p := newPipeline(&Job{Accounts: []Account{{InFlight: 4}}}) // room for 12
	results := func(n int) []*sent { return make([]*sent, n) }
	intents := func(n int) []job { return make([]job, n) }
	for name, c := range map[string]struct {
		g              group
		open           int
		more, lingered bool
		want           bool
	}{
		"nothing":                               {group{}, 0, true, true, false},
		"senders busy, results fresh":           {group{results: results(3)}, 10, true, false, false},
		"results waited long enough":            {group{results: results(3)}, 10, true, true, true},
		"all came back":                         {group{results: results(3)}, 0, true, false, true},
		"senders run dry, a full group":         {group{intents: intents(8)}, 4, true, false, true},
		"senders run dry, more to come":         {group{intents: intents(2)}, 4, true, false, false},
		"senders almost idle":                   {group{intents: intents(2)}, 2, true, false, true},
		"the last ones":                         {group{intents: intents(2)}, 4, false, false, true},
		"enough open: intents can wait":         {group{intents: intents(3)}, 9, false, false, false},
		"intents wait, but results are due too": {group{results: results(1), intents: intents(1)}, 11, true, true, true},
	} {
		if got := p.due(c.g, c.open, c.more, c.lingered); got != c.want {
			t.Errorf("%s: due = %v", name, got)
		}
	}
}

// Numbers follow dates: documents of two days are never in flight together, and nothing but the room limits those of one day.
func TestOneDayAtATime(t *testing.T) {
	t.Parallel()
	of := func(days ...int) (jobs []job) {
		for _, d := range days {
			var j job
			j.doc.IssueDate = invoice.Date{Year: 2026, Month: 11, Day: d}
			jobs = append(jobs, j)
		}
		return jobs
	}
	g := group{queue: of(1, 1, 1, 2, 2, 3)}
	for _, step := range []struct{ open, room, intents, left int }{
		{0, 2, 2, 4}, // the room is small
		{2, 8, 1, 3}, // the rest of the day
		{3, 8, 0, 3}, // the next one waits
		{1, 8, 0, 3},
		{0, 8, 2, 1}, // and begins when all are back
		{0, 8, 1, 0},
	} {
		if g.fill(step.open, step.room); len(g.intents) != step.intents || len(g.queue) != step.left {
			t.Errorf("%+v: %d intents, %d left", step, len(g.intents), len(g.queue))
		}
		g.intents = nil
	}
}
