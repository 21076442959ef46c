package erp

import (
	"errors"

	"faturad/internal/fault"
	"faturad/internal/mysqlx"
)

// ErrMisfit marks errors that say that the source's queries and statements do not fit the ERP's tables: the config, the preset
// or the tables must change. Trying again cures nothing.
var ErrMisfit = errors.New("the source does not fit the ERP's tables")

// misfit is such an error.
type misfit struct{ err *fault.Error }

// newMisfit adds the way to learn everything that does not fit.
func newMisfit(e *fault.Error) error {
	e.Advice = "Run `faturad check`: it names every place that does not fit, with its line"
	return misfit{e}
}

// Error says it.
func (m misfit) Error() string { return m.err.Error() }

// Unwrap keeps the class and makes ErrMisfit findable.
func (m misfit) Unwrap() []error { return []error{m.err, ErrMisfit} }

// wrap is mysqlx.Wrap, for statements of the source.
func wrap(doing string, err error) error {
	wrapped := mysqlx.Wrap(doing, err)
	e, ok := errors.AsType[*fault.Error](wrapped)
	if ok && (mysqlx.IsUnknownColumn(err) || mysqlx.IsUnknownTable(err)) {
		return newMisfit(e)
	}
	return wrapped
}
