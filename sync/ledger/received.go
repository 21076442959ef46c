package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

const (
	insertReceived = `INSERT INTO received (company, account, ettn, number, sender_tax_no, sender_title, scenario, type, issue_date, currency,
	payable, state, hash, raw, reason, failures, next_at, arrived_at, stored_at) VALUES `
	receivedValues = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " + fromNow + ", ?, " + now + ")"

	// receivedColumns are read FROM received r. The hash is that of the bytes that count.
	receivedColumns = `r.id, r.company, r.account, r.ettn, r.number, r.sender_tax_no, r.sender_title, r.scenario, r.type, r.issue_date, r.currency,
	r.payable, r.state, COALESCE((SELECT b.hash ` + betterBytes + `), r.hash) AS hash, r.reason, r.failures, r.next_at, r.lease_owner, r.lease_epoch,
	r.lease_until, r.arrived_at, r.stored_at, r.projected_at, r.acked_at`

	// betterBytes are those that replaced the first ones of r (ReplaceReceived).
	betterBytes = `FROM received_files b WHERE b.company = r.company AND b.ettn = r.ettn AND b.format = 'ubl' ORDER BY b.stored_at DESC LIMIT 1`
)

var intoReceived = newInsertion(insertReceived, receivedValues)

// receivedRow is a row of received as the database gives it, without the bytes.
type receivedRow struct {
	ID          int64
	Company     string
	Account     string
	ETTN        uuid.UUID
	Number      string
	SenderTaxNo string `db:"sender_tax_no"`
	SenderTitle string `db:"sender_title"`
	Scenario    string
	Type        string
	IssueDate   sql.NullTime `db:"issue_date"`
	Currency    string
	Payable     decimal.NullDecimal
	State       ReceivedState
	Hash        string
	Reason      string
	Failures    int
	NextAt      time.Time    `db:"next_at"`
	LeaseOwner  string       `db:"lease_owner"`
	LeaseEpoch  int64        `db:"lease_epoch"`
	LeaseUntil  sql.NullTime `db:"lease_until"`
	ArrivedAt   sql.NullTime `db:"arrived_at"`
	StoredAt    time.Time    `db:"stored_at"`
	ProjectedAt sql.NullTime `db:"projected_at"`
	AckedAt     sql.NullTime `db:"acked_at"`
}

func (r receivedRow) received() Received {
	return Received{
		ID: r.ID, Company: r.Company, Account: r.Account, ETTN: r.ETTN, Number: r.Number, SenderTaxNo: r.SenderTaxNo, SenderTitle: r.SenderTitle,
		Scenario: r.Scenario, Type: r.Type, IssueDate: dateOf(r.IssueDate), Currency: r.Currency, Payable: r.Payable, State: r.State, Hash: r.Hash,
		Reason: r.Reason, Failures: r.Failures, NextAt: r.NextAt, LeaseOwner: r.LeaseOwner, LeaseEpoch: r.LeaseEpoch, LeaseUntil: r.LeaseUntil.Time,
		ArrivedAt: r.ArrivedAt.Time, StoredAt: r.StoredAt, ProjectedAt: r.ProjectedAt.Time, AckedAt: r.AckedAt.Time,
	}
}

// receivedDocuments reads received documents by a query that selects receivedColumns.
func (s *Store) receivedDocuments(ctx context.Context, query string, args ...any) ([]Received, error) {
	var found []receivedRow
	if err := s.all(ctx, &found, query, args...); err != nil {
		return nil, err
	}
	out := make([]Received, len(found))
	for i, r := range found {
		out[i] = r.received()
	}
	return out, nil
}

// KnownReceived tells which of the incoming invoices the ledger has, and where they stand.
func (s *Store) KnownReceived(ctx context.Context, company string, ettns []uuid.UUID) (map[uuid.UUID]ReceivedState, error) {
	known := make(map[uuid.UUID]ReceivedState, len(ettns))
	texts := make([]string, len(ettns))
	for i, e := range ettns {
		texts[i] = e.String()
	}
	for _, list := range padded(texts) {
		var found []struct {
			ETTN  uuid.UUID
			State ReceivedState
		}
		query := "SELECT ettn, state FROM received WHERE company = ? AND ettn IN (" + placeholders(len(list)) + ")"
		if err := s.all(ctx, &found, query, arguments(company, list)...); err != nil {
			return nil, mysqlx.Wrap("looking for received documents", err)
		}
		for _, f := range found {
			known[f.ETTN] = f.State
		}
	}
	return known, nil
}

