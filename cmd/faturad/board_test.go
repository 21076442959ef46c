package main

import (
	"io"
	"sync"
	"testing"

	"github.com/schollz/progressbar/v3"
)

// TestBoard: one line tells of all companies that are served at once, whoever writes first.
func TestBoard(t *testing.T) {
	t.Parallel()
	b := &board{bar: progressbar.NewOptions(-1, progressbar.OptionSetWriter(io.Discard), progressbar.OptionSetSpinnerChangeInterval(0)), width: 40}
	says := func(want string) {
		t.Helper()
		if got := b.line(); got != want {
			t.Errorf("the line says %q, want %q", got, want)
		}
	}
	acme, beta := b.begin("acme outbound"), b.begin("beta inbound")
	says("acme outbound, beta inbound")
	var adding sync.WaitGroup
	for _, n := range []*bar{acme, beta} {
		for range 20 {
			adding.Go(func() { n.add(6, 0) })
		}
	}
	adding.Wait()
	says("acme outbound 120, beta inbound 120")
	b.begin("gama registry")
	says("acme outbound 120, beta inbound 120, ga…")
	acme.end()
	says("beta inbound 120, gama registry")
	b.end()
	nowhere := &board{}
	nowhere.begin("acme outbound").add(1, 0)
	nowhere.end()
}
