package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestProviderThatIsDownFillsNoHistory: once a provider is known to be down, passes begin nothing until it answers; then
// everything goes out.
func TestProviderThatIsDownFillsNoHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	up := strings.NewReplacer("active = true\n", "active = true\n  in_flight = 1\n", "  [company.erp]\n", "  [company.routing]\n  kind = \"e-arsiv\"\n  [company.erp]\n").
		Replace(string(config))
	down := regexp.MustCompile(`base_url = "[^"]*"`).ReplaceAllString(up, `base_url = "http://127.0.0.1:1"`) // nobody listens there
	if err := os.WriteFile(w.config, []byte(down), 0o600); err != nil {
		t.Fatal(err)
	}
	const n = 15
	for id := 1; id <= n; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", plainBuyer)
	}
	w.exits(exitUnreachable, "sync", "outbound", "--wait") // twenty rounds and more
	var attempts int
	if err := w.ledger.DB().Get(&attempts, "SELECT COUNT(*) FROM attempts WHERE opened = 1"); err != nil {
		t.Fatal(err)
	}
	if attempts > 13 { // ten failures, and what was ready to follow
		t.Errorf("%d attempts were begun", attempts)
	}
	t.Logf("%d attempts", attempts)
	if err := os.WriteFile(w.config, []byte(up), 0o600); err != nil {
		t.Fatal(err)
	}
	w.ok("sync", "all", "--wait")
	if got := len(w.sim.Documents()); got != n {
		t.Errorf("the provider has %d documents, want %d", got, n)
	}
}
