package torture

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// smallDisk is a file system of its own for a database server, large enough for an empty one. Mounting needs rights that not
// every machine gives.
func smallDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=320m,mode=0700"); err != nil {
		t.Skipf("NOT RUN: it needs a small file system, and mounting one failed on %s: %v. Run it as root of a machine that may mount.", runtime.GOOS, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all the space that is left, and gives the name of the file that holds it.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	file, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; { // in ever smaller pieces, to the last byte
		if _, err = file.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			size /= 2
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return ballast
}

// ear is a log that hears when the server runs out of space.
type ear struct {
	slog.Handler
	heard atomic.Pointer[string]
}

// Handle implements slog.Handler.
func (e *ear) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		e.hear(a.Value.String())
		return true
	})
	return nil
}

// Enabled implements slog.Handler.
func (*ear) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements slog.Handler.
func (e *ear) WithAttrs([]slog.Attr) slog.Handler { return e }

// WithGroup implements slog.Handler.
func (e *ear) WithGroup(string) slog.Handler { return e }

// hear takes what refuses to be written into a table; temporary tables of a query are none.
func (e *ear) hear(text string) {
	if strings.Contains(text, "Error 1114") || strings.Contains(text, "Error 1021") && !strings.Contains(text, "(temporary)") {
		e.heard.CompareAndSwap(nil, &text)
	}
}

// TestDiskFull fills the file system below the ledger's server while faturad sends, to the last byte, and keeps selling until
// the server refuses. Then the space comes back; whatever the server made of it (it may even have died), everything must
// come to rest, by the same process.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	w := newWorld(t, setup{dataIn: dir, office: newTurkcell(2 * time.Millisecond)})
	_, server := w.serverProcess(t)
	random := dice(t)
	rounds := 1 + number(t, "FATURAD_TORTURE_KILLS", 0)/300
	deaths, failed, sold, creates := 0, 0, 0, 0
	for range rounds {
		log := &ear{Handler: slog.DiscardHandler}
		w.logger = slog.New(log)
		w.reopen(w.loaded)
		w.begin(sales, incoming, random.Uint64())
		n := sales
		ballast := ""
		after := random.IntN(sales)
		for log.heard.Load() == nil { // as many as it takes to fill the pages that the server has already
			working := make(chan struct{})
			go func() {
				defer close(working)
				if err := w.pass(); err != nil {
					failed++
					log.hear(err.Error())
				}
			}()
			w.until(func() bool { return w.creates() > after || over(working) })
			if ballast == "" {
				ballast = fill(t, dir)
			}
			w.until(func() bool { return log.heard.Load() != nil || over(working) })
			if log.heard.Load() != nil {
				wait := time.NewTimer(300 * time.Millisecond) // it lasts a while
				<-wait.C
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
				if w.ledger.DB().PingContext(t.Context()) != nil {
					deaths++
					w.startServer(t, server)
				}
			}
			<-working
			if log.heard.Load() == nil {
				if n > 5000 {
					t.Fatal("the server never ran out of space")
				}
				w.sales(n+1, 50)
				n += 50
			}
		}
		t.Logf("after %d sales: %s", n, *log.heard.Load())
		w.settle()
		creates += w.sound("disk full", n).creates
		sold += n
	}
	t.Logf("%d times full, %d servers died of it, %d passes failed; %d sales sent by %d requests: 0 duplicates, 0 lost", rounds, deaths, failed, sold, creates)
}
