package outbound

import (
	"context"
	"fmt"
	"time"

	"faturad/sync/erp"
	"faturad/sync/ledger"
)

// keepFrozen sorts out the documents that were prepared earlier: one that may ever have left goes again with the same
// bytes whatever the sale says now; one that surely never left is prepared anew when the sale or the active account
// changed, when something speaks against its route since, or when it was asked for after a loss and is not there. It returns the documents to map.
func (j *Job) keepFrozen(ctx context.Context, b *batch, sales map[int64]*erp.Loaded) ([]ledger.Document, error) {
	outdated, err := j.outdated(ctx, b.docs)
	if err != nil {
		return nil, err
	}
	fresh := make([]ledger.Document, 0, len(b.docs))
	var frozen []ledger.Document
	for _, d := range b.docs {
		if d.State != ledger.Prepared {
			fresh = append(fresh, d)
			continue
		}
		if d.ProbeFirst { // before anything else: if it exists, it has these bytes
			if account, ok := j.account(d.Account); ok {
				b.changes = append(b.changes, j.probe(d, account)...)
				continue
			}
		}
		sale := sales[d.ID]
		edited := gone(*sale) || sale.Sale.Hash != d.SaleHash || d.Account != j.Accounts[0].Name || outdated[d.ID]
		never := d.PayloadHash == "" // entered from the ERP's marks, and a person says that it shall be sent: nothing was frozen
		if (edited || d.Code == ledger.CodeProbe) && !d.WasUnknown || never {
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Pending, Quiet: true})
			fresh = append(fresh, d)
			continue
		}
		frozen = append(frozen, d)
	}
	if len(frozen) == 0 {
		return fresh, nil
	}
	ids := make([]int64, len(frozen))
	for i, d := range frozen {
		ids[i] = d.ID
	}
	payloads, err := j.Ledger.Payloads(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading %d frozen payloads: %w", len(ids), err)
	}
	for _, d := range frozen {
		account, ok := j.account(d.Account)
		payload, stored := payloads[d.ID]
		if !ok || !stored {
			j.Log.Error("a prepared document cannot be sent: its account is gone from the config, or its payload from the ledger",
				"document", d.LocalReference, "account", d.Account)
			b.changes = append(b.changes, ledger.Change{Document: d.ID, Lease: d.Lease(), To: ledger.Prepared, Stay: true, Unlease: true,
				Patch: ledger.Patch{NextIn: ptr(time.Hour), Code: ptr("account.missing"),
					Message: ptr(textAccountMissing.In(j.Language)), Advice: ptr(adviceAccountMissing.In(j.Language))}})
			continue
		}
		b.ready = append(b.ready, ready{doc: d, account: account, payload: payload})
		b.prepares = append(b.prepares, -1)
	}
	return fresh, nil
}

// outdated asks about those documents that were prepared earlier and surely never left.
func (j *Job) outdated(ctx context.Context, docs []ledger.Document) (map[int64]bool, error) {
	if j.Outdated == nil {
		return nil, nil
	}
	var ask []ledger.Document
	for _, d := range docs {
		if d.State == ledger.Prepared && !d.WasUnknown && !d.ProbeFirst {
			ask = append(ask, d)
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	found, err := j.Outdated(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("looking again at %d prepared documents: %w", len(ask), err)
	}
	return found, nil
}
