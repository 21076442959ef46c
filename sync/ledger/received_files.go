package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// The formats of received files.
const (
	FileUBL = "ubl"
	FilePDF = "pdf"
)

// States of a fetch.
const (
	fetchDue  = "due"
	fetchDone = "done"
	fetchGone = "gone" // given up; a person may ask for it again
)

var (
	intoFetches = newInsertion("INSERT INTO received_fetches (company, ettn, format, account, state, failures, reason, next_at) VALUES ",
		"(?, ?, ?, ?, 'due', 0, '', "+now+")")
	intoFinds = newInsertion("INSERT INTO received_finds (company, ettn, account, found_at) VALUES ", "(?, ?, ?, "+now+")")
)

const insertFile = "INSERT INTO received_files (company, ettn, format, hash, content, stored_at) VALUES (?, ?, ?, ?, ?, " + now + ")"

// NewFile is a file of a received document that is to be kept.
type NewFile struct {
	Company string
	ETTN    uuid.UUID
	Format  string
	Content []byte
}

// KeepReceivedFiles keeps files of received documents in one transaction. It gives a hex SHA-256 or an error (fault.Permanent) a
// file. The same bytes twice are kept once.
func (s *Store) KeepReceivedFiles(ctx context.Context, files []NewFile) (hashes []string, errs []error, err error) {
	hashes, errs = make([]string, len(files)), make([]error, len(files))
	packed := make([][]byte, len(files))
	for i, f := range files {
		hashes[i], packed[i], errs[i] = s.packFile(ctx, fmt.Sprintf("keeping the %s of the received document %s", f.Format, f.ETTN), f.Content)
		if errs[i] != nil && !errors.Is(errs[i], fault.Permanent) {
			return hashes, errs, errs[i]
		}
	}
	err = s.atomically(ctx, fmt.Sprintf("keeping %d files of received documents", len(files)), []string{insertFile}, func(ctx context.Context, t *tx) error {
		kept := false
		for i, f := range files {
			if errs[i] != nil {
				continue
			}
			kept = true
			if err := keepFile(ctx, t, f.Company, f.ETTN, f.Format, hashes[i], packed[i]); err != nil {
				return err
			}
		}
		if !kept {
			return errNothing
		}
		return nil
	})
	return hashes, errs, err
}

func (s *Store) packFile(ctx context.Context, doing string, content []byte) (hash string, packed []byte, err error) {
	limit, err := s.largest(ctx)
	if err != nil {
		return "", nil, err
	}
	packed = pack(orEmpty(content))
	if int64(len(packed)) > limit {
		return "", nil, fault.Newf(fault.Permanent, doing, "it is %d bytes compressed, and the server takes at most %d: raise max_allowed_packet", len(packed), limit)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), packed, nil
}

func keepFile(ctx context.Context, t *tx, company string, ettn uuid.UUID, format, hash string, packed []byte) error {
	_, err := t.exec(ctx, insertFile, company, ettn.String(), format, hash, packed)
	if mysqlx.IsDuplicate(err) {
		return nil
	}
	return err
}

// ReceivedFile gives the newest kept file of a format, checked against its hash. fault.NotFound: there is none.
func (s *Store) ReceivedFile(ctx context.Context, company string, ettn uuid.UUID, format string) (content []byte, hash string, err error) {
	doing := fmt.Sprintf("reading the %s of the received document %s", format, ettn)
	var row struct {
		Hash    string
		Content []byte
	}
	err = s.get(ctx, &row, "SELECT hash, content FROM received_files WHERE company = ? AND ettn = ? AND format = ? ORDER BY stored_at DESC LIMIT 1",
		company, ettn.String(), format)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", fault.Newf(fault.NotFound, doing, "there is none")
	}
	if err != nil {
		return nil, "", mysqlx.Wrap(doing, err)
	}
	if content, err = unpack(row.Content); err == nil && !hashOf(content, row.Hash) {
		err = errors.New("the stored bytes do not have the stored hash")
	}
	if err != nil {
		return nil, "", fault.New(fault.Permanent, doing, err)
	}
	return content, row.Hash, nil
}

