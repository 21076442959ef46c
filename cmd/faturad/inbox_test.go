package main

import (
	"strings"
	"testing"
)

// TestInboxSaysWhose: numbers repeat between companies, so a list of several says whose each invoice is; that of one does not.
func TestInboxSaysWhose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.companies("acme", "beta")
	w.sim.GenerateIncoming(2, 1)
	w.ok("sync", "inbound", "--company", "beta")
	header, rest, _ := strings.Cut(w.ok("inbox", "list").out, "\n")
	if !strings.HasPrefix(header, "COMPANY ") || strings.Count(rest, "beta ") != 2 {
		t.Errorf("of two companies:\n%s\n%s", header, rest)
	}
	if out := w.ok("inbox", "list", "--company", "beta").out; !strings.HasPrefix(out, "ARRIVED ") || strings.Contains(out, "beta") {
		t.Errorf("of one company:\n%s", out)
	}
}
