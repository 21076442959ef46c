package ledger

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// Elsewhere is an invoice of the company that was made past faturad: in the provider's portal, or by another program.
type Elsewhere struct {
	ID             int64
	Company        string
	Account        string
	ETTN           uuid.UUID
	Kind           invoice.Kind
	Read           bool // the fields below come from its UBL; false = it could not be read yet
	Code           int  // the provider's status
	Counts         bool // it is or may become an invoice: neither failed nor cancelled
	Number         string
	BuyerTaxNo     string
	BuyerName      string
	IssueDate      invoice.Date
	Currency       string
	Payable        decimal.NullDecimal
	Texts          string // references and notes, in which the sale's number may stand
	LocalReference string // the sale that it surely is the invoice of; empty = none
	Message        string // why it could not be read
	Failures       int
	FoundAt        time.Time
	Waived         []string // local references of sales that a person said it does not belong to
}

const elsewhereColumns = `id, company, account, ettn, kind, state = 'read' AS is_read, code, counts, number, buyer_tax_no, buyer_name, issue_date, currency, payable,
	texts, local_reference, message, failures, found_at`

func (s *Store) elsewhere(ctx context.Context, rest string, args ...any) ([]Elsewhere, error) {
	var rows []struct {
		ID             int64
		Company        string
		Account        string
		ETTN           uuid.UUID
		Kind           invoice.Kind
		Read           bool `db:"is_read"`
		Code           int
		Counts         bool
		Number         string
		BuyerTaxNo     string       `db:"buyer_tax_no"`
		BuyerName      string       `db:"buyer_name"`
		IssueDate      sql.NullTime `db:"issue_date"`
		Currency       string
		Payable        decimal.NullDecimal
		Texts          string
		LocalReference string `db:"local_reference"`
		Message        string
		Failures       int
		FoundAt        time.Time `db:"found_at"`
	}
	if err := s.all(ctx, &rows, "SELECT "+elsewhereColumns+" FROM elsewhere"+rest, args...); err != nil {
		return nil, err
	}
	out := make([]Elsewhere, len(rows))
	for i, r := range rows {
		out[i] = Elsewhere{ID: r.ID, Company: r.Company, Account: r.Account, ETTN: r.ETTN, Kind: r.Kind, Read: r.Read, Code: r.Code, Counts: r.Counts, Number: r.Number,
			BuyerTaxNo: r.BuyerTaxNo, BuyerName: r.BuyerName, IssueDate: dateOf(r.IssueDate), Currency: r.Currency, Payable: r.Payable, Texts: r.Texts,
			LocalReference: r.LocalReference, Message: r.Message, Failures: r.Failures, FoundAt: r.FoundAt}
	}
	return out, nil
}

// AddElsewhere enters invoices that the provider lists as made past faturad, and their latest status. Those whose ETTN one of
// our documents has are left out. It tells how many are new.
func (s *Store) AddElsewhere(ctx context.Context, found []Elsewhere) (added int, err error) {
	if len(found) == 0 {
		return 0, nil
	}
	const (
		add = `INSERT INTO elsewhere (company, account, ettn, kind, state, code, counts, texts, message, next_at, found_at)
			SELECT ?, ?, ?, ?, 'listed', ?, ?, '', '', ` + now + `, ` + now + ` FROM birth
			WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM documents WHERE company = ? AND (ettn = ? OR assigned_ettn = ?))`
		move = "UPDATE elsewhere SET code = ?, counts = ?, shown = FALSE WHERE company = ? AND ettn = ? AND (code <> ? OR counts <> ?)"
	)
	err = s.atomically(ctx, "entering invoices made elsewhere", []string{add, move}, func(ctx context.Context, t *tx) error {
		added = 0
		moved := int64(0)
		for _, f := range found {
			id := f.ETTN.String()
			n, err := t.exec(ctx, add, f.Company, f.Account, id, string(f.Kind), f.Code, f.Counts, f.Company, id, id)
			if mysqlx.IsDuplicate(err) {
				n = 0
				var changed int64
				changed, err = t.exec(ctx, move, f.Code, f.Counts, f.Company, id, f.Code, f.Counts)
				moved += changed
			}
			if err != nil {
				return err
			}
			added += int(n)
		}
		if added == 0 && moved == 0 {
			return errNothing
		}
		return nil
	})
	return added, err
}

// UnreadElsewhere gives invoices whose UBL is to be read.
func (s *Store) UnreadElsewhere(ctx context.Context, company string, limit int) ([]Elsewhere, error) {
	found, err := s.elsewhere(ctx, " WHERE company = ? AND state = 'listed' AND next_at <= "+now+" ORDER BY next_at, id LIMIT ?", company, limit)
	return found, mysqlx.Wrap("looking for invoices made elsewhere", err)
}

