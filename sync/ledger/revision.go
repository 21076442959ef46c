package ledger

import (
	"context"
	"errors"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// NewRevision starts revision n+1 of a sale whose latest document is dead at the provider (rejected, cancelled or failed),
// by a person's wish: pending, with an audit row. The old one is superseded: the ERP shows the new one from now on.
// Of next, the ETTN, the local reference and whether to ask the provider before the first send count; the rest is prev's.
// fault.Permanent: prev is not the latest, not dead, or being worked on.
func (s *Store) NewRevision(ctx context.Context, prev Document, next NewDocument, audit Audit) (Document, error) {
	const doing = "starting a new revision"
	supersede := "UPDATE documents SET superseded = TRUE, updated_at = " + now + " WHERE id = ? AND revision = ? AND NOT superseded AND " +
		inStates([]State{Rejected, Cancelled, Failed}) + " AND " + leaseFree
	insert := rows(insertDocument, documentValues, 1)
	next.Key, next.ERP = Key{prev.KeySpace, prev.SaleKey}, prev.ERP
	d := freshDocument{state: Pending, revision: prev.Revision + 1, NewDocument: next}
	lost := false
	err := s.atomically(ctx, doing, []string{supersede, insert}, func(ctx context.Context, t *tx) error {
		found, err := t.exec(ctx, supersede, prev.ID, prev.Revision)
		if lost = err == nil && found == 0; err != nil || lost {
			return orNothing(err)
		}
		if _, err := t.exec(ctx, insert, d.values(prev.Company)...); err != nil {
			return err
		}
		return insertRows(ctx, t, intoAudit, [][]any{auditValues(prev.ID, audit)})
	})
	switch {
	case mysqlx.IsDuplicate(err):
		return Document{}, clashError(doing, &Clash{Key: duplicateKey(err), Value: next.LocalReference})
	case err != nil:
		return Document{}, err
	case lost:
		return Document{}, fault.New(fault.Permanent, doing, ErrNotLatest)
	}
	all, err := s.ByKeys(ctx, prev.Company, []Key{d.Key})
	if err != nil {
		return Document{}, err
	}
	for _, made := range all[d.Key] {
		if made.Revision == d.revision {
			return made, nil
		}
	}
	return Document{}, fault.Newf(fault.Retryable, doing, "the new revision cannot be read back")
}

// orNothing is err, or errNothing when there is none.
func orNothing(err error) error {
	if err == nil {
		return errNothing
	}
	return err
}

// ErrNotLatest says that a document has a later revision already, is not dead, or is being worked on.
var ErrNotLatest = errors.New("only the latest revision may be followed by another, and only when it is rejected, cancelled or failed")
