package torture

import (
	"fmt"
	"testing"

	"faturad/providers/turkcell/turkcellsim"
)

// TestMigrationKilled kills `faturad migrate` at moment after moment of a whole migration, each time on what the one before
// left. The last one runs to its end, finds nothing damaged, and the ledger works.
func TestMigrationKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{sim: turkcellsim.Options{}})
	w.close() // nothing of this process may hold the old tables
	line := newWire(t, addrOf(t, w.ledger.DSN()))
	w.secret("migrate.dsn", through(t, w.ledger.DSN(), line.addr))
	schema := w.schema()
	c := newCampaign(t, "faturad migrate killed")
	want := 8 + number(t, "FATURAD_TORTURE_KILLS", 0)/20
	before := line.bytes(asked)
	w.dropAll()
	w.ok("migrate")
	total := line.bytes(asked) - before
	for c.Rounds < want {
		random := c.dice()
		w.dropAll()
		for range 1 + random.IntN(3) {
			p := w.start("", "migrate")
			line.arm(asked, random.Int64N(total), func() { p.kill() })
			if p.end() {
				c.Kills++
			} else {
				c.Missed++
			}
			line.disarm()
		}
		w.ok("migrate")
		if got := w.schema(); got != schema {
			t.Errorf("after the kills the schema is\n%s\nwant\n%s", got, schema)
		}
		c.done()
	}
	t.Log(c)
	if c.Kills == 0 {
		t.Error("nothing was killed")
	}
	w.reopen(w.loaded)
	w.ok("sync", "registry")
	w.begin(sales, incoming, 1)
	w.settle()
	w.sound("after migrations that were killed", sales)
}

// dropAll loses the ledger.
func (w *world) dropAll() {
	w.t.Helper()
	for _, table := range w.tables(w.ledger) {
		w.ledger.Exec(w.t, "DROP TABLE `"+table+"`")
	}
}

// schema is every column and key of the ledger.
func (w *world) schema() string {
	w.t.Helper()
	var lines []string
	for _, query := range []string{
		`SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, is_nullable, COALESCE(column_default, '-'), extra)
			FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`,
		`SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM information_schema.statistics
			WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`,
		"SELECT CONCAT('migration ', version_id) FROM goose_db_version WHERE is_applied GROUP BY version_id ORDER BY version_id",
	} {
		var some []string
		if err := w.ledger.DB().SelectContext(w.t.Context(), &some, query); err != nil {
			w.t.Fatal(err)
		}
		lines = append(lines, some...)
	}
	return fmt.Sprintf("%q", lines)
}