// KeepElsewhere records what the UBL says.
func (s *Store) KeepElsewhere(ctx context.Context, e Elsewhere) error {
	var payable any
	if e.Payable.Valid && storable(e.Payable.Decimal) == nil {
		payable = e.Payable.Decimal.String()
	}
	_, err := s.exec(ctx, `UPDATE elsewhere SET state = 'read', number = ?, buyer_tax_no = ?, buyer_name = ?, issue_date = ?, currency = ?, payable = ?, texts = ?,
		message = '', shown = FALSE WHERE id = ?`, clip(e.Number, 64), clip(e.BuyerTaxNo, 32), clip(e.BuyerName, name500), sqlDate(e.IssueDate), clip(e.Currency, 8), payable,
		clip(e.Texts, longText), e.ID)
	return mysqlx.Wrap("recording an invoice made elsewhere", err)
}

// DelayElsewhere puts off the reading of a UBL that could not be read.
func (s *Store) DelayElsewhere(ctx context.Context, id int64, why string, wait time.Duration) error {
	_, err := s.exec(ctx, "UPDATE elsewhere SET message = ?, failures = failures + 1, next_at = "+fromNow+" WHERE id = ?", clip(why, longText), micros(wait), id)
	return mysqlx.Wrap("putting off an invoice made elsewhere", err)
}

// ElsewhereFor gives the invoices made elsewhere for any of the buyers, with what people decided about them.
func (s *Store) ElsewhereFor(ctx context.Context, company string, buyers []string) ([]Elsewhere, error) {
	const doing = "looking for invoices made elsewhere"
	buyers = slices.Compact(slices.Sorted(slices.Values(buyers)))
	var out []Elsewhere
	for _, list := range padded(buyers) {
		some, err := s.elsewhere(ctx, " WHERE company = ? AND state = 'read' AND counts AND buyer_tax_no IN ("+placeholders(len(list))+") ORDER BY id", arguments(company, list)...)
		if err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		out = append(out, some...)
	}
	at := map[uuid.UUID]int{}
	ids := make([]string, len(out))
	for i, e := range out {
		at[e.ETTN], ids[i] = i, e.ETTN.String()
	}
	for _, list := range padded(ids) {
		var waived []struct {
			ETTN uuid.UUID
			Ref  string `db:"local_reference"`
		}
		if err := s.all(ctx, &waived, "SELECT ettn, local_reference FROM elsewhere_waivers WHERE company = ? AND ettn IN ("+placeholders(len(list))+")", arguments(company, list)...); err != nil {
			return nil, mysqlx.Wrap(doing, err)
		}
		for _, w := range waived {
			e := &out[at[w.ETTN]]
			e.Waived = append(e.Waived, w.Ref)
		}
	}
	return out, nil
}

// LinkElsewhere records that an invoice surely is that of a sale.
func (s *Store) LinkElsewhere(ctx context.Context, id int64, localReference string) error {
	_, err := s.exec(ctx, "UPDATE elsewhere SET local_reference = ?, shown = FALSE WHERE id = ? AND local_reference = ''", localReference, id)
	return mysqlx.Wrap("recording the sale of an invoice made elsewhere", err)
}

// WaiveElsewhere records that a person says: this sale has none of the invoices of its buyer that were made elsewhere. What
// was linked to it is free again.
func (s *Store) WaiveElsewhere(ctx context.Context, company, localReference, buyer string) error {
	const (
		waive = `INSERT INTO elsewhere_waivers (company, local_reference, ettn, at) SELECT company, ?, ettn, ` + now + ` FROM elsewhere WHERE company = ? AND buyer_tax_no = ?`
		free  = "UPDATE elsewhere SET local_reference = '', shown = FALSE WHERE company = ? AND local_reference = ?"
	)
	return s.atomically(ctx, "recording that an invoice made elsewhere is not the sale's", []string{waive, free}, func(ctx context.Context, t *tx) error {
		if _, err := t.exec(ctx, waive, localReference, company, buyer); err != nil {
			return err
		}
		_, err := t.exec(ctx, free, company, localReference)
		return err
	})
}

// ListElsewhere lists the newest invoices made elsewhere, the oldest of them first. An empty company means all.
func (s *Store) ListElsewhere(ctx context.Context, company string, limit int) ([]Elsewhere, error) {
	found, err := s.elsewhere(ctx, " WHERE (? = '' OR company = ?) ORDER BY id DESC LIMIT ?", company, company, limit)
	slices.Reverse(found)
	return found, mysqlx.Wrap("listing invoices made elsewhere", err)
}

// UnshownElsewhere gives invoices that the ERP does not show as they are.
func (s *Store) UnshownElsewhere(ctx context.Context, company string, limit int) ([]Elsewhere, error) {
	found, err := s.elsewhere(ctx, " WHERE company = ? AND shown = FALSE AND state = 'read' ORDER BY id LIMIT ?", company, limit)
	return found, mysqlx.Wrap("looking for invoices made elsewhere", err)
}

// MarkElsewhereShown notes that the ERP shows an invoice as it was read.
func (s *Store) MarkElsewhereShown(ctx context.Context, e Elsewhere) error {
	_, err := s.exec(ctx, "UPDATE elsewhere SET shown = TRUE WHERE id = ? AND local_reference = ? AND code = ?", e.ID, e.LocalReference, e.Code)
	return mysqlx.Wrap("recording what the ERP shows of an invoice made elsewhere", err)
}
