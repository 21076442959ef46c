package torture

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"faturad/internal/config"
	"faturad/internal/mysqlx"
)

// trouble is one thing that can happen to a database while faturad works.
type trouble struct {
	name string
	// begin makes it happen to the ledger's database; the function that it gives ends it and waits for its end.
	begin func(t *testing.T, w *world) (end func())
	lasts time.Duration // 0 = 300 ms
}

// raise has the server refuse changes of a table with one of its own error numbers.
func raise(number int, table, what string) func(*testing.T, *world) func() {
	return func(t *testing.T, w *world) func() {
		w.ledger.Exec(t, fmt.Sprintf("CREATE TRIGGER trouble BEFORE %s ON %s FOR EACH ROW SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = %d, MESSAGE_TEXT = 'trouble'", what, table, number))
		return func() { w.ledger.Exec(t, "DROP TRIGGER trouble") }
	}
}

// beside runs something again and again beside faturad.
func beside(every time.Duration, do func(context.Context, *world) error) func(*testing.T, *world) func() {
	return func(t *testing.T, w *world) func() {
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					_ = do(ctx, w) // losing a deadlock, or being killed, is what it is for
				case <-ctx.Done():
					return
				}
			}
		})
		return func() { cancel(); running.Wait() }
	}
}

var troubles = []trouble{
	{name: "deadlock storm", begin: beside(time.Millisecond, func(ctx context.Context, w *world) error {
		tx, err := w.ledger.DB().BeginTxx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()                                                             //nolint:errcheck // it changed nothing that matters
		for id := w.count("SELECT COALESCE(MAX(id), 0) FROM documents"); id > 0; id-- { // the other way round
			if _, err := tx.ExecContext(ctx, "UPDATE documents SET write_message = write_message WHERE id = ?", id); err != nil {
				return err
			}
			if w.count("SELECT COUNT(*) FROM documents WHERE id < ?", id) == 0 {
				break
			}
		}
		return nil
	})},
	{name: "rows locked for two seconds", lasts: 2 * time.Second, begin: func(t *testing.T, w *world) func() {
		w.ledger.Exec(t, "SET GLOBAL innodb_lock_wait_timeout = 1")
		var tx *sqlx.Tx
		w.until(func() bool { // it may lose a deadlock against faturad
			var err error
			if tx, err = w.ledger.DB().Beginx(); err != nil {
				t.Fatal(err)
			}
			if _, err = tx.Exec("SELECT id FROM documents FOR UPDATE"); err != nil {
				t.Log(err)
				_ = tx.Rollback() // the server has done it
			}
			return err == nil
		})
		return func() {
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
			w.ledger.Exec(t, "SET GLOBAL innodb_lock_wait_timeout = 50")
		}
	}},
	{name: "every connection killed, again and again", begin: beside(15*time.Millisecond, func(ctx context.Context, w *world) error {
		var ids []int64
		if err := w.ledger.DB().SelectContext(ctx, &ids, "SELECT id FROM information_schema.processlist WHERE user LIKE 'daily%'"); err != nil {
			return err
		}
		for _, id := range ids {
			_, _ = w.ledger.DB().ExecContext(ctx, "KILL "+strconv.FormatInt(id, 10)) // it may be gone
		}
		return nil
	})},
	{name: "read-only for a while", begin: func(t *testing.T, w *world) func() {
		w.ledger.Exec(t, "SET GLOBAL read_only = 1")
		return func() { w.ledger.Exec(t, "SET GLOBAL read_only = 0") }
	}},
	{name: "disk full (1021)", begin: raise(1021, "attempts", "INSERT")},
	{name: "table full (1114)", begin: raise(1114, "documents", "UPDATE")},
	{name: "packet too large (1153)", begin: raise(1153, "attempts", "INSERT")},
	{name: "server shutting down (1053)", begin: raise(1053, "documents", "UPDATE")},
	{name: "cluster node not ready (1047)", begin: raise(1047, "documents", "UPDATE")},
	{name: "snapshot too old (1020)", begin: raise(1020, "documents", "UPDATE")},
	{name: "grant lost", begin: func(t *testing.T, w *world) func() {
		user := w.daily(t)
		documents := "`" + w.ledger.Name + "`.documents"
		w.ledger.Exec(t, "REVOKE UPDATE ON "+documents+" FROM "+user) // of a table, so that open connections feel it at once
		return func() { w.ledger.Exec(t, "GRANT UPDATE ON "+documents+" TO "+user) }
	}},
	{name: "server killed and back", lasts: time.Second, begin: func(t *testing.T, w *world) func() {
		again := w.killServer(t)
		return again
	}},
}

