package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

const (
	insertDocument = `INSERT INTO documents (company, erp, key_space, sale_key, local_reference, revision, ettn, state, probe_first,
	was_unknown, number, code, message, advice, write_message, next_at, unknown_since, quarantine_until, written_version, write_next_at,
	created_at, updated_at, sent_at, issue_date) VALUES `
	documentValues = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, ''), ?, ?, '', '', " + now + ", IF(?, " + now + ", NULL), IF(?, " + fromNow +
		", NULL), ?, " + now + ", " + now + ", " + now + ", ?, ?)"

	discoverChunk = 500
	mostContests  = 20 // rounds against others who add the same sales
)

var intoDocuments = newInsertion(insertDocument, documentValues)

// NotAdded lists the sales that could not be added; everything else of the call was.
type NotAdded struct{ Items []NotAddedItem }

// NotAddedItem is one sale that could not be added, and why.
type NotAddedItem struct {
	Key Key
	Err error // a *Clash, or a value that does not fit
}

// Error names the first few.
func (n *NotAdded) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d could not be added: ", len(n.Items))
	for i, item := range n.Items {
		if i == 3 {
			b.WriteString("; ...")
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s %q: %v", item.Key.KeySpace, item.Key.SaleKey, item.Err)
	}
	return b.String()
}

// Discover adds sales that the ledger does not know yet, as pending revision 1. Known ones stay as they are; issued ones are
// written back to the ERP again, which would not offer them if it still had their marks. It may be repeated, and several
// may discover the same sales at once. They become due in the order given: that of their dates, so that numbers follow dates. An error with a *NotAdded in its chain (fault.Permanent) is about those sales only:
// all others were added.
func (s *Store) Discover(ctx context.Context, company string, docs []NewDocument) (added int, err error) {
	fresh := make([]freshDocument, len(docs))
	for i, d := range docs {
		fresh[i] = freshDocument{NewDocument: d, state: Pending, revision: 1}
	}
	added, err = s.addAll(ctx, "discovering sales", company, fresh)
	if err != nil || added == len(docs) {
		return added, err
	}
	keys := make([]Key, len(docs))
	for i, d := range docs {
		keys[i] = d.Key
	}
	return added, s.rewriteOffered(ctx, company, keys)
}

// Rebuild is Discover for a lost ledger: the sales enter unknown, with what the ERP or the provider shows as evidence, so that
// followup looks them up before anything is sent. What the ERP shows is taken as written: its marks are the evidence and stay.
func (s *Store) Rebuild(ctx context.Context, company string, known []KnownDocument) (added int, err error) {
	fresh := make([]freshDocument, len(known))
	for i, k := range known {
		d := freshDocument{NewDocument: k.NewDocument, state: Unknown, revision: max(1, k.Revision), number: k.Number, code: CodeRebuilt,
			quarantine: k.QuarantineIn, sentAt: k.SentAt, issueDate: k.IssueDate}
		d.ProbeFirst = true
		if k.State != "" {
			d.message = "ERP: " + k.State
		}
		fresh[i] = d
	}
	return s.addAll(ctx, "rebuilding the ledger from the ERP", company, fresh)
}

// freshDocument is a row to be inserted.
type freshDocument struct {
	NewDocument
	state      State
	revision   int
	number     string
	code       string // one of codes.go; empty = none
	message    string
	quarantine time.Duration
	sentAt     time.Time
	issueDate  invoice.Date
}

func (d *freshDocument) values(company string) []any {
	unknown, written := d.state == Unknown, 0
	if unknown {
		written = 1
	}
	return []any{company, d.ERP, d.KeySpace, d.SaleKey, d.LocalReference, d.revision, d.ETTN.String(), string(d.state), d.ProbeFirst,
		unknown, d.number, d.code, clip(d.message, longText), unknown, d.quarantine > 0, micros(d.quarantine), written, sqlTime(d.sentAt), sqlDate(d.issueDate)}
}

// addAll adds what is not known, in chunks of one transaction each.
func (s *Store) addAll(ctx context.Context, doing, company string, docs []freshDocument) (added int, err error) {
	seen := make(map[Key]bool, len(docs))
	docs = slices.DeleteFunc(docs, func(d freshDocument) bool {
		twice := seen[d.Key]
		seen[d.Key] = true
		return twice
	})
	var not NotAdded
	for chunk := range slices.Chunk(docs, discoverChunk) {
		n, err := s.addChunk(ctx, doing, company, chunk, &not)
		added += n
		if err != nil {
			return added, err
		}
	}
	if len(not.Items) > 0 {
		return added, &fault.Error{Class: fault.Permanent, Doing: doing, Err: &not, Advice: "Look at the sales that are named; all others were added"}
	}
	return added, nil
}

