package torture

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// nextVersion builds the faturad that comes after this one: the same, but its ledger has a table, a column and a key more.
func nextVersion(t *testing.T, dir string) (path string) {
	t.Helper()
	ledger, err := filepath.Abs("../../sync/ledger")
	if err != nil {
		t.Fatal(err)
	}
	alterations, err := os.ReadFile(filepath.Join(ledger, "alter.go"))
	if err != nil {
		t.Fatal(err)
	}
	const begins = "var alterations = []alteration{\n"
	if !strings.Contains(string(alterations), begins) {
		t.Fatalf("sync/ledger/alter.go has no %q any more", begins)
	}
	altered := strings.Replace(string(alterations), begins, begins+
		"\t{9991, \"documents\", \"next_version\", \"ALTER TABLE documents ADD COLUMN next_version VARCHAR(20) NOT NULL DEFAULT 'next' AFTER company, ADD KEY next_version (company, next_version)\"},\n"+
		"\t{9992, \"attempts\", \"next_version\", \"ALTER TABLE attempts ADD COLUMN next_version INT NULL AFTER document_id\"},\n", 1)
	overlay := map[string]map[string]string{"Replace": {}}
	for name, text := range map[string]string{
		"migrations/09990_next.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE IF NOT EXISTS next_version (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB;\n",
		"alter.go":                  altered,
	} {
		instead := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(instead, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(ledger, name)] = instead
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "faturad-next")
	build := exec.Command("go", "build", "-overlay", file, "-tags", "failpoint", "-o", path, "faturad/cmd/faturad")
	build.Env = untouched
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the next version: %v\n%s", err, out)
	}
	return path
}

// TestRollingUpgrade upgrades two daemons to a version whose ledger has a newer schema, while sales come in: the new binary
// refuses the old schema, migrates beside the old ones, which go on, and replaces them one after the other; one is killed in
// between, and an old one starts once more on the new schema, as after an upgrade that was regretted.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{office: newTurkcell(6 * time.Millisecond)})
	old, next := faturad(t), nextVersion(t, w.dir)
	w.begin(sales, incoming, 1)
	n := sales
	more := func() {
		w.sales(n+1, 5)
		n += 5
	}

	early := w.launch(next, nil, "run")
	if early.end(); early.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(early.text.String(), "Run faturad migrate") {
		t.Errorf("the new binary on the old schema: %s\n%s", early.cmd.ProcessState, &early.text)
	}
	if w.creates() > 0 {
		t.Error("the new binary sent something on the old schema")
	}

	busy := func(running ...*process) { // until sales that come in now are sent
		t.Helper()
		more()
		w.until(func() bool {
			for _, p := range running {
				if p.ended() {
					t.Fatalf("a daemon ended by itself: %s\n%s", p.cmd.ProcessState, &p.text)
				}
			}
			sent := 0
			for _, d := range w.sim.Documents() {
				var id int
				if _, err := fmt.Sscanf(d.LocalReferenceID, "acme:sale:%d", &id); err == nil && id > n-5 {
					sent++
				}
			}
			return sent == 5
		})
	}
	stop := func(running ...*process) {
		var ending sync.WaitGroup
		for _, p := range running {
			ending.Go(func() {
				p.signal(syscall.SIGTERM)
				if p.end() || p.cmd.ProcessState.ExitCode() != 0 {
					t.Errorf("a daemon that was asked to stop ended with %s\n%s", p.cmd.ProcessState, &p.text)
				}
			})
		}
		ending.Wait()
	}
	first, second := w.launch(old, nil, "run"), w.launch(old, nil, "run")
	w.until(func() bool { return w.creates() > 0 || first.ended() || second.ended() })
	migration := w.launch(next, nil, "migrate") // while both are sending
	if migration.end(); !migration.cmd.ProcessState.Success() {
		t.Errorf("migrating beside two daemons: %s\n%s", migration.cmd.ProcessState, &migration.text)
	}
	schema := w.schema()
	busy(first, second)
	third := w.launch(next, nil, "run")
	busy(first, second, third)
	stop(first)
	more()
	before := w.creates()
	w.until(func() bool { return w.creates() > before || second.ended() || third.ended() })
	second.kill() // the last old one does not leave in peace; what it held waits for the end of its leases
	fourth := w.launch(old, nil, "run")
	busy(third, fourth)
	stop(third, fourth)

	w.ok("migrate") // by the old one: it takes nothing away
	if got := w.schema(); got != schema {
		t.Errorf("after the old version's migrate the schema is\n%s\nwant\n%s", got, schema)
	}
	w.rest()
	w.sound("upgraded beside running daemons", n)
	if rows := w.count("SELECT COUNT(*) FROM documents WHERE next_version = 'next'"); rows != n {
		t.Errorf("%d of %d documents have the new column's default", rows, n)
	}
}

// TestColumnTakenAway has the schema lose a column that this version needs, as no migration may: it sends nothing, and says
// which column is missing.
func TestColumnTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.begin(sales, 0, 1)
	w.ledger.Exec(t, "ALTER TABLE documents RENAME COLUMN payload_hash TO payload_hash_gone")
	code, text := w.run("sync", "all")
	if code == 0 || !strings.Contains(text, "payload_hash") {
		t.Errorf("exit code %d\n%s", code, text)
	}
	t.Log(text)
	if w.creates() > 0 {
		t.Errorf("%d creating requests with a schema that cannot record them", w.creates())
	}
	w.ledger.Exec(t, "ALTER TABLE documents RENAME COLUMN payload_hash_gone TO payload_hash")
	w.rest()
	w.sound("a column taken away and given back", sales)
}
