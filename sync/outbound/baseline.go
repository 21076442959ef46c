package outbound

import (
	"context"
	"fmt"

	"faturad/internal/invoice"
	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// Baseline is what the ERP says today about the sale of a document that was made by a ledger that is lost.
type Baseline struct {
	Gone       bool // the sale is deleted, or the ERP says that it is not to be issued
	Changed    bool // what it says is not what the document says, or it is gone
	SaleNumber string
	SaleHash   string // by which later edits are noticed; empty while Changed: what was sent had another one, which nobody knows
	BuyerName  string
	Likeness   ledger.Likeness // of the sale as it is today; zero = none, or it makes no invoice
}

// Baselines compares documents as the provider has them (buyer, total, currency, date) with what their sales would become
// today. The ledger that knew the sales as they were sent is lost, so this is all that can tell whether they were edited
// since. The result has one element a document, in the same order.
func (j *Job) Baselines(ctx context.Context, docs []ledger.Document) ([]Baseline, error) {
	sales, err := j.load(ctx, docs)
	if err != nil {
		return nil, err
	}
	originals, err := j.originals(ctx, docs, sales)
	if err != nil {
		return nil, err
	}
	out := make([]Baseline, len(docs))
	for i, d := range docs {
		out[i] = j.baseline(d, *sales[d.ID], originals)
	}
	return out, nil
}

func (j *Job) baseline(d ledger.Document, loaded erp.Loaded, originals map[ledger.Key]ledger.Document) Baseline {
	if gone(loaded) {
		return Baseline{Gone: true, Changed: true}
	}
	sale := referring(loaded.Sale, originals[ledger.Key{KeySpace: d.KeySpace, SaleKey: loaded.Sale.ReturnKey}])
	b := Baseline{SaleNumber: sale.Number, SaleHash: sale.Hash, BuyerName: saleBuyer(sale)}
	if d.BuyerTaxNo == "" && !d.Payable.Valid && (d.State == ledger.Unknown || d.State == ledger.Disputed) {
		b.SaleHash = "" // nobody knows yet what was sent
		return b
	}
	if j.Dates.OnLate == MoveLate && sale.IssueDate.Before(d.IssueDate) {
		sale.IssueDate = d.IssueDate // the ledger that was lost may have moved it
	}
	// Without Today: whether the date is still allowed does not matter for what was issued long ago.
	inv, faults := j.invoiceOf(sale, j.Rules)
	if len(faults.Blocking()) == 0 {
		alike := inv
		alike.IssueDate = loaded.Sale.IssueDate
		b.Likeness = likeness(alike)
	}
	if len(faults.Blocking()) > 0 || len(loaded.Faults.Blocking()) > 0 || differs(d, inv) {
		b.Changed, b.SaleHash = true, ""
	}
	return b
}

// differs reports whether a document says something else than an invoice. What the ledger does not know of the document is
// not compared.
func differs(d ledger.Document, inv invoice.Invoice) bool {
	return d.BuyerTaxNo != "" && d.BuyerTaxNo != inv.Buyer.TaxNo ||
		d.Currency != "" && d.Currency != inv.Currency ||
		!d.IssueDate.IsZero() && d.IssueDate != inv.IssueDate ||
		d.Payable.Valid && !d.Payable.Decimal.Equal(inv.Totals.Payable)
}

// WithOriginal is the sale of a return with number and date of the document that its original became, unless the ERP itself
// names them. The zero Document stands for an original that the ledger does not know.
func WithOriginal(sale invoice.Sale, original ledger.Document) invoice.Sale {
	if sale.ReturnKey != "" && (sale.Return == nil || sale.Return.Number == "") && original.Number != "" {
		sale.Return = &invoice.Reference{Number: original.Number, Date: original.IssueDate}
	}
	return sale
}

// standIn takes the place of an original that this ledger does not know yet; a reference is not among what is compared.
const standIn = "XXX2000000000001"

// referring is WithOriginal for a return that was sent: it had an original then, whatever the new ledger knows of it. One
// that is adopted later than its return, or was lost for good, makes no edited sale of the return.
func referring(sale invoice.Sale, original ledger.Document) invoice.Sale {
	sale = WithOriginal(sale, original)
	if sale.ReturnKey != "" && (sale.Return == nil || sale.Return.Number == "" || sale.Return.Date.IsZero()) {
		sale.Return = &invoice.Reference{Number: standIn, Date: sale.IssueDate}
	}
	return sale
}

// rebase compares documents that have no baseline with their sales: the ERP was away when they were adopted.
func (j *Job) rebase(ctx context.Context, docs []ledger.Document) ([]ledger.Change, error) {
	if len(docs) == 0 {
		return nil, nil
	}
	baselines, err := j.Baselines(ctx, docs)
	if err != nil {
		return nil, fmt.Errorf("comparing %d documents with their sales: %w", len(docs), err)
	}
	var changes []ledger.Change
	for i, b := range baselines {
		d := docs[i]
		if b.Changed == d.Changed && b.Gone == d.Gone && b.SaleHash == d.SaleHash {
			continue
		}
		patch := ledger.Patch{Changed: &b.Changed, Gone: b.Gone, SaleHash: &b.SaleHash}
		if !b.Gone {
			patch.SaleNumber, patch.BuyerName = &b.SaleNumber, &b.BuyerName
		}
		changes = append(changes, ledger.Change{Document: d.ID, To: d.State, Stay: true, Quiet: b.Changed == d.Changed && b.Gone == d.Gone, Patch: patch,
			Likeness: b.Likeness})
	}
	return changes, nil
}
