package mysqlx

import (
	"strings"
	"testing"
	"time"

	"faturad/internal/fault"
)

func TestConfigForcesWhatFaturadReliesOn(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"ali:s@ç/r:et@tcp(db.example:3307)/erp?timeout=3s&parseTime=true&loc=UTC&tls=preferred",
		"mysql://ali:s%40%C3%A7%2Fr%3Aet@db.example:3307/erp?timeout=3s&tls=preferred",
	} {
		cfg, err := Options{DSN: dsn, TimeZone: "Europe/Istanbul", Charset: "latin1", Collation: "latin1_bin", LockWait: 3 * time.Second}.config()
		if err != nil {
			t.Fatalf("%s: %v", dsn, err)
		}
		if cfg.User != "ali" || cfg.Passwd != "s@ç/r:et" || cfg.Addr != "db.example:3307" || cfg.DBName != "erp" {
			t.Errorf("%s: read as %q %q %q %q", dsn, cfg.User, cfg.Passwd, cfg.Addr, cfg.DBName)
		}
		if !cfg.ParseTime || cfg.Loc != time.UTC || !cfg.ClientFoundRows || cfg.InterpolateParams || cfg.MultiStatements || cfg.AllowAllFiles {
			t.Errorf("%s: a forced setting is not set: %+v", dsn, cfg)
		}
		if cfg.Timeout != 3*time.Second || cfg.ReadTimeout == 0 || cfg.WriteTimeout == 0 || cfg.TLSConfig != "preferred" {
			t.Errorf("%s: time-outs %v %v %v, tls %q", dsn, cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout, cfg.TLSConfig)
		}
		if cfg.Params["time_zone"] != "'Europe/Istanbul'" || cfg.Params["innodb_lock_wait_timeout"] != "3" || cfg.Collation != "latin1_bin" {
			t.Errorf("%s: session %v, collation %q", dsn, cfg.Params, cfg.Collation)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	const secret = "hunter2secret"
	for name, o := range map[string]Options{
		"empty":              {DSN: ""},
		"no slash":           {DSN: "u:" + secret + "@tcp(h:3306)"},
		"no database":        {DSN: "u:" + secret + "@tcp(h:3306)/"},
		"broken address":     {DSN: "u:" + secret + "@tcp(h:3306/db"},
		"odd network":        {DSN: "u:" + secret + "(x)/db"},
		"broken url":         {DSN: "mysql://u:" + secret + "@h:port/db"},
		"several statements": {DSN: "u:" + secret + "@tcp(h)/db?multiStatements=true"},
		"local files":        {DSN: "u:" + secret + "@tcp(h)/db?allowAllFiles=true"},
		"unknown parameter":  {DSN: "u:" + secret + "@tcp(h)/db?foo=1"},
		"password after ?":   {DSN: "u:x@tcp(h)/db?" + secret + "%21=1"},
		"given twice":        {DSN: "u:" + secret + "@tcp(h)/db?tls=true&tls=false"},
		"local time":         {DSN: "u:" + secret + "@tcp(h)/db?loc=Local"},
		"bad duration":       {DSN: "u:" + secret + "@tcp(h)/db?timeout=soon"},
		"unknown tls":        {DSN: "u:" + secret + "@tcp(h)/db?tls=custom"},
		"injection":          {DSN: "u:" + secret + "@tcp(h)/db", TimeZone: "UTC', sql_mode='"},
		"charset injection":  {DSN: "u:" + secret + "@tcp(h)/db", Charset: "utf8 collate"},
		"ledger in latin1":   {DSN: "u:" + secret + "@tcp(h)/db?charset=latin1", Role: Ledger},
		"ledger in +03:00":   {DSN: "u:" + secret + "@tcp(h)/db", Role: Ledger, TimeZone: "+03:00"},
	} {
		_, err := Open(t.Context(), o)
		if fault.ClassOf(err) != fault.Permanent {
			t.Errorf("%s: class %q of %v, want permanent", name, fault.ClassOf(err), err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds the password: %v", name, err)
		}
	}
}
