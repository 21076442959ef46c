package ledger

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// conditions are the WHERE of a list for people.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// page goes on after a row, and gives the order: by ID upwards, or downwards from the newest.
func (c *conditions) page(newest bool, after int64) (order string) {
	switch {
	case !newest:
		c.add("id > ?", after)
		return " ORDER BY id LIMIT ?"
	case after > 0:
		c.add("id < ?", after)
	}
	return " ORDER BY id DESC LIMIT ?"
}

// search finds text in any of the columns, whatever its case; % and _ stand for themselves.
func (c *conditions) search(text string, columns ...string) {
	pattern := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
	parts := make([]string, len(columns))
	args := make([]any, len(columns))
	for i, column := range columns {
		parts[i], args[i] = "CONVERT("+column+" USING utf8mb4) COLLATE utf8mb4_unicode_ci LIKE ? ESCAPE '!'", pattern
	}
	c.add("("+strings.Join(parts, " OR ")+")", args...)
}

// Find gives the documents that a person means by ref: a local reference, a sale key or an ETTN; every revision, oldest
// first. An empty company means all. Nothing found is no error.
func (s *Store) Find(ctx context.Context, company, ref string) ([]Document, error) {
	var c conditions
	if company != "" {
		c.add("company = ?", company)
	}
	id, err := uuid.Parse(ref)
	if err == nil {
		c.add("(ettn = ? OR assigned_ettn = ? OR local_reference = ? OR sale_key = ?)", id.String(), id.String(), ref, ref)
	} else {
		c.add("(local_reference = ? OR sale_key = ?)", ref, ref)
	}
	docs, err := s.documents(ctx, "SELECT "+documentColumns+" FROM documents"+c.where()+" ORDER BY company, key_space, revision, id", c.args...)
	return docs, mysqlx.Wrap("looking for "+ref, err)
}

// Numbered gives the documents whose sale or invoice has that printed number, as Find does; numbers may be empty, repeated
// or changed, so that there may be several.
func (s *Store) Numbered(ctx context.Context, company, number string) ([]Document, error) {
	var c conditions
	if company != "" {
		c.add("company = ?", company)
	}
	c.add("(sale_number = ? OR number = ?)", number, number)
	docs, err := s.documents(ctx, "SELECT "+documentColumns+" FROM documents"+c.where()+" ORDER BY company, key_space, revision, id", c.args...)
	return docs, mysqlx.Wrap("looking for number "+number, err)
}

