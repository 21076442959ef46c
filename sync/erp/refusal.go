package erp

import "faturad/internal/mysqlx"

// Refusal says that the ERP's database takes a statement of no document: a right, the table or a column is missing, or its disk
// is full. It does not name the document that met it, so that what one cause keeps back can be told in one sentence.
type Refusal struct {
	Place string // the statement's, in the config
	err   error
}

// Error says it.
func (r *Refusal) Error() string { return r.err.Error() }

// Unwrap keeps the class.
func (r *Refusal) Unwrap() error { return r.err }

// refusal makes a Refusal of an error that is not about the values of a statement.
func refusal(st *statement, err error) error {
	wrapped := wrap("writing "+st.place+" ("+st.target+")", err)
	if !mysqlx.IsRefused(err) {
		return wrapped
	}
	return &Refusal{Place: st.place, err: wrapped}
}
