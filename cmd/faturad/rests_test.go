package main

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"faturad/internal/app"
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
	c := &cli{config: w.config, out: io.Discard, err: io.Discard, log: newLogger(io.Discard, false)}
	err = c.withApp(t.Context(), func(a *app.App) error { // one process: what its guards learn counts in the passes after
		for range 6 {
			w.ledger.Exec(t, "UPDATE documents SET next_at = next_at - INTERVAL 1 HOUR") // all are due in every pass
			if result, err := a.Companies[0].Outbound(t.Context(), nil); err != nil || result.Unreachable == nil {
				t.Errorf("a pass that reached nobody: %v, %+v", err, result)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
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

// TestRefusedKeyFillsNoHistory: while the provider refuses the key, passes write nothing about documents that wait. Each says once
// why; new sales that are wrong are held all the same; with the right key everything goes out.
func TestRefusedKeyFillsNoHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("active = true\n", "active = true\n  in_flight = 1\n", "  [company.erp]\n", "  [company.routing]\n  kind = \"e-arsiv\"\n  [company.erp]\n").
		Replace(string(config))
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.write("api.key", "a-key-that-was-revoked")
	for id := 1; id <= 4; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", plainBuyer)
	}
	w.exits(exitUsage, "sync", "outbound")
	w.sale(5, "Işıltı Aydınlatma Ltd. Şti.", plainBuyer)
	w.sale(6, "Işıltı Aydınlatma Ltd. Şti.", "1234567891") // a wrong check digit
	w.exits(exitUsage, "sync", "outbound")
	if held, waits := w.state("6"), w.state("5"); held != "held" || waits != "prepared" {
		t.Errorf("sales that came in meanwhile are %s and %s", held, waits)
	}
	history := func() (rows []string) {
		t.Helper()
		const all = `SELECT CONCAT_WS(' ', sale_key, state, code, attempts, lease_epoch, version, written_version, updated_at) FROM documents
			UNION ALL SELECT CONCAT_WS(' ', id, at, message) FROM attempts ORDER BY 1`
		if err := w.ledger.DB().Select(&rows, all); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	before := history()
	for range 2 {
		w.exits(exitUsage, "sync", "outbound")
	}
	if after := history(); !slices.Equal(before, after) {
		t.Errorf("passes that can send nothing left\n%s\nafter\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	for id := 1; id <= 5; id++ {
		if shown := w.ok("document", strconv.Itoa(id)).out; !strings.Contains(shown, "anahtarını ya da parolasını kabul etmiyor") {
			t.Errorf("sale %d does not say why it waits:\n%s", id, shown)
		}
	}
	w.write("api.key", "a-made-up-key-of-the-tests")
	w.exits(exitPerson, "sync", "all", "--wait")
	if got := len(w.sim.Documents()); got != 5 {
		t.Errorf("the provider has %d documents, want 5", got)
	}
}
