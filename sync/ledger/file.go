package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Direction tells issued documents from received ones.
type Direction string

// The directions.
const (
	Outgoing Direction = "out"
	Incoming Direction = "in"
)

// FileState is where a file of the archive stands.
type FileState string

// The states of a file.
const (
	FileWanted FileState = "wanted" // to be fetched (again)
	FileStored FileState = "stored" // lies in the archive
)

// What can be wrong with a stored file.
const (
	FileMissing = "missing" // it is not there
	FileChanged = "changed" // its bytes are not those that were stored
	FileDiffers = "differs" // fetched again, the provider gave another document
)

// File is one file of the archive.
type File struct {
	ID         int64
	Company    string
	Account    string
	Direction  Direction
	Document   int64 // 0 = none
	Received   int64 // 0 = none
	ETTN       uuid.UUID
	Kind       invoice.Kind // of issued documents
	Format     string       // ubl, pdf, html
	Path       string       // below the archive's folder, with slashes
	IssuedOn   invoice.Date
	State      FileState
	Size       int64
	SHA256     string // hex; empty = never stored
	Problem    string // empty = none known
	Message    string // why it could not be fetched last
	Failures   int
	StoredAt   time.Time
	VerifiedAt time.Time
	Early      bool // stored while its document could still change: it is fetched again when that is final
	LeaseOwner string
	LeaseEpoch int64
}

const fileColumns = `id, company, account, direction, document_id, received_id, ettn, kind, format, path, issued_on, state, size, sha256, problem, message,
	failures, stored_at, verified_at, early, lease_owner, lease_epoch`

type fileRow struct {
	ID         int64
	Company    string
	Account    string
	Direction  Direction
	Document   int64 `db:"document_id"`
	Received   int64 `db:"received_id"`
	ETTN       uuid.UUID
	Kind       invoice.Kind
	Format     string
	Path       string
	IssuedOn   sql.NullTime `db:"issued_on"`
	State      FileState
	Size       int64
	SHA256     string
	Problem    string
	Message    string
	Failures   int
	StoredAt   sql.NullTime `db:"stored_at"`
	VerifiedAt sql.NullTime `db:"verified_at"`
	Early      bool
	LeaseOwner string `db:"lease_owner"`
	LeaseEpoch int64  `db:"lease_epoch"`
}

func (s *Store) files(ctx context.Context, rest string, args ...any) ([]File, error) {
	var rows []fileRow
	if err := s.all(ctx, &rows, "SELECT "+fileColumns+" FROM files"+rest, args...); err != nil {
		return nil, err
	}
	out := make([]File, len(rows))
	for i, r := range rows {
		out[i] = File{ID: r.ID, Company: r.Company, Account: r.Account, Direction: r.Direction, Document: r.Document, Received: r.Received, ETTN: r.ETTN,
			Kind: r.Kind, Format: r.Format, Path: r.Path, IssuedOn: dateOf(r.IssuedOn), State: r.State, Size: r.Size, SHA256: r.SHA256, Problem: r.Problem,
			Message: r.Message, Failures: r.Failures, StoredAt: r.StoredAt.Time, VerifiedAt: r.VerifiedAt.Time, Early: r.Early, LeaseOwner: r.LeaseOwner, LeaseEpoch: r.LeaseEpoch}
	}
	return out, nil
}

// Archivable is a document whose files belong into the archive and are not entered yet.
type Archivable struct {
	ID       int64
	Account  string
	ETTN     uuid.UUID
	Kind     invoice.Kind
	IssuedOn invoice.Date
}

// archivable are the states of issued documents that exist and move no more.
var archivable = []State{Accepted, Rejected, Cancelled}

// Archivable reports whether the files of an issued document in this state are its last ones.
func (s State) Archivable() bool { return slices.Contains(archivable, s) }

// toArchive finds what has no file of a format yet. Issued documents: those with a number and an ETTN that the provider knows,
// final ones and those on their way: a commercial invoice may wait eight days for its buyer. Received ones: all that are
// stored. The accounts in brackets are left out.
var toArchive = map[Direction]string{
	Outgoing: `SELECT d.id, d.account, d.ettn, d.route_kind AS kind, COALESCE(d.issue_date, DATE(d.created_at)) AS issued_on FROM documents d
		LEFT JOIN files f ON f.company = d.company AND f.direction = 'out' AND f.ettn = d.ettn AND f.format = ?
		WHERE d.company = ? AND d.id >= ? AND d.` + inStates(append([]State{Sent}, archivable...)) + ` AND d.number IS NOT NULL AND f.id IS NULL AND d.account NOT IN (?) ORDER BY d.id LIMIT ?`,
	Incoming: `SELECT r.id, r.account, r.ettn, '' AS kind, COALESCE(r.issue_date, DATE(r.arrived_at), DATE(r.stored_at)) AS issued_on FROM received r
		LEFT JOIN files f ON f.company = r.company AND f.direction = 'in' AND f.ettn = r.ettn AND f.format = ?
		WHERE r.company = ? AND r.id >= ? AND f.id IS NULL AND r.account NOT IN (?) ORDER BY r.id LIMIT ?`,
}

