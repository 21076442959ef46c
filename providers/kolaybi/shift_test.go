package kolaybi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/kolaybi"
	"faturad/providers/kolaybi/kolaybisim"
)

// TestRowsThatMoveDown: records that are made while their list is read move the others down, so that rows come twice. Nothing is
// missed by that. A list that gives a page twice, or never ends, is not believed.
func TestRowsThatMoveDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules   kolaybisim.Rules
		records int
		perPage int
		fresh   map[int]int // how many records are made before a page is given
		lost    bool
	}{
		"one on every page":              {records: 7, perPage: 3, fresh: map[int]int{2: 1, 3: 1}},
		"nothing new on the last page":   {records: 6, perPage: 3, fresh: map[int]int{2: 2}},
		"a whole page":                   {records: 7, perPage: 3, fresh: map[int]int{3: 2}},
		"of unknown length":              {rules: kolaybisim.Rules{NoPagination: true}, records: 7, perPage: 3, fresh: map[int]int{2: 2, 3: 1}},
		"unknown, nothing new at last":   {rules: kolaybisim.Rules{NoPagination: true}, records: 6, perPage: 3, fresh: map[int]int{3: 2}},
		"a page twice":                   {rules: kolaybisim.Rules{RepeatPages: true}, records: 4, perPage: 2, lost: true},
		"a page again and again":         {rules: kolaybisim.Rules{RepeatPages: true}, records: 9, perPage: 2, lost: true},
		"a page for ever":                {rules: kolaybisim.Rules{RepeatPages: true, NoPagination: true}, records: 4, perPage: 2, lost: true},
		"more than a page, of no length": {rules: kolaybisim.Rules{NoPagination: true}, records: 6, perPage: 2, fresh: map[int]int{2: 2}, lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := kolaybisim.New(kolaybisim.Options{Clock: clock.NewManual(today), Taxpayers: []string{buyer}, Rules: c.rules})
			maker := httptest.NewServer(sim)
			t.Cleanup(maker.Close)
			made, asked := 0, map[int]bool{}
			send := newProvider(t, kolaybi.Config{BaseURL: maker.URL + kolaybisim.Base}, nil)
			more := func() providers.Identity {
				made++
				return drafted(t, send, sample(made)).Identity
			}
			first := more()
			for made < c.records {
				more()
			}
			reader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // pages are asked for one after the other
				if page, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && strings.HasSuffix(r.URL.Path, "/invoices") && !asked[page] {
					asked[page] = true
					for range c.fresh[page] {
						more()
					}
				}
				sim.ServeHTTP(w, r)
			}))
			t.Cleanup(reader.Close)
			read := newProvider(t, kolaybi.Config{BaseURL: reader.URL + kolaybisim.Base, PerPage: c.perPage}, nil)
			stranger := sample(99).Identity
			_, err := read.Lookup(t.Context(), stranger)
			if errors.Is(err, fault.NotFound) == c.lost {
				t.Errorf("what is not there: %v", err)
			}
			for page, fresh := range c.fresh {
				if fresh > 0 && !asked[page] {
					t.Errorf("page %d was not asked for", page)
				}
			}
			if c.lost {
				return
			}
			clear(asked)
			first.ID = ""
			if found, err := read.Lookup(t.Context(), first); err != nil || found.Status.State != providers.StateDraft {
				t.Errorf("the oldest record, which moved down: %v, %+v", err, found.Status)
			}
		})
	}
}
