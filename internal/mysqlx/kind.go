package mysqlx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"

	"faturad/internal/fault"
)

// kind is what an error of the driver or the server means for us. The zero value: none of the known ones.
type kind int

const (
	other         kind = iota
	unreachable        // no connection could be made
	gone               // a connection was lost
	busy               // too many connections, or a cluster node that is not ready
	denied             // the user may not log in
	forbidden          // the user may log in, but lacks a privilege
	noDatabase         // unknown database
	noTable            // unknown table
	noColumn           // unknown column
	syntax             // the statement cannot be parsed
	duplicate          // a unique key has this value already
	deadlock           // the server rolled the transaction back
	lockWait           // a lock was not given in time
	readOnly           // the server or the transaction is read-only
	data               // the value does not fit the column or breaks a constraint
	full               // disk or table full
	tooLarge           // larger than max_allowed_packet
	charset            // unknown or mixed character sets
	cancelled          // our own context ended
	commitUnknown      // COMMIT was sent, its answer never came
)

// serverKinds sorts the servers' error numbers (MySQL 8/9 and MariaDB 10.6+ error references). 1290 is decided by its text.
var serverKinds = map[uint16]kind{
	1040: busy, 1203: busy, 1226: busy, 1047: busy, 3168: busy,
	1044: denied, 1045: denied, 1698: denied, 1130: denied, 1862: denied, 1820: denied, 3118: denied, 4151: denied, 1251: denied, 1275: denied,
	1142: forbidden, 1143: forbidden, 1227: forbidden, 1370: forbidden, 1410: forbidden,
	1049: noDatabase, 1046: noDatabase,
	1146: noTable, 1051: noTable, 1054: noColumn, 1064: syntax, 1149: syntax,
	1062: duplicate, 1586: duplicate, 1022: duplicate,
	1213: deadlock, 1614: deadlock, 1020: deadlock, // 1020: MariaDB's snapshot isolation (default from 11.6), which rolls back just so
	1205: lockWait, 3572: lockWait,
	1969: cancelled, 3024: cancelled, 1317: cancelled, // max_statement_time, max_execution_time, KILL QUERY
	1792: readOnly, 1836: readOnly, 1874: readOnly, 3989: readOnly,
	1406: data, 1366: data, 1264: data, 1292: data, 1048: data, 1265: data, 3819: data, 4025: data, 1364: data, 1365: data, 1411: data,
	1690: data, 3140: data, 4038: data, 1300: data, 1367: data, 1526: data, 1644: data, 1216: data, 1217: data, 1451: data, 1452: data,
	1021: full, 1114: full, 1041: full, 1037: full, 1038: full,
	1153: tooLarge, 1301: tooLarge, 1115: charset, 1267: charset, 1270: charset, 1271: charset, 1273: charset, 3854: charset,
	1053: gone, 1077: gone, 1079: gone, 1152: gone, 1158: gone, 1159: gone, 1160: gone, 1161: gone, 1184: gone, 1927: gone, 2006: gone, 2013: gone, 3169: gone, 4031: gone,
}

// kindOf finds the first known kind in err's chain.
func kindOf(err error) kind {
	var unknown *CommitUnknown
	if errors.As(err, &unknown) {
		return commitUnknown
	}
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return serverKind(server)
	}
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return cancelled
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
		return unreachable
	case errors.As(err, &op), errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, mysql.ErrPktSync):
		return gone
	case errors.Is(err, mysql.ErrPktTooLarge):
		return tooLarge
	case errors.Is(err, mysql.ErrNativePassword), errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrOldPassword),
		errors.Is(err, mysql.ErrUnknownPlugin), errors.Is(err, mysql.ErrNoTLS):
		return denied
	}
	return other
}

func serverKind(e *mysql.MySQLError) kind {
	if k, ok := serverKinds[e.Number]; ok {
		return k
	}
	text := strings.ToLower(e.Message)
	if e.Number == 1290 && (strings.Contains(text, "read-only") || strings.Contains(text, "read_only")) {
		return readOnly
	}
	switch string(e.SQLState[:2]) {
	case "22", "23": // data exception, integrity constraint violation: the standard's own classes
		return data
	case "08": // connection exception
		return gone
	}
	return other
}

// words are what an operator reads for a kind, what to do about it, and what a caller may conclude.
type words struct {
	class  fault.Class
	what   string
	advice string
}

var kindWords = map[kind]words{
	other:         {fault.Permanent, "the database refused the statement", "Read the server's own words and correct the query or the setting"},
	unreachable:   {fault.Retryable, "the database server cannot be reached", "Start it, or correct host and port in the DSN; a firewall may be in between"},
	gone:          {fault.Retryable, "the connection to the database was lost", "Nothing to do if it comes back; otherwise see whether the server runs"},
	busy:          {fault.Retryable, "the database server takes no more connections or is not ready yet", "Raise max_connections or wait until the node is ready"},
	denied:        {fault.Auth, "the database server refuses this user", "Correct user and password in the DSN, or create the user as faturad grants prints it"},
	forbidden:     {fault.Auth, "the database user lacks a privilege", "Give it the rights that faturad grants prints"},
	noDatabase:    {fault.Permanent, "the database does not exist", "Create it, or correct its name in the DSN"},
	noTable:       {fault.Permanent, "a table does not exist", "Run faturad migrate for the ledger, or correct the table's name in the ERP's queries"},
	noColumn:      {fault.Permanent, "a column does not exist", "Correct the column's name, or add the column: in the ERP as its install.sql shows, in the ledger with faturad migrate"},
	syntax:        {fault.Permanent, "the database cannot parse the statement", "Correct the query near the place that the server names"},
	duplicate:     {fault.Permanent, "a row with this key is there already", "See which row holds the key"},
	deadlock:      {fault.Retryable, "two transactions were in each other's way, and this one was rolled back", "Nothing to do: it is tried again"},
	lockWait:      {fault.Retryable, "another transaction held a row for too long", "It is tried again; find the program that keeps its transaction open if it stays"},
	readOnly:      {fault.Retryable, "the database is read-only", "Point the DSN at the writable server, or switch read_only off"},
	data:          {fault.Permanent, "a value does not fit its column", "Widen the column, or correct the value that the server names"},
	full:          {fault.Retryable, "the database server has no room left", "Free disk space or memory on the server"},
	tooLarge:      {fault.Permanent, "the statement or the answer is larger than max_allowed_packet", "Raise max_allowed_packet on the server"},
	charset:       {fault.Permanent, "character sets or collations do not go together", "Correct charset and collation of the connection, or of the column"},
	cancelled:     {fault.Retryable, "the work was stopped or took too long", "It is done at the next run"},
	commitUnknown: {fault.Ambiguous, "the connection was lost during COMMIT, so it is not known whether the change was stored", "It is read again before anything else happens"},
}
