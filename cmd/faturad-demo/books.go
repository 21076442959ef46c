package main

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"faturad/internal/mysqlx"
	"faturad/sync/ledger"
)

// bookedSale is a sale as its row in the ERP shows it to the accountant.
type bookedSale struct {
	No       string          `db:"sale_no"`
	Buyer    string          `db:"buyer_name"`
	Currency string          `db:"currency"`
	Total    decimal.Decimal `db:"total"`
	State    ledger.State    `db:"state"`
	Status   string          `db:"status"`
	Kind     string          `db:"kind"`
	Number   string          `db:"number"`
	Message  string          `db:"message"`
	Advice   string          `db:"advice"`
}

// bookedReceipt is an incoming invoice as the ERP shows it.
type bookedReceipt struct {
	Number   string          `db:"number"`
	Sender   string          `db:"sender"`
	Date     string          `db:"issued"`
	Type     string          `db:"type"`
	Currency string          `db:"currency"`
	Payable  decimal.Decimal `db:"payable"`
	Status   string          `db:"status"`
	Lines    int             `db:"line_rows"`
}

// books are the ERP's tables after faturad has written to them.
type books struct {
	sales    []bookedSale
	received []bookedReceipt
}

// read looks at the ERP as an accountant does: at its own tables.
func (s *shop) read(ctx context.Context) (books, error) {
	var b books
	err := s.db.SelectContext(ctx, &b.sales, `SELECT sale_no, buyer_name, currency, COALESCE(payable, gross) AS total,
		COALESCE(einvoice_state, '') AS state, COALESCE(einvoice_status, '') AS status, COALESCE(einvoice_kind, '') AS kind,
		COALESCE(einvoice_no, '') AS number, COALESCE(einvoice_message, '') AS message, COALESCE(einvoice_advice, '') AS advice
		FROM sales ORDER BY id`)
	if err != nil {
		return b, mysqlx.Wrap("reading the ERP's sales", err)
	}
	err = s.db.SelectContext(ctx, &b.received, `SELECT fatura_no AS number, gonderen_unvan AS sender, DATE_FORMAT(fatura_tarihi, '%d.%m.%Y') AS issued,
		fatura_tipi AS type, para_birimi AS currency, odenecek AS payable, durum AS status,
		(SELECT COUNT(*) FROM efatura_gelen_satir s WHERE s.ettn = efatura_gelen.ettn) AS line_rows
		FROM efatura_gelen ORDER BY fatura_tarihi, fatura_no`)
	return b, mysqlx.Wrap("reading the ERP's received invoices", err)
}

// figures is what --json prints; the names are a contract.
type figures struct {
	Sales      int `json:"sales"`
	Accepted   int `json:"accepted"`
	Held       int `json:"held"`
	Refused    int `json:"refused"`
	Unknown    int `json:"unknown"`
	Duplicates int `json:"duplicates"` // sales for which the provider has more than one document
	Received   int `json:"received"`
	IsNewLeft  int `json:"is_new_left"` // incoming invoices that the provider still calls new
}

// figures counts what the ERP shows, and asks the simulator what it really has.
func (w *world) figures(b books) figures {
	f := figures{Sales: len(b.sales), Received: len(b.received)}
	for _, s := range b.sales {
		switch s.State {
		case ledger.Accepted:
			f.Accepted++
		case ledger.Held:
			f.Held++
		case ledger.Refused:
			f.Refused++
		case ledger.Unknown, ledger.Disputed:
			f.Unknown++
		default: // pending, on the way, failed, rejected, cancelled: in the table, not in the figures
		}
	}
	for _, n := range w.office.documents() {
		if n > 1 {
			f.Duplicates++
		}
	}
	f.IsNewLeft = w.office.isNew()
	return f
}

// saleOf takes the revision off a reference: all revisions of one sale count together.
func saleOf(reference string) string {
	sale, _, _ := strings.Cut(reference, "#")
	return sale
}

// verdict is the error of a demo that shows what faturad promises never to do.
func (f figures) verdict() error {
	if f.Duplicates > 0 || f.Unknown > 0 {
		return verdictError(f)
	}
	return nil
}