// StoreReceived keeps incoming invoices with their bytes, in one transaction; those that are there already (same company
// and ETTN) are left alone. An empty State means stored, an empty Hash is computed. An error with a *NotAdded in its chain
// (fault.Permanent) is about those items only, which it names by ETTN: all others were stored.
func (s *Store) StoreReceived(ctx context.Context, items []NewReceived) (added int, err error) {
	const doing = "storing received documents"
	limit, err := s.largest(ctx)
	if err != nil {
		return 0, err
	}
	var not NotAdded
	var fresh []receivedItem
	for _, item := range items {
		r, err := readyReceived(item, limit)
		if err != nil {
			not.Items = append(not.Items, NotAddedItem{Key{item.Company, item.ETTN.String()}, err})
			continue
		}
		fresh = append(fresh, r)
	}
	slices.SortStableFunc(fresh, func(a, b receivedItem) int { return strings.Compare(a.key(), b.key()) })
	fresh = slices.CompactFunc(fresh, func(a, b receivedItem) bool { return a.key() == b.key() })
	if added, err = s.addReceived(ctx, doing, fresh, &not); err != nil {
		return added, err
	}
	if len(not.Items) > 0 {
		return added, &fault.Error{Class: fault.Permanent, Doing: doing, Err: &not, Advice: "Look at the invoices that are named; all others were stored"}
	}
	return added, nil
}

// receivedItem is a row to be inserted.
type receivedItem struct {
	company string
	ettn    uuid.UUID
	values  []any
	fetches [][]any // its rows of received_fetches
	find    []any   // its row of received_finds; nil = nobody had cleared its flag
}

func (r receivedItem) key() string { return r.company + "\x00" + r.ettn.String() }

func readyReceived(n NewReceived, limit int64) (receivedItem, error) {
	sum := sha256.Sum256(n.Raw)
	hash := hex.EncodeToString(sum[:])
	if n.Hash != "" && n.Hash != hash {
		return receivedItem{}, fmt.Errorf("its bytes have the hash %s, but it says %q", hash, n.Hash)
	}
	raw := pack(orEmpty(n.Raw))
	if int64(len(raw)) > limit {
		return receivedItem{}, fmt.Errorf("it is %d bytes compressed, and the server takes at most %d: raise max_allowed_packet", len(raw), limit)
	}
	var payable any
	if n.Payable.Valid {
		if err := storable(n.Payable.Decimal); err != nil {
			return receivedItem{}, err
		}
		payable = n.Payable.Decimal.String()
	}
	state := n.State
	if state == "" {
		state = ReceivedStored
	}
	r := receivedItem{company: n.Company, ettn: n.ETTN, values: []any{n.Company, n.Account, n.ETTN.String(), clip(n.Number, 64), clip(n.SenderTaxNo, 32),
		clip(n.SenderTitle, name500), clip(n.Scenario, 64), clip(n.Type, 64), sqlDate(n.IssueDate), clip(n.Currency, 8), payable, string(state), hash, raw,
		clip(n.Reason, longText), n.Failures, micros(n.NextIn), sqlTime(n.ArrivedAt)}}
	for _, format := range n.Wants {
		r.fetches = append(r.fetches, []any{n.Company, n.ETTN.String(), format, n.Account})
	}
	if n.Found {
		r.find = []any{n.Company, n.ETTN.String(), n.Account}
	}
	return r, nil
}