// Documents lists what the filter selects, by ID (downwards with Newest); Filter.AfterID turns the page.
func (s *Store) Documents(ctx context.Context, f Filter) ([]Document, error) {
	const doing = "listing documents"
	var c conditions
	order := c.page(f.Newest, f.AfterID)
	if f.Company != "" {
		c.add("company = ?", f.Company)
	}
	if len(f.States) > 0 {
		for _, state := range f.States {
			if _, known := RuleOf(state); !known {
				return nil, fault.Newf(fault.Permanent, doing, "%q is no state", state)
			}
		}
		c.add(inStates(f.States))
	}
	if f.Search != "" {
		c.search(f.Search, "local_reference", "sale_number", "number", "buyer_name")
	}
	if !f.Since.IsZero() {
		c.add("updated_at >= ?", f.Since.UTC())
	}
	if !f.DueSince.IsZero() {
		c.add("next_at >= ?", f.DueSince.UTC())
	}
	if f.Code != "" {
		c.add("code = ?", f.Code)
	}
	if f.Changed {
		c.add("changed")
	}
	if f.Loose {
		c.add("loose = TRUE")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	docs, err := s.documents(ctx, "SELECT "+documentColumns+" FROM documents"+c.where()+order, append(c.args, limit)...)
	return docs, mysqlx.Wrap(doing, err)
}

// Counts tells how many documents stand in each state, superseded revisions left out. An empty company means all.
func (s *Store) Counts(ctx context.Context, company string) (map[State]int, error) {
	sums, err := s.Sums(ctx, company)
	counts := map[State]int{}
	for _, sum := range sums {
		counts[sum.State] += sum.Count
	}
	return counts, err
}

// Sums tells count and payable total by state and currency, superseded revisions left out. An empty company means all.
func (s *Store) Sums(ctx context.Context, company string) ([]StateSum, error) {
	c := conditions{parts: []string{"NOT superseded"}}
	if company != "" {
		c.add("company = ?", company)
	}
	var found []struct {
		State    State
		Currency string
		Count    int `db:"n"`
		Payable  decimal.NullDecimal
	}
	err := s.all(ctx, &found, "SELECT state, currency, COUNT(*) AS n, SUM(payable) AS payable FROM documents"+c.where()+
		" GROUP BY state, currency ORDER BY state, currency", c.args...)
	sums := make([]StateSum, len(found))
	for i, f := range found {
		sums[i] = StateSum{f.State, f.Currency, f.Count, f.Payable.Decimal}
	}
	return sums, mysqlx.Wrap("counting documents", err)
}

// Oldest tells since when the longest waiting document in one of the states has been waiting: since its outcome became
// unknown, else since its sale was discovered. The zero time means that there is none.
func (s *Store) Oldest(ctx context.Context, company string, states []State) (time.Time, error) {
	var oldest sql.NullTime
	err := s.get(ctx, &oldest, "SELECT MIN(COALESCE(unknown_since, created_at)) FROM documents WHERE company = ? AND NOT superseded AND "+
		inStates(states), company)
	return oldest.Time, mysqlx.Wrap("looking for the oldest document", err)
}

// InMotion counts documents that will change without anybody's help: not final, not waiting for a person (held, disputed,
// refused, failed, or a draft that was asked for), or not yet written to the ERP. It is what `sync --wait` waits for.
func (s *Store) InMotion(ctx context.Context, company string) (int, error) {
	var moving int
	err := s.get(ctx, &moving, "SELECT COUNT(*) FROM documents WHERE company = ? AND NOT superseded AND (unwritten = TRUE OR "+
		inStates([]State{Pending, Prepared, Sending, Unknown, Sent})+" OR state = 'draft' AND NOT route_draft)", company)
	return moving, mysqlx.Wrap("counting documents in motion", err)
}

// Unwritable counts the documents that would stand still if the ERP took what is to be written to it: their write-back
// failed and waits for its next try. reason is why one of them failed.
func (s *Store) Unwritable(ctx context.Context, company string) (n int, reason string, err error) {
	var found struct {
		N      int
		Reason string
	}
	err = s.get(ctx, &found, "SELECT COUNT(*) AS n, COALESCE(MIN(write_message), '') AS reason FROM documents WHERE company = ? AND NOT superseded "+
		"AND unwritten = TRUE AND (write_failures > 0 OR write_message <> '') AND NOT ("+inStates([]State{Pending, Prepared, Sending, Unknown, Sent})+
		" OR state = 'draft' AND NOT route_draft)", company)
	return found.N, found.Reason, mysqlx.Wrap("counting documents that the ERP does not take", err)
}

// History gives every attempt of a document, in order, with its answers.
func (s *Store) History(ctx context.Context, documentID int64) ([]Event, error) {
	const doing = "reading the attempts of a document"
	var found []struct {
		ID         int64
		Document   int64 `db:"document_id"`
		Attempt    int
		Operation  Operation
		Opened     bool
		Class      string
		HTTPStatus int `db:"http_status"`
		Message    string
		Answer     []byte
		PayloadSHA string `db:"payload_sha"`
		Owner      string
		At         time.Time
	}
	err := s.all(ctx, &found, `SELECT id, document_id, attempt, operation, opened, class, http_status, message, answer, payload_sha, owner, at
		FROM attempts WHERE document_id = ? ORDER BY id`, documentID)
	if err != nil {
		return nil, mysqlx.Wrap(doing, err)
	}
	events := make([]Event, len(found))
	for i, f := range found {
		if f.Answer, err = unpack(f.Answer); err != nil {
			return nil, fault.New(fault.Permanent, doing, err)
		}
		events[i] = Event(f)
	}
	return events, nil
}

// AuditTrail gives what people did with a document, in order; document 0 gives what concerns none.
func (s *Store) AuditTrail(ctx context.Context, documentID int64) ([]Audit, error) {
	trail, err := s.audits(ctx, "document_id = ?", documentID)
	return trail, mysqlx.Wrap("reading the audit trail", err)
}

func (s *Store) audits(ctx context.Context, which string, arg any) ([]Audit, error) {
	var found []struct {
		ID       int64
		At       time.Time
		User     string `db:"person"`
		Action   string
		Document int64 `db:"document_id"`
		Ref      string
		From     State `db:"from_state"`
		To       State `db:"to_state"`
		Reason   string
	}
	err := s.all(ctx, &found, `SELECT id, at, person, action, document_id, ref, from_state, to_state, reason FROM audit
		WHERE `+which+" ORDER BY id", arg)
	trail := make([]Audit, len(found))
	for i, f := range found {
		trail[i] = Audit(f)
	}
	return trail, err
}

// AuditOf gives what people did with what ref names, in order: a received document's ETTN, for which there is no document.
func (s *Store) AuditOf(ctx context.Context, ref string) ([]Audit, error) {
	trail, err := s.audits(ctx, "document_id = 0 AND ref = ?", ref)
	return trail, mysqlx.Wrap("reading the audit trail of "+ref, err)
}

// WriteAudit adds a row of its own, for actions that move no document. ID and At are the database's.
func (s *Store) WriteAudit(ctx context.Context, a Audit) error {
	return s.atomically(ctx, "writing the audit trail", nil, func(ctx context.Context, t *tx) error {
		return insertRows(ctx, t, intoAudit, [][]any{auditValues(a.Document, a)})
	})
}
