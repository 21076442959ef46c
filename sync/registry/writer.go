package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"faturad/providers"
)

// Rows travel in statements of groupRows, and groupsPerCommit statements share a commit: large enough that neither round
// trips nor disk syncs count, small enough for memory and for the undo log.
const (
	groupRows       = 1000
	groupsPerCommit = 20
	columns         = 5
)

// Limits of the table's columns.
const (
	longestAlias = 250
	longestTitle = 500
)

// mailbox is one checked row.
type mailbox struct {
	taxNo, alias, title string
	public              bool
	since               any // time.Time or nil
}

// verdict says what becomes of a row of the source.
type verdict int

const (
	usable verdict = iota
	otherProduct
	unusable
)

// readMailbox checks a row of the source.
func readMailbox(t providers.Taxpayer) (mailbox, verdict) {
	if t.Product != "" && t.Product != "invoice" {
		return mailbox{}, otherProduct
	}
	box := mailbox{taxNo: strings.TrimSpace(t.TaxNo), alias: strings.TrimSpace(t.Alias), title: strings.TrimSpace(t.Title), public: t.Public}
	if !taxNumber(box.taxNo) || box.alias == "" || !utf8.ValidString(box.alias) || utf8.RuneCountInString(box.alias) > longestAlias {
		return mailbox{}, unusable
	}
	box.title = cut(strings.ToValidUTF8(box.title, "�"), longestTitle)
	if y := t.Since.Year(); y >= 1970 && y <= 9999 {
		box.since = t.Since.Format(time.DateOnly)
	}
	return box, usable
}

// taxNumber accepts what has the form of a VKN or TCKN; the list's numbers are GİB's own, so check digits are not ours
// to judge.
func taxNumber(s string) bool {
	if len(s) != 10 && len(s) != 11 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func cut(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes])
}

// writer puts mailboxes into a generation, in groups.
type writer struct {
	g    *generation
	tx   *sql.Tx   // open between the groups of one commit
	full *sql.Stmt // in tx: inserts groupRows rows
	args []any
	part int // groups in tx
	rows int // rows written
}

func newWriter(g *generation) *writer {
	return &writer{g: g, args: make([]any, 0, groupRows*columns)}
}

// insert is the statement that writes n rows. A mailbox that an older generation left in the slot is overwritten, which
// is why nothing needs to be deleted.
func (g *generation) insert(n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO registry_mailboxes (list_id, slot, generation, tax_no, alias, title, public_sector, since) VALUES ")
	row := fmt.Sprintf("(%d,%d,%d,?,?,?,?,?)", g.list, g.slot, g.number)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(row)
	}
	b.WriteString(" ON DUPLICATE KEY UPDATE generation = VALUES(generation), title = VALUES(title), " +
		"public_sector = VALUES(public_sector), since = VALUES(since)")
	return b.String()
}

// add takes one row; a full group is written.
func (w *writer) add(ctx context.Context, m mailbox) error {
	w.args = append(w.args, m.taxNo, m.alias, m.title, m.public, m.since)
	w.rows++
	if len(w.args) < groupRows*columns {
		return nil
	}
	return w.write(ctx)
}

// write sends the group; every groupsPerCommit groups it commits.
func (w *writer) write(ctx context.Context) error {
	if len(w.args) == 0 {
		return nil
	}
	err := w.begin(ctx)
	switch {
	case err != nil:
	case len(w.args) == groupRows*columns:
		_, err = w.full.ExecContext(ctx, w.args...)
	default:
		_, err = w.tx.ExecContext(ctx, w.g.insert(len(w.args)/columns), w.args...)
	}
	if err != nil {
		return wrap("writing taxpayers", err)
	}
	clear(w.args)
	w.args = w.args[:0]
	if w.part++; w.part < groupsPerCommit {
		return nil
	}
	return w.commit()
}

// begin opens a transaction, unless one is open, and makes sure that the list is still ours to write.
func (w *writer) begin(ctx context.Context) error {
	if w.tx != nil {
		return nil
	}
	tx, err := w.g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	w.tx = tx
	if err := w.g.renew(ctx, tx); err != nil {
		return err
	}
	w.full, err = tx.PrepareContext(ctx, w.g.insert(groupRows))
	return err
}

// flush writes and commits what is left.
func (w *writer) flush(ctx context.Context) error {
	if err := w.write(ctx); err != nil {
		return err
	}
	return w.commit()
}

// commit ends the transaction. When its outcome stays unknown the import fails, and its rows are never seen.
func (w *writer) commit() error {
	if w.tx == nil {
		return nil
	}
	err := errors.Join(w.full.Close(), w.tx.Commit())
	w.tx, w.full, w.part = nil, nil, 0
	if err != nil {
		return wrap("writing taxpayers", err)
	}
	return nil
}

// close rolls back what is open.
func (w *writer) close() error {
	if w.tx == nil {
		return nil
	}
	if err := w.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("rolling back taxpayers: %w", err)
	}
	return nil
}
