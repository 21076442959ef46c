package dbtest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"faturad/internal/mysqlx"
)

// emptyQuery is the server's error for a statement that is only a comment to it, e.g. MariaDB's /*M!…*/ on MySQL.
const emptyQuery = 1065

// Load runs a dump or script (.sql or .sql.gz) in this database, statement by statement over one connection, as the mysql
// client would. Keys are not checked meanwhile, as mysqldump intends.
func (d *Database) Load(t testing.TB, path string) {
	t.Helper()
	text, err := readScript(path)
	if err != nil {
		t.Fatalf("dbtest: loading %s: %v", path, err)
	}
	d.Script(t, string(text))
}

// Script runs the statements of a script in this database, over one connection that is closed afterwards.
func (d *Database) Script(t testing.TB, text string) {
	t.Helper()
	db, err := mysqlx.Open(t.Context(), mysqlx.Options{DSN: d.DSN(), MaxOpen: 1})
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	defer db.Close() //nolint:errcheck // what matters was answered by then
	for _, statement := range Split(text) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil && mysqlx.Number(err) != emptyQuery {
			t.Fatalf("dbtest: %s: %v", clip(statement), err)
		}
	}
}

func readScript(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	return io.ReadAll(z)
}

// Split cuts a script into statements without their delimiters. It knows quotes, comments, and the mysql client's
// DELIMITER line; it drops comments before a statement (mariadb-dump's sandbox line among them) and keeps /*! ones, which are
// code.
func Split(script string) []string {
	var out []string
	delimiter := ";"
	start := 0
	emit := func(end int) {
		if s := strings.TrimSpace(script[start:end]); s != "" {
			out = append(out, s)
		}
	}
	for i := 0; i < len(script); {
		rest := script[i:]
		blank := strings.TrimSpace(script[start:i]) == ""
		switch {
		case blank && len(rest) >= 10 && strings.EqualFold(rest[:10], "delimiter "):
			line, _, _ := strings.Cut(rest, "\n")
			delimiter = strings.TrimSpace(line[10:])
			i += len(line)
			start = i
		case strings.HasPrefix(rest, delimiter):
			emit(i)
			i += len(delimiter)
			start = i
		case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
			i += quoted(rest)
		case rest[0] == '#' || strings.HasPrefix(rest, "-- ") || strings.HasPrefix(rest, "--\n"):
			line, _, _ := strings.Cut(rest, "\n")
			i += len(line)
			if blank {
				start = i
			}
		case strings.HasPrefix(rest, "/*"):
			i += comment(rest)
			if blank && !strings.HasPrefix(rest, "/*!") {
				start = i
			}
		default:
			i++
		}
	}
	emit(len(script))
	return out
}

// quoted gives the length of the quoted text at the start of s.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1 // a doubled quote simply begins the next quoted text
		}
	}
	return len(s)
}

func comment(s string) int {
	if end := strings.Index(s[2:], "*/"); end >= 0 {
		return end + 4
	}
	return len(s)
}

// through gives dsn with another address.
func through(dsn, addr string) (string, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return "", fmt.Errorf("reading the DSN: %w", err)
	}
	cfg.Addr = addr
	return cfg.FormatDSN(), nil
}
