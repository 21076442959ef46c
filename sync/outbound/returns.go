package outbound

import (
	"context"

	"faturad/sync/ledger"
)

// originalUnsent is mapping's code of a return that is held because its original has no number.
const originalUnsent = "return.original_unsent"

// numbered adds those returns to ready whose original has a number by now.
func (j *Job) numbered(ctx context.Context, returns, ready []ledger.Document) ([]ledger.Document, error) {
	sales, err := j.load(ctx, returns)
	if err != nil {
		return nil, err
	}
	originals, err := j.originals(ctx, returns, sales)
	if err != nil {
		return nil, err
	}
	for _, d := range returns {
		key := ledger.Key{KeySpace: d.KeySpace, SaleKey: sales[d.ID].Sale.ReturnKey}
		if original, known := originals[key]; known && original.Number != "" {
			ready = append(ready, d)
		}
	}
	return ready, nil
}