// addChunk inserts the unknown ones together; when somebody else adds some of them at the same time, it looks again.
func (s *Store) addChunk(ctx context.Context, doing, company string, docs []freshDocument, not *NotAdded) (int, error) {
	pause := firstPause
	for contest := 0; ; contest++ {
		missing, err := s.missing(ctx, company, docs)
		if err != nil {
			return 0, mysqlx.Wrap(doing, err)
		}
		if len(missing) == 0 {
			return 0, nil
		}
		values := make([][]any, len(missing))
		for i := range missing {
			values[i] = missing[i].values(company)
		}
		err = s.atomically(ctx, doing, intoDocuments.texts, func(ctx context.Context, t *tx) error {
			return insertRows(ctx, t, intoDocuments, values)
		})
		switch {
		case err == nil:
			return len(missing), nil
		case !mysqlx.IsDuplicate(err) && !mysqlx.IsDataError(err):
			return 0, err
		}
		again, lerr := s.missing(ctx, company, missing)
		if lerr != nil {
			return 0, mysqlx.Wrap(doing, lerr)
		}
		if len(again) == len(missing) || contest == mostContests { // nobody else did it: a clash or a bad value
			return s.addSingly(ctx, doing, company, again, not)
		}
		docs = again
		if err := s.wait(ctx, pause); err != nil {
			return 0, mysqlx.Wrap(doing, err)
		}
	}
}

// addSingly inserts row by row in one transaction, so that a row that cannot be stored stops no other.
func (s *Store) addSingly(ctx context.Context, doing, company string, docs []freshDocument, not *NotAdded) (added int, err error) {
	query := rows(insertDocument, documentValues, 1)
	var refused []NotAddedItem
	err = s.atomically(ctx, doing, []string{query}, func(ctx context.Context, t *tx) error {
		added, refused = 0, nil
		for i := range docs {
			d := docs[i]
			_, err := t.exec(ctx, query, d.values(company)...)
			if mysqlx.IsDuplicate(err) && duplicateKey(err) == "number" {
				// Two ERP rows show one number. It is evidence only: the look-up finds the truth by the other keys.
				d.message = strings.TrimSpace(d.message + " " + d.number)
				d.number = ""
				_, err = t.exec(ctx, query, d.values(company)...)
			}
			switch {
			case err == nil:
				added++
			case mysqlx.IsDuplicate(err) && duplicateKey(err) == "sale": // added by somebody else meanwhile
			case mysqlx.IsDuplicate(err):
				c := &Clash{Key: duplicateKey(err), Value: d.ETTN.String()}
				if c.Key == "reference" {
					c.Value = d.LocalReference
				}
				refused = append(refused, NotAddedItem{d.Key, c})
			case mysqlx.IsDataError(err):
				refused = append(refused, NotAddedItem{d.Key, err})
			default:
				return err
			}
		}
		if added == 0 {
			return errNothing
		}
		return nil
	})
	if err == nil {
		not.Items = append(not.Items, refused...)
	}
	return added, err
}

// missing leaves those whose key the ledger does not have.
func (s *Store) missing(ctx context.Context, company string, docs []freshDocument) ([]freshDocument, error) {
	keys := make([]Key, len(docs))
	for i, d := range docs {
		keys[i] = d.Key
	}
	var found []Key
	err := s.byKeys(ctx, company, keys, "key_space, sale_key", func(query string, args []any) error {
		var some []struct {
			KeySpace string `db:"key_space"`
			SaleKey  string `db:"sale_key"`
		}
		err := s.all(ctx, &some, query, args...)
		for _, k := range some {
			found = append(found, Key(k))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	known := make(map[Key]bool, len(found))
	for _, k := range found {
		known[k] = true
	}
	return slices.DeleteFunc(slices.Clone(docs), func(d freshDocument) bool { return known[d.Key] }), nil
}

// byKeys calls read with a query for each key space and list of keys.
func (s *Store) byKeys(ctx context.Context, company string, keys []Key, columns string, read func(query string, args []any) error) error {
	spaces := map[string][]string{}
	for _, k := range keys {
		spaces[k.KeySpace] = append(spaces[k.KeySpace], k.SaleKey)
	}
	for space, saleKeys := range spaces {
		for _, list := range padded(saleKeys) {
			query := "SELECT " + columns + " FROM documents WHERE company = ? AND sale_key IN (" + placeholders(len(list)) + ") AND key_space = ? ORDER BY revision, id"
			if err := read(query, arguments(company, list, space)); err != nil {
				return err
			}
		}
	}
	return nil
}

// LatestByKey gives the latest revision of each sale that the ledger knows.
func (s *Store) LatestByKey(ctx context.Context, company string, keys []Key) (map[Key]Document, error) {
	all, err := s.ByKeys(ctx, company, keys)
	if err != nil {
		return nil, err
	}
	latest := make(map[Key]Document, len(all))
	for k, docs := range all {
		latest[k] = docs[len(docs)-1]
	}
	return latest, nil
}

// ByKeys gives every revision of each sale that the ledger knows, oldest first.
func (s *Store) ByKeys(ctx context.Context, company string, keys []Key) (map[Key][]Document, error) {
	of := make(map[Key][]Document, len(keys))
	seen := map[int64]bool{} // a key asked for twice
	err := s.byKeys(ctx, company, keys, documentColumns, func(query string, args []any) error {
		docs, err := s.documents(ctx, query, args...)
		for _, d := range docs {
			if k := (Key{d.KeySpace, d.SaleKey}); !seen[d.ID] {
				of[k] = append(of[k], d)
				seen[d.ID] = true
			}
		}
		return err
	})
	return of, mysqlx.Wrap("reading documents by key", err)
}
