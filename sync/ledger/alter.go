package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// alteration is a migration that widens a table. It is Go, not a file, because MySQL has no ADD COLUMN IF NOT EXISTS, and a
// migration must be able to run twice: a crash may come between the statement and the note about it.
type alteration struct {
	version       int64 // of the same numbers as the files
	table, column string
	statement     string // one; it adds column among others
}

var alterations = []alteration{
	// The latest day issued in a series is found by walking the key backwards. moved_from is the sale's own day where the
	// invoice went out under another one.
	{80, "documents", "moved_from", `ALTER TABLE documents
		ADD COLUMN moved_from DATE NULL AFTER issue_date,
		ADD KEY series (company, account, route_prefix, issue_date)`},
	// Where the provider's mail to the buyer stands. A new ledger has these columns from the first: the demo's engine takes no
	// further ALTER of this table.
	{111, "documents", "mail_state", `ALTER TABLE documents
		ADD COLUMN mail_state   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER loose,
		ADD COLUMN mail_address VARCHAR(500) NOT NULL DEFAULT '' AFTER mail_state,
		ADD COLUMN mail_at      DATETIME(6)  NULL AFTER mail_address,
		ADD COLUMN mail_asked   INT          NOT NULL DEFAULT 0 AFTER mail_at,
		ADD COLUMN mail_next_at DATETIME(6)  NULL AFTER mail_asked,
		ADD KEY mail (company, mail_next_at)`},
	// A file that was stored before its document was final is fetched again when it is.
	{110, "files", "early", `ALTER TABLE files
		ADD COLUMN early BOOLEAN NOT NULL DEFAULT FALSE AFTER verified_at,
		ADD KEY early (company, early, state)`},
}

// goMigrations are the alterations as goose takes them.
func goMigrations() []*goose.Migration {
	out := make([]*goose.Migration, len(alterations))
	for i, a := range alterations {
		out[i] = goose.NewGoMigration(a.version, &goose.GoFunc{RunDB: a.run}, nil)
	}
	return out
}

// run alters the table unless that was done.
func (a alteration) run(ctx context.Context, db *sql.DB) error {
	var n int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`, a.table, a.column).Scan(&n)
	if err != nil {
		return fmt.Errorf("looking for column %s of %s: %w", a.column, a.table, err)
	}
	if n > 0 {
		return nil
	}
	if _, err := db.ExecContext(ctx, a.statement); err != nil {
		return fmt.Errorf("adding column %s to %s: %w", a.column, a.table, err)
	}
	return nil
}
