package erp

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"

	"faturad/internal/mysqlx"
)

// targets knows what information_schema tells of the tables that we write to; asked once a table.
type targets struct {
	db *sqlx.DB

	mu    sync.Mutex
	known map[string]*table
}

// table is what a write must know of its target.
type table struct {
	engine  string
	charset string // of its text columns, when they agree
	columns map[string]tableColumn
}

// tableColumn is one column; lengths are 0 where there are none.
type tableColumn struct {
	name     string
	dataType string
	charset  string
	chars    int // limit in characters
	bytes    int // limit in bytes, for TEXT and its kin
}

func newTargets(db *sqlx.DB) *targets { return &targets{db: db, known: map[string]*table{}} }

// unsafeEngines have no transactions: what one statement wrote stays.
var unsafeEngines = []string{"MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "MRG_MyISAM", "BLACKHOLE"}

// transactional reports whether a rollback undoes a write to the table.
func (t *table) transactional() bool { return !slices.Contains(unsafeEngines, t.engine) }

// get reads a table; name may be qualified with its database. A table that cannot be seen has no columns.
func (t *targets) get(ctx context.Context, name string) (*table, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.known[name]; ok {
		return known, nil
	}
	schema, plain := sql.NullString{}, name
	if db, rest, ok := strings.Cut(name, "."); ok {
		schema, plain = sql.NullString{String: db, Valid: true}, rest
	}
	found := &table{columns: map[string]tableColumn{}}
	var engine sql.NullString
	err := t.db.GetContext(ctx, &engine, "SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA=COALESCE(?,DATABASE()) AND TABLE_NAME=?", schema, plain)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, mysqlx.Wrap("looking at table "+name, err)
	}
	found.engine = engine.String
	if err := t.readColumns(ctx, found, schema, plain); err != nil {
		return nil, mysqlx.Wrap("looking at table "+name, err)
	}
	if len(found.columns) > 0 { // a table that is made later is looked up again
		t.known[name] = found
	}
	return found, nil
}

func (t *targets) readColumns(ctx context.Context, into *table, schema sql.NullString, name string) error {
	var rows []struct {
		Name    string         `db:"name"`
		Type    string         `db:"type"`
		Charset sql.NullString `db:"charset"`
		Chars   sql.NullInt64  `db:"chars"`
		Bytes   sql.NullInt64  `db:"bytes"`
	}
	err := t.db.SelectContext(ctx, &rows, `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_SET_NAME AS charset,
		CHARACTER_MAXIMUM_LENGTH AS chars, CHARACTER_OCTET_LENGTH AS bytes FROM information_schema.COLUMNS
		WHERE TABLE_SCHEMA=COALESCE(?,DATABASE()) AND TABLE_NAME=?`, schema, name)
	if err != nil {
		return err
	}
	agree := true
	for _, r := range rows {
		c := tableColumn{name: r.Name, dataType: strings.ToLower(r.Type), charset: r.Charset.String}
		switch {
		case !r.Charset.Valid:
		case strings.HasSuffix(c.dataType, "text"):
			c.bytes = int(min(r.Bytes.Int64, 1<<30))
		default:
			c.chars = int(min(r.Chars.Int64, 1<<30))
		}
		into.columns[strings.ToLower(r.Name)] = c
		if c.charset != "" {
			agree = agree && (into.charset == "" || into.charset == c.charset)
			into.charset = c.charset
		}
	}
	if !agree {
		into.charset = ""
	}
	return nil
}

// cut shortens s to the column's limit; ok is false when that would lose something.
func (c tableColumn) cut(s string) (short string, ok bool) {
	switch {
	case c.chars > 0:
		short = truncate(s, c.chars)
	case c.bytes > 0 && c.charset == "latin1":
		short = truncate(s, c.bytes)
	case c.bytes > 0:
		short = truncateBytes(s, c.bytes)
	default:
		return s, true
	}
	return short, short == s
}

// transactional reports whether every table that the statements write to can be rolled back.
func (s *Source) transactional(ctx context.Context, statements []*statement) (bool, error) {
	for _, st := range statements {
		t, err := s.targets.get(ctx, st.target)
		if err != nil {
			return false, err
		}
		if !t.transactional() {
			return false, nil
		}
	}
	return true, nil
}
