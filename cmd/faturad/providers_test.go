package main

import (
	"os"
	"path/filepath"
	"testing"

	"faturad/providers/all"
)

func TestProvidersSaysWhichAccountsUseWhich(t *testing.T) {
	t.Setenv("TEST_KEY", "a-made-up-key-of-the-tests")
	t.Setenv("TEST_DSN", "faturad:password@tcp(127.0.0.1:3306)/faturad")
	file := filepath.Join(t.TempDir(), "faturad.toml")
	minimal, err := os.ReadFile("../../internal/config/testdata/minimal.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, minimal, 0o600); err != nil {
		t.Fatal(err)
	}
	r := execution(t.Context(), "providers", "--config", file)
	if r.code != exitDone {
		t.Fatalf("exit code %d: %s", r.code, r.errOut)
	}
	has(t, "the table", r.out, "turkcell", "kolaybi", "propars", "acme/main (active)")
	r = execution(t.Context(), "providers", "kolaybi", "--config", file)
	has(t, "one provider", r.out, "kolaybi.units", "(assumed)", "accounts of this config: none", "!acme")

	var listed struct{ Providers []providerJSON }
	r = execution(t.Context(), "providers", "--json", "--config", file)
	if err := oneJSON(r.out, &listed); err != nil || len(listed.Providers) != len(all.Kinds()) {
		t.Fatalf("%v: %s%s", err, r.out, r.errOut)
	}
	for _, p := range listed.Providers {
		if used := len(p.Accounts) == 1; used != (p.Kind == "turkcell") || p.Promises["takes_ettn"] == "" || !p.Can["status"] || len(p.Options) == 0 {
			t.Errorf("%+v", p)
		}
	}
	if r := execution(t.Context(), "providers", "--config", file+".gone"); r.code != exitUsage {
		t.Errorf("a named config that is not there: exit code %d: %s", r.code, r.errOut)
	}
	if r := execution(t.Context(), "providers", "pigeon"); r.code != exitUsage {
		t.Errorf("pigeon: exit code %d", r.code)
	}
}
