package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// later lets time pass for faturad: every moment that the ledger remembers moves into the past, so that leases run out,
// quarantines end and polls fall due, as they would by waiting. Nothing may be running.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	s := int(d.Seconds())
	w.ledger.Exec(w.t, `UPDATE documents SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		quarantine_until = quarantine_until - INTERVAL ? SECOND, unknown_since = unknown_since - INTERVAL ? SECOND,
		write_next_at = write_next_at - INTERVAL ? SECOND, mail_next_at = mail_next_at - INTERVAL ? SECOND`, s, s, s, s, s, s)
	w.ledger.Exec(w.t, `UPDATE received SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND`, s, s)
	w.ledger.Exec(w.t, `UPDATE answers SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		quarantine_until = quarantine_until - INTERVAL ? SECOND`, s, s, s)
	w.ledger.Exec(w.t, `UPDATE files SET next_at = next_at - INTERVAL ? SECOND, lease_until = lease_until - INTERVAL ? SECOND,
		show_next_at = show_next_at - INTERVAL ? SECOND`, s, s, s)
}

// moving are the states of documents that will change without anybody's help.
var moving = []string{"pending", "prepared", "sending", "unknown", "sent"}

// settle runs `sync all` until nothing moves any more, letting time pass in between. It returns the last result.
func (w *world) settle() result {
	w.t.Helper()
	var last result
	for range 12 {
		w.later(time.Hour)
		last = w.run("sync", "all")
		if n := w.count("SELECT COUNT(*) FROM documents WHERE NOT superseded AND (unwritten = TRUE OR state IN ('"+strings.Join(moving, "','")+"') OR state = 'draft' AND NOT route_draft)") +
			w.count("SELECT COUNT(*) FROM received WHERE state IN ('stored', 'projected')"); n == 0 {
			return last
		}
	}
	w.t.Errorf("documents still move: %v\n%s%s", w.states(), last.out, last.errOut)
	return last
}

// count reads one number from the ledger.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.ledger.DB().GetContext(w.t.Context(), &n, query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// states counts the ledger's documents by state.
func (w *world) states() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT state, COUNT(*) FROM documents GROUP BY state") {
		var n int
		if _, err := fmt.Sscan(row[1], &n); err != nil {
			w.t.Fatal(err)
		}
		out[row[0]] = n
	}
	return out
}

// wantStates fails the test when the ledger's documents stand elsewhere.
func (w *world) wantStates(want map[string]int) {
	w.t.Helper()
	if got := w.states(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("the ledger has %v, want %v\n%v", got, want, rowsOf(w.t, w.ledger.DB(), "SELECT sale_key, state, code, message FROM documents"))
	}
}

// exactlyOnce fails the test unless the provider has one document for each of n sales, and ledger and ERP show it as
// accepted with the provider's number and ETTN.
func (w *world) exactlyOnce(n int) {
	w.t.Helper()
	issued := w.issued()
	if all := len(w.sim.Documents()); all != n || len(issued) != n {
		w.t.Errorf("PROMISE BROKEN: the provider has %d documents for %d sales, want %d", all, len(issued), n)
	}
	wrong := 0
	complain := func(format string, args ...any) {
		w.t.Helper()
		if wrong++; wrong <= 5 {
			w.t.Errorf(format, args...)
		}
	}
	for key, d := range w.documents() {
		if p := issued[d.LocalReference]; d.State != "accepted" || d.Number != p.Number || d.ETTN != p.ETTN.String() {
			complain("sale %s: the ledger says %+v, the provider %+v", key, d, p)
		}
	}
	marks := w.marks()
	if len(marks) != n {
		complain("the ERP has %d sales, want %d", len(marks), n)
	}
	for _, row := range marks {
		d := issued["acme:sale:"+row[0]]
		if row[1] != "accepted" || row[2] != "Onaylandı" || row[3] != d.Number || row[4] != d.ETTN.String() {
			complain("sale %s shows %q, the provider has %s %s", row[0], row, d.Number, d.ETTN)
		}
	}
	if wrong > 5 {
		w.t.Errorf("and %d more", wrong-5)
	}
}

// creates counts the creating requests that reached the provider, and those that made something.
func (w *world) creates() (asked, saved int) {
	for _, e := range w.sim.Log() {
		if e.Family == turkcellsim.FamilyCreate {
			if asked++; e.Saved {
				saved++
			}
		}
	}
	return asked, saved
}