// KeptFile is a file of a received document in the ledger, without its bytes.
type KeptFile struct {
	Format   string
	Hash     string    // hex SHA-256
	StoredAt time.Time // the newest of a format counts
}

// KeptFiles lists the files of a received document beside the bytes that came first, oldest first.
func (s *Store) KeptFiles(ctx context.Context, company string, ettn uuid.UUID) ([]KeptFile, error) {
	var found []struct {
		Format   string
		Hash     string
		StoredAt time.Time `db:"stored_at"`
	}
	err := s.all(ctx, &found, "SELECT format, hash, stored_at FROM received_files WHERE company = ? AND ettn = ? ORDER BY stored_at, format", company, ettn.String())
	out := make([]KeptFile, len(found))
	for i, f := range found {
		out[i] = KeptFile(f)
	}
	return out, mysqlx.Wrap("listing the files of "+ettn.String(), err)
}

// ReplaceReceived makes other bytes those that count: a document that could not be fetched, or came damaged, was fetched
// again. The bytes that came first stay. It gives the new hash; the same bytes change nothing.
func (s *Store) ReplaceReceived(ctx context.Context, r Received, raw []byte) (hash string, err error) {
	doing := fmt.Sprintf("keeping the bytes of the received document %s that were fetched again", r.ETTN)
	hash, packed, err := s.packFile(ctx, doing, raw)
	if err != nil || hash == r.Hash {
		return hash, err
	}
	err = s.atomically(ctx, doing, []string{insertFile}, func(ctx context.Context, t *tx) error {
		return keepFile(ctx, t, r.Company, r.ETTN, FileUBL, hash, packed)
	})
	return hash, err
}

// Fetch is a file of a received document that is due to be fetched and shown in the ERP.
type Fetch struct {
	Received
	Format   string
	Failures int
}

// DueFetches gives up to limit files that are due, of documents that were looked at already (the invoice itself comes
// first). They are not leased: fetching a file twice does no harm.
func (s *Store) DueFetches(ctx context.Context, company, account string, limit int) ([]Fetch, error) {
	const doing = "listing files to fetch"
	var found []struct {
		receivedRow
		Format string
		Tries  int
	}
	query := "SELECT f.format, f.failures AS tries, " + receivedColumns + ` FROM received_fetches f JOIN received r ON r.company = f.company AND r.ettn = f.ettn
		WHERE f.company = ? AND f.account = ? AND f.state = 'due' AND f.next_at <= ` + now + ` AND r.state <> 'stored' ORDER BY f.next_at, f.ettn LIMIT ?`
	if err := s.all(ctx, &found, query, company, account, limit); err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	out := make([]Fetch, len(found))
	for i, f := range found {
		out[i] = Fetch{f.received(), f.Format, f.Tries}
	}
	return out, nil
}

// Fetched is what became of a fetch: done, to be tried again after Again, or given up (Again 0).
type Fetched struct {
	Company string
	ETTN    uuid.UUID
	Format  string
	Done    bool
	Reason  string        // why not
	Again   time.Duration // when to try again; 0 = never
}

// EndFetches notes what became of fetches, in one transaction.
func (s *Store) EndFetches(ctx context.Context, ended []Fetched) error {
	if len(ended) == 0 {
		return nil
	}
	const move = "UPDATE received_fetches SET state = ?, failures = failures + ?, reason = ?, next_at = " + fromNow +
		" WHERE company = ? AND ettn = ? AND format = ?"
	return s.atomically(ctx, "recording fetched files", []string{move}, func(ctx context.Context, t *tx) error {
		for _, f := range ended {
			state, failed := fetchDone, 0
			if !f.Done {
				if state, failed = fetchDue, 1; f.Again <= 0 {
					state = fetchGone
				}
			}
			if _, err := t.exec(ctx, move, state, failed, clip(f.Reason, longText), micros(f.Again), f.Company, f.ETTN.String(), f.Format); err != nil {
				return err
			}
		}
		return nil
	})
}
