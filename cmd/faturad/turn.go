package main

import (
	"context"

	"faturad/internal/app"
)

// turn is a company's place among those that fetch the same lists. An import refuses another one beside it; and a company
// that uses the list of one before it must not route its sales before there is one.
type turn struct {
	before []<-chan struct{}
	ended  chan struct{}
}

// turns are the companies' turns, in the order of the config.
func turns(ctx context.Context, companies []*app.Company) []turn {
	out := make([]turn, len(companies))
	last := map[string]<-chan struct{}{} // by list: the end of the last turn that has to do with it
	for i, company := range companies {
		out[i].ended = make(chan struct{})
		for _, list := range company.Lists(ctx) {
			if before, ok := last[list]; ok {
				out[i].before = append(out[i].before, before)
			}
			last[list] = out[i].ended
		}
	}
	return out
}

// wait returns when it is the company's turn, or ctx has ended.
func (t turn) wait(ctx context.Context) {
	for _, before := range t.before {
		select {
		case <-before:
		case <-ctx.Done():
		}
	}
}

// end lets the next one begin.
func (t turn) end() { close(t.ended) }
