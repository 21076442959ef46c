package mysqlx

import (
	"io"
	"strings"
)

// Close closes a pool. That one of its connections was broken already, as after a server's restart, is no error: there is
// nothing left to close.
func Close(db io.Closer) error {
	// The driver has two such errors, and exports one of them.
	if err := db.Close(); err != nil && !strings.HasSuffix(err.Error(), "bad connection") {
		return Wrap("closing the database connections", err)
	}
	return nil
}