// firstOpen finds the first row that may still become archivable; without one everything below the end is done.
var firstOpen = map[Direction]string{
	Outgoing: "SELECT COALESCE(MIN(id), (SELECT COALESCE(MAX(id), 0) + 1 FROM documents)) FROM documents WHERE company = ? AND id >= ? AND NOT (" + inStates(archivable) + ")",
	Incoming: "SELECT COALESCE(MAX(id), 0) + 1 FROM received WHERE company = ? AND id >= ?",
}

// lateRows is how far the cursor stays behind: a row with a lower ID may be committed after one with a higher.
const lateRows = 1000

// ToArchive gives up to limit documents that have no file of the format yet, those of the accounts that do not offer it left
// out. It remembers how far everything is entered, so that years of history are not searched each time.
func (s *Store) ToArchive(ctx context.Context, company string, way Direction, format string, without []string, limit int) ([]Archivable, error) {
	const doing = "looking for documents to archive"
	name := clip(company+"/"+string(way)+"/"+format, name190)
	var below int64
	err := s.get(ctx, &below, "SELECT below FROM file_cursors WHERE name = ?", name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, mysqlx.Wrap(doing, err)
	}
	var open int64 // read before the search: what becomes final in between is found by the next one
	if err := s.get(ctx, &open, firstOpen[way], company, below); err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	var rows []struct {
		ID       int64
		Account  string
		ETTN     uuid.UUID
		Kind     invoice.Kind
		IssuedOn sql.NullTime `db:"issued_on"`
	}
	args := []any{format, company, below, ""}
	for _, account := range without {
		args = append(args, account)
	}
	query := strings.Replace(toArchive[way], "(?)", "("+placeholders(1+len(without))+")", 1)
	if err := s.all(ctx, &rows, query, append(args, limit)...); err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	if done := open - lateRows; len(rows) == 0 && done > below {
		return nil, s.setCursor(ctx, name, done)
	}
	out := make([]Archivable, len(rows))
	for i, r := range rows {
		out[i] = Archivable{ID: r.ID, Account: r.Account, ETTN: r.ETTN, Kind: r.Kind, IssuedOn: dateOf(r.IssuedOn)}
	}
	return out, nil
}

