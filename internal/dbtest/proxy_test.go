package dbtest_test

import (
	"testing"
	"time"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

func TestProxyFaults(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	p := d.Proxy(t)
	db := d.Open(t, p.DSN(d.DSN()), mysqlx.Options{ReadTimeout: time.Second, MaxOpen: 1})
	ask := func() error {
		var one int
		return db.GetContext(t.Context(), &one, "SELECT 1")
	}
	healthy := func() {
		t.Helper()
		// The pool may still hold a connection that the last fault hurt; the driver notices it at first use.
		for range 60 {
			if ask() == nil {
				return
			}
		}
		t.Fatalf("not healthy: %v", ask())
	}
	healthy()
	for name, fault := range map[string]func(){
		"down": p.Down, "lost answers": func() { p.LoseAnswers(0) }, "lost requests": func() { p.LoseRequests(0) }, "hanging": p.Hang,
	} {
		fault()
		if err := ask(); !mysqlx.IsGone(err) {
			t.Errorf("%s: got %v, want a lost connection", name, err)
		}
		if name == "down" {
			p.Up()
		}
		p.Heal()
		healthy()
	}
	p.Cut()
	healthy()
}