// daily is the account that faturad uses, as SQL writes it.
func (w *world) daily(t *testing.T) string {
	_, user, _, _, err := mysqlx.SplitDSN(w.loaded.Ledger.DSN.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return "'" + user + "'@'%'"
}

// killServer ends the ledger's own server with SIGKILL; the function that it gives starts it again and waits for it.
func (w *world) killServer(t *testing.T) (again func()) {
	t.Helper()
	pid, command := w.serverProcess(t)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	return func() { w.startServer(t, command) }
}

// serverProcess is the ledger's own server.
func (w *world) serverProcess(t *testing.T) (pid int, command []string) {
	t.Helper()
	var pidFile string
	if err := w.ledger.DB().Get(&pidFile, "SELECT @@pid_file"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	return pid, strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
}

// startServer starts the ledger's server again and waits until it answers.
func (w *world) startServer(t *testing.T, command []string) {
	t.Helper()
	server := exec.Command(command[0], command[1:]...)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.Create(filepath.Join(w.dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait(); _ = log.Close() })
	w.until(func() bool { return w.ledger.DB().PingContext(t.Context()) == nil })
}

// TestDatabaseTrouble has each trouble begin while faturad sends, ends it, and wants everything to come to rest. faturad must
// not exit: the same process goes on.
func TestDatabaseTrouble(t *testing.T) {
	at(t, someOffices(t), 8*time.Millisecond, setup{own: true}, databaseTrouble)
}

func databaseTrouble(t *testing.T, w *world) {
	defer w.close() // while the server that was started again is there to be asked
	var grants []string
	for _, table := range w.tables(w.ledger) {
		grants = append(grants, "ALL ON {db}.`"+table+"`")
	}
	w.loaded.Ledger.DSN = config.NewSecret(w.ledger.User(t, "daily", grants...))
	w.reopen(w.loaded)
	random := dice(t)
	troubles := slices.Clone(troubles)
	if !w.first() && !long() { // two of them
		random.Shuffle(len(troubles), func(i, j int) { troubles[i], troubles[j] = troubles[j], troubles[i] })
		troubles = troubles[:2]
	}
	rounds := 1 + number(t, "FATURAD_TORTURE_KILLS", 0)/300
	for _, trouble := range troubles {
		begun, failed, creates, asked := time.Now(), 0, 0, 0
		for range rounds {
			w.begin(sales, incoming, random.Uint64())
			working := make(chan struct{})
			go func() {
				defer close(working)
				if w.pass() != nil {
					failed++
				}
			}()
			after := 1 + random.IntN(4)
			w.until(func() bool { return w.creates() >= after || over(working) })
			end := trouble.begin(t, w)
			wait := time.NewTimer(max(trouble.lasts, 300*time.Millisecond))
			<-wait.C
			end()
			<-working
			w.settle()
			v := w.sound(trouble.name, sales)
			creates, asked = creates+v.creates, asked+len(v.asked)
		}
		t.Logf("%-40s %d rounds, %d passes failed, %d creating requests for %d sales, %d waited for a person, %s", trouble.name, rounds, failed, creates, rounds*sales, asked,
			time.Since(begun).Round(100*time.Millisecond))
	}
}