// wantCreates fails the test when another number of creating requests reached the provider.
func (w *world) wantCreates(want int) {
	w.t.Helper()
	if asked, _ := w.creates(); asked != want {
		w.t.Errorf("%d creating requests reached the provider, want %d", asked, want)
	}
}

// sales inserts n plain sales, from the first number on.
func (w *world) sales(first, n int) {
	w.t.Helper()
	for id := first; id < first+n; id++ {
		w.sale(id, "Işıltı Aydınlatma Ltd. Şti.", buyerVKN, saleDate)
	}
}

// saleDate is the day of the plain sales: a few days ago, whatever the machine's clock says.
var saleDate = time.Now().AddDate(0, 0, -3).Format("2006-01-02")

// wipeMarks makes the ERP forget what faturad wrote: an import, a restored backup, a clumsy UPDATE.
func (w *world) wipeMarks() {
	w.t.Helper()
	w.erp.Exec(w.t, `UPDATE sales SET einvoice_state = NULL, einvoice_status = NULL, einvoice_kind = NULL, einvoice_no = NULL, ettn = NULL,
		einvoice_message = NULL, einvoice_advice = NULL, einvoice_reference = NULL, einvoice_changed = NULL, einvoice_provider = NULL,
		provider_status = NULL, envelope_status = NULL, einvoice_sent_at = NULL, einvoice_updated_at = NULL`)
}

// emptyLedger loses the ledger: its tables are dropped and made again.
func (w *world) emptyLedger() {
	w.t.Helper()
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()") {
		w.ledger.Exec(w.t, "DROP TABLE `"+row[0]+"`")
	}
	w.ok("migrate")
}

// backup is a copy of the ledger's rows.
type backup struct{ tables []string }

// backUp copies the ledger's tables aside.
func (w *world) backUp() backup {
	w.t.Helper()
	var b backup
	for _, row := range rowsOf(w.t, w.ledger.DB(), "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()") {
		w.ledger.Exec(w.t, "CREATE TABLE `kept_"+row[0]+"` LIKE `"+row[0]+"`")
		w.ledger.Exec(w.t, w.copyRows("kept_"+row[0], row[0]))
		b.tables = append(b.tables, row[0])
	}
	return b
}

// restore brings the ledger back to where it was when it was copied.
func (w *world) restore(b backup) {
	w.t.Helper()
	for _, table := range b.tables {
		w.ledger.Exec(w.t, "DELETE FROM `"+table+"`")
		w.ledger.Exec(w.t, w.copyRows(table, "kept_"+table))
		w.ledger.Exec(w.t, "DROP TABLE `kept_"+table+"`")
	}
}

// copyRows copies every column that is not computed.
func (w *world) copyRows(to, from string) string {
	w.t.Helper()
	var columns []string
	for _, row := range rowsOf(w.t, w.ledger.DB(), `SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()
		AND table_name = ? AND COALESCE(generation_expression, '') = ''`, from) {
		columns = append(columns, "`"+row[0]+"`")
	}
	list := strings.Join(columns, ", ")
	return "INSERT INTO `" + to + "` (" + list + ") SELECT " + list + " FROM `" + from + "`"
}

// insert puts lines under a table of the config that begins with header.
func (w *world) insert(header, lines string) {
	w.t.Helper()
	w.edit(func(text string) string {
		before, after, ok := strings.Cut(text, header)
		if !ok {
			w.t.Fatalf("the config has no %s:\n%s", header, text)
		}
		return before + header + "\n" + lines + after
	})
}

// account adds settings to the provider account of the config.
func (w *world) account(lines string) { w.t.Helper(); w.insert("[[company.account]]", lines) }

// fault sets a fault at the provider.
func (w *world) fault(f turkcellsim.Fault) {
	w.t.Helper()
	if err := w.sim.SetFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// ready is a world of the reference ERP whose taxpayer list is imported.
func ready(t *testing.T, o turkcellsim.Options) *world {
	t.Helper()
	t.Parallel()
	w := newWorld(t, setup{preset: "reference", sim: o, start: time.Now().AddDate(0, -2, 0).Format("2006-01-02")})
	w.ok("sync", "registry")
	return w
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}
