package e2e

import (
	"strings"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// revokeSales takes the ERP user's right to write the sales table; the function that it returns gives it back.
func (w *world) revokeSales() (grant func()) {
	w.t.Helper()
	user, _, _ := strings.Cut(strings.TrimSpace(w.read("erp.dsn")), ":")
	account := "'" + user + "'@'%'"
	var again []string
	for _, row := range w.rows("SHOW GRANTS FOR " + account) {
		what, _, isTable := strings.Cut(row[0], ".`sales` TO ")
		if what = strings.TrimPrefix(what, "GRANT "); isTable && strings.Contains(what, "UPDATE") {
			w.erp.Exec(w.t, "REVOKE "+what+".`sales` FROM "+account)
			w.erp.Exec(w.t, "GRANT SELECT ON `sales` TO "+account)
			again = append(again, "GRANT "+what+".`sales` TO "+account)
		}
	}
	if len(again) == 0 {
		w.t.Fatal("the ERP user has no right to write sales")
	}
	return func() {
		for _, g := range again {
			w.erp.Exec(w.t, g)
		}
	}
}

// TestERPThatRefusesWritesIsOneAlarm: sales go on being issued while the ERP's table takes nothing; it is said in one sentence
// wherever people look, and not once a document; all rows are written by the first passes after the right is back.
func TestERPThatRefusesWritesIsOneAlarm(t *testing.T) {
	const n = 30
	w := ready(t, turkcellsim.Options{})
	w.everySecond()
	grant := w.revokeSales()
	w.sales(1, n)
	p, _, admin := w.daemon()
	const figure = `faturad_alarms{alarm="erp.refused",company="acme"} 1`
	w.until(func() bool {
		page := w.look(admin + "/metrics")
		return len(w.sim.Documents()) == n && strings.Contains(page, figure) &&
			strings.Contains(page, `faturad_passes_total{company="acme",job="writeback",outcome="error"}`)
	})
	w.until(func() bool { // a document that changes is refused anew
		return w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND write_message <> ''") > 0
	})
	w.wantAlarms("erp.refused")
	if text := w.alarming(); strings.Count(text, "ERP veritabanı faturad'ın yazmasını reddediyor") != 1 || !strings.Contains(text, "faturad grants") {
		t.Errorf("status says:\n%s", text)
	}
	w.until(func() bool {
		rows := w.rows("SELECT COALESCE(mesaj, '') FROM efatura_servis")
		return len(rows) == 1 && strings.Contains(rows[0][0], "yetki")
	})
	if left := w.count("SELECT COUNT(*) FROM documents WHERE write_next_at > UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE"); left != 0 {
		t.Errorf("%d documents are put off for more than a minute", left)
	}
	grant()
	w.until(func() bool { return w.count("SELECT COUNT(*) FROM documents WHERE unwritten = TRUE") == 0 })
	w.until(func() bool { return !strings.Contains(w.look(admin+"/metrics"), figure) })
	w.wantAlarms()
	r := p.stop()
	for line := range strings.Lines(r.errOut) {
		if strings.Contains(line, "could not be written back") {
			t.Errorf("the log names a document: %s", line)
		}
		if strings.Count(line, "command denied") > 2 {
			t.Errorf("a line says one cause again and again: %s", line)
		}
	}
	w.exactlyOnce(n)
	w.wantCreates(n)
}
