package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// binary is a server program on this machine.
type binary struct {
	path    string // of mariadbd or mysqld
	mariadb bool
	install string // mariadb-install-db; empty for MySQL, which initialises itself
}

// findServer looks for a server program on PATH and where distributions hide them from ordinary users. nil when there is none.
func findServer() (*binary, error) {
	for _, name := range []string{"mariadbd", "mysqld"} {
		path := lookPath(name)
		if path == "" {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		out, err := exec.CommandContext(ctx, path, "--no-defaults", "--version").CombinedOutput()
		cancel()
		if err != nil {
			return nil, fmt.Errorf("%s --version: %w: %s", path, err, out)
		}
		b := &binary{path: path, mariadb: strings.Contains(string(out), "MariaDB")}
		if b.mariadb {
			if b.install = first(lookPath("mariadb-install-db"), lookPath("mysql_install_db")); b.install == "" {
				continue
			}
		}
		return b, nil
	}
	return nil, nil
}

func lookPath(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin", "/opt/homebrew/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// settings of a private server: small, quiet, and without waiting for the disk. What changes the meaning of SQL keeps the
// server's default. loose- lets the other kind of server ignore a name that it does not know.
const settings = `[mysqld]
datadir=%[4]s
tmpdir=%[1]s
socket=%[1]s/s
pid-file=%[1]s/pid
init-file=%[1]s/init.sql
user=%[2]s
port=%[3]d
bind-address=127.0.0.1
skip-name-resolve
skip-log-bin
max_connections=400
max_allowed_packet=64M
character-set-server=utf8mb4
performance_schema=OFF
innodb_buffer_pool_size=64M
key_buffer_size=8M
loose-innodb_log_file_size=48M
loose-innodb_redo_log_capacity=48M
loose-aria_pagecache_buffer_size=8M
loose-mysqlx=OFF
loose-secure_file_priv=
`

const lazyDisk = "innodb_flush_method=nosync\n" // both servers keep this for tests: no fsync at all

// startPrivate initialises a data folder, below data or else below run, and starts the server in it.
func startPrivate(ctx context.Context, b *binary, run, data string, mode []string, durable bool) (*server, func() error, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, nil, err
	}
	srv := &server{Source: "private " + filepath.Base(b.path), Addr: fmt.Sprintf("127.0.0.1:%d", port), User: "dbtest", Password: token(12)}
	account := "'" + srv.User + "'@'%'"
	cnf := fmt.Sprintf(settings, run, userName(), port, filepath.Join(first(data, run), "data"))
	if !durable {
		cnf += lazyDisk
	}
	for name, text := range map[string]string{
		"my.cnf": cnf,
		// One statement a line: MySQL demands it of an init-file.
		"init.sql": "CREATE USER IF NOT EXISTS " + account + " IDENTIFIED BY '" + srv.Password + "';\n" +
			"GRANT ALL PRIVILEGES ON *.* TO " + account + " WITH GRANT OPTION;\n",
	} {
		if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o600); err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if err := initialise(ctx, b, run); err != nil {
		return nil, nil, err
	}
	stop, err := watcher(run, mode, []string{b.path, "--defaults-file=" + filepath.Join(run, "my.cnf")})
	if err != nil {
		return nil, nil, err
	}
	if err := srv.await(ctx, time.Minute, func() bool { return strings.Contains(logTail(run), "Aborting") }, srv.Addr); err != nil {
		err = fmt.Errorf("starting a private %s: %w; its log ends with:\n%s", b.path, err, logTail(run))
		if stop != nil {
			err = errors.Join(err, stop())
		}
		return nil, nil, err
	}
	return srv, stop, nil
}

// initialise fills the data folder.
func initialise(ctx context.Context, b *binary, run string) error {
	defaults := "--defaults-file=" + filepath.Join(run, "install.cnf")
	// The init-file names a user whom the system tables do not know yet.
	text, err := os.ReadFile(filepath.Join(run, "my.cnf"))
	if err != nil {
		return fmt.Errorf("reading my.cnf: %w", err)
	}
	without := strings.ReplaceAll(string(text), "init-file=", "#init-file=")
	if err := os.WriteFile(filepath.Join(run, "install.cnf"), []byte(without), 0o600); err != nil {
		return fmt.Errorf("writing install.cnf: %w", err)
	}
	cmd := exec.CommandContext(ctx, b.path, defaults, "--initialize-insecure")
	if b.mariadb {
		// --force: the name of this machine may not be resolvable, and is not needed.
		cmd = exec.CommandContext(ctx, b.install, defaults, "--force", "--auth-root-authentication-method=normal", "--skip-test-db", "--user="+userName())
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initialising the data folder: %w\n%s", err, out)
	}
	return nil
}

// userName is whom the server runs as: servers refuse to run as root unless told so.
func userName() string {
	if os.Getuid() == 0 {
		return "root"
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return fmt.Sprint(os.Getuid())
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, errors.Join(fmt.Errorf("reading the free port: %w", err), l.Close())
	}
	port, err := strconv.Atoi(text)
	return port, errors.Join(err, l.Close())
}
