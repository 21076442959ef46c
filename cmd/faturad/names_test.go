package main

import (
	"os"
	"strings"
	"testing"
)

// rewrite changes a text of the config.
func (w *world) rewrite(old, now string) {
	w.t.Helper()
	text, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		w.t.Fatalf("the config has no %s", old)
	}
	if err := os.WriteFile(w.config, []byte(strings.Replace(string(text), old, now, 1)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// TestNamesThatTheLedgerKnows: what documents belong to stays in the config, under its name, until they are finished.
func TestNamesThatTheLedgerKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sale(1, "Refused", refusedBuyer)
	w.run("sync", "all")
	if state := w.state("1"); state != "refused" {
		t.Fatalf("the sale is %s", state)
	}
	has(t, "as it was", w.ok("check").out, "!nobody follows")

	w.rewrite(`name = "acme"`, `name = "acme2"`)
	for _, command := range []string{"check", "sync", "documents"} {
		r := w.run(command)
		has(t, command, r.out+r.errOut, `was called "acme" and is now called "acme2"`, `name = "acme"`)
		if r.code == exitDone {
			t.Errorf("%s accepts the new name", command)
		}
	}
	w.rewrite(`name = "acme2"`, `name = "acme"`)

	w.rewrite(`name = "main"`, `name = "second"`)
	has(t, "an account is gone", w.ok("check").out, `1 of account "main" of company "acme"`, "active = false")
	w.rewrite(`id = "erp1"`, `id = "erp2"`)
	w.rewrite(`name = "acme"`, `name = "beta"`)
	has(t, "a company is gone", w.ok("check").out, `1 of company "acme"`)
}

// TestOneDatabaseUnderTwoAddresses: the config cannot see it, the servers can.
func TestOneDatabaseUnderTwoAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sale(1, "Deneme Alıcısı", plainBuyer)
	first, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	_, company, _ := strings.Cut(string(first), "[[company]]")
	second := "\n[[company]]" + company
	for old, now := range map[string]string{`name = "acme"`: `name = "beta"`, `id = "erp1"`: `id = "erp2"`, w.file("erp.dsn"): w.file("beta.dsn")} {
		second = strings.Replace(second, old, now, 1)
	}
	w.write("beta.dsn", w.erp.Proxy(t).DSN(w.erp.DSN()))
	if err := os.WriteFile(w.config, append(first, second...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"acme", "beta"} {
		other := map[string]string{"acme": "beta", "beta": "acme"}[name]
		has(t, "check of "+name, w.exits(exitUsage, "check", "--company", name).out, `that of company "`+other+`" under another address`)
	}
	w.run("sync", "all")
	if n := len(w.sim.Documents()); n != 0 {
		t.Errorf("the provider has %d documents of a sale with two sellers", n)
	}
	w.write("beta.dsn", w.erp.DSN())
	has(t, "one address", w.exits(exitUsage, "check").errOut, "invoiced twice", "faturad.toml:")
}