// addReceived inserts what is not there: together, or one by one when a row cannot be stored or others add the same.
func (s *Store) addReceived(ctx context.Context, doing string, items []receivedItem, not *NotAdded) (added int, err error) {
	unknown := map[string]bool{}
	for company, ettns := range byCompany(items) {
		known, err := s.KnownReceived(ctx, company, ettns)
		if err != nil {
			return 0, err
		}
		for _, e := range ettns {
			if _, there := known[e]; !there {
				unknown[receivedItem{company: company, ettn: e}.key()] = true
			}
		}
	}
	items = slices.DeleteFunc(items, func(r receivedItem) bool { return !unknown[r.key()] })
	if len(items) == 0 {
		return 0, nil
	}
	values := make([][]any, len(items))
	var fetches, finds [][]any
	for i, r := range items {
		values[i] = r.values
		fetches = append(fetches, r.fetches...)
		if r.find != nil {
			finds = append(finds, r.find)
		}
	}
	one := intoReceived.of[1]
	err = s.atomically(ctx, doing, nil, func(ctx context.Context, t *tx) error {
		if err := insertRows(ctx, t, intoReceived, values); err != nil {
			return err
		}
		if err := insertRows(ctx, t, intoFetches, fetches); err != nil {
			return err
		}
		return insertRows(ctx, t, intoFinds, finds)
	})
	if err == nil {
		return len(items), nil
	}
	if !mysqlx.IsDuplicate(err) && !mysqlx.IsDataError(err) {
		return 0, err
	}
	var refused []NotAddedItem
	err = s.atomically(ctx, doing, []string{one}, func(ctx context.Context, t *tx) error {
		added, refused = 0, nil
		for _, r := range items {
			_, err := t.exec(ctx, one, r.values...)
			switch {
			case err == nil:
				added++
				if err := insertRows(ctx, t, intoFetches, r.fetches); err != nil {
					return err
				}
				if r.find == nil {
					continue
				}
				if err := insertRows(ctx, t, intoFinds, [][]any{r.find}); err != nil {
					return err
				}
			case mysqlx.IsDuplicate(err): // somebody else was faster
			case mysqlx.IsDataError(err):
				refused = append(refused, NotAddedItem{Key{r.company, r.ettn.String()}, err})
			default:
				return err
			}
		}
		if added == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	not.Items = append(not.Items, refused...)
	return added, nil
}

func byCompany(items []receivedItem) map[string][]uuid.UUID {
	of := map[string][]uuid.UUID{}
	for _, r := range items {
		of[r.company] = append(of[r.company], r.ettn)
	}
	return of
}

// LeaseReceived takes up to limit received documents of one account, as Lease does for documents. An empty account means
// every account of the company.
func (s *Store) LeaseReceived(ctx context.Context, company, account string, states []ReceivedState, owner string, ttl time.Duration, limit int) ([]Received, error) {
	const doing = "leasing received documents"
	if len(states) == 0 || limit <= 0 {
		return nil, nil
	}
	in, err := inReceivedStates(states)
	if err != nil {
		return nil, fault.New(fault.Permanent, doing, err)
	}
	guard := in + " AND next_at <= " + now
	due := func() (ids []int64, err error) {
		query := "SELECT id FROM received WHERE company = ? AND (? = '' OR account = ?) AND " + guard + " AND " + leaseFree + " ORDER BY next_at, id LIMIT ?"
		err = s.all(ctx, &ids, query, company, account, account, limit)
		return ids, err
	}
	ids, token, err := s.takeDue(ctx, receivedLeases, due, guard, owner, ttl)
	if err != nil || len(ids) == 0 {
		return nil, mysqlx.Wrap(doing, err)
	}
	var out []Received
	for _, list := range padded(ids) {
		some, err := s.receivedDocuments(ctx, "SELECT "+receivedColumns+" FROM received r WHERE id IN ("+placeholders(len(list))+")"+heldBy+
			" ORDER BY next_at, id", arguments(list, token, owner)...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		out = append(out, some...)
	}
	return out, nil
}

func inReceivedStates(states []ReceivedState) (string, error) {
	quoted := make([]string, len(states))
	for i, s := range states {
		switch s {
		case ReceivedStored, ReceivedProjected, ReceivedAcknowledged, ReceivedQuarantined:
			quoted[i] = "'" + string(s) + "'"
		default:
			return "", fmt.Errorf("%q is no state of a received document", s)
		}
	}
	return "state IN (" + strings.Join(quoted, ", ") + ")", nil
}
