package mysqlx_test

import (
	"testing"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

// A version arrives as the server says it, whatever stands around the numbers.
func TestServerVersion(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for version, want := range map[string]struct {
		name string
		aged bool
	}{
		"11.8.3-MariaDB-0+deb13u1":      {"MariaDB 11.8.3", false},
		"5.5.5-10.5.29-MariaDB-log":     {"MariaDB 10.5.29", true},
		"10.4-mariadb":                  {"MariaDB 10.4.0", true},
		"5.5.68-MariaDB":                {"MariaDB 5.5.68", true},
		"8.0.46-0ubuntu0.24.04.1":       {"MySQL 8.0.46", false},
		"5.7.12-aurora-2.11":            {"MySQL 5.7.12", true},
		"something that is no version.": {"MySQL 0.0.0", false},
	} {
		info, err := mysqlx.Server(t.Context(), d.Open(t, d.Claiming(t, d.DSN(), version), mysqlx.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if info.Version != version || info.String() != want.name || (info.Aged() != "") != want.aged {
			t.Errorf("%s is read as %+v, and its age is %q", version, info, info.Aged())
		}
	}
}