// RefreshFiles has the files of documents fetched again that were stored early and are final now. It tells how many those are.
func (s *Store) RefreshFiles(ctx context.Context, company string) (n int, err error) {
	const (
		doing = "looking for files to be fetched again"
		want  = "UPDATE files SET state = 'wanted', failures = 0, next_at = " + now + " WHERE id = ? AND state = 'stored' AND early = TRUE"
	)
	for {
		var ids []int64
		err := s.all(ctx, &ids, "SELECT f.id FROM files f JOIN documents d ON d.id = f.document_id WHERE f.company = ? AND f.early = TRUE AND f.state = 'stored' AND d."+
			inStates(archivable)+" ORDER BY f.id LIMIT 500", company)
		if err != nil || len(ids) == 0 {
			return n, mysqlx.Wrap(doing, err)
		}
		err = s.atomically(ctx, doing, []string{want}, func(ctx context.Context, t *tx) error {
			for _, id := range ids {
				if _, err := t.exec(ctx, want, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(ids)
	}
}

func (s *Store) setCursor(ctx context.Context, name string, below int64) error {
	const (
		change = "UPDATE file_cursors SET below = ? WHERE name = ?"
		add    = "INSERT INTO file_cursors (below, name) VALUES (?, ?)"
	)
	return s.atomically(ctx, "noting how far the archive is entered", []string{change, add}, func(ctx context.Context, t *tx) error {
		return t.upsert(ctx, change, add, below, name)
	})
}

// WantFiles enters files to be fetched; those that are entered already are left alone.
func (s *Store) WantFiles(ctx context.Context, files []File) error {
	const insert = `INSERT INTO files (company, account, direction, document_id, received_id, ettn, kind, format, path, issued_on, state, message, next_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'wanted', '', ` + now + `, ` + now + `)`
	return s.atomically(ctx, "entering files into the archive", []string{insert}, func(ctx context.Context, t *tx) error {
		for _, f := range files {
			_, err := t.exec(ctx, insert, f.Company, f.Account, string(f.Direction), f.Document, f.Received, f.ETTN.String(), string(f.Kind), f.Format, f.Path, f.IssuedOn.String())
			if err != nil && !mysqlx.IsDuplicate(err) {
				return err
			}
		}
		return nil
	})
}

// LeaseFiles takes up to limit files that are to be fetched and due.
func (s *Store) LeaseFiles(ctx context.Context, company, owner string, ttl time.Duration, limit int) ([]File, error) {
	const (
		doing = "leasing files of the archive"
		guard = "state = 'wanted' AND next_at <= " + now
	)
	due := func() (ids []int64, err error) {
		err = s.all(ctx, &ids, "SELECT id FROM files WHERE company = ? AND "+guard+" AND "+leaseFree+" ORDER BY next_at, id LIMIT ?", company, limit)
		return ids, err
	}
	ids, token, err := s.takeDue(ctx, fileLeases, due, guard, owner, ttl)
	if err != nil || len(ids) == 0 {
		return nil, mysqlx.Wrap(doing, err)
	}
	var out []File
	for _, list := range padded(ids) {
		some, err := s.files(ctx, " WHERE id IN ("+placeholders(len(list))+")"+heldBy+" ORDER BY next_at, id", arguments(list, token, owner)...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		out = append(out, some...)
	}
	return out, nil
}

// FileMove records what became of a leased file.
type FileMove struct {
	File    File
	Stored  bool // Size, SHA256 are what lies there now
	Size    int64
	SHA256  string
	Early   bool // its document may still change
	Problem string
	Message string        // why it was not stored
	NextIn  time.Duration // when it is tried again
	Failed  bool          // counts as a failure
}

// MoveFiles records the moves in one transaction; one whose lease is gone is dropped.
func (s *Store) MoveFiles(ctx context.Context, moves []FileMove) error {
	const (
		stored = `UPDATE files SET state = 'stored', size = ?, sha256 = ?, early = ?, problem = '', message = '', failures = 0, shown = FALSE, show_next_at = NULL,
			stored_at = ` + now + `, verified_at = ` + now + `, lease_owner = '', lease_until = NULL WHERE id = ? AND state = 'wanted' AND lease_owner = ? AND lease_epoch = ?`
		later = `UPDATE files SET problem = ?, message = ?, failures = failures + ?, next_at = ` + fromNow + `, lease_owner = '', lease_until = NULL
			WHERE id = ? AND state = 'wanted' AND lease_owner = ? AND lease_epoch = ?`
	)
	return s.atomically(ctx, "recording files of the archive", []string{stored, later}, func(ctx context.Context, t *tx) error {
		for _, m := range moves {
			var err error
			if m.Stored {
				_, err = t.exec(ctx, stored, m.Size, m.SHA256, m.Early, m.File.ID, m.File.LeaseOwner, m.File.LeaseEpoch)
			} else {
				failed := 0
				if m.Failed {
					failed = 1
				}
				_, err = t.exec(ctx, later, m.Problem, clip(m.Message, longText), failed, micros(m.NextIn), m.File.ID, m.File.LeaseOwner, m.File.LeaseEpoch)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// FileFilter selects files of the archive; Files gives them by ID.
type FileFilter struct {
	Company  string
	Received uuid.UUID    // only those of this received document; zero = of any document
	Stored   bool         // only those that lie there
	From     invoice.Date // issued on or after; zero = no bound
	Till     invoice.Date // issued before; zero = no bound
	AfterID  int64
	Limit    int
}

// Files lists files of the archive.
func (s *Store) Files(ctx context.Context, f FileFilter) ([]File, error) {
	var c conditions
	c.add("company = ?", f.Company)
	c.add("id > ?", f.AfterID)
	if f.Received != uuid.Nil {
		c.add("direction = ? AND ettn = ?", string(Incoming), f.Received.String())
	}
	if f.Stored {
		c.add("state = 'stored'")
	}
	if !f.From.IsZero() {
		c.add("issued_on >= ?", f.From.String())
	}
	if !f.Till.IsZero() {
		c.add("issued_on < ?", f.Till.String())
	}
	found, err := s.files(ctx, c.where()+" ORDER BY id LIMIT ?", append(c.args, f.Limit)...)
	return found, mysqlx.Wrap("listing files of the archive", err)
}

// Checked is what a verification found of one file; an empty Problem means that it is whole.
type Checked struct {
	ID      int64
	Problem string
	Refetch bool // fetch it again
}

// MarkChecked records what a verification found.
func (s *Store) MarkChecked(ctx context.Context, checked []Checked) error {
	const (
		change  = "UPDATE files SET problem = ?, verified_at = " + now + " WHERE id = ?"
		refetch = "UPDATE files SET problem = ?, verified_at = " + now + ", state = 'wanted', failures = 0, next_at = " + now + " WHERE id = ? AND state = 'stored'"
	)
	return s.atomically(ctx, "recording what the archive's verification found", []string{change, refetch}, func(ctx context.Context, t *tx) error {
		for _, one := range checked {
			query := change
			if one.Refetch {
				query = refetch
			}
			if _, err := t.exec(ctx, query, one.Problem, one.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// FileCounts tells how many files of a company are stored, still to be fetched, and known to be damaged.
type FileCounts struct {
	Stored, Wanted, Damaged int
	Bytes                   int64
}

// CountFiles counts the files of a company.
func (s *Store) CountFiles(ctx context.Context, company string) (FileCounts, error) {
	var found struct {
		Stored          int `db:"kept"` // its own name is a reserved word of MySQL
		Wanted, Damaged int
		Bytes           int64
	}
	err := s.get(ctx, &found, `SELECT COALESCE(SUM(state = 'stored'), 0) AS kept, COALESCE(SUM(state = 'wanted'), 0) AS wanted,
		COALESCE(SUM(problem <> ''), 0) AS damaged, COALESCE(SUM(size), 0) AS bytes FROM files WHERE company = ?`, company)
	return FileCounts(found), mysqlx.Wrap("counting files of the archive", err)
}

// FilesDue counts the files that will be fetched or shown in the ERP without anybody's help, those left out that failed
// several times already.
func (s *Store) FilesDue(ctx context.Context, company string) (n int, err error) {
	err = s.get(ctx, &n, "SELECT COUNT(*) FROM files WHERE company = ? AND (state = 'wanted' AND failures < 3 OR state = 'stored' AND shown = FALSE AND show_next_at IS NULL)", company)
	return n, mysqlx.Wrap("counting files of the archive that are due", err)
}

// Unshown gives stored files whose path the ERP does not show yet.
func (s *Store) Unshown(ctx context.Context, company string, limit int) ([]File, error) {
	found, err := s.files(ctx, " WHERE company = ? AND shown = FALSE AND state = 'stored' AND (show_next_at IS NULL OR show_next_at <= "+now+") ORDER BY id LIMIT ?", company, limit)
	return found, mysqlx.Wrap("looking for files that the ERP does not show", err)
}

// MarkShown notes that the ERP shows the files; a wait puts those off that it did not take.
func (s *Store) MarkShown(ctx context.Context, shown []int64, failed []int64, wait time.Duration) error {
	const (
		done  = "UPDATE files SET shown = TRUE, show_next_at = NULL WHERE id = ? AND state = 'stored'"
		later = "UPDATE files SET show_next_at = " + fromNow + " WHERE id = ?"
	)
	return s.atomically(ctx, "recording which files the ERP shows", []string{done, later}, func(ctx context.Context, t *tx) error {
		for _, id := range shown {
			if _, err := t.exec(ctx, done, id); err != nil {
				return err
			}
		}
		for _, id := range failed {
			if _, err := t.exec(ctx, later, micros(wait), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// DocumentByID reads one document.
func (s *Store) DocumentByID(ctx context.Context, id int64) (Document, error) {
	doing := fmt.Sprintf("reading document %d", id)
	docs, err := s.documents(ctx, "SELECT "+documentColumns+" FROM documents WHERE id = ?", id)
	if err != nil {
		return Document{}, mysqlx.Wrap(doing, err)
	}
	if len(docs) == 0 {
		return Document{}, fault.Newf(fault.NotFound, doing, "there is none")
	}
	return docs[0], nil
}

// ReceivedByID reads one received document.
func (s *Store) ReceivedByID(ctx context.Context, id int64) (Received, error) {
	doing := fmt.Sprintf("reading received document %d", id)
	rows, err := s.receivedDocuments(ctx, "SELECT "+receivedColumns+" FROM received r WHERE r.id = ?", id)
	if err != nil {
		return Received{}, mysqlx.Wrap(doing, err)
	}
	if len(rows) == 0 {
		return Received{}, fault.Newf(fault.NotFound, doing, "there is none")
	}
	return rows[0], nil
}
