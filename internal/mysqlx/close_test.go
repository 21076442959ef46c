package mysqlx_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"faturad/internal/mysqlx"
)

type closer struct{ err error }

func (c closer) Close() error { return c.err }

func TestClose(t *testing.T) {
	t.Parallel()
	other := errors.New("no")
	for _, c := range []struct{ in, want error }{
		{nil, nil},
		{driver.ErrBadConn, nil},
		{fmt.Errorf("a connection: %w", driver.ErrBadConn), nil},
		{errors.New("bad connection"), nil}, // the driver's own
		{other, other},
	} {
		if got := mysqlx.Close(closer{c.in}); !errors.Is(got, c.want) {
			t.Errorf("closing with %v gives %v, want %v", c.in, got, c.want)
		}
	}
}
