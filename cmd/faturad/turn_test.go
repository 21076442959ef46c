package main

import "testing"

// TestSharedListsAreFetchedInTurn: companies that are served at once take turns at a list that they share, so that none finds
// the other's import at work, and one import serves all.
func TestSharedListsAreFetchedInTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.companies("acme", "beta", "gama")
	var synced struct {
		Companies []struct {
			Company  string
			Registry *struct{ Taxpayers int }
			Errors   []string
		}
	}
	w.json(exitDone, &synced, "sync", "all")
	for i, name := range []string{"acme", "beta", "gama"} {
		c := synced.Companies[i]
		if c.Company != name || (c.Registry != nil) != (i == 0) || len(c.Errors) > 0 {
			t.Errorf("%d: %+v, want %s, and one import of the list", i, c, name)
		}
	}
	w.json(exitDone, &synced, "sync", "registry")
	for _, c := range synced.Companies {
		if c.Registry == nil || c.Registry.Taxpayers == 0 || len(c.Errors) > 0 {
			t.Errorf("%+v: asked for by hand, each company fetches the list", c)
		}
	}
}
