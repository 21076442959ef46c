package mysqlx

import (
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"faturad/internal/fault"
)

// IsDuplicate says that a unique key already has the value (1062 and kin).
func IsDuplicate(err error) bool { return kindOf(err) == duplicate }

// IsDeadlock says that the server rolled the whole transaction back to end a deadlock (1213; on clusters also a certification
// conflict), or because a row was changed since the transaction first read (1020). The transaction may be replayed.
func IsDeadlock(err error) bool { return kindOf(err) == deadlock }

// IsLockWait says that a lock was not given in time (1205). By default the server rolled back only the statement: end the
// transaction before replaying it.
func IsLockWait(err error) bool { return kindOf(err) == lockWait }

// IsReadOnly says that the server, the cluster node or the transaction takes no writes.
func IsReadOnly(err error) bool { return kindOf(err) == readOnly }

// IsGone says that the connection was lost or could not be made. What a statement outside a transaction did is then not
// known; inside WithTx nothing was stored, unless the error is a *CommitUnknown.
func IsGone(err error) bool {
	k := kindOf(err)
	return k == gone || k == unreachable || k == busy
}

// IsUnknownColumn says that a query names a column that its tables lack (1054).
func IsUnknownColumn(err error) bool { return kindOf(err) == noColumn }

// IsUnknownTable says that a query names a table that does not exist (1146).
func IsUnknownTable(err error) bool { return kindOf(err) == noTable }

// IsForbidden says that the user is logged in but lacks a privilege for the statement.
func IsForbidden(err error) bool { return kindOf(err) == forbidden }

// IsRefused says that the server does not take a statement whatever its values are: a privilege, the table or a column is missing,
// the statement cannot be parsed, or there is no room. The same statement fails for every other row too.
func IsRefused(err error) bool {
	switch kindOf(err) {
	case forbidden, noDatabase, noTable, noColumn, syntax, full:
		return true
	default:
		return false
	}
}

// IsDataError says that a value does not fit: too long, out of range, not of the type, missing, or against a CHECK, a
// foreign key or a trigger. The statement fails again with the same values, and only for this row.
func IsDataError(err error) bool { return kindOf(err) == data }

// IsCommitUnknown says that COMMIT was sent and its answer never came.
func IsCommitUnknown(err error) bool { return kindOf(err) == commitUnknown }

// FromDatabase says that err is one of the driver or the server, as far as it can be told.
func FromDatabase(err error) bool { return err != nil && (kindOf(err) != other || Number(err) != 0) }

// Number gives the server's error number, or 0 when err does not come from the server.
func Number(err error) uint16 {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return server.Number
	}
	return 0
}

// Class says what a caller may conclude from err when it came from a read or from inside WithTx, where nothing is stored
// before COMMIT. An error that is already a *fault.Error keeps its class. nil gives "".
func Class(err error) fault.Class {
	if err == nil {
		return ""
	}
	if c := fault.ClassOf(err); c != "" {
		return c
	}
	return kindWords[kindOf(err)].class
}

// Describe says in one sentence what happened and what to do, for the log and the command line. Empty for nil.
func Describe(err error) string {
	if err == nil {
		return ""
	}
	w := kindWords[kindOf(err)]
	return fmt.Sprintf("%s (%v). %s.", w.what, err, w.advice)
}

// Wrap makes a *fault.Error of err: its class as Class gives it, what was being done, and what a person can do. nil stays
// nil; an error that has a class already is only wrapped with the doing.
func Wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	if fault.ClassOf(err) != "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	w := kindWords[kindOf(err)]
	return &fault.Error{Class: w.class, Doing: doing, Err: fmt.Errorf("%s (%w)", w.what, err), Advice: w.advice}
}
