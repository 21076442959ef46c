package outbound

import (
	"context"
	"errors"
	"fmt"

	"faturad/internal/failpoint"
	"faturad/internal/invoice"
	"faturad/sync/ledger"
)

// discoverLimit bounds one reading of pending keys; the next pass goes on where this one stopped, because discovered
// sales are known to the ledger by then.
const discoverLimit = 50_000

// discover enters the ERP's pending sales into the ledger, in groups. Sales that the ERP marks as issued and the ledger
// does not know come first: then the ledger was lost or restored, and nothing may be sent before it is rebuilt, nor before
// the provider was asked about everything that the ledger believes unsent.
func (j *Job) discover(ctx context.Context, result *Result) error {
	if j.Lost {
		if err := j.suspect(ctx); err != nil {
			return err
		}
	}
	rebuilt := 0
	if j.Rebuild || j.Lost {
		for _, space := range j.Sales.Spaces() {
			n, err := j.rebuild(ctx, space)
			if err != nil {
				return err
			}
			rebuilt += n
		}
	}
	result.Rebuilt += rebuilt
	recalled, err := j.recall(ctx, result)
	if err != nil {
		return err
	}
	result.Paused = recalled.Wait
	// A ledger that lost documents may have lost others that the ERP was never told of: ask before sending.
	if (rebuilt > 0 || recalled.Unsure) && !j.Lost {
		if err := j.suspect(ctx); err != nil {
			return err
		}
	}
	probe := rebuilt > 0 || recalled.Unsure || j.Lost
	for _, space := range j.Sales.Spaces() {
		err := j.Sales.Pending(ctx, space, discoverLimit, func(keys []string) error {
			failpoint.Hit("discover.before")
			err := j.discovered(ctx, space, keys, recalled, probe, result)
			failpoint.Hit("discover.after")
			return err
		})
		if err != nil {
			return fmt.Errorf("discovering pending sales of %q: %w", space, err)
		}
	}
	return nil
}

func (j *Job) newDocument(key ledger.Key, revision int, probe bool) ledger.NewDocument {
	return ledger.NewDocument{
		Key:            key,
		ERP:            j.ERP,
		LocalReference: invoice.LocalReference(j.Company, key.KeySpace, key.SaleKey, revision),
		ETTN:           j.ettn(key, revision),
		ProbeFirst:     probe,
	}
}

// setAside keeps sales that the ledger cannot take (a key that is too long, an ETTN that another sale has) from stopping
// the others; Run returns them as its error when everything else is done.
func (j *Job) setAside(err error) error {
	if _, ok := errors.AsType[*ledger.NotAdded](err); !ok {
		return err
	}
	j.Log.Error("sales could not be entered into the ledger; all others are", "err", err)
	j.notAdded = errors.Join(j.notAdded, err)
	return nil
}
